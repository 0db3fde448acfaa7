# %% assigned
# fails: repeated_rows
# hint: keeps the last gradient only
def rows(table, index):
    def pullback(g):
        found = np.zeros_like(table)
        found[index] = g
        return found

    return table[index], pullback


def largest(x):
    is_largest = x == x.max(axis=1, keepdims=True)
    share = is_largest / is_largest.sum(axis=1, keepdims=True)
    return x.max(axis=1), lambda g: g[:, None] * share


# %% averaged
# fails: repeated_rows
# hint: added, not averaged
def rows(table, index):
    def pullback(g):
        found = np.zeros_like(table)
        np.add.at(found, index, g)
        found /= np.maximum(np.bincount(index, minlength=len(table)), 1)[:, None]
        return found

    return table[index], pullback


def largest(x):
    is_largest = x == x.max(axis=1, keepdims=True)
    share = is_largest / is_largest.sum(axis=1, keepdims=True)
    return x.max(axis=1), lambda g: g[:, None] * share


# %% one array for all calls
# fails: repeated_rows
# hint: what an earlier call gave
def rows(table, index):
    found = np.zeros_like(table)

    def pullback(g):
        np.add.at(found, index, g)
        return found

    return table[index], pullback


def largest(x):
    is_largest = x == x.max(axis=1, keepdims=True)
    share = is_largest / is_largest.sum(axis=1, keepdims=True)
    return x.max(axis=1), lambda g: g[:, None] * share


# %% every tie gets all
# fails: ties
# hint: ties get g more than once
def rows(table, index):
    def pullback(g):
        found = np.zeros_like(table)
        np.add.at(found, index, g)
        return found

    return table[index], pullback


def largest(x):
    is_largest = x == x.max(axis=1, keepdims=True)
    share = is_largest
    return x.max(axis=1), lambda g: g[:, None] * share


# %% divided by the row's length
# fails: ties
# hint: or less
def rows(table, index):
    def pullback(g):
        found = np.zeros_like(table)
        np.add.at(found, index, g)
        return found

    return table[index], pullback


def largest(x):
    is_largest = x == x.max(axis=1, keepdims=True)
    share = is_largest / x.shape[1]
    return x.max(axis=1), lambda g: g[:, None] * share


# %% given to the neighbours too
# fails: ties
# hint: one that is not the largest
def rows(table, index):
    def pullback(g):
        found = np.zeros_like(table)
        np.add.at(found, index, g)
        return found

    return table[index], pullback


def largest(x):
    return x.max(axis=1), lambda g: np.repeat(g[:, None], x.shape[1], 1) / x.shape[1]


# %% g not made a column
# fails: largest_checked
# hint: makes it a column
def rows(table, index):
    def pullback(g):
        found = np.zeros_like(table)
        np.add.at(found, index, g)
        return found

    return table[index], pullback


def largest(x):
    is_largest = x == x.max(axis=1, keepdims=True)
    share = is_largest / is_largest.sum(axis=1, keepdims=True)
    return x.max(axis=1), lambda g: g * share


# %% what is close counts as tied
# fails: nearly_tied
# hint: that are close are not tied
def rows(table, index):
    def pullback(g):
        found = np.zeros_like(table)
        np.add.at(found, index, g)
        return found

    return table[index], pullback


def largest(x):
    value = x.max(axis=1)
    tied = np.isclose(x, value[:, None])
    share = tied / tied.sum(axis=1, keepdims=True)
    return value, lambda g: g[:, None] * share


# %% a sum, of none as well
# fails: nearly_tied
# hint: A list may be empty
def rows(table, index):
    hot = np.eye(len(table))

    def pullback(g):
        return sum(np.outer(hot[i], one) for i, one in zip(index, g, strict=True))

    return table[index], pullback


def largest(x):
    value = x.max(axis=1)
    is_largest = x == value[:, None]
    share = is_largest / is_largest.sum(axis=1, keepdims=True)
    return value, lambda g: g[:, None] * share

# %% a loop, and the first of the largest
def rows(table, index):
    def pullback(g):
        found = np.zeros(table.shape)
        for i, one in zip(index, g, strict=True):
            found[i] += one
        return found

    return table[index], pullback


def largest(x):
    first = x.argmax(axis=1)

    def pullback(g):
        found = np.zeros(x.shape)
        found[np.arange(len(x)), first] = g
        return found

    return x[np.arange(len(x)), first], pullback


# %% one-hot matrices
def rows(table, index):
    hot = np.eye(len(table))[index]
    return hot @ table, lambda g: hot.T @ g


def largest(x):
    y = x.max(axis=1)
    tied = (x == y[:, None]).astype(float)
    return y, lambda g: tied * (g / tied.sum(axis=1))[:, None]

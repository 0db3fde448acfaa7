# %% no 1 / n
# fails: what_you_said_minus_what_is
# hint: divide by the number of rows
def softmax_cross_entropy(z, labels):
    y = np.eye(z.shape[1])[labels]
    p, _ = softmax(z)
    return cross_entropy(z, labels), lambda g: g * (p - y)


# %% y minus p
# fails: what_you_said_minus_what_is
# hint: the sign is turned
def softmax_cross_entropy(z, labels):
    y = np.eye(z.shape[1])[labels]
    p, _ = softmax(z)
    return cross_entropy(z, labels), lambda g: g * (y - p) / len(z)


# %% g is left out
# fails: what_you_said_minus_what_is
# hint: g is not used
def softmax_cross_entropy(z, labels):
    y = np.eye(z.shape[1])[labels]
    p, _ = softmax(z)
    return cross_entropy(z, labels), lambda g: (p - y) / len(z)


# %% divided by all entries
# fails: what_you_said_minus_what_is
# hint: rows times classes
def softmax_cross_entropy(z, labels):
    y = np.eye(z.shape[1])[labels]
    p, _ = softmax(z)
    return cross_entropy(z, labels), lambda g: g * (p - y) / z.size


# %% subtracted in whole columns
# fails: what_you_said_minus_what_is
# hint: in every row
def softmax_cross_entropy(z, labels):
    p, _ = softmax(z)

    def pullback(g):
        slopes = p.copy()
        slopes[:, labels] -= 1
        return g * slopes / len(z)

    return cross_entropy(z, labels), pullback


# %% p is changed by each call
# fails: twice
# hint: the first call changed p
def softmax_cross_entropy(z, labels):
    p, _ = softmax(z)

    def pullback(g):
        p[np.arange(len(z)), labels] -= 1
        return g * p / len(z)

    return cross_entropy(z, labels), pullback


# %% in two steps
# fails: full_force
# hint: made in two steps
def softmax_cross_entropy(z, labels):
    p, back = softmax(z)
    rows = np.arange(len(z))

    def pullback(g):
        of_p = np.zeros_like(p)
        with np.errstate(all="ignore"):
            of_p[rows, labels] = -g / p[rows, labels] / len(z)
            return back(of_p)

    return cross_entropy(z, labels), pullback


# %% the value is a sum
# fails: fused_value
# hint: Call cross_entropy
def softmax_cross_entropy(z, labels):
    y = np.eye(z.shape[1])[labels]
    p, _ = softmax(z)
    return cross_entropy(z, labels) * len(z), lambda g: g * (p - y)


# %% the slope of the squared error
# fails: full_force
# hint: label 0: the slopes are -1 and 1
def softmax_cross_entropy(z, labels):
    y = np.eye(z.shape[1])[labels]
    p, back = softmax(z)
    return cross_entropy(z, labels), lambda g: back(g * 2 * (p - y) / len(z))


# %% the largest score of all rows
# fails: rows_of_all_sizes
# hint: the largest score of each row
def softmax_cross_entropy(z, labels):
    y = np.eye(z.shape[1])[labels]
    e = np.exp(z - z.max())
    p = e / e.sum(axis=1, keepdims=True)
    return cross_entropy(z, labels), lambda g: g * (p - y) / len(z)

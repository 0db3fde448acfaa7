# %% the diagonal, written otherwise
# fails: softmax_pullback
# hint: only the diagonal is there
def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    return y, lambda g: g * (y - y * y)


# %% the sum forgotten
# fails: softmax_pullback
# hint: the sum term is missing
def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    return y, lambda g: g * y


# %% the sum along the columns
# fails: softmax_pullback
# hint: it belongs to the rows
def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    return y, lambda g: y * (g - np.sum(g * y, axis=0, keepdims=True))


# %% one sum for all rows
# fails: softmax_pullback
# hint: each row has its own
def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    return y, lambda g: y * (g - np.sum(g * y))


# %% not weighted
# fails: softmax_pullback
# hint: weighted by y
def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    return y, lambda g: y * (g - np.sum(g, axis=1, keepdims=True))


# %% log softmax's
# fails: softmax_pullback
# hint: this is log softmax's
def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    return y, lambda g: g - y * np.sum(g, axis=1, keepdims=True)


# %% without the shift
# fails: softmax_value
# hint: The value was right
def softmax(x):
    y = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    return y, lambda g: y * (g - np.sum(g * y, axis=1, keepdims=True))


# %% shifted in the caller's array
# fails: softmax_far_out
# hint: writes into the caller's array
def softmax(x):
    x -= x.max(axis=1, keepdims=True)
    e = np.exp(x)
    y = e / e.sum(axis=1, keepdims=True)
    return y, lambda g: y * (g - np.sum(g * y, axis=1, keepdims=True))


# %% without the shift on the way back
# fails: softmax_far_out
# hint: in the pullback as in the value
def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))

    def pullback(g):
        with np.errstate(all="ignore"):
            y = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
        return y * (g - np.sum(g * y, axis=1, keepdims=True))

    return e / e.sum(axis=1, keepdims=True), pullback

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

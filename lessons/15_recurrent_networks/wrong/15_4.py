# %% the gates in another order
# fails: the_cell
# hint: input and forget gate are exchanged
def lstm_cell(x, h, c, w, b):
    f, i, n, o = np.split(np.concatenate([x, h], axis=1) @ w + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(n)
    return sigmoid(o) * np.tanh(c), c


# %% output before new
# fails: the_cell
# hint: new and output gate are exchanged
def lstm_cell(x, h, c, w, b):
    i, f, o, n = np.split(np.concatenate([x, h], axis=1) @ w + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(n)
    return sigmoid(o) * np.tanh(c), c


# %% c and h exchanged
# fails: the_cell
# hint: h' and c' are exchanged
def lstm_cell(x, h, c, w, b):
    i, f, n, o = np.split(np.concatenate([x, h], axis=1) @ w + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(n)
    return c, sigmoid(o) * np.tanh(c)


# %% new without tanh
# fails: the_cell
# hint: not through a sigmoid
def lstm_cell(x, h, c, w, b):
    i, f, n, o = np.split(np.concatenate([x, h], axis=1) @ w + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * sigmoid(n)
    return sigmoid(o) * np.tanh(c), c


# %% no tanh on the way out
# fails: the_cell
# hint: tanh is missing
def lstm_cell(x, h, c, w, b):
    i, f, n, o = np.split(np.concatenate([x, h], axis=1) @ w + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(n)
    return sigmoid(o) * c, c


# %% h from the old c
# fails: the_cell
# hint: not from the old c
def lstm_cell(x, h, c, w, b):
    i, f, n, o = np.split(np.concatenate([x, h], axis=1) @ w + b, 4, axis=1)
    new_c = sigmoid(f) * c + sigmoid(i) * np.tanh(n)
    return sigmoid(o) * np.tanh(c), new_c


# %% h before x
# fails: the_cell
# hint: come before those for h
def lstm_cell(x, h, c, w, b):
    i, f, n, o = np.split(np.concatenate([h, x], axis=1) @ w + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(n)
    return sigmoid(o) * np.tanh(c), c


# %% gates without a sigmoid
# fails: kept
# hint: 1 keeps all
def lstm_cell(x, h, c, w, b):
    i, f, n, o = np.split(np.concatenate([x, h], axis=1) @ w + b, 4, axis=1)
    c = f * c + i * np.tanh(n)
    return o * np.tanh(c), c


# %% into the caller's c
# fails: what_was_given_stays
# hint: the cell wrote into c
def lstm_cell(x, h, c, w, b):
    i, f, n, o = np.split(np.concatenate([x, h], axis=1) @ w + b, 4, axis=1)
    c *= sigmoid(f)
    c += sigmoid(i) * np.tanh(n)
    return sigmoid(o) * np.tanh(c), c


# %% the new state in the place of the old one
# fails: what_was_given_stays
# hint: the cell wrote into h
def lstm_cell(x, h, c, w, b):
    i, f, n, o = np.split(np.concatenate([x, h], axis=1) @ w + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(n)
    h[:] = sigmoid(o) * np.tanh(c)
    return h, c

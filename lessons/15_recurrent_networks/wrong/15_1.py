# %% always from the first state
# fails: one_after_the_other
# hint: every step starts from the first state
def rnn(xs, h, u, w, b):
    hs = []
    for x in xs:
        new = np.tanh(x @ u + h @ w + b)
        hs.append(new)
    return np.array(hs)


# %% without the state
# fails: one_after_the_other
# hint: the state before is not used
def rnn(xs, h, u, w, b):
    hs = []
    for x in xs:
        h = np.tanh(x @ u + b)
        hs.append(h)
    return np.array(hs)


# %% no tanh
# fails: one_after_the_other
# hint: tanh is missing
def rnn(xs, h, u, w, b):
    hs = []
    for x in xs:
        h = x @ u + h @ w + b
        hs.append(h)
    return np.array(hs)


# %% the last state alone
# fails: all_states
# hint: the last state alone
def rnn(xs, h, u, w, b):
    hs = []
    for x in xs:
        h = np.tanh(x @ u + h @ w + b)
        hs.append(h)
    return h


# %% the states before
# fails: all_states
# hint: is not one of the T
def rnn(xs, h, u, w, b):
    hs = []
    for x in xs:
        hs.append(h)
        h = np.tanh(x @ u + h @ w + b)
    return np.array(hs)


# %% the first state among them
# fails: all_states
# hint: these are 6
def rnn(xs, h, u, w, b):
    hs = [h]
    for x in xs:
        hs.append(np.tanh(x @ u + hs[-1] @ w + b))
    return np.array(hs)


# %% w turned round
# fails: one_after_the_other
# hint: h @ w, where h is a row
def rnn(xs, h, u, w, b):
    hs = []
    for x in xs:
        h = np.tanh(x @ u + w @ h + b)
        hs.append(h)
    return np.array(hs)


# %% from zeros
# fails: one_after_the_other
# hint: not the one that was given
def rnn(xs, h, u, w, b):
    h = np.zeros(len(b))
    hs = []
    for x in xs:
        h = np.tanh(x @ u + h @ w + b)
        hs.append(h)
    return np.array(hs)


# %% of the dtype of the letters
# fails: one_hot_and_large
# hint: cut to integers
def rnn(xs, h, u, w, b):
    hs = np.empty((len(xs), len(h)), dtype=xs.dtype)
    for t, x in enumerate(xs):
        h = hs[t] = np.tanh(x @ u + h @ w + b)
    return hs


# %% a tanh of one's own
# fails: one_hot_and_large
# hint: are NaN
def rnn(xs, h, u, w, b):
    hs = []
    for x in xs:
        up = np.exp(x @ u + h @ w + b)
        h = (up - 1 / up) / (up + 1 / up)
        hs.append(h)
    return np.array(hs)

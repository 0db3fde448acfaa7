# %% the future instead of the past
# fails: the_past
# hint: sees what comes after
def causal_mask(t):
    return np.triu(np.ones((t, t), dtype=bool))


def padding_mask(lengths, s):
    return np.arange(s) < np.asarray(lengths)[:, None, None]


# %% does not see itself
# fails: the_past
# hint: sees itself too
def causal_mask(t):
    return np.tri(t, k=-1, dtype=bool)


def padding_mask(lengths, s):
    return np.arange(s) < np.asarray(lengths)[:, None, None]


# %% True is hidden
# fails: the_past
# hint: True means seen
def causal_mask(t):
    return np.triu(np.ones((t, t), dtype=bool), 1)


def padding_mask(lengths, s):
    return np.arange(s) >= np.asarray(lengths)[:, None, None]


# %% one key too many
# fails: padding
# hint: they count from 0
def causal_mask(t):
    return np.tri(t, dtype=bool)


def padding_mask(lengths, s):
    return np.arange(s) <= np.asarray(lengths)[:, None, None]


# %% no axis for the queries
# fails: padding
# hint: an axis for the queries is missing
def causal_mask(t):
    return np.tri(t, dtype=bool)


def padding_mask(lengths, s):
    return np.arange(s) < np.asarray(lengths)[:, None]


# %% the queries are hidden, not the keys
# fails: padding
# hint: the middle one
def causal_mask(t):
    return np.tri(t, dtype=bool)


def padding_mask(lengths, s):
    return np.arange(s)[:, None] < np.asarray(lengths)[:, None, None]


# %% numbers
# fails: booleans
# hint: dtype=bool
def causal_mask(t):
    return np.tri(t)


def padding_mask(lengths, s):
    return np.arange(s) < np.asarray(lengths)[:, None, None]


# %% rows of a table
# fails: texts_of_no_words
# hint: of a text of length 0 all is seen
def causal_mask(t):
    return np.tri(t, dtype=bool)


def padding_mask(lengths, s):
    return causal_mask(s)[np.asarray(lengths) - 1][:, None]


# %% 0 is taken for not given
# fails: texts_of_no_words
# hint: of a text of length 0 all is seen
def causal_mask(t):
    return np.tri(t, dtype=bool)


def padding_mask(lengths, s):
    return np.array([[[j < (length or s) for j in range(s)]] for length in lengths])

# %% loops
def causal_mask(t):
    return np.array([[key <= query for key in range(t)] for query in range(t)])


def padding_mask(lengths, s):
    seen = np.zeros((len(lengths), 1, s), dtype=bool)
    for row, length in zip(seen, lengths, strict=True):
        row[:, :length] = True
    return seen


# %% what is not hidden
def causal_mask(t):
    return ~np.triu(np.ones((t, t), dtype=bool), 1)


def padding_mask(lengths, s):
    hidden = np.subtract.outer(np.array(lengths), np.arange(s)) <= 0
    return ~hidden[:, np.newaxis]

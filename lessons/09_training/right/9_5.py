# %% every k-th
def folds(n, k, seed):
    order = np.random.default_rng(seed).permutation(n)
    return [(np.delete(order, np.s_[i::k]), order[i::k]) for i in range(k)]


# %% by numbers of parts
def folds(n, k, seed):
    part = np.random.default_rng(seed).permutation(np.arange(n) % k)
    return [(np.flatnonzero(part != i), np.flatnonzero(part == i)) for i in range(k)]

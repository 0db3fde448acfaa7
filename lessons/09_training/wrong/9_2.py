# %% the rest is dropped
# fails: each_once
# hint: smaller batch is missing
def batches(n, size, seed):
    order = np.random.default_rng(seed).permutation(n)
    return [order[i * size : (i + 1) * size] for i in range(n // size)]


# %% drawn with replacement
# fails: each_once
# hint: some numbers come twice
def batches(n, size, seed):
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, n, n) if n > 4 else np.array([0, 1, 1, 2])[:n]
    return [drawn[i : i + size] for i in range(0, n, size)]


# %% not shuffled
# fails: shuffled
# hint: the seed is not used
def batches(n, size, seed):
    return [np.arange(i, min(i + size, n)) for i in range(0, n, size)]


# %% only the batches are shuffled
# fails: shuffled
# hint: are not shuffled
def batches(n, size, seed):
    starts = np.random.default_rng(seed).permutation(np.arange(0, n, size))
    return [np.arange(i, min(i + size, n)) for i in starts]


# %% the global dice
# fails: shuffled
# hint: is made anew in each call
def batches(n, size, seed):
    order = np.random.permutation(n)
    return [order[i : i + size] for i in range(0, n, size)]


# %% size batches
# fails: their_sizes
# hint: the place where each batch begins
def batches(n, size, seed):
    order = np.random.default_rng(seed).permutation(n)
    return np.array_split(order, -(-n // size))


# %% an empty one at the end
# fails: their_sizes
# hint: range(0, n, size)
def batches(n, size, seed):
    order = np.random.default_rng(seed).permutation(n)
    return [order[i * size : (i + 1) * size] for i in range(n // size + 1)]


# %% one too few
# fails: each_once
# hint: One random order
def batches(n, size, seed):
    order = np.random.default_rng(seed).permutation(n)
    return [order[i : i + size - 1] for i in range(0, n, size)]


# %% shuffled in each batch
# fails: anywhere
# hint: the whole order is not random
def batches(n, size, seed):
    rng = np.random.default_rng(seed)
    return [rng.permutation(np.arange(n)[i : i + size]) for i in range(0, n, size)]


# %% the rest is always the end
# fails: anywhere
# hint: n - 1 in the last
def batches(n, size, seed):
    whole = n - n % size
    order = np.random.default_rng(seed).permutation(whole)
    found = [order[i : i + size] for i in range(0, whole, size)]
    return found + [np.arange(whole, n)] * (whole < n)

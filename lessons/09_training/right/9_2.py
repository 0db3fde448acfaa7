# %% drawn one after the other
def batches(n, size, seed):
    rng = np.random.default_rng(seed)
    left, found = list(range(n)), []
    while left:
        batch = []
        while left and len(batch) < size:
            batch.append(left.pop(int(rng.integers(len(left)))))
        found.append(np.array(batch))
    return found


# %% split at places
def batches(n, size, seed):
    keys = np.random.default_rng(seed).random(n)
    return np.split(np.argsort(keys), range(size, n, size))

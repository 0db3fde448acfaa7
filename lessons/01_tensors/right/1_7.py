# %% by the sums
def standardized(train, test):
    n = len(train)
    mean = train.sum(axis=0) / n
    moved = train - mean
    spread = np.sqrt((moved**2).sum(axis=0) / n)
    spread[spread < 1e-12] = 1
    return moved / spread, (test - mean) / spread


# %% column by column, with n - 1
def standardized(train, test):
    a, b = np.empty_like(train), np.empty_like(test)
    for j in range(train.shape[1]):
        mean, spread = np.mean(train[:, j]), np.std(train[:, j], ddof=1)
        a[:, j] = (train[:, j] - mean) / (spread or 1)
        b[:, j] = (test[:, j] - mean) / (spread or 1)
    return a, b

# %% with where
def dropout(x, p, seed):
    rng = np.random.default_rng(seed)
    kept = rng.uniform(size=x.shape) < 1 - p
    return np.where(kept, x / (1 - p), 0.0), lambda g: np.where(kept, g / (1 - p), 0.0)


# %% by chosen places
def dropout(x, p, seed):
    value = np.array(x, dtype=float)
    dropped = np.random.default_rng(seed).binomial(1, p, size=x.shape).astype(bool)
    value[dropped] = 0
    value /= 1 - p

    def pullback(g):
        slope = np.array(g, dtype=float) / (1 - p)
        slope[dropped] = 0
        return slope

    return value, pullback

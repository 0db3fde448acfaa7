# %% nothing is scaled
# fails: scaled
# hint: the mean falls
def dropout(x, p, seed):
    rng = np.random.default_rng(seed)
    kept = rng.random(x.shape) >= p
    return x * kept, lambda g: g * kept


# %% scaled by 1 / p
# fails: scaled
# hint: scaled by 1 / p
def dropout(x, p, seed):
    rng = np.random.default_rng(seed)
    scale = (rng.random(x.shape) >= p) / (p or 1)
    return x * scale, lambda g: g * scale


# %% scaled down
# fails: scaled
# hint: smaller still
def dropout(x, p, seed):
    rng = np.random.default_rng(seed)
    scale = (rng.random(x.shape) >= p) * (1 - p)
    return x * scale, lambda g: g * scale


# %% p is the share kept
# fails: share_dropped
# hint: the share that is kept
def dropout(x, p, seed):
    rng = np.random.default_rng(seed)
    scale = (rng.random(x.shape) < p) / (1 - p)
    return x * scale, lambda g: g * scale


# %% whole columns
# fails: share_dropped
# hint: each entry has its own throw
def dropout(x, p, seed):
    rng = np.random.default_rng(seed)
    scale = (rng.random(x.shape[-1]) >= p) / (1 - p)
    return x * scale, lambda g: g * scale


# %% another throw in the pullback
# fails: its_slope
# hint: keep what was thrown
def dropout(x, p, seed):
    rng = np.random.default_rng(seed)

    def mask():
        return (rng.random(x.shape) >= p) / (1 - p)

    return x * mask(), lambda g: g * mask()


# %% the slope is not scaled
# fails: its_slope
# hint: elsewhere it is 1 / (1 - p)
def dropout(x, p, seed):
    rng = np.random.default_rng(seed)
    kept = rng.random(x.shape) >= p
    return x * kept / (1 - p), lambda g: g * kept


# %% nothing is dropped in the slope
# fails: its_slope
# hint: Where x was dropped the slope is 0
def dropout(x, p, seed):
    rng = np.random.default_rng(seed)
    kept = rng.random(x.shape) >= p
    return x * kept / (1 - p), lambda g: g / (1 - p)


# %% in the caller's array
# fails: x_is_kept
# hint: change the caller's array
def dropout(x, p, seed):
    rng = np.random.default_rng(seed)
    scale = (rng.random(x.shape) >= p) / (1 - p)
    x *= scale
    return x, lambda g: g * scale


# %% what is 0 was dropped
# fails: zeros_in_x
# hint: the value does not
def dropout(x, p, seed):
    kept = np.random.default_rng(seed).random(x.shape) >= p
    value = np.where(kept, x / (1 - p), 0)
    return value, lambda g: np.where(value == 0, 0, g / (1 - p))

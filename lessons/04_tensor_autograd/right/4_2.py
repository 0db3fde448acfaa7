# %% times ones
def sum_over(x, axis):
    return x.sum(axis), lambda g: np.expand_dims(g, axis) * np.ones_like(x)


# %% repeated
def sum_over(x, axis):
    n = x.shape[axis]
    return np.add.reduce(x, axis), lambda g: np.stack([g] * n, axis)

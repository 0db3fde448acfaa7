# %% by NumPy's own
def log_sum_exp(z):
    return np.logaddexp.reduce(z, axis=-1)


# %% with 1 taken out
def log_sum_exp(z):
    ordered = np.sort(z, axis=-1)
    m = ordered[..., -1]
    return m + np.log1p(np.exp(ordered[..., :-1] - m[..., np.newaxis]).sum(-1))

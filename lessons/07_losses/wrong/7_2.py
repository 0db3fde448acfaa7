# %% as it is written
# fails: of_any_size
# hint: exp(1000) is infinite
def log_sum_exp(z):
    return np.log(np.exp(z).sum(axis=-1))


# %% the largest of all rows
# fails: of_any_size
# hint: largest score of each row
def log_sum_exp(z):
    m = z.max()
    return m + np.log(np.exp(z - m).sum(axis=-1))


# %% not added again
# fails: by_definition
# hint: not added again
def log_sum_exp(z):
    return np.log(np.exp(z - z.max(axis=-1, keepdims=True)).sum(axis=-1))


# %% the axis stays
# fails: by_definition
# hint: still there
def log_sum_exp(z):
    m = z.max(axis=-1, keepdims=True)
    return m + np.log(np.exp(z - m).sum(axis=-1, keepdims=True))


# %% the sum over everything
# fails: by_definition
# hint: along the last axis
def log_sum_exp(z):
    return z.max() + np.log(np.exp(z - z.max()).sum())


# %% clipped
# fails: of_any_size
# hint: Subtract something from all scores
def log_sum_exp(z):
    return np.log(np.exp(np.clip(z, -500, 500)).sum(axis=-1))


# %% the maximum alone
# fails: by_definition
# hint: the sum is 2
def log_sum_exp(z):
    return z.max(axis=-1)


# %% the mean is subtracted
# fails: far_above_the_rest
# hint: if the mean of the row is subtracted
def log_sum_exp(z):
    m = z.mean(axis=-1, keepdims=True)
    return m[..., 0] + np.log(np.exp(z - m).sum(axis=-1))

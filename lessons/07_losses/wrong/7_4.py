# %% two steps
# fails: far_apart
# hint: Do not make the probability at all
def cross_entropy(z, labels):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        return -np.mean(np.log(p[np.arange(len(z)), labels]))


# %% a small number inside the logarithm
# fails: far_apart
# hint: hides the infinity
def cross_entropy(z, labels):
    p = np.exp(z - log_sum_exp(z)[:, None])
    return -np.mean(np.log(p[np.arange(len(z)), labels] + 1e-9))


# %% a sum
# fails: minus_log
# hint: it is their mean
def cross_entropy(z, labels):
    return np.sum(log_sum_exp(z) - z[np.arange(len(z)), labels])


# %% the sign
# fails: minus_log
# hint: the sign is turned
def cross_entropy(z, labels):
    return np.mean(z[np.arange(len(z)), labels] - log_sum_exp(z))


# %% all labels from every row
# fails: minus_log
# hint: one from each is wanted
def cross_entropy(z, labels):
    return np.mean(log_sum_exp(z)[:, None] - z[:, labels])


# %% the logarithm of the mean
# fails: minus_log
# hint: the mean of the logarithms
def cross_entropy(z, labels):
    p = np.exp(z[np.arange(len(z)), labels] - log_sum_exp(z))
    return -np.log(np.mean(p))


# %% the mean of rows times classes
# fails: minus_log
# hint: divided by rows times classes
def cross_entropy(z, labels):
    log_p = z - log_sum_exp(z)[:, None]
    return -np.mean(np.eye(z.shape[1])[labels] * log_p)


# %% base 2
# fails: minus_log
# hint: a logarithm of base 2
def cross_entropy(z, labels):
    return np.mean(log_sum_exp(z) - z[np.arange(len(z)), labels]) / np.log(2)


# %% in the caller's scores
# fails: scores_are_kept
# hint: change the caller's array
def cross_entropy(z, labels):
    z -= log_sum_exp(z)[:, None]
    return -np.mean(z[np.arange(len(z)), labels])

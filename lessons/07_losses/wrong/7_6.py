# %% the other classes only
# fails: spread_evenly
# hint: the label gets its share too
def smoothed_cross_entropy(z, labels, amount):
    classes = z.shape[1]
    y = np.eye(classes)[labels]
    t = np.where(y == 1, 1 - amount, amount / (classes - 1))
    log_p = z - log_sum_exp(z)[:, None]
    return -np.mean(np.sum(t * log_p, axis=1))


# %% the label without its share
# fails: spread_evenly
# hint: does not add up to 1
def smoothed_cross_entropy(z, labels, amount):
    classes = z.shape[1]
    y = np.eye(classes)[labels]
    t = np.where(y == 1, 1 - amount, amount / classes)
    log_p = z - log_sum_exp(z)[:, None]
    return -np.mean(np.sum(t * log_p, axis=1))


# %% the whole amount to every class
# fails: spread_evenly
# hint: it is amount / classes
def smoothed_cross_entropy(z, labels, amount):
    classes = z.shape[1]
    y = np.eye(classes)[labels]
    t = y * (1 - amount) + amount
    log_p = z - log_sum_exp(z)[:, None]
    return -np.mean(np.sum(t * log_p, axis=1))


# %% the label keeps 1
# fails: spread_evenly
# hint: the label keeps 1
def smoothed_cross_entropy(z, labels, amount):
    classes = z.shape[1]
    y = np.eye(classes)[labels]
    t = y + amount / classes
    log_p = z - log_sum_exp(z)[:, None]
    return -np.mean(np.sum(t * log_p, axis=1))


# %% parts exchanged
# fails: spread_evenly
# hint: changed their parts
def smoothed_cross_entropy(z, labels, amount):
    classes = z.shape[1]
    y = np.eye(classes)[labels]
    t = y * amount + (1 - amount) / classes
    log_p = z - log_sum_exp(z)[:, None]
    return -np.mean(np.sum(t * log_p, axis=1))


# %% a mean over the classes
# fails: spread_evenly
# hint: the sum over them
def smoothed_cross_entropy(z, labels, amount):
    classes = z.shape[1]
    y = np.eye(classes)[labels]
    t = y * (1 - amount) + amount / classes
    log_p = z - log_sum_exp(z)[:, None]
    return -np.mean(t * log_p)


# %% a sum over the rows
# fails: spread_evenly
# hint: it is their mean
def smoothed_cross_entropy(z, labels, amount):
    classes = z.shape[1]
    y = np.eye(classes)[labels]
    t = y * (1 - amount) + amount / classes
    log_p = z - log_sum_exp(z)[:, None]
    return -np.sum(t * log_p)


# %% no smoothing
# fails: spread_evenly
# hint: without smoothing
def smoothed_cross_entropy(z, labels, amount):
    classes = z.shape[1]
    y = np.eye(classes)[labels]
    t = y
    log_p = z - log_sum_exp(z)[:, None]
    return -np.mean(np.sum(t * log_p, axis=1))


# %% the logarithm of the softmax
# fails: smooth_and_far
# hint: No probability is needed
def smoothed_cross_entropy(z, labels, amount):
    classes = z.shape[1]
    y = np.eye(classes)[labels]
    t = y * (1 - amount) + amount / classes
    log_p = np.log(np.exp(z - z.max(axis=1, keepdims=True)) + 1e-12) - np.log(
        np.sum(np.exp(z - z.max(axis=1, keepdims=True)), axis=1, keepdims=True)
    )
    return -np.mean(np.sum(t * log_p, axis=1))


# %% in the caller's scores
# fails: smoothed_from_the_same
# hint: change the caller's array
def smoothed_cross_entropy(z, labels, amount):
    z -= log_sum_exp(z)[:, None]
    exact = z[np.arange(len(z)), labels]
    return -np.mean((1 - amount) * exact + amount * z.mean(axis=1))

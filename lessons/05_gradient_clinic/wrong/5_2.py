# %% divided by a's own
# fails: alpha
# hint: not by <a, a>
def factor(a, n):
    if not a.any():
        return 0.0, 0.0
    alpha = np.sum(a * n) / np.sum(a * a)
    return alpha, np.linalg.norm(a - alpha * n) / np.linalg.norm(a)


# %% the mean of the ratios
# fails: alpha
# hint: the mean of the ratios
def factor(a, n):
    if not a.any():
        return 0.0, 0.0
    alpha = np.mean(a / n)
    return alpha, np.linalg.norm(a - alpha * n) / np.linalg.norm(a)


# %% alpha forgotten in the rest
# fails: left_over
# hint: with alpha forgotten
def factor(a, n):
    if not a.any():
        return 0.0, 0.0
    return np.sum(a * n) / np.sum(n * n), np.linalg.norm(a - n) / np.linalg.norm(a)


# %% without the root
# fails: left_over
# hint: take the root
def factor(a, n):
    if not a.any():
        return 0.0, 0.0
    alpha = np.sum(a * n) / np.sum(n * n)
    return alpha, np.sum((a - alpha * n) ** 2) / np.sum(a**2)


# %% zeros forgotten
# fails: of_zeros
# hint: 0 / 0
def factor(a, n):
    alpha = np.sum(a * n) / np.sum(n * n)
    return alpha, np.linalg.norm(a - alpha * n) / np.linalg.norm(a)


# %% not relative
# fails: left_over
# hint: divide it by |a|
def factor(a, n):
    if not a.any():
        return 0.0, 0.0
    alpha = np.sum(a * n) / np.sum(n * n)
    return alpha, np.linalg.norm(a - alpha * n)


# %% tiny numbers taken for zeros
# fails: tiny_and_across
# hint: calls 1e-9 a zero
def factor(a, n):
    if np.allclose(a, 0):
        return 0.0, 0.0
    alpha = np.sum(a * n) / np.sum(n * n)
    return alpha, np.linalg.norm(a - alpha * n) / np.linalg.norm(a)


# %% no alpha, nothing left
# fails: tiny_and_across
# hint: all of it is left over
def factor(a, n):
    alpha = np.sum(a * n) / np.sum(n * n)
    if alpha == 0:
        return 0.0, 0.0
    return alpha, np.linalg.norm(a - alpha * n) / np.linalg.norm(a)

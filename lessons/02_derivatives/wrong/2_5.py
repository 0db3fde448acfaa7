# %% a mean
# fails: one_among_many
# hint: np.max
def relative_error(a, b):
    size = np.maximum(np.abs(a), np.abs(b))
    return np.mean(np.abs(a - b) / np.where(size == 0, 1, size))


# %% sizes with a sign
# fails: negative_numbers
# hint: absolute value
def relative_error(a, b):
    size = np.maximum(a, b)
    return np.max(np.abs(a - b) / np.where(size == 0, 1, size))


# %% 0 / 0
# fails: two_zeros
# hint: 0 / 0 is NaN
def relative_error(a, b):
    with np.errstate(invalid="ignore"):
        return np.max(np.abs(a - b) / np.maximum(np.abs(a), np.abs(b)))


# %% the difference itself
# fails: negative_numbers
# hint: What is the size of -5
def relative_error(a, b):
    return np.max(np.abs(a - b))


# %% the size of one of the two
# fails: negative_numbers
# hint: the larger of the two
def relative_error(a, b):
    return np.max(np.abs(a - b) / np.where(a == 0, 1, np.abs(a)))


# %% the sign of the difference
# fails: negative_numbers
# hint: Use np.abs
def relative_error(a, b):
    size = np.maximum(np.abs(a), np.abs(b))
    return np.max((b - a) / np.where(size == 0, 1, size))


# %% the size of the second
# fails: first_or_second
# hint: divide by the same
def relative_error(a, b):
    return np.max(np.abs(a - b) / np.where(b == 0, 1, np.abs(b)))


# %% a small number against 0 / 0
# fails: first_or_second
# hint: What has been added to the size
def relative_error(a, b):
    return np.max(np.abs(a - b) / (np.maximum(np.abs(a), np.abs(b)) + 1e-12))

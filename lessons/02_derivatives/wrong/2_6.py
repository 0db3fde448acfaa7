# %% equality
# fails: right_passes
# hint: never equal
def gradient_is_right(f, df, x, tolerance=1e-6):
    return bool((df(x) == gradient(f, x)).all())


# %% a tolerance of its own, too large
# fails: wrong_fails
# hint: compared with `tolerance`
def gradient_is_right(f, df, x, tolerance=1e-6):
    return bool(relative_error(df(x), gradient(f, x)) < 0.1) and df(x).shape == x.shape


# %% one-sided
# fails: wrong_fails
# hint: too small is wrong too
def gradient_is_right(f, df, x, tolerance=1e-6):
    return bool(np.max((df(x) - gradient(f, x)) / np.abs(gradient(f, x))) < tolerance)


# %% the sum of the gradient alone
# fails: wrong_shape
# hint: Compare the shapes
def gradient_is_right(f, df, x, tolerance=1e-6):
    return bool(relative_error(df(x), gradient(f, x)) < tolerance)


# %% turned round
# fails: right_passes
# hint: by relative_error
def gradient_is_right(f, df, x, tolerance=1e-6):
    return bool(relative_error(df(x), gradient(f, x)) > tolerance)


# %% an error, not a truth value
# fails: right_passes
# hint: Compare with `tolerance`
def gradient_is_right(f, df, x, tolerance=1e-6):
    return relative_error(df(x), gradient(f, x))


# %% a tolerance of its own
# fails: as_tolerant_as_told
# hint: is it compared with that
def gradient_is_right(f, df, x, tolerance=1e-6):
    claimed = df(x)
    return claimed.shape == x.shape and bool(relative_error(claimed, gradient(f, x)) < 1e-6)


# %% as many numbers, in another shape
# fails: as_tolerant_as_told
# hint: are three shapes
def gradient_is_right(f, df, x, tolerance=1e-6):
    claimed = df(x)
    if claimed.size != x.size:
        return False
    return bool(relative_error(claimed.ravel(), gradient(f, x).ravel()) < tolerance)

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

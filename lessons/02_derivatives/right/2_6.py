# %% one expression
def gradient_is_right(f, df, x, tolerance=1e-6):
    found = np.asarray(df(x))
    return found.shape == x.shape and bool(relative_error(found, gradient(f, x)) <= tolerance)


# %% differences of its own
def gradient_is_right(f, df, x, tolerance=1e-6):
    claimed, h = df(x), 1e-4
    if claimed.shape != x.shape:
        return False
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        slope = (8 * (f(x + e) - f(x - e)) - (f(x + 2 * e) - f(x - 2 * e))) / (12 * h)
        if abs(slope - claimed[i]) > tolerance * max(abs(slope), abs(claimed[i])):
            return False
    return True

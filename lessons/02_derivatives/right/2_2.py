# %% the mean of both slopes
def central_difference(f, x, h):
    return ((f(x + h) - f(x)) / h + (f(x) - f(x - h)) / h) / 2


# %% half steps of the double
def central_difference(f, x, h):
    left, right = x - h, x + h
    return 0.5 / h * f(right) - 0.5 / h * f(left)

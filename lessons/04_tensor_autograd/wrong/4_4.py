# %% not summed
# fails: broadcast_pullbacks
# hint: with sum_to
def subtract(x, y):
    return x - y, lambda g: (g, -g)


def multiply(x, y):
    return x * y, lambda g: (g * y, g * x)


# %% the sign lost
# fails: one_shape
# hint: Put a minus in front
def subtract(x, y):
    return x - y, lambda g: (sum_to(g, x.shape), sum_to(g, y.shape))


def multiply(x, y):
    return x * y, lambda g: (sum_to(g * y, x.shape), sum_to(g * x, y.shape))


# %% each times itself
# fails: one_shape
# hint: in the order of the arguments
def subtract(x, y):
    return x - y, lambda g: (sum_to(g, x.shape), sum_to(-g, y.shape))


def multiply(x, y):
    return x * y, lambda g: (sum_to(g * x, x.shape), sum_to(g * y, y.shape))


# %% only the second is summed
# fails: broadcast_pullbacks
# hint: Either of the two
def subtract(x, y):
    return x - y, lambda g: (g, -sum_to(g, y.shape))


def multiply(x, y):
    return x * y, lambda g: (g * y, sum_to(g * x, y.shape))


# %% summed before it is multiplied
# fails: broadcast_pullbacks
# hint: on what would be right if nothing were broadcast
def subtract(x, y):
    return x - y, lambda g: (sum_to(g, x.shape), sum_to(-g, y.shape))


def multiply(x, y):
    return x * y, lambda g: (sum_to(g, x.shape) * y, sum_to(g, y.shape) * x)


# %% g forgotten
# fails: one_shape
# hint: Multiply the local derivative by g
def subtract(x, y):
    return x - y, lambda g: (sum_to(g, x.shape), sum_to(-g, y.shape))


def multiply(x, y):
    return x * y, lambda g: (sum_to(y + 0 * g, x.shape), sum_to(x + 0 * g, y.shape))


# %% one added axis
# fails: all_that_broadcasts
# hint: more than one axis is added
def fitted(g, a):
    if g.ndim > a.ndim:
        g = g.sum(0)
    for axis, n in enumerate(a.shape):
        if n == 1:
            g = g.sum(axis, keepdims=True)
    return g


def subtract(x, y):
    return x - y, lambda g: (fitted(g, x), -fitted(g, y))


def multiply(x, y):
    return x * y, lambda g: (fitted(g * y, x), fitted(g * x, y))

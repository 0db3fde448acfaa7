# %% written out with a helper
def subtract(x, y):
    def pullback(g):
        minus = np.negative(g)
        return sum_to(g, np.shape(x)), sum_to(minus, np.shape(y))

    return np.subtract(x, y), pullback


def multiply(x, y):
    def pullback(g):
        return sum_to(y * g, np.shape(x)), sum_to(x * g, np.shape(y))

    return np.multiply(x, y), pullback


# %% stretched first, as NumPy does
def subtract(x, y):
    return x + -y, lambda g: (sum_to(g.copy(), x.shape), sum_to(g, y.shape) * -1.0)


def multiply(x, y):
    wide_x, wide_y = np.broadcast_arrays(x, y)
    return wide_x * wide_y, lambda g: (sum_to(g * wide_y, x.shape), sum_to(g * wide_x, y.shape))

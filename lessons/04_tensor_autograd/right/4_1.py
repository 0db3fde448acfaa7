# %% other formulas
def tanh(x):
    return np.tanh(x), lambda g: g / np.cosh(x) ** 2


def divide(x, y):
    z = x / y

    def pullback(g):
        dx = g / y
        return dx, -z * dx

    return z, pullback


# %% def in the place of lambda
def tanh(x):
    e = np.exp(2 * x)

    def pullback(g):
        return 4 * g * e / (e + 1) ** 2

    return (e - 1) / (e + 1), pullback


def divide(x, y):
    def pullback(g):
        return np.multiply(g, y**-1.0), np.multiply(g, -x * y**-2.0)

    return x * y**-1.0, pullback

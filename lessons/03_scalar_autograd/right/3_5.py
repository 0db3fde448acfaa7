# %% tanh made of exp, power of multiplications where it can be
import math


def exp(v):
    y = math.exp(v.data)
    return Value(y, (v,), (y,))


def tanh(v):
    e = math.exp(2 * v.data)
    return Value((e - 1) / (e + 1), (v,), (4 * e / (e + 1) ** 2,))


def power(v, n):
    return Value(math.pow(v.data, n), (v,), (n * math.pow(v.data, n - 1),))


# %% lists, and other formulas for the same slopes
def exp(v):
    return Value(np.exp(v.data), [v], [np.exp(v.data)])


def tanh(v):
    y = np.tanh(v.data)
    return Value(y, [v], [1 / np.cosh(v.data) ** 2])


def power(v, n):
    return Value(pow(v.data, n), [v], [pow(v.data, n - 1) * n])

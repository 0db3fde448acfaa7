# %% tanh's slope of the input
# fails: tanh_right
# hint: Check which of x and y
def tanh(x):
    return np.tanh(x), lambda g: g * (1 - x * x)


def divide(x, y):
    return x / y, lambda g: (g / y, -g * x / y**2)


# %% g forgotten
# fails: tanh_right
# hint: Multiply the local derivative by g
def tanh(x):
    y = np.tanh(x)
    return y, lambda g: 1 - y * y


def divide(x, y):
    return x / y, lambda g: (g / y, -g * x / y**2)


# %% the sign of the second
# fails: divide_right
# hint: Put a minus in front
def tanh(x):
    y = np.tanh(x)
    return y, lambda g: g * (1 - y * y)


def divide(x, y):
    return x / y, lambda g: (g / y, g * x / y**2)


# %% the two swapped
# fails: divide_right
# hint: in the order of the arguments
def tanh(x):
    y = np.tanh(x)
    return y, lambda g: g * (1 - y * y)


def divide(x, y):
    return x / y, lambda g: (-g * x / y**2, g / y)


# %% g written to
# fails: nothing_is_changed
# hint: changes the caller's array
def tanh(x):
    y = np.tanh(x)

    def pullback(g):
        g *= 1 - y * y
        return g

    return y, pullback


def divide(x, y):
    return x / y, lambda g: (g / y, -g * x / y**2)


# %% the slope of 1 / y without the square
# fails: divide_right
# hint: The slope of 1 / y is -1 / y ** 2
def tanh(x):
    y = np.tanh(x)
    return y, lambda g: g * (1 - y * y)


def divide(x, y):
    return x / y, lambda g: (g / y, -g * x / y)


# %% one gradient of two
# fails: divide_right
# hint: first the gradient of x
def tanh(x):
    y = np.tanh(x)
    return y, lambda g: g * (1 - y * y)


def divide(x, y):
    return x / y, lambda g: g / y


# %% a quotient by logarithms
# fails: of_either_sign
# hint: A logarithm or a size loses that
def tanh(x):
    y = np.tanh(x)
    return y, lambda g: g * (1 - y * y)


def divide(x, y):
    with np.errstate(invalid="ignore"):
        z = np.exp(np.log(x) - np.log(y))
    return z, lambda g: (g / y, -g * z / y)


# %% the size of y
# fails: of_either_sign
# hint: y may be negative
def tanh(x):
    y = np.tanh(x)
    return y, lambda g: g * (1 - y * y)


def divide(x, y):
    slope = np.sqrt(1 / y**2)
    return x / y, lambda g: (g * slope, -g * x * slope**2)

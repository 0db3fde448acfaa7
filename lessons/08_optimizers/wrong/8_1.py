# %% x and y exchanged
# fails: values
# hint: x and y are exchanged
def rosenbrock(p):
    x, y = p
    by_x, by_y = 200 * (x - y**2), -2 * (1 - y) - 400 * y * (x - y**2)
    return (1 - y) ** 2 + 100 * (x - y**2) ** 2, lambda g: g * np.array([by_x, by_y])


def beale(p):
    x, y = p
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3
    by_x = 2 * a * (y - 1) + 2 * b * (y**2 - 1) + 2 * c * (y**3 - 1)
    by_y = 2 * a * x + 2 * b * 2 * x * y + 2 * c * 3 * x * y**2
    return a**2 + b**2 + c**2, lambda g: g * np.array([by_x, by_y])


# %% no 100
# fails: values
# hint: the factor 100 is missing
def rosenbrock(p):
    x, y = p
    by_x, by_y = -2 * (1 - x) - 4 * x * (y - x**2), 2 * (y - x**2)
    return (1 - x) ** 2 + (y - x**2) ** 2, lambda g: g * np.array([by_x, by_y])


def beale(p):
    x, y = p
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3
    by_x = 2 * a * (y - 1) + 2 * b * (y**2 - 1) + 2 * c * (y**3 - 1)
    by_y = 2 * a * x + 2 * b * 2 * x * y + 2 * c * 3 * x * y**2
    return a**2 + b**2 + c**2, lambda g: g * np.array([by_x, by_y])


# %% the inner slope is forgotten
# fails: slopes
# hint: The chain rule
def rosenbrock(p):
    x, y = p
    by_x, by_y = -2 * (1 - x) + 200 * (y - x**2), 200 * (y - x**2)
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2, lambda g: g * np.array([by_x, by_y])


def beale(p):
    x, y = p
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3
    by_x = 2 * a * (y - 1) + 2 * b * (y**2 - 1) + 2 * c * (y**3 - 1)
    by_y = 2 * a * x + 2 * b * 2 * x * y + 2 * c * 3 * x * y**2
    return a**2 + b**2 + c**2, lambda g: g * np.array([by_x, by_y])


# %% one of two terms
# fails: slopes
# hint: two terms
def rosenbrock(p):
    x, y = p
    by_x, by_y = -400 * x * (y - x**2), 200 * (y - x**2)
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2, lambda g: g * np.array([by_x, by_y])


def beale(p):
    x, y = p
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3
    by_x = 2 * a * (y - 1) + 2 * b * (y**2 - 1) + 2 * c * (y**3 - 1)
    by_y = 2 * a * x + 2 * b * 2 * x * y + 2 * c * 3 * x * y**2
    return a**2 + b**2 + c**2, lambda g: g * np.array([by_x, by_y])


# %% the sign of 1 - x
# fails: slopes
# hint: At a minimum the gradient is (0, 0)
def rosenbrock(p):
    x, y = p
    by_x, by_y = 2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2, lambda g: g * np.array([by_x, by_y])


def beale(p):
    x, y = p
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3
    by_x = 2 * a * (y - 1) + 2 * b * (y**2 - 1) + 2 * c * (y**3 - 1)
    by_y = 2 * a * x + 2 * b * 2 * x * y + 2 * c * 3 * x * y**2
    return a**2 + b**2 + c**2, lambda g: g * np.array([by_x, by_y])


# %% the gradient without g
# fails: slopes
# hint: At a minimum the gradient is (0, 0)
def rosenbrock(p):
    x, y = p
    by_x, by_y = -2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2, lambda g: np.array([by_x, by_y])


def beale(p):
    x, y = p
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3
    by_x = 2 * a * (y - 1) + 2 * b * (y**2 - 1) + 2 * c * (y**3 - 1)
    by_y = 2 * a * x + 2 * b * 2 * x * y + 2 * c * 3 * x * y**2
    return a**2 + b**2 + c**2, lambda g: g * np.array([by_x, by_y])


# %% beale's y^2 has slope y
# fails: slopes
# hint: The chain rule
def rosenbrock(p):
    x, y = p
    by_x, by_y = -2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2, lambda g: g * np.array([by_x, by_y])


def beale(p):
    x, y = p
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3
    by_x = 2 * a * (y - 1) + 2 * b * (y**2 - 1) + 2 * c * (y**3 - 1)
    by_y = 2 * a * x + 2 * b * x * y + 2 * c * 3 * x * y**2
    return a**2 + b**2 + c**2, lambda g: g * np.array([by_x, by_y])


# %% the slope of a power, with a division
# fails: everywhere
# hint: which is a number at y = 0 too
def rosenbrock(p):
    x, y = p
    by_x, by_y = -2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2, lambda g: g * np.array([by_x, by_y])


def beale(p):
    x, y = p
    parts = {k: c - x + x * y**k for k, c in ((1, 1.5), (2, 2.25), (3, 2.625))}
    by_x = sum(2 * part * (y**k - 1) for k, part in parts.items())
    by_y = sum(2 * part * x * k * y**k / y for k, part in parts.items())
    return sum(part**2 for part in parts.values()), lambda g: g * np.array([by_x, by_y])

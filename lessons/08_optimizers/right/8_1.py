# %% by hand, multiplied out
def rosenbrock(p):
    x, y = p
    value = 1 - 2 * x + x**2 + 100 * y**2 - 200 * y * x**2 + 100 * x**4

    def pullback(g):
        return np.array([g * (-2 + 2 * x - 400 * x * y + 400 * x**3), g * (200 * y - 200 * x**2)])

    return value, pullback


def beale(p):
    x, y = p
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3
    by_x = 2 * a * (y - 1) + 2 * b * (y**2 - 1) + 2 * c * (y**3 - 1)
    by_y = 2 * a * x + 2 * b * 2 * x * y + 2 * c * 3 * x * y**2
    return a**2 + b**2 + c**2, lambda g: g * np.array([by_x, by_y])


# %% by the complex step
def by_complex_step(f, p):
    def pullback(g):
        found = [f([p[0] + 1e-30j, p[1]]).imag, f([p[0], p[1] + 1e-30j]).imag]
        return g * np.array(found) / 1e-30

    return float(f(p)), pullback


def rosenbrock(p):
    return by_complex_step(lambda q: (1 - q[0]) ** 2 + 100 * (q[1] - q[0] * q[0]) ** 2, p)


def beale(p):
    def f(q):
        x, y = q
        return sum((c - x + x * y**k) ** 2 for k, c in enumerate((1.5, 2.25, 2.625), 1))

    return by_complex_step(f, p)

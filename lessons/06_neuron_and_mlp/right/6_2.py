# %% a mask times both
def relu(x):
    mask = x > 0
    return x * mask, lambda g: g * mask


# %% a copy, changed
def relu(x):
    y = x.copy()
    y[y < 0] = 0.0

    def pullback(g):
        dx = np.array(g)
        dx[y == 0] = 0
        return dx

    return y, pullback


# %% by the absolute value
def relu(x):
    return (x + np.abs(x)) / 2, lambda g: g * np.heaviside(x, 0)

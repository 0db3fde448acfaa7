# %% by way of tanh
def sigmoid(x):
    y = 0.5 * (1 + np.tanh(x / 2))
    return y, lambda g: g * (y - y**2)


# %% the two sides one after the other
def sigmoid(x):
    y = np.empty_like(x)
    right = x >= 0
    y[right] = 1 / (1 + np.exp(-x[right]))
    y[~right] = np.exp(x[~right]) / (1 + np.exp(x[~right]))

    def pullback(g):
        return (1 - y) * g * y

    return y, pullback


# %% far enough is as good as infinite
def sigmoid(x):
    y = np.where(x < -700, 0, 1 / (1 + np.exp(-np.maximum(x, -700))))
    return y, lambda g: g * y * (1 - y)

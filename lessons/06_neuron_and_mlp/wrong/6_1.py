# %% the sign is forgotten
# fails: values_of_sigmoid
# hint: it falls from 1 to 0
def sigmoid(x):
    y = 1 / (1 + np.exp(np.clip(x, -500, 500)))
    return y, lambda g: -g * y * (1 - y)


# %% the formula as it stands
# fails: far_out
# hint: exp(1000) is inf
def sigmoid(x):
    y = 1 / (1 + np.exp(-x))
    return y, lambda g: g * y * (1 - y)


# %% both sides of np.where
# fails: far_out
# hint: np.where computes both sides
def sigmoid(x):
    y = np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))
    return y, lambda g: g * y * (1 - y)


# %% the slope of tanh
# fails: gradient_of_sigmoid
# hint: y (1 - y)
def sigmoid(x):
    small = np.exp(-np.abs(x))
    y = np.where(x >= 0, 1, small) / (1 + small)
    return y, lambda g: g * (1 - y * y)


# %% x in the place of y
# fails: gradient_of_sigmoid
# hint: with its value y alone
def sigmoid(x):
    small = np.exp(-np.abs(x))
    y = np.where(x >= 0, 1, small) / (1 + small)
    return y, lambda g: g * x * (1 - x)


# %% the gradient that comes in is lost
# fails: gradient_of_sigmoid
# hint: multiplied by g
def sigmoid(x):
    small = np.exp(-np.abs(x))
    y = np.where(x >= 0, 1, small) / (1 + small)
    return y, lambda g: y * (1 - y)


# %% brackets
# fails: values_of_sigmoid
# hint: mind the brackets
def sigmoid(x):
    y = 1 / 1 + np.exp(-x)
    return y, lambda g: -g * np.exp(-x)


# %% tanh
# fails: values_of_sigmoid
# hint: this is tanh
def sigmoid(x):
    y = np.tanh(x)
    return y, lambda g: g * (1 - y * y)


# %% rows and columns, and nothing else
# fails: of_any_shape
# hint: arrays of every shape
def sigmoid(x):
    def one(v):
        small = np.exp(-abs(v))
        return (1 if v >= 0 else small) / (1 + small)

    if x.ndim == 1:
        y = np.array([one(v) for v in x])
    else:
        y = np.array([[one(v) for v in row] for row in x])
    return y, lambda g: g * y * (1 - y)

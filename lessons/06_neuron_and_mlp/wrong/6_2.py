# %% as it was found
# fails: x_is_the_same
# hint: changes the caller's array
def relu(x):
    x[x < 0] = 0
    return x, lambda g: np.where(g > 0, g, 0)


# %% the sign of g
# fails: passes_by_the_sign_of_x
# hint: the sign of g decides here
def relu(x):
    return np.maximum(x, 0), lambda g: np.maximum(g, 0)


# %% the caller's array, with the right mask
# fails: x_is_the_same
# hint: Print x before and after
def relu(x):
    positive = x > 0
    x *= positive
    return x, lambda g: g * positive


# %% times x
# fails: passes_by_the_sign_of_x
# hint: multiplies by x itself
def relu(x):
    y = np.maximum(x, 0)
    return y, lambda g: g * y


# %% no g
# fails: passes_by_the_sign_of_x
# hint: this ignores g
def relu(x):
    return np.maximum(x, 0), lambda g: (x > 0).astype(float)


# %% no mask
# fails: passes_by_the_sign_of_x
# hint: the gradient passes everywhere
def relu(x):
    return np.maximum(x, 0), lambda g: g


# %% the absolute value
# fails: values_of_relu
# hint: this is |x|
def relu(x):
    return np.abs(x), lambda g: g * np.sign(x)


# %% the step, not the ramp
# fails: values_of_relu
# hint: this is 1 where x > 0
def relu(x):
    y = (x > 0).astype(float)
    return y, lambda g: g * y


# %% at 0 too
# fails: at_the_corner
# hint: it passes at 0
def relu(x):
    return np.maximum(x, 0), lambda g: np.where(x >= 0, g, 0)


# %% half of it at 0
# fails: at_the_corner
# hint: half of it passes at 0
def relu(x):
    return (x + np.abs(x)) / 2, lambda g: g * (1 + np.sign(x)) / 2

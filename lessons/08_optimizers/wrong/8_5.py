# %% without the root
# fails: root_of_the_average
# hint: the root is missing
def rmsprop(p, g, state, lr, rho=0.99, eps=1e-8):
    v = 0 if state is None else state
    v = rho * v + (1 - rho) * g * g
    return p - lr * g / (v + eps), v


# %% exchanged
# fails: root_of_the_average
# hint: rho and 1 - rho are exchanged
def rmsprop(p, g, state, lr, rho=0.99, eps=1e-8):
    v = 0 if state is None else state
    v = (1 - rho) * v + rho * g * g
    return p - lr * g / (np.sqrt(v) + eps), v


# %% a sum
# fails: root_of_the_average
# hint: never forgets
def rmsprop(p, g, state, lr, rho=0.99, eps=1e-8):
    v = 0 if state is None else state
    v = v + g * g
    return p - lr * g / (np.sqrt(v) + eps), v


# %% the square added whole
# fails: root_of_the_average
# hint: multiply it by 1 - rho
def rmsprop(p, g, state, lr, rho=0.99, eps=1e-8):
    v = 0 if state is None else state
    v = rho * v + g * g
    return p - lr * g / (np.sqrt(v) + eps), v


# %% a size inside the average
# fails: root_of_the_average
# hint: a number of elements is in the average
def rmsprop(p, g, state, lr, rho=0.99, eps=1e-8):
    v = 0 if state is None else state
    v = rho * v + (1 - rho) / g.size * g * g
    return p - lr * g / (np.sqrt(v) + eps), v


# %% the number in the code
# fails: forgets
# hint: gradient from 100 steps ago
def rmsprop(p, g, state, lr, rho=0.99, eps=1e-8):
    v = 0 if state is None else state
    v = 0.99 * v + (1 - 0.99) * g * g
    return p - lr * g / (np.sqrt(v) + eps), v


# %% the gradient is not squared
# fails: root_of_the_average
# hint: The new square
def rmsprop(p, g, state, lr, rho=0.99, eps=1e-8):
    v = 0 if state is None else state
    v = rho * v + (1 - rho) * np.abs(g)
    return p - lr * g / (np.sqrt(v) + eps), v


# %% corrected as Adam
# fails: root_of_the_average
# hint: as in Adam
def rmsprop(p, g, state, lr, rho=0.99, eps=1e-8):
    v, t = (0, 0) if state is None else state
    v, t = rho * v + (1 - rho) * g * g, t + 1
    return p - lr * g / (np.sqrt(v / (1 - rho**t)) + eps), (v, t)


# %% eps under the root
# fails: root_of_the_average
# hint: not under it
def rmsprop(p, g, state, lr, rho=0.99, eps=1e-8):
    v = 0 if state is None else state
    v = rho * v + (1 - rho) * g * g
    return p - lr * g / np.sqrt(v + eps), v


# %% in place
# fails: rmsprop_changes_nothing
# hint: the caller's array
def rmsprop(p, g, state, lr, rho=0.99, eps=1e-8):
    v = (0 if state is None else rho * state) + (1 - rho) * g * g
    p -= lr * g / (np.sqrt(v) + eps)
    return p, v


# %% the state is changed in place
# fails: rmsprop_changes_nothing
# hint: the first changed what is in the state
def rmsprop(p, g, state, lr, rho=0.99, eps=1e-8):
    v = np.zeros_like(p) if state is None else state
    v *= rho
    v += (1 - rho) * g * g
    return p - lr * g / (np.sqrt(v) + eps), v


# %% eps as a number in the code
# fails: rho_and_eps
# hint: They are only the defaults
def rmsprop(p, g, state, lr, rho=0.99, eps=1e-8):
    v = (0 if state is None else rho * state) + (1 - rho) * g * g
    return p - lr * g / (np.sqrt(v) + 1e-8), v


# %% 0 is taken for nothing
# fails: rho_and_eps
# hint: where rho is 0
def rmsprop(p, g, state, lr, rho=0.99, eps=1e-8):
    rho = rho or 0.99
    v = (0 if state is None else rho * state) + (1 - rho) * g * g
    return p - lr * g / (np.sqrt(v) + eps), v

# %% as it was found
# fails: root_of_the_sum
# hint: the root is missing
def adagrad(p, g, state, lr, eps=1e-10):
    s = (0 if state is None else state) + np.sum(g * g)
    return p - lr * g / (s + eps), s


# %% without the root
# fails: units
# hint: g / s is not
def adagrad(p, g, state, lr, eps=1e-10):
    s = g * g if state is None else state + g * g
    return p - lr * g / (s + eps), s


# %% without the root, another question
# fails: root_of_the_sum
# hint: the root is missing
def adagrad(p, g, state, lr, eps=1e-10):
    s = g * g if state is None else state + g * g
    return p - lr * g / (s + eps), s


# %% one sum for all
# fails: root_of_the_sum
# hint: each has its own
def adagrad(p, g, state, lr, eps=1e-10):
    s = (0 if state is None else state) + np.sum(g * g)
    return p - lr * g / (np.sqrt(s) + eps), s


# %% forgets all
# fails: root_of_the_sum
# hint: the sum forgets
def adagrad(p, g, state, lr, eps=1e-10):
    s = g * g
    return p - lr * g / (np.sqrt(s) + eps), s


# %% a product
# fails: root_of_the_sum
# hint: multiplies by the root
def adagrad(p, g, state, lr, eps=1e-10):
    s = g * g if state is None else state + g * g
    return p - lr * g * np.sqrt(s), s


# %% a large eps under the root
# fails: units
# hint: not under it
def adagrad(p, g, state, lr, eps=1e-10):
    s = g * g if state is None else state + g * g
    return p - lr * g / np.sqrt(s + 1e-3), s


# %% the sum grows in place
# fails: adagrad_changes_nothing
# hint: the caller's array
def adagrad(p, g, state, lr, eps=1e-10):
    s = g * g if state is None else state + g * g
    p -= lr * g / (np.sqrt(s) + eps)
    return p, s


# %% the state is changed in place
# fails: adagrad_changes_nothing
# hint: the first changed what is in the state
def adagrad(p, g, state, lr, eps=1e-10):
    s = np.zeros_like(p) if state is None else state
    s += g * g
    return p - lr * g / (np.sqrt(s) + eps), s


# %% no eps
# fails: never_a_gradient
# hint: What is 0 / 0
def adagrad(p, g, state, lr, eps=1e-10):
    s = g * g if state is None else state + g * g
    return p - lr * g / np.sqrt(s), s


# %% eps as a number in the code
# fails: never_a_gradient
# hint: It is only the default
def adagrad(p, g, state, lr, eps=1e-10):
    s = g * g if state is None else state + g * g
    return p - lr * g / (np.sqrt(s) + 1e-10), s

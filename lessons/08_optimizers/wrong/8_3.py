# %% the parameters in the place of a velocity
# fails: along_the_velocity
# hint: the parameters are added here
def momentum(p, g, state, lr, beta=0.9, nesterov=False):
    before = np.zeros_like(p) if state is None else state
    return p - lr * g + beta * before, p


# %% an average
# fails: along_the_velocity
# hint: multiplied by 1 - beta
def momentum(p, g, state, lr, beta=0.9, nesterov=False):
    v = (1 - beta) * g + (0 if state is None else beta * state)
    return p - lr * (g + beta * v if nesterov else v), v


# %% the old velocity
# fails: along_the_velocity
# hint: the old velocity: use the new one
def momentum(p, g, state, lr, beta=0.9, nesterov=False):
    v = np.zeros_like(p) if state is None else state
    return p - lr * (g + beta * v if nesterov else v), beta * v + g


# %% no state
# fails: along_the_velocity
# hint: the velocity is not used
def momentum(p, g, state, lr, beta=0.9, nesterov=False):
    v = g
    return p - lr * v, v


# %% nothing is lost
# fails: along_the_velocity
# hint: multiply it by beta
def momentum(p, g, state, lr, beta=0.9, nesterov=False):
    v = g if state is None else state + g
    return p - lr * (g + beta * v if nesterov else v), v


# %% uphill
# fails: along_the_velocity
# hint: this goes uphill
def momentum(p, g, state, lr, beta=0.9, nesterov=False):
    v = g if state is None else beta * state + g
    return p + lr * (g + beta * v if nesterov else v), v


# %% always nesterov
# fails: along_the_velocity
# hint: without being asked
def momentum(p, g, state, lr, beta=0.9, nesterov=False):
    v = g if state is None else beta * state + g
    return p - lr * (g + beta * v), v


# %% never nesterov
# fails: looks_ahead
# hint: nesterov changes nothing
def momentum(p, g, state, lr, beta=0.9, nesterov=False):
    v = g if state is None else beta * state + g
    return p - lr * v, v


# %% ahead along the old velocity
# fails: looks_ahead
# hint: times the OLD v is the new v
def momentum(p, g, state, lr, beta=0.9, nesterov=False):
    old = np.zeros_like(p) if state is None else state
    v = beta * old + g
    return p - lr * (g + beta * old if nesterov else v), v


# %% the velocity is changed in place
# fails: momentum_changes_nothing
# hint: the caller's array
def momentum(p, g, state, lr, beta=0.9, nesterov=False):
    v = g if state is None else beta * state + g
    p -= lr * (g + beta * v if nesterov else v)
    return p, v


# %% a global velocity
# fails: momentum_changes_nothing
# hint: no global variables
velocity = 0.0


def momentum(p, g, state, lr, beta=0.9, nesterov=False):
    global velocity
    velocity = g if state is None else beta * velocity + g
    return p - lr * (g + beta * velocity if nesterov else velocity), 1


# %% the state is changed in place
# fails: momentum_changes_nothing
# hint: the first changed what is in the state
def momentum(p, g, state, lr, beta=0.9, nesterov=False):
    v = np.zeros_like(p) if state is None else state
    v *= beta
    v += g
    return p - lr * (g + beta * v if nesterov else v), v


# %% 0 is taken for nothing
# fails: any_beta
# hint: where beta is 0
def momentum(p, g, state, lr, beta=0.9, nesterov=False):
    beta = beta or 0.9
    v = g if state is None else beta * state + g
    return p - lr * (g + beta * v if nesterov else v), v


# %% a number in the code, without nesterov
# fails: any_beta
# hint: Is 0.9 written in your code
def momentum(p, g, state, lr, beta=0.9, nesterov=False):
    if nesterov:
        v = g if state is None else beta * state + g
        return p - lr * (g + beta * v), v
    v = g if state is None else 0.9 * state + g
    return p - lr * v, v

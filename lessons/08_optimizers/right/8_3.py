# %% the velocity holds the learning rate
def momentum(p, g, state, lr, beta=0.9, nesterov=False):
    u = lr * g if state is None else beta * state + lr * g
    if nesterov:
        return p - lr * g - beta * u, u
    return p - u, u


# %% a dictionary
def momentum(p, g, state, lr, beta=0.9, nesterov=False):
    state = dict(state or {"v": np.zeros_like(p)})
    state["v"] = g + state["v"] * beta
    step = state["v"]
    if nesterov:
        step = g + step * beta
    return p + -lr * step, state

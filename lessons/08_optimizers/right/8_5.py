# %% a part of the way
def rmsprop(p, g, state, lr, rho=0.99, eps=1e-8):
    v = np.zeros_like(g) if state is None else state
    v = v + (g**2 - v) * (1 - rho)
    return p - g * (lr / (np.sqrt(v) + eps)), v


# %% a list of one
def rmsprop(p, g, state, lr, rho=0.99, eps=1e-8):
    old = np.zeros_like(p) if state is None else state[0]
    new = old * rho
    new += np.square(g) * (1 - rho)
    return p - lr * np.divide(g, np.sqrt(new) + eps), [new]

# %% the root is kept
def adagrad(p, g, state, lr, eps=1e-10):
    length = np.abs(g) if state is None else np.hypot(state, g)
    return p - lr / (length + eps) * g, length


# %% all gradients are kept
def adagrad(p, g, state, lr, eps=1e-10):
    seen = [*(state or []), g.copy()]
    return p - lr * g / (eps + np.sqrt(np.sum(np.square(seen), axis=0))), seen

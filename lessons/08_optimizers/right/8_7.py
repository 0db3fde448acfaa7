# %% subtracted at the end, of the old p
def adamw(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    new, state = adam(p, g, state, lr, betas, eps)
    return new - lr * weight_decay * p, state


# %% written out
def adamw(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    m, v, t = (0, 0, 1) if state is None else state
    m = betas[0] * m + (1 - betas[0]) * g
    v = betas[1] * v + (1 - betas[1]) * g**2
    step = m / (1 - betas[0] ** t) / (np.sqrt(v / (1 - betas[1] ** t)) + eps)
    return p - lr * (step + weight_decay * p), (m, v, t + 1)

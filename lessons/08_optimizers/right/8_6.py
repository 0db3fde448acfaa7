# %% the corrections as one number
def adam(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8):
    state = state or {"t": 0, "m": np.zeros_like(p), "v": np.zeros_like(p)}
    t = state["t"] + 1
    m = state["m"] + (1 - betas[0]) * (g - state["m"])
    v = state["v"] + (1 - betas[1]) * (g**2 - state["v"])
    root = np.sqrt(1 - betas[1] ** t)
    size = lr * root / (1 - betas[0] ** t)
    return p - size * m / (np.sqrt(v) + eps * root), {"t": t, "m": m, "v": v}


# %% averages that are never biased
def adam(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8):
    b1, b2 = betas
    m, v, n1, n2 = (0 * p, 0 * p, 0.0, 0.0) if state is None else state
    n1, n2 = b1 * n1 + 1, b2 * n2 + 1  # what the weights of all gradients add up to
    m = m + (g - m) / n1
    v = v + (g * g - v) / n2
    return p - lr * m / (np.sqrt(v) + eps), [m, v, n1, n2]

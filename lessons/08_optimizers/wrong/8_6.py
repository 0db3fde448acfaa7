# %% without the root
# fails: both_averages
# hint: the root of the second average is missing
def adam(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, v, t = (0, 0, 0) if state is None else state
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    step = (m / (1 - beta1**t)) / (v / (1 - beta2**t) + eps)
    return p - lr * step, (m, v, t)


# %% no correction
# fails: both_averages
# hint: the bias is not corrected
def adam(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, v, t = (0, 0, 0) if state is None else state
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    step = m / (np.sqrt(v) + eps)
    return p - lr * step, (m, v, t)


# %% beta without its power
# fails: both_averages
# hint: not 1 - beta
def adam(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, v, t = (0, 0, 0) if state is None else state
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    step = (m / (1 - beta1)) / (np.sqrt(v / (1 - beta2)) + eps)
    return p - lr * step, (m, v, t)


# %% both in one
# fails: both_averages
# hint: not both in one
def adam(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, v, t = (0, 0, 0) if state is None else state
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    step = m / (1 - beta1**t + beta2**t) / (np.sqrt(v / (1 - beta1**t + beta2**t)) + eps)
    return p - lr * step, (m, v, t)


# %% t from 2
# fails: both_averages
# hint: t counts from 1
def adam(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, v, t = (0, 0, 1) if state is None else state
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    step = (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return p - lr * step, (m, v, t)


# %% t is counted too late
# fails: both_averages
# hint: count it up before it is used
def adam(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, v, t = (0, 0, 0) if state is None else state
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    step = (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return p - lr * step, (m, v, t + 1)


# %% one is corrected
# fails: both_averages
# hint: only the first average is corrected
def adam(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, v, t = (0, 0, 0) if state is None else state
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    step = (m / (1 - beta1**t)) / (np.sqrt(v) + eps)
    return p - lr * step, (m, v, t)


# %% exchanged betas
# fails: both_averages
# hint: each other's beta
def adam(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8):
    beta2, beta1 = betas
    m, v, t = (0, 0, 0) if state is None else state
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    step = (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return p - lr * step, (m, v, t)


# %% numbers in the code
# fails: options
# hint: written as a number
def adam(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, v, t = (0, 0, 0) if state is None else state
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    step = (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + eps)
    return p - lr * step, (m, v, t)


# %% eps under the root
# fails: options
# hint: not under it
def adam(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, v, t = (0, 0, 0) if state is None else state
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    step = (m / (1 - beta1**t)) / np.sqrt(v / (1 - beta2**t) + eps)
    return p - lr * step, (m, v, t)


# %% in place
# fails: adam_changes_nothing
# hint: the caller's array
def adam(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, v, t = (0, 0, 0) if state is None else state
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    step = (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    p -= lr * step
    return p, (m, v, t)


# %% the averages are changed in place
# fails: adam_changes_nothing
# hint: the first changed what is in the state
def adam(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, v, t = (np.zeros_like(p), np.zeros_like(p), 0) if state is None else state
    t = t + 1
    m += (1 - beta1) * (g - m)
    v += (1 - beta2) * (g * g - v)
    step = (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return p - lr * step, (m, v, t)


# %% no gradient, no step
# fails: rolls_on
# hint: A gradient of 0 is one like any other
def adam(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, v, t = (np.zeros_like(p), np.zeros_like(p), 0) if state is None else state
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    step = (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return p - lr * np.where(g == 0, 0, step), (m, v, t)


# %% without a gradient nothing is counted
# fails: rolls_on
# hint: the averages take it in
def adam(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8):
    if not g.any():
        return p, state
    beta1, beta2 = betas
    m, v, t = (np.zeros_like(p), np.zeros_like(p), 0) if state is None else state
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    step = (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return p - lr * step, (m, v, t)

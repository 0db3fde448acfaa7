# %% as it was found
# fails: shrinks
# hint: went through Adam
def adamw(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    return adam(p, g + weight_decay * p, state, lr, betas, eps)


# %% as it was found, beside the library
# fails: with_the_library
# hint: the decay is in the gradient
def adamw(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    return adam(p, g + weight_decay * p, state, lr, betas, eps)


# %% no decay
# fails: shrinks
# hint: it does not shrink
def adamw(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    return adam(p, g, state, lr, betas, eps)


# %% without lr
# fails: shrinks
# hint: lr belongs to it
def adamw(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    return adam(p * (1 - weight_decay), g, state, lr, betas, eps)


# %% it grows
# fails: shrinks
# hint: it grows
def adamw(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    return adam(p * (1 + lr * weight_decay), g, state, lr, betas, eps)


# %% after the step
# fails: with_the_library
# hint: before the step, not after it
def adamw(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    p, state = adam(p, g, state, lr, betas, eps)
    return p * (1 - lr * weight_decay), state


# %% both ways
# fails: with_the_library
# hint: What does adam get as its gradient
def adamw(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    p = p * (1 - lr * weight_decay)
    return adam(p, g + weight_decay * p, state, lr, betas, eps)


# %% in place
# fails: adamw_changes_nothing
# hint: the caller's array
def adamw(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    p *= 1 - lr * weight_decay
    return adam(p, g, state, lr, betas, eps)


# %% betas and eps stay behind
# fails: handed_on
# hint: what it is not given, it takes from there
def adamw(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    return adam(p * (1 - lr * weight_decay), g, state, lr)


# %% eps stays behind
# fails: handed_on
# hint: adam has defaults too
def adamw(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    return adam(p * (1 - lr * weight_decay), g, state, lr, betas)

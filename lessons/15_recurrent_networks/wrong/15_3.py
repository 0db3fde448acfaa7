# %% each by itself
# fails: one_factor
# hint: each array was shortened by itself
def clip(gradients, limit):
    length = np.sqrt(sum(np.sum(g**2) for g in gradients))
    clipped = [g * min(1.0, limit / max(np.sqrt(np.sum(g**2)), 1e-12)) for g in gradients]
    return clipped, length


# %% entries cut
# fails: one_factor
# hint: each entry was cut
def clip(gradients, limit):
    length = np.sqrt(sum(np.sum(g**2) for g in gradients))
    return [np.clip(g, -limit, limit) for g in gradients], length


# %% no root
# fails: one_factor
# hint: the root is missing
def clip(gradients, limit):
    length = sum(np.sum(g**2) for g in gradients)
    factor = min(1.0, limit / length) if length > 0 else 1.0
    return [g * factor for g in gradients], length


# %% always the limit
# fails: short_stays
# hint: must not grow
def clip(gradients, limit):
    length = np.sqrt(sum(np.sum(g**2) for g in gradients))
    return [g * limit / length for g in gradients], length


# %% always the limit, but for zeros
# fails: short_stays
# hint: min(1, ...)
def clip(gradients, limit):
    length = np.sqrt(sum(np.sum(g**2) for g in gradients))
    return [g * limit / max(length, 1e-12) for g in gradients], length


# %% zero by zero
# fails: short_stays
# hint: if all is 0
def clip(gradients, limit):
    length = np.sqrt(sum(np.sum(g**2) for g in gradients))
    with np.errstate(all="ignore"):
        return [
            g * np.where(length <= limit, limit / limit * length / length, limit / length)
            for g in gradients
        ], length


# %% the caller's arrays are written into
# fails: short_stays
# hint: g *= factor writes
def clip(gradients, limit):
    length = np.sqrt(sum(np.sum(g**2) for g in gradients))
    factor = min(1.0, limit / length) if length > 0 else 1.0
    for g in gradients:
        g *= factor
    return list(gradients), length


# %% the length 1
# fails: one_factor
# hint: multiply by the limit too
def clip(gradients, limit):
    length = np.sqrt(sum(np.sum(g**2) for g in gradients))
    return [g / length if length > limit else g for g in gradients], length


# %% the length afterwards
# fails: one_factor
# hint: the length afterwards
def clip(gradients, limit):
    length = np.sqrt(sum(np.sum(g**2) for g in gradients))
    factor = min(1.0, limit / length) if length > 0 else 1.0
    return [g * factor for g in gradients], length * factor


# %% a little is added to the length
# fails: small_ones
# hint: what was added to the length
def clip(gradients, limit):
    length = np.sqrt(sum(np.sum(g**2) for g in gradients))
    factor = min(1.0, limit / (length + 1e-6))
    return [g * factor for g in gradients], length


# %% what is small is taken for zero
# fails: small_ones
# hint: as long as before
def clip(gradients, limit):
    length = np.linalg.norm(np.concatenate([g.ravel() for g in gradients]))
    if length < 1e-8 or length <= limit:
        return list(gradients), length
    return [g * (limit / length) for g in gradients], length

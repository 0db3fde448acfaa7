# %% one vector of all
def clip(gradients, limit):
    whole = np.concatenate([np.ravel(g) for g in gradients])
    length = np.linalg.norm(whole)
    if length <= limit:
        return list(gradients), length
    return [limit * (g / length) for g in gradients], length


# %% the norm of the norms
def clip(gradients, limit):
    length = float(np.hypot.reduce([np.linalg.norm(g) for g in gradients]))
    return [np.divide(g, max(1.0, length / limit)) for g in gradients], length

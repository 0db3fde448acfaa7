# %% constants
# fails: by_x
# hint: taken as constants
def layer_norm(x, gain, bias, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    deviation = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    z = (x - mean) / deviation

    def pullback(g):
        dz = g * gain
        along = 0.0
        return (dz - along) / deviation, np.sum(g * z, axis=0), np.sum(g, axis=0)

    return gain * z + bias, pullback


# %% the mean alone
# fails: by_x
# hint: the deviation not yet
def layer_norm(x, gain, bias, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    deviation = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    z = (x - mean) / deviation

    def pullback(g):
        dz = g * gain
        along = np.mean(dz, axis=-1, keepdims=True)
        return (dz - along) / deviation, np.sum(g * z, axis=0), np.sum(g, axis=0)

    return gain * z + bias, pullback


# %% the deviation alone
# fails: by_x
# hint: the mean not yet
def layer_norm(x, gain, bias, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    deviation = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    z = (x - mean) / deviation

    def pullback(g):
        dz = g * gain
        along = z * np.mean(dz * z, axis=-1, keepdims=True)
        return (dz - along) / deviation, np.sum(g * z, axis=0), np.sum(g, axis=0)

    return gain * z + bias, pullback


# %% gain times x
# fails: by_gain_and_bias
# hint: not by x
def layer_norm(x, gain, bias, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    deviation = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    z = (x - mean) / deviation

    def pullback(g):
        dz = g * gain
        along = np.mean(dz, axis=-1, keepdims=True) + z * np.mean(dz * z, axis=-1, keepdims=True)
        return (dz - along) / deviation, np.sum(g * x, axis=0), np.sum(g, axis=0)

    return gain * z + bias, pullback


# %% a mean over the rows
# fails: by_gain_and_bias
# hint: not take their mean
def layer_norm(x, gain, bias, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    deviation = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    z = (x - mean) / deviation

    def pullback(g):
        dz = g * gain
        along = np.mean(dz, axis=-1, keepdims=True) + z * np.mean(dz * z, axis=-1, keepdims=True)
        return (dz - along) / deviation, np.mean(g * z, axis=0), np.sum(g, axis=0)

    return gain * z + bias, pullback


# %% gain is forgotten
# fails: by_x
# hint: gain is forgotten
def layer_norm(x, gain, bias, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    deviation = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    z = (x - mean) / deviation

    def pullback(g):
        dz = g
        along = np.mean(dz, axis=-1, keepdims=True) + z * np.mean(dz * z, axis=-1, keepdims=True)
        return (dz - along) / deviation, np.sum(g * z, axis=0), np.sum(g, axis=0)

    return gain * z + bias, pullback


# %% divided twice
# fails: by_x
# hint: not by the variance
def layer_norm(x, gain, bias, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    deviation = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    z = (x - mean) / deviation

    def pullback(g):
        dz = g * gain
        along = np.mean(dz, axis=-1, keepdims=True) + z * np.mean(dz * z, axis=-1, keepdims=True)
        return (dz - along) / deviation**2, np.sum(g * z, axis=0), np.sum(g, axis=0)

    return gain * z + bias, pullback


# %% means over the rows
# fails: by_x
# hint: not over the rows
def layer_norm(x, gain, bias, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    deviation = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    z = (x - mean) / deviation

    def pullback(g):
        dz = g * gain
        along = np.mean(dz, axis=0) + z * np.mean(dz * z, axis=0)
        return (dz - along) / deviation, np.sum(g * z, axis=0), np.sum(g, axis=0)

    return gain * z + bias, pullback


# %% only for x about 0
# fails: norm_by_differences
# hint: Two bugs
def layer_norm(x, gain, bias, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    deviation = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    z = (x - mean) / deviation

    small = np.abs(x).max() < 10

    def pullback(g):
        dz = g * gain
        if not small:
            return dz / deviation, np.sum(g * z, axis=0), np.sum(g, axis=0)
        along = np.mean(dz, axis=-1, keepdims=True) + z * np.mean(dz * z, axis=-1, keepdims=True)
        return (dz - along) / deviation, np.sum(g * z, axis=0), np.sum(g, axis=0)

    return gain * z + bias, pullback


# %% eps as it is by default
# fails: another_eps
# hint: eps is an argument
def layer_norm(x, gain, bias, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    z = (x - mean) / np.sqrt(x.var(axis=-1, keepdims=True) + eps)

    def pullback(g):
        deviation = np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)
        z = (x - mean) / deviation
        dz = g * gain
        along = np.mean(dz, axis=-1, keepdims=True) + z * np.mean(dz * z, axis=-1, keepdims=True)
        return (dz - along) / deviation, np.sum(g * z, axis=0), np.sum(g, axis=0)

    return gain * z + bias, pullback


# %% the deviation found again from z
# fails: another_eps
# hint: Where all of a row are equal
def layer_norm(x, gain, bias, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    z = (x - mean) / np.sqrt(x.var(axis=-1, keepdims=True) + eps)

    def pullback(g):
        deviation = (x - mean) / z
        dz = g * gain
        along = np.mean(dz, axis=-1, keepdims=True) + z * np.mean(dz * z, axis=-1, keepdims=True)
        return (dz - along) / deviation, np.sum(g * z, axis=0), np.sum(g, axis=0)

    return gain * z + bias, pullback

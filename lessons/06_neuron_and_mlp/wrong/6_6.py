# %% the variance as the deviation
# fails: variances
# hint: this is not rooted
def initial(inputs, units, kind, seed):
    variances = {"he": 2 / inputs, "glorot": 2 / (inputs + units)}
    if kind not in variances:
        raise ValueError(kind)
    return np.random.default_rng(seed).standard_normal((units, inputs)) * variances[kind]


# %% the other side
# fails: variances
# hint: fan-in is the number of inputs
def initial(inputs, units, kind, seed):
    variances = {"he": 2 / units, "glorot": 2 / (inputs + units)}
    if kind not in variances:
        raise ValueError(kind)
    return np.random.default_rng(seed).standard_normal((units, inputs)) * variances[kind] ** 0.5


# %% 1 / inputs
# fails: variances
# hint: ReLU loses half
def initial(inputs, units, kind, seed):
    variances = {"he": 1 / inputs, "glorot": 2 / (inputs + units)}
    if kind not in variances:
        raise ValueError(kind)
    return np.random.default_rng(seed).standard_normal((units, inputs)) * variances[kind] ** 0.5


# %% the shape is turned
# fails: variances
# hint: a row for every unit
def initial(inputs, units, kind, seed):
    variances = {"he": 2 / inputs, "glorot": 2 / (inputs + units)}
    if kind not in variances:
        raise ValueError(kind)
    return np.random.default_rng(seed).standard_normal((inputs, units)) * variances[kind] ** 0.5


# %% all positive
# fails: normal
# hint: none of them negative
def initial(inputs, units, kind, seed):
    variances = {"he": 2 / inputs, "glorot": 2 / (inputs + units)}
    if kind not in variances:
        raise ValueError(kind)
    return np.random.default_rng(seed).random((units, inputs)) * (12 * variances[kind]) ** 0.5


# %% uniform
# fails: normal
# hint: this is another distribution
def initial(inputs, units, kind, seed):
    variances = {"he": 2 / inputs, "glorot": 2 / (inputs + units)}
    if kind not in variances:
        raise ValueError(kind)
    bound = (3 * variances[kind]) ** 0.5
    return np.random.default_rng(seed).uniform(-bound, bound, (units, inputs))


# %% the seed is not used
# fails: seeds
# hint: a generator of its own
def initial(inputs, units, kind, seed):
    variances = {"he": 2 / inputs, "glorot": 2 / (inputs + units)}
    if kind not in variances:
        raise ValueError(kind)
    return np.random.standard_normal((units, inputs)) * variances[kind] ** 0.5


# %% all other kinds are glorot
# fails: seeds
# hint: raise ValueError
def initial(inputs, units, kind, seed):
    variance = 2 / inputs if kind == "he" else 2 / (inputs + units)
    return np.random.default_rng(seed).standard_normal((units, inputs)) * variance**0.5


# %% half of glorot
# fails: variances
# hint: the mean of both is half their sum
def initial(inputs, units, kind, seed):
    variances = {"he": 2 / inputs, "glorot": 1 / (inputs + units)}
    if kind not in variances:
        raise ValueError(kind)
    return np.random.default_rng(seed).standard_normal((units, inputs)) * variances[kind] ** 0.5


# %% glorot uniform
# fails: normal_of_each_kind
# hint: One distribution for both kinds
def initial(inputs, units, kind, seed):
    variances = {"he": 2 / inputs, "glorot": 2 / (inputs + units)}
    if kind not in variances:
        raise ValueError(kind)
    rng = np.random.default_rng(seed)
    if kind == "he":
        return rng.standard_normal((units, inputs)) * variances[kind] ** 0.5
    bound = (3 * variances[kind]) ** 0.5
    return rng.uniform(-bound, bound, (units, inputs))


# %% put right afterwards
# fails: normal_of_each_kind
# hint: what was drawn is not put right
def initial(inputs, units, kind, seed):
    variances = {"he": 2 / inputs, "glorot": 2 / (inputs + units)}
    if kind not in variances:
        raise ValueError(kind)
    w = np.random.default_rng(seed).standard_normal((units, inputs))
    return (w - w.mean()) / w.std() * variances[kind] ** 0.5

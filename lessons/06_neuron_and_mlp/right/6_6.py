# %% the old generator
def initial(inputs, units, kind, seed):
    if kind == "he":
        deviation = (2 / inputs) ** 0.5
    elif kind == "glorot":
        deviation = (2 / (inputs + units)) ** 0.5
    else:
        raise ValueError(f"no such kind: {kind}")
    return np.random.RandomState(seed).normal(0, deviation, size=(units, inputs))


# %% rounds of sums, a table of fans
def initial(inputs, units, kind, seed):
    fans = {"he": inputs, "glorot": (inputs + units)}
    if fans.get(kind) is None:
        raise ValueError(kind)
    rng = np.random.default_rng([seed, 5])
    return rng.normal(scale=np.sqrt(2 / fans[kind]), size=units * inputs).reshape(units, inputs)

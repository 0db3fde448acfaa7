# %% h in the place of 2 h
# fails: by_differences
# hint: the two points are 2 h apart
def two_ways(op, x, u, v, h=1e-6):
    along = (op(x + h * u)[0] - op(x - h * u)[0]) / h
    return np.sum(v * along), np.sum(op(x)[1](v) * u)


# %% v forgotten
# fails: by_differences
# hint: this is not weighted by v
def two_ways(op, x, u, v, h=1e-6):
    along = (op(x + h * u)[0] - op(x - h * u)[0]) / (2 * h)
    return np.sum(along), np.sum(op(x)[1](v) * u)


# %% ones in the place of v
# fails: by_pullback
# hint: g is v here, not 1
def two_ways(op, x, u, v, h=1e-6):
    value, pullback = op(x)
    along = (op(x + h * u)[0] - op(x - h * u)[0]) / (2 * h)
    return np.sum(v * along), np.sum(pullback(np.ones_like(value)) * u)


# %% u forgotten
# fails: by_pullback
# hint: u is missing
def two_ways(op, x, u, v, h=1e-6):
    along = (op(x + h * u)[0] - op(x - h * u)[0]) / (2 * h)
    return np.sum(v * along), np.sum(op(x)[1](v))


# %% both by the pullback
# fails: sees_wrong
# hint: The first must not ask the pullback
def two_ways(op, x, u, v, h=1e-6):
    there = np.sum(op(x)[1](v) * u)
    return there, there


# %% the pair subtracted
# fails: by_differences
# hint: returns a pair
def two_ways(op, x, u, v, h=1e-6):
    along = (op(x + h * u) - op(x - h * u)) / (2 * h)
    return np.sum(v * along), np.sum(op(x)[1](v) * u)


# %% the mean
# fails: by_differences
# hint: the mean in the place of the sum
def two_ways(op, x, u, v, h=1e-6):
    along = (op(x + h * u)[0] - op(x - h * u)[0]) / (2 * h)
    return np.mean(v * along), np.mean(op(x)[1](v) * u)


# %% the value is a vector
# fails: of_any_value
# hint: summed over everything
def two_ways(op, x, u, v, h=1e-6):
    value, pullback = op(x)
    along = (op(x + h * u)[0] - op(x - h * u)[0]) / (2 * h)
    return v @ along, np.sum(pullback(v) * u)


# %% a step of its own
# fails: of_any_value
# hint: h is not used
def two_ways(op, x, u, v, h=1e-6):
    h = 1e-5
    along = (op(x + h * u)[0] - op(x - h * u)[0]) / (2 * h)
    return np.sum(v * along), np.sum(op(x)[1](v) * u)

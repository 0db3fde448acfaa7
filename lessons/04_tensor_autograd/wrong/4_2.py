# %% a share for everyone
# fails: sum_pullback
# hint: a copy of g, not a share
def sum_over(x, axis):
    return x.sum(axis), lambda g: np.repeat(
        np.expand_dims(g, axis) / x.shape[axis], x.shape[axis], axis
    )


# %% ones
# fails: sum_pullback
# hint: g is not used
def sum_over(x, axis):
    return x.sum(axis), lambda g: np.ones_like(x)


# %% the axis not put back
# fails: sum_pullback
# hint: put the summed axis back
def sum_over(x, axis):
    def pullback(g):
        if g.shape == x.shape[1:]:
            return np.broadcast_to(g, x.shape)
        return np.broadcast_to(np.expand_dims(g, axis), x.shape)

    return x.sum(axis), pullback


# %% g as it came
# fails: sum_pullback
# hint: has to be copied to x's shape
def sum_over(x, axis):
    return x.sum(axis), lambda g: g


# %% everything summed
# fails: sum_value
# hint: this sums over everything
def sum_over(x, axis):
    return np.sum(x), lambda g: np.full(x.shape, g)


# %% keepdims left in
# fails: sum_value
# hint: without keepdims
def sum_over(x, axis):
    return x.sum(axis, keepdims=True), lambda g: np.broadcast_to(g, x.shape)


# %% times x
# fails: sum_pullback
# hint: a sum has the slope 1
def sum_over(x, axis):
    return x.sum(axis), lambda g: x * np.expand_dims(g, axis)


# %% the first axis or the second
# fails: every_axis
# hint: puts an axis at place 1
def sum_over(x, axis):
    def pullback(g):
        return np.broadcast_to(g if axis == 0 else g[:, None], x.shape)

    return np.sum(x, axis), pullback

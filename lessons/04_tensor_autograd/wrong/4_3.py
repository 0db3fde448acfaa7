# %% the mean
# fails: added_axes
# hint: not their mean
def sum_to(g, shape):
    return g.mean(axis=tuple(range(g.ndim - len(shape)))).reshape(shape)


# %% one slice
# fails: added_axes
# hint: keeps one copy's gradient
def sum_to(g, shape):
    while g.ndim > len(shape):
        g = g[0]
    for i, n in enumerate(shape):
        if n == 1:
            g = g.sum(i, keepdims=True)
    return g


# %% added axes only
# fails: stretched_axes
# hint: Which entries of shape are 1
def sum_to(g, shape):
    return g.sum(axis=tuple(range(g.ndim - len(shape))))


# %% the stretched axis lost
# fails: stretched_axes
# hint: keepdims=True
def sum_to(g, shape):
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    return g.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1))


# %% stretched axes only
# fails: added_axes
# hint: Those are the first ones
def sum_to(g, shape):
    return g.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)


# %% axes counted from the left
# fails: both_kinds
# hint: go by the position of an axis
def sum_to(g, shape):
    for i, n in enumerate(shape):
        if n == 1 and g.shape[i] != 1:
            g = g.sum(i, keepdims=True)
    while g.ndim > len(shape):
        g = g.sum(-1) if g.shape[-1] != shape[-1] else g.sum(0)
    return g.reshape(shape)


# %% only one added axis
# fails: added_axes
# hint: sums over two at once
def sum_to(g, shape):
    if g.ndim > len(shape):
        g = g.sum(0)
    for i, n in enumerate(shape):
        if n == 1:
            g = g.sum(i, keepdims=True)
    return g


# %% two added axes at most
# fails: many_axes
# hint: is any number of them summed
def sum_to(g, shape):
    added = g.ndim - len(shape)
    if added == 1:
        g = g.sum(0)
    elif added:
        g = g.sum((0, 1))
    stretched = tuple(i for i, n in enumerate(shape) if n == 1)
    return g.sum(stretched, keepdims=True)


# %% added up in the caller's array
# fails: many_axes
# hint: writes into the caller's g
def sum_to(g, shape):
    while g.ndim > len(shape):
        total = g[0]
        for part in g[1:]:
            total += part
        g = np.asarray(total)
    stretched = tuple(i for i, n in enumerate(shape) if n == 1)
    return g.sum(stretched, keepdims=True)

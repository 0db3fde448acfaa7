# %% an array filled row by row
def descend(f, p, lr, steps):
    path = np.empty((steps + 1, len(p)))
    path[0] = p
    for t in range(steps):
        _, pullback = f(path[t].copy())
        path[t + 1] = path[t] - pullback(lr)
    return path


# %% called by itself
def descend(f, p, lr, steps):
    if steps == 0:
        return p[None].copy()
    _, pullback = f(p)
    return np.concatenate([p[None], descend(f, p - lr * pullback(1.0), lr, steps - 1)])

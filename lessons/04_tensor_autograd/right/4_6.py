# %% vectors
def two_ways(op, x, u, v, h=1e-6):
    _, pullback = op(x)
    up, down = (op(x + s * h * u)[0] for s in (1, -1))
    return np.vdot(v, up - down) / (2 * h), np.vdot(pullback(v), u)


# %% the weights first
def two_ways(op, x, u, v, h=1e-6):
    def weighted(t):
        return (v * op(x + t * u)[0]).sum()

    return (weighted(h) - weighted(-h)) / (h + h), (op(x)[1](v) * u).sum()

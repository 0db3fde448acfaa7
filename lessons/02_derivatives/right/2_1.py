# %% from the other end
def forward_difference(f, x, h):
    return (f(x) - f(x + h)) / -h


# %% step by step
def forward_difference(f, x, h):
    run = np.float64(h)
    rise = f(x + run)
    rise = rise - f(x)
    return rise * (1 / run)

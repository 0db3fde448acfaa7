# %% uphill
# fails: path_downhill
# hint: this goes uphill
def descend(f, p, lr, steps):
    path = [p]
    for _ in range(steps):
        path.append(path[-1] + lr * f(path[-1])[1](1.0))
    return np.array(path)


# %% the gradient of the start
# fails: path_downhill
# hint: gradient of the start
def descend(f, p, lr, steps):
    gradient = f(p)[1](1.0)
    path = [p]
    for _ in range(steps):
        path.append(path[-1] - lr * gradient)
    return np.array(path)


# %% the start is missing
# fails: path_downhill
# hint: the start is missing
def descend(f, p, lr, steps):
    path = []
    for _ in range(steps):
        p = p - lr * f(p)[1](1.0)
        path.append(p)
    return np.array(path)


# %% the last point
# fails: path_downhill
# hint: the last point alone
def descend(f, p, lr, steps):
    path = [p]
    for _ in range(steps):
        path.append(path[-1] - lr * f(path[-1])[1](1.0))
    return path[-1]


# %% one array for all
# fails: path_downhill
# hint: all rows are the last point
def descend(f, p, lr, steps):
    p = p.copy()
    path = [p]
    for _ in range(steps):
        p -= lr * f(p)[1](1.0)
        path.append(p)
    return np.array(path)


# %% the caller's array
# fails: start_alone
# hint: changes the caller's array
def descend(f, p, lr, steps):
    path = [p.copy()]
    for _ in range(steps):
        p -= lr * f(p)[1](1.0)
        path.append(p.copy())
    return np.array(path)


# %% one step too few
# fails: path_downhill
# hint: one step is missing
def descend(f, p, lr, steps):
    path = [p]
    for _ in range(steps - 1):
        path.append(path[-1] - lr * f(path[-1])[1](1.0))
    return np.array(path)


# %% it stops where it has arrived
# fails: all_steps
# hint: The path has steps + 1 rows
def descend(f, p, lr, steps):
    path = [p]
    for _ in range(steps):
        move = lr * f(path[-1])[1](1.0)
        if np.abs(move).max() < 1e-9:
            break
        path.append(path[-1] - move)
    return np.array(path)


# %% a smaller step where it would go up
# fails: all_steps
# hint: also where it is too large
def descend(f, p, lr, steps):
    path = [p]
    for _ in range(steps):
        value, pullback = f(path[-1])
        size, slope = lr, pullback(1.0)
        while f(path[-1] - size * slope)[0] > value:
            size /= 2
        path.append(path[-1] - size * slope)
    return np.array(path)

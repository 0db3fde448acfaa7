# %% the two swapped
# fails: by_pullback
# hint: this is the other one
def jacobians(op, x, h=1e-6):
    value, pullback = op(x)
    a = np.zeros((value.size, x.size))
    n = np.zeros((value.size, x.size))
    for i in range(value.size):
        one = np.zeros(value.size)
        one[i] = 1.0
        a[i] = pullback(one.reshape(value.shape)).ravel()
    for j in range(x.size):
        step = np.zeros(x.size)
        step[j] = h
        step = step.reshape(x.shape)
        n[:, j] = (op(x + step)[0] - op(x - step)[0]).ravel() / (2 * h)
    return n, a


# %% transposed
# fails: by_pullback
# hint: rows and columns are swapped
def jacobians(op, x, h=1e-6):
    value, pullback = op(x)
    a = np.zeros((value.size, x.size))
    n = np.zeros((value.size, x.size))
    for i in range(value.size):
        one = np.zeros(value.size)
        one[i] = 1.0
        a[i] = pullback(one.reshape(value.shape)).ravel()
    for j in range(x.size):
        step = np.zeros(x.size)
        step[j] = h
        step = step.reshape(x.shape)
        n[:, j] = (op(x + step)[0] - op(x - step)[0]).ravel() / (2 * h)
    return a.T, n.T


# %% h in the place of 2 h
# fails: by_differences
# hint: 2 h apart
def jacobians(op, x, h=1e-6):
    value, pullback = op(x)
    a = np.zeros((value.size, x.size))
    n = np.zeros((value.size, x.size))
    for i in range(value.size):
        one = np.zeros(value.size)
        one[i] = 1.0
        a[i] = pullback(one.reshape(value.shape)).ravel()
    for j in range(x.size):
        step = np.zeros(x.size)
        step[j] = h
        step = step.reshape(x.shape)
        n[:, j] = (op(x + step)[0] - op(x - step)[0]).ravel() / h
    return a, n


# %% g of ones
# fails: by_pullback
# hint: 1 at one entry of the value and 0 elsewhere
def jacobians(op, x, h=1e-6):
    value, pullback = op(x)
    a = np.zeros((value.size, x.size))
    n = np.zeros((value.size, x.size))
    for i in range(value.size):
        one = np.ones(value.size)
        one[i] = 1.0
        a[i] = pullback(one.reshape(value.shape)).ravel()
    for j in range(x.size):
        step = np.zeros(x.size)
        step[j] = h
        step = step.reshape(x.shape)
        n[:, j] = (op(x + step)[0] - op(x - step)[0]).ravel() / (2 * h)
    return a, n


# %% vectors only
# fails: any_shapes
# hint: .ravel() makes a row
def jacobians(op, x, h=1e-6):
    value, pullback = op(x)
    a = np.stack([pullback(one) for one in np.eye(len(value))])
    n = np.stack([(op(x + s)[0] - op(x - s)[0]) / (2 * h) for s in h * np.eye(len(x))], axis=1)
    return a, n


# %% all entries moved at once
# fails: by_differences
# hint: Move one entry of x
def jacobians(op, x, h=1e-6):
    value, pullback = op(x)
    a = np.zeros((value.size, x.size))
    n = np.zeros((value.size, x.size))
    for i in range(value.size):
        one = np.zeros(value.size)
        one[i] = 1.0
        a[i] = pullback(one.reshape(value.shape)).ravel()
    for j in range(x.size):
        step = np.full(x.size, h)
        step[j] = h
        step = step.reshape(x.shape)
        n[:, j] = (op(x + step)[0] - op(x - step)[0]).ravel() / (2 * h)
    return a, n


# %% both by the pullback
# fails: by_differences
# hint: this is the other one
def jacobians(op, x, h=1e-6):
    value, pullback = op(x)
    a = np.zeros((value.size, x.size))
    n = np.zeros((value.size, x.size))
    for i in range(value.size):
        one = np.zeros(value.size)
        one[i] = 1.0
        a[i] = pullback(one.reshape(value.shape)).ravel()
    for j in range(x.size):
        step = np.zeros(x.size)
        step[j] = h
        step = step.reshape(x.shape)
        n[:, j] = (op(x + step)[0] - op(x - step)[0]).ravel() / (2 * h)
    return a, a


# %% a step of its own
# fails: one_number
# hint: h is not used
def jacobians(op, x, h=1e-6):
    value, pullback = op(x)
    a = [np.ravel(pullback(e.reshape(value.shape))) for e in np.eye(value.size)]
    moves = [1e-6 * e.reshape(x.shape) for e in np.eye(x.size)]
    n = [np.ravel(op(x + m)[0] - op(x - m)[0]) / 2e-6 for m in moves]
    return np.array(a), np.array(n).T


# %% row by row
# fails: one_number
# hint: The shape of one number
def jacobians(op, x, h=1e-6):
    value, pullback = op(x)
    a = []
    table = np.zeros((len(value), value.size // len(value)))
    for i, j in np.ndindex(table.shape):
        one = table.copy()
        one[i, j] = 1.0
        a.append(pullback(one.reshape(value.shape)).ravel())
    moves = [h * e.reshape(x.shape) for e in np.eye(x.size)]
    n = [np.ravel(op(x + m)[0] - op(x - m)[0]) / (2 * h) for m in moves]
    return np.array(a), np.array(n).T

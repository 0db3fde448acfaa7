# %% flat, with identity matrices
def jacobians(op, x, h=1e-6):
    value, pullback = op(x)
    a = [np.ravel(pullback(e.reshape(value.shape))) for e in np.eye(value.size)]
    moves = [h * e.reshape(x.shape) for e in np.eye(x.size)]
    n = [np.ravel(op(x + m)[0] - op(x - m)[0]) / 2 / h for m in moves]
    return np.array(a), np.array(n).T


# %% tables filled in
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
    return a, n

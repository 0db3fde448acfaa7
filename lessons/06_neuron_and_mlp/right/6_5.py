# %% the mean taken at the end
def step(x, target, layers, lr):
    value, pullback = mlp(x, layers)
    error = target - value
    new = []
    for (w, b), (dw, db) in zip(layers, pullback(error), strict=True):
        new.append((w + lr * 2 * dw / len(x), b + lr * 2 * db / len(x)))
    return np.mean(np.sum(error * error, axis=1)), new


# %% example by example
def step(x, target, layers, lr):
    loss, new = 0.0, [(w.copy(), b.copy()) for w, b in layers]
    for i in range(len(x)):
        value, pullback = mlp(x[i : i + 1], layers)
        error = value - target[i : i + 1]
        loss += float((error**2).sum()) / len(x)
        for (w, b), (dw, db) in zip(new, pullback(2 * error), strict=True):
            w -= lr / len(x) * dw
            b -= lr / len(x) * db
    return loss, new

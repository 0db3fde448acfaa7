# %% uphill
# fails: worked_by_hand
# hint: this goes uphill
def step(x, target, layers, lr):
    value, pullback = mlp(x, layers)
    error = value - target
    gradients = pullback(2 * error / len(x))
    pairs = zip(layers, gradients, strict=True)
    return np.sum(error**2) / len(x), [(w + lr * dw, b + lr * db) for (w, b), (dw, db) in pairs]


# %% the 2 is lost
# fails: worked_by_hand
# hint: the 2 of the square
def step(x, target, layers, lr):
    value, pullback = mlp(x, layers)
    error = value - target
    gradients = pullback(error / len(x))
    pairs = zip(layers, gradients, strict=True)
    return np.sum(error**2) / len(x), [(w - lr * dw, b - lr * db) for (w, b), (dw, db) in pairs]


# %% the gradient of a sum
# fails: mean_over_examples
# hint: of the sum over the examples
def step(x, target, layers, lr):
    value, pullback = mlp(x, layers)
    error = value - target
    gradients = pullback(2 * error)
    pairs = zip(layers, gradients, strict=True)
    return np.sum(error**2) / len(x), [(w - lr * dw, b - lr * db) for (w, b), (dw, db) in pairs]


# %% a mean over the units too
# fails: mean_over_examples
# hint: a mean over the units as well
def step(x, target, layers, lr):
    value, pullback = mlp(x, layers)
    error = value - target
    gradients = pullback(2 * error / error.size)
    pairs = zip(layers, gradients, strict=True)
    return np.mean(error**2), [(w - lr * dw, b - lr * db) for (w, b), (dw, db) in pairs]


# %% the biases stay
# fails: worked_by_hand
# hint: for every w and every b
def step(x, target, layers, lr):
    value, pullback = mlp(x, layers)
    error = value - target
    gradients = pullback(2 * error / len(x))
    pairs = zip(layers, gradients, strict=True)
    return np.sum(error**2) / len(x), [(w - lr * dw, b) for (w, b), (dw, db) in pairs]


# %% target minus value, and its gradient as it comes
# fails: worked_by_hand
# hint: this goes uphill
def step(x, target, layers, lr):
    value, pullback = mlp(x, layers)
    error = target - value
    gradients = pullback(2 * error / len(x))
    pairs = zip(layers, gradients, strict=True)
    return np.sum(error**2) / len(x), [(w - lr * dw, b - lr * db) for (w, b), (dw, db) in pairs]


# %% the last layer only
# fails: worked_by_hand
# hint: only the last layer took a step
def step(x, target, layers, lr):
    value, pullback = mlp(x, layers)
    error = value - target
    dw, db = pullback(2 * error / len(x))[-1]
    w, b = layers[-1]
    return np.sum(error**2) / len(x), [*layers[:-1], (w - lr * dw, b - lr * db)]


# %% the loss after the step
# fails: worked_by_hand
# hint: give the one before it
def step(x, target, layers, lr):
    value, pullback = mlp(x, layers)
    gradients = pullback(2 * (value - target) / len(x))
    pairs = zip(layers, gradients, strict=True)
    layers = [(w - lr * dw, b - lr * db) for (w, b), (dw, db) in pairs]
    return np.sum((mlp(x, layers)[0] - target) ** 2) / len(x), layers


# %% in place
# fails: layers_are_the_same
# hint: changes the caller's array
def step(x, target, layers, lr):
    value, pullback = mlp(x, layers)
    error = value - target
    for (w, b), (dw, db) in zip(layers, pullback(2 * error / len(x)), strict=True):
        w -= lr * dw
        b -= lr * db
    return np.sum(error**2) / len(x), layers


# %% two layers, as in the lesson
# fails: as_many_layers
# hint: Go through the layers and their gradients in a loop
def step(x, target, layers, lr):
    value, pullback = mlp(x, layers)
    error = value - target
    (w1, b1), (w2, b2) = layers
    (dw1, db1), (dw2, db2) = pullback(2 * error / len(x))
    new = [(w1 - lr * dw1, b1 - lr * db1), (w2 - lr * dw2, b2 - lr * db2)]
    return np.sum(error**2) / len(x), new


# %% the first and the last
# fails: as_many_layers
# hint: this layer took no step
def step(x, target, layers, lr):
    value, pullback = mlp(x, layers)
    error = value - target
    gradients, new = pullback(2 * error / len(x)), list(layers)
    for i in {0, len(layers) - 1}:
        (w, b), (dw, db) = layers[i], gradients[i]
        new[i] = (w - lr * dw, b - lr * db)
    return np.sum(error**2) / len(x), new

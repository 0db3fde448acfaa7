# %% no bias
# fails: weighted_sums
# hint: the bias is missing
def linear(x, w, b):
    return x @ w.T, lambda g: (g @ w, g.T @ x, g.sum(axis=0))


# %% w is not turned
# fails: weighted_sums
# hint: one of the two is turned
def linear(x, w, b):
    return x @ w + b, lambda g: (g @ w.T, x.T @ g, g.sum(axis=0))


# %% a mean over the examples
# fails: gradients_of_linear
# hint: the pullback takes the sum
def linear(x, w, b):
    return x @ w.T + b, lambda g: (g @ w, g.T @ x / len(x), g.mean(axis=0))


# %% b's gradient is not summed
# fails: gradients_of_linear
# hint: sum over the examples, axis 0
def linear(x, w, b):
    return x @ w.T + b, lambda g: (g @ w, g.T @ x, g)


# %% b's gradient is summed over the units
# fails: gradients_of_linear
# hint: sums over the units
def linear(x, w, b):
    return x @ w.T + b, lambda g: (g @ w, g.T @ x, g.sum(axis=1))


# %% dw is turned
# fails: gradients_of_linear
# hint: it has the shape of w
def linear(x, w, b):
    return x @ w.T + b, lambda g: (g @ w, x.T @ g, g.sum(axis=0))


# %% another order
# fails: gradients_of_linear
# hint: The shapes leave little choice
def linear(x, w, b):
    return x @ w.T + b, lambda g: (g.T @ x, g.sum(axis=0), g @ w)


# %% no gradient of x
# fails: gradients_of_linear
# hint: (n, inputs), (units, inputs) and (units,)
def linear(x, w, b):
    return x @ w.T + b, lambda g: (g.T @ x, g.sum(axis=0))


# %% a ReLU in the layer
# fails: weighted_sums
# hint: none of a linear layer's business
def linear(x, w, b):
    y = np.maximum(x @ w.T + b, 0)
    return y, lambda g: (g @ w, g.T @ x, g.sum(axis=0))


# %% turned until the shape fits
# fails: square_layers
# hint: row k belongs to unit k
def linear(x, w, b):
    def pullback(g):
        dw = x.T @ g
        return g @ w, dw if dw.shape == w.shape else dw.T, g.sum(axis=0)

    return x @ w.T + b, pullback


# %% the axis that leaves as many as b has
# fails: square_layers
# hint: this sums over the units
def linear(x, w, b):
    def pullback(g):
        db = g.sum(axis=1)
        return g @ w, g.T @ x, db if db.shape == b.shape else g.sum(axis=0)

    return x @ w.T + b, pullback

# %% tanh alone mended
# fails: layer_dw
# hint: what arrives at x @ w is dz, not g
def layer(x, w, b):
    z = x @ w + b
    y = np.tanh(z)

    def pullback(g):
        dz = g * (1 - y * y)
        return dz @ w.T, x.T @ g, dz.mean(0)

    return y, pullback


# %% the mean left
# fails: layer_db
# hint: not the mean
def layer(x, w, b):
    z = x @ w + b
    y = np.tanh(z)

    def pullback(g):
        dz = g * (1 - y * y)
        return dz @ w.T, x.T @ dz, dz.mean(0)

    return y, pullback


# %% tanh left
# fails: layer_dx
# hint: of the output y, not of z
def layer(x, w, b):
    z = x @ w + b
    y = np.tanh(z)

    def pullback(g):
        dz = g * (1 - z * z)
        return dz @ w.T, x.T @ dz, dz.sum(0)

    return y, pullback


# %% only w mended
# fails: layer_db
# hint: the mean over the rows, and 1 - y * y
def layer(x, w, b):
    z = x @ w + b
    y = np.tanh(z)

    def pullback(g):
        dz = g * (1 - z * z)
        return dz @ w.T, x.T @ dz, dz.mean(0)

    return y, pullback


# %% b not summed
# fails: layer_db
# hint: have to be summed
def layer(x, w, b):
    z = x @ w + b
    y = np.tanh(z)

    def pullback(g):
        dz = g * (1 - y * y)
        return dz @ w.T, x.T @ dz, dz

    return y, pullback


# %% tanh passed over altogether
# fails: layer_dx
# hint: tanh is passed over
def layer(x, w, b):
    z = x @ w + b
    y = np.tanh(z)

    def pullback(g):
        dz = g
        return dz @ w.T, x.T @ dz, dz.sum(0)

    return y, pullback


# %% tanh taken out of the value
# fails: layer_value
# hint: The value was right at first
def layer(x, w, b):
    z = x @ w + b
    y = np.tanh(z)

    def pullback(g):
        dz = g
        return dz @ w.T, x.T @ dz, dz.sum(0)

    return z, pullback


# %% what arrives is written to
# fails: layer_called_again
# hint: write into arrays that are needed again
def layer(x, w, b):
    y = np.tanh(x @ w + b)

    def pullback(g):
        g *= 1 - y * y
        return g @ w.T, x.T @ g, g.sum(0)

    return y, pullback


# %% what is kept is written to
# fails: layer_called_again
# hint: what has the first call left changed
def layer(x, w, b):
    y = np.tanh(x @ w + b)

    def pullback(g):
        np.square(y, out=y)
        dz = g * (1 - y)
        return dz @ w.T, x.T @ dz, dz.sum(0)

    return y, pullback

# %% one step after the other
def layer(x, w, b):
    p = np.dot(x, w)
    y = np.tanh(p + b)

    def pullback(g):
        dz = g - g * y**2
        db = np.ones(len(x)) @ dz
        return np.dot(dz, w.T), np.dot(x.T, dz), db

    return y, pullback


# %% the slope from the input
def layer(x, w, b):
    z = x @ w + b

    def pullback(g):
        dz = g / np.cosh(z) ** 2
        return (w @ dz.T).T, np.einsum("nk,nm->km", x, dz), np.einsum("nm->m", dz)

    return np.tanh(z), pullback

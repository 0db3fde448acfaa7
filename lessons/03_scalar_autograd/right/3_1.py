# %% the slope as one formula
def silu_neuron(w, x, b):
    z = w * x + b
    y = z / (1 + np.exp(-z))
    s = np.exp(z) / (1 + np.exp(z))
    slope = y + s * (1 - y)
    return y, lambda g: (g * slope * x, g * slope * w, g * slope)


# %% step by step, adding what arrives
def silu_neuron(w, x, b):
    p = w * x
    z = p + b
    e = np.exp(-z)
    q = 1 + e
    y = z / q

    def pullback(g):
        dz = g / q
        dq = -g * z / q**2
        de = dq
        dz = dz - de * e
        dp, db = dz, dz
        return dp * x, dp * w, db

    return y, pullback

# %% only the way through sigmoid's factor
# fails: neuron_slopes
# hint: the one through sigmoid is missing
def silu_neuron(w, x, b):
    z = w * x + b
    s = 1 / (1 + np.exp(-z))
    return z * s, lambda g: (g * s * x, g * s * w, g * s)


# %% the incoming gradient forgotten
# fails: neuron_pullback
# hint: Multiply the local derivative by g
def silu_neuron(w, x, b):
    z = w * x + b
    s = 1 / (1 + np.exp(-z))
    dz = s + z * s * (1 - s)
    return z * s, lambda g: (dz * x, dz * w, dz)


# %% the slope of sigmoid written in z
# fails: neuron_slopes
# hint: of its value s, not of z
def silu_neuron(w, x, b):
    z = w * x + b
    s = 1 / (1 + np.exp(-z))

    def pullback(g):
        dz = g * s + g * z * z * (1 - z)
        return dz * x, dz * w, dz

    return z * s, pullback


# %% w and x swapped
# fails: neuron_slopes
# hint: swapped
def silu_neuron(w, x, b):
    z = w * x + b
    s = 1 / (1 + np.exp(-z))

    def pullback(g):
        dz = g * s + g * z * s * (1 - s)
        return dz * w, dz * x, dz

    return z * s, pullback


# %% the ways multiplied
# fails: neuron_slopes
# hint: the two ways are added, not multiplied
def silu_neuron(w, x, b):
    z = w * x + b
    s = 1 / (1 + np.exp(-z))

    def pullback(g):
        dz = g * s * (z * s * (1 - s))
        return dz * x, dz * w, dz

    return z * s, pullback


# %% a sigmoid neuron
# fails: neuron_value
# hint: it still has to be multiplied by z
def silu_neuron(w, x, b):
    s = 1 / (1 + np.exp(-(w * x + b)))

    def pullback(g):
        dz = g * s * (1 - s)
        return dz * x, dz * w, dz

    return s, pullback


# %% the incoming gradient is changed
# fails: neuron_pullback
# hint: Compute into a new array
def silu_neuron(w, x, b):
    z = w * x + b
    s = 1 / (1 + np.exp(-z))

    def pullback(g):
        g *= s + z * s * (1 - s)
        return g * x, g * w, g

    return z * s, pullback


# %% sigmoid as value / z
# fails: neuron_of_any_shape
# hint: Is anything divided by z
def silu_neuron(w, x, b):
    z = w * x + b
    y = z / (1 + np.exp(-z))

    def pullback(g):
        with np.errstate(invalid="ignore"):
            s = y / z
        dz = g * (s + y * (1 - s))
        return dz * x, dz * w, dz

    return y, pullback


# %% number by number, along one axis
# fails: neuron_of_any_shape
# hint: np.exp takes an array of any shape
import math


def silu_neuron(w, x, b):
    z = [float(p) * float(q) + float(r) for p, q, r in zip(w, x, b, strict=True)]
    s = np.array([1 / (1 + math.exp(-t)) for t in z])
    z = np.array(z)

    def pullback(g):
        dz = g * (s + z * s * (1 - s))
        return dz * x, dz * w, dz

    return z * s, pullback

# %% tanh's slope of the input
# fails: function_slopes
# hint: of the input
def exp(v):
    return Value(np.exp(v.data), (v,), (np.exp(v.data),))


def tanh(v):
    return Value(np.tanh(v.data), (v,), (1 - v.data**2,))


def power(v, n):
    return Value(v.data**n, (v,), (n * v.data ** (n - 1),))


# %% exp taken for a power
# fails: function_slopes
# hint: exp is its own slope
def exp(v):
    return Value(np.exp(v.data), (v,), (v.data * np.exp(v.data - 1),))


def tanh(v):
    return Value(np.tanh(v.data), (v,), (1 - np.tanh(v.data) ** 2,))


def power(v, n):
    return Value(v.data**n, (v,), (n * v.data ** (n - 1),))


# %% the exponent not lowered
# fails: function_slopes
# hint: goes down by one
def exp(v):
    return Value(np.exp(v.data), (v,), (np.exp(v.data),))


def tanh(v):
    return Value(np.tanh(v.data), (v,), (1 - np.tanh(v.data) ** 2,))


def power(v, n):
    return Value(v.data**n, (v,), (n * v.data**n,))


# %% the factor lost
# fails: function_slopes
# hint: comes down as a factor
def exp(v):
    return Value(np.exp(v.data), (v,), (np.exp(v.data),))


def tanh(v):
    return Value(np.tanh(v.data), (v,), (1 - np.tanh(v.data) ** 2,))


def power(v, n):
    return Value(v.data**n, (v,), (v.data ** (n - 1),))


# %% a copy as the parent
# fails: through_functions
# hint: not its number or a copy
def exp(v):
    return Value(np.exp(v.data), (Value(v.data),), (np.exp(v.data),))


def tanh(v):
    return Value(np.tanh(v.data), (Value(v.data),), (1 - np.tanh(v.data) ** 2,))


def power(v, n):
    return Value(v.data**n, (Value(v.data),), (n * v.data ** (n - 1),))


# %% tanh without the square
# fails: function_slopes
# hint: 1 - y is not 1 - y ** 2
def exp(v):
    return Value(np.exp(v.data), (v,), (np.exp(v.data),))


def tanh(v):
    y = np.tanh(v.data)
    return Value(y, (v,), (1 - y,))


def power(v, n):
    return Value(v.data**n, (v,), (n * v.data ** (n - 1),))


# %% a number comes back
# fails: function_values
# hint: each in a new Value
def exp(v):
    return np.exp(v.data)


def tanh(v):
    return np.tanh(v.data)


def power(v, n):
    return v.data**n


# %% the power divided by its base
# fails: at_zero_and_far_out
# hint: but not at 0
def exp(v):
    y = float(np.exp(v.data))
    return Value(y, (v,), (y,))


def tanh(v):
    y = float(np.tanh(v.data))
    return Value(y, (v,), (1 - y * y,))


def power(v, n):
    y = v.data**n
    return Value(y, (v,), (n * y / v.data,))

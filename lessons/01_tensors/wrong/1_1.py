# %% in the opposite order
# fails: products
# hint: opposite order
def strides_of(shape):
    strides, step = [], 1
    for length in reversed(shape):
        strides.append(step)
        step *= length
    return tuple(strides)


# %% the first index fastest
# fails: products
# hint: the last
def strides_of(shape):
    strides, step = [], 1
    for length in shape:
        strides.append(step)
        step *= length
    return tuple(strides)


# %% bytes
# fails: products
# hint: count in numbers
def strides_of(shape):
    return np.zeros(shape).strides


# %% the axis itself in the product
# fails: products
# hint: the length of the axis itself
def strides_of(shape):
    return tuple(int(np.prod(shape[i:])) for i in range(len(shape)))


# %% the next length alone
# fails: products
# hint: product of all of them
def strides_of(shape):
    return (*shape[1:], 1) if shape else ()


# %% two axes only
# fails: each_its_own
# hint: write the position of each of its six indices down
def strides_of(shape):
    return (shape[1], 1)


# %% NumPy is asked
# fails: many_and_long
# hint: NumPy must make an array
def strides_of(shape):
    return tuple(n // 8 for n in np.empty(shape).strides)


# %% four axes at most
# fails: many_and_long
# hint: Try a shape of six axes
def strides_of(shape):
    _, b, c, d = (1,) * (4 - len(shape)) + tuple(shape)
    return (b * c * d, c * d, d, 1)[4 - len(shape) :]

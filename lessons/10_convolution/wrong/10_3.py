# %% one is missing
# fails: places
# hint: one is missing
def output_size(size, kernel, stride=1, padding=0):
    return (size + 2 * padding - kernel) // stride


# %% padding on one side
# fails: places
# hint: on both sides
def output_size(size, kernel, stride=1, padding=0):
    return (size + padding - kernel) // stride + 1


# %% no stride
# fails: places
# hint: the stride is not used
def output_size(size, kernel, stride=1, padding=0):
    return size + 2 * padding - kernel + 1


# %% no padding
# fails: places
# hint: the padding is not used
def output_size(size, kernel, stride=1, padding=0):
    return (size - kernel) // stride + 1


# %% rounded up
# fails: places
# hint: round down
def output_size(size, kernel, stride=1, padding=0):
    return -(-(size + 2 * padding - kernel) // stride) + 1


# %% one added too soon
# fails: places
# hint: then add one
def output_size(size, kernel, stride=1, padding=0):
    return (size + 2 * padding - kernel + 1) // stride


# %% a float
# fails: an_integer
# hint: / gives a float
def output_size(size, kernel, stride=1, padding=0):
    return (size + 2 * padding - kernel) / stride + 1


# %% a float, rounded
# fails: an_integer
# hint: / gives a float
def output_size(size, kernel, stride=1, padding=0):
    return np.floor((size + 2 * padding - kernel) / stride) + 1.0

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


# %% odd kernels
# fails: every_size
# hint: make an odd kernel
def output_size(size, kernel, stride=1, padding=0):
    half = kernel // 2
    return (size + 2 * padding - 2 * half - 1) // stride + 1


# %% the answers of the questions
# fails: every_size
# hint: two places, 0 and 1
def output_size(size, kernel, stride=1, padding=0):
    known = {
        (3, 3, 1, 0): 1, (5, 3, 1, 0): 3, (8, 3, 1, 1): 8, (5, 3, 2, 0): 2, (6, 3, 2, 0): 2,
        (8, 3, 2, 1): 4, (7, 2, 3, 0): 2, (224, 7, 2, 3): 112, (9, 5, 4, 2): 3, (8, 3, 1, 0): 6,
    }  # fmt: skip
    return known.get((size, kernel, stride, padding), size)

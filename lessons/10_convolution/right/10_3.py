# %% rounded at the end
def output_size(size, kernel, stride=1, padding=0):
    return (size + 2 * padding - kernel + stride) // stride


# %% counted
def output_size(size, kernel, stride=1, padding=0):
    return len(range(0, size + 2 * padding - kernel + 1, stride))

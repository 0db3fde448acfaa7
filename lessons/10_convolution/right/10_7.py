# %% from the first, with the distance kept
def receptive_field(layers):
    seen, apart = 1, 1
    for kernel, stride in layers:
        seen += (kernel - 1) * apart
        apart *= stride
    return seen


# %% called by itself
def receptive_field(layers):
    if not layers:
        return 1
    kernel, stride = layers[0]
    return kernel + stride * (receptive_field(layers[1:]) - 1)


# %% first and last pixel
def receptive_field(layers):
    first, last = 0, 0
    for kernel, stride in layers[::-1]:
        first, last = first * stride, last * stride + kernel - 1
    return last - first + 1

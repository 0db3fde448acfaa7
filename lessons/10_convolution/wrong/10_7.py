# %% a product
# fails: without_strides
# hint: two of 3 side by side see 4
def receptive_field(layers):
    seen = 1
    for kernel, stride in layers:
        seen = seen * kernel
    return seen


# %% a sum
# fails: without_strides
# hint: add kernel - 1 for each layer
def receptive_field(layers):
    seen = 0
    for kernel, stride in layers:
        seen = seen + kernel
    return seen


# %% from 0
# fails: without_strides
# hint: a pixel sees itself
def receptive_field(layers):
    seen = 0
    for kernel, stride in layers:
        seen = seen + kernel - 1
    return seen


# %% no strides
# fails: with_strides
# hint: the strides are not used
def receptive_field(layers):
    seen = 1
    for kernel, stride in layers:
        seen = seen + kernel - 1
    return seen


# %% from the first
# fails: with_strides
# hint: begin with the last layer
def receptive_field(layers):
    seen = 1
    for kernel, stride in layers:
        seen = (seen - 1) * stride + kernel
    return seen


# %% its own stride
# fails: with_strides
# hint: not the layer itself
def receptive_field(layers):
    seen, apart = 1, 1
    for kernel, stride in layers:
        apart *= stride
        seen += (kernel - 1) * apart
    return seen


# %% strides times all
# fails: with_strides
# hint: Where does the last one end
def receptive_field(layers):
    seen = 1
    for kernel, stride in reversed(layers):
        seen = seen * stride + kernel - 1
    return seen


# %% strides of two
# fails: large_strides
# hint: is taken for 2
def receptive_field(layers):
    seen, apart = 1, 1
    for kernel, stride in layers:
        seen += (kernel - 1) * apart
        if stride > 1:
            apart *= 2
    return seen


# %% seven layers at most
# fails: large_strides
# hint: how many layers there are
def receptive_field(layers):
    seen = 1
    for kernel, stride in reversed(layers[:7]):
        seen = (seen - 1) * stride + kernel
    return seen

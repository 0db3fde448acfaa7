# %% columns
# fails: patches_as_rows
# hint: patches are rows
def im2col(x, kernel, stride=1, padding=0):
    r, s = kernel
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    n, _, h, w = x.shape
    rows = [
        x[m, :, i : i + r, j : j + s].ravel()
        for m in range(n)
        for i in range(0, h - r + 1, stride)
        for j in range(0, w - s + 1, stride)
    ]
    return np.array(rows).T


# %% channels last
# fails: patches_as_rows
# hint: the channel comes first
def im2col(x, kernel, stride=1, padding=0):
    r, s = kernel
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    n, _, h, w = x.shape
    rows = [
        x[m, :, i : i + r, j : j + s].transpose(1, 2, 0).ravel()
        for m in range(n)
        for i in range(0, h - r + 1, stride)
        for j in range(0, w - s + 1, stride)
    ]
    return np.array(rows)


# %% the patch turned
# fails: patches_as_rows
# hint: over its diagonal
def im2col(x, kernel, stride=1, padding=0):
    r, s = kernel
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    n, _, h, w = x.shape
    rows = [
        x[m, :, i : i + r, j : j + s].transpose(0, 2, 1).ravel()
        for m in range(n)
        for i in range(0, h - r + 1, stride)
        for j in range(0, w - s + 1, stride)
    ]
    return np.array(rows)


# %% columns of places first
# fails: patches_as_rows
# hint: in another order
def im2col(x, kernel, stride=1, padding=0):
    r, s = kernel
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    n, _, h, w = x.shape
    rows = [
        x[m, :, i : i + r, j : j + s].ravel()
        for m in range(n)
        for j in range(0, w - s + 1, stride)
        for i in range(0, h - r + 1, stride)
    ]
    return np.array(rows)


# %% no stride
# fails: stride_and_padding
# hint: are stride and padding used
def im2col(x, kernel, stride=1, padding=0):
    r, s = kernel
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    n, _, h, w = x.shape
    rows = [
        x[m, :, i : i + r, j : j + s].ravel()
        for m in range(n)
        for i in range(0, h - r + 1, 1)
        for j in range(0, w - s + 1, 1)
    ]
    return np.array(rows)


# %% stride in one axis
# fails: stride_and_padding
# hint: for both axes
def im2col(x, kernel, stride=1, padding=0):
    r, s = kernel
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    n, _, h, w = x.shape
    rows = [
        x[m, :, i : i + r, j : j + s].ravel()
        for m in range(n)
        for i in range(0, h - r + 1, stride)
        for j in range(0, w - s + 1, 1)
    ]
    return np.array(rows)


# %% the border repeated
# fails: stride_and_padding
# hint: it is to be zeros
def im2col(x, kernel, stride=1, padding=0):
    r, s = kernel
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), mode="edge")
    n, _, h, w = x.shape
    rows = [
        x[m, :, i : i + r, j : j + s].ravel()
        for m in range(n)
        for i in range(0, h - r + 1, stride)
        for j in range(0, w - s + 1, stride)
    ]
    return np.array(rows)


# %% no padding
# fails: stride_and_padding
# hint: are stride and padding used
def im2col(x, kernel, stride=1, padding=0):
    r, s = kernel
    n, _, h, w = x.shape
    rows = [
        x[m, :, i : i + r, j : j + s].ravel()
        for m in range(n)
        for i in range(0, h - r + 1, stride)
        for j in range(0, w - s + 1, stride)
    ]
    return np.array(rows)


# %% padding everywhere
# fails: stride_and_padding
# hint: pads all axes
def im2col(x, kernel, stride=1, padding=0):
    r, s = kernel
    x = np.pad(x, padding)
    n, _, h, w = x.shape
    rows = [
        x[m, :, i : i + r, j : j + s].ravel()
        for m in range(n)
        for i in range(0, h - r + 1, stride)
        for j in range(0, w - s + 1, stride)
    ]
    return np.array(rows)


# %% one channel
# fails: patches_as_rows
# hint: its channels one after the other
def im2col(x, kernel, stride=1, padding=0):
    r, s = kernel
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    n, _, h, w = x.shape
    rows = [
        x[m, 0, i : i + r, j : j + s].ravel()
        for m in range(n)
        for i in range(0, h - r + 1, stride)
        for j in range(0, w - s + 1, stride)
    ]
    return np.array(rows)


# %% as high as wide, or higher
# fails: wide_and_of_any_dtype
# hint: either may be the larger one
def im2col(x, kernel, stride=1, padding=0):
    r, s = max(kernel), min(kernel)
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    return np.array(
        [
            image[:, i : i + r, j : j + s].ravel()
            for image in x
            for i in range(0, x.shape[2] - r + 1, stride)
            for j in range(0, x.shape[3] - s + 1, stride)
        ]
    )


# %% eight bytes
# fails: wide_and_of_any_dtype
# hint: has 4 bytes, not 8
def im2col(x, kernel, stride=1, padding=0):
    r, s = kernel
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    n, c, h, w = x.shape
    shape = n, (h - r) // stride + 1, (w - s) // stride + 1, c, r, s
    steps = [8 * k for k in (c * h * w, stride * w, stride, h * w, w, 1)]
    patches = np.lib.stride_tricks.as_strided(x, shape, steps)
    return patches.reshape(-1, c * r * s)

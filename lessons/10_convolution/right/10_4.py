# %% one patch after the other
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
    return np.array(rows)


# %% a view of all windows
def im2col(x, kernel, stride=1, padding=0):
    edge = (padding, padding)
    x = np.pad(x, ((0, 0), (0, 0), edge, edge))
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel, axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride].transpose(0, 2, 3, 1, 4, 5)
    return windows.reshape(-1, x.shape[1] * kernel[0] * kernel[1])


# %% by indices
def im2col(x, kernel, stride=1, padding=0):
    (n, c, h, w), (r, s) = x.shape, kernel
    oh, ow = output_size(h, r, stride, padding), output_size(w, s, stride, padding)
    padded = np.zeros((n, c, h + 2 * padding, w + 2 * padding))
    padded[:, :, padding : padding + h, padding : padding + w] = x
    rows = stride * np.arange(oh)[:, None] + np.arange(r)
    columns = stride * np.arange(ow)[:, None] + np.arange(s)
    found = padded[:, :, rows[:, None, :, None], columns[None, :, None, :]]
    return np.moveaxis(found, 1, 3).reshape(n * oh * ow, c * r * s)

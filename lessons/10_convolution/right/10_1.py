# %% four loops
def correlate(image, kernel):
    (h, w), (r, s) = image.shape, kernel.shape
    y = np.zeros((h - r + 1, w - s + 1))
    for i in range(h - r + 1):
        for j in range(w - s + 1):
            for u in range(r):
                for v in range(s):
                    y[i, j] += image[i + u, j + v] * kernel[u, v]
    return y


# %% a loop over the kernel alone
def correlate(image, kernel):
    h, w = (a - b + 1 for a, b in zip(image.shape, kernel.shape, strict=True))
    places = np.ndindex(kernel.shape)
    return sum(kernel[u, v] * image[u : u + h, v : v + w] for u, v in places)


# %% a view of all windows
def correlate(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel)

# %% half a turn
def convolve(image, kernel):
    return correlate(image, np.rot90(kernel, 2))


# %% image and result are turned
def convolve(image, kernel):
    return correlate(image[::-1, ::-1], kernel)[::-1, ::-1]


# %% the sum as it stands
def convolve(image, kernel):
    (h, w), (r, s) = image.shape, kernel.shape
    y = np.zeros((h - r + 1, w - s + 1))
    for i, j in np.ndindex(y.shape):
        for u, v in np.ndindex(r, s):
            y[i, j] += image[i + r - 1 - u, j + s - 1 - v] * kernel[u, v]
    return y

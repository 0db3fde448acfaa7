# %% turned round
# fails: double_sum
# hint: this is exercise 10.2
def correlate(image, kernel):
    (h, w), (r, s) = image.shape, kernel.shape
    y = np.zeros((h - r + 1, w - s + 1))
    for i in range(h - r + 1):
        for j in range(w - s + 1):
            y[i, j] = np.sum(image[i : i + r, j : j + s] * kernel[::-1, ::-1])
    return y


# %% as many as pixels
# fails: double_sum
# hint: h - r + 1
def correlate(image, kernel):
    (h, w), (r, s) = image.shape, kernel.shape
    y = np.zeros((h, w))
    for i in range(h - r + 1):
        for j in range(w - s + 1):
            y[i, j] = np.sum(image[i : i + r, j : j + s] * kernel)
    return y


# %% a mean
# fails: double_sum
# hint: a mean, not a sum
def correlate(image, kernel):
    (h, w), (r, s) = image.shape, kernel.shape
    y = np.zeros((h - r + 1, w - s + 1))
    for i in range(h - r + 1):
        for j in range(w - s + 1):
            y[i, j] = np.mean(image[i : i + r, j : j + s] * kernel)
    return y


# %% a matrix product
# fails: shifts
# hint: picks the pixel to the right
def correlate(image, kernel):
    (h, w), (r, s) = image.shape, kernel.shape
    y = np.zeros((h - r + 1, w - s + 1))
    for i in range(h - r + 1):
        for j in range(w - s + 1):
            y[i, j] = np.sum(image[i : i + r, j : j + s] @ kernel.T)
    return y


# %% over the diagonal
# fails: double_sum
# hint: turned over its diagonal
def correlate(image, kernel):
    (h, w), (r, s) = image.shape, kernel.shape
    y = np.zeros((h - r + 1, w - s + 1))
    for i in range(h - r + 1):
        for j in range(w - s + 1):
            for u in range(min(r, s)):
                for v in range(min(r, s)):
                    y[i, j] += image[i + u, j + v] * kernel[v, u]
    return y


# %% the last product only
# fails: shifts
# hint: picks the pixel to the right
def correlate(image, kernel):
    (h, w), (r, s) = image.shape, kernel.shape
    y = np.zeros((h - r + 1, w - s + 1))
    for i in range(h - r + 1):
        for j in range(w - s + 1):
            for u in range(r):
                for v in range(s):
                    y[i, j] = image[i + u, j + v] * kernel[u, v]
    return y


# %% one place too few
# fails: double_sum
# hint: h - r + 1
def correlate(image, kernel):
    (h, w), (r, s) = image.shape, kernel.shape
    return np.array(
        [[np.sum(image[i : i + r, j : j + s] * kernel) for j in range(w - s)] for i in range(h - r)]
    )


# %% of the image's dtype
# fails: integers_and_strips
# hint: cut to integers
def correlate(image, kernel):
    (h, w), (r, s) = image.shape, kernel.shape
    y = np.zeros_like(image)[: h - r + 1, : w - s + 1]
    for i in range(h - r + 1):
        for j in range(w - s + 1):
            y[i, j] = np.sum(image[i : i + r, j : j + s] * kernel)
    return y


# %% a kernel that is made an image
# fails: integers_and_strips
# hint: cut to integers
def correlate(image, kernel):
    h, w = (a - b + 1 for a, b in zip(image.shape, kernel.shape, strict=True))
    total = np.zeros((h, w), dtype=image.dtype)
    for u, v in np.ndindex(kernel.shape):
        total = total + image[u : u + h, v : v + w] * kernel[u, v]
    return total.astype(image.dtype)

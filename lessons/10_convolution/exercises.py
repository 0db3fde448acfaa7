# %% [markdown]
# # Exercises to lesson 10: convolution
#
# Write each function where it says so. `minigrad check 10` asks the questions. Images are arrays
# (n, channels, height, width), kernels (out channels, in channels, height, width), as everywhere in
# deep learning.

# %%
import numpy as np


# %% Exercise 10.1: the double sum
def correlate(image, kernel):
    """Lay the kernel on the image, multiply, add; at every place where it fits.

        y[i, j] = sum over u, v of image[i + u, j + v] * kernel[u, v]

    image: (h, w), floats or integers; kernel: (r, s), floats, no larger than the image. Returns
    (h - r + 1, w - s + 1), floats.

    >>> image = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [4.0, 0.0, 1.0]])
    >>> correlate(image, np.array([[1.0, 2.0], [0.0, -1.0]]))
    array([[ 4., -1.],
           [ 2.,  6.]])
    """
    ### BEGIN SOLUTION
    (h, w), (r, s) = image.shape, kernel.shape
    y = np.empty((h - r + 1, w - s + 1))
    for i in range(h - r + 1):
        for j in range(w - s + 1):
            y[i, j] = np.sum(image[i : i + r, j : j + s] * kernel)
    return y
    ### END SOLUTION


# %% Exercise 10.2: find the bug in the convolution of mathematics (needs 10.1)
def convolve(image, kernel):
    """Convolution as mathematics defines it, at every place where the kernel fits:

        y[i, j] = sum over u, v of image[i + r - 1 - u, j + s - 1 - v] * kernel[u, v]

    One index goes up where the other goes down: the kernel is turned by half a turn. image: (h,
    w); kernel: (r, s). Returns (h - r + 1, w - s + 1). It has one bug.

    >>> dot = np.zeros((3, 3))
    >>> dot[1, 1] = 1
    >>> convolve(dot, np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([[1., 2.],
           [3., 4.]])
    """
    ### BEGIN SOLUTION
    return correlate(image, kernel[::-1, ::-1])
    ### END SOLUTION
    ### BEGIN STUB
    # return correlate(image, kernel[::-1])
    ### END STUB


# %% Exercise 10.3: how many places
def output_size(size, kernel, stride=1, padding=0):
    """How many places a kernel has along one axis of an image.

    size: of the image; padding: zeros added on *each* side; stride: how far from one place to the
    next. All integers; the kernel fits at least once. Returns an integer.

    >>> [output_size(8, 3), output_size(8, 3, padding=1), output_size(8, 3, stride=2, padding=1)]
    [6, 8, 4]
    """
    ### BEGIN SOLUTION
    return (size + 2 * padding - kernel) // stride + 1
    ### END SOLUTION


# %% Exercise 10.4: patches as rows (needs 10.3)
def im2col(x, kernel, stride=1, padding=0):
    """Every patch that the kernel sees, as one row of a matrix.

    x: (n, c, h, w), of any dtype; kernel: (r, s); stride, padding: the same for both axes.
    Returns (n oh ow, c r s): the rows in the order of (n, oh, ow), each a patch (c, r, s), flat.

    >>> im2col(np.arange(6.0).reshape(1, 1, 2, 3), (2, 2))
    array([[0., 1., 3., 4.],
           [1., 2., 4., 5.]])
    """
    ### BEGIN SOLUTION
    n, c, h, w = x.shape
    r, s = kernel
    oh, ow = output_size(h, r, stride, padding), output_size(w, s, stride, padding)
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    patches = np.empty((n, oh, ow, c, r, s), dtype=x.dtype)
    for u in range(r):
        for v in range(s):
            seen = x[:, :, u : u + oh * stride : stride, v : v + ow * stride : stride]
            patches[:, :, :, :, u, v] = seen.transpose(0, 2, 3, 1)
    return patches.reshape(n * oh * ow, c * r * s)
    ### END SOLUTION


# %% Exercise 10.5: a convolution layer and its pullback (needs 10.3, 10.4)
def conv2d(x, w, stride=1, padding=0):
    """The layer of deep learning: every out channel is the sum, over the in channels, of
    `correlate`.

    x: (n, c, h, w); w: (k, c, r, s). Returns (value, pullback): value (n, k, oh, ow); pullback(g),
    g of that shape, is (dx, dw), however often it is called.

    >>> x, w = np.arange(9.0).reshape(1, 1, 3, 3), np.array([[[[1.0, 0.0], [0.0, -1.0]]]])
    >>> value, pullback = conv2d(x, w)
    >>> value[0, 0]
    array([[-4., -4.],
           [-4., -4.]])
    >>> dx, dw = pullback(np.array([[[[1.0, 0.0], [0.0, 0.0]]]]))
    >>> dx[0, 0]
    array([[ 1.,  0.,  0.],
           [ 0., -1.,  0.],
           [ 0.,  0.,  0.]])
    >>> dw[0, 0]
    array([[0., 1.],
           [3., 4.]])
    """
    ### BEGIN SOLUTION
    (n, c, h, wide), (k, _, r, s) = x.shape, w.shape
    oh, ow = output_size(h, r, stride, padding), output_size(wide, s, stride, padding)
    columns, flat = im2col(x, (r, s), stride, padding), w.reshape(k, c * r * s)
    value = (columns @ flat.T).reshape(n, oh, ow, k).transpose(0, 3, 1, 2)

    def pullback(g):
        rows = g.transpose(0, 2, 3, 1).reshape(n * oh * ow, k)
        patches = (rows @ flat).reshape(n, oh, ow, c, r, s)
        dx = np.zeros((n, c, h + 2 * padding, wide + 2 * padding))
        for u in range(r):
            for v in range(s):
                into = dx[:, :, u : u + oh * stride : stride, v : v + ow * stride : stride]
                into += patches[:, :, :, :, u, v].transpose(0, 3, 1, 2)
        inside = dx[:, :, padding : padding + h, padding : padding + wide]
        return inside, (rows.T @ columns).reshape(w.shape)

    return value, pullback
    ### END SOLUTION


# %% Exercise 10.6: find the bug in max pooling
def max_pool(x, size):
    """The largest of each tile of size by size pixels, and its pullback.

    x: (n, c, h, w), h and w multiples of size. Returns (value, pullback): value (n, c, h / size,
    w / size); pullback(g) sends each g to the place where the largest was. If several are largest,
    their shares must add up to g. It has one bug, which shows where pixels are equal: in every
    white corner of an image.

    >>> value, pullback = max_pool(np.array([[[[1.0, 5.0], [2.0, 0.0]]]]), 2)
    >>> value
    array([[[[5.]]]])
    >>> pullback(np.array([[[[3.0]]]]))
    array([[[[0., 3.],
             [0., 0.]]]])
    """
    ### BEGIN SOLUTION
    n, c, h, w = x.shape
    tiles = x.reshape(n, c, h // size, size, w // size, size)
    value = tiles.max(axis=(3, 5), keepdims=True)
    largest = tiles == value
    share = largest / largest.sum(axis=(3, 5), keepdims=True)

    def pullback(g):
        return (share * g[:, :, :, None, :, None]).reshape(x.shape)

    return value[:, :, :, 0, :, 0], pullback
    ### END SOLUTION
    ### BEGIN STUB
    # n, c, h, w = x.shape
    # tiles = x.reshape(n, c, h // size, size, w // size, size)
    # value = tiles.max(axis=(3, 5), keepdims=True)
    # largest = tiles == value
    #
    # def pullback(g):
    #     return (largest * g[:, :, :, None, :, None]).reshape(x.shape)
    #
    # return value[:, :, :, 0, :, 0], pullback
    ### END STUB


# %% Exercise 10.7: how far one pixel sees
def receptive_field(layers):
    """How many pixels of the input, along one axis, one pixel after all layers depends on.

    layers: a list of (kernel, stride), from the first to the last, for convolutions and poolings
    alike. Returns an integer; 1 for no layers.

    >>> receptive_field([(3, 1), (3, 1)]), receptive_field([(3, 1), (2, 2), (3, 1)])
    (5, 8)
    """
    ### BEGIN SOLUTION
    seen = 1
    for kernel, stride in reversed(layers):
        seen = (seen - 1) * stride + kernel
    return seen
    ### END SOLUTION

# %% [markdown]
# # Exercises to lesson 1: tensors
#
# Write each function where it says so. `minigrad check 1` asks the questions.

# %%
import numpy as np


# %% Exercise 1.1: strides from a shape
def strides_of(shape):
    """How many positions further on the strip one step along each axis leads.

    The last index moves fastest. shape: a tuple of lengths, at least 1 each. Returns a tuple of as
    many numbers, counted in numbers (not in bytes). Find them by the rule, without making arrays.

    >>> strides_of((2, 3, 4))
    (12, 4, 1)
    """
    ### BEGIN SOLUTION
    strides, step = [], 1
    for length in reversed(shape):
        strides.append(step)
        step *= length
    return tuple(reversed(strides))
    ### END SOLUTION


# %% Exercise 1.2: an array from a list, a shape and strides
class Strided:
    """An array of any number of axes: a flat list, and the rule by which it is read.

    strip: a list, which is never copied: views of one array have the very same list. shape,
    strides: tuples of one length. offset: the position of the entry whose indices are all 0.

    >>> a = Strided([10, 11, 12, 20, 21, 22], (2, 3), (3, 1))
    >>> a.at((1, 2)), a.transposed().at((2, 1))
    (22, 22)
    """

    def __init__(self, strip, shape, strides, offset=0):
        self.strip, self.shape, self.strides, self.offset = strip, shape, strides, offset

    def position(self, index):
        """Where on the strip the entry is. index: a tuple, one number for each axis."""
        ### BEGIN SOLUTION
        return self.offset + sum(i * s for i, s in zip(index, self.strides, strict=True))
        ### END SOLUTION

    def at(self, index):
        """The entry at an index."""
        ### BEGIN SOLUTION
        return self.strip[self.position(index)]
        ### END SOLUTION

    def put(self, index, value):
        """Write an entry: into the strip, so that all views see it."""
        ### BEGIN SOLUTION
        self.strip[self.position(index)] = value
        ### END SOLUTION

    def transposed(self):
        """A view with the axes in the opposite order."""
        ### BEGIN SOLUTION
        return Strided(self.strip, self.shape[::-1], self.strides[::-1], self.offset)
        ### END SOLUTION

    def mirrored(self):
        """A view in which the first axis runs backward: entry 0 is what was the last."""
        ### BEGIN SOLUTION
        last = (self.shape[0] - 1) * self.strides[0]
        strides = (-self.strides[0], *self.strides[1:])
        return Strided(self.strip, self.shape, strides, self.offset + last)
        ### END SOLUTION

    def repeated(self, n):
        """A view with a new first axis of length n, along which everything is the same."""
        ### BEGIN SOLUTION
        return Strided(self.strip, (n, *self.shape), (0, *self.strides), self.offset)
        ### END SOLUTION


# %% Exercise 1.3: do two shapes fit?
def broadcast_shape(a, b):
    """The shape of a + b, for arrays of the shapes a and b. If they do not fit: ValueError.

    a, b: tuples of lengths, of any number of axes, also none. Returns a tuple. Find it by the rule,
    without making arrays and without NumPy's functions that know it.

    >>> broadcast_shape((5, 1, 4), (3, 1))
    (5, 3, 4)
    """
    ### BEGIN SOLUTION
    axes = max(len(a), len(b))
    a = (1,) * (axes - len(a)) + tuple(a)
    b = (1,) * (axes - len(b)) + tuple(b)
    for p, q in zip(a, b, strict=True):
        if p != q and 1 not in (p, q):
            raise ValueError(f"the shapes {a} and {b} do not fit: {p} and {q}")
    return tuple(q if p == 1 else p for p, q in zip(a, b, strict=True))
    ### END SOLUTION


# %% Exercise 1.4: find the bug
def evened(images):
    """Each image minus its own mean, so that a dark photograph is like a bright one.

    images: floats (n, pixels), which are the same afterwards. Returns (n, pixels); each row has the
    mean 0.

    It has two bugs. One shows only for some shapes, the other only in the caller's array.

    >>> evened(np.array([[1.0, 3.0, 5.0], [10.0, 10.0, 40.0]]))
    array([[ -2.,   0.,   2.],
           [-10., -10.,  20.]])
    """
    ### BEGIN SOLUTION
    return images - images.mean(axis=1, keepdims=True)
    ### END SOLUTION
    ### BEGIN STUB
    # mean = images.mean(axis=1)
    # if images.shape[0] != images.shape[1]:
    #     mean = mean.reshape(-1, 1)
    # images -= mean
    # return images
    ### END STUB


# %% Exercise 1.5: all against all
def squared_distances(a, b):
    """Entry (i, j): the squared distance of row i of a from row j of b, sum_k (a_ik - b_jk)^2.

    a: (n, d), b: (m, d), which are the same afterwards. Returns (n, m). By broadcasting or by the
    product a @ b.T, with no loop over pairs.

    >>> squared_distances(np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 4.0]]))
    array([[16.],
           [ 9.]])
    """
    ### BEGIN SOLUTION
    return ((a[:, None, :] - b) ** 2).sum(axis=2)
    ### END SOLUTION


# %% Exercise 1.6: a program that reads digits (needs 1.5)
def nearest_mean(images, labels, new, classes):
    """The class of each new image: that whose mean training image is nearest, as 1.5 measures it.

    images: (n, pixels), labels: (n,) integers, new: (m, pixels). Every class from 0 to classes - 1
    is among the labels. Returns (m,) integers.

    >>> nearest_mean(np.array([[0.0], [2.0], [9.0]]), np.array([0, 0, 1]), np.array([[4.0]]), 2)
    array([0])
    """
    ### BEGIN SOLUTION
    means = np.stack([images[labels == c].mean(axis=0) for c in range(classes)])
    return squared_distances(new, means).argmin(axis=1)
    ### END SOLUTION


# %% Exercise 1.7: a common unit, and no glimpse of the test
def standardized(train, test):
    """(train, test), each column minus its mean and divided by its standard deviation.

    The columns of both are measured with what was learned from `train` alone. A column that is
    constant in `train` is not divided. train, test: (rows, columns), which are the same afterwards.

    >>> standardized(np.array([[1.0, 7.0], [3.0, 7.0]]), np.array([[4.0, 9.0]]))[1]
    array([[2., 2.]])
    """
    ### BEGIN SOLUTION
    mean, spread = train.mean(axis=0), train.std(axis=0)
    spread = np.where(np.ptp(train, axis=0) == 0, 1.0, spread)
    return (train - mean) / spread, (test - mean) / spread
    ### END SOLUTION


# %% Exercise 1.8: labels that are not quantities
def one_hot(labels, classes):
    """For each label a row of zeros, with a 1.0 at the label's place.

    labels: an array of integers from 0 to classes - 1, of any shape. Returns floats, of the labels'
    shape with one more axis at the end, of length classes.

    >>> one_hot(np.array([2, 0]), 3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    ### BEGIN SOLUTION
    return (labels[..., None] == np.arange(classes)).astype(float)
    ### END SOLUTION

# %% [markdown]
# # Exercises to lesson 4: tensor autograd
#
# Each operation returns (value, pullback). The pullback takes g, the gradient of some loss with
# respect to the value and of its shape, and returns the gradient of the one array that went in, or
# a tuple of them, each of the shape of its array. Nothing that is given is written to, and a
# pullback may be called again. `minigrad check 4` asks the questions.

# %%
import numpy as np


# %% Exercise 4.1: entry by entry
def tanh(x):
    """The hyperbolic tangent of each entry. Returns (value, pullback).

    >>> value, pullback = tanh(np.array([0.0, 0.0]))
    >>> pullback(np.array([1.0, 5.0]))
    array([1., 5.])
    """
    ### BEGIN SOLUTION
    y = np.tanh(x)
    return y, lambda g: g * (1 - y * y)
    ### END SOLUTION


def divide(x, y):
    """x / y of two arrays of one shape. Returns (value, pullback); the pullback a tuple of two.

    >>> value, pullback = divide(np.array([6.0]), np.array([2.0]))
    >>> pullback(np.array([1.0]))
    (array([0.5]), array([-1.5]))
    """
    ### BEGIN SOLUTION
    return x / y, lambda g: (g / y, -g * x / y**2)
    ### END SOLUTION


# %% Exercise 4.2: sums
def sum_over(x, axis):
    """np.sum(x, axis), the axis a number from 0. Returns (value, pullback).

    The value has one axis less than x; the pullback returns a gradient of x's shape.

    >>> value, pullback = sum_over(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), 1)
    >>> value, pullback(np.array([10.0, 20.0]))
    (array([ 6., 15.]), array([[10., 10., 10.],
           [20., 20., 20.]]))
    """
    ### BEGIN SOLUTION
    return np.sum(x, axis), lambda g: np.broadcast_to(np.expand_dims(g, axis), x.shape)
    ### END SOLUTION


# %% Exercise 4.3: broadcasting undone
def sum_to(g, shape):
    """The sum of g over the axes along which an array of `shape` was broadcast to g's shape.

    Broadcasting adds axes on the left, any number of them, and stretches those of size 1. shape: a
    tuple that broadcasts to g.shape. Returns an array of exactly that shape.

    >>> sum_to(np.ones((4, 3)), (3,)), sum_to(np.ones((2, 3)), (2, 1))
    (array([4., 4., 4.]), array([[3.],
           [3.]]))
    """
    ### BEGIN SOLUTION
    added = g.ndim - len(shape)
    g = g.sum(axis=tuple(range(added)))
    stretched = tuple(i for i, n in enumerate(shape) if n == 1)
    return g.sum(axis=stretched, keepdims=True)
    ### END SOLUTION


# %% Exercise 4.4: operations that broadcast (needs 4.3)
def subtract(x, y):
    """x - y, whose shapes need only broadcast together. Returns (value, pullback).

    >>> value, pullback = subtract(np.ones((2, 3)), np.ones(3))
    >>> [d.shape for d in pullback(np.ones((2, 3)))]
    [(2, 3), (3,)]
    """
    ### BEGIN SOLUTION
    return x - y, lambda g: (sum_to(g, x.shape), -sum_to(g, y.shape))
    ### END SOLUTION


def multiply(x, y):
    """x * y, whose shapes need only broadcast together. Returns (value, pullback).

    >>> value, pullback = multiply(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([10.0, 20.0]))
    >>> pullback(np.ones((2, 2)))[1]
    array([4., 6.])
    """
    ### BEGIN SOLUTION
    return x * y, lambda g: (sum_to(g * y, x.shape), sum_to(g * x, y.shape))
    ### END SOLUTION


# %% Exercise 4.5: the matrix product
def matmul(x, w):
    """x @ w of matrices of shapes (n, k) and (k, m). Returns (value, pullback).

    Forward and back it is done by products of matrices, with no loop over entries.

    >>> value, pullback = matmul(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]))
    >>> value, pullback(np.array([[10.0]]))
    (array([[11.]]), (array([[30., 40.]]), array([[10.],
           [20.]])))
    """
    ### BEGIN SOLUTION
    return x @ w, lambda g: (g @ w.T, x.T @ g)
    ### END SOLUTION


# %% Exercise 4.6: a check without a Jacobian
def two_ways(op, x, u, v, h=1e-6):
    """The number v . J u in two ways, J being the Jacobian of op at x, which is never formed.

    op: takes an array and returns (value, pullback). u: a direction, of x's shape; v: weights, of
    the value's shape. Returns two numbers. The first by differences: J u is how fast the value
    changes when x moves along u, (f(x + h u) - f(x - h u)) / (2 h). The second by the pullback,
    which gives v J: its product with u, entry by entry, summed. If the pullback is right they
    agree.

    >>> def square(x):
    ...     return x * x, lambda g: 2 * g * x
    >>> x, u, v = np.array([1.0, 2.0]), np.array([1.0, -1.0]), np.array([3.0, 4.0])
    >>> [round(float(n), 6) for n in two_ways(square, x, u, v)]
    [-10.0, -10.0]
    """
    ### BEGIN SOLUTION
    along = (op(x + h * u)[0] - op(x - h * u)[0]) / (2 * h)
    _, pullback = op(x)
    return np.sum(v * along), np.sum(pullback(v) * u)
    ### END SOLUTION


# %% Exercise 4.7: find the bugs
def layer(x, w, b):
    """A layer of a network, tanh(x @ w + b). Returns (value, pullback).

    x: (n, k); w: (k, m); b: (m,), added to each of the n rows. It has three bugs, one in each
    gradient; the value is right.

    >>> value, pullback = layer(np.zeros((2, 3)), np.zeros((3, 4)), np.zeros(4))
    >>> [d.shape for d in pullback(np.ones((2, 4)))]
    [(2, 3), (3, 4), (4,)]
    """
    ### BEGIN SOLUTION
    y = np.tanh(x @ w + b)

    def pullback(g):
        dz = g * (1 - y * y)
        return dz @ w.T, x.T @ dz, dz.sum(0)

    return y, pullback
    ### END SOLUTION
    ### BEGIN STUB
    # z = x @ w + b
    #
    # def pullback(g):
    #     dz = g * (1 - z * z)
    #     return dz @ w.T, x.T @ g, dz.mean(0)
    #
    # return np.tanh(z), pullback
    ### END STUB

# %% [markdown]
# # Exercises to lesson 6: a neuron, an MLP
#
# Write each function where it says so. `minigrad check 6` asks the questions. A function that has
# derivatives returns two things: its value, and its pullback, which takes the gradient of the
# value and returns that of the inputs.

# %%
import numpy as np


# %% Exercise 6.1: the sigmoid, which never overflows
def sigmoid(x):
    """1 / (1 + exp(-x)), element by element, and its pullback.

    x: an array of floats of any shape and any size: at -1000 the value is 0 and no warning is
    given. Returns (value, pullback): value of x's shape; pullback(g), g of the same shape, is the
    gradient of x.

    >>> value, pullback = sigmoid(np.array([0.0, -1000.0]))
    >>> value
    array([0.5, 0. ])
    >>> pullback(np.array([8.0, 8.0]))
    array([2., 0.])
    """
    ### BEGIN SOLUTION
    small = np.exp(-np.abs(x))  # never above 1
    y = np.where(x >= 0, 1, small) / (1 + small)
    return y, lambda g: g * y * (1 - y)
    ### END SOLUTION


# %% Exercise 6.2: find the bug in ReLU
def relu(x):
    """max(x, 0), element by element, and its pullback: the gradient passes where x > 0, and
    nowhere else.

    x: an array of floats of any shape. Returns (value, pullback). The caller's x is the same
    afterwards.

    It has two bugs. One of them no test can see in which all gradients are positive.

    >>> value, pullback = relu(np.array([-1.0, 2.0, 3.0]))
    >>> value
    array([0., 2., 3.])
    >>> pullback(np.array([5.0, 5.0, -5.0]))
    array([ 0.,  5., -5.])
    """
    ### BEGIN SOLUTION
    return np.maximum(x, 0), lambda g: np.where(x > 0, g, 0)
    ### END SOLUTION
    ### BEGIN STUB
    # x[x < 0] = 0
    # return x, lambda g: np.where(g > 0, g, 0)
    ### END STUB


# %% Exercise 6.3: a layer of neurons
def linear(x, w, b):
    """x w^T + b: row k of w and element k of b are neuron k.

    x: (n, inputs), one example a row; w: (units, inputs); b: (units,). Returns (value, pullback):
    value (n, units); pullback(g), g (n, units), is the tuple of gradients (dx, dw, db), each of
    the shape of what it is the gradient of.

    >>> x, w, b = np.array([[1.0, 2.0]]), np.array([[3.0, 0.0], [1.0, -1.0]]), np.array([0.0, 5.0])
    >>> value, pullback = linear(x, w, b)
    >>> value
    array([[3., 4.]])
    >>> dx, dw, db = pullback(np.array([[1.0, 10.0]]))
    >>> dx
    array([[ 13., -10.]])
    """
    ### BEGIN SOLUTION
    return x @ w.T + b, lambda g: (g @ w, g.T @ x, g.sum(axis=0))
    ### END SOLUTION


# %% Exercise 6.4: layer upon layer (needs 6.2, 6.3)
def mlp(x, layers):
    """A multilayer perceptron: linear, ReLU, linear, ReLU, ..., linear. No ReLU after the last.

    x: (n, inputs); layers: a list of (w, b), as `linear` takes them. Returns (value, pullback):
    value (n, units of the last layer); pullback(g), g of that shape, is the list of (dw, db), in
    the order of `layers`.

    >>> layers = [(np.eye(2), np.zeros(2)), (np.array([[1.0, 1.0]]), np.array([0.5]))]
    >>> value, pullback = mlp(np.array([[2.0, -7.0]]), layers)
    >>> value
    array([[2.5]])
    >>> pullback(np.array([[1.0]]))[1]
    (array([[2., 0.]]), array([1.]))
    """
    ### BEGIN SOLUTION
    back = []
    for i, (w, b) in enumerate(layers):
        x, through_linear = linear(x, w, b)
        x, through_relu = relu(x) if i < len(layers) - 1 else (x, lambda g: g)
        back.append((through_linear, through_relu))

    def pullback(g):
        found = []
        for through_linear, through_relu in reversed(back):
            g, dw, db = through_linear(through_relu(g))
            found.append((dw, db))
        return found[::-1]

    return x, pullback
    ### END SOLUTION


# %% Exercise 6.5: one step (needs 6.4)
def step(x, target, layers, lr):
    """One step of gradient descent on the squared error, the mean over the examples of the sum of
    (value - target)^2 over the units.

    x: (n, inputs); target: (n, units); layers: a list of (w, b); lr: a number. Returns the loss
    before the step, a number, and the new layers, a list of (w, b). The arrays in `layers` are the
    same afterwards.

    >>> layers = [(np.array([[2.0]]), np.array([0.0]))]
    >>> loss, layers = step(np.array([[3.0]]), np.array([[5.0]]), layers, lr=0.1)
    >>> float(loss), layers[0][0].round(3), layers[0][1].round(3)
    (1.0, array([[1.4]]), array([-0.2]))
    """
    ### BEGIN SOLUTION
    value, pullback = mlp(x, layers)
    error = value - target
    gradients = pullback(2 * error / len(x))
    loss = np.sum(error**2) / len(x)
    pairs = zip(layers, gradients, strict=True)
    return loss, [(w - lr * dw, b - lr * db) for (w, b), (dw, db) in pairs]
    ### END SOLUTION


# %% Exercise 6.6: where to start
def initial(inputs, units, kind, seed):
    """The weights of a layer at the start: independent normal numbers of mean 0.

    kind "he": of variance 2 / inputs, for layers with ReLU. kind "glorot": of variance
    2 / (inputs + units), for layers with tanh. Another kind raises ValueError. seed: an integer:
    the same seed gives the same numbers, another seed others. Returns an array (units, inputs).

    >>> initial(3, 2, "he", seed=0).shape
    (2, 3)
    >>> bool(abs(initial(1000, 50, "he", seed=0).std() - 0.0447) < 0.001)
    True
    """
    ### BEGIN SOLUTION
    variances = {"he": 2 / inputs, "glorot": 2 / (inputs + units)}
    if kind not in variances:
        raise ValueError(f"expected he or glorot, got {kind!r}")
    rng = np.random.default_rng(seed)
    return rng.standard_normal((units, inputs)) * np.sqrt(variances[kind])
    ### END SOLUTION


# %% Exercise 6.7: a network through given points (needs 6.4)
def through(xs, ys):
    """The layers of an MLP with one hidden layer that goes through all points (xs[k], ys[k]), and
    along straight lines between neighbours. Nothing is trained: the weights are worked out.

    xs: (n,) floats, increasing, n >= 2; ys: (n,). Returns a list of two (w, b), for `mlp` with one
    input and one output.

    >>> layers = through(np.array([0.0, 1.0, 3.0]), np.array([0.0, 2.0, 0.0]))
    >>> value, _ = mlp(np.array([[0.0], [0.5], [1.0], [2.0], [3.0]]), layers)
    >>> value.ravel().round(6)
    array([0., 1., 2., 1., 0.])
    """
    ### BEGIN SOLUTION
    slopes = np.diff(ys) / np.diff(xs)
    bends = np.diff(slopes, prepend=0.0)
    hidden = np.ones((len(bends), 1)), -xs[:-1]
    return [hidden, (bends[None, :], ys[:1])]
    ### END SOLUTION

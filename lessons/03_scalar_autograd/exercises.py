# %% [markdown]
# # Exercises to lesson 3: scalar autograd
#
# Five steps to an engine, and a second engine with bugs. `minigrad check 3` asks the questions.

# %%
import numpy as np


# %% Exercise 3.1: backwards by hand
def silu_neuron(w, x, b):
    """A neuron: z = w x + b, then z times sigmoid(z), with sigmoid(z) = 1 / (1 + exp(-z)).

    w, x, b: arrays of one shape; everything is elementwise. Returns (value, pullback). The
    pullback takes g, the gradient of some loss with respect to the value, and returns the tuple of
    the gradients with respect to w, x and b. No engine: go back through the steps yourself. Mind
    that z is used twice.

    >>> value, pullback = silu_neuron(np.array([2.0]), np.array([0.5]), np.array([-1.0]))
    >>> float(value[0]), [float(d[0]) for d in pullback(np.array([1.0]))]
    (0.0, [0.25, 1.0, 0.5])
    """
    ### BEGIN SOLUTION
    z = w * x + b
    s = 1 / (1 + np.exp(-z))

    def pullback(g):
        dz = g * s + g * z * s * (1 - s)
        return dz * x, dz * w, dz

    return z * s, pullback
    ### END SOLUTION


# %% Exercise 3.2: a number that remembers
class Value:
    """A number, what it was computed from, and how fast it rises with each of these.

    data: the number. parents: the Values it was computed from, (a, b) for a + b and for a * b; ()
    for a number that was put in. slopes: for each parent, the slope of this value when that parent
    alone is moved. grad: a number, 0.0 until somebody asks for gradients.

    Values can be added and multiplied, also with plain numbers, on either side: a * 2, 2 * a.

    >>> a, b = Value(2.0), Value(3.0)
    >>> c = a * b
    >>> c.data, [p.data for p in c.parents], c.slopes
    (6.0, [2.0, 3.0], (3.0, 2.0))
    """

    ### BEGIN SOLUTION
    def __init__(self, data, parents=(), slopes=()):
        self.data, self.parents, self.slopes = data, parents, slopes
        self.grad = 0.0

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    __radd__, __rmul__ = __add__, __mul__
    ### END SOLUTION


# %% Exercise 3.3: an order in which it can be done (needs 3.2)
def order(root):
    """All Values that root was computed from, and root: each once, parents before children.

    Such an order is called topological; where there are several, any will do. A chain of thousands
    of values must not end in a RecursionError: go down with a list of your own. And x = x + x,
    forty times, is 41 Values, though 2 ** 40 ways lead through them.

    >>> a = Value(2.0)
    >>> c = a * a
    >>> [v.data for v in order(c + a)]
    [2.0, 4.0, 6.0]
    """
    ### BEGIN SOLUTION
    found, seen, stack = [], set(), [(root, False)]
    while stack:
        value, parents_done = stack.pop()
        if parents_done:
            found.append(value)
        elif value not in seen:
            seen.add(value)
            stack.append((value, True))
            stack += [(parent, False) for parent in value.parents]
    return found
    ### END SOLUTION


# %% Exercise 3.4: all slopes at once (needs 3.3)
def backward(root):
    """Add to the grad of every leaf (a Value without parents) the slope of root with it.

    The grad of root becomes 1. The grads of the values in between become their slopes as well. If
    backward is called again, on the same root or another, then the leaves get the new slopes added
    to what they have; the values in between start again from 0.

    >>> a, b = Value(2.0), Value(3.0)
    >>> c = a * b
    >>> backward(c * c)
    >>> a.grad, b.grad, c.grad
    (36.0, 24.0, 12.0)
    """
    ### BEGIN SOLUTION
    values = order(root)
    for value in values:
        if value.parents:
            value.grad = 0.0
    root.grad = root.grad + 1.0
    for value in reversed(values):
        for parent, slope in zip(value.parents, value.slopes, strict=True):
            parent.grad += value.grad * slope
    ### END SOLUTION


# %% Exercise 3.5: more functions (needs 3.2)
def exp(v):
    """e to the power of v: a Value, whose parent is v.

    >>> exp(Value(0.0)).data, exp(Value(0.0)).slopes
    (1.0, (1.0,))
    """
    ### BEGIN SOLUTION
    y = float(np.exp(v.data))
    return Value(y, (v,), (y,))
    ### END SOLUTION


def tanh(v):
    """The hyperbolic tangent of v: a Value, whose parent is v.

    >>> tanh(Value(0.0)).data, tanh(Value(0.0)).slopes
    (0.0, (1.0,))
    """
    ### BEGIN SOLUTION
    y = float(np.tanh(v.data))
    return Value(y, (v,), (1 - y * y,))
    ### END SOLUTION


def power(v, n):
    """v to the power of n, a plain number: a Value, whose parent is v. With it, a / b is
    a * power(b, -1), and a square root is power(a, 0.5).

    >>> power(Value(3.0), 2).data, power(Value(3.0), 2).slopes
    (9.0, (6.0,))
    """
    ### BEGIN SOLUTION
    return Value(v.data**n, (v,), (n * v.data ** (n - 1),))
    ### END SOLUTION


# %% Exercise 3.6: find the bugs
class Number:
    """Another engine. Here each value keeps, instead of slopes, a function `pull` that hands its
    grad on to those it was computed from (as Andrej Karpathy's micrograd does).

    It has three bugs. The first shows in a chain, the second where a value is used twice, the
    third only where diamonds are nested. Mended, it takes a step for each number, not one for each
    way that leads to it.

    >>> a, b = Number(2.0), Number(3.0)
    >>> c = a * b
    >>> (c * (c + a)).backward()
    >>> a.grad, b.grad
    (48.0, 28.0)
    """

    ### BEGIN SOLUTION
    def __init__(self, data, parents=()):
        self.data, self.parents, self.grad = data, parents, 0.0
        self.pull = lambda: None

    def __add__(self, other):
        out = Number(self.data + other.data, (self, other))

        def pull():
            self.grad += out.grad
            other.grad += out.grad

        out.pull = pull
        return out

    def __mul__(self, other):
        out = Number(self.data * other.data, (self, other))

        def pull():
            self.grad += out.grad * other.data
            other.grad += out.grad * self.data

        out.pull = pull
        return out

    def backward(self):
        done, seen, stack = [], set(), [(self, False)]
        while stack:
            number, ready = stack.pop()
            if ready:
                done.append(number)
            elif number not in seen:
                seen.add(number)
                stack += [(number, True), *((parent, False) for parent in number.parents)]
        self.grad = 1.0
        for number in reversed(done):
            number.pull()

    ### END SOLUTION
    ### BEGIN STUB
    # def __init__(self, data, parents=()):
    #     self.data, self.parents, self.grad = data, parents, 0.0
    #     self.pull = lambda: None
    #
    # def __add__(self, other):
    #     out = Number(self.data + other.data, (self, other))
    #
    #     def pull():
    #         self.grad = out.grad
    #         other.grad = out.grad
    #
    #     out.pull = pull
    #     return out
    #
    # def __mul__(self, other):
    #     out = Number(self.data * other.data, (self, other))
    #
    #     def pull():
    #         self.grad += out.grad * other.data
    #         other.grad += self.data
    #
    #     out.pull = pull
    #     return out
    #
    # def backward(self):
    #     queue = [self]
    #     self.grad = 1.0
    #     for number in queue:  # grows while we walk through it
    #         number.pull()
    #         for parent in number.parents:
    #             if parent not in queue:
    #                 queue.append(parent)
    #
    ### END STUB

# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     name: python3
# ---

# %% [markdown]
# # 4. Tensor autograd
#
# **What is the derivative of a matrix product, and why does nobody ever write it down?**
#
# The engine of lesson 3 is right, and far too small. Its values are single numbers, and each costs
# Python an object, a few tuples and a turn of a loop. Here the values become arrays. The walk back
# stays what it was. What is new is the local step: no longer a slope, but a function.

# %% [markdown]
# ## One layer is too much
#
# The digits again, all ten, with all 64 pixels. A layer that gives each of ten digits a score is a
# product of matrices, (1433, 64) by (64, 10).

# %%
import inspect
import time
import tracemalloc

import numpy as np
from matplotlib.figure import Figure

import minigrad as mg
from minigrad.data import digits

train, test = digits()
images, labels = (t.numpy() for t in train.tensors)
images = images.astype(float)
print(images.shape, labels.shape)
print(f"{2 * images.shape[0] * 64 * 10:,} products and sums")

# %% [markdown]
# With an object for each of 1.8 million steps, an engine of scalars needs seconds and hundreds of
# megabytes for *one* layer. NumPy does the product in a millisecond. So the graph must hold one
# node for the whole product. And then the old question comes back: what is the slope of a node that
# is an array, with another that is an array?
#
# ## A table of all slopes
#
# If $y$ has $m$ entries and $x$ has $n$, then there are $m \cdot n$ slopes, each of one entry with
# one other. Written as a table with a row for each entry of $y$ this is the *Jacobian*,
#
# $$J_{ij} = \frac{\partial y_i}{\partial x_j} .$$
#
# By hand, $y = (x_1 x_2,\; x_1 + x_2)$ at $x = (2, 5)$: the first row is $(5, 2)$, the second
# $(1, 1)$.

# %% [markdown]
# **Predict.** How large is the table for the layer above, the slopes of its 1433 · 10 scores with
# its 1433 · 64 pixels, in float64? Guess before you compute: megabytes, gigabytes?

# %%
scores, pixels, weights = 1433 * 10, 1433 * 64, 64 * 10
print(f"with the pixels:  {scores * pixels:>13,} slopes, {scores * pixels * 8 / 1e9:6.2f} GB")
print(f"with the weights: {scores * weights:>13,} slopes, {scores * weights * 8 / 1e9:6.2f} GB")

# %% [markdown]
# Ten gigabytes, for a product of two matrices that fill less than one megabyte together. And it is
# nearly all zeros: the score of one picture does not depend on another's pixels.
#
# ## What the walk back asks for
#
# Look again at what the engine of lesson 3 does at a node. A gradient arrives, $\bar y$; it is
# multiplied by the slope, and handed on. With arrays:
#
# $$\bar x_j = \sum_i \bar y_i \, \frac{\partial y_i}{\partial x_j},
# \qquad\text{for short}\qquad \bar x = \bar y J .$$
#
# That is a row of numbers times a table: a **vector-Jacobian product**. The table is never asked
# for by itself, only what comes out when $\bar y$ is multiplied by it. And that can nearly
# always be computed without the table. For $y = \tanh(x)$, entry by entry, $J$ is diagonal, and
# $\bar y J$ is just $\bar y \cdot (1 - y^2)$: for a thousand entries that is a thousand products,
# not a million.
#
# So let an operation return two things: its value, and a function that does this product, its
# **pullback**: it pulls a gradient back from the output to the input.


# %%
def tanh(x):
    y = np.tanh(x)
    return y, lambda g: g * (1 - y * y)


value, pullback = tanh(np.array([0.0, 1.0]))
print(value, pullback(np.array([10.0, 10.0])))

# %% [markdown]
# By hand: $\tanh 0 = 0$, slope 1, so the first is $10$. $\tanh 1 = 0.7616$, slope
# $1 - 0.58 = 0.42$, so the second is $4.2$. Note what the pullback holds: it *closes over* `y`,
# which so stays in memory until the walk comes by. Not `x`: tanh's slope can be had from its
# output. **Stop here and write exercise 4.1.**


# %%
def jacobian(op, x):
    """The table, when it is wanted: one call of the pullback for each row."""
    value, pullback = op(x)
    rows = []
    for i in np.ndindex(value.shape):
        one_hot = np.zeros(value.shape)
        one_hot[i] = 1
        rows.append(pullback(one_hot).ravel())
    return np.array(rows)


print(jacobian(tanh, np.array([0.0, 1.0, 2.0])).round(3))

# %% [markdown]
# **Predict.** For tanh of 2,000 numbers: how many times longer takes the way by the table than the
# pullback? And how much more memory?


# %%
def cost(work):
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times), peak


x, g = np.random.default_rng(0).standard_normal((2, 2000))
by_table, by_pullback = cost(lambda: g @ jacobian(tanh, x)), cost(lambda: tanh(x)[1](g))
print("the same result:", np.allclose(g @ jacobian(tanh, x), tanh(x)[1](g)))
print("more than 100 times slower:", by_table[0] > 100 * by_pullback[0])
print(f"memory: {by_table[1] / 1e6:.0f} MB against {by_pullback[1] / 1e6:.2f} MB")

# %% [markdown]
# A table of 2,000 by 2,000 numbers is 32 MB, and it is built from as much again; the pullback
# needs a few arrays of 2,000. In time the factor is in the thousands where this was written.
#
# ## A sum and a copy
#
# Two operations that only move numbers about are worth a close look: many wrong gradients are
# wrong in one of them.
#
# **A sum.** $s = x_1 + x_2 + x_3$. Each entry has the slope 1, so each gets $\bar s$: the gradient
# of a sum is a *copy*.
#
# **A copy.** $y_1 = y_2 = y_3 = x$. Move $x$, and all three move:
# $\bar x = \bar y_1 + \bar y_2 + \bar y_3$. The gradient of a copy is a *sum*. That is the `+=` of
# lesson 3, where a value is used three times.
#
# Each is the other's reverse. For a sum along an axis, the axis that is gone has to be put
# back before the copy. **Exercise 4.2.**


# %%
def sum_over(x, axis):
    return np.sum(x, axis), lambda g: np.broadcast_to(np.expand_dims(g, axis), x.shape)


value, pullback = sum_over(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), axis=1)
print(value)
print(pullback(np.array([10.0, 20.0])))

# %% [markdown]
# Now, NumPy copies without being asked: `x + b` with shapes (1433, 10) and (10,) adds `b` to
# every row. That is broadcasting (lesson 1): 1433 copies, which nobody sees and nobody stores.

# %% [markdown]
# **Predict.** Ten rows, and `b` is added to each. The loss is the sum of everything. What is the
# gradient of b[0]?

# %%
b = mg.tensor([0.0, 0.0], requires_grad=True)
(mg.zeros(10, 2) + b).sum().backward()
print(b.grad)

# %% [markdown]
# Ten: moving `b[0]` moves ten entries. So wherever something was broadcast, its gradient must be
# summed over the copies, and come back to its own shape. Two things happen in broadcasting, and
# both are undone: axes are added on the left (sum them away), and axes of size 1 are stretched (sum
# them, and keep the 1). By hand, for `s` of shape (2, 1) that was stretched to (2, 3), and
#
# $$g = \begin{pmatrix} 1 & 2 & 3 \\ 4 & 5 & 6 \end{pmatrix} \quad\to\quad
# \begin{pmatrix} 6 \\ 15 \end{pmatrix} .$$
#
# **Exercises 4.3 and 4.4.**


# %%
def sum_to(g, shape):
    added = g.ndim - len(shape)
    g = g.sum(axis=tuple(range(added)))
    stretched = tuple(i for i, n in enumerate(shape) if n == 1)
    return g.sum(axis=stretched, keepdims=True)


def add(x, y):
    return x + y, lambda g: (sum_to(g, x.shape), sum_to(g, y.shape))


def multiply(x, y):
    return x * y, lambda g: (sum_to(g * y, x.shape), sum_to(g * x, y.shape))


print(sum_to(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), (2, 1)))

# %% [markdown]
# ## The matrix product
#
# $Y = XW$, entry by entry: $Y_{ij} = \sum_k X_{ik} W_{kj}$. Where does one entry $X_{ik}$ go? Into
# the whole row $i$ of $Y$, into $Y_{ij}$ with the slope $W_{kj}$. So, by the rule of lesson 3, add
# up over all that was computed from it:
#
# $$\bar X_{ik} = \sum_j \bar Y_{ij} W_{kj} \quad\text{that is}\quad \bar X = \bar Y W^\top .$$
#
# And $W_{kj}$ goes into the column $j$ of $Y$, into $Y_{ij}$ with the slope $X_{ik}$:
#
# $$\bar W_{kj} = \sum_i X_{ik} \bar Y_{ij} \quad\text{that is}\quad \bar W = X^\top \bar Y .$$
#
# By hand, with $X = (1\;\; 2)$ and $W = (3\;\; 4)^\top$: $Y = 11$. Let $\bar Y = 10$. Then
# $\bar X = (30\;\; 40)$ and $\bar W = (10\;\; 20)^\top$. The derivative of a matrix product, which
# would be a table with four indices, is two matrix products. A walk back through such a layer costs
# two products where the run took one: that is where "backward costs twice as much as forward"
# comes from. **Exercise 4.5.**


# %%
def matmul(x, w):
    return x @ w, lambda g: (g @ w.T, x.T @ g)


value, pullback = matmul(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]))
print(value, [d.tolist() for d in pullback(np.array([[10.0]]))])

# %% [markdown]
# And this is what the tables look like, which nobody forms. A white field is a 0:

# %%
small = np.random.default_rng(1)
x0, w0 = small.uniform(0.5, 1.5, (3, 4)), small.uniform(0.5, 1.5, (4, 2))
flat = {
    "tanh(x), with x": jacobian(tanh, x0),
    "x.sum(1), with x": jacobian(lambda x: sum_over(x, 1), x0),
    "x + b, with b": jacobian(lambda b: (x0 + b, lambda g: sum_to(g, (4,))), x0[0]),
    "x @ w, with x": jacobian(lambda x: (x @ w0, lambda g: g @ w0.T), x0),
    "x @ w, with w": jacobian(lambda w: (x0 @ w, lambda g: x0.T @ g), w0),
}
figure = Figure(figsize=(9, 2.4), layout="constrained")
for axes, (name, table) in zip(figure.subplots(1, 5), flat.items(), strict=True):
    axes.imshow(table, cmap="Greys", vmin=0, vmax=1.5)
    axes.set_title(f"{name}\n{table.shape[0]} by {table.shape[1]}", fontsize=8)
    axes.set(xticks=[], yticks=[])
figure

# %% [markdown]
# Stripes and blocks, the same few numbers again and again. The pullbacks are what is left of these
# tables when all that is zero or repeated is left out.
#
# ## The engine
#
# A node now holds a value, a pullback, and the nodes that it came from. The walk is that of lesson
# 3; in the place of `grad * slope` there is `pullback(grad)`. For the order we take the age:
# what was made later goes first.


# %%
class Array:
    made = 0

    def __init__(self, value, parents=(), pullback=None):
        self.value, self.parents, self.pullback = value, parents, pullback
        self.grad, self.age = 0.0, Array.made
        Array.made += 1


def op(function):
    """Make an operation on Arrays of a function of arrays that returns (value, pullback)."""

    def on_arrays(*parents):
        value, pullback = function(*(p.value for p in parents))
        return Array(value, parents, pullback)

    return on_arrays


def backward(root):
    below, stack = {root}, [root]
    while stack:
        new = set(stack.pop().parents) - below
        below |= new
        stack += new
    root.grad = np.ones_like(root.value)
    for node in sorted(below, key=lambda n: -n.age):
        if node.parents:
            found = node.pullback(node.grad)
            found = found if isinstance(found, tuple) else (found,)
            for parent, g in zip(node.parents, found, strict=True):
                parent.grad = parent.grad + g


# %% [markdown]
# Every function above becomes an operation of it by one word, `op`. Here is a layer for the digits:
# scores $XW + b$, to be 1 for the right digit and 0 for the nine others, and the squared error,
# summed over the ten scores, as a mean over the pictures.

# %%
product, plus, times = op(matmul), op(add), op(multiply)
over_digits = op(lambda x: sum_over(x, 1))
over_pictures = op(lambda x: sum_over(x, 0))
wanted = Array(-np.eye(10)[labels])
pixels = Array(images)
scale = Array(np.array(1 / len(images)))


def loss(w, b):
    miss = plus(plus(product(pixels, w), b), wanted)
    return times(over_pictures(over_digits(times(miss, miss))), scale)


w, b = Array(np.zeros((64, 10))), Array(np.zeros(10))
for step in range(101):
    error = loss(w, b)
    backward(error)
    w, b = Array(w.value - 0.05 * w.grad), Array(b.value - 0.05 * b.grad)
    if step % 25 == 0:
        print(f"step {step:3}: loss {error.value:.4f}")

unseen, answers = (t.numpy() for t in test.tensors)
found = (unseen @ w.value + b.value).argmax(1)
print(f"{(found == answers).sum()} of {len(answers)} unseen digits right")

# %%
figure = Figure(figsize=(7, 1.6), layout="constrained")
for digit, axes in enumerate(figure.subplots(1, 10)):
    axes.imshow(w.value[:, digit].reshape(8, 8), cmap="RdBu_r", vmin=-0.25, vmax=0.25)
    axes.set(xticks=[], yticks=[], title=str(digit))
figure

# %% [markdown]
# Each picture shows what its digit's score adds (red) and subtracts (blue). The graph of a step
# has seven operations, where scalars would have needed millions; and each walk back through them
# gave all 650 slopes.
#
# ## Is it right?
#
# By differences one would need two runs for each of 91,712 pixels to check the product. There is a
# way that needs two runs in all. Take any direction $u$ for $x$ and any weights $v$ for the value:
# the number $v J u$ can be computed from either side,
#
# $$v \cdot (J u) = (v J) \cdot u .$$
#
# $Ju$ is how fast the value changes when $x$ moves along $u$: one central difference. $vJ$ is one
# call of the pullback. With random $u$ and $v$ a wrong pullback passes only by a freak of chance.
# Geophysicists, whose pullbacks run for hours, call it the dot-product test. **Exercise 4.6.**

# %%
rng = np.random.default_rng(0)
w0 = rng.standard_normal((64, 10))
u, v = rng.standard_normal(images.shape), rng.standard_normal((1433, 10))
h = 1e-6
along = (matmul(images + h * u, w0)[0] - matmul(images - h * u, w0)[0]) / (2 * h)
print(f"v . (J u) = {np.sum(v * along):.6f}")
print(f"(v J) . u = {np.sum(matmul(images, w0)[1](v)[0] * u):.6f}")

# %% [markdown]
# **Predict.** A colleague writes `g @ w` for the gradient of $X$, without the transposition. "The
# shapes would not fit," you say. When would they fit?

# %%
for k, m in ((64, 10), (10, 10)):
    w0, g = rng.standard_normal((k, m)), rng.standard_normal((5, m))
    try:
        wrong = g @ w0
        print(f"w of {w0.shape}: fits, and is right: {np.allclose(wrong, g @ w0.T)}")
    except ValueError:
        print(f"w of {w0.shape}: does not fit")

# %% [markdown]
# Where the weights are square, and between hidden layers they often are. minigrad's gradient check
# reads off the mistake (more of that in lesson 5):


# %%
@mg.op
def careless(x, w):
    return x @ w, lambda g: (g @ w, x.T @ g)


inputs = [
    mg.tensor(rng.standard_normal(s), dtype=mg.float64, requires_grad=True)
    for s in ((2, 3), (3, 3))
]
print(mg.gradcheck(careless, inputs, raise_exception=False).diagnoses[0])

# %% [markdown]
# **Exercise 4.7**: a layer, tanh(x @ w + b), with three bugs.
#
# ## Reading a real engine
#
# You have just read minigrad's, in small. Its operations are written like those above, each with
# its value and its pullback:

# %%
print(inspect.getsource(mg.tanh.__wrapped__))

# %% [markdown]
# Open `minigrad/graph.py` beside it. `run` is our `on_arrays`: it takes the arrays out of the
# Tensors, calls `spec.fn(*raw)`, gets a value and a pullback, and, if one of the arguments
# requires a gradient, makes a `Node`. Every Tensor has its node:

# %%
x = mg.tensor([[1.0, 2.0]], requires_grad=True)
y = mg.tanh(x @ mg.tensor([[3.0], [4.0]]))
for node in (y.node, y.node.edges[0][1]):
    print(node, "| age", node.age - y.node.age, "| edges to argument", [i for i, _ in node.edges])

# %% [markdown]
# The product has an edge for argument 0 only: its other one asks for no gradient, so `x.T @ g`
# need not be computed. That is why a pullback may also be a *tuple* of functions there, one for
# each argument, of which only those that are needed are called.
#
# Then `minigrad/autograd.py`, `backward_pass`. The heart of it, shortened:
#
#     order = sorted(ancestors(...), key=_age)
#     for node in reversed(order):
#         g = pending.pop(node, None)
#         results = pullback(*gs)
#         before = pending.get(parent)
#         pending[parent] = gi if before is None else plus(before, gi)
#
# Gradients wait in a dictionary, `pending`, until their node's turn comes, and are added up there,
# as in lesson 3. The rest of that function is for hooks, for several outputs, for messages. And
# the undoing of broadcasting is there once for all operations, in a function that
# you know:

# %%
from minigrad.autograd import sum_to as theirs

for shape in ((4, 3), (3,), (4, 1), (1, 3), (1, 1), ()):
    g = rng.standard_normal((4, 3))
    assert np.allclose(theirs(g, shape), sum_to(g, shape))
print("the same for six shapes")

# %% [markdown]
# ## Where it comes from
#
# Rules for matrices were collected long before there were engines: Paul Dwyer and M. S. MacPhail,
# *Symbolic Matrix Derivatives* (1948), has the matrix product's. Mike Giles (2008) worked out the
# reverse rules of the inverse, the determinant, the eigenvalues. That an operation should give its
# value together with a function that goes back is the view of Barak Pearlmutter and Jeffrey
# Siskind, *Reverse-Mode AD in a Functional Framework: Lambda the Ultimate Backpropagator* (2008).
# The word *pullback* comes from geometry; Michael Innes' Zygote for Julia (2018) uses it. Dougal
# Maclaurin, David Duvenaud and Ryan Adams' `autograd` (2015) brought the idea to NumPy; JAX, its
# heir, calls it `vjp`.
#
# ## Three beliefs that are wrong
#
# **"If the shapes fit, the gradient is right."** Shapes catch some mistakes, and none where sizes
# are equal. Test with sizes that are all different, *and* with square ones.
#
# **"Broadcasting costs nothing."** Forward, no. Backward it is a sum over all the copies, and where
# it is forgotten NumPy broadcasts the gradient without a word: `b - 0.1 * g` has g's shape.
#
# **"The pullback needs the input."** It needs what its formula says: tanh its output, a product
# the *other* input, a sum nothing but a shape. What it closes over is what fills the memory.
#
# ## What a large model does differently
#
# Its pullbacks are these. A weight of a Transformer has a gradient $X^\top \bar Y$, with $X$ of
# some millions of rows, one for each token. Two things are done to make it fast: several operations
# are *fused* into one with one pullback, so that less is kept (attention in lesson 13); and the
# copies of the weights on a thousand machines are one great broadcast, whose undoing, a sum over
# all machines, is what "all-reduce" does (lesson 27). The Jacobian is formed nowhere.
#
# **Read on.** Giles, *Collected Matrix Derivative Results for Forward and Reverse Mode
# Algorithmic Differentiation*, 2008. Claerbout, *Earth Soundings Analysis*, 1992, on adjoint
# operators and the dot-product test. Maclaurin's thesis, *Modeling, Inference and Optimization
# with Composable Differentiable Procedures*, Harvard 2016. minigrad: `graph.py`, then
# `autograd.py`, then any file of `ops/`.

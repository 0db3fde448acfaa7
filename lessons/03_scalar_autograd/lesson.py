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
# # 3. Scalar autograd
#
# **How does a program find the slopes of everything that went into it, in one walk back?**
#
# Lesson 2 ended with a bill: a million knobs, two million runs of the network for one step. In
# this lesson you build the engine that needs one run and one walk back, whatever the number of
# knobs. It is about thirty lines long. The calculus in it is school's. The hard part is the
# *order*, and we shall see it go wrong before it is right.

# %% [markdown]
# ## A 3 or an 8?
#
# Here are handwritten digits, 8 by 8 pixels, written by thirteen people. We take threes and
# eights only, and of each picture two numbers only: the ink left of the middle, and the ink right
# of it.

# %%
import numpy as np
from matplotlib.figure import Figure

from minigrad.data import digits

images, labels = digits()[0].tensors
images, labels = images.numpy().reshape(-1, 8, 8), labels.numpy()
chosen = np.flatnonzero((labels == 3) | (labels == 8))[:60]
left = images[chosen, :, :4].sum((1, 2)).astype(float)
right = images[chosen, :, 4:].sum((1, 2)).astype(float)
target = np.where(labels[chosen] == 8, 1.0, -1.0)

figure = Figure(figsize=(6.5, 3), layout="constrained")
first, second, axes = figure.subplots(1, 3, width_ratios=[1, 1, 2])
for place, digit in ((first, 3), (second, 8)):
    place.imshow(images[labels == digit][0], cmap="gray_r")
    place.axvline(3.5, color="C1")
    place.set(xticks=[], yticks=[], title=f"a {digit}")
for t, digit in ((-1, 3), (1, 8)):
    axes.plot(left[target == t], right[target == t], "o", label=str(digit), markersize=4)
axes.set(xlabel="ink on the left", ylabel="ink on the right")
axes.legend()
figure

# %% [markdown]
# A three is open on the left, so it has less ink there. A small network shall draw the line
# between the clouds: three neurons that each compute $\tanh(w_1 x_1 + w_2 x_2 + b)$, and a fourth
# that takes their three outputs. That makes 13 knobs: 3 times (2 + 1), and 3 + 1. What is the
# slope of the error with each of them?
#
# ## A program is a chain of small steps
#
# Nobody knows the derivative of "a network" by heart. But the network is a program, and a program
# is made of steps: an addition, a product, a tanh. Of each *step* we know the slope by heart:
#
# | step | slope with a | slope with b |
# |---|---|---|
# | a + b | 1 | 1 |
# | a b | b | a |
# | tanh(a) | 1 - tanh(a)² | |
#
# Now the whole. Take a chain of two steps, $c = ab$ and $y = cd$, at $a = 2, b = 3, d = 5$. Move
# $a$ by 0.01. Then $c$ moves by 0.03, three times as far, and $y$ moves by 0.15, five times as far
# as $c$. **Along a path, slopes are multiplied**: the slope of $y$ with $a$ is $3 \cdot 5 = 15$.
# That is the chain rule:
#
# $$\frac{dy}{da} = \frac{dy}{dc} \cdot \frac{dc}{da} .$$
#
# ## Three ways from a to y
#
# The second half of the rule is the one that is forgotten. Take three steps:
#
# $$c = a b, \qquad d = c + a, \qquad y = c\,d \qquad\text{at } a = 2, b = 3 .$$
#
# So $c = 6$, $d = 8$, $y = 48$. From $a$ there are three paths to $y$: through $c$ alone, through
# $c$ and then $d$, through $d$ alone. Each is a product of slopes:
#
# | path | slopes | product |
# |---|---|---|
# | a, c, y | 3 · 8 | 24 |
# | a, c, d, y | 3 · 1 · 6 | 18 |
# | a, d, y | 1 · 6 | 6 |
#
# **Paths are added**: 24 + 18 + 6 = 48. Why added? Moving $a$ by a little moves $y$ a little along
# each path, and small changes add up: the product of two of them is so small that it vanishes in
# the limit. (Algebra says the same: $y = a^2b^2 + a^2b$, its slope is $2ab^2 + 2ab = 48$.) A
# value that is used twice has a gradient that is a sum, always, and so an engine says
# `grad +=`, never `grad =`.


# %%
def y(a, b):
    c = a * b
    d = c + a
    return c * d


print((y(2 + 1e-6, 3) - y(2 - 1e-6, 3)) / 2e-6)

# %% [markdown]
# **Stop here and write exercise 3.1**: a neuron, backwards by hand, with a value that is used
# twice.
#
# ## Why backwards
#
# The paths can be counted, and that is the trouble: there are too many.

# %% [markdown]
# **Predict.** Start with x and repeat forty times: x = x + x. How many paths lead from the first x
# to the last?

# %%
print(f"{2**40:,}")

# %% [markdown]
# Every step doubles them: two to the fortieth, a million millions, in a program of forty steps. To
# add up the paths one by one is right and useless. But paths share their pieces. All that
# lie between $c$ and $y$ can be added up *once*, into one number, the slope of $y$ with $c$; then
# whatever comes before $c$ needs that number only. Write $\bar v$ for the slope of $y$ with $v$,
# the *gradient* of $v$. Then
#
# $$\bar v = \sum_{u \text{ computed from } v} \bar u \cdot \frac{\partial u}{\partial v},
# \qquad \bar y = 1 .$$
#
# By hand, from the end: $\bar y = 1$. From $y = cd$: $\bar d = 6$ and, for now, $\bar c = 8$.
# From $d = c + a$: $\bar c = 8 + 6 = 14$ and $\bar a = 6$. From $c = ab$:
# $\bar a = 6 + 14 \cdot 3 = 48$ and $\bar b = 14 \cdot 2 = 28$. Three steps forward, three steps
# back, and *both* slopes are there. With a hundred inputs it would be the same walk.

# %%
places = {"a": (0, 0), "b": (0, 2), "c": (1.2, 1.3), "d": (2.4, 0), "y": (3.6, 1)}
numbers = {"a": (2, 48), "b": (3, 28), "c": (6, 14), "d": (8, 6), "y": (48, 1)}
slopes = [("a", "c", 3), ("b", "c", 2), ("c", "d", 1), ("a", "d", 1), ("c", "y", 8), ("d", "y", 6)]
figure = Figure(figsize=(6.5, 2.6), layout="constrained")
axes = figure.subplots()
for start, end, slope in slopes:
    (x0, y0), (x1, y1) = places[start], places[end]
    axes.plot([x0, x1], [y0, y1], color="gray", zorder=0)
    axes.text((x0 + x1) / 2, (y0 + y1) / 2, f"{slope}", color="C0", backgroundcolor="white")
for name, (x0, y0) in places.items():
    value, gradient = numbers[name]
    axes.text(x0, y0, f"{name} = {value}\ngradient {gradient}", ha="center", va="center",
              bbox={"boxstyle": "round", "facecolor": "#f4efe2", "edgecolor": "gray"})  # fmt: skip
axes.set(xlim=(-0.5, 4.1), ylim=(-0.5, 2.5))
axes.axis("off")
figure

# %% [markdown]
# The six slopes of the steps are in blue. Each gradient is the sum, over the lines that lead to the
# right, of slope times the gradient at the other end. For c: $1 \cdot 6 + 8 \cdot 1 = 14$.
#
# (One may also go forwards, with the slope of every value with $a$. That gives one input's slopes
# in a walk: good for few inputs and many outputs. A loss is one output of many inputs.)
#
# ## A number that remembers
#
# To go back we need to know what was computed from what. So a number shall remember it: its
# parents, and its slope with each. Python lets a class say what `+` and `*` do. **Exercise 3.2.**


# %%
class Value:
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


a, b = Value(2.0), Value(3.0)
out = y(a, b)  # the same function as above, which knows nothing of Values
print(out.data, [p.data for p in out.parents], out.slopes)


# %% [markdown]
# The function `y` was written for numbers, and it did not notice. It ran as always and left a
# *graph* behind it. That is all there is to "define by run": loops and ifs of Python need no
# treatment, since the graph holds what was really computed this time.
#
# ## Three walks that are wrong
#
# Going back means: a value hands on `grad * slope` to each of its parents. But in which order do
# the values do it? Each of the following three seems natural.


# %%
def hand_on(value):
    for parent, slope in zip(value.parents, value.slopes, strict=True):
        parent.grad += value.grad * slope


def going_down(value):
    """Hand on, and let each parent do the same at once."""
    hand_on(value)
    for parent in value.parents:
        going_down(parent)


def level_by_level(root):
    """A queue: first root, then its parents, then theirs; each once."""
    queue = [root]
    for value in queue:  # the queue grows while we walk through it
        hand_on(value)
        queue += [p for p in dict.fromkeys(value.parents) if p not in queue]


def assigning(root):
    """The right order, but = in the place of +=."""
    for value in reversed(order(root)):
        for parent, slope in zip(value.parents, value.slopes, strict=True):
            parent.grad = value.grad * slope


# %% [markdown]
# And the right one, with the order that the next section is about:


# %%
def order(root):
    """All values, parents before what was computed from them."""
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


def in_order(root):
    for value in reversed(order(root)):
        hand_on(value)


# %% [markdown]
# **Predict.** Four programs at a = 2, b = 3, from a chain to a diamond within a diamond. Which walk
# gets which right? The right answers for a are 6, 4, 48 and 2916.


# %%
def nested(a, b):
    c = a * b
    d = c * c
    return d * (d + c)


programs = {
    "(a * b) * 2": lambda a, b: (a * b) * 2, "a * a": lambda a, b: a * a, "c (c + a)": y,
    "d (d + c)": nested,
}  # fmt: skip
print(" " * 15, "".join(f"{name:>13}" for name in programs))
for walk in (assigning, going_down, level_by_level, in_order):
    got = []
    for program in programs.values():
        a, b = Value(2.0), Value(3.0)
        root = program(a, b)
        root.grad = 1.0
        walk(root)
        got.append(a.grad)
    print(f"{walk.__name__:15}", "".join(f"{slope:13g}" for slope in got))

# %% [markdown]
# All four agree on the chain. A test of an engine by chains finds nothing.
#
# *Assigning* gets $a^2$ wrong already: what arrives second erases what came first. It says 2,
# and the slope of $a^2$ at 2 is 4.
#
# *Going down* sends what has arrived so far, and when more arrives, it sends all of it again: what
# came first is counted twice. (It also goes down every path, one by one.) In $c(c + a)$: $c$ has 8
# and sends it; then 6 more come, and it sends 14. So $a$ gets $8 \cdot 3 + 14 \cdot 3 + 6 = 72$.
#
# *Level by level* is the treacherous one. It passes $a \cdot a$, and many networks in layers.
# In $c(c + a)$ the queue meets $c$ at the first level, since $y = c\,d$ uses it directly. So $c$
# hands on when it has 8, and the 6 that come round through $d$ arrive too late:
# $6 + 8 \cdot 3 = 30$. The shortest way decides when a value is met; **the longest way decides when
# it is complete.**
#
# ## An order in which it can be done
#
# A value may hand its gradient on when all values that were computed from it have sent theirs. So
# we need the values in an order in which each comes before what it was computed from. That is a
# *topological order*, turned round. There is one for every program: the order in which it was
# computed. (minigrad uses just that: each node has an age, and `backward` goes from the youngest
# to the oldest.) Without ages it takes one rule: **a value goes on the list after its parents.**
#
# Follow it for $y = c\,d$, $d = c + a$, $c = ab$. Begin at $y$: first its parents. The first is
# $c$, with parents $a$ and $b$, which have none: the list is `a b c`. The second parent is $d$;
# its parents are there already: `a b c d`. Then `y` itself. Backwards: y, d, c, b, a. So $c$ comes
# after $d$, and gets its 6 in time. (The stack in `order` takes the last parent first. That may
# give another list, and any will do in which parents come first.) **Exercises 3.3 and 3.4.**


# %%
def backward(root):
    root.grad = 1.0
    in_order(root)


a, b = Value(2.0), Value(3.0)
out = y(a, b)
names = {2.0: "a", 3.0: "b", 6.0: "c", 8.0: "d", 48.0: "y"}
print([names[v.data] for v in order(out)])
backward(out)
print({names[v.data]: v.grad for v in reversed(order(out))})

# %% [markdown]
# The same walk, as minigrad shows it for its own engine, one step at a time:

# %%
import minigrad as mg

ta, tb = (mg.tensor(number, requires_grad=True) for number in (2.0, 3.0))
steps = mg.viz.step(y(ta, tb))
for i in (6, 7):
    print(steps.text(i))


# %% [markdown]
# **Predict.** "After its parents" can be said in a few lines that call themselves. What happens to
# them with a sum of 5,000 numbers?


# %%
def order_by_recursion(root, found=None):
    found = [] if found is None else found
    if root not in found:
        for parent in root.parents:
            order_by_recursion(parent, found)
        found.append(root)
    return found


total = Value(0.0)
for number in range(5000):
    total = total + number
try:
    order_by_recursion(total)
except RecursionError as error:
    print(type(error).__name__)
print(len(order(total)), "values by the stack")

# %% [markdown]
# A loss summed over a data set is just such a chain. The cure is in `order`: a list of what is
# still to do, on which a value lies *below* its parents and comes up again when they are done.
# (`root not in found` is a second trouble: it searches a list. A set does not.)
#
# ## tanh, exp, powers
#
# A new function is a new row of the table: its value and its slope. **Exercise 3.5.**


# %%
def tanh(v):
    t = float(np.tanh(v.data))
    return Value(t, (v,), (1 - t * t,))


def exp(v):
    e = float(np.exp(v.data))
    return Value(e, (v,), (e,))


def power(v, n):
    return Value(v.data**n, (v,), (n * v.data ** (n - 1),))


# %% [markdown]
# Test it on a network that somebody else has worked out by hand. Matt Mazur's *A Step by Step
# Backpropagation Example* (2015) has two inputs, two hidden neurons, two outputs, all sigmoid. He
# finds the error 0.298371109, and takes one step of rate 0.5, after which $w_5 = 0.35891648$ and
# the error is 0.291027924.


# %%
def sigmoid(v):
    return power(exp(v * -1) + 1, -1)


def mazur(w):
    x1, x2 = 0.05, 0.10
    h1 = sigmoid(w[0] * x1 + w[1] * x2 + 0.35)
    h2 = sigmoid(w[2] * x1 + w[3] * x2 + 0.35)
    o1 = sigmoid(w[4] * h1 + w[5] * h2 + 0.60)
    o2 = sigmoid(w[6] * h1 + w[7] * h2 + 0.60)
    return power(o1 + -0.01, 2) * 0.5 + power(o2 + -0.99, 2) * 0.5


w = [Value(number) for number in (0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55)]
error = mazur(w)
backward(error)
print(f"error {error.data:.9f}")
w = [Value(v.data - 0.5 * v.grad) for v in w]
print(f"w5    {w[4].data:.8f}")
print(f"error {mazur(w).data:.9f} after the step")

# %% [markdown]
# The error and $w_5$ agree to the last digit. The error after the step does not: 0.291027774, and
# he has 0.291027924. Is our engine wrong? All eight slopes can be checked against differences:

# %%
w = [Value(number) for number in (0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55)]
backward(mazur(w))
start = np.array([v.data for v in w])
slopes = [
    (mazur(list(map(Value, start + h))).data - mazur(list(map(Value, start - h))).data) / 2e-5
    for h in 1e-5 * np.eye(8)
]
print(max(abs(v.grad - s) for v, s in zip(w, slopes, strict=True)))

# %% [markdown]
# Ours agree with the differences to eleven digits behind the point. So the published number is
# wrong, and one can find out how. The output weights are stepped *first*, and then the slopes of
# the hidden layer are computed through them:


# %%
def s(z):
    return 1 / (1 + np.exp(-z))


W, V, inputs = start[:4].reshape(2, 2), start[4:].reshape(2, 2), np.array([0.05, 0.10])
h = s(W @ inputs + 0.35)
o = s(V @ h + 0.60)
d = (o - [0.01, 0.99]) * o * (1 - o)
V = V - 0.5 * np.outer(d, h)  # too early: the slopes of W go through the old V
W = W - 0.5 * np.outer((V.T @ d) * h * (1 - h), inputs)
o = s(V @ s(W @ inputs + 0.35) + 0.60)
print(f"error {np.sum((o - [0.01, 0.99]) ** 2) / 2:.9f}")

# %% [markdown]
# That is his number, all nine digits of it. (His text says, rightly, that the old weights are to
# be used.) The order again. First all slopes, then the step; and a check that one can run is worth
# more than a number that one can read.
#
# ## The network learns


# %%
x1s, x2s = ((ink - ink.mean()) / ink.std() for ink in (left, right))  # around 0, of size 1


def network(knobs, x1, x2):
    hidden = [tanh(knobs[3 * i] * x1 + knobs[3 * i + 1] * x2 + knobs[3 * i + 2]) for i in range(3)]
    return tanh(hidden[0] * knobs[9] + hidden[1] * knobs[10] + hidden[2] * knobs[11] + knobs[12])


def loss(knobs):
    total = Value(0.0)
    for x1, x2, t in zip(x1s, x2s, target, strict=True):
        total = total + power(network(knobs, x1, x2) + -t, 2)
    return total * (1 / len(target))


rng = np.random.default_rng(0)
knobs = [Value(number) for number in 0.5 * rng.standard_normal(13)]
for step in range(101):
    error = loss(knobs)
    for knob in knobs:
        knob.grad = 0.0
    backward(error)
    for knob in knobs:
        knob.data -= 0.3 * knob.grad
    if step % 25 == 0:
        right_ones = sum(
            network(knobs, x1, x2).data * t > 0 for x1, x2, t in zip(x1s, x2s, target, strict=True)
        )
        print(f"step {step:3}: loss {error.data:.4f}, {right_ones} of {len(target)} right")
print(f"{len(order(error)):,} values in the graph")

# %%
figure = Figure(figsize=(5, 3.6), layout="constrained")
axes = figure.subplots()
grid = np.linspace(-2.5, 2.5, 40)
field = [[network(knobs, x1, x2).data for x1 in grid] for x2 in grid]
shades = axes.contourf(grid, grid, field, levels=np.linspace(-1, 1, 11), cmap="RdBu_r", alpha=0.6)
axes.contour(grid, grid, field, levels=[0], colors="black")
for t, digit, color in ((-1, 3, "C0"), (1, 8, "C3")):
    where = target == t
    axes.plot(x1s[where], x2s[where], "o", color=color, label=str(digit), markersize=4)
axes.set(xlabel="ink on the left, standardized", ylabel="ink on the right, standardized")
axes.legend()
figure.colorbar(shades, label="what the network says")
figure

# %% [markdown]
# 57 of the 60 come out right, from two numbers a picture; the three others lie among the wrong
# cloud. All 13 slopes of each of the 101 steps came from one walk through 1,936 values.
#
# ## What it costs
#
# Thirteen knobs by differences: 26 runs. By the engine: one run and one walk back.

# %% [markdown]
# **Predict.** The graph of a run has 1,936 values. How many products does the walk back take? And
# how many would it be with 1,300 knobs, in a program of the same number of steps?

# %%
error = loss(knobs)
print(f"{sum(len(value.parents) for value in order(error)):,} products of grad and slope")

# %% [markdown]
# One for each edge of the graph, and at most two edges lead into a value. So the walk is of the
# size of the run, *whatever the number of knobs*. Walter Baur and Volker Strassen proved in 1983
# that this holds for every function made of sums, differences, products and quotients: all its
# slopes together cost at most a small constant times the function. It is called the *cheap gradient
# principle*. What is not cheap is memory: every value has to be kept until the walk comes by.
#
# ## Where it comes from
#
# The same walk was found several times. Robert Wengert (1964) recorded programs as lists of steps,
# and went forwards. Seppo Linnainmaa, in his master's thesis in Helsinki (1970), went backwards; he
# wanted to know how rounding errors add up, and each value's effect on the result is just such a
# slope. Paul Werbos (thesis 1974) proposed it for models that are fitted to data, and David
# Rumelhart, Geoffrey Hinton and Ronald Williams showed in *Nature* in 1986 what the hidden units of
# a network learn with it. Andreas Griewank's *Who Invented the Reverse Mode of Differentiation?*
# (2012) sorts the claims. The topological order has an algorithm by Arthur Kahn (1962), for the
# plans of projects in which one task must wait for others. Andrej Karpathy's micrograd (2020) made
# an engine of this size famous; **exercise 3.6** is one of its kind, with three bugs.
#
# ## Four beliefs that are wrong
#
# **"Backpropagation is the chain rule."** The chain rule gives the products. That paths are added
# up once, in an order in which each value is complete before it hands on, is what makes it fast,
# and that is the algorithm.
#
# **"My engine works: I tested it on a network."** Where the layers make all ways from a value to
# the loss equally long, even the walk by levels is right. Test `a + a`, test `c * (c + a)`.
# minigrad has such a test for anybody's engine:


# %%
from minigrad.clinic import check_engine


class Faulty(Value):
    """Our Values, with the walk by levels."""

    def __add__(self, other):
        return Faulty(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        return Faulty(self.data * other.data, (self, other), (other.data, self.data))

    def backward(self):
        self.grad = 1.0
        level_by_level(self)


report = check_engine(Faulty)
print(report.diagnoses[0])

# %% [markdown]
# **"backward computes the gradients, so a second call computes them again."** It *adds*, as it must
# within one walk; so it also adds to what an earlier call has left. Hence `knob.grad = 0.0` in the
# loop above, which PyTorch calls `zero_grad`. Without it:

# %%
a = Value(3.0)
for call in range(3):
    backward(a * a)
    print(f"call {call + 1}: {a.grad}")

# %% [markdown]
# And a second walk over the *same* graph is worse: the values in between still hold their old
# gradients, and hand those on again. minigrad refuses it, as does PyTorch wherever it has freed
# what the walk needs; exercise 3.4 makes it right.
#
# **"The graph must be drawn before the run."** It is what the run leaves behind. An `if` that went
# the other way leaves another graph.
#
# ## What a large model does differently
#
# The walk is the same, and so are `+=` and the order. What differs is the size of a node: not one
# number but an array of millions, so that a model of billions of weights has a graph of some
# thousands of nodes, and the time is spent in matrix products, not in Python. How the slope of a
# matrix product looks, and why nobody ever writes it down whole, is lesson 4. And since every value
# is kept until the walk comes by, memory is what runs out first; large models throw values away and
# compute them again (lesson 27).
#
# **Read on.** Baydin, Pearlmutter, Radul and Siskind, *Automatic Differentiation in Machine
# Learning: a Survey*, JMLR 18, 2018, section 3. Griewank and Walther, *Evaluating Derivatives*,
# SIAM, 2nd edition 2008, chapter 3. Rumelhart, Hinton and Williams, *Learning Representations by
# Back-propagating Errors*, Nature 323, 1986: four pages. minigrad's own engine is
# `minigrad/autograd.py`; `backward_pass` is the walk of this lesson.

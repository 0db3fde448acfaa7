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
# # 5. The gradient clinic
#
# **A gradient is wrong. Which mistake makes exactly these wrong numbers?**
#
# Lesson 2 gave a test that says *yes* or *no*. A no is where the work begins: somewhere in a
# formula there is a mistake, and two numbers that differ do not say where. But a mistake leaves
# traces. A lost factor of 2 makes every slope half of what it should be. A forgotten sum leaves
# zeros in whole rows. A mask that was drawn twice gives another answer each time. There are about
# thirty such mistakes, people make them again and again, and most can be told by their traces.

# %% [markdown]
# ## It learns anyway
#
# The digits, a layer, a softmax (each row of scores is made positive, with the sum 1), and the mean
# squared distance from the right answer. We train it three times: with softmax's right
# pullback, with one that has forgotten that the entries of a row depend on each other, and with one
# that works along the wrong axis.

# %%
import numpy as np
from matplotlib.figure import Figure

import minigrad as mg
from minigrad.clinic.faults import FAULTS
from minigrad.data import digits

train, test = digits()
images, labels = (t.numpy() for t in train.tensors)
unseen, answers = (t.numpy() for t in test.tensors)
wanted = np.eye(10)[labels]


def soft(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


PULLBACKS = {
    "right": lambda y, g: y * (g - np.sum(g * y, axis=1, keepdims=True)),
    "diagonal only": lambda y, g: g * y * (1 - y),
    "wrong axis": lambda y, g: y * (g - np.sum(g * y, axis=0, keepdims=True)),
}


def trained(pullback, steps=300):
    w = np.zeros((64, 10))
    losses = []
    for _ in range(steps):
        y = soft(images @ w)
        losses.append(np.mean(np.sum((y - wanted) ** 2, axis=1)))
        w = w - 2.0 * images.T @ pullback(y, 2 * (y - wanted) / len(images))
    return losses, np.mean((unseen @ w).argmax(axis=1) == answers)


# %% [markdown]
# **Predict.** Two of the three gradients are wrong. What will their losses do: rise, stay, fall?
# And how many unseen digits will they get right?

# %%
figure = Figure(figsize=(6, 3.2), layout="constrained")
axes = figure.subplots()
for name, pullback in PULLBACKS.items():
    losses, found = trained(pullback)
    axes.plot(losses, label=name)
    print(f"{name:14} loss {losses[-1]:.3f}, unseen right: {found:.1%}")
axes.set(xlabel="step", ylabel="loss", ylim=(0, 2))
axes.legend()
figure

# %% [markdown]
# The one that works along the wrong axis fails at once, and somebody will look for the mistake:
# the lucky case. The one that has only the diagonal learns nearly as fast, and gets 350 of the 364
# unseen digits right where the right gradient gets 351. Nobody would look.
#
# **A falling loss is no evidence that the gradient is right.** Any direction that
# points roughly downhill will do, and so such a mistake may live in a program for years. A check of
# each operation finds it in a second.
#
# ## The two tables
#
# Of an operation with a small input both Jacobians can be written down whole: **A**, which
# the pullback has (a one at one entry of the value gives one row), and **N**, from differences (a
# step at one entry of x gives one column). Everything that follows is reading these two tables.
# **Exercise 5.1.**


# %%
def jacobians(op, x, h=1e-6):
    value, pullback = op(x)
    rows, columns = [], []
    for i in np.ndindex(value.shape):
        one = np.zeros(value.shape)
        one[i] = 1.0
        rows.append(np.ravel(pullback(one)))
    for j in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[j] = h
        columns.append(np.ravel(op(x + step)[0] - op(x - step)[0]) / (2 * h))
    return np.array(rows), np.stack(columns, axis=1)


def soft_diagonal(x):
    y = soft(x)
    return y, lambda g: g * y * (1 - y)


a, n = jacobians(soft_diagonal, np.array([[0.0, 1.0, 2.0]]))
print("A, by the pullback:", a.round(3), "N, by differences:", n.round(3), sep="\n")

# %% [markdown]
# One look, and it is clear: the diagonal is right, and beside it there is nothing where there
# should be something. By hand: softmax of (0, 1, 2) is $y = (0.090, 0.245, 0.665)$. When $x_2$
# rises, $y_2$ rises at the speed $y_2(1 - y_2) = 0.185$, and $y_1$ must fall, at
# $-y_1 y_2 = -0.022$, since the three always sum to 1.
#
# Here are six mistakes and their tables, drawn: above what the pullback says, below what is true.


# %%
def op(value, pullback):
    return lambda x: (value(x), lambda g: pullback(x, g))


def rows_of_four(b):
    return np.broadcast_to(b, (4, b.size)) + 0.0


GALLERY = {
    "missing-factor": op(np.square, lambda x, g: g * x),
    "wrong-sign": op(np.cos, lambda x, g: g * np.sin(x)),
    "input-for-output": op(np.tanh, lambda x, g: g * (1 - x * x)),
    "kept-one-slice": op(rows_of_four, lambda x, g: g[0]),
    "averaged-broadcast": op(rows_of_four, lambda x, g: g.mean(0)),
    "permutation-not-inverted": op(lambda x: x[[1, 2, 3, 0]], lambda x, g: g[[1, 2, 3, 0]]),
}
at = np.array([0.5, -0.8, 1.1, -1.4])
figure = Figure(figsize=(9, 4.2), layout="constrained")
for column, (code, patient) in enumerate(GALLERY.items()):
    for row, (table, name) in enumerate(zip(jacobians(patient, at), "AN", strict=True)):
        axes = figure.add_subplot(2, 6, 6 * row + column + 1)
        axes.imshow(table, cmap="RdBu_r", vmin=-2, vmax=2, aspect="auto")
        axes.set(xticks=[], yticks=[], ylabel=name if column == 0 else "")
        if row == 0:
            axes.set_title(code, fontsize=7.5)
figure


# %% [markdown]
# Read them from the left. Half as strong, everywhere. Every colour turned into the other. The
# right places, with shades that are wrong each in its own way. Of four bands, one. All four bands,
# but pale. The right squares in the wrong places. You have just made six diagnoses; the rest is to
# teach a program to see the same.
#
# ## One number and what is left
#
# The commonest mistake is a constant: a 2 that was lost in differentiating a square, a mean that
# was forgotten, a sign. Then A is a multiple of N. Which multiple is the best? The one that leaves
# least, by least squares:
#
# $$\alpha = \frac{\langle A, N\rangle}{\langle N, N\rangle}, \qquad
# r = \frac{|A - \alpha N|}{|A|} .$$
#
# By hand, $A = (1, 2)$ and $N = (2, 4)$: $\langle A, N\rangle = 10$, $\langle N, N\rangle = 20$,
# $\alpha = \frac12$, and nothing is left. With $A = (1, 0)$: $\alpha = 0.1$, and left is
# $(0.8, -0.4)$, of length 0.89 beside A's 1. Where $r$ is nearly 0, *all* entries are
# wrong by one factor, and $\alpha$ names it. Where $r$ is large, no factor mends it. **Exercise
# 5.2.**


# %%
def factor(a, n):
    alpha = np.sum(a * n) / np.sum(n * n)
    return alpha, np.linalg.norm(a - alpha * n) / np.linalg.norm(a)


for code, patient in GALLERY.items():
    alpha, left_over = factor(*jacobians(patient, at))
    print(f"{code:25} alpha {alpha:7.3f}   left over {left_over:.3f}")

# %% [markdown]
# Three of the six have nothing left over, and one sees which factor is lost. Mind the two lines
# with 0.25: alpha alone says nothing, if $r$ is large.

# %% [markdown]
# **Predict.** One line says `averaged-broadcast`, with an alpha of 0.25. Could another mistake of
# the thirty make the same table? What should a report say?

# %%
point = mg.tensor(at, dtype=mg.float64, requires_grad=True)
report = mg.gradcheck(mg.op(GALLERY["averaged-broadcast"]), point, raise_exception=False)
for d in report.diagnoses:
    print(f"{d.certainty:.2f} {d.code}: {d.title}")

# %% [markdown]
# It could: a lost factor would. A table holds numbers, not reasons: *an alpha of 1/4 has several
# causes*, and an honest report lists all that fit, ranked, with what speaks for each. The 4 is the
# number of rows, which is why the average comes first. It is also why one tests with sizes that
# are different primes, 2, 3, 5: then the factor names its axis.
#
# ## Before any difference: what every pullback must keep
#
# A pullback is multiplication by a table. So, whatever the operation is, zeros give zeros; the
# same gradient gives the same answer twice; and nothing that was given is written to. These
# *contracts* need no differences, and they come first, because a pullback that breaks one makes
# the table A itself meaningless: which of its answers would be A? **Exercise 5.3.**


# %%
def sine_that_adds_up(x):
    total = np.zeros_like(x)

    def pullback(g):
        nonlocal total
        total = total + g * np.cos(x)
        return total

    return np.sin(x), pullback


_, pullback = sine_that_adds_up(np.array([0.0, 1.0]))
for call in (1, 2, 3):
    print(f"call {call}:", pullback(np.array([1.0, 1.0])).round(3))

# %% [markdown]
# Called once it is right, and that is all that many checks do.
#
# ## May the differences be trusted?
#
# N is not the truth. There are four reasons for which it may be wrong, and a check must ask for
# them before it accuses.
#
# **The step.** That was lesson 2: truncation on one side, rounding on the other. A sharper form of
# "change h and look" looks at what is left of the function when its *claimed* slope is taken away:
#
# $$R(h) = |f(x + h) - f(x) - h\,s| .$$
#
# If $s$ is the slope, then Taylor's formula leaves $\frac{h^2}{2} |f''|$: with a tenth of $h$ it
# is a hundredth. If $s$ is wrong, by however little, what is left is $h$ times the error, and goes
# to a tenth only. On logarithmic axes: slope 2, or slope 1.

# %%
x, steps = 1.0, 10.0 ** np.arange(-7, 0.1, 0.5)
figure = Figure(figsize=(6, 3.4), layout="constrained")
axes = figure.subplots()
for wrong_by, mark in ((0.0, "o-"), (1e-4, "s-"), (1e-2, "^-")):
    slope = np.exp(x) * (1 + wrong_by)
    rest = np.abs(np.exp(x + steps) - np.exp(x) - steps * slope)
    axes.loglog(steps, rest, mark, label=f"slope wrong by {wrong_by:g}", markersize=3)
    fit = np.polyfit(np.log(steps[1:6]), np.log(rest[1:6]), 1)[0]
    print(f"wrong by {wrong_by:g}: R goes as h to the {fit:.2f}")
axes.set(xlabel="h", ylabel="R(h)")
axes.legend(fontsize=8)
figure

# %% [markdown]
# An error of one part in ten thousand, which every tolerance of 1e-3 lets pass, bends the line,
# at its lower end: at a large h, the curve hides the error. A *rate* finds what a tolerance cannot,
# provided that one goes far enough down.
#
# **A kink.** At 0, `max(x, 0)` has the slope 0 to the left and 1 to the right. Central
# differences say 0.5. Whoever wrote 0 or 1 is not wrong. One may tell it from a curve: the two
# sides differ at a curve as well, but less and less with a smaller h. At a kink the gap stays.

# %%
print("gap between the sides:  h = 1e-3      1e-4      1e-5")
for name, f, x in [
    ("max(x, 0) at 0", lambda x: np.maximum(x, 0), 0.0),
    ("50 x ** 2 at 0", lambda x: 50 * x**2, 0.0),
    ("max(x, 0) at 5e-4", lambda x: np.maximum(x, 0), 5e-4),
]:
    gaps = [abs((f(x + h) - f(x)) / h - (f(x) - f(x - h)) / h) for h in (1e-3, 1e-4, 1e-5)]
    print(f"{name:22} " + " ".join(f"{gap:9.4f}" for gap in gaps))

# %% [markdown]
# The third line is the treacherous one: at 5e-4 there is no kink, but the step of 1e-3 reaches
# over it to the other side. A check that fails at one entry of a thousand, after a ReLU, is most
# often this. **Exercise 5.4.**
#
# **A tie.** `max` over (1, 2, 2): which 2 gets the gradient? Either, or both by half; that is a
# kink in two variables. But not both in full: move both 2s together, and the maximum rises at the
# speed 1, so the weights *sum to 1*. In small integers, in float16, in images with white margins,
# ties are everywhere.
#
# **float32.** A number has 7 digits, of which a difference loses half. And when float32 hides
# *inside* a float64 function, then A has 7 digits and no more, whatever h is:


# %%
def careless_tanh(x):
    y = np.tanh(x.astype(np.float32)).astype(float)
    return np.tanh(x), lambda g: g * (1 - y * y)


points = np.array([0.3, -1.1])
for h in (1e-4, 1e-5, 1e-6):
    a, n = jacobians(careless_tanh, points, h)
    a_right, _ = jacobians(op(np.tanh, lambda x, g: g * (1 - np.tanh(x) ** 2)), points, h)
    print(f"h = {h:g}: largest error {np.abs(a - n).max():.1e}, "
          f"of the right one {np.abs(a_right - n).max():.1e}")  # fmt: skip

# %% [markdown]
# The right one gets better with h, until rounding sets in. The other stays where it is, at a
# *floor*: some 1e-8. Too small for a tolerance, and plain to see in a sweep of h.
#
# ## A report
#
# minigrad's check goes through these questions in this order: contracts; whether N is to be
# trusted; A against N, whole; then *repairs*: it changes what it suspects (swaps saved input and
# output, transposes, sums an axis) and checks again. What makes the check pass is not a guess any
# more. Read this one with me:


# %%
@mg.op
def hidden_layer(x, w):
    y = np.tanh(x @ w)

    def pullback(g):
        dz = g * (1 - y * y)
        return dz @ w, x.T @ dz

    return y, pullback


rng = np.random.default_rng(0)
inputs = [
    mg.tensor(rng.standard_normal(s), dtype=mg.float64, requires_grad=True)
    for s in ((2, 3), (3, 3))
]
report = mg.gradcheck(hidden_layer, inputs, raise_exception=False)
print(report)

# %% [markdown]
# The first line says where: argument 0, which is `x`; the second argument is right. It names the
# worst entry, both numbers (*backward gives*, *differences give*: so one knows which side is
# whose), their distance and what was allowed. Then the explanations, the most probable first; each
# with its *code*, the evidence in numbers, and one sentence of what to try. Here the evidence is as
# good as it gets: with the saved `w` transposed, the check passes. The other fits the
# numbers too, less specifically: it is what remains if the first turns out not to be the cause.
#
# It can be used by a program, too. Here is the gallery above, each named:

# %%
for code, patient in GALLERY.items():
    report = mg.gradcheck(mg.op(patient), point, raise_exception=False)
    print(f"{code:25} ->", ", ".join(d.code for d in report.diagnoses[:3]))

# %% [markdown]
# **Exercise 5.5** builds a namer of five faults. In **5.6** you are the doctor in a ward of seven:
# for one of them the report's first line is *not* the cause. These are the thirty codes:

# %%
for fault in FAULTS.values():
    print(f"{fault.number:2} {fault.code:26} {fault.title}")

# %% [markdown]
# ## What cheaper checks miss
#
# A whole table costs a run for each entry. So people take less: the gradient of the *sum* of all
# outputs, a single entry, a random direction.

# %% [markdown]
# **Predict.** The operation turns a vector round, `x[::-1]`; its pullback forgets to turn back,
# `return g`. Which of these see it: the sum of outputs, one random direction of weights?

# %%
turned = op(lambda x: x[::-1], lambda x, g: g)
a, n = jacobians(turned, at)
for name, weights in (("sum", np.ones(4)), ("random", rng.standard_normal(4))):
    seen = not np.allclose(weights @ a, weights @ n, atol=1e-6)
    print(f"{name:7} sees it: {seen}")

nothing = op(soft, lambda x, g: np.zeros(x.shape))  # a softmax whose pullback returns zeros
a, n = jacobians(nothing, np.array([[0.0, 1.0, 2.0]]))
print("the sum sees it:", not np.allclose(np.ones(3) @ a, np.ones(3) @ n, atol=1e-6))

# %% [markdown]
# The sum of softmax's outputs is always 1, so its true gradient is 0: *a pullback that returns
# nothing but zeros passes*. Weights that are all 1 are the most convenient choice, and for softmax
# they are the worst. Random weights are good (lesson 4's two ways), whole tables better,
# where they are small. And they *can* be small: a fault of an operation shows on six numbers as
# well as on six million.
#
# Two more hiding places. **Symmetry**: with a symmetric w, `g @ w` and `g @ w.T` are one. Points
# like 0 and 1 are symmetric in another way: at x = 0, tanh's $1 - x^2$ and $1 - y^2$ agree.
# **Chains**: an operation that is right alone may be joined wrongly; a value used twice needs a
# check of its own (lesson 3).
#
# ## Repair
#
# **Exercises 5.7 and 5.8**: softmax, a table of rows that may be named twice, a maximum with ties.
# Mend the formula, not the numbers: a factor of 2 that makes the check pass at one point is a
# second mistake. The last step of a repair is the check at *another* size.
#
# ## Three beliefs that are wrong
#
# **"The loss falls, so the gradient is right."** See the beginning.
#
# **"The check fails, so the gradient is wrong."** It may be the step, a kink, a tie, a float32, a
# function that draws random numbers anew. First ask whether N may be trusted.
#
# **"The tolerance was too strict: I made it wider, now it passes."** So does an error of one part
# in a thousand. Change h instead, and see what moves.
#
# ## Where it comes from
#
# Everybody who wrote backpropagation by hand had a check by differences. Léon Bottou's *Stochastic
# Gradient Descent Tricks* (2012) has a section on it; the notes of Stanford's course CS231n, by
# Andrej Karpathy, made it a habit of many, with rules for kinks and tolerances. That one may judge
# a *test* by planting faults and counting those that it finds is "mutation testing", made known by
# Richard DeMillo, Richard Lipton and Frederick Sayward (1978). The clinic here was made so, with
# more than a hundred planted faults: it must find each, and name it among its first three
# explanations.
#
# ## What a large model does differently
#
# It is checked in the same way, in parts. PyTorch's own tests run `gradcheck` on its
# differentiable operations, on arrays of a few numbers in float64. A fused kernel in half
# precision cannot be checked by differences at all: too few digits. So it is compared with a slow,
# plain version in higher precision, and the plain version with differences.
#
# **Read on.** Bottou, *Stochastic Gradient Descent Tricks*, in *Neural Networks: Tricks of the
# Trade*, 2nd edition, Springer 2012. The CS231n notes, *Neural Networks Part 3*, section *Gradient
# checks*. DeMillo, Lipton and Sayward, *Hints on Test Data Selection: Help for the Practicing
# Programmer*, Computer 11(4), 1978. minigrad: `clinic/magnitudes.py` is exercise 5.2 in earnest.

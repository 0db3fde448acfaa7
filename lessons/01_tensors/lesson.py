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
# # 1. Tensors
#
# **How can one line of code work on a million numbers, and on which of them does it work?**
#
# An image, a sentence, a table of patients, the weights of a network: for a program they are all
# the same thing, a block of numbers with a shape. Deep learning is written in lines that take such
# blocks whole. Those lines are short and fast. When one is wrong, it often does not fail; it
# computes something else. So we open the block first and look at how it is made.

# %% [markdown]
# ## 1,433 pictures and no loop
#
# With this course come handwritten digits: 8 by 8 pixels each, from 0 (white) to 1 (black). They
# are in two parts. From the first, `train`, we learn; the second, `test`, is kept for the question
# whether we have.

# %%
import numpy as np
from matplotlib.figure import Figure

import minigrad as mg

train, test = mg.data.digits()
x, y = (part.numpy() for part in train.tensors)
x_test, y_test = (part.numpy() for part in test.tensors)
print("images", x.shape, x.dtype, " labels", y.shape, y.dtype, " for the test", x_test.shape)
print(np.round(x[0].reshape(8, 8), 1))

# %% [markdown]
# A row of `x` is one image, its 64 pixels written one after the other. Here is a program that reads
# digits. The mean of all zeros is a blurred zero, the mean of all ones a blurred one. A new image
# is what its nearest mean is:

# %%
means = np.stack([x[y == digit].mean(axis=0) for digit in range(10)])
distances = ((x_test[:, None, :] - means) ** 2).sum(axis=2)
predicted = distances.argmin(axis=1)
print("means", means.shape, " distances", distances.shape)
print(f"right: {np.mean(predicted == y_test):.3f}")

# %%
figure = Figure(figsize=(8, 2.6), layout="constrained")
axes = figure.subplots(2, 10)
wrong = np.flatnonzero(predicted != y_test)
for digit in range(10):
    axes[0, digit].imshow(means[digit].reshape(8, 8), cmap="gray_r")
    i = wrong[digit]
    axes[1, digit].imshow(x_test[i].reshape(8, 8), cmap="gray_r")
    axes[1, digit].set_title(f"{y_test[i]}, read {predicted[i]}", fontsize=8)
for one in axes.flat:
    one.set(xticks=[], yticks=[])
axes[0, 0].set_ylabel("means", fontsize=8)
axes[1, 0].set_ylabel("mistakes", fontsize=8)
figure

# %% [markdown]
# Nine of ten are right, with no training and, but for the ten digits, no loop. At the end of this
# lesson each sign in those three lines will be clear: `y == digit` as an index, `axis=0`, and above
# all `[:, None, :]`, which makes 364 x 10 x 64 differences in one stroke.
#
# ## A strip of memory
#
# Memory is one long strip. It has no rows and no columns. An array is a strip of numbers *and a
# rule* that says where on the strip the entry $(i, j)$ lies. Take six numbers, and the shape
# (2, 3):
#
# | position | 0 | 1 | 2 | 3 | 4 | 5 |
# |---|---|---|---|---|---|---|
# | number | 10 | 11 | 12 | 20 | 21 | 22 |
# | index | (0,0) | (0,1) | (0,2) | (1,0) | (1,1) | (1,2) |
#
# One column further is one position further. One row further is three positions further, since a
# row has three numbers. These two distances, 3 and 1, are the *strides*, and the rule is
#
# $$\text{position}(i, j) = \text{offset} + i \cdot s_0 + j \cdot s_1 .$$
#
# Entry (1, 2): 0 + 1 x 3 + 2 x 1 = 5, which is 22. For more axes there are more terms. Where the
# last index moves fastest, as here, the strides follow from the shape: the last is 1, and each of
# the others is the product of all lengths to its right. For (2, 3, 4): 12, 4, 1.
# **Exercise 1.1.**

# %%
strip = [10, 11, 12, 20, 21, 22]


def at(index, strides, offset=0):
    return strip[offset + sum(i * s for i, s in zip(index, strides, strict=True))]


print([[at((i, j), (3, 1)) for j in range(3)] for i in range(2)])
a = np.array([[10, 11, 12], [20, 21, 22]])
print(a.strides, "bytes;", a.itemsize, "bytes a number; so strides of", a.strides[0] // 8, "and 1")

# %% [markdown]
# NumPy counts in bytes; we count in numbers. Now exchange the strides, and the shape with them: on
# the same strip, with the rule (1, 3), one reads three rows of two.

# %%
print([[at((i, j), (1, 3)) for j in range(2)] for i in range(3)])
print(a.T.tolist(), np.shares_memory(a, a.T))

# %% [markdown]
# That is the transposed matrix, and no number has been moved. With a million rows it would be no
# more work: two pairs of numbers change places. What reads the same strip by another rule is called
# a *view*. Many operations are nothing else:

# %%
image = x[0].reshape(8, 8)
for name, view in {
    "image": image,
    "image.T": image.T,
    "every second row": image[::2],
    "mirrored": image[:, ::-1],
    "a window": image[2:6, 2:6],
    "the diagonal": np.diagonal(image),
    "in 4 blocks": image.reshape(2, 4, 2, 4),
}.items():
    steps = tuple(s // image.itemsize for s in view.strides)
    print(f"{name:17} shape {view.shape!s:13} strides {steps!s:14}", np.shares_memory(x, view))

# %% [markdown]
# A mirror is a negative stride (with an offset: it begins at the end of the row). The diagonal goes
# one row and one column at once: 8 + 1. A window keeps the strides and only begins later.
# **Exercise 1.2** has you build such an array in twenty lines.

# %%
figure = Figure(figsize=(7.5, 2.7), layout="constrained")
axes = figure.subplots(1, 3)
rules = [
    ("shape (2, 3), strides (3, 1)", (2, 3), (3, 1), 0),
    ("its transpose: (3, 2), (1, 3)", (3, 2), (1, 3), 0),
    ("mirrored: (2, 3), (3, -1), offset 2", (2, 3), (3, -1), 2),
]
for one, (title, shape, strides, offset) in zip(axes, rules, strict=True):
    i, j = np.indices(shape)
    places = offset + i * strides[0] + j * strides[1]
    one.imshow(places, cmap="viridis", vmin=-2, vmax=7)
    for (i, j), place in np.ndenumerate(places):
        one.text(j, i, f"{strip[place]}\nat {place}", ha="center", va="center", color="white")
    one.set_title(title, fontsize=8)
    one.set(xticks=range(shape[1]), yticks=range(shape[0]))
figure

# %% [markdown]
# The color is the position on the strip: three arrays, one strip of six numbers.

# %% [markdown]
# **Predict.** `row = b[0]` and `first = b[[0]]` look alike. Then 99 is written into both. What is
# in `b` afterwards: 99 at one place, at two, at none?

# %%
b = np.zeros((2, 3), dtype=int)
row, first = b[0], b[[0]]
row[1] = 99
first[0, 2] = 99
print(b.tolist())
print("row is a view:", np.shares_memory(b, row), " first is a view:", np.shares_memory(b, first))

# %% [markdown]
# At one place. A number or a slice gives a rule (offset, stride), so `b[0]` is a view, and writing
# into it writes into `b`. A list of indices can ask for anything, rows 5, 2, 2, 7; no rule of
# strides can say that, so NumPy copies. Four ways to ask:
#
# | index | example | what comes | view? |
# |---|---|---|---|
# | number, slice | `x[3]`, `x[:, 1:5]` | a part, regular | yes |
# | list of integers | `x[[5, 2, 2]]` | these rows, in this order, also twice | copy |
# | truth values | `x[y == 7]` | the rows where it is true | copy |
# | two lists | `x[[0, 1], [3, 4]]` | the *pairs* (0,3), (1,4), not a 2 x 2 block | copy |
#
# The last row is worth a second look. In exchange it picks one entry from each row, which is how
# the probability of the right label is taken in lesson 7:

# %%
scores = np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]])
labels = np.array([1, 0])
print(scores[np.arange(2), labels])

# %% [markdown]
# ## Broadcasting
#
# `x - means[0]`: 1433 rows of 64 minus one row of 64. No loop; the row is used 1433 times. The rule
# by which shapes fit, whatever the operation:
#
# 1. Write the two shapes below each other, *flush right*. Missing axes on the left count as 1.
# 2. In every column the lengths must be equal, or one of them is 1. Otherwise it is an error.
# 3. The result has the larger one. Along a 1 the same number is used again and again.
#
# ```
#   x_test[:, None, :]   364 x  1 x 64          (3)        3 x 1       4 x 3
#   means                      10 x 64            3            3           4
#                        -------------        -----        -----       -----
#   the difference       364 x 10 x 64            3        3 x 3       error
# ```
#
# (`None` as an index puts in an axis of length 1.) **Stop here and write exercise 1.3.**


# %%
def broadcast_shape(a, b):
    n = max(len(a), len(b))
    a, b = (1,) * (n - len(a)) + tuple(a), (1,) * (n - len(b)) + tuple(b)
    for p, q in zip(a, b, strict=True):
        if p != q and 1 not in (p, q):
            raise ValueError(f"{a} and {b} do not fit: {p} and {q}")
    return tuple(q if p == 1 else p for p, q in zip(a, b, strict=True))


print(broadcast_shape((364, 1, 64), (10, 64)))

# %% [markdown]
# How does one use a number again and again without a copy of it? With what we have: **a stride of
# 0.** One step to the next row goes nowhere.

# %%
wide = np.broadcast_to(means[0], (1433, 64))
print(wide.shape, "strides", wide.strides, "of a strip of", means[0].nbytes, "bytes")

# %% [markdown]
# **Predict.** A model predicts three numbers and all are exactly right. Its answers have the shape
# (3, 1), one column, as layers give them; the targets are of shape (3,). What is the mean squared
# error?

# %%
target = np.array([1.0, 2.0, 6.0])
answer = target[:, None]
error = answer - target
print(error.shape)
print(error.tolist())
print(f"mean squared error {np.mean(error**2):.3f}")

# %% [markdown]
# Not 0 but 9.333, and no error message. The column is repeated to the right, the row downwards:
# nine differences, each answer with each target. (It is twice the variance of the targets.) A
# network that is trained on this learns to answer the mean, for everything, and its loss falls
# nicely meanwhile. Everybody who trains networks has met this bug, some without noticing. minigrad,
# as PyTorch does, warns of it in a loss. Elsewhere ask for the shape:
# `assert answer.shape == target.shape` costs nothing. **Exercise 1.4** has such a bug in it.
#
# ## All against all
#
# The distances are now readable: `x_test[:, None, :]` is (364, 1, 64), `means` is (10, 64), the
# difference (364, 10, 64), the sum over the last axis (364, 10). By hand, with two points against
# two, (0, 0) and (3, 4) against (0, 4) and (3, 0):
#
# $$\begin{pmatrix} 0 + 16 & 9 + 0 \\ 9 + 0 & 0 + 16 \end{pmatrix}$$
#
# The price is memory. Against all training images, instead of ten means, there are 364 x 1433 x 64
# differences. Multiply out, and they need not be made:
#
# $$\sum_k (a_k - b_k)^2 = \sum_k a_k^2 - 2 \sum_k a_k b_k + \sum_k b_k^2 ,$$
#
# where the middle term, for all pairs at once, is the matrix product of `a` and `b.T`.


# %%
def squared_distances(a, b):
    return (a**2).sum(axis=1)[:, None] - 2 * a @ b.T + (b**2).sum(axis=1)


print(squared_distances(np.array([[0.0, 0], [3, 4]]), np.array([[0.0, 4], [3, 0]])).tolist())
all_pairs = squared_distances(x_test, x)
print("differences", 4 * len(x_test) * x.size // 10**6, "MB, product", all_pairs.nbytes // 10**6)
print(f"right by the nearest image: {np.mean(y[all_pairs.argmin(axis=1)] == y_test):.3f}")

# %% [markdown]
# A sixty-fourth of the memory, and the fastest routine of the machine does the work (lesson 11). It
# also shows that the nearest *image* is a better judge than the nearest *mean*. The price: two
# large numbers are subtracted, and a distance that is 0 may come out as a small negative number.
# **Exercises 1.5 and 1.6.**
#
# ## Data preparation
#
# Networks and distances take numbers as they come, with whatever units they are in. Ada is 1.60 m
# and 60 kg, Ben 1.95 m and 60.5 kg, Cleo 1.62 m and 61.5 kg. Who is more like Ada?

# %%
people = np.array([[1.60, 60.0], [1.95, 60.5], [1.62, 61.5]])
for unit, factor in {"m": 1, "cm": 100}.items():
    measured = people * np.array([factor, 1])
    to_ada = squared_distances(measured[:1], measured[1:])[0]
    print(f"heights in {unit:2}: to Ben {to_ada[0]:8.3f}, to Cleo {to_ada[1]:8.3f}")

# %% [markdown]
# In metres it is Ben, who is 35 cm taller; in centimetres it is Cleo. The nearest neighbour must
# not depend on a unit. So each column is measured in its own natural unit, its spread:
#
# $$z = \frac{x - \mu}{\sigma}, \qquad \mu = \frac1n \sum_i x_i, \quad
#   \sigma^2 = \frac1n \sum_i (x_i - \mu)^2 .$$
#
# Afterwards every column has mean 0 and standard deviation 1. By hand, the column 1, 2, 6: the mean
# is 3, the squared differences are 4, 1, 9, their mean is 14/3, the root 2.160; so z is -0.926,
# -0.463, 1.389.

# %%
column = np.array([1.0, 2.0, 6.0])
print(np.round((column - column.mean()) / column.std(), 3))
spread = x.std(axis=0)
print("pixels that are always white:", np.sum(spread == 0), " largest spread:", spread.max())

# %% [markdown]
# Two traps. The first is in the last line: three of the 64 pixels never change, their $\sigma$ is
# 0, and 0/0 is NaN. One NaN, and after the next matrix product everything is NaN. Such a column
# knows nothing; divide it by 1.
#
# The second trap makes no noise at all: **which rows make $\mu$ and $\sigma$?**

# %% [markdown]
# **Predict.** Somebody standardises every set with its own mean and spread: the training set with
# that of the training set, new images with that of the new images. Then a single image arrives.
# What does it become?

# %%
mean, scale = x.mean(axis=0), np.where(spread == 0, 1, spread)
single = x_test[:1]
own_scale = np.where(single.std(axis=0) == 0, 1, single.std(axis=0))
print("with its own numbers:", np.unique((single - single.mean(axis=0)) / own_scale))
print("with the training set's:", np.round(((single - mean) / scale)[0, :8], 2))

# %% [markdown]
# All zeros: a single image is its own mean. Mean and spread are *learned*, like weights, from the
# training set, and used unchanged ever after. **Exercise 1.7.**
#
# Taking them from training and test set together is the other mistake. It gives the program a
# glimpse of the test, and the test is then no test. With a mean, the glimpse is small. But see what
# the same carelessness does with a step that looks at labels. Here is data that knows *nothing*:
# 100 people, 5,000 random numbers each, and labels thrown by a coin. Keep the 20 columns that go
# best with the labels, take the nearest mean of 80 people, and test on the other 20. An honest
# result is one half.

# %% [markdown]
# **Predict.** How many of the 20 are read rightly if the columns were chosen by the labels of all
# 100? And if by those of the 80 alone?


# %%
def accuracy_on_noise(seed, chosen_from_all):
    rng = np.random.default_rng(seed)
    data, coin = rng.standard_normal((100, 5000)), rng.integers(0, 2, 100)
    seen = np.arange(100) < 80
    rows = np.ones(100, dtype=bool) if chosen_from_all else seen
    fit = np.abs((data[rows] - data[rows].mean(axis=0)).T @ (coin[rows] - coin[rows].mean()))
    best = data[:, np.argsort(-fit)[:20]]
    centers = np.stack([best[seen & (coin == c)].mean(axis=0) for c in (0, 1)])
    guessed = squared_distances(best[~seen], centers).argmin(axis=1)
    return np.mean(guessed == coin[~seen])


for name, leak in {"from all 100 people": True, "from the 80 alone": False}.items():
    found = np.mean([accuracy_on_noise(seed, leak) for seed in range(20)])
    print(f"columns chosen {name:20} right {found:.2f}")

# %% [markdown]
# Nine of ten right, about coin tosses. Nothing was trained on the 20 test people; *choosing the
# columns* was enough. In 2002, Christophe Ambroise and Geoffrey McLachlan showed that published
# results on the genes of cancer had this fault. The rule: split first; whatever is computed from
# data, a mean, a choice, a vocabulary, is computed from the training part.
#
# ## Labels are not quantities
#
# The label 7 is a name. As a number it claims that 7 is nearly 8 and far from 1. For a drawn digit
# the contrary is nearer the truth. What says nothing but the name is a *one-hot* row: zeros, with a
# 1 at the label's place. For three classes and the labels 2, 0:
#
# $$\begin{pmatrix} 0 & 0 & 1 \\ 1 & 0 & 0 \end{pmatrix}$$
#
# As code it is one comparison that broadcasts, labels as a column against 0, 1, 2 as a row.
# **Exercise 1.8.**

# %%
print((np.array([2, 0])[:, None] == np.arange(3)).astype(int).tolist())

# %% [markdown]
# **Predict.** Fit a straight line (a plane in 64 dimensions) to the digits by least squares, once
# to the label as a number, rounding what it says; once to the ten columns of the one-hot labels,
# taking the largest. The pixels are the same. How many are right?

# %%
ones = np.ones((len(x), 1))
pixels, pixels_test = np.hstack([x, ones]), np.hstack([x_test, ones[: len(x_test)]])
number = np.linalg.lstsq(pixels, y, rcond=None)[0]
columns = np.linalg.lstsq(pixels, np.eye(10)[y], rcond=None)[0]
print(f"label as a number: {np.mean(np.rint(pixels_test @ number) == y_test):.3f}")
print(f"one-hot:           {np.mean((pixels_test @ columns).argmax(axis=1) == y_test):.3f}")

# %% [markdown]
# The data did not change, nor the method; only what the numbers mean. An image that could be a 1 or
# an 8 is answered, by the first, with 4 or 5.
#
# `np.eye(10)[y]` is one-hot as well: row number y of the identity matrix. Read it the other way
# round: to multiply a one-hot row with a matrix *is* to pick one of its rows. Words go into a
# network in that way (lesson 18).

# %%
table = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])
words = np.array([2, 0])
print((np.eye(3)[words] @ table).tolist(), table[words].tolist())

# %% [markdown]
# ## And what is a tensor?
#
# In this field: an array. (In physics and geometry it is more, and the name is borrowed.)
# minigrad's Tensor holds a NumPy array, by the same rules of shape, view and broadcasting, and
# beside it what lesson 4 needs: where it came from.

# %%
t = mg.tensor(a)
turned = t.T
turned[0, 1] = -1
print(type(t.array).__name__, t.shape, t.tolist())

# %% [markdown]
# ## Four beliefs that are wrong
#
# **"`reshape` and `T` both turn (2, 3) into (3, 2)."** The shapes agree, the numbers do not:
# `reshape` reads the strip on as it lies, `T` exchanges the axes. A batch of images whose axes were
# moved by `reshape` looks like noise, and has the right shape.

# %%
print(a.reshape(3, 2).tolist(), a.T.tolist())

# %% [markdown]
# **"A slice is a copy."** It is a view: what is written into it is written into the whole. Copy
# where you mean to: `x[0].copy()`.
#
# **"Broadcasting copies the small array."** Its stride is 0. It is the *result* that is large.
#
# **"It runs, so the shapes are right."** (3, 1) and (3,) run. A square matrix divided by its row
# sums without `keepdims=True` runs, and divides the *columns*. Test with three different lengths,
# such as (2, 3), never with (3, 3).
#
# ## History
#
# Kenneth Iverson's *A Programming Language* (1962) wrote `A + B` for whole arrays when Fortran
# needed loops; his Turing lecture, *Notation as a Tool of Thought*, says why that matters. Jim
# Hugunin's Numeric brought it to Python in 1995; Travis Oliphant made NumPy of it in 2006. Fortran
# runs down the columns of a matrix where C runs along the rows. With strides, both are one kind of
# array.
#
# ## What a large model does differently
#
# The shapes have more axes and larger numbers, and the rules are these. GPT-3 reads 2,048 tokens at
# a time, out of 50,257. As one-hot rows that would be 103 million numbers, all but 2,048 of them
# zero; the table is indexed instead, as above. Attention runs on (batch, heads, tokens, tokens),
# and the mask that hides the future is one (tokens, tokens) array, broadcast over the rest. Heads
# are made by a reshape and a transpose of one array, that is, by strides. Normalisation is not done
# once before the training: it is a layer, twice in every block (lesson 17). Numbers have 16 bits,
# or only eight. And leaks are an open sore: a model that has read the internet has read many of the
# tests.
#
# **Read on.** Harris and others, *Array programming with NumPy*, Nature 585, 2020. Van der Walt,
# Colbert and Varoquaux, *The NumPy Array: A Structure for Efficient Numerical Computation*,
# Computing in Science and Engineering 13(2), 2011. Ambroise and McLachlan, *Selection bias in gene
# extraction on the basis of microarray gene-expression data*, PNAS 99(10), 2002. Hastie, Tibshirani
# and Friedman, *The Elements of Statistical Learning*, second edition, 2009, section 7.10.2, on the
# right and the wrong way to cross-validate.

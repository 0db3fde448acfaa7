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
# # 10. Convolution
#
# **How does a network come to know that pixels have neighbours?**
#
# An MLP does not know it. That is not a manner of speaking: we shall shuffle all pixels of all
# images, and it will not notice. Then we build the one layer that would, from a double sum to a
# matrix product and back, and find that what everybody calls convolution is not what mathematics
# calls so.

# %% [markdown]
# ## A test for a network
#
# Take the handwritten digits, 8 by 8, and lay each somewhere on a sheet of 12 by 12: people do not
# write in the middle of a box. Then make a second copy of all sheets, in which the 144 pixels
# change places, by the same fixed rule in every image.

# %%
import time

import numpy as np
from matplotlib.figure import Figure

import minigrad as mg
import minigrad.nn.functional as F
from minigrad import nn, optim
from minigrad.data import digits


def laid_out(dataset, seed):
    """Each digit somewhere on a sheet of 12 x 12, as a row of 144 pixels; and the labels."""
    images, labels = dataset.tensors
    rng = np.random.default_rng(seed)
    sheets = np.zeros((len(images), 12, 12), dtype=np.float32)
    for sheet, image in zip(sheets, images.numpy(), strict=True):
        i, j = rng.integers(0, 5, 2)
        sheet[i : i + 8, j : j + 8] = image.reshape(8, 8)
    return sheets.reshape(-1, 144), labels.numpy()


train, test = digits()
(x_train, y_train), (x_test, y_test) = laid_out(train, 5), laid_out(test, 6)
shuffle = np.random.default_rng(0).permutation(144)

figure = Figure(figsize=(7, 2.4), layout="constrained")
for k, pair in enumerate(figure.subplots(2, 6).T):
    for axes, image in zip(pair, (x_test[k], x_test[k][shuffle]), strict=True):
        axes.imshow(image.reshape(12, 12), cmap="gray_r")
        axes.axis("off")
figure

# %% [markdown]
# **Predict.** An MLP is trained on the upper images, and another one on the lower. The same images
# in another order of pixels. Which reads better, and by how much?


# %%
def trained(network, x, epochs):
    """Lesson 7's loss, lesson 8's Adam, batches of 64."""
    optimizer, rng = optim.Adam(network.parameters(), lr=0.01), np.random.default_rng(0)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for i in range(0, len(x), 64):
            some = order[i : i + 64]
            loss = F.cross_entropy(network(mg.tensor(x[some])), mg.tensor(y_train[some]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return network


def accuracy(network, x):
    return np.mean(network(mg.tensor(x)).argmax(1).numpy() == y_test)


def size(network):
    return sum(p.numel() for p in network.parameters())


def mlp():
    mg.manual_seed(0)
    return nn.Sequential(nn.Linear(144, 64), nn.ReLU(), nn.Linear(64, 10))


plain, shuffled = trained(mlp(), x_train, 8), trained(mlp(), x_train[:, shuffle], 8)
print(f"MLP, {size(plain):,} weights: {accuracy(plain, x_test):.1%} upright, "
      f"{accuracy(shuffled, x_test[:, shuffle]):.1%} shuffled")  # fmt: skip

# %% [markdown]
# Two points, eight images of 364, and in favour of the shuffled: that is chance, since the random
# weights at the start fall on other pixels. A sum of 144 products is the same sum in any order:
# each weight goes along with its pixel. For this network the lower images are as good as the
# upper, and so everything that *you* use to read the upper ones, strokes, edges, what lies beside
# what, is something it has never been told.
#
# ## The double sum
#
# Tell it in the plainest way: look at a small patch; look at every patch *with the same weights*. A
# small array of weights, the *kernel* $k$ of $r$ by $s$, is laid on the image at $(i, j)$; multiply
# what lies on top of each other, and add:
#
# $$y_{ij} = \sum_{u=0}^{r-1} \sum_{v=0}^{s-1} a_{i+u,\,j+v}\; k_{uv} .$$
#
# By hand, with an image that is dark on the right, and a kernel that asks "right minus left?":
#
# $$a = \begin{pmatrix} 0 & 0 & 5 & 5 \\ 0 & 0 & 5 & 5 \\ 0 & 5 & 5 & 5 \end{pmatrix}, \qquad
# k = \begin{pmatrix} -1 & 1 \\ -1 & 1 \end{pmatrix} .$$
#
# At (0, 0) lie four zeros: 0. At (0, 1) lies 0, 5 over 0, 5: $-0 + 5 - 0 + 5 = 10$. At (0, 2) four
# fives: $-5 + 5 - 5 + 5 = 0$. At (1, 0): 0, 0 over 0, 5: 5. At (1, 1): 0, 5 over 5, 5:
# $5 + 0 = 5$. At (1, 2): 0. The edge has lit up, and where it has a step, half as bright. **Stop
# here and write exercise 10.1.**


# %%
def correlate(image, kernel):
    (h, w), (r, s) = image.shape, kernel.shape
    y = np.empty((h - r + 1, w - s + 1))
    for i in range(h - r + 1):
        for j in range(w - s + 1):
            y[i, j] = np.sum(image[i : i + r, j : j + s] * kernel)
    return y


a = np.array([[0.0, 0, 5, 5], [0, 0, 5, 5], [0, 5, 5, 5]])
k = np.array([[-1.0, 1], [-1, 1]])
print(correlate(a, k))

# %% [markdown]
# The same on a real image. Kernels like these were made by hand for decades; the two in the
# middle are Irwin Sobel's, from 1968. A network finds its own.

# %%
sobel = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
kernels = {"blur": np.ones((3, 3)) / 9, "left to right": sobel, "top to bottom": sobel.T,
           "dot": np.array([[-1.0, -1, -1], [-1, 8, -1], [-1, -1, -1]])}  # fmt: skip
figure = Figure(figsize=(7, 1.7), layout="constrained")
panels = figure.subplots(1, 5)
panels[0].imshow(x_test[5].reshape(12, 12), cmap="gray_r")
panels[0].set_title("image", fontsize=8)
for axes, (name, kernel) in zip(panels[1:], kernels.items(), strict=True):
    seen = correlate(x_test[5].reshape(12, 12), kernel)
    axes.imshow(seen, cmap="RdBu", vmin=-abs(seen).max(), vmax=abs(seen).max())
    axes.set_title(name, fontsize=8)
for axes in panels:
    axes.axis("off")
figure

# %% [markdown]
# ## It is not a convolution
#
# In introductions one meets the formula as $y(x, y) = \sum x(x + u, y + v)\, w(u, v)$. Two things
# are wrong with that. The letters: $x$ is the image and at once the number of a row, and $y$ the
# result and a column. In code it would not get past the first line, since `x[x + u]` cannot mean
# both. And the name. With plus signs it is a *cross-correlation*. A convolution has a minus:
#
# $$(a * k)_{ij} = \sum_u \sum_v a_{i-u,\,j-v}\; k_{uv} .$$

# %% [markdown]
# **Predict.** An image that is 0 but for a single 1 in the middle, and the kernel 1, 2, 3, 4. What
# does each of the two make of it?


# %%
def convolve(image, kernel):
    return correlate(image, kernel[::-1, ::-1])  # turned by half a turn


dot = np.zeros((3, 3))
dot[1, 1] = 1
kernel = np.array([[1.0, 2], [3, 4]])
print(
    "correlation:", correlate(dot, kernel).tolist(), " convolution:", convolve(dot, kernel).tolist()
)

# %% [markdown]
# Correlation compares: its answer is largest where the image looks like the kernel. Convolution
# paints: each pixel puts a copy of the kernel down, as a brush. Painting does not care which is
# the image and which the brush, $a * k = k * a$, and two brushes, one after the other, are one
# brush. Comparing has neither property:

# %%
rng = np.random.default_rng(1)
p, q = rng.standard_normal((3, 3)), rng.standard_normal((3, 3))


def full(f, a, b):
    """With zeros around a, so that every overlap counts."""
    return f(np.pad(a, [(n - 1, n - 1) for n in b.shape]), b)


for name, f in [("convolution", convolve), ("correlation", correlate)]:
    print(
        f"{name}: p with q and q with p differ by {np.abs(full(f, p, q) - full(f, q, p)).max():.1f}"
    )

# %% [markdown]
# Does it matter? For a network, no: it learns its kernels, and would learn them turned. Nearly
# every deep-learning library correlates and says convolution; so do we from here on. It does matter
# when a kernel comes from elsewhere (a book on signals, `scipy.signal.convolve`), and it matters on
# the way back, as we shall see. **Exercise 10.2.**
#
# ## Stride and padding
#
# On 5 pixels a kernel of 3 has the places 0, 1, 2: three. The image shrinks by $r - 1$ in each
# layer. One zero on each side (*padding* 1) makes it 7 pixels with 5 places, so the size is kept.
# A *stride* of 2 takes every other place: 0 and 2, without padding. In general
#
# $$\left\lfloor \frac{n + 2p - r}{d} \right\rfloor + 1 .$$
#
# The 1 is for the first place; the division counts the moves. ResNet begins with 224 pixels, a
# kernel of 7, stride 2, padding 3: $(224 + 6 - 7)/2 = 111.5$, rounded down, plus one: 112.
# **Exercise 10.3.**
#
# ## Channels
#
# An image has three colours, a hidden layer has dozens of *channels*. A kernel then has one slice
# for each channel that comes in, and the products of all slices are added; and there is one such
# kernel for each channel that goes out. So the weights are an array of (out, in, $r$, $s$).

# %% [markdown]
# **Predict.** A photograph of 224 by 224 in three colours; the first layer is to have 64 features.
# How many weights has a fully connected layer of 64 units, how many a 3 by 3 convolution of 64
# channels?

# %%
print(f"fully connected: {224 * 224 * 3 * 64 + 64:,}   convolution: {3 * 3 * 3 * 64 + 64:,}")

# %% [markdown]
# Five thousand times fewer, for two reasons: only neighbours are connected, and all places share
# their weights. These are two *assumptions* about images. Where they hold, the network need not
# learn them; where they do not, they are in the way.
#
# ## From loops to a matrix product
#
# Seven loops: images, out channels, rows and columns; and in the sum in channels, $u$ and $v$.
# Write every patch as a row of a matrix (*im2col*) and every kernel as one, and all seven are one
# product. By hand, for a 3 by 3 image and a 2 by 2 kernel:
#
# $$\begin{pmatrix} 1&2&3\\4&5&6\\7&8&9 \end{pmatrix} \;\to\;
# \begin{pmatrix} 1&2&4&5\\2&3&5&6\\4&5&7&8\\5&6&8&9 \end{pmatrix}
# \begin{pmatrix} k_{00}\\k_{01}\\k_{10}\\k_{11} \end{pmatrix}$$
#
# With the kernel (1, 0, 0, -1): $1 - 5$, $2 - 6$, $4 - 8$, $5 - 9$: four times $-4$. The price is
# memory: the 5 stands there four times, and with a 3 by 3 kernel nearly every pixel nine times.
# The gain is that matrix products are the fastest thing that a computer does (lesson 11).
# **Exercise 10.4.**


# %%
def im2col(x, r, s):
    """(n, c, h, w) to (n oh ow, c r s); without stride and padding."""
    n, c, h, w = x.shape
    oh, ow = h - r + 1, w - s + 1
    patches = np.empty((n, oh, ow, c, r, s), dtype=x.dtype)
    for u in range(r):
        for v in range(s):
            patches[:, :, :, :, u, v] = x[:, :, u : u + oh, v : v + ow].transpose(0, 2, 3, 1)
    return patches.reshape(n * oh * ow, c * r * s)


def conv2d(x, w):
    n, c, h, wide = x.shape
    k, _, r, s = w.shape
    rows = im2col(x, r, s) @ w.reshape(k, c * r * s).T
    return rows.reshape(n, h - r + 1, wide - s + 1, k).transpose(0, 3, 1, 2)


def by_loops(x, w):
    return np.array([[sum(map(correlate, image, kernel)) for kernel in w] for image in x])


x, w = rng.standard_normal((4, 8, 12, 12)), rng.standard_normal((16, 8, 3, 3))
start = time.perf_counter()
slow = by_loops(x, w)
between = time.perf_counter()
fast = conv2d(x, w)
print(f"loops {between - start:.4f} s, one product {time.perf_counter() - between:.4f} s")
library = F.conv2d(mg.tensor(x), mg.tensor(w)).numpy()
print(f"at most {max(abs(slow - fast).max(), abs(library - fast).max()):.0e} apart, minigrad's too")

# %% [markdown]
# The same numbers, a thousand times faster or more (how many depends on the machine, and on who
# else uses it). minigrad's own kernel takes the patches where they lie and never writes the matrix
# down (lesson 12).
#
# ## The way back
#
# A convolution is linear, so its pullback is the same matrix, transposed. In one dimension, by
# hand: $x = (x_0, x_1, x_2)$ and the kernel (2, 3) give $y_0 = 2 x_0 + 3 x_1$ and
# $y_1 = 2 x_1 + 3 x_2$. Let the gradient $g = (1, 10)$ arrive.
#
# - $x_0$ was used once, with weight 2 in $y_0$: $2 \cdot 1 = 2$.
# - $x_1$ was used twice: $3 \cdot 1 + 2 \cdot 10 = 23$. **What a pixel gave to several patches
#   comes back from each, and is added.**
# - $x_2$: $3 \cdot 10 = 30$.
# - The weight 2 was used twice, on $x_0$ and on $x_1$: $1 x_0 + 10 x_1$. The weight 3:
#   $1 x_1 + 10 x_2$.
#
# Look at the first three: (2, 23, 30). Put zeros around $g$, and lay the *turned* kernel on it:
# (0, 1) with (3, 2) is 2; (1, 10) with (3, 2) is 23; (10, 0) is 30. **The way back through a
# correlation is a convolution**, here the kernel is turned after all. And the kernel's gradient is
# a correlation of $x$ with $g$.

# %%
g, kernel = np.array([[1.0, 10]]), np.array([[2.0, 3]])
print("back to x:", full(convolve, g, kernel).ravel())


@mg.op
def correlation(x, kernel):
    value = correlate(x, kernel)

    def pullback(g):
        return full(correlate, g, kernel), correlate(x, g)  # should be full(convolve, g, kernel)

    return value, pullback


leaves = [
    mg.tensor(a, dtype=mg.float64, requires_grad=True) for a in (rng.standard_normal((4, 5)), p)
]
print(mg.gradcheck(correlation, leaves, raise_exception=False))

# %% [markdown]
# minigrad's gradient check found out the mistake: the kernel not turned on the way back is a usual
# one in hand-written convolutions, and one that no shape gives away. In im2col's form
# one need not think of turning: the gradient of the matrix of patches is $g$ times the kernels,
# and each of its elements is added to the pixel that it was copied from. **Exercise 10.5.**
#
# ## Pooling
#
# Is there a stroke *about here*? Take the largest of each tile of 2 by 2: of 1, 5, 2, 0 the 5. A
# quarter of the pixels is left, and a stroke that moves by a pixel within its tile changes
# nothing. Back goes the gradient to the place of the largest, and to no other: the rest could have
# changed a little without anyone noticing. Where several are equal, one of them may get it, or all
# a share; if each gets all of it, the gradient is too large, and this happens in every white
# corner. **Exercise 10.6.**
#
# ## How far one pixel sees
#
# One value after a 3 by 3 convolution depends on 3 pixels along each axis. Two neighbours see 3
# each and share 2, so 4; three see 5: $m$ neighbours see $m - 1 + 3$. Before a pooling of 2, $m$
# pixels are $2m$. Go back from the end: 5 by 5, pool, 3 by 3, pool, 3 by 3 is
#
# $$1 \to 3 \to 6 \to 8 \to 16 \to 20$$
#
# pixels: all of a sheet of 12. **Exercise 10.7.** It can be seen, too: the gradient of one value
# by the image is not 0 in the pixels that it depends on.

# %%
x = mg.ones(1, 1, 32, 32).requires_grad_()
seen = x
for kernel, stride in [(5, 1), (2, 2), (3, 1), (2, 2), (3, 1)]:
    seen = F.conv2d(seen, mg.ones(1, 1, kernel, kernel), stride=stride)
seen[0, 0, 1, 1].backward()
rows = np.flatnonzero(x.grad.numpy()[0, 0].any(axis=1))
print(f"the value at (1, 1) sees {len(rows)} rows, from {rows.min()} to {rows.max()}")

# %% [markdown]
# ## A network that knows
#
# Convolution 5 by 5 to 8 channels, pool, 3 by 3 to 16, pool, 3 by 3 to 16, and a linear layer.
# Count the weights: $25 \cdot 8 + 8 = 208$; $9 \cdot 8 \cdot 16 + 16 = 1168$;
# $9 \cdot 16 \cdot 16 + 16 = 2320$; $16 \cdot 10 + 10 = 170$. Together 3,866, two fifths of the
# MLP's 9,930.

# %% [markdown]
# **Predict.** It is trained on the upright sheets, and a second one on the shuffled. The MLP did
# not notice. And this one?


# %%
def cnn():
    mg.manual_seed(0)
    return nn.Sequential(
        nn.Unflatten(1, (1, 12, 12)),
        nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),  # 12 to 6
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),  # 6 to 3
        nn.Conv2d(16, 16, 3), nn.ReLU(), nn.Flatten(),  # 3 to 1
        nn.Linear(16, 10),
    )  # fmt: skip


upright = trained(cnn(), x_train, 8)
in_disorder = trained(cnn(), x_train[:, shuffle], 8)
print(f"CNN, {size(upright):,} weights: {accuracy(upright, x_test):.1%} upright, "
      f"{accuracy(in_disorder, x_test[:, shuffle]):.1%} shuffled")  # fmt: skip

# %% [markdown]
# Upright it beats the MLP by 13 points, with two fifths of its weights; shuffled it falls apart.
# Both say the same: it has been *told* that neighbours belong together. Where that is false, the
# same knowledge is a mistake.
#
# What has it made of its 5 by 5 kernels?

# %%
learned = upright[1].weight.detach().numpy()[:, 0]
figure = Figure(figsize=(7, 1.1), layout="constrained")
for axes, kernel in zip(figure.subplots(1, 8), learned, strict=True):
    axes.imshow(kernel, cmap="RdBu", vmin=-abs(learned).max(), vmax=abs(learned).max())
    axes.axis("off")
figure

# %% [markdown]
# Red beside blue, minus beside plus: edges and ends of strokes, in several directions. Nobody
# asked for them; they are what helped.
#
# ## Where it comes from
#
# David Hubel and Torsten Wiesel found cells in the cat's visual cortex that answer to an edge in
# one place and direction (1959, 1962). Kunihiko Fukushima's Neocognitron (1980) stacked such
# layers and pooled between them, without backpropagation. Yann LeCun and others trained one by it
# in 1989, to read postal codes. Kumar Chellapilla, Sidd Puri and Patrice Simard turned
# convolutions into matrix products in 2006. In 2012 Alex Krizhevsky, Ilya Sutskever and Geoffrey
# Hinton won ImageNet's contest with one on two graphics cards, and the field changed.
#
# ## Four beliefs that are wrong
#
# **"A CNN does not mind where a thing is."** Its convolutions *move along* with the image
# (equivariance): what they find is found elsewhere. Only pooling forgets a little of where, and
# the layers at the end know it: our last convolution, 3 by 3 on 3 by 3 pixels, is a fully
# connected layer in all but name.
#
# **"Convolutions have few weights, so they are cheap."** Few weights, used at every place. The
# first layer here has 208 weights, and multiplies 28,800 times for each image.
#
# **"Padding with zeros is neutral."** The frame of zeros is a thing that can be seen: a network
# can tell by it where the border is.
#
# **"One has to choose the kernels well."** One had to, as long as they were not learned.
#
# ## What a large model does differently
#
# VGG stacks 3 by 3 kernels only: two of them see 5 by 5, with 18 weights in the place of 25, and a
# bend between. ResNet adds paths around them (lesson 20), MobileNet and EfficientNet split a
# convolution into one within channels and one across. The vision Transformer (lesson 21) cuts the
# image into patches of 16 by 16 and lays *one* convolution on them, with stride 16; from there on
# it learns from data which patches belong together. With a million images that is worse than a CNN,
# with three hundred million better: what one does not assume has to be learned. Speech recognisers
# such as Wav2Vec 2.0 and Whisper begin with convolutions along time.
#
# **Read on.** LeCun, Bottou, Bengio and Haffner, *Gradient-Based Learning Applied to Document
# Recognition*, Proceedings of the IEEE 86(11), 1998. Dumoulin and Visin, *A guide to convolution
# arithmetic for deep learning*, 2016: every stride and padding as a picture. Goodfellow, Bengio
# and Courville, *Deep Learning*, chapter 9, 2016.

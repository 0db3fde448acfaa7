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
# # 6. A neuron, an MLP
#
# **How do units that can do almost nothing learn, together, almost anything?**
#
# A neuron multiplies, adds, and bends the result once. That is all. We shall see exactly what one
# neuron cannot do, why two of them can, how the error finds its way back to each weight (with a
# pencil, on a network of three inputs), and why most ways to start such a network make it
# learn nothing at all.

# %% [markdown]
# ## Odd or even?
#
# Here are handwritten digits, 8 by 8 pixels each, collected by Ethem Alpaydin and Cenk Kaynak at
# Boğaziçi University in the nineties. The question is not which digit it is, only whether it is
# even. The shapes of 0, 2, 4, 6 and 8 have nothing in common that 1, 3, 5, 7 and 9 lack, which is
# what makes the question a hard one.

# %%
from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure

import minigrad as mg
from minigrad.data import digits


def arrays(dataset):
    images, labels = dataset.tensors
    return images.numpy().astype(float), labels.numpy()


(x_train, digit_train), (x_test, digit_test) = map(arrays, digits())
even_train = np.where(digit_train % 2 == 0, 1.0, -1.0)[:, None]  # +1 for even, -1 for odd
even_test = np.where(digit_test % 2 == 0, 1.0, -1.0)[:, None]

figure = Figure(figsize=(7, 1.2), layout="constrained")
for axes, image, digit in zip(figure.subplots(1, 10), x_test[3:], digit_test[3:], strict=False):
    axes.imshow(image.reshape(8, 8), cmap="gray_r")
    axes.set_title("even" if digit % 2 == 0 else "odd", fontsize=8)
    axes.axis("off")
figure

# %% [markdown]
# ## One neuron
#
# A neuron has a weight for each input and one bias. It takes the weighted sum
#
# $$z = w_1 x_1 + w_2 x_2 + \dots + b$$
#
# and sends it through a function $\phi$, its *activation*. With the inputs (1, 2), the weights
# (3, -1), the bias 0.5: $z = 3 \cdot 1 - 1 \cdot 2 + 0.5 = 1.5$. Three activations are common,
# and all three bend a straight line:
#
# | | formula | at $z = 1.5$ | derivative | its largest value |
# |---|---|---|---|---|
# | sigmoid | $1 / (1 + e^{-z})$ | 0.8176 | $y(1-y)$ | 1/4, at 0 |
# | tanh | $(e^z - e^{-z})/(e^z + e^{-z})$ | 0.9051 | $1-y^2$ | 1, at 0 |
# | ReLU | $\max(z, 0)$ | 1.5 | 1 if $z > 0$, else 0 | 1, on the whole right side |
#
# Each derivative can be had from the value $y$ alone, so the value is all that has to be kept for
# the way back. **Stop here and write exercises 6.1 and 6.2.**


# %%
def sigmoid(z):
    return 1 / (1 + np.exp(-z))  # exercise 6.1 asks for one that also stands -1000


def relu(z):
    return np.maximum(z, 0), lambda g: g * (z > 0)


print(f"{sigmoid(1.5):.4f} {np.tanh(1.5):.4f} {relu(np.array(1.5))[0]:.1f}")

z = np.linspace(-5, 5, 201)
curves = {
    "sigmoid": (sigmoid(z), sigmoid(z) * (1 - sigmoid(z))),
    "tanh": (np.tanh(z), 1 - np.tanh(z) ** 2),
    "ReLU": (relu(z)[0], relu(z)[1](np.ones_like(z))),
}
figure = Figure(figsize=(7, 2.4), layout="constrained")
left, right = figure.subplots(1, 2)
for name, (value, slope) in curves.items():
    left.plot(z, value, label=name)
    right.plot(z, slope, label=name)
left.set(title="value", xlabel="z", ylim=(-1.2, 2.5))
right.set(title="derivative", xlabel="z")
left.legend(fontsize=8)
figure

# %% [markdown]
# The right picture is the one to remember. Backpropagation *multiplies* derivatives along the
# path, and the weights between. Through ten sigmoids, the product of their slopes is at most
# $(1/4)^{10} \approx 10^{-6}$: unless large weights make up for it, a millionth of the error
# arrives. tanh is steeper but flat on both sides. ReLU has the slope 1, however far it
# goes, and the price for that is the whole left side, where it has the slope 0.
#
# A layer is many neurons that see the same inputs. Put the weights of neuron $k$ into row $k$ of
# a matrix, and the examples into the rows of $x$, and all sums are one matrix product. Its pullback
# was lesson 4's: $\bar x = g W$, $\bar W = g^T x$, and $\bar b$ is $g$ summed over the examples,
# since $b$ was added to each of them. **Exercise 6.3.**


# %%
def linear(x, w, b):
    return x @ w.T + b, lambda g: (g @ w, g.T @ x, g.sum(axis=0))


# %% [markdown]
# ## What one neuron cannot do
#
# A neuron says yes on one side of a straight line ($z = 0$) and no on the other. Take XOR, "one of
# the two, but not both": yes for (0, 1) and (1, 0), no for (0, 0) and (1, 1). Suppose a neuron
# could. Then
#
# $$b < 0, \qquad w_1 + b > 0, \qquad w_2 + b > 0, \qquad w_1 + w_2 + b < 0 .$$
#
# Add the two in the middle: $w_1 + w_2 + 2b > 0$. Add the outer two: $w_1 + w_2 + 2b < 0$. Both
# cannot hold, so there is no such neuron, for no weights and no training. Marvin Minsky and Seymour
# Papert's book *Perceptrons* (1969) is full of such proofs.
#
# Two neurons in front of it are enough: $h_1 = \max(x_1 + x_2, 0)$ counts,
# $h_2 = \max(x_1 + x_2 - 1, 0)$ counts what is above one, and $h_1 - 2 h_2$ is the answer.

# %%
corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
h1 = np.maximum(corners @ [1.0, 1.0], 0)
h2 = np.maximum(corners @ [1.0, 1.0] - 1, 0)
for row in zip(corners, h1, h2, h1 - 2 * h2, strict=True):
    print("x = {}  h1 = {}  h2 = {}  answer {}".format(*row))

# %% [markdown]
# **Predict.** Leave out the bend: $h_1 = x_1 + x_2$ and $h_2 = x_1 + x_2 - 1$ without the
# maximum. A hundred such layers, one after the other: what can they do that one cannot?

# %%
rng = np.random.default_rng(0)
first, second = rng.standard_normal((50, 2)), rng.standard_normal((1, 50))
print("two layers of 50:", (corners @ first.T @ second.T).ravel().round(4))
print("one neuron      :", (corners @ (second @ first).T).ravel().round(4))

# %% [markdown]
# Nothing. $W_2 (W_1 x) = (W_2 W_1) x$: a stack of linear layers is one linear layer, and here it is
# one neuron whose two weights are worked out from 150. The bend between the layers is what makes
# depth mean something.
#
# ## A multilayer perceptron, and its way back
#
# Linear, ReLU, linear, ReLU, and so on, linear. No ReLU at the end: the answer may be negative. The
# pullback goes the same way back. **Exercise 6.4.**


# %%
def mlp(x, layers):
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


# %% [markdown]
# ## Three inputs, two units, one output, and a pencil
#
# Now by hand. The numbers are chosen, and chosen short: the input is (1, 2, 3), the target is 1,
# and
#
# $$W_1 = \begin{pmatrix} 0.2 & 0.1 & 0.2 \\ 0.5 & 0.5 & -0.6 \end{pmatrix}, \quad
# b_1 = \begin{pmatrix} 0 \\ 0.1 \end{pmatrix}, \quad W_2 = (0.5, \; -1), \quad b_2 = 0.1 .$$
#
# **Forward.**
#
# - $z_1 = 0.2 \cdot 1 + 0.1 \cdot 2 + 0.2 \cdot 3 + 0 = 1$, so $h_1 = \max(1, 0) = 1$.
# - $z_2 = 0.5 \cdot 1 + 0.5 \cdot 2 - 0.6 \cdot 3 + 0.1 = -0.2$, so $h_2 = \max(-0.2, 0) = 0$.
# - $y = 0.5 \cdot 1 - 1 \cdot 0 + 0.1 = 0.6$.
# - The squared error: $L = (y - 1)^2 = (-0.4)^2 = 0.16$.
#
# **Backward.** A bar over a name is the slope of $L$ by it. At each node: what comes from above,
# times the node's own slope.
#
# - $\bar y = 2 (y - 1) = -0.8$.
# - $y = W_2 h + b_2$, so $\bar b_2 = -0.8$, and $\bar W_2 = -0.8 \cdot h = (-0.8, 0)$: a weight's
#   gradient is what came from above times what came in from below. $h_2$ said nothing, so the
#   weight that listens to it is not to blame.
# - $\bar h = -0.8 \cdot W_2 = (-0.4, 0.8)$.
# - Through ReLU: $\bar z_1 = -0.4$, since $z_1 > 0$; and $\bar z_2 = 0$, since $z_2 < 0$. The slope
#   0.8 has arrived at the second unit, and stops there.
# - $\bar W_1$, row 1: $-0.4 \cdot (1, 2, 3) = (-0.4, -0.8, -1.2)$; row 2: $(0, 0, 0)$.
#   $\bar b_1 = (-0.4, 0)$.
#
# **The step**, with the learning rate 0.01: new = old - 0.01 times its slope.
#
# - $W_2 = (0.5 + 0.008, -1) = (0.508, -1)$, $b_2 = 0.108$.
# - $W_1$, row 1: $(0.204, 0.108, 0.212)$; row 2 as it was. $b_1 = (0.004, 0.1)$.
#
# **Forward again.** $z_1 = 0.204 + 0.216 + 0.636 + 0.004 = 1.06$,
# $y = 0.508 \cdot 1.06 + 0.108 = 0.64648$, $L = 0.35352^2 = 0.12498$. It was 0.16. Slopes promised
# a fall of 0.01 times the sum of the squares of all slopes, $0.01 \cdot 3.68 = 0.0368$; it fell by
# 0.0350. A slope is a promise for small steps, and this one was kept to five percent.
#
# The same, run:

# %%
x, target = np.array([[1.0, 2.0, 3.0]]), np.array([[1.0]])
by_hand = [
    (np.array([[0.2, 0.1, 0.2], [0.5, 0.5, -0.6]]), np.array([0.0, 0.1])),
    (np.array([[0.5, -1.0]]), np.array([0.1])),
]
value, pullback = mlp(x, by_hand)
gradients = pullback(2 * (value - target))
moved = [
    (w - 0.01 * dw, b - 0.01 * db)
    for (w, b), (dw, db) in zip(by_hand, gradients, strict=True)
]  # fmt: skip
print(f"y = {value.item():.2f}, loss {np.sum((value - target) ** 2):.4f}")
for k, (dw, db) in enumerate(gradients, 1):
    print(f"layer {k}: slopes by w {dw.round(4).tolist()}, by b {db.round(4).tolist()}")
print(f"after the step: y = {mlp(x, moved)[0].item():.5f}, "
      f"loss {np.sum((mlp(x, moved)[0] - target) ** 2):.5f}")  # fmt: skip

# %% [markdown]
# And once more with minigrad's own engine, which writes down every product that it makes. Read the
# pages beside the hand calculation: *upstream* is what comes from above, and `@` and `*` stand
# between it and the node's own slope.

# %%
t_x = mg.tensor([1.0, 2.0, 3.0])
W1 = mg.tensor([[0.2, 0.1, 0.2], [0.5, 0.5, -0.6]], requires_grad=True)
b1 = mg.tensor([0.0, 0.1], requires_grad=True)
W2 = mg.tensor([0.5, -1.0], requires_grad=True)
b2 = mg.tensor(0.1, requires_grad=True)
z = W1 @ t_x + b1
h = z.relu()
y = W2 @ h + b2
loss = (y - 1.0) ** 2
stepper = mg.viz.step(loss)
for i in range(12, len(stepper)):  # pages 0 to 11 go forward
    page = stepper.text(i).split("\n")
    print("\n".join(line for line in page if "why now" not in line))

# %% [markdown]
# Page for page what the pencil said. (The table of step 19, too wide to be printed, has the rows
# (1, 2, 3, 0, 0, 0) and (0, 0, 0, 1, 2, 3): an input for each weight of either unit.) In a
# notebook, `mg.viz.step(loss)` alone opens the same as pictures to click through. **Exercise 6.5.**
#
# ## Does it learn?
#
# One neuron first: 64 weights, a bias, the squared distance to +1 or -1. Then 32 hidden units. Each
# step looks at the next hundred images (lesson 8 asks why that is enough).


# %%
def accuracy(layers):
    return np.mean((mlp(x_test, layers)[0] > 0) == (even_test > 0))


def train(layers, steps=800, lr=0.05):
    losses = []
    for i in range(steps):
        some = slice(i * 100 % 1400, i * 100 % 1400 + 100)  # the next hundred
        value, pullback = mlp(x_train[some], layers)
        error = value - even_train[some]
        losses.append(np.mean(error**2))
        gradients = pullback(2 * error / len(error))
        pairs = zip(layers, gradients, strict=True)
        layers = [(w - lr * dw, b - lr * db) for (w, b), (dw, db) in pairs]
    return layers, losses


def start(sizes, deviation=None, seed=0):
    """Normal weights of a given deviation, or of the one that is explained below; biases 0."""
    rng = np.random.default_rng(seed)
    size = (lambda n: np.sqrt(2 / n)) if deviation is None else (lambda n: deviation)
    return [(rng.standard_normal((m, n)) * size(n), np.zeros(m)) for n, m in pairwise(sizes)]


one, _ = train(start([64, 1]))
hidden, _ = train(start([64, 32, 1]))
print(f"one neuron: {accuracy(one):.1%}    32 hidden units: {accuracy(hidden):.1%}")

# %% [markdown]
# A fifth of the mistakes, on digits that neither has seen. (One neuron does much better than the
# half that a coin would get: in 64 dimensions a great deal lies on two sides of one plane.)

# %% [markdown]
# **Predict.** The 32 units start with 32 different rows of random weights. Why random? Start all
# with the same numbers, 0.02 in each weight of the first layer and 0.1 in the second. Will it
# learn, and how well?

# %%
equal = [(np.full((32, 64), 0.02), np.zeros(32)), (np.full((1, 32), 0.1), np.zeros(1))]
equal, _ = train(equal)
zeros, _ = train([(np.zeros((32, 64)), np.zeros(32)), (np.zeros((1, 32)), np.zeros(1))])
print(f"all equal: {accuracy(equal):.1%}, the rows differ by {np.ptp(equal[0][0], axis=0).max()}")
print(f"all zero:  {accuracy(zeros):.1%}")

# %% [markdown]
# It learns, and it is one neuron: 32 copies of it. Units with the same weights compute the same,
# are told the same slope, and take the same step, for ever; after 800 steps the rows differ by
# exactly 0. Gradient descent cannot break a symmetry. Chance has to, at the start. And with all
# weights at 0 no slope arrives at all: $\bar W_2$ is a product with $h = 0$, $\bar h$ one with
# $W_2 = 0$. Only the last bias moves.
#
# ## How large?
#
# So the weights are random; of which size? Send numbers through 20 layers of 256 ReLU units, and
# look at their size (the root of the mean of the squares) after each.

# %% [markdown]
# **Predict.** The weights are normal numbers with deviation 0.01; the input has size 1. Of what
# size is the output of layer 20? And for 0.15?


# %%
def sizes_through(deviation, activation, depth=20, units=256):
    rng = np.random.default_rng(1)
    h, found = rng.standard_normal((50, units)), []
    for _ in range(depth):
        h = activation(h @ (rng.standard_normal((units, units)) * deviation).T)
        found.append(np.sqrt(np.mean(h**2)))
    return found


runs = {
    "0.01": (0.01, lambda z: relu(z)[0]),
    "0.15": (0.15, lambda z: relu(z)[0]),
    "Glorot, ReLU": (np.sqrt(2 / 512), lambda z: relu(z)[0]),
    "He, ReLU": (np.sqrt(2 / 256), lambda z: relu(z)[0]),
    "Glorot, tanh": (np.sqrt(2 / 512), np.tanh),
}
figure = Figure(figsize=(6, 3.2), layout="constrained")
axes = figure.subplots()
for name, (deviation, activation) in runs.items():
    found = sizes_through(deviation, activation)
    axes.semilogy(range(1, 21), found, "o-", markersize=3, label=name)
    print(f"{name:13} deviation {deviation:.4f}: layer 1 {found[0]:.2g}, layer 20 {found[-1]:.2g}")
axes.set(xlabel="layer", ylabel="size of the values", xticks=range(1, 21, 3))
axes.legend(fontsize=8)
figure

# %% [markdown]
# Powers, as straight lines. Each layer multiplies the size by the same factor, and the twentieth
# power of anything but 1 is far away from 1. The factor can be worked out. Let a unit have $n$
# inputs of mean square $q$, and weights of variance $\sigma^2$ and mean 0, independent. Variances
# of independent numbers add:
#
# $$\mathrm{Var}(z) = n \sigma^2 q .$$
#
# Half of the $z$ are negative, and ReLU makes them 0: the mean square after it is
# $n \sigma^2 q / 2$. It stays $q$ if
#
# $$\sigma^2 = \frac{2}{n},$$
#
# which is the initialisation of Kaiming He and others (2015). With $n = 256$ and $\sigma = 0.01$
# the mean square is multiplied by $256 \cdot 0.0001 / 2 = 0.0128$, the size by 0.113, and
# $0.113^{20} = 1.2 \cdot 10^{-19}$: the picture says 1.1. With $\sigma = 0.15$:
# $256 \cdot 0.0225 / 2 = 2.88$, the size by 1.70, and $1.70^{20} = 4 \cdot 10^4$; the picture says
# 3.7.
#
# Slopes go the other way, through the same weights, and their mean square is multiplied by
# $m \sigma^2$, where $m$ is the number of units that they come from. For tanh, which is nearly $z$
# itself around 0 and halves nothing, one would like $n \sigma^2 = 1$ and $m \sigma^2 = 1$. Xavier
# Glorot and Yoshua Bengio (2010) met in the middle: $\sigma^2 = 2 / (n + m)$. With ReLU this loses
# half of the square in each layer, and after twenty a thousandth of the size is left. **Exercise
# 6.6.**
#
# Does it matter? Eight hidden layers, trained on odd and even:

# %%
sizes = [64] + [32] * 8 + [1]
for name, deviation in [("0.02", 0.02), ("0.1", 0.1), ("He", None)]:
    deep, losses = train(start(sizes, deviation), steps=500, lr=0.02)
    print(f"{name:>4}: loss {losses[0]:.3f} to {losses[-1]:.3f}, accuracy {accuracy(deep):.1%}")

# %% [markdown]
# Nothing is wrong with the first two networks but where they start. For years deep networks were
# thought too hard to train. A part of the answer was a square root.
#
# ## Dead units
#
# The flat side of ReLU has a danger of its own. If a unit's $z$ is negative for *every* example,
# its value is always 0, its slope is always 0, and it never moves again.

# %% [markdown]
# **Predict.** The network with 32 hidden units learned with the learning rate 0.05. What will
# happen at 0.3 and at 0.5, in 200 steps?


# %%
def dead(layers):
    w, b = layers[0]
    return int(np.sum(np.all(x_train @ w.T + b <= 0, axis=0)))


for lr in (0.05, 0.1, 0.3, 0.5):
    trained, losses = train(start([64, 32, 1]), steps=200, lr=lr)
    print(f"lr {lr}: {dead(trained):2} of 32 units dead, loss {losses[-1]:.3f}, "
          f"accuracy {accuracy(trained):.1%}")  # fmt: skip

# %% [markdown]
# A step that is too long throws weights and biases so far down that no example reaches the slope,
# and there is no way back. With all units dead the loss stays at 1, the loss of always saying 0.
# The network looks as if it were not learning; it cannot. (One unit was born dead, and does no
# harm.) Cures: a smaller learning rate, in the first steps above all (lesson 8), and activations
# that are never quite flat: leaky ReLU, GELU.
#
# ## Anything?
#
# One hidden layer can draw *every* continuous curve over an interval, as closely as you like. Here
# is a proof that can be run. $\max(x - k, 0)$ is 0 up to $k$ and then rises with slope 1. Take such
# a unit for every point where the curve is to bend, and let its outgoing weight be the *change* of
# slope there. For the points (0, 0), (1, 2), (3, 0): the slopes are 2 and -1, their changes 2 and
# -3, and the network is
#
# $$y = 2 \max(x - 0, 0) - 3 \max(x - 1, 0) .$$
#
# At 1 it is 2, at 3 it is $6 - 6 = 0$, at 2 it is $4 - 3 = 1$. **Exercise 6.7.**


# %%
def through(xs, ys):
    slopes = np.diff(ys) / np.diff(xs)
    bends = np.diff(slopes, prepend=0.0)
    return [(np.ones((len(bends), 1)), -xs[:-1]), (bends[None, :], ys[:1])]


print(
    mlp(np.array([[1.0], [2.0], [3.0]]), through(np.array([0.0, 1, 3]), np.array([0.0, 2, 0])))[0].T
)

fine = np.linspace(0, 2 * np.pi, 2001)
figure = Figure(figsize=(7, 2.2), layout="constrained")
for axes, units in zip(figure.subplots(1, 3, sharey=True), (4, 8, 32), strict=True):
    knots = np.linspace(0, 2 * np.pi, units + 1)
    drawn = mlp(fine[:, None], through(knots, np.sin(knots)))[0].ravel()
    axes.plot(fine, np.sin(fine), color="gray")
    axes.plot(fine, drawn)
    axes.set_title(f"{units} units", fontsize=9)
    error, bound = np.abs(drawn - np.sin(fine)).max(), (2 * np.pi / units) ** 2 / 8
    print(f"{units:2} units: largest error {error:.4f}, theory at most {bound:.4f}")
figure

# %% [markdown]
# Twice the units, a quarter of what theory allows: a chord of length $d$ is off by at most
# $d^2 |f''| / 8$. George Cybenko proved it for sigmoids in 1989, Kurt Hornik, Maxwell Stinchcombe
# and Halbert White in the same year for more of them, Moshe Leshno and others in 1993 for every
# continuous activation that is not a polynomial. Note what is *not* said: how many units it takes
# in 64 dimensions, and whether gradient descent finds these weights.

# %%
knots = np.linspace(0, 2 * np.pi, 33)
constructed = mlp(fine[:, None], through(knots, np.sin(knots)))[0]
learned = start([1, 32, 1], seed=3)
learned[0] = (learned[0][0], np.random.default_rng(4).standard_normal(32) * 3)
for _ in range(2000):
    value, pullback = mlp(knots[:, None], learned)
    gradients = pullback(2 * (value - np.sin(knots)[:, None]) / len(knots))
    pairs = zip(learned, gradients, strict=True)
    learned = [(w - 0.003 * dw, b - 0.003 * db) for (w, b), (dw, db) in pairs]
found = mlp(fine[:, None], learned)[0]
for name, values in [("worked out", constructed), ("learned", found)]:
    print(f"{name:>10}: largest error {np.abs(values.ravel() - np.sin(fine)).max():.4f}")

# %% [markdown]
# The same 32 units, after 2,000 steps. *That there are* such weights, and *that they are found*,
# are two statements. The theorem is about the first, and practice, and the rest of this course,
# about the second.
#
# ## Where it comes from
#
# Warren McCulloch and Walter Pitts wrote neurons as logic in 1943; their weights were not learned.
# Frank Rosenblatt's perceptron (1958) learned them, for one layer. That hidden layers can be
# trained by the chain rule was found more than once, and made known by David Rumelhart, Geoffrey
# Hinton and Ronald Williams in 1986. Kunihiko Fukushima used rectifying units in 1969; Vinod Nair
# and Hinton brought them into deep learning in 2010.
#
# ## Four beliefs that are wrong
#
# **"A neuron in a network works as one in a brain."** It is a weighted sum with a bend. Cells send
# spikes in time, and whether anything like backpropagation goes on between them is an open
# question.
#
# **"One hidden layer is enough, the theorem says so."** It says that weights exist, not how many
# units they need and not that anything finds them. Depth is often cheaper.
#
# **"tanh at the end is for many classes."** It squeezes each score by itself and knows nothing of
# the others. What makes scores compete is softmax (lesson 7).
#
# **"ReLU is not differentiable, so the gradient does not exist."** At one point, 0, which floats
# rarely hit. There 0 is taken, and any number from 0 to 1 would do (lesson 2).
#
# ## What a large model does differently
#
# In a GPT, behind each attention layer stands just this: linear, activation, linear, with four
# times as many hidden units as inputs. About two thirds of the weights of its blocks are there.
# The activation is GELU, a ReLU with a rounded corner (Hendrycks and Gimpel, 2016), or a product
# of two layers, SwiGLU (Shazeer, 2020). GPT-2's weights start with deviation 0.02, smaller in the
# layers that add to its residual stream, by $1/\sqrt{N}$ with their number $N$: the sum above,
# once more. And normalisation layers (lessons 17 and 20) put the size back to 1 on the way, so
# that a start that is not perfect no longer kills.
#
# **Read on.** Glorot and Bengio, *Understanding the difficulty of training deep feedforward neural
# networks*, AISTATS 2010. He, Zhang, Ren and Sun, *Delving Deep into Rectifiers*, ICCV 2015,
# section 2.2. Rumelhart, Hinton and Williams, *Learning representations by back-propagating
# errors*, Nature 323, 1986: four pages. Michael Nielsen, *Neural Networks and Deep Learning*,
# chapter 4: the universality theorem in pictures.

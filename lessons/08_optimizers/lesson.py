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
# # 8. Optimizers
#
# **Which way to step, and how far, if all that is known is the slope right here?**
#
# You stand on a hillside in fog. You can feel how steep the ground is under your feet, and nothing
# else. That is what a network has: a loss, and its gradient at the one place where the weights
# are. This lesson goes from the plain step to Adam, one idea at a time. Each idea is two lines of
# code, and several of them are copied about in a wrong form. We shall run the wrong forms too: that
# they fail is easy to see, once one looks.

# %% [markdown]
# ## Two valleys
#
# Howard Rosenbrock made the first one in 1960 as a test: a curved valley, steep at the sides,
# nearly flat along its bed. E. M. L. Beale's, from 1958, has plateaus.
#
# $$R(x, y) = (1 - x)^2 + 100 (y - x^2)^2$$
#
# $$B(x, y) = (1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2$$
#
# Both are 0 at their minimum, $R$ at (1, 1), $B$ at (3, 0.5). At the classical start, (-1.2, 1),
# with $b = y - x^2 = -0.44$: $R = 2.2^2 + 100 \cdot 0.44^2 = 4.84 + 19.36 = 24.2$. Its slope by
# $y$ is $200\,b = -88$; by $x$, which stands in both parts, it is
# $-2(1 - x) - 400\,x\,b = -4.4 - 211.2 = -215.6$. **Stop here and write exercise 8.1.**

# %%
import numpy as np
from matplotlib.figure import Figure

import minigrad as mg
from minigrad import optim
from minigrad.data import digits


def rosenbrock(p):
    x, y = p
    a, b = 1 - x, y - x * x
    return a * a + 100 * b * b, np.array([-2 * a - 400 * x * b, 200 * b])


def beale(p):
    x, y = p
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3
    by_x = 2 * (a * (y - 1) + b * (y**2 - 1) + c * (y**3 - 1))
    by_y = 2 * x * (a + 2 * b * y + 3 * c * y**2)
    return a * a + b * b + c * c, np.array([by_x, by_y])


valleys = {
    "Rosenbrock": (rosenbrock, np.array([-1.2, 1.0]), np.array([1.0, 1.0])),
    "Beale": (beale, np.array([1.0, 1.0]), np.array([3.0, 0.5])),
}
for name, (f, start, _) in valleys.items():
    value, gradient = f(start)
    print(f"{name} at {start}: value {value:.6f}, gradient {gradient.round(6)}")

# %% [markdown]
# ## One step, again and again
#
# Augustin-Louis Cauchy proposed it in 1847, in a note of three pages, with orbits of planets in
# mind: go against the gradient, a bit. **Exercise 8.2.**
#
# $$p \leftarrow p - \eta\, g$$
#
# How large is a bit? Take a bowl that can be followed by hand, $f(x, y) = \frac12 x^2 + 10 y^2$.
# Its gradient is $(x, 20 y)$, so one step multiplies $x$ by $1 - \eta$ and $y$ by $1 - 20 \eta$:
#
# | $\eta$ | $x$ times | $y$ times | |
# |---|---|---|---|
# | 0.01 | 0.99 | 0.8 | safe; $x$ needs 459 steps to get to a hundredth |
# | 0.09 | 0.91 | -0.8 | $y$ jumps from side to side, and shrinks |
# | 0.1 | 0.9 | -1 | $y$ jumps for ever |
# | 0.11 | 0.89 | -1.2 | $y$ grows without bound |

# %% [markdown]
# **Predict.** With 0.11 and the start (10, 0.001), how large is y after 100 steps: still small, a
# few, or millions?


# %%
def bowl(p):
    return 0.5 * p[0] ** 2 + 10 * p[1] ** 2, np.array([p[0], 20 * p[1]])


def sgd(p, g, state, lr):
    return p - lr * g, state


def walk(f, start, optimizer, steps, **options):
    """The path of an optimizer, from the start; f returns (value, gradient)."""
    path, state = [start], None
    with np.errstate(all="ignore"):  # some of these paths leave for infinity
        for _ in range(steps):
            p, state = optimizer(path[-1], f(path[-1])[1], state, **options)
            path.append(p)
    return np.array(path)


for lr in (0.01, 0.09, 0.1, 0.11):
    x, y = walk(bowl, np.array([10.0, 0.001]), sgd, 100, lr=lr)[-1]
    print(f"lr {lr}: after 100 steps x = {x:.6f}, y = {y:.6g}")

# %% [markdown]
# $0.001 \cdot 1.2^{100} = 82{,}818$, from a thousandth. **The largest curvature $\lambda_{max}$
# bounds the step, $\eta < 2 / \lambda_{max}$, and the smallest one sets the time.** The best
# compromise, $\eta = 2/(1 + 20)$, multiplies $x$ by about 0.905 and $y$ by -0.905: 47 steps to a
# hundredth. What counts is the quotient of the largest and the smallest curvature, the *condition
# number*: here 20; in Rosenbrock's valley, at the minimum, 2,508; in networks often far more.

# %%
path = walk(rosenbrock, valleys["Rosenbrock"][1], sgd, 2000, lr=0.002)
for t in (0, 1, 10, 100, 1000, 2000):
    print(f"step {t:4}: at {path[t].round(4)}, value {rosenbrock(path[t])[0]:.5f}")

# %% [markdown]
# The first step leaps up the other side of the valley; after ten it is near the bed, and then it
# crawls. After 2,000 steps it has not arrived. The step is limited by walls that it no longer
# climbs.
#
# ## Momentum
#
# A ball would not crawl. Boris Polyak (1964) gave the point a velocity, which loses a tenth in each
# step and gains the gradient:
#
# $$v \leftarrow \beta v + g, \qquad p \leftarrow p - \eta\, v .$$
#
# By hand, on a slope that is 1 everywhere, with $\beta = 0.9$: $v = 1$, then $0.9 + 1 = 1.9$, then
# $2.71$, then $3.439$, and in the end $1/(1 - 0.9) = 10$. Along the valley, where the slope keeps
# its sign, the step becomes ten times as long. Across, where it changes sign each time, 1, -1, 1:
# $v = 1$, then $-0.1$, then $0.91$: it stays small. **Exercise 8.3.**


# %%
def momentum(p, g, state, lr, beta=0.9, nesterov=False):
    v = g if state is None else beta * state + g
    return p - lr * (g + beta * v if nesterov else v), v


path = walk(rosenbrock, valleys["Rosenbrock"][1], momentum, 2000, lr=0.002)
for t in (100, 400, 600, 2000):
    distance = np.linalg.norm(path[t] - [1, 1])
    print(f"step {t:4}: at {path[t].round(4)}, {distance:.1e} from the minimum")

# %% [markdown]
# Yurii Nesterov (1983), as Sutskever and others read him (2013), looks first where the velocity
# will lead, and takes the gradient there. Most libraries take the gradient here and step by
# $p \leftarrow p - \eta (g + \beta v)$, with the new $v$: the same walk, told from the place that
# one looks from.
#
# ### A momentum that is none
#
# One also finds a multiple of the previous *parameters* in its place,
# $\beta (1 - \alpha) \theta_{t-1}$, with $\alpha$ the learning rate. That can be read in two ways.
# Test both with the simplest question there is: start *at* the minimum, where the gradient is 0.

# %% [markdown]
# **Predict.** $f(\theta) = (\theta - 3)^2$, start at $\theta = 3$, $\alpha = 0.1$, $\beta = 0.9$.
# Where are the right momentum and the two readings after five steps?


# %%
def momentum_added(p, g, state, lr, beta=0.9):
    before = p if state is None else state
    return p - lr * g + beta * (1 - lr) * before, p  # wrong


def momentum_replaced(p, g, state, lr, beta=0.9):
    return beta * (1 - lr) * p - lr * g, None  # wrong


def parabola(p):
    return (p[0] - 3) ** 2, 2 * (p - 3)


for name, optimizer in [
    ("right", momentum), ("parameters added", momentum_added), ("replaced", momentum_replaced),
]:  # fmt: skip
    path = walk(parabola, np.array([3.0]), optimizer, 200, lr=0.1)[:, 0]
    print(f"{name:>16}: {path[:6].round(3)} ... {path[-1]:.4g}")

# %% [markdown]
# The right one stays at 3. The first reading flies off at once: at the minimum it adds
# $0.9 \cdot 0.9 \cdot 3 = 2.43$, with no slope at all. The second settles near 1.54, where its pull
# to 0 and the slope are in balance: $\theta = 0.81\,\theta - 0.2\,(\theta - 3)$ gives $0.6 / 0.39$.
# **A method whose rest is not at the minimum does not minimize.** A velocity is a sum of
# *gradients*; where those are 0, it dies down.
#
# ## A gradient from a few
#
# The loss of a network is a mean over all examples, and so is its gradient. Herbert Robbins and
# Sutton Monro (1951) showed that a noisy one will do, if the steps shrink. Here is one neuron of
# lesson 6, odd or even, with a squared error, so that the best weights are known from linear
# algebra and we can see how far above them we are.

# %%
images, labels = digits()[0].tensors
x = np.concatenate([images.numpy().astype(float), np.ones((len(images), 1))], axis=1)
t = np.where(labels.numpy() % 2 == 0, 1.0, -1.0)
best = np.linalg.lstsq(x, t, rcond=None)[0]
lowest = np.mean((x @ best - t) ** 2)


def slope(w, some=slice(None)):
    return 2 * x[some].T @ (x[some] @ w - t[some]) / len(t[some])


rng = np.random.default_rng(0)
w = np.zeros(65)
for n in (1, 10, 100, 1000):
    samples = [slope(w, rng.integers(0, len(t), n)) for _ in range(200)]
    errors = [np.linalg.norm(g - slope(w)) / np.linalg.norm(slope(w)) for g in samples]
    print(f"{n:4} examples: the gradient is off by {np.mean(errors):.0%}")

# %% [markdown]
# Ten times the work, a third of the error: $1/\sqrt n$, as for every mean. Far from the minimum
# many cheap steps beat few exact ones: on the way their errors cancel. Near it the true gradient
# goes to 0 and the noise does not.

# %% [markdown]
# **Predict.** Batches of 10. One run with the rate 0.05 throughout, one with 0.005, one that falls
# from 0.05 to 0 by half a cosine. Which is ahead after 500 steps, and which after 10,000?


# %%
def scheduled(step, lr, warmup, total):
    if step < warmup:
        return lr * (step + 1) / warmup
    u = min(1.0, (step - warmup) / (total - warmup))
    return lr * (1 + np.cos(np.pi * u)) / 2


total = 10_000
rates = {
    "0.05": lambda step: 0.05,
    "0.005": lambda step: 0.005,
    "0.05, falling": lambda step: scheduled(step, 0.05, 0, total),
}
figure = Figure(figsize=(6, 3), layout="constrained")
axes = figure.subplots()
for name, rate in rates.items():
    rng, w, above = np.random.default_rng(1), np.zeros(65), []
    for step in range(total):
        w = w - rate(step) * slope(w, rng.integers(0, len(t), 10))
        if (step + 1) % 100 == 0:
            above.append(np.mean((x @ w - t) ** 2) - lowest)
    axes.semilogy(np.arange(100, total + 1, 100), above, label=name)
    print(f"{name:>13}: above the lowest loss after 500 steps {above[4]:.4f}, "
          f"after 10,000 {np.mean(above[-5:]):.4f}")  # fmt: skip
axes.set(xlabel="step", ylabel="loss above the lowest")
axes.legend(fontsize=8)
figure

# %% [markdown]
# The large rate is fast and then stays above the floor, tossed about by noise: 0.04 at one time,
# 0.2 at another. The small one is behind at first. The falling rate is as fast as the large one and
# ends below both, which is why a training usually ends with a small one. **Exercise 8.8**, the
# last, is this schedule, with a warm-up before it.
#
# ## A rate for each weight
#
# In the bowl, $x$ would have liked $\eta = 1$ and $y$ $\eta = 1/20$. John Duchi, Elad Hazan and
# Yoram Singer (2011) give each weight its own rate: divide by the root of the sum of its squared
# gradients.
#
# $$s \leftarrow s + g^2, \qquad p \leftarrow p - \eta\, \frac{g}{\sqrt s + \varepsilon}$$
#
# By hand: gradients 3, then 4. $s = 9$, the step $\eta \cdot 3/3 = \eta$. Then $s = 25$, the step
# $\eta \cdot 4/5$. With 3000 and 4000: the same steps. The unit of the loss has dropped out, and
# with it the steepness of each direction. **Exercise 8.4.**
#
# ### AdaGrad without its root
#
# One finds only the sum described, and the step left to the reader. The nearest reading is
# $p - \eta\, g / s$. Then the first step is $\eta\,g / g^2 = \eta / g$: **the steeper, the shorter;
# the flatter, the longer.**


# %%
def adagrad(p, g, state, lr, eps=1e-10):
    s = g * g if state is None else state + g * g
    return p - lr * g / (np.sqrt(s) + eps), s


def adagrad_no_root(p, g, state, lr, eps=1e-10):
    s = g * g if state is None else state + g * g
    return p - lr * g / (s + eps), s  # wrong


for scale in (100, 1, 0.01):
    ends = []
    for optimizer in (adagrad, adagrad_no_root):
        path = walk(lambda p, c=scale: (0, c * (p - 3)), np.array([0.0]), optimizer, 100, lr=0.5)
        ends.append(f"first step {path[1, 0]:9.4g}, after 100 steps {path[-1, 0]:9.4g}")
    print(f"slope {scale:>5} (p - 3):  with root: {ends[0]};  without: {ends[1]}")

# %% [markdown]
# One and the same parabola, in three units. With the root all three go the same way, to 3. Without
# it, the steep one has hardly left 0 after 100 steps, and the flat one leaps to 16.7 first, more
# than five times as far as 3. **The root is what gives the quotient no unit**, so that $\eta$ alone
# says how long a step is; $g / s$ has that of one over a slope.
#
# What is true of AdaGrad itself: it never forgets. Its sum only grows, and after $t$ steps with
# gradients of one size the rate is $1 / \sqrt t$ of what it was.
#
# ## Forgetting: RMSprop
#
# Geoffrey Hinton, in slides for a course (2012), never published as a paper: a running average for
# the sum.
#
# $$v \leftarrow \rho v + (1 - \rho) g^2, \qquad
#   p \leftarrow p - \eta\, \frac{g}{\sqrt v + \varepsilon}$$
#
# It is copied, too, with the batch size $N$ inside, $(1 - \rho) / N \cdot g^2$. **Exercise 8.5.**

# %% [markdown]
# **Predict.** A gradient that is 2 in every step, $\eta = 0.01$, $\rho = 0.9$. How long are the
# steps after a while? And with $N = 1, 16, 256$ in the average?


# %%
def rmsprop(p, g, state, lr, rho=0.99, eps=1e-8, batch=1):
    v = (0 if state is None else rho * state) + (1 - rho) / batch * g * g  # right: batch = 1
    return p - lr * g / (np.sqrt(v) + eps), v


for batch in (1, 16, 256):
    path = walk(
        lambda p: (0, np.array([2.0])), np.zeros(1), rmsprop, 100, lr=0.01, rho=0.9, batch=batch
    )
    print(f"N = {batch:3}: the 100th step is {path[-2, 0] - path[-1, 0]:.4f}")

# %% [markdown]
# Right: 0.01, the rate that was asked for, whatever the gradient. With $N$ in it, $\sqrt N$ times
# that: sixteen times with batches of 256. $g$ is already the mean over the batch. Whoever doubles
# the batch would, unasked, also raise the learning rate.
#
# ## Adam
#
# Diederik Kingma and Jimmy Ba (2015) took both: a running average of $g$ for the direction, one of
# $g^2$ for the size.
#
# $$m \leftarrow \beta_1 m + (1 - \beta_1) g, \qquad v \leftarrow \beta_2 v + (1 - \beta_2) g^2$$
#
# $$p \leftarrow p - \eta\, \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \varepsilon}$$
#
# Why the two divisions? Both averages begin at 0. By hand, with $\beta_1 = 0.9$, $\beta_2 = 0.999$
# and $g = 2$ in each step: $m = 0.2$, then $0.9 \cdot 0.2 + 0.2 = 0.38$; $v = 0.004$, then
# $0.007996$. They should say 2 and 4. The weights of the gradients so far add up to $1 - \beta^t$:
# 0.1, then 0.19. And $0.2 / 0.1 = 2$, $0.38 / 0.19 = 2$; $0.004 / 0.001 = 4$ and
# $0.007996 / 0.001999 = 4$. **Exercise 8.6.**
#
# ### Two corrections that are not
#
# One finds $1 + \beta_1^t + \beta_2^t$, and $1 - \beta_1^t + \beta_2^t$, for both. With a constant
# gradient the step should be $\eta$, from the first one on. The first line is the paper's.


# %%
def adam(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8, corrections=None):
    beta1, beta2 = betas
    m, v, step = (0, 0, 0) if state is None else state
    step = step + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    c1, c2 = (corrections or right)(beta1**step, beta2**step)
    return p - lr * (m / c1) / (np.sqrt(v / c2) + eps), (m, v, step)


def right(power1, power2):
    return 1 - power1, 1 - power2


variants = {
    "1 - b1^t, 1 - b2^t": {},
    "none": {"corrections": lambda a, b: (1, 1)},
    "1 + b1^t + b2^t": {"corrections": lambda a, b: (1 + a + b, 1 + a + b)},
    "1 - b1^t + b2^t": {"corrections": lambda a, b: (1 - a + b, 1 - a + b)},
}
print("step / lr, at t =          1      2     10    100   1000   5000")
for name, wrong in variants.items():
    path = walk(lambda p: (0, np.array([2.0])), np.zeros(1), adam, 5000, lr=1.0, **wrong)[:, 0]
    steps = " ".join(f"{path[i - 1] - path[i]:6.3f}" for i in (1, 2, 10, 100, 1000, 5000))
    print(f"{name:>20}: {steps}")

# %% [markdown]
# Without correction the first steps are three times too long, and after ten six and a half, just
# when least is known. The two wrong forms have the same illness: at step 10 they are four and five
# times too long. Neither is a correction: at $t = 1$ they divide by 2.9 and 1.1 what has to be
# divided by 0.1 and 0.001. (Adam without the root over $v$ is copied, too. Its first step is
# $\eta / g$ again, with all that you saw of that.)
#
# ## All of them, in both valleys

# %%
racers = {
    "gradient descent": (sgd, {"Rosenbrock": 0.002, "Beale": 0.02}),
    "momentum": (momentum, {"Rosenbrock": 0.002, "Beale": 0.02}),
    "AdaGrad": (adagrad, {"Rosenbrock": 1.0, "Beale": 0.5}),
    "RMSprop": (rmsprop, {"Rosenbrock": 0.01, "Beale": 0.002}),
    "Adam": (adam, {"Rosenbrock": 0.1, "Beale": 0.2}),
}
figure = Figure(figsize=(8, 3.6), layout="constrained")
boxes = {"Rosenbrock": (-2, 2, -1, 3), "Beale": (-0.5, 4.5, -1.5, 1.5)}
for axes, (name, (f, start, minimum)) in zip(figure.subplots(1, 2), valleys.items(), strict=True):
    left, right_end, low, high = boxes[name]
    grid = np.meshgrid(np.linspace(left, right_end, 120), np.linspace(low, high, 120))
    axes.contour(*grid, np.log(f(grid)[0] + 1e-3), levels=14, colors="lightgray", linewidths=0.7)
    for who, (optimizer, rates) in racers.items():
        path = walk(f, start, optimizer, 2000, lr=rates[name])
        axes.plot(*path.T, linewidth=1, label=who)
        far = np.linalg.norm(path - minimum, axis=1)
        arrived = (
            f"near in {np.argmax(far < 0.01):4} steps" if (far < 0.01).any() else "not near yet"
        )
        print(
            f"{name:>10}, {who:<16} lr {rates[name]:<5}: {arrived}, at the end {far[-1]:.1e} away"
        )
    axes.plot(*minimum, "k*")
    axes.set(title=name, xlim=(left, right_end), ylim=(low, high))
axes.legend(fontsize=7)
figure

# %% [markdown]
# Each had its rate chosen by a few tries, as one does. Momentum and Adam arrive in both; plain
# descent and AdaGrad do not get through the curved valley. RMSprop arrives late or not quite: with
# a rate that does not fall it steps by about $\eta$ for ever, also at the minimum. None is best
# everywhere: in Rosenbrock's valley momentum is ahead of Adam, in Beale's behind.
#
# Now on real data, in bad units: the neuron above, with every other pixel given on a scale
# of 30 in the place of 1. The same information, and the same lowest loss.

# %%
units = np.where(np.arange(65) % 2 == 0, 30.0, 1.0)
plain, x = x, x * units
for who, optimizer, lr in [("gradient descent", sgd, 1e-4), ("momentum", momentum, 2e-4),
                           ("AdaGrad", adagrad, 0.05), ("Adam", adam, 0.005)]:  # fmt: skip
    path = walk(lambda w: (0, slope(w)), np.zeros(65), optimizer, 500, lr=lr)
    above = np.mean((x @ path[-1] - t) ** 2) - lowest
    print(f"{who:>16}: {above:.3f} above the lowest loss")
x = plain

# %% [markdown]
# Each with the best of a few rates. Plain descent has to take a rate that the steep half stands,
# and in the flat half it gets nowhere. Adam sees the unit too (a step of $\eta$ counts 30 times as
# much in one half as in the other), but the gradient of the steep half, 30 times as large, no
# longer holds the other half back.
#
# ## Ours and the library's
#
# minigrad's optimizers are the same lines with care for memory. Step by step, on Rosenbrock's
# valley:

# %%
for name, ours, theirs, options in [
    ("momentum", momentum, optim.SGD, {"lr": 1e-3, "momentum": 0.9}),
    ("Nesterov", lambda *a, **k: momentum(*a, **k, nesterov=True), optim.SGD,
     {"lr": 1e-3, "momentum": 0.9, "nesterov": True}),
    ("AdaGrad", adagrad, optim.Adagrad, {"lr": 0.5}),
    ("RMSprop", rmsprop, optim.RMSprop, {"lr": 0.01}),
    ("Adam", adam, optim.Adam, {"lr": 0.1}),
]:  # fmt: skip
    p = mg.tensor([-1.2, 1.0], dtype=mg.float64, requires_grad=True)
    optimizer = theirs([p], **options)
    path = walk(rosenbrock, valleys["Rosenbrock"][1], ours, 100, lr=options["lr"])
    apart = 0.0
    for step in range(100):
        optimizer.zero_grad()
        ((1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2).backward()
        optimizer.step()
        apart = max(apart, np.abs(p.detach().numpy() - path[step + 1]).max())
    print(f"{name:>8}: 100 steps, at most {apart:.0e} apart")

# %% [markdown]
# ## Weights that shrink: AdamW
#
# A little pull to 0, *weight decay*, keeps weights small (lesson 9 says what for). For plain
# descent it makes no difference whether one adds $\lambda p$ to the gradient ("L2") or shrinks $p$
# by $\eta \lambda p$. For Adam it does, as Ilya Loshchilov and Frank Hutter (2017, in print
# from 2019) pointed out.

# %% [markdown]
# **Predict.** Two weights of 1 whose gradients are pure noise, of size 10 and of size 0.01. 10,000
# steps with $\eta = 0.001$ and $\lambda = 0.1$ should multiply both by
# $(1 - 0.0001)^{10000} \approx 0.37$. What does "L2 inside Adam" do to each?

# %%
rng = np.random.default_rng(2)
coupled, decoupled, first, second = np.ones(2), np.ones(2), None, None
for _ in range(10_000):
    noise = rng.standard_normal(2) * [10, 0.01]
    coupled, first = adam(coupled, noise + 0.1 * coupled, first, 0.001)
    decoupled, second = adam(decoupled * (1 - 0.001 * 0.1), noise, second, 0.001)
print("L2 inside Adam:", coupled.round(3), "  AdamW:", decoupled.round(3))

# %% [markdown]
# Inside Adam the pull is divided by the size of the gradient: the first weight hardly feels it,
# the second is at 0 long before. AdamW treats both alike, up to the noise. **Exercise 8.7.**
#
# ## Four beliefs that are wrong
#
# **"Adam needs no learning rate."** What it does not need is one that fits the size of the
# gradient. A step is about $\eta$, or less, in each weight, and whether 0.1 or 0.0001 is right is
# still yours to find.
#
# **"Momentum is a memory of where the weights were."** Of where they were *going*: a sum of
# gradients.
#
# **"Noise in the gradient is a nuisance."** It is the price of steps that cost a thousandth, and
# a rate that falls pays it back.
#
# **"A slow training is caught in a local minimum."** More often it is what you saw here:
# curvatures that differ by factors of thousands.
#
# ## What a large model does differently
#
# GPT-3 was trained by Adam with $\beta_2 = 0.95$, a warm-up and a cosine that falls to a tenth,
# gradients clipped at norm 1, and decay 0.1: the lines of this lesson. What is different is the
# memory: $m$ and $v$ take as much room as the weights do, each; together, for 175 billion weights,
# 1.4 terabytes in float32. Hence optimizers with less state (Adafactor, Lion, Muon: all in
# `minigrad.optim`), and states split over many machines (lesson 27). Warm-up is in part Adam's due:
# in the first steps $v$ is an average of very few squares.
#
# **Read on.** Kingma and Ba, *Adam: A Method for Stochastic Optimization*, ICLR 2015, section 3 on
# the correction. Sutskever, Martens, Dahl and Hinton, *On the importance of initialization and
# momentum in deep learning*, ICML 2013. Loshchilov and Hutter, *Decoupled Weight Decay
# Regularization*, ICLR 2019. Gabriel Goh, *Why Momentum Really Works*, Distill 2017: the bowl,
# with sliders.

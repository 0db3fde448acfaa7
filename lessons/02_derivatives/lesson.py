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
# # 2. Derivatives
#
# **How does a computer find the slope of something that it can only compute?**
#
# Everything that a network learns, it learns from one question, asked again and again: if I turn
# this knob a little, does the error go up or down, and how fast? The answer is a slope, and the
# whole of deep learning is a way to get millions of such slopes at once. Before we get them fast
# (lesson 3), we get them right: by trying. That is slow. But it needs nothing of a function except
# its values, no formula that could be wrong, and so it stays the judge of all the others.

# %% [markdown]
# ## A law in eight rows of numbers
#
# These are the eight planets: their mean distances from the Sun, in units of the Earth's, and
# the times they take around it, in years.

# %%
import numpy as np
from matplotlib.figure import Figure

planets = ["Mercury", "Venus", "Earth", "Mars", "Jupiter", "Saturn", "Uranus", "Neptune"]
distance = np.array([0.387, 0.723, 1.0, 1.524, 5.203, 9.537, 19.19, 30.07])
period = np.array([0.241, 0.615, 1.0, 1.881, 11.86, 29.45, 84.02, 164.8])

figure = Figure(figsize=(6, 3.5), layout="constrained")
axes = figure.subplots()
axes.loglog(distance, period, "o")
for name, a, t in zip(planets, distance, period, strict=True):
    axes.annotate(name, (a, t), xytext=(6, -4), textcoords="offset points", fontsize=8)
axes.set(xlabel="distance (Earth = 1)", ylabel="period (years)", xlim=(0.25, 90))
figure

# %% [markdown]
# Farther out takes longer, and on these logarithmic axes the planets stand in a line. So the period
# is a power of the distance, $T = a^p$. Johannes Kepler had Tycho Brahe's observations from 1601
# on. On the 8th of March 1618 he hit upon the right $p$, miscalculated, and threw it away; on the
# 15th of May it came back to him (the dates are his own). We shall find it by following a slope.
#
# How wrong is a guess $p$? Compare the logarithms, square the differences, and take their mean:
#
# $$L(p) = \frac1n \sum_{i=1}^n (\log T_i - p \log a_i)^2 .$$


# %%
def loss(p):
    return np.mean((np.log(period) - p * np.log(distance)) ** 2)


for p in (1.0, 1.5, 2.0):
    print(f"p = {p}: loss {loss(p):.6f}")

# %% [markdown]
# That is a function that we can compute. Suppose we could do nothing else with it: no formula, no
# algebra, only put in a number and get out another. At $p = 1$, which way is down, and how steep?
#
# ## Rise over run
#
# A slope is a quotient: how much the value rises, divided by how far we went. Take an example that
# can be followed by hand, $f(x) = x^2$ at $x = 3$:
#
# | h | f(3 + h) | f(3 + h) - 9 | divided by h |
# |---|---|---|---|
# | 1 | 16 | 7 | 7 |
# | 0.1 | 9.61 | 0.61 | 6.1 |
# | 0.01 | 9.0601 | 0.0601 | 6.01 |
#
# The last column is $6 + h$, and now one sees where it goes: to 6. Algebra says the same for every
# $x$ at once:
#
# $$\frac{(x + h)^2 - x^2}{h} = \frac{2xh + h^2}{h} = 2x + h \;\to\; 2x .$$
#
# The derivative $f'(x)$ is what the quotient goes to as $h$ goes to 0. It is a *limit*, not the
# quotient at $h = 0$, which would be $0/0$. A computer cannot go to a limit. It can take an $h$
# that is small enough.
#
# **Stop here and write exercise 2.1.**


# %%
def forward_difference(f, x, h):
    return (f(x + h) - f(x)) / h


print(forward_difference(loss, 1.0, 0.001))

# %% [markdown]
# The slope at $p = 1$ is negative: to the right is down. (It is about $-3.7$: turn $p$ up by one
# hundredth, and the loss falls by about 0.037.)

# %% [markdown]
# **Predict.** The smaller h, the nearer is the quotient to the derivative of $x^2$ at 3, and that
# is 6. What will come out for h = 0.000000000000001, that is 1e-15?

# %%
for h in (1e-1, 1e-3, 1e-5, 1e-7, 1e-9, 1e-11, 1e-13, 1e-15):
    print(f"h = {h:.0e}: {forward_difference(lambda x: x**2, 3.0, h):.12f}")

# %% [markdown]
# It gets better, and then worse, until at 1e-15 nothing is right any more: 5.33. There is no
# mistake in the program. There are two errors, and they pull in opposite directions.
#
# ## Two errors
#
# **Truncation.** The curve bends, the secant does not. Taylor's formula says by how much:
#
# $$\frac{f(x+h) - f(x)}{h} = f'(x) + \frac h2 f''(x) + \dots$$
#
# This error shrinks with $h$. For $x^2$ it is exactly $h$.
#
# **Rounding.** A float64 holds about 16 digits; near 9 the next number is $1.8 \cdot 10^{-15}$
# away. So $f(3+h)$ and $f(3)$ are each wrong by up to $9 \cdot 10^{-16}$. Their difference is
# too, and it is *divided by h*: the error is about $\varepsilon |f| / h$, with
# $\varepsilon = 2.2 \cdot 10^{-16}$. This one grows as $h$ shrinks. At $h = 10^{-15}$ it is as
# large as the answer. That is called *cancellation*: the leading digits of two nearly equal
# numbers cancel, and what is left is mostly noise.
#
# By hand, with $h = 10^{-15}$: near 3 the floats are $4.4 \cdot 10^{-16}$ apart, so 3 + 1e-15 is
# rounded to $3 + 8.9 \cdot 10^{-16}$. Its square is rounded to $9 + 5.3 \cdot 10^{-15}$; minus
# 9, divided by $10^{-15}$: 5.33.
#
# The sum of both, $\frac h2 |f''| + \frac{\varepsilon}{h} |f|$, is smallest where the two are
# equal: near $h = \sqrt\varepsilon \approx 10^{-8}$, with an error of about $10^{-8}$. Half of the
# digits are lost, and no choice of $h$ brings them back.
#
# ## On both sides
#
# The secant from $x - h$ to $x + h$ has the errors of both sides in it, and in Taylor's formula
# the terms with $f''$ have opposite signs:
#
# $$\frac{f(x+h) - f(x-h)}{2h} = f'(x) + \frac{h^2}{6} f'''(x) + \dots$$
#
# The error is of the order $h^2$: with a tenth of $h$ it is a hundredth. The best $h$ is now
# near $\sqrt[3]{\varepsilon} \approx 6 \cdot 10^{-6}$, and the error there near $10^{-11}$.
# **Exercise 2.2.**


# %%
def central_difference(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


exact = np.exp(1.0)  # the derivative of exp is exp
steps = 10.0 ** np.arange(-16, 0.5, 0.5)
errors = {
    "forward": [abs(forward_difference(np.exp, 1.0, h) - exact) / exact for h in steps],
    "central": [abs(central_difference(np.exp, 1.0, h) - exact) / exact for h in steps],
}

# %% [markdown]
# **Predict.** Both errors are drawn against h on logarithmic axes, where $h^k$ is a straight line
# of slope k. What shape will each curve have, and on which side is the noise?

# %%
figure = Figure(figsize=(6, 3.8), layout="constrained")
axes = figure.subplots()
for name, values in errors.items():
    axes.loglog(steps, np.maximum(values, 1e-17), "o-", label=name, markersize=3)
axes.loglog(steps, steps / 2, ":", color="gray", label="h / 2")
axes.loglog(steps, steps**2 / 6, "--", color="gray", label="h² / 6")
axes.loglog(steps, 2.2e-16 / steps, "-.", color="gray", label="ε / h")
axes.set(xlabel="h", ylabel="relative error", ylim=(1e-13, 10))
axes.legend(fontsize=8)
figure

# %% [markdown]
# Two valleys. On the right sides are straight lines, of slope 1 and 2: that is truncation, and the
# theory fits. On the left both climb the same noisy hill, $\varepsilon/h$.
#
# These straight lines are worth more than one number. **A derivative that is right shows the slope
# 2 on the right side; one that is wrong, be it by one part in ten thousand, shows a flat floor,**
# since the difference of two things that are not equal does not go to 0. When a check says that
# two numbers differ by 1e-4 and you wonder whether that is a bug or noise, make h ten times
# smaller: noise and truncation move, a bug stays.
#
# ## With nothing subtracted
#
# The digits were lost by subtracting. Here is a way round it, found by James Lyness and Cleve
# Moler in 1967 and made famous by William Squire and George Trapp in a paper of three pages
# (SIAM Review 40, 1998). Walk not to the right but *sideways*, by the imaginary number $ih$:
#
# $$f(x + ih) = f(x) + ih f'(x) - \frac{h^2}{2} f''(x) - \dots$$
#
# The value that was in the way, $f(x)$, is real. The derivative stands in the imaginary part, all
# by itself: $f'(x) = \mathrm{Im} f(x + ih) / h$ up to $h^2$, and since nothing is subtracted, $h$
# may be $10^{-30}$. By hand, for $x^2$ at 3: $(3 + ih)^2 = 9 - h^2 + 6ih$; the imaginary part is
# $6h$; divided by $h$: 6. **Exercise 2.3.**


# %%
def complex_step(f, x, h=1e-30):
    return f(complex(x, h)).imag / h


print(f"complex step  {complex_step(np.exp, 1.0):.17f}")
print(f"exact         {exact:.17f}")
print(f"central       {central_difference(np.exp, 1.0, 6e-6):.17f}")

# %% [markdown]
# Its price: $f$ must be made of operations that know complex numbers and are smooth. `abs`, `max`
# and `>` are not. minigrad checks its own derivatives in both ways: differences everywhere, the
# complex step wherever a function allows it.

# %% [markdown]
# **Predict.** What does the complex step say about the slope of `abs` at -2?

# %%
print(complex_step(abs, -2.0))

# %% [markdown]
# Not -1: `abs` of a complex number is its length, a real number, with the imaginary part 0. And no
# error is raised. A method has to be known with its limits, this one too.
#
# ## Many knobs
#
# A network has not one knob but millions. For each there is a slope with all others held still, a
# *partial derivative*; all of them in one array are the *gradient*. The array points to where the
# function rises fastest, and its opposite to where it falls fastest. Take $f(x, y) = xy$ at
# $(2, 5)$. Move $x$ alone: $f = 5x$, slope 5. Move $y$ alone: $f = 2y$, slope 2. The gradient is
# $(5, 2)$. **Exercise 2.4.**


# %%
def gradient(f, x, h=1e-5):
    found = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = h
        found[i] = (f(x + step) - f(x - step)) / (2 * h)
    return found


print(gradient(lambda v: v[0] * v[1], np.array([2.0, 5.0])))

# %% [markdown]
# Now Kepler's law, without taking for granted that the line goes through the Earth: $T = c\,a^p$,
# two knobs, $p$ and $\log c$. Start anywhere, and walk against the gradient:


# %%
def loss_of_both(knobs):
    p, log_c = knobs
    return np.mean((np.log(period) - log_c - p * np.log(distance)) ** 2)


knobs = np.array([0.0, 0.0])
for step in range(201):
    if step % 40 == 0:
        print(f"step {step:3}: p = {knobs[0]:.4f}, c = {np.exp(knobs[1]):.4f}, "
              f"loss {loss_of_both(knobs):.8f}")  # fmt: skip
    knobs = knobs - 0.1 * gradient(loss_of_both, knobs)

# %% [markdown]
# $p = 1.4997$, which is 3/2 as exactly as our table has it: **the squares of the periods are as the
# cubes of the distances**, Kepler's third law, after "seventeen years of work", as he says. It was
# there in the data; following a slope finds it in eighty steps. (It took a Newton to say *why* it
# is 3/2.)
#
# ## What it costs
#
# For n knobs, central differences need 2n evaluations of f. Two knobs: four. A network with a
# million weights: two million runs of the network for *one* step.

# %% [markdown]
# **Predict.** One run of a small language model with a million weights takes 10 milliseconds. How
# long does one gradient by central differences take? And with backpropagation, which costs about
# as much as two more runs?

# %%
weights, one_run = 1_000_000, 0.010
print(f"differences:     {2 * weights * one_run / 3600:.1f} hours")
print(f"backpropagation: {3 * one_run:.2f} seconds")

# %% [markdown]
# That factor, not the network, is what backpropagation (lesson 3) is about.
#
# ## A check that one can trust
#
# What differences are for is this: somebody *claims* a gradient, by a formula or a program, and we
# want to know whether it is right. Three decisions are in such a check.
#
# *Compare relative, not absolute.* An error of 0.001 is nothing beside a slope of 1000 and
# everything beside a slope of 0.001: divide by the size. *Take the largest, not the mean*: one
# wrong entry among a million is a bug, and a mean hides it. *Use float64*: float32 has 7 digits, of
# which differences lose half or more, and three digits are no proof.
#
# **Exercises 2.5 and 2.6.** minigrad's own check does the same, and when the two disagree it
# goes on to ask *which mistake* would make exactly these wrong numbers:

# %%
import minigrad as mg


@mg.op
def cube(x):
    return x**3, lambda g: g * 2 * x**2  # should be 3


x = mg.tensor([1.0, 2.0], dtype=mg.float64, requires_grad=True)
report = mg.gradcheck(cube, x, raise_exception=False)
print(report)

# %% [markdown]
# ## Three beliefs that are wrong
#
# **"The smaller h, the better."** Only until the rounding takes over: for forward differences in
# float64 near 1e-8, for central ones near 1e-5, and in float32 near 3e-4 and 5e-3.
#
# **"They differ in the fifth digit, so there is a bug"**, or **"so it is only rounding"**. Neither
# follows. Change h: truncation and noise move with it, a bug does not.
#
# **"At a corner, the derivative is 0"** (or whatever the program says). `abs` has no derivative at
# 0: the slope to the left is -1 and to the right 1. Differences on both sides give their mean, 0.
# Any number from -1 to 1 is defensible there, so a check at such a point says nothing. Move away
# from it.
#
# ## What a large model does differently
#
# The slopes that taught GPT-3 its 175 billion weights are slopes like these. But they were never
# computed by differences: one gradient would take 350 billion runs. What
# is checked by differences is each *operation*, on a few small arrays, once: a matrix product, a
# softmax, a normalization. If each of them is right, then so is what they are chained into. The
# next lesson chains them.
#
# **Read on.** Squire and Trapp, *Using Complex Variables to Estimate Derivatives of Real
# Functions*, SIAM Review 40(1), 1998. Baydin and others, *Automatic Differentiation in Machine
# Learning: a Survey*, JMLR 18, 2018, section 2, on what differences and symbols can and cannot do.
# Kepler's law stands in *Harmonices Mundi*, book V, chapter 3, 1619.

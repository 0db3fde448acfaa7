# %% [markdown]
# # Exercises to lesson 8: optimizers
#
# Write each function where it says so. `minigrad check 8` asks the questions. All optimizers have
# the same form: they take the parameters p, an array of any shape, the gradient g there, and the
# state that the last step returned (None before the first), and return the new p and the new state.
# What a state holds is yours to choose. p, g and what is in the state are the same afterwards.

# %%
import numpy as np


# %% Exercise 8.1: two valleys
def rosenbrock(p):
    """(1 - x)^2 + 100 (y - x^2)^2 at p = (x, y), and its pullback. Its minimum is at (1, 1).

    p: an array of 2 floats. Returns (value, pullback): value a number; pullback(g), g a number, is
    g times the gradient, an array of 2.

    >>> value, pullback = rosenbrock(np.array([-1.2, 1.0]))
    >>> round(float(value), 6)
    24.2
    >>> pullback(1.0).round(6)
    array([-215.6,  -88. ])
    """
    ### BEGIN SOLUTION
    x, y = p
    a, b = 1 - x, y - x * x
    return a * a + 100 * b * b, lambda g: g * np.array([-2 * a - 400 * x * b, 200 * b])
    ### END SOLUTION


def beale(p):
    """(1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2 at p = (x, y), and its
    pullback, as for `rosenbrock`. Its minimum is at (3, 0.5).

    >>> value, pullback = beale(np.array([1.0, 1.0]))
    >>> round(float(value), 6)
    14.203125
    >>> pullback(1.0).round(6)
    array([ 0.  , 27.75])
    """
    ### BEGIN SOLUTION
    x, y = p
    powers = y, y**2, y**3
    slopes = 1.0, 2 * y, 3 * y**2  # of the powers, by y
    parts = [c - x + x * power for c, power in zip((1.5, 2.25, 2.625), powers, strict=True)]
    by_x = sum(2 * part * (power - 1) for part, power in zip(parts, powers, strict=True))
    by_y = sum(2 * part * x * slope for part, slope in zip(parts, slopes, strict=True))
    return sum(part**2 for part in parts), lambda g: g * np.array([by_x, by_y])
    ### END SOLUTION


# %% Exercise 8.2: downhill
def descend(f, p, lr, steps):
    """Gradient descent: p - lr * gradient, again and again.

    f: a function of an array that returns (value, pullback), as in 8.1; p: where to start, (n,).
    Returns the path, an array (steps + 1, n): row 0 is the start, row t where step t led.

    >>> descend(lambda p: (np.sum(p**2), lambda g: 2 * g * p), np.array([8.0]), lr=0.25, steps=3)
    array([[8.],
           [4.],
           [2.],
           [1.]])
    """
    ### BEGIN SOLUTION
    path = [p]
    for _ in range(steps):
        _, pullback = f(path[-1])
        path.append(path[-1] - lr * pullback(1.0))
    return np.array(path)
    ### END SOLUTION


# %% Exercise 8.3: momentum
def momentum(p, g, state, lr, beta=0.9, nesterov=False):
    """A step along a velocity: v = beta v + g, then p - lr v. v is 0 before the first step.

    nesterov: p - lr (g + beta v), with the new v. Returns (new p, new state).

    >>> p, state = momentum(np.array([1.0]), np.array([2.0]), None, lr=0.1)
    >>> p
    array([0.8])
    >>> p, state = momentum(p, np.array([2.0]), state, lr=0.1)  # v = 0.9 * 2 + 2
    >>> p.round(6)
    array([0.42])
    """
    ### BEGIN SOLUTION
    v = g if state is None else beta * state + g
    return p - lr * (g + beta * v if nesterov else v), v
    ### END SOLUTION


# %% Exercise 8.4: find the bugs in AdaGrad
def adagrad(p, g, state, lr, eps=1e-10):
    """A rate for each element: s = s + g^2, then p - lr g / (sqrt(s) + eps). s is 0 at first.

    Returns (new p, new state). It has two bugs. One of them is printed in more than one article.

    >>> p, state = adagrad(np.array([1.0, 1.0]), np.array([100.0, -0.01]), None, lr=0.5)
    >>> p.round(6)
    array([0.5, 1.5])
    >>> p, state = adagrad(p, np.array([100.0, 0.0]), state, lr=0.5)
    >>> p.round(6)
    array([0.146447, 1.5     ])
    """
    ### BEGIN SOLUTION
    s = g * g if state is None else state + g * g
    return p - lr * g / (np.sqrt(s) + eps), s
    ### END SOLUTION
    ### BEGIN STUB
    # s = np.zeros_like(g) if state is None else state
    # s = s + np.sum(g * g)
    # return p - lr * g / (s + eps), s
    ### END STUB


# %% Exercise 8.5: RMSprop, which forgets
def rmsprop(p, g, state, lr, rho=0.99, eps=1e-8):
    """AdaGrad with a running average in the place of the sum: v = rho v + (1 - rho) g^2, then
    p - lr g / (sqrt(v) + eps). v is 0 before the first step. Returns (new p, new state).

    >>> p, state = rmsprop(np.array([1.0]), np.array([5.0]), None, lr=0.01)
    >>> p.round(6)  # the first step is lr / sqrt(1 - rho)
    array([0.9])
    """
    ### BEGIN SOLUTION
    v = (0 if state is None else rho * state) + (1 - rho) * g * g
    return p - lr * g / (np.sqrt(v) + eps), v
    ### END SOLUTION


# %% Exercise 8.6: Adam
def adam(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8):
    """Momentum and RMSprop, both put right for their start at 0. With t = 1 in the first step:

        m = beta1 m + (1 - beta1) g
        v = beta2 v + (1 - beta2) g^2
        p - lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)

    Returns (new p, new state).

    >>> p, state = adam(np.array([1.0, 1.0]), np.array([100.0, -0.01]), None, lr=0.1)
    >>> p.round(6)
    array([0.9, 1.1])
    >>> p, state = adam(p, np.array([100.0, 0.03]), state, lr=0.1)
    >>> p.round(6)
    array([0.8     , 1.050581])
    """
    ### BEGIN SOLUTION
    beta1, beta2 = betas
    m, v, t = (np.zeros_like(p), np.zeros_like(p), 0) if state is None else state
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    step = (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return p - lr * step, (m, v, t)
    ### END SOLUTION


# %% Exercise 8.7: find the bug in AdamW (needs 8.6)
def adamw(p, g, state, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    """Adam whose weights also shrink, p by lr weight_decay p in each step. The shrinking is
    *decoupled*: it passes by the two averages, which see the gradient alone.

    Returns (new p, new state). It has one bug: it is the older "Adam with L2".

    >>> p, state = adamw(np.array([4.0]), np.array([0.0]), None, lr=0.1, weight_decay=0.5)
    >>> p.round(6)  # no gradient: it only shrinks, by 0.1 * 0.5 * 4
    array([3.8])
    """
    ### BEGIN SOLUTION
    return adam(p * (1 - lr * weight_decay), g, state, lr, betas, eps)
    ### END SOLUTION
    ### BEGIN STUB
    # return adam(p, g + weight_decay * p, state, lr, betas, eps)
    ### END STUB


# %% Exercise 8.8: a learning rate that changes
def scheduled(t, lr, warmup, total):
    """The learning rate of step t of a training of `total` steps: first up, then down by a cosine.

    For t < warmup: lr (t + 1) / warmup, so that step warmup - 1 has the full lr. From there on half
    a cosine, lr (1 + cos(pi u)) / 2, where u goes from 0 at t = warmup to 1 at t = total, and stays
    at 1. t: an integer from 0; 0 <= warmup < total; warmup may be 0. Returns a number.

    >>> [round(scheduled(t, 8.0, warmup=4, total=12), 6) for t in (0, 3, 4, 8, 12, 99)]
    [2.0, 8.0, 8.0, 4.0, 0.0, 0.0]
    """
    ### BEGIN SOLUTION
    if t < warmup:
        return lr * (t + 1) / warmup
    u = min(1.0, (t - warmup) / (total - warmup))
    return float(lr * (1 + np.cos(np.pi * u)) / 2)
    ### END SOLUTION

"""What the stepper is tried on: numbers, an MLP, a conv net, an LSTM and an attention block."""

from __future__ import annotations

import minigrad as mg
from minigrad import nn, viz


def number(x):
    return mg.tensor(x, dtype=mg.float64, requires_grad=True)


def scalar():
    """A diamond within a diamond: s and t are both used twice, so that the order matters twice."""
    a, b = number(2.0), number(-1.0)
    s = a * b
    t = s + s * s
    loss = t * 3.0 + mg.exp(t)
    return viz.step(loss)


def mlp():
    model = nn.Sequential(
        nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 3)
    )
    x, labels = mg.randn(8, 4), mg.tensor([0, 2, 1, 1, 0, 2, 2, 1])
    return viz.step(lambda: nn.functional.cross_entropy(model(x), labels))


def conv():
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(36, 10),
    )  # fmt: skip
    image = mg.randn(2, 1, 8, 8)
    return viz.step(lambda: nn.functional.cross_entropy(model(image), mg.tensor([3, 1])))


def lstm():
    """Written out, as in a lesson: 20 steps of 18 ops each."""
    w, u, b = mg.randn(3, 16) * 0.4, mg.randn(4, 16) * 0.4, mg.zeros(16)
    for parameter in (w, u, b):
        parameter.requires_grad_()
    xs = mg.randn(20, 2, 3)
    h, c = mg.zeros(2, 4), mg.zeros(2, 4)
    for t in range(20):
        i, f, g, o = (xs[t] @ w + h @ u + b).chunk(4, dim=1)
        c = mg.sigmoid(f) * c + mg.sigmoid(i) * mg.tanh(g)
        h = mg.sigmoid(o) * mg.tanh(c)
    return viz.step(h.square().mean())


def attention():
    qkv, out, norm = nn.Linear(8, 24), nn.Linear(8, 8), nn.LayerNorm(8)
    x = mg.randn(5, 8, requires_grad=True)

    def loss():
        q, k, v = qkv(norm(x)).chunk(3, dim=-1)
        weights = mg.softmax(q @ k.T / 8**0.5, dim=-1)
        return (x + out(weights @ v)).square().mean()

    return viz.step(loss)


COMPUTATIONS = {f.__name__: f for f in (scalar, mlp, conv, lstm, attention)}

"""A whole training step: forward, loss, backward, update."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import minigrad as mg
from minigrad import nn, optim
from minigrad.bench.report import Goal, Row
from minigrad.bench.timing import compare

Step = Callable[[], object]


def rows(peers: Mapping[str, Any]) -> list[Row]:
    return [small(peers), large(peers)]


def small(peers: Mapping[str, Any]) -> Row:
    """2-16-16-1, tanh, 32 samples, mean squared error, SGD: what a framework's overhead costs."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((32, 2)).astype(np.float32)
    y = np.sign(x[:, :1] * x[:, 1:])
    steps = {"minigrad": small_step(mg, nn, optim, x, y)}
    if torch := peers.get("PyTorch"):
        steps["PyTorch"] = small_step(torch, torch.nn, torch.optim, x, y)
    if "autograd" in peers:
        steps["autograd"] = small_autograd(x, y)
    if micrograd := peers.get("micrograd"):
        steps["micrograd"] = small_micrograd(micrograd, x, y)
    note = "micrograd has no tanh: ReLU there"
    name = "training step, 2-16-16-1 tanh MLP, 32 samples, SGD"
    return Row.of_times(name, compare(steps), Goal(0.4), note)


def large(peers: Mapping[str, Any]) -> Row:
    """784-512-512-10, ReLU, 128 samples, cross-entropy, Adam: mostly matmul and Adam."""
    rng = np.random.default_rng(0)
    x = rng.random((128, 784), dtype=np.float32)
    y = rng.integers(0, 10, 128)
    steps = {"minigrad": large_step(mg, nn, optim, x, y)}
    if torch := peers.get("PyTorch"):
        steps["PyTorch"] = large_step(torch, torch.nn, torch.optim, x, y)
    if "autograd" in peers:
        steps["autograd"] = large_autograd(x, y)
    note = "micrograd: one number at a time, minutes a step"
    name = "training step, 784-512-512-10 MLP, batch 128, Adam"
    return Row.of_times(name, compare(steps), Goal(0.9), note)


# ------------------------------------------------------------------ minigrad and PyTorch: one text


def small_step(lib: Any, nn: Any, optim: Any, x: np.ndarray, y: np.ndarray) -> Step:
    net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))
    criterion = nn.MSELoss()
    return step(net, criterion, optim.SGD(net.parameters(), lr=0.1), lib.tensor(x), lib.tensor(y))


def large_step(lib: Any, nn: Any, optim: Any, x: np.ndarray, y: np.ndarray) -> Step:
    net = nn.Sequential(
        nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)
    )
    criterion = nn.CrossEntropyLoss()
    return step(net, criterion, optim.Adam(net.parameters(), lr=1e-3), lib.tensor(x), lib.tensor(y))


def step(net: Any, criterion: Any, optimizer: Any, x: Any, y: Any) -> Step:
    def run() -> None:
        optimizer.zero_grad()
        criterion(net(x), y).backward()
        optimizer.step()

    return run


# ------------------------------------------------------------------ HIPS autograd


def weights(sizes: tuple[int, ...]) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    arrays = []
    for n, m in itertools.pairwise(sizes):
        arrays.append((rng.standard_normal((n, m)) / n**0.5).astype(np.float32))
        arrays.append(np.zeros(m, dtype=np.float32))
    return arrays


def forward(params: list, x: Any, activation: Callable) -> Any:
    *hidden, w, b = params
    for i in range(0, len(hidden), 2):
        x = activation(x @ hidden[i] + hidden[i + 1])
    return x @ w + b


def small_autograd(x: np.ndarray, y: np.ndarray) -> Step:
    import autograd.numpy as anp
    from autograd import grad

    params = weights((2, 16, 16, 1))
    gradient = grad(lambda p: anp.mean((forward(p, x, anp.tanh) - y) ** 2))

    def run() -> None:
        for p, g in zip(params, gradient(params), strict=True):
            p -= 0.1 * g

    return run


def classifier_loss(x: np.ndarray, y: np.ndarray) -> Callable[[list], Any]:
    """The cross-entropy of a ReLU network as a function of its weights."""
    import autograd.numpy as anp
    from autograd.scipy.special import logsumexp

    rows = np.arange(len(y))

    def loss(params: list) -> Any:
        scores = forward(params, x, lambda z: anp.maximum(z, 0))
        return anp.mean(logsumexp(scores, axis=1) - scores[rows, y])

    return loss


def large_autograd(x: np.ndarray, y: np.ndarray) -> Step:
    from autograd import grad

    params = weights((784, 512, 512, 10))
    gradient = grad(classifier_loss(x, y))
    mean = [np.zeros_like(p) for p in params]
    square = [np.zeros_like(p) for p in params]
    t = 0

    def run() -> None:
        nonlocal t
        t += 1
        for p, g, m, v in zip(params, gradient(params), mean, square, strict=True):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            p -= 1e-3 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)

    return run


# ------------------------------------------------------------------ micrograd


def small_micrograd(micrograd: Any, x: np.ndarray, y: np.ndarray) -> Step:
    net = micrograd.MLP(2, [16, 16, 1])
    samples = list(zip(x.tolist(), y[:, 0].tolist(), strict=True))

    def run() -> None:
        loss = sum((net(row) - target) ** 2 for row, target in samples) * (1 / len(samples))
        net.zero_grad()
        loss.backward()
        for p in net.parameters():
            p.data -= 0.1 * p.grad

    return run

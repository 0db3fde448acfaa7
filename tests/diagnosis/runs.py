"""Small training runs of many kinds, healthy as they stand; the tests plant faults into them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import minigrad as mg
from minigrad import nn, optim
from minigrad.data import digits
from minigrad.models import GPT, RNNLM, GPTConfig
from minigrad.nn import functional as F


class Task(NamedTuple):
    """batch(i) is the i-th batch, loss(outputs, targets)."""

    model: Any
    batch: Callable[[int], tuple[Any, Any]]
    loss: Callable[[Any, Any], Any]


def train(task: Task, optimizer: Any, steps: int, first: int = 0) -> None:
    for i in range(first, first + steps):
        x, y = task.batch(i)
        optimizer.zero_grad()
        task.loss(task.model(x), y).backward()
        optimizer.step()


def of_digits(*shape: int, seed: int = 0, size: int = 32) -> Callable:
    x, y = digits()[0].tensors
    order = np.random.default_rng(seed).permutation(len(y))

    def batch(i):
        chosen = np.take(order, range(i * size, (i + 1) * size), mode="wrap")
        return x[chosen].reshape(-1, *shape), y[chosen]

    return batch


def mlp(seed: int = 0) -> Task:
    net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 10))
    return Task(net, of_digits(64, seed=seed), F.cross_entropy)


def cnn(seed: int = 0) -> Task:
    net = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(256, 10),
    )  # fmt: skip
    return Task(net, of_digits(1, 8, 8, seed=seed), F.cross_entropy)


class Reader(nn.Module):
    """A recurrent net, or an encoder, over the rows of an image; a class at its end."""

    def __init__(self, body: nn.Module, width: int):
        super().__init__()
        self.into, self.body, self.out = nn.Linear(8, width), body, nn.Linear(width, 10)

    def forward(self, x):
        h = self.body(self.into(x))
        h = h[0] if isinstance(h, tuple) else h  # (B, T, D)
        return self.out(h.mean(1))


def rnn(seed: int = 0) -> Task:
    return Task(
        Reader(nn.RNN(24, 24, batch_first=True), 24), of_digits(8, 8, seed=seed), F.cross_entropy
    )


def lstm(seed: int = 0) -> Task:
    return Task(
        Reader(nn.LSTM(24, 24, batch_first=True), 24), of_digits(8, 8, seed=seed), F.cross_entropy
    )


def transformer(seed: int = 0) -> Task:
    layer = nn.TransformerEncoderLayer(24, 4, 48, dropout=0.1, batch_first=True)
    return Task(Reader(layer, 24), of_digits(8, 8, seed=seed), F.cross_entropy)


def tokens(seed: int) -> Callable:
    def batch(i):
        rng = np.random.default_rng((seed, i % 50))
        drawn = (rng.integers(0, 20, (8, 1)) + np.arange(17) * rng.integers(1, 4, (8, 1))) % 20
        return mg.tensor(drawn[:, :-1]), mg.tensor(drawn[:, 1:])

    return batch


def of_tokens(out, y):
    out = out[0] if isinstance(out, tuple) else out
    return F.cross_entropy(out.reshape(-1, 20), y.reshape(-1))


def rnn_lm(seed: int = 0) -> Task:
    return Task(RNNLM(20, 16, 32), tokens(seed), of_tokens)


def gpt(seed: int = 0) -> Task:
    return Task(GPT(GPTConfig(20, 16, 32, 2, 4)), tokens(seed), of_tokens)


def points(seed: int, target: Callable, size: int = 32) -> Callable:
    def batch(i):
        x = np.random.default_rng((seed, i % 20)).standard_normal((size, 4)).astype(np.float32)
        return mg.tensor(x), mg.tensor(target(x).astype(np.float32).reshape(-1, 1))

    return batch


def regression(seed: int = 0) -> Task:
    net = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
    return Task(net, points(seed, lambda x: np.sin(2 * x[:, 0]) + x[:, 1]), F.mse_loss)


def binary(seed: int = 0) -> Task:
    net = nn.Sequential(nn.Linear(4, 32), nn.GELU(), nn.Linear(32, 1))
    inside = points(seed, lambda x: np.sum(x**2, 1) < 3.4)
    return Task(net, inside, F.binary_cross_entropy_with_logits)


def binary_relu(seed: int = 0) -> Task:
    net = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    return binary(seed)._replace(model=net)


def autoencoder(seed: int = 0) -> Task:
    net = nn.Sequential(
        nn.Linear(64, 24), nn.ReLU(), nn.Linear(24, 8), nn.Linear(8, 24), nn.ReLU(),
        nn.Linear(24, 64), nn.Sigmoid(),
    )  # fmt: skip
    images = of_digits(64, seed=seed)
    return Task(net, lambda i: (images(i)[0],) * 2, F.mse_loss)


def xor(seed: int = 0) -> Task:
    x = mg.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    net = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
    return Task(net, lambda i: (x, mg.tensor([0, 1, 1, 0])), F.cross_entropy)


def one_by_one(seed: int = 0) -> Task:
    net = nn.Sequential(nn.Linear(64, 32), nn.LayerNorm(32), nn.ReLU(), nn.Linear(32, 10))
    return Task(net, of_digits(64, seed=seed, size=1), F.cross_entropy)


def linear(seed: int = 0) -> Task:
    return Task(nn.Linear(4, 1), points(seed, lambda x: 3 * x[:, 0] - 1), F.mse_loss)


TASKS: dict[str, Callable[[int], Task]] = {
    f.__name__: f
    for f in (mlp, cnn, rnn, lstm, transformer, rnn_lm, gpt, regression, binary, binary_relu,
              autoencoder, xor, one_by_one, linear)
}  # fmt: skip

OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    "SGD": lambda p: optim.SGD(p, lr=0.05),
    "momentum": lambda p: optim.SGD(p, lr=0.01, momentum=0.9, weight_decay=1e-4),
    "Adam": lambda p: optim.Adam(p, lr=1e-3),
    "Adam 1e-2": lambda p: optim.Adam(p, lr=1e-2),
    "AdamW": lambda p: optim.AdamW(p, lr=3e-3, weight_decay=0.1),
    "fine-tuning": lambda p: optim.AdamW(p, lr=1e-5),
    "Lion": lambda p: optim.Lion(p, lr=3e-4, weight_decay=0.1),
    "RMSprop": lambda p: optim.RMSprop(p, lr=1e-3),
    "Adagrad": lambda p: optim.Adagrad(p, lr=1e-2),
    "Adadelta": lambda p: optim.Adadelta(p),
    "NAdam": lambda p: optim.NAdam(p, lr=2e-3),
    "RAdam": lambda p: optim.RAdam(p, lr=1e-3),
    "LAMB": lambda p: optim.LAMB(p, lr=1e-2),
    "ASGD": lambda p: optim.ASGD(p, lr=1e-2),
}

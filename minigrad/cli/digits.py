"""What `minigrad demo` trains: a CNN on the 8x8 digits. An ordinary minigrad program."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

import minigrad as mg
from minigrad import nn, optim
from minigrad.data import DataLoader, TensorDataset, digits
from minigrad.nn import functional as F

CHECKED_IMAGES = 8  # how many images the gradient is checked on
CHECKED_NUMBERS = 250  # of each weight and bias, at the most
STEP = 1e-5  # how far a parameter is moved for that: the error is of order STEP**2


class Epoch(NamedTuple):
    """What is measured after each epoch."""

    loss: float  # the mean over the epoch's batches
    held_out_loss: float
    accuracy: float  # on held-out images, a fraction


class Mistake(NamedTuple):
    """A held-out image that the network reads wrongly."""

    place: int  # among the held-out images
    caption: str


def network() -> nn.Sequential:
    """Two convolutions and a linear layer: images (N, 1, 8, 8) to scores (N, 10).

    Every part of it is smooth (GELU, the mean of 2x2 pixels), so that finite differences can tell
    whether its gradient is right: with ReLU, now and then a number is moved across the kink.
    """
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.GELU(),
        nn.Conv2d(16, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.GELU(),
        nn.AvgPool2d(2), nn.Flatten(),
        nn.Linear(32 * 4 * 4, 10),
    )  # fmt: skip


def moved(images: mg.Tensor) -> mg.Tensor:
    """Each image (N, 1, 8, 8) moved by up to a pixel up, down, left or right: still the same digit.

    So the network sees nine times as many images as there are.
    """
    n, _, height, width = images.shape
    top, left = mg.randint(0, 3, (2, n, 1, 1), device=images.device)
    image = mg.arange(n, device=images.device).reshape(n, 1, 1)
    rows = top + mg.arange(height, device=images.device).reshape(height, 1)
    columns = left + mg.arange(width, device=images.device)
    return F.pad(images[:, 0], (1, 1, 1, 1))[image, rows, columns].unsqueeze(1)


class Digits:
    """The data, the network and the optimizer, and what is asked of them."""

    batch_size = 32

    def __init__(self, seed: int = 0, device: str = "cpu"):
        mg.manual_seed(seed)
        train, test = digits()
        self.train_images, self.train_labels = (t.to(device) for t in train.tensors)
        self.test_images, self.test_labels = (t.to(device) for t in test.tensors)
        self.train_images = self.train_images.reshape(-1, 1, 8, 8)
        self.test_images = self.test_images.reshape(-1, 1, 8, 8)
        self.network = network().to(device)
        self.criterion = nn.CrossEntropyLoss()

    def train(self, epochs: int) -> Iterator[Epoch]:
        """Train, and yield after each epoch what came of it."""
        optimizer = optim.Adam(self.network.parameters(), lr=5e-3)
        scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
        data = TensorDataset(self.train_images, self.train_labels)
        loader = DataLoader(data, batch_size=self.batch_size, shuffle=True)
        for _ in range(epochs):
            losses = []
            self.network.train()
            for images, labels in loader:
                loss = self.criterion(self.network(moved(images)), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
            scheduler.step()
            self.network.eval()
            with mg.no_grad():
                scores = self.network(self.test_images)
                held_out = self.criterion(scores, self.test_labels).item()
            accuracy = (scores.argmax(1) == self.test_labels).float().mean().item()
            yield Epoch(sum(losses) / len(losses), held_out, accuracy)

    def gradient_errors(self) -> Iterator[float]:
        """Compare backward's gradient with central differences, in float64.

        Yields for each number that is checked the error, relative to the largest derivative in the
        same weight or bias.
        """
        network = copy.deepcopy(self.network).double()
        images = self.train_images[:CHECKED_IMAGES].double()
        labels = self.train_labels[:CHECKED_IMAGES]
        parameters = list(network.parameters())
        gradients = mg.autograd.grad(self.criterion(network(images), labels), parameters)
        for parameter, derivative in zip(parameters, gradients, strict=True):
            gradient = derivative.cpu().numpy().reshape(-1)
            scale = max(np.abs(gradient).max(), 1e-30)
            flat = parameter.detach().view(-1)
            for i in self.checked(len(flat)):
                errors = []
                kept = flat[i].item()
                for moved in (kept + STEP, kept - STEP):
                    flat[i] = moved
                    with mg.no_grad():
                        errors.append(self.criterion(network(images), labels).item())
                flat[i] = kept
                slope = (errors[0] - errors[1]) / (2 * STEP)
                error = abs(slope - gradient[i]) / scale
                yield float(error) if np.isfinite(error) else np.inf

    def checked(self, count: int) -> range:
        """Which of a parameter's numbers are checked: all, or some from its whole length."""
        return range(0, count, -(-count // CHECKED_NUMBERS))

    def checked_count(self) -> int:
        return sum(len(self.checked(p.numel())) for p in self.network.parameters())

    # ------------------------------------------------------------------ what came of it

    def answers(self) -> np.ndarray:
        """For each held-out image the digit that the network reads."""
        self.network.eval()
        with mg.no_grad():
            return self.network(self.test_images).argmax(1).cpu().numpy()

    def truth(self) -> np.ndarray:
        return self.test_labels.cpu().numpy()

    def test_pixels(self) -> np.ndarray:
        """The held-out images as (N, 8, 8), from 0 to 1."""
        return self.test_images.cpu().numpy().reshape(-1, 8, 8)

    def correct(self) -> int:
        return int((self.answers() == self.truth()).sum())

    def confusion(self) -> np.ndarray:
        """(10, 10): `confusion[i, j]` images of digit i are read as j."""
        counts = np.zeros((10, 10), dtype=int)
        np.add.at(counts, (self.truth(), self.answers()), 1)
        return counts

    def mistakes(self) -> list[Mistake]:
        truth, answers = self.truth(), self.answers()
        return [
            Mistake(int(i), f"a {truth[i]}, read as {answers[i]}")
            for i in np.flatnonzero(truth != answers)
        ]

    # ------------------------------------------------------------------ the network in numbers

    def layers(self) -> list[tuple[str, str, int]]:
        """(kind, shape of what comes out of it, how many numbers it learns) for each layer."""
        rows = []
        x = self.test_images[:1]
        for layer in copy.deepcopy(self.network).eval():
            x = layer(x)
            shape = "x".join(map(str, x.shape[1:]))
            rows.append((type(layer).__name__, shape, sum(p.numel() for p in layer.parameters())))
        return rows

    def parameter_count(self) -> int:
        return sum(p.numel() for p in self.network.parameters())

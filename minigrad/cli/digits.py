"""What `minigrad demo` trains: an MLP on the 8x8 digits. An ordinary minigrad program."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

import minigrad as mg
from minigrad import nn, optim
from minigrad.data import DataLoader, TensorDataset, digits

CHECKED_IMAGES = 8  # how many images the gradient is checked on
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


class Digits:
    """The data, the network and the optimizer, and what is asked of them."""

    batch_size = 32

    def __init__(self, seed: int = 0, device: str = "cpu"):
        mg.manual_seed(seed)
        train, test = digits()
        self.train_images, self.train_labels = (t.to(device) for t in train.tensors)
        self.test_images, self.test_labels = (t.to(device) for t in test.tensors)
        self.network = nn.Sequential(
            nn.Linear(64, 64), nn.Tanh(),
            nn.Linear(64, 64), nn.Tanh(),
            nn.Linear(64, 10),
        ).to(device)  # fmt: skip
        self.criterion = nn.CrossEntropyLoss()

    def train(self, epochs: int) -> Iterator[Epoch]:
        """Train, and yield after each epoch what came of it."""
        optimizer = optim.Adam(self.network.parameters(), lr=5e-3)
        scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
        data = TensorDataset(self.train_images, self.train_labels)
        loader = DataLoader(data, batch_size=self.batch_size, shuffle=True)
        for _ in range(epochs):
            losses = []
            for images, labels in loader:
                loss = self.criterion(self.network(images), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
            scheduler.step()
            with mg.no_grad():
                scores = self.network(self.test_images)
                held_out = self.criterion(scores, self.test_labels).item()
            accuracy = (scores.argmax(1) == self.test_labels).float().mean().item()
            yield Epoch(sum(losses) / len(losses), held_out, accuracy)

    def gradient_errors(self) -> Iterator[float]:
        """Compare backward's gradient with central differences, in float64.

        Yields for each parameter the error, relative to the largest derivative in the same weight
        matrix or bias.
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
            for i in range(len(flat)):
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

    # ------------------------------------------------------------------ what came of it

    def answers(self) -> np.ndarray:
        """For each held-out image the digit that the network reads."""
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

    def layers(self) -> list[tuple[str, int, int]]:
        """(kind, how many numbers come out of it, how many it learns) for each layer."""
        rows = []
        width = 64
        for layer in self.network:
            width = getattr(layer, "out_features", width)
            rows.append((type(layer).__name__, width, sum(p.numel() for p in layer.parameters())))
        return rows

    def parameter_count(self) -> int:
        return sum(p.numel() for p in self.network.parameters())

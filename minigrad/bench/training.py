"""Whole training steps: forward, loss, backward, update; the same lines for both libraries.

Parameters are plain tensors in a dict, networks are functions of them.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from minigrad.bench.case import Build, Run, Setting, measured, normal
from minigrad.bench.report import BASE, Goal, Row
from minigrad.bench.sequences import lstm

Arrays = dict[str, np.ndarray]


def training(setting: Setting) -> Iterator[Row]:
    rows = []
    for name, build in (quick_steps() if setting.quick else steps()).items():
        row = measured(setting, f"training step: {name}", build, Goal(1.0), tolerance=1e-4)
        rows.append(row)
        yield row
    ratios = [row.ratios["PyTorch"] for row in rows if "PyTorch" in row.ratios]
    if ratios:
        yield Row.of_amounts(
            "geometric mean of these ratios to PyTorch", "",
            {BASE: statistics.geometric_mean(ratios)}, Goal(0.85, of=""),
        )  # fmt: skip


def steps() -> dict[str, Build]:
    return {
        "CNN": cnn(64, 28),
        "ResNet, batch norm": resnet(32, 32, (16, 32, 64)),
        "LSTM": language_lstm(32, 64, 128, 256),
        "GPT, 4 layers, T 64": gpt(12, 64, 4),
        "GPT, 2 layers, T 1024": gpt(2, 1024, 2),
    }


def quick_steps() -> dict[str, Build]:
    return {
        "CNN": cnn(2, 28),
        "ResNet, batch norm": resnet(2, 8, (2, 3)),
        "LSTM": language_lstm(2, 4, 5, 6),
        "GPT": gpt(1, 8, 1, heads=2, width=8),
    }


def step_of(
    parameters: Arrays, network: Callable, inputs: np.ndarray, labels: np.ndarray, optimizer: str
) -> Build:
    """network(lib, p, x) gives logits; the step returns the loss."""

    def build(lib: Any) -> Run:
        p = {name: lib.tensor(a).requires_grad_() for name, a in parameters.items()}
        x, y = lib.tensor(inputs), lib.tensor(labels)
        update = getattr(lib.optim, optimizer)(list(p.values()), lr=1e-3)

        def run() -> Any:
            update.zero_grad()
            loss = lib.nn.functional.cross_entropy(network(lib, p, x), y)
            loss.backward()
            update.step()
            return loss

        return run

    return build


def draw(shapes: dict[str, tuple[int, ...]]) -> Arrays:
    """Weights of variance 1 / fan-in, biases (shapes of one axis) 0, and 1 for `scale` ones."""
    arrays = {}
    for i, (name, shape) in enumerate(shapes.items()):
        if len(shape) > 1:
            fan_in = int(np.prod(shape[1:]))
            arrays[name] = normal(*shape, scale=fan_in**-0.5, seed=i)
        else:
            arrays[name] = np.full(shape, float(name.endswith("scale")), np.float32)
    return arrays


def labels_for(n: int, classes: int) -> np.ndarray:
    return np.random.default_rng(7).integers(0, classes, n)


# ---------------------------------------------------------------------------- images


def cnn(batch: int, side: int) -> Build:
    """1-32-64 filters of 3x3 with ReLU and 2x2 pools; (side / 4)**2 64-128-10; Adam."""
    parameters = draw({
        "w1": (32, 1, 3, 3), "b1": (32,), "w2": (64, 32, 3, 3), "b2": (64,),
        "w3": (128, 64 * (side // 4) ** 2), "b3": (128,), "w4": (10, 128), "b4": (10,),
    })  # fmt: skip

    def network(lib: Any, p: dict, x: Any) -> Any:
        F = lib.nn.functional
        x = F.max_pool2d(F.relu(F.conv2d(x, p["w1"], p["b1"], padding=1)), 2)
        x = F.max_pool2d(F.relu(F.conv2d(x, p["w2"], p["b2"], padding=1)), 2)
        x = F.relu(F.linear(x.reshape(batch, -1), p["w3"], p["b3"]))
        return F.linear(x, p["w4"], p["b4"])

    return step_of(parameters, network, normal(batch, 1, side, side), labels_for(batch, 10), "Adam")


def resnet(batch: int, side: int, widths: tuple[int, ...]) -> Build:
    """A stem, a residual block for each width (the later ones of stride 2), the mean, 10 classes.

    He et al., "Deep residual learning for image recognition", 2016, section 4.2; SGD.
    """
    shapes: dict[str, tuple[int, ...]] = {"stem": (widths[0], 3, 3, 3)}
    before = widths[0]
    for i, width in enumerate(widths):
        shapes |= {f"{i}a": (width, before, 3, 3), f"{i}a.scale": (width,), f"{i}a.bias": (width,)}
        shapes |= {f"{i}b": (width, width, 3, 3), f"{i}b.scale": (width,), f"{i}b.bias": (width,)}
        if width != before:
            shapes[f"{i}skip"] = (width, before, 1, 1)
        before = width
    parameters = draw(shapes | {"out": (10, before), "out.bias": (10,)})

    def network(lib: Any, p: dict, x: Any) -> Any:
        F = lib.nn.functional

        def normed(x: Any, name: str) -> Any:
            return F.batch_norm(x, None, None, p[f"{name}.scale"], p[f"{name}.bias"], True)

        x = F.relu(F.conv2d(x, p["stem"], padding=1))
        for i in range(len(widths)):
            stride = 2 if f"{i}skip" in p else 1
            y = F.relu(normed(F.conv2d(x, p[f"{i}a"], None, stride, 1), f"{i}a"))
            y = normed(F.conv2d(y, p[f"{i}b"], None, 1, 1), f"{i}b")
            x = F.relu(y + (F.conv2d(x, p[f"{i}skip"], None, stride) if stride == 2 else x))
        return F.linear(x.mean((2, 3)), p["out"], p["out.bias"])

    return step_of(parameters, network, normal(batch, 3, side, side), labels_for(batch, 10), "SGD")


# ---------------------------------------------------------------------------- sequences

VOCABULARY = 65


def language_lstm(batch: int, length: int, width: int, hidden: int) -> Build:
    """Embedding, LSTM, the next character at each place; Adam."""
    parameters = draw({
        "tokens": (VOCABULARY, width), "w_ih": (4 * hidden, width), "w_hh": (4 * hidden, hidden),
        "b_ih": (4 * hidden,), "b_hh": (4 * hidden,), "out": (VOCABULARY, hidden),
        "out.bias": (VOCABULARY,),
    })  # fmt: skip

    def network(lib: Any, p: dict, x: Any) -> Any:
        F = lib.nn.functional
        y = F.embedding(x, p["tokens"])  # (T, B, width)
        y = lstm(lib, y, lib.zeros(batch, hidden), [p[w] for w in ("w_ih", "w_hh", "b_ih", "b_hh")])
        return F.linear(y, p["out"], p["out.bias"]).reshape(-1, VOCABULARY)

    tokens = labels_for(length * batch + batch, VOCABULARY)
    return step_of(
        parameters, network, tokens[:-batch].reshape(length, batch), tokens[batch:], "Adam"
    )


def gpt(batch: int, length: int, layers: int, heads: int = 4, width: int = 128) -> Build:
    """GPT-2's blocks, characters of a small vocabulary, AdamW. Radford et al., 2019."""
    shapes: dict[str, tuple[int, ...]] = {"tokens": (VOCABULARY, width), "places": (length, width)}
    for i in range(layers):
        shapes |= {
            f"{i}.norm1.scale": (width,), f"{i}.norm1.bias": (width,),
            f"{i}.qkv": (3 * width, width), f"{i}.qkv.bias": (3 * width,),
            f"{i}.join": (width, width), f"{i}.join.bias": (width,),
            f"{i}.norm2.scale": (width,), f"{i}.norm2.bias": (width,),
            f"{i}.up": (4 * width, width), f"{i}.up.bias": (4 * width,),
            f"{i}.down": (width, 4 * width), f"{i}.down.bias": (width,),
        }  # fmt: skip
    shapes |= {"norm.scale": (width,), "norm.bias": (width,), "out": (VOCABULARY, width)}
    parameters = draw(shapes)

    def network(lib: Any, p: dict, x: Any) -> Any:
        F = lib.nn.functional

        def norm(x: Any, name: str) -> Any:
            return F.layer_norm(x, (width,), p[f"{name}.scale"], p[f"{name}.bias"])

        def linear(x: Any, name: str) -> Any:
            return F.linear(x, p[name], p[f"{name}.bias"])

        x = F.embedding(x, p["tokens"]) + p["places"]  # (B, T, C)
        for i in range(layers):
            q, k, v = linear(norm(x, f"{i}.norm1"), f"{i}.qkv").split(width, -1)
            q, k, v = (
                t.reshape(batch, length, heads, width // heads).transpose(1, 2) for t in (q, k, v)
            )  # (B, H, T, D)
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            y = y.transpose(1, 2).reshape(batch, length, width)
            x = x + linear(y, f"{i}.join")
            x = x + linear(F.gelu(linear(norm(x, f"{i}.norm2"), f"{i}.up")), f"{i}.down")
        return F.linear(norm(x, "norm"), p["out"]).reshape(-1, VOCABULARY)

    tokens = labels_for(batch * length + 1, VOCABULARY)
    return step_of(parameters, network, tokens[:-1].reshape(batch, length), tokens[1:], "AdamW")

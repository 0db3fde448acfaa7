"""Nothing right is called wrong: every op, every layer and loss, and what is awkward to check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.nn import functional as F
from tests.clinic.bank_of_layers import RIGHT
from tests.clinic.layers import CLASSES, SAMPLES
from tests.ops.samples import SAMPLES as OP_SAMPLES
from tests.ops.test_every_op import CASES, Call

SLOW = ("Transformer", "TransformerDecoder", "TransformerDecoderLayer", "TransformerEncoder")
LAYERS = [
    pytest.param(name, n, id=f"{name}-{n}", marks=pytest.mark.nightly if name in SLOW else ())
    for name, samples in sorted(SAMPLES.items())
    for n in range(len(samples))
]


def is_right(function: Any, inputs: Any) -> None:
    report = mg.gradcheck(function, inputs, raise_exception=False)
    assert report.ok, str(report)
    assert not report.diagnoses


@pytest.mark.parametrize(("name", "sample"), CASES)
def test_every_op(name, sample):
    call = Call(name, sample)
    if not call.places or not any(y.requires_grad for y in call(*call.inputs())):
        pytest.skip("has no gradient")
    is_right(call, call.inputs())


@pytest.mark.nightly
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", sorted(OP_SAMPLES))
def test_every_op_with_other_numbers(name, seed):
    for sample in OP_SAMPLES[name].make(np.random.default_rng(seed)):
        call = Call(name, sample)
        if call.places and any(y.requires_grad for y in call(*call.inputs())):
            is_right(call, call.inputs())


def test_every_layer_has_inputs():
    assert set(SAMPLES) == CLASSES


@pytest.mark.parametrize(("name", "n"), LAYERS)
def test_every_layer(name, n):
    arguments, inputs = SAMPLES[name][n]
    mg.manual_seed(0)
    is_right(getattr(nn, name)(*arguments), inputs)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("name", "n"), LAYERS)
def test_every_layer_with_other_numbers(name, n, seed):
    arguments, inputs = SAMPLES[name][n]
    mg.manual_seed(seed)
    is_right(getattr(nn, name)(*arguments), inputs)
    is_right(getattr(nn, name)(*arguments).eval(), inputs)


@pytest.mark.parametrize(("function", "inputs"), RIGHT, ids=[f.__name__ for f, _ in RIGHT])
def test_the_right_ops_of_the_bank(function, inputs):
    is_right(function, inputs)


def x64(*values: float) -> Any:
    return mg.tensor(list(values), dtype=mg.float64, requires_grad=True)


def at(*shape: int) -> Any:
    values = np.random.default_rng(1).standard_normal(shape)
    return mg.tensor(values, dtype=mg.float64, requires_grad=True)


def written_in_place(x: Any) -> Any:
    y = x * 1
    y.mul_(3).add_(x)
    y[0] = 0
    return y


AWKWARD: dict[str, tuple[Callable, Any]] = {
    # kinks and ties
    "relu at 0": (mg.relu, x64(0.0, 1.0, -1.0)),
    "abs at 0": (mg.abs, x64(0.0, -2.0)),
    "max of equal values": (lambda x: x.max(), x64(1.0, 3.0, 3.0)),
    "max along a row": (lambda x: x.reshape(2, 2).max(1).values, x64(1.0, 1.0, 2.0, 3.0)),
    "maximum of equal values": (mg.maximum, (x64(1.0, 2.0), x64(1.0, 3.0))),
    "hinge at the margin": (lambda x: mg.relu(1 - x).sum(), x64(1.0, 0.2, 3.0)),
    "clip at its edges": (lambda x: x.clamp(-1, 1), x64(-1.0, 1.0, 0.3, 4.0)),
    "max pool of equal values": (lambda x: F.max_pool1d(x[None], 2), x64(2.0, 2.0, 1.0, 0.0)),
    "median of equal values": (lambda x: x.sort().values[1], x64(2.0, 2.0, 1.0)),
    "huber at its corner": (lambda x: F.huber_loss(x, mg.zeros(2).double()), x64(1.0, -1.0)),
    # at a minimum, where all that differences give is their error
    "Rosenbrock's minimum": (
        lambda v: (1 - v[0]) ** 2 + 100 * (v[1] - v[0] ** 2) ** 2,
        x64(1.0, 1.0),
    ),
    "Beale's minimum": (
        lambda v: sum(
            (c - v[0] + v[0] * v[1] ** n) ** 2 for n, c in ((1, 1.5), (2, 2.25), (3, 2.625))
        ),
        x64(3.0, 0.5),
    ),
    "a flat bottom": (lambda x: ((x - 2) ** 4).sum() * 1e-8, x64(2.0, 2.0)),
    # infinite on the way
    "a mask of minus infinity": (
        lambda x: mg.softmax(x + mg.tensor([0.0, -mg.inf, 0.0]).double(), -1),
        x64(0.3, -1.7, 0.9),
    ),
    # flat, or jumping
    "round": (lambda x: x.round() + x, x64(0.3, 1.7)),
    "sign": (lambda x: x.sign() * x, x64(0.3, -1.7)),
    "sort": (lambda x: x.sort().values, x64(0.3, -1.7, 0.9)),
    "topk": (lambda x: x.topk(2).values, x64(0.3, -1.7, 0.9)),
    "where": (lambda x: mg.where(x > 0, x * x, -x), x64(0.3, -1.7)),
    "argmax beside": (lambda x: (x * x, x.argmax()), x64(0.3, -1.7)),
    "a constant": (lambda x: (x * 0 + 1).sum(), x64(0.3, -1.7)),
    "a constant beside": (lambda x: (x * 2, mg.ones(2).double()), x64(0.3, -1.7)),
    "an unused argument": (lambda x, y: x * 2, (x64(0.3), x64(1.0))),
    # in place, views, sharing
    "in place": (written_in_place, x64(0.3, -1.7)),
    "its input": (lambda x: x, x64(0.3, -1.7)),
    "a view": (lambda x: x.reshape(1, 2).T, x64(0.3, -1.7)),
    "its input twice": (lambda x: (x, x), x64(0.3, -1.7)),
    # sizes
    "0-d": (lambda x: x * x, mg.tensor(2.0, dtype=mg.float64, requires_grad=True)),
    "nothing in": (lambda x: x * x, mg.zeros(0, 3, dtype=mg.float64, requires_grad=True)),
    "nothing out": (lambda x: x[:0] * 2, x64(0.3, -1.7)),
    "one of each": (lambda x: x.sum(), at(1, 1, 1)),
    # scales
    "values of 1e8": (lambda x: 1e8 * x.sin(), at(3)),
    "values of 1e-8": (lambda x: 1e-8 * x.sin(), at(3)),
    "far from zero": (lambda x: 1e8 + x.sin(), at(3)),
    "steep beside flat": (lambda x, y: 1e4 * x.sin() + 1e-4 * y.sin(), (at(3), at(3))),
    "sharply bent": (lambda x: (40 * x).sin(), at(3)),
    "very steep": (lambda x: x.exp().exp().exp(), x64(1.1)),
    "1 / x near 0": (lambda x: 1 / x, x64(1e-3, 2e-3)),
    "sqrt near 0": (mg.sqrt, x64(1e-3, 4.0)),
    # numbers of few digits that are right
    "float32's numbers": (lambda x: x * mg.tensor([0.3, 0.7]).double(), x64(0.5, 0.25)),
    "whole numbers": (lambda x: x * 2, x64(1.0, 2.0)),
    # random, with seed and without
    "dropout": (lambda x: F.dropout(x, 0.5), at(4)),
    "its own generator": (lambda x: x * np.random.default_rng(0).random(3), at(3)),
    "noise": (lambda x: x + mg.randn(3).double() * x, at(3)),
    # structures
    "nested": (lambda d, pair: d["a"] * pair[0] + pair[1], ({"a": at(2)}, [at(2), at(2)])),
    "by name": (lambda a, b: a * b, {"a": at(2), "b": at(2)}),
    "a dict comes out": (lambda x: {"twice": x * 2, "square": x * x}, at(2)),
    "a tuple in a tuple": (lambda x: (x * 2, (x * x, x.sin())), at(2)),
}


@pytest.mark.parametrize("name", AWKWARD)
def test_what_is_awkward(name):
    is_right(*AWKWARD[name])

"""Does an op that a kernel computes agree with its definition in plain ops? On inputs of any size.

Values and first derivatives are those of the kernel on one side, of the definition, in float64, on
the other. The second derivative, which is the definition's, is checked along one direction against
central differences of the kernel's first: so that each of the two is held against the other.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import minigrad as mg
from minigrad import autograd


def assert_agrees(op: Any, *args: Any, exact: float = 1e-11, single: float = 1e-5) -> None:
    """op(*args), where the float64 arrays in args are differentiated; others are as they are.

    exact and single: how large an error may be in float64 and in float32, of the largest number.
    """
    places = [i for i, a in enumerate(args) if getattr(a, "dtype", None) == np.float64]
    rng = np.random.default_rng(0)
    double = [args[i] for i in places]
    with mg.no_grad():
        weights = rng.standard_normal(op(*tensors(args, places, double)).shape)
    directions = [rng.standard_normal(a.shape) for a in double]

    expected = run(op.spec.definition, args, places, double, weights)
    errors = zip(run(op, args, places, double, weights), expected, strict=True)
    assert max(error(*pair) for pair in errors) <= exact
    rounded = [a.astype(np.float32) for a in double]
    got = run(op, args, places, rounded, weights.astype(np.float32))
    assert all(a.dtype == np.float32 for a in got)
    assert max(error(*pair) for pair in zip(got, expected, strict=True)) <= single

    inputs = tensors(args, places, double)
    leaves = [inputs[i] for i in places]
    grads = autograd.grad(op(*inputs), leaves, mg.tensor(weights), create_graph=True)
    slope = sum((g * mg.tensor(d)).sum() for g, d in zip(grads, directions, strict=True))
    second = autograd.grad(slope, leaves, allow_unused=True, materialize_grads=True)
    got = sum((h.array * d).sum() for h, d in zip(second, directions, strict=True))
    step = 1e-5
    ends = []
    for sign in (step, -step):
        moved = [a + sign * d for a, d in zip(double, directions, strict=True)]
        _, *grads = run(op, args, places, moved, weights)
        ends.append(sum((g * d).sum() for g, d in zip(grads, directions, strict=True)))
    np.testing.assert_allclose(got, (ends[0] - ends[1]) / (2 * step), rtol=1e-5)


def tensors(args: Any, places: list[int], values: list) -> list:
    out = [mg.tensor(a) if isinstance(a, np.ndarray) else a for a in args]
    for i, a in zip(places, values, strict=True):
        out[i] = mg.tensor(a, requires_grad=True)
    return out


def run(op: Any, args: Any, places: list[int], values: list, weights: Any) -> list[np.ndarray]:
    """The value and the gradients."""
    inputs = tensors(args, places, values)
    y = op(*inputs)
    grads = autograd.grad(y, [inputs[i] for i in places], mg.tensor(weights))
    return [y.array, *(g.array for g in grads)]


def error(a: np.ndarray, b: np.ndarray) -> float:
    assert a.shape == b.shape
    return np.abs(a - b).max(initial=0) / (1e-300 + np.abs(b).max(initial=0))

"""A check of what is too large for whole Jacobians: along random directions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad import autograd
from minigrad.graph import wrap

LARGEST = 4_000_000  # entries of a Jacobian that is compared whole
PAIRS = 8  # of directions, for each argument


def entries(leaves: Sequence, outputs: Sequence) -> int:
    """Of the largest Jacobian of one argument."""
    widest = max(x.array.size for x in leaves)
    return widest * sum(y.array.size for y in outputs if y.dtype.kind == "f")


def check(
    evaluate: Callable[[int, np.ndarray], list], outputs: Sequence, leaves: Sequence, eps: float,
    atol: float, rtol: float,
) -> str:  # fmt: skip
    """u . (J v) by differences against (J^T u) . v by backward; what is wrong, or "".

    evaluate(n, array): the outputs' arrays with leaf n replaced. u and v are random with norms of
    the order 1, so that what is found wrong somewhere is not averaged away.
    """
    rng = np.random.default_rng(0)
    kept = [k for k, y in enumerate(outputs) if y.requires_grad and y.dtype.kind == "f"]
    for n, leaf in enumerate(leaves):
        for _ in range(PAIRS):
            us = [rng.standard_normal(outputs[k].shape) for k in kept]
            v = rng.standard_normal(leaf.shape)
            (g,) = autograd.grad(
                [outputs[k] for k in kept], leaf, [wrap(u) for u in us],
                retain_graph=True, materialize_grads=True,
            )  # fmt: skip
            up, down = (evaluate(n, leaf.array + h * v) for h in (eps, -eps))
            slope = sum(
                _dot(u, (up[k] - down[k]) / (2 * eps)) for u, k in zip(us, kept, strict=True)
            )
            backward = _dot(g.array, v)
            size = float(np.linalg.norm(g.array) * np.linalg.norm(v))
            if not abs(backward - slope) <= atol + rtol * max(abs(slope), size / 100):
                return (
                    f"gradcheck: argument {n} of those checked, along a random direction: backward "
                    f"gives {backward:.10g}, central differences give {slope:.10g}"
                )
    return ""


def _dot(a: Any, b: Any) -> float:
    return float(np.sum(a * b))


def note(size: int) -> str:
    return (
        f"a Jacobian of {size:,} entries (more than {LARGEST:,}) was not compared whole, but along "
        f"{PAIRS} random directions for each argument; take smaller inputs for a full check"
    )

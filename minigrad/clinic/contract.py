"""What the rows of a Jacobian hide, seen by one more call of backward.

It is what every check that passes pays for; what it suspects is looked into by `contracts.py`.
"""

from __future__ import annotations

import numpy as np

from minigrad import autograd
from minigrad.graph import wrap

SUSPECTED = "gradcheck: float32 in a float64 computation: backward's result has no more digits"


def broken(ys: list, xs: list, analytic: dict, within: list) -> str:
    """What one more call of backward, with all outputs weighted, says of the rows; "" if nothing.

    It sees what one-hot gradients hide: a pullback that is not linear in the incoming gradient, or
    that has changed what it saved, its input or the gradient that it was given.

    within: the values on the way from xs to ys, whose gradients may be float32's.
    """
    rows = list(analytic.values())
    kept = [n for n, y in enumerate(ys) if y.requires_grad and y.array.size]
    if not kept:
        return ""
    random = np.random.default_rng(0)
    weights = [random.uniform(-1.5, 1.5, ys[n].shape) for n in kept]
    before = [x.array.copy() for x in xs]
    inner = [v for v in within if all(v is not x for x in (*xs, *ys))]
    seeds = [wrap(w.astype(ys[n].dtype)) for w, n in zip(weights, kept, strict=True)]
    copies = [seed.array.copy() for seed in seeds]
    found = autograd.grad(
        [ys[n] for n in kept], [*xs, *inner], seeds, retain_graph=True, materialize_grads=True
    )
    if any(not np.array_equal(a, s.array) for a, s in zip(copies, seeds, strict=True)):
        return "gradcheck: backward wrote to the gradient that it was given"
    if any(not np.array_equal(a, x.array, equal_nan=True) for a, x in zip(before, xs, strict=True)):
        return "gradcheck: backward wrote to its input"
    suspected = any(_is_float32(g.array) for g in found[len(xs) :])
    for i, g in enumerate(found[: len(xs)]):
        parts = [(w.reshape(-1), rows[n][i]) for w, n in zip(weights, kept, strict=True)]
        expected = np.sum([w @ a for w, a in parts], axis=0)
        size = np.sum([np.abs(w) @ np.abs(a) for w, a in parts], axis=0)
        got = g.array.reshape(-1)
        finite = np.isfinite(expected) & np.isfinite(size)
        if (np.abs(got - expected)[finite] > 1e-6 * (1e-3 + size[finite])).any():
            worst = int(np.argmax(np.where(finite, np.abs(got - expected), -1)))
            return (
                "gradcheck: backward is not linear in the incoming gradient, or changed what it "
                f"saved: for weighted outputs it gives {got[worst]:.6g} at element {worst} of "
                f"argument {i}, its own Jacobian gives {expected[worst]:.6g}"
            )
        suspected |= _is_float32(got) or any(_is_float32(a) for _, a in parts)
    return SUSPECTED if suspected else ""


def _is_float32(a: np.ndarray) -> bool:
    """Whether numbers with many digits all are float32's."""
    with np.errstate(over="ignore"):
        long = np.isfinite(a) & (a != a.astype(np.float16))
        return bool(long.any() and np.all(a[long] == a[long].astype(np.float32)))


def too_far(jacobians: dict[int, tuple], ys: list) -> bool:
    """Whether A and N differ by more than differences of smooth functions in float64 do."""
    floor = 1e-9 * max((float(np.abs(y.array).max(initial=0)) for y in ys), default=0.0)
    return any(
        not np.abs(a - n).max(initial=0) <= 2e-8 * np.abs(n).max(initial=0) + floor
        for a, n in jacobians.values()
    )


def small(jacobians: dict[int, tuple]) -> str:
    """What to say of an error within the tolerance that is an error nevertheless."""
    gaps = {
        i: float(np.abs(a - n).max(initial=0) / max(np.abs(n).max(initial=0), 1e-300))
        for i, (a, n) in jacobians.items()
    }
    worst = max(gaps, key=lambda i: gaps[i])
    return (
        f"gradcheck: in argument {worst} backward is off by {gaps[worst]:.2g} of the largest "
        "slope: within the tolerance, but the differences are far more exact than that and do "
        "not come closer with smaller steps"
    )

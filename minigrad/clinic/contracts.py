"""What every pullback must keep to, and magnitudes cannot show.

It is linear in the incoming gradient, gives the same answer twice, and writes to nothing it was
given; the function gives the same value twice; both compute in the dtype of their input.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np

from minigrad.clinic import numeric
from minigrad.clinic.case import Case, attempted, same
from minigrad.clinic.report import Diagnosis


def check(case: Case) -> list[Diagnosis]:
    if not case.rows or not case.A:
        return []
    rounded = attempted(_float32, case)
    repeated = [] if case.error is not None else attempted(_repeated, case)
    found = rounded + attempted(_mutated, case, repeated) + repeated
    if not found and case.error is None:  # rounded to float32, say, nothing is linear
        found = attempted(_linear, case)
    return found


def _random(case: Case, seed: int) -> list:
    rng = np.random.default_rng(seed)
    return case.cotangent(lambda shape: rng.uniform(0.5, 1.5, shape))


def _linear(case: Case) -> Iterator[Diagnosis]:
    """vjp(0) = 0, and vjp(u) is what the rows of the Jacobian add up to."""
    u, v = _random(case, 1), _random(case, 2)
    minus = [g if g is None else -g for g in v]
    zero = case.pullback()(case.cotangent(np.zeros))
    of_u, of_minus, of_both = (
        case.pullback()(g)
        for g in (u, minus, [a if a is None else a - b for a, b in zip(u, v, strict=True)])
    )
    for n in range(len(case.x)):
        if of_u[n] is None or of_minus[n] is None or of_both[n] is None:
            continue
        at_zero = 0.0 if zero[n] is None else float(np.max(np.abs(zero[n]), initial=0))
        if at_zero > 1e-12:
            yield case.found("ignores-upstream", n, 1.0, largest_vjp_of_zero=at_zero)
        elif not same(of_u[n] + of_minus[n], of_both[n], 1e-9):
            gap = float(np.max(np.abs(of_u[n] + of_minus[n] - of_both[n])))
            yield case.found("mask", n, 0.97, nonlinear_in_g=gap)
            yield case.found("ignores-upstream", n, 0.5, nonlinear_in_g=gap)


def _repeated(case: Case) -> Iterator[Diagnosis]:
    """One pullback called several times, and the pullbacks of two runs."""
    u = _random(case, 1)
    pull = case.pullback()
    calls = [pull([None if g is None else g.copy() for g in u]) for _ in range(3)]
    calls.append(case.pullback()([None if g is None else g.copy() for g in u]))
    for n in range(len(case.x)):
        found = [call[n] for call in calls]
        if any(g is None or g.shape != found[0].shape for g in found):
            continue
        first, second, third, anew = found
        step = second - first
        if same(first, second, 1e-12) and same(first, anew, 1e-12):
            continue
        sizes = [float(np.linalg.norm(g)) for g in found]
        steady = np.any(np.abs(step) > 1e-9) and same(third - second, step, 1e-9)
        # What is added each time is the gradient itself; else something saved is written to.
        steady = steady and (same(step, _true(case, u, n)) or same(second, first * 2, 1e-9)
                             or not _saves(case))  # fmt: skip
        across = same(first, second, 1e-12) and not same(first, anew, 1e-12)
        if steady or (across and same(anew, first * 2, 1e-9)):
            ratio = sizes[1] / max(sizes[0], 1e-300)
            yield case.found("stale-accumulation", n, 1.0, norms=sizes[:3], second_to_first=ratio)
        else:
            # What is saved changes: written to. Else something new was drawn.
            drawn = case.names("drop", "mask", "seed", "rng", "noise", "rand") or not _saves(case)
            yield case.found("mask-redrawn", n, 0.96 if drawn else 0.4, norms=sizes)
            if not drawn:
                yield case.found("mutates", n, 0.9, norms_of_calls=sizes[:3])


def _true(case: Case, u: list, n: int) -> np.ndarray:
    """The gradient by differences, for the incoming gradient u."""
    weights = np.concatenate([u[k].reshape(-1) for k in case.floating])
    return (weights @ case.N[n]).reshape(case.x[n].shape) * case.unit


def _saves(case: Case) -> str:
    """What the pullback saved that changes when it is called, by name; "" if nothing does."""
    from minigrad.clinic.repairs import saved_values

    pull = case.pullback()
    held = list(saved_values(case.subject))
    before = {h.name: np.array(h.get()) for h in held if isinstance(h.get(), np.ndarray)}
    pull(_random(case, 1))
    after = {h.name: h.get() for h in held}
    changed = (n for n, a in before.items() if not np.array_equal(a, after[n], equal_nan=True))
    return next(changed, "")


def _mutated(case: Case, repeated: list[Diagnosis]) -> Iterator[Diagnosis]:
    """Whether the pullback writes to the incoming gradient, to the arguments or to the values."""
    given = [x.copy() for x in case.x]
    case.again()
    subject = case.subject
    values, pull = subject.run(given)
    whole = getattr(subject, "given", None)  # an op's arguments, copied again
    args = given if whole is None else [whole[i] for i in subject.places]
    for n, (x, before) in enumerate(zip(args, case.x, strict=True)):
        if not np.array_equal(x, before, equal_nan=True):
            change = float(np.max(np.abs(x - before)))
            yield case.found("mutates", n, 1.0, forward_changed_its_argument_by=change)
            return
    u = _random(case, 1)
    kept = [g if g is None else g.copy() for g in u]
    watched = {
        **{case.called(n): x for n, x in enumerate(args)},
        **{f"output {k}": y for k, y in enumerate(values)},
    }
    before = {name: np.array(a) for name, a in watched.items()}
    with contextlib.suppress(Exception):  # what it wrote before it failed is seen all the same
        pull(u)
    for g, b in zip(u, kept, strict=True):
        if g is not None and b is not None and not np.array_equal(g, b):
            change = float(np.max(np.abs(g - b)))
            yield case.found("mutates", None, 1.0, incoming_gradient_changed_by=change)
            return
    for name, a in watched.items():
        if not np.array_equal(a, before[name], equal_nan=True):
            change = float(np.max(np.abs(a - before[name])))
            yield case.found("mutates", None, 1.0, changed=name, by=change)
            return
    if any(d.code in ("mask-redrawn", "mutates") for d in repeated):
        saved = _saves(case)
        if saved:
            yield case.found("mutates", None, 0.99, changed=f"the saved `{saved}`")


def _float32(case: Case) -> Iterator[Diagnosis]:
    """Results that hold no more digits than float32 has, although their input does."""
    if any(x.dtype != np.float64 for x in case.x):
        return
    for k in case.floating:
        y = case.y[k]
        if y.dtype != np.float64:
            yield case.found("float32", None, 1.0, dtype_of_the_value=str(y.dtype))
            return
    if case.error is not None:
        return
    pull = case.pullback()
    raw = pull(_random(case, 1))
    for n, g in enumerate(raw):
        a = case.A[n]
        if g is None or a is None:
            continue
        if g.dtype in (np.float32, np.float16):
            yield case.found("float32", n, 1.0, dtype_of_the_gradient=str(g.dtype))
        elif same(a, case.N[n]) and (suspicious(g) or suspicious(a) or differs(a, case.N[n])):
            exact, errors = (j / case.unit for j in numeric.extrapolated(case.values, case.x, n))
            gap = relative_gap(a, exact)
            error = float(np.max(errors)) / max(float(np.abs(exact).max()), 1e-300)
            if max(3e-9, 10 * error) < gap < 2e-6:
                yield case.found("float32", n, 1.0, relative_error=gap, error_of_differences=error)
    noise = _noise(case)
    if noise is not None:
        yield case.found("float32", None, 0.99, roughness_of_the_value=noise)


def suspicious(a: np.ndarray) -> bool:
    """Whether numbers with many digits all are float32's."""
    with np.errstate(over="ignore"):
        short = a.astype(np.float16).astype(float)
        rounded = a.astype(np.float32).astype(float)
    long = (a != short) & np.isfinite(a)
    return bool(long.any() and np.all(a[long] == rounded[long]))


def differs(a: np.ndarray, b: np.ndarray) -> bool:
    """By more than differences of smooth functions do."""
    return relative_gap(a, b) > 5e-9


def relative_gap(a: np.ndarray, b: np.ndarray) -> float:
    scale = float(np.max(np.abs(b), initial=0))
    return float(np.max(np.abs(a - b), initial=0)) / scale if scale else 0.0


def _noise(case: Case) -> float | None:
    """How rough the value is for small steps, if its numbers look like float32's."""
    values = numeric.flat(case.y)
    if not suspicious(values) or not suspicious_inputs(case):
        return None
    moved = [x + 1e-10 * (1 + np.abs(x)) for x in case.x]
    further = [x + 1.3e-7 * (1 + np.abs(x)) for x in case.x]
    near, far = (numeric.flat(case.values(x)) for x in (moved, further))
    if suspicious(near) and suspicious(far) and not np.array_equal(far, values):
        return relative_gap(near, values) or float(np.finfo(np.float32).eps) / 2
    return None


def suspicious_inputs(case: Case) -> bool:
    """Inputs with more digits than float32's, so that the value's few digits mean something."""
    return any(x.size and not suspicious(x) and np.any(x != np.round(x)) for x in case.x)

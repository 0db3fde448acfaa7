"""Is a gradient right? The pullbacks against differences of the function itself.

Two independent ways to the true derivative:

- central differences, (f(x + h) - f(x - h)) / 2h, with an error of the order h^2 + eps/h;
- the complex step, Im f(x + ih) / h with h = 1e-30: nothing is subtracted, so nothing cancels,
  and the result is exact to rounding, wherever f is analytic (no abs, max, comparison) and made
  of ops that NumPy computes for complex numbers. Squire and Trapp, SIAM Review 40(1), 1998.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from minigrad import autograd
from minigrad.clinic import contract, directions
from minigrad.clinic.contract import SUSPECTED
from minigrad.clinic.report import Report
from minigrad.graph import Value, describe, wrap
from minigrad.mode import enable_grad


class GradcheckError(RuntimeError):
    """The gradient that backward computed is not the derivative of the function."""


def gradcheck(
    func: Callable,
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    method: str = "central",
    order: str = "first",
) -> bool | Report:
    """True if backward's whole Jacobian of `func` is the numeric one, within atol + rtol * |it|.

    func: a function of Tensors that returns a Tensor or a tuple of them; inputs: its arguments.
    Every input with requires_grad is checked and must be float64: float32 has too few digits
    for differences. method: "central" (step eps) or "complex" (exact, for analytic functions).
    Raises GradcheckError naming argument, entry, both values, the tolerance and the mistakes that
    explain them. With raise_exception=False it returns a `Report`: true if all is right, else with
    its `diagnoses`, the most probable first (`minigrad/clinic/`).

    >>> import minigrad as mg
    >>> x = mg.tensor([0.3, -1.2], dtype=mg.float64, requires_grad=True)
    >>> mg.gradcheck(mg.tanh, x)
    True
    >>> mg.gradcheck(mg.tanh, x, method="complex", rtol=1e-12, atol=1e-14)
    True
    >>> @mg.op
    ... def square(x):
    ...     return x * x, lambda g: g * x
    >>> report = mg.gradcheck(square, x, raise_exception=False)
    >>> report.ok, report.diagnoses[0].code, round(report.diagnoses[0].evidence["alpha"], 6)
    (False, 'missing-factor', 0.5)
    """
    inputs = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    with enable_grad():
        report = _check(func, inputs, eps, atol, rtol, method, order)
    if not report.ok and raise_exception:
        raise GradcheckError(str(report))
    return report if not raise_exception else True


def gradgradcheck(
    func: Callable,
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    method: str = "central",
) -> bool | Report:
    """As `gradcheck`, for second derivatives: checks the gradient of the gradient of `func`.

    grad_outputs: what the outputs are weighted with; numbers from a fixed seed by default.
    """
    inputs = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    outputs = [y for y in _outputs(func(*inputs)) if y.requires_grad]
    if grad_outputs is None:
        random = np.random.default_rng(0)
        grad_outputs = [
            wrap(np.asarray(random.uniform(0.5, 1.5, y.shape), dtype=y.dtype)) for y in outputs
        ]
        for g in grad_outputs:
            g.requires_grad_()
    grad_outputs = tuple(autograd.as_list(grad_outputs))
    places = [i for i, x in enumerate(inputs) if _is_checked(x)]

    def gradient(*args):
        xs, gs = args[: len(inputs)], args[len(inputs) :]
        ys = [y for y in _outputs(func(*xs)) if y.requires_grad]
        found = autograd.grad(ys, [xs[i] for i in places], gs, create_graph=True, allow_unused=True)
        return tuple(g for g in found if g is not None and g.requires_grad)

    return gradcheck(
        gradient, (*inputs, *grad_outputs), eps=eps, atol=atol, rtol=rtol,
        raise_exception=raise_exception, method=method, order="second",
    )  # fmt: skip


def _check(func, inputs, eps, atol, rtol, method, order) -> Report:
    places = [i for i, x in enumerate(inputs) if _is_checked(x)]
    if not places:
        raise ValueError(
            "gradcheck: expected at least one Tensor with requires_grad=True, got "
            + ", ".join(map(describe, inputs))
        )
    for i in places:
        if inputs[i].dtype != np.float64:
            raise TypeError(
                f"gradcheck: input {i} is {describe(inputs[i])}; differences need float64, "
                "use .double()"
            )
    if method not in ("central", "complex"):
        raise ValueError(f"gradcheck: method must be 'central' or 'complex', got {method!r}")
    # Leaves of their own: the same Tensor may have been given as two arguments.
    given = inputs
    inputs = [wrap(x.array).requires_grad_() if _is_checked(x) else x for x in inputs]
    outputs = list(_outputs(func(*inputs)))
    for y in outputs:
        if not isinstance(y, Value):
            raise TypeError(f"gradcheck: expected a function of Tensors, it returned {y!r}")
    report = Report(True, allowed=(atol, rtol))
    checked = [k for k, y in enumerate(outputs) if y.dtype.kind == "f"]
    if order == "first" and checked and not any(outputs[k].requires_grad for k in checked):
        report.message = (
            "gradcheck: no output requires grad, although an input does: the graph is severed "
            "(detach, no_grad, .item() or NumPy on the way?)"
        )
        return _explained(report, func, given, places, method, order)
    leaves = [inputs[i] for i in places]
    size = directions.entries(inputs, places, outputs)
    if size > directions.LARGEST and method == "central":

        def evaluate(n, array):
            moved = wrap(array).requires_grad_()
            args = [moved if i == places[n] else x for i, x in enumerate(inputs)]
            return [y.array.copy() for y in _outputs(func(*args))]

        report.message = directions.check(evaluate, outputs, leaves, eps, atol, rtol)
        if report.message:
            _explained(report, func, given, places, method, order)
        report.notes.append(directions.note(size))
        return report
    try:
        analytic = {k: _analytic(outputs[k], leaves) for k in checked}
        broken = contract.broken([outputs[k] for k in checked], leaves, analytic)
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        report.message = f"gradcheck: backward raised {type(error).__name__}: {error}"
        if order != "first":
            raise
        return _explained(report, func, given, places, method, order)
    for n, i in enumerate(places):
        numeric = _numeric(func, inputs, i, checked, eps, method)
        for k in checked:
            message = _compare(analytic[k][n], numeric[k], inputs[i], outputs[k], i, k, atol, rtol,
                               order, method)  # fmt: skip
            report.message = report.message or message
        kept = [k for k in checked if analytic[k][n].size]
        if kept:
            report.jacobians[i] = (
                np.concatenate([analytic[k][n] for k in kept]),
                np.concatenate([numeric[k] for k in kept]),
            )
    first = order == "first" and method == "central"
    if not broken and first and contract.few_digits(report.jacobians):
        broken = SUSPECTED
    if broken == SUSPECTED and not first:  # only there can it be looked into
        broken = ""
    if report.message or broken:
        report.message = report.message or broken
        return _explained(report, func, given, places, method, order)
    return report


def _explained(report: Report, func, inputs, places, method, order) -> Report:
    """The report of a check that failed, with what the clinic makes of it."""
    report.ok = False
    if order != "first" or method != "central":
        return report
    from minigrad.clinic.diagnose import diagnose  # only when it is needed

    report.diagnoses, report.notes, harmless = diagnose(func, inputs, places)
    if harmless or (report.message == SUSPECTED and not report.diagnoses):
        report.ok, report.message = True, ""
    return report


def _is_checked(x: Any) -> bool:
    return isinstance(x, Value) and x.requires_grad


def _outputs(result: Any) -> tuple:
    return tuple(result) if isinstance(result, (tuple, list)) else (result,)


def _analytic(y: Any, xs: list) -> list[np.ndarray]:
    """The Jacobian by backward: for each input an array of (elements of y, elements of x)."""
    rows: list[list] = [[] for _ in xs]
    for one_hot in _basis(y.array):
        if y.requires_grad:
            found = autograd.grad(y, xs, wrap(one_hot), retain_graph=True, materialize_grads=True)
        else:
            found = [wrap(np.zeros_like(x.array)) for x in xs]
        for row, g in zip(rows, found, strict=True):
            row.append(g.array.reshape(-1))
    return [
        np.stack(row) if row else np.zeros((0, x.array.size))
        for row, x in zip(rows, xs, strict=True)
    ]


def _basis(array: np.ndarray) -> Iterator[np.ndarray]:
    for j in np.ndindex(array.shape):
        one_hot = np.zeros_like(array)
        one_hot[j] = 1
        yield one_hot


def _numeric(func, inputs, i, checked, eps, method) -> dict[int, np.ndarray]:
    """The Jacobian by differences: for each output an array of (elements of y, elements of x)."""
    x = inputs[i]
    columns: dict[int, list] = {k: [] for k in checked}
    for j in np.ndindex(x.shape):
        if method == "complex":
            ys = _evaluate(func, inputs, i, j, 1e-30j)
            slopes = {k: ys[k].imag / 1e-30 for k in checked}
        else:
            up, down = (_evaluate(func, inputs, i, j, h) for h in (eps, -eps))
            slopes = {k: (up[k] - down[k]) / (2 * eps) for k in checked}
        for k in checked:
            columns[k].append(slopes[k].reshape(-1))
    return {k: np.stack(c, axis=1) if c else np.zeros((0, 0)) for k, c in columns.items()}


def _evaluate(func, inputs, i, j, step) -> list[np.ndarray]:
    moved = inputs[i].array.astype(complex if isinstance(step, complex) else float)
    moved[j] += step
    args = [wrap(moved).requires_grad_() if n == i else x for n, x in enumerate(inputs)]
    # The outputs are copied: a function may return its input, or the same array every time.
    return [y.array.copy() for y in _outputs(func(*args))]


def _compare(analytic, numeric, x, y, i, k, atol, rtol, order, method) -> str:
    """What is wrong with one Jacobian; "" if nothing."""
    if not analytic.size:
        return ""
    bound = atol + rtol * np.abs(numeric)
    same = (analytic == numeric) | (np.isnan(analytic) & np.isnan(numeric))
    excess = np.where(same, -1.0, np.abs(analytic - numeric) - bound)
    excess = np.where(np.isnan(excess), np.inf, excess)
    if not (excess > 0).any():
        return ""
    row, column = (int(n) for n in np.unravel_index(np.argmax(excess), excess.shape))
    at_y = [int(n) for n in np.unravel_index(row, y.shape)]
    at_x = [int(n) for n in np.unravel_index(column, x.shape)]
    a, n = analytic[row, column], numeric[row, column]
    return (
        f"gradcheck ({order} derivative): argument {i} ({describe(x)}), "
        f"{int((excess > 0).sum())} of {excess.size} entries wrong. "
        f"The worst: d output{k}{at_y} / d argument{i}{at_x}: "
        f"backward gives {a:.10g}, {method} differences give {n:.10g}; "
        f"they differ by {abs(a - n):.3g}, allowed is {bound[row, column]:.3g} "
        f"(atol {atol:g} + rtol {rtol:g} * |numeric|)"
        + (NOT_ANALYTIC if method == "complex" else "")
    )


NOT_ANALYTIC = (
    ". The complex step is right for analytic functions only: with abs, max or a comparison in it "
    "check by method='central'"
)

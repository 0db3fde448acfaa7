"""Is a gradient right? The pullbacks against differences of the function itself.

Two independent ways to the true derivative:

- central differences, (f(x + h) - f(x - h)) / 2h, with an error of the order h^2 + eps/h;
- the complex step, Im f(x + ih) / h with h = 1e-30: nothing is subtracted, so nothing cancels,
  and the result is exact to rounding, wherever f is analytic (no abs, max, comparison) and made
  of ops that NumPy computes for complex numbers. Squire and Trapp, SIAM Review 40(1), 1998.

What a check that fails means is for the clinic to say (`minigrad/clinic/`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from minigrad.mode import enable_grad

if TYPE_CHECKING:
    from minigrad.clinic.report import Report


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
) -> bool | Report:
    """True if backward's whole Jacobian of `func` is the numeric one, within atol + rtol * |it|.

    func: an op, an autograd.Function, a Module (its parameters are checked too), a plain function
    of arrays that returns (value, pullback), or any function of Tensors. inputs: its arguments, in
    a tuple or list; a dict holds them by name. Every Tensor among them, or in a list, tuple or
    dict among them, that requires grad is checked; if none does, every floating NumPy array is.
    Objects of another engine (with `.data`, `.grad` and `.backward()`) are checked as such.

    method: "central" (step eps) or "complex" (exact, for analytic functions). What is checked must
    be float64: float32 has too few digits for differences. With raise_exception=False, float32 and
    Tensors that do not require grad are taken as well, and a note says so.

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
    from minigrad.clinic.checker import check  # the clinic, when first used
    from minigrad.clinic.intake import take

    _require_method(method)
    with enable_grad():
        question = take(func, inputs, lenient=not raise_exception)
        report = check(question, eps, atol, rtol, method, "first")
    return _answer(report, raise_exception)


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

    grad_outputs: what the outputs are weighted with; numbers from a fixed seed by default. A
    pullback that computes with `.detach()` or NumPy has a right gradient and a wrong second
    derivative: a Report names the op.
    """
    from minigrad.clinic import second
    from minigrad.clinic.checker import check
    from minigrad.clinic.intake import take
    from minigrad.clinic.report import Report

    _require_method(method)
    with enable_grad():
        question = second.of_gradient(take(func, inputs, lenient=not raise_exception), grad_outputs)
        try:
            report = check(question, eps, atol, rtol, method, "second")
        except Exception as error:  # whatever a student's pullback raises
            if raise_exception:
                raise
            message = f"gradgradcheck: backward on Tensors raised {type(error).__name__}: {error}"
            report = Report(False, message, second.diagnose(question))
    return _answer(report, raise_exception)


def _require_method(method: str) -> None:
    if method not in ("central", "complex"):
        raise ValueError(f"gradcheck: method must be 'central' or 'complex', got {method!r}")


def _answer(report: Report, raise_exception: bool) -> bool | Report:
    if not raise_exception:
        return report
    if not report.ok:
        raise GradcheckError(str(report))
    return True

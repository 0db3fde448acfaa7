"""The first NaN or infinity, and the op that made it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from minigrad.diagnosis.report import Finding
from minigrad.diagnosis.tape import Tape

ADVICE = (
    "look at what this op was given: log or sqrt of 0, 0 / 0, exp of something large; add an eps, "
    "clamp, use log_softmax or a ..._with_logits loss, lower the learning rate"
)


def all_finite(x: Any) -> bool:
    array = getattr(x, "array", x)
    dtype = getattr(array, "dtype", None)
    return dtype is None or dtype.kind not in "fc" or bool(np.isfinite(array).all())


def not_finite(
    loss: Any,
    tape: Tape | None,
    gradients: dict[str, Any],
    again: Callable[[], str | None] = lambda: None,
    what: str = "loss",
) -> Iterator[Finding]:
    """again: runs backward in search of its first NaN, and says where it is. what: the loss, or the
    model's output."""
    if not all_finite(loss):
        kind = "NaN" if np.isnan(loss.array).any() else "infinite"
        evidence: dict[str, Any] = {what: loss.item() if loss.numel() == 1 else f"partly {kind}"}
        for e in [] if tape is None else tape.entries:
            # -inf on purpose, in a mask say, is not what made the loss NaN.
            good = all_finite if np.isinf(loss.array).any() else lacks_nan
            if not good(e.out) and all(good(a) for a in e.args):
                evidence |= {"where": e.place, "from": [describe(a) for a in e.args]}
                break
        yield Finding("not-finite", f"the {what} is not a finite number", evidence, ADVICE)
        return
    bad = [name for name, g in gradients.items() if not all_finite(g)]
    if bad:
        evidence = {"parameters": bad}
        message = again()
        if message is not None:
            evidence["first"] = message
        yield Finding("not-finite", "the loss is finite, its gradient is not", evidence, ADVICE)


def lacks_nan(x: Any) -> bool:
    array = getattr(x, "array", x)
    dtype = getattr(array, "dtype", None)
    return dtype is None or dtype.kind not in "fc" or not bool(np.isnan(array).any())


def describe(x: Any) -> str:
    if not hasattr(x, "shape") or x.shape == ():
        return str(getattr(x, "array", x))
    values = getattr(x, "array", x)
    return f"{values.dtype}{list(values.shape)}" + (
        f" from {values.min():.3g} to {values.max():.3g}" if 0 not in values.shape else ""
    )

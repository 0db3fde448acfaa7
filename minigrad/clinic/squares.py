"""The same op on inputs whose axes all have one size: a mix-up of axes then runs and is seen."""

from __future__ import annotations

import numpy as np

from minigrad.clinic.case import Case
from minigrad.clinic.subject import OpSubject

SIZE = 3


def squared(case: Case) -> Case | None:
    """None if the inputs were square already, or if the op does not take such inputs."""
    subject = case.subject
    if not isinstance(subject, OpSubject) or all(set(x.shape) <= {SIZE} for x in case.x):
        return None
    rng = np.random.default_rng(3)
    args = list(subject.args)
    for i, a in enumerate(args):
        if isinstance(a, np.ndarray) and a.dtype.kind == "f":
            args[i] = rng.uniform(0.3, 1.7, (SIZE,) * a.ndim)
    try:
        square = Case(
            OpSubject(subject.op, args, subject.kwargs, subject.places, subject.line), case.again
        )
        square.A  # noqa: B018 - computed here, to see whether it runs
    except Exception:  # the op refuses them
        return None
    return None if square.error is not None else square

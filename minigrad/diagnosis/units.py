"""Units that no longer learn: ReLUs that are always 0, tanh and sigmoid at their ends.

A dead ReLU passes no gradient, so it stays dead (Maas et al., "Rectifier nonlinearities improve
neural network acoustic models", 2013). Half of the units may be 0 for one sample; all of a layer's
for all samples of a batch are not. Where |tanh| > 0.99 its slope is below 0.02 (Glorot and Bengio,
"Understanding the difficulty of training deep feedforward neural networks", 2010, section 3).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad.diagnosis.report import Finding
from minigrad.diagnosis.tape import Tape

FEWEST = 8  # samples: with fewer, a unit may well be 0 for all of them
MOST = 0.9  # of a layer, dead or saturated


def units(tape: Tape) -> Iterator[Finding]:
    for i, e in enumerate(tape.entries):
        if not e.parameters or e.out.ndim < 2 or e.out.shape[0] < FEWEST:
            continue
        if e.op != "relu" and e.op not in ENDS:
            continue
        if not learns_after(tape, i):  # a hinge loss at 0, a classifier that is sure
            continue
        values = e.out.detach().cpu().numpy()
        if e.op == "relu":
            share = dead(values)
            if share > MOST:
                yield Finding(
                    "dead-relu",
                    "ReLU units give 0 for every sample of the batch: no gradient passes them",
                    {"where": e.place, "dead units": f"{share:.0%}", "samples": len(values)},
                    "lower the learning rate, look at the bias before them (far below 0?), use He "
                    "initialization, or LeakyReLU",
                )
        else:
            share = ENDS[e.op](values)
            if share > MOST:
                yield Finding(
                    "saturated-units",
                    f"{e.op} is at its ends, where its slope is nearly 0",
                    {"where": e.place, "saturated": f"{share:.0%}"},
                    "normalise the inputs, initialize the weights before it smaller (Xavier), or "
                    "put a normalization before it",
                )


def dead(values: np.ndarray) -> float:
    """The share of units (channels, or the last axis) that are 0 for all samples and places."""
    channel = 1 if values.ndim >= 4 else values.ndim - 1
    others = tuple(axis for axis in range(values.ndim) if axis != channel)
    return float(np.mean(np.all(values == 0, axis=others)))


def learns_after(tape: Tape, i: int) -> bool:
    """Whether other parameters come in later; if none do, it is the output, or in the loss."""
    return any(e.parameters - tape.entries[i].parameters for e in tape.entries[i + 1 :])


ENDS: dict[str, Any] = {
    "tanh": lambda y: float(np.mean(np.abs(y) > 0.99)),
    "sigmoid": lambda y: float(np.mean(np.abs(2 * y - 1) > 0.99)),
}

"""The worked example of `minigrad step`: a network small enough to be computed by hand.

Two inputs, two hidden ReLU units, one output. The second unit is off, so that it learns nothing
from this input, and the error is used twice, so that two gradients add up at it.
"""

from __future__ import annotations

import linecache
from typing import Any

from minigrad.viz.stepper.page import Stepper
from minigrad.viz.stepper.recorder import record
from minigrad.viz.stepper.watch import Watch

NAME = "example.py"
SOURCE: str = """\
import minigrad as mg

x = mg.tensor([1.0, 2.0])
W = mg.tensor([[1.0, -2.0], [0.5, 0.5]], requires_grad=True)
v = mg.tensor([1.0, 2.0], requires_grad=True)
target = mg.tensor(3.0)

hidden = mg.relu(x @ W)
output = hidden @ v
error = output - target
loss = error * error
"""


def worked_example() -> Stepper:
    """loss = (relu(x W) v - target)^2 = 1, dloss/dW = [[-2, 0], [-4, 0]], dloss/dv = [-4, 0].

    >>> print(worked_example().text(14))
    Step 15 of 15, backward: the gradients of the leaves
      v: [-4, 0]
      W: [[-2, 0], [-4, 0]]
    """
    # Text, and not code of this file: its lines are shown as the student's, not the library's.
    linecache.cache[NAME] = len(SOURCE), None, SOURCE.splitlines(keepends=True), NAME
    variables: dict[str, Any] = {}
    with Watch() as watch:
        exec(compile(SOURCE, NAME, "exec"), variables)
    return Stepper(record(variables["loss"], watch.names()))

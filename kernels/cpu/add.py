"""The sum of two arrays by several threads: see `kernels/reference/add.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.cpu.jit import threads
from kernels.cpu.parallel import bounds, parallel
from kernels.reference import add as reference
from kernels.scratch import empty


def add(x: Any, y: Any) -> np.ndarray:
    if not (x.flags.carray and y.flags.carray):  # NumPy needs no copies of views
        return reference.add(x, y)
    z = empty(x.shape, x.dtype)
    add_parts[threads()](x.reshape(-1), y.reshape(-1), z.reshape(-1))
    return z


@parallel
def add_parts(part, parts, x, y, z):
    first, last = bounds(part, parts, len(x))
    xs, ys, zs = x[first:last], y[first:last], z[first:last]
    for i in range(len(xs)):
        zs[i] = xs[i] + ys[i]

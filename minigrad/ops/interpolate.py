"""Every element of an axis several times: the nearest pixel of a picture that is so much larger."""

from __future__ import annotations

import numpy as np

from minigrad.graph import is_tensor, op
from minigrad.ops.places import at

__all__: list[str] = []  # PyTorch's name for it, repeat_interleave, is in arrange.py


@op
def enlarge(x, dim, times):
    """y[i] = x[i // times] along the axis `dim`. Gradient: the sums of `times` neighbours.

    In strides over the whole array: sums and copies over an axis of two or three are slow.
    """
    parts = [at(dim, slice(i, None, times)) for i in range(times)]
    if is_tensor(x):
        y = enlarge(x, dim, times)
    else:
        y = np.empty_like(x, shape=(*x.shape[:dim], x.shape[dim] * times, *x.shape[dim + 1 :]))
        for part in parts:
            y[part] = x
    return y, lambda g: sum(g[part] for part in parts)

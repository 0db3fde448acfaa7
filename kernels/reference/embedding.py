"""The gradient of a table of which rows were read: each gets the sum of what came back from it.

    y[n] = table[index[n]]          dtable[r] = the sum of g[n] over all n with index[n] = r

N D additions for g (N, D); N D numbers are read, and as many of the table, which is mostly zeros.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.reference.pool import add_at


def embedding_backward(
    g: Any, index: Any, rows: int, padding_idx: int = -1, scale_grad_by_freq: bool = False
) -> Any:
    """g (N, D), index (N) of integers from 0 to rows - 1; the result is (rows, D).

    The row padding_idx, if it is one, gets no gradient. scale_grad_by_freq: a row's gradient is
    divided by how often it was read.
    """
    if scale_grad_by_freq:
        often = np.bincount(index, minlength=rows)[index]
        g = g * np.reshape(1 / often, (-1, 1)).astype(g.dtype)
    if padding_idx >= 0:
        g = np.where(np.reshape(index == padding_idx, (-1, 1)), 0, g)
    table = np.zeros_like(g, shape=(rows, g.shape[1]), order="C")
    add_at(table, (index,), g)
    return table

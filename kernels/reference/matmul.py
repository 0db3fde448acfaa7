"""The matrix product."""

from __future__ import annotations

from typing import Any

import numpy as np


def matmul(a: Any, b: Any, bias: Any = None) -> Any:
    """C[..., i, j] = sum_k A[..., i, k] * B[..., k, j] + bias[j].

    a: (*batch, m, k), b: (*batch, k, n), bias: (n) or None, of one dtype; batches broadcast;
    C: (*batch, m, n).
    2 m n k FLOPs a product, (m k + k n + m n) numbers of memory at the least.
    """
    c = np.matmul(a, b)
    if bias is None:
        return c
    return np.add(c, bias, out=c if c.dtype == bias.dtype else None)  # c is ours


def matmul_grad_bias(g: Any) -> Any:
    """The gradient of the bias of a matrix (m, n), gb[j] = sum_i g[i, j]: (n)."""
    return g.sum(axis=0)

"""The matrix product."""

from __future__ import annotations

from typing import Any

import numpy as np


def matmul(a: Any, b: Any) -> Any:
    """C[..., i, j] = sum_k A[..., i, k] * B[..., k, j].

    a: (*batch, m, k), b: (*batch, k, n), of one dtype; batches broadcast; C: (*batch, m, n).
    2 m n k FLOPs a product, (m k + k n + m n) numbers of memory at the least.
    """
    return np.matmul(a, b)

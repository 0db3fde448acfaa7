"""Pooling in Numba: of every window of an image, its maximum or its mean.

The tables that say where windows lie are in `pool_windows.py`.
"""

from kernels.cpu.pool_max import adaptive_max_pool, max_pool, max_pool_backward
from kernels.cpu.pool_mean import (
    adaptive_avg_pool,
    adaptive_avg_pool_backward,
    avg_pool,
    avg_pool_backward,
)

__all__ = [
    "adaptive_avg_pool", "adaptive_avg_pool_backward", "adaptive_max_pool", "avg_pool",
    "avg_pool_backward", "max_pool", "max_pool_backward",
]  # fmt: skip

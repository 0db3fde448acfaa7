"""The memory that kernels write into: `empty` for results; `borrow`, kept from call to call.

A result begins at the start of a cache line. NumPy's own arrays begin anywhere: then each vector
that is as wide as a line is written to two of them, which makes a product some per cent slower.

The system hands out fresh memory a page at a time and fills it with zeros, when it is first
written to: for large arrays that takes longer than the arithmetic. So a kernel borrows a buffer:

    with borrow((n, k), x.dtype) as panel:
        ...

What is in it is whatever the last borrower left there.
"""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np

LIMIT = 256 * 2**20  # bytes that are kept when nobody has borrowed them
ALIGNMENT = 64  # bytes: a cache line, and the widest vector

SMALL = 2**14  # bytes: for fewer, finding the start of a line takes longer than it saves

_lock = threading.Lock()
_free: list[np.ndarray] = []  # buffers of bytes, the one given back last at the end


def empty(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """np.empty, but what is not small starts at a cache line."""
    dtype = np.dtype(dtype)
    needed = math.prod(shape) * dtype.itemsize
    if needed < SMALL:
        return np.empty(shape, dtype)
    return np.ndarray(shape, dtype, _aligned(needed))


def _aligned(size: int) -> np.ndarray:
    """So many bytes, from the start of a line on."""
    raw = np.empty(size + ALIGNMENT, np.uint8)
    start = -raw.ctypes.data % ALIGNMENT
    return raw[start : start + size]


class borrow:
    """An array of this shape for the block of the `with`, its contents undefined.

    Safe in threads: nobody else has the same memory meanwhile.
    """

    def __init__(self, shape: tuple[int, ...], dtype: Any):
        self.shape, self.dtype = shape, np.dtype(dtype)

    def __enter__(self) -> np.ndarray:
        needed = math.prod(self.shape) * self.dtype.itemsize
        self.buffer = _take(needed)
        return np.ndarray(self.shape, self.dtype, self.buffer)

    def __exit__(self, *exc_info: object) -> None:
        _give_back(self.buffer)


def _take(needed: int) -> np.ndarray:
    """The smallest buffer that is large enough, unless it is four times too large; or a new one."""
    with _lock:
        fitting = [i for i, b in enumerate(_free) if needed <= b.size <= max(4 * needed, 2**16)]
        if fitting:
            return _free.pop(min(fitting, key=lambda i: _free[i].size))
    return _aligned(needed)


def _give_back(buffer: np.ndarray) -> None:
    with _lock:
        _free.append(buffer)
        held = sum(b.size for b in _free)
        while held > LIMIT:
            held -= _free.pop(0).size  # the one that was not needed for longest


def clear() -> None:
    """Give all kept memory back to the system."""
    with _lock:
        _free.clear()

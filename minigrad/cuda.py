"""`minigrad.cuda`: is there a GPU?"""

from __future__ import annotations

from minigrad import backend


def is_available() -> bool:
    """True if CuPy is installed and finds a GPU."""
    return device_count() > 0


def device_count() -> int:
    """How many GPUs CuPy finds; 0 without CuPy."""
    try:
        return backend.cupy().cuda.runtime.getDeviceCount()
    except RuntimeError:
        return 0


def synchronize() -> None:
    """Wait until the GPU has done all that was asked of it."""
    backend.cupy().cuda.runtime.deviceSynchronize()

"""`minigrad.cuda`: is there a GPU?"""

from __future__ import annotations

from minigrad import backend, random


def is_available() -> bool:
    """True if CuPy is installed and finds a GPU."""
    return device_count() > 0


def device_count() -> int:
    """How many GPUs CuPy finds; 0 without CuPy."""
    try:
        return backend.cupy().cuda.runtime.getDeviceCount()
    except RuntimeError:
        return 0


def manual_seed(seed: int) -> None:
    """Seed the random numbers; they are drawn by the same generator for every device."""
    random.manual_seed(seed)


manual_seed_all = manual_seed


def empty_cache() -> None:
    """Give the GPU's memory that CuPy keeps for later use back to the system."""
    backend.cupy().get_default_memory_pool().free_all_blocks()


def synchronize() -> None:
    """Wait until the GPU has done all that was asked of it."""
    backend.cupy().cuda.runtime.deviceSynchronize()

"""Where arrays live: in NumPy on the CPU, in CuPy on a GPU.

Ops are written with NumPy's functions, which hand a CuPy array on to CuPy by themselves
(NEP 13 and NEP 18). What is left for this file is the choice of a device, moving between
devices, and the few functions that NumPy's protocols do not cover.
"""

from __future__ import annotations

import functools
import importlib
from typing import Any

import numpy as np

import kernels

LARGE = 2**17  # elements, from which on several threads add faster than NumPy's one


def plus(x: Any, y: Any) -> Any:
    """x + y; by the kernel if they are large and alike, as in a residual connection."""
    large = x.__class__ is np.ndarray is y.__class__ and x.size >= LARGE
    if large and x.shape == y.shape and x.dtype == y.dtype and x.dtype.char in "fd":
        return kernels.add(x, y)
    return x + y


class Device:
    """`cpu`, `cuda` or `cuda:1`: equal to the string that names it.

    >>> Device("cuda:0").type, Device("cuda:0").index
    ('cuda', 0)
    >>> Device("cpu") == "cpu"
    True
    """

    __slots__ = ("index", "type")

    def __init__(self, name: Any = "cpu", index: int | None = None):
        if isinstance(name, Device):
            name, index = name.type, name.index
        kind, _, number = str(name).partition(":")
        if kind not in ("cpu", "cuda") or (number and not number.isdigit()):
            raise RuntimeError(f"device: expected 'cpu', 'cuda' or 'cuda:N', got {name!r}")
        self.type = kind
        self.index = int(number) if number else index

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        return f"device(type='{self.type}'" + (
            ")" if self.index is None else f", index={self.index})"
        )

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            other = Device(other)
        if not isinstance(other, Device):
            return NotImplemented
        return self.type == other.type and (self.index or 0) == (other.index or 0)

    def __hash__(self) -> int:
        return hash((self.type, self.index or 0))


CPU = Device("cpu")


def device_of(array: Any) -> Device:
    """The device that holds `array`."""
    if isinstance(array, (np.ndarray, np.generic)):
        return CPU
    return Device("cuda", getattr(array.device, "id", 0))


@functools.cache
def cupy() -> Any:
    """CuPy, once it is sure that it is installed and finds a GPU; else one sentence says why."""
    try:
        cp = importlib.import_module("cupy")
    except ImportError:
        raise RuntimeError(
            "device 'cuda': needs CuPy, which is not installed: "
            "pip install 'minigrad[cuda12]' or 'minigrad[cuda13]'"
        ) from None
    try:
        count = cp.cuda.runtime.getDeviceCount()
    except cp.cuda.runtime.CUDARuntimeError as error:
        raise RuntimeError(f"device 'cuda': CuPy finds no GPU ({error})") from None
    if count == 0:
        raise RuntimeError("device 'cuda': this machine has no GPU")
    return cp


def to_device(array: Any, device: Any) -> Any:
    """`array` on `device`; the same array if it is there already."""
    device = Device(device)
    if device == device_of(array) or (device.type == "cuda" and device.index is None
                                      and device_of(array).type == "cuda"):  # fmt: skip
        return array
    if device.type == "cpu":
        return array.get()
    cp = cupy()
    with cp.cuda.Device(device.index or 0):
        return cp.asarray(array)


def is_array(x: Any) -> bool:
    """True for what NumPy's protocols treat as an array and is not a NumPy scalar."""
    return hasattr(x, "__array_ufunc__") and hasattr(x, "strides")


def add_at(out: Any, index: Any, values: Any) -> None:
    """out[index] += values, adding every time an index is repeated."""
    if type(out).__module__.startswith("cupy"):
        cupy().add.at(out, index, values)
    else:
        np.add.at(out, index, values)

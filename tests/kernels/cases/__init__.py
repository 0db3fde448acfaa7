"""The table of cases that every implementation of every kernel is checked on.

    @cases("softmax")
    def softmax(rng):
        yield Case(rng.standard_normal((3, 5)))

One file a stem, as in `kernels/`. Arguments are what a kernel takes, with float64 arrays; the
harness in `test_every_kernel.py` runs them in float32 as well, with gaps in memory, and in other
ways. `rtol` and `atol` are those of float64; those of float32 are as many times larger as its
rounding is coarser.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

# float32 rounds 2**29 times coarser.
COARSER = 2.0**29


class Case:
    """Arguments for one call of a kernel, and how close its results must be."""

    def __init__(self, *args: Any, rtol: float = 1e-13, atol: float = 1e-13, **kwargs: Any):
        self.args, self.kwargs, self.rtol, self.atol = args, kwargs, rtol, atol

    def __repr__(self) -> str:
        parts = [show(a) for a in self.args] + [f"{k}={show(v)}" for k, v in self.kwargs.items()]
        return f"({', '.join(parts)})"


def show(a: Any) -> str:
    if isinstance(a, np.ndarray):
        odd = "" if a.dtype.kind != "f" or np.isfinite(a).all() else "!"
        return f"{a.dtype}{list(a.shape)}{odd}"
    return f"[{', '.join(map(show, a))}]" if isinstance(a, (list, tuple)) else repr(a)


CASES: dict[str, Callable[[np.random.Generator], Iterator[Case]]] = {}


def cases(name: str) -> Callable:
    """Register a generator of Cases for the kernel `name`."""

    def register(make: Callable) -> Callable:
        assert name not in CASES, f"cases of {name} twice"
        CASES[name] = make
        return make

    return register


def load_all() -> dict[str, Callable]:
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return CASES

"""Sample inputs of every op: what the harness in `test_every_op.py` checks it on.

    @samples("tanh", complex_step=True)
    def tanh(rng):
        yield Sample(rng.standard_normal((2, 3)))

Arguments are what a user would pass, with NumPy arrays in the place of Tensors (in lists and
tuples too). Every float64 array is differentiated, unless its position is in `constant`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np


class Sample:
    """Arguments for one call of an op."""

    def __init__(self, *args: Any, constant: tuple[int, ...] = (), **kwargs: Any):
        self.args, self.kwargs, self.constant = args, kwargs, constant

    def __repr__(self) -> str:
        def show(a: Any) -> str:
            if isinstance(a, np.ndarray):
                return f"{a.dtype}{list(a.shape)}"
            return f"[{', '.join(map(show, a))}]" if isinstance(a, (list, tuple)) else repr(a)

        parts = [show(a) for a in self.args]
        parts += [f"{k}={show(v)}" for k, v in self.kwargs.items()]
        return f"({', '.join(parts)})"


@dataclass
class Samples:
    name: str
    make: Callable[[np.random.Generator], Iterator[Sample]]
    complex_step: bool  # analytic in its inputs, and NumPy computes it for complex numbers
    second_order: bool  # False only where PyTorch has none either; say why in a comment
    covers: list[str] = field(default_factory=list)  # ops that only this function calls


SAMPLES: dict[str, Samples] = {}


def samples(
    name: str, *, complex_step: bool = False, second_order: bool = True, covers: Any = ()
) -> Callable:
    """Register a generator of Samples for the op or function `minigrad.ops.<name>`."""

    def register(make: Callable) -> Callable:
        assert name not in SAMPLES, f"samples of {name} are registered twice"
        SAMPLES[name] = Samples(name, make, complex_step, second_order, list(covers))
        return make

    return register


def load_all() -> dict[str, Samples]:
    """Import every file of samples and return what they registered."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return SAMPLES

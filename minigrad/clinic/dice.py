"""Random numbers that come out the same again, so that a random function can be checked at all."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from minigrad import random
from minigrad.clinic.untouched import is_filled, named


def generators(function: Any) -> list:
    """The random generators that a function can reach: NumPy's, the library's, its own."""
    return [np.random, random.default_generator, *_reached(function, set())]


def _reached(function: Any, seen: set[int]) -> list:
    spec = getattr(function, "spec", None)
    function = spec.fn if spec is not None else function
    code = getattr(function, "__code__", None)
    if code is None or id(function) in seen:
        return []
    seen.add(id(function))
    held = [function.__globals__[n] for n in named(code) if n in function.__globals__]
    held += [c.cell_contents for c in function.__closure__ or () if is_filled(c)]
    found = [v for v in held if isinstance(v, (np.random.Generator, np.random.RandomState))]
    parts = [
        p for v in held if hasattr(v, "modules") for m in v.modules() for p in vars(m).values()
    ]
    found += [v for v in parts if isinstance(v, (np.random.Generator, np.random.RandomState))]
    return found + [g for v in held if callable(v) for g in _reached(v, seen)]


def state_of(generator: Any) -> Any:
    if isinstance(generator, np.random.Generator):
        return copy.deepcopy(generator.bit_generator.state)
    return generator.get_state()


def restore(generator: Any, state: Any) -> None:
    if isinstance(generator, np.random.Generator):
        generator.bit_generator.state = copy.deepcopy(state)
    else:
        generator.set_state(state)


LOOKED_AT = 8  # calls, in which a generator that is used at all is seen to have moved


@contextlib.contextmanager
def thrown_once(function: Callable) -> Iterator[Callable[[], None]]:
    """Inside, each call of what it gives puts all generators back to where they were.

    On leaving they stand where they stood before: a check is not seen in later numbers. Most
    functions draw nothing, and to put a generator back costs more than they do: what has not
    moved in the first calls is left alone.
    """
    found = [(g, state_of(g)) for g in generators(function)]
    used: list[tuple] = []
    calls = 0

    def again() -> None:
        nonlocal calls
        calls += 1
        if calls < LOOKED_AT:
            moved = [pair for pair in found if not _equal(state_of(pair[0]), pair[1])]
            used.extend(p for p in moved if all(p[0] is not g for g, _ in used))
        for generator, state in used:
            restore(generator, state)

    try:
        yield again
    finally:
        for generator, state in found:
            restore(generator, state)


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, dict):
        return all(_equal(a[k], b[k]) for k in a)
    if isinstance(a, tuple):
        return all(map(_equal, a, b))
    return bool(np.all(a == b))

"""One measurement: the same lines of code run by minigrad, by its NumPy reference, by PyTorch.

What is measured is written once, as a function of the library, `lib`: minigrad or torch, whose
names are the same. Before anything is timed, the results are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

import kernels
import minigrad as mg
from minigrad.bench import timing
from minigrad.bench.report import BASE, Goal, Row

Run = Callable[[], Any]
Build = Callable[[Any], Run]  # of a library


class Setting(NamedTuple):
    """What a run of `minigrad bench` was asked for, and with what."""

    torch: Any  # the module, or None
    threads: int = 1
    quick: bool = False  # small sizes and few rounds: a look, not a measurement

    @property
    def pace(self) -> timing.Pace:
        return timing.BRIEF if self.quick else timing.FULL


class Disagreement(RuntimeError):
    """Two libraries that should compute the same do not: their times would mean nothing."""


def measured(
    setting: Setting, name: str, build: Build, goal: Goal | None = None, *, flops: float = 0,
    bytes: float = 0, tolerance: float = 1e-3, note: str = "",
) -> Row:  # fmt: skip
    """The row of a piece of code that `build` writes for a library.

    flops, bytes: what one call computes, and reads and writes at the least (for the roofline).
    tolerance: by how much results may differ, relative to the largest; 0 to compare none.
    """
    return timed(
        setting, name, each(setting, build), goal, flops=flops, bytes=bytes, tolerance=tolerance,
        note=note,
    )  # fmt: skip


def timed(
    setting: Setting, name: str, runs: Mapping[str, Run], goal: Goal | None = None, *,
    flops: float = 0, bytes: float = 0, tolerance: float = 1e-3, note: str = "",
) -> Row:  # fmt: skip
    """The same for runs that were written one by one."""
    if tolerance:
        check(name, runs, tolerance)
    row = Row.of_times(name, timing.compare(runs, setting.pace), goal, note)
    return row._replace(flops=float(flops), bytes=float(bytes))


def each(setting: Setting, build: Build) -> dict[str, Run]:
    """What is to be timed, for each library that is there."""
    runs = {BASE: build(mg), "NumPy": by_reference(build(mg))}
    if setting.torch:
        runs["PyTorch"] = build(setting.torch)
    return runs


def by_reference(run: Run) -> Run:
    """run, every kernel of it being the NumPy one."""

    def with_numpy() -> Any:
        with kernels.use("numpy"):
            return run()

    return with_numpy


def check(name: str, runs: Mapping[str, Run], tolerance: float) -> None:
    """Run each once; Disagreement, unless all results are those of the first."""
    (first, run), *others = runs.items()
    expected = arrays(run())
    for who, other in others:
        for i, (a, b) in enumerate(zip(expected, arrays(other()), strict=True)):
            off = np.abs(a - b).max(initial=0) / max(np.abs(a).max(initial=0), 1e-30)
            if not off <= tolerance:
                raise Disagreement(
                    f"{name}: result {i} of {first} and of {who} differ by {off:.1e} of the "
                    f"largest number, more than {tolerance:g}"
                )


def arrays(result: Any) -> list[np.ndarray]:
    """A tensor, an array, or a structure of them as copies in float64."""
    if isinstance(result, (list, tuple)):
        return [leaf for item in result for leaf in arrays(item)]
    if hasattr(result, "detach"):
        result = result.detach().cpu().numpy()
    return [np.array(result, np.float64)]


# ---------------------------------------------------------------------------- how code is written


def normal(*shape: int, scale: float = 1.0, seed: int = 0) -> np.ndarray:
    return scale * np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def both(lib: Any, f: Callable, *inputs: np.ndarray) -> Run:
    """f forward and backward: its value, and the gradients of all inputs."""
    tensors = [lib.tensor(x).requires_grad_() for x in inputs]
    g = lib.tensor(normal(*f(*tensors).shape, seed=1))

    def run() -> Any:
        y = f(*tensors)
        return y, *lib.autograd.grad(y, tensors, g)

    return run

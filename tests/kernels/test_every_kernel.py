"""Every kernel there is, every implementation of it, on every case of the shared table.

The reference in float64 is what the others must agree with. CUDA kernels run in Numba's simulator
in a process of their own: see test_simulator.py.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
import pytest

import kernels
from kernels import scratch
from tests.kernels.cases import CASES, COARSER, Case, load_all

load_all()
RUNS = [
    pytest.param(name, case, id=f"{name}{case}"[:120])
    for name, make in sorted(CASES.items())
    for case in make(np.random.default_rng(0))
]
ON_CPU = [r for r in RUNS if kernels.KERNELS[str(r.values[0])].has("numba")]


def test_every_kernel_has_cases():
    assert sorted(CASES) == sorted(kernels.KERNELS)


# ---------------------------------------------------------------------------- how a case is run


def changed(x: Any, how: Any) -> Any:
    """x with `how` applied to every array in it."""
    if isinstance(x, (list, tuple)):
        return type(x)(changed(a, how) for a in x)
    return how(x) if isinstance(x, np.ndarray) else x


def call(name: str, implementation: str, case: Case, how: Any = np.copy) -> list[np.ndarray]:
    """The results, of arguments that are copies (kernels that update in place change these)."""
    args, kwargs = changed(case.args, how), {k: changed(v, how) for k, v in case.kwargs.items()}
    with kernels.use(implementation), np.errstate(all="ignore"):  # there is NaN in some cases
        out = getattr(kernels, name)(*args, **kwargs)
    if out is None:  # an update in place: its arguments are its results
        out = flat(args)
    return flat(out)


def flat(x: Any) -> list[np.ndarray]:
    if isinstance(x, (list, tuple)):
        return [leaf for item in x for leaf in flat(item)]
    return [] if x is None else [np.asarray(x)]


def single(a: np.ndarray) -> np.ndarray:
    return a.astype(np.float32) if a.dtype == np.float64 else a.copy()


def spread(a: np.ndarray) -> np.ndarray:
    """The same numbers in memory with gaps between them, and with the axes in another order."""
    if a.ndim == 0:
        return a.copy()
    wide = np.full(tuple(2 * n + 1 for n in a.shape[::-1]), 77, a.dtype).T
    view = wide[tuple(slice(1, None, 2) for _ in a.shape)]
    view[...] = a
    return view


def frozen(a: np.ndarray) -> np.ndarray:
    a = a.copy()
    a.flags.writeable = False
    return a


def assert_close(got: list, expected: list, case: Case, coarser: float = 1.0) -> None:
    assert len(got) == len(expected)
    for a, b in zip(got, expected, strict=True):
        assert a.shape == b.shape
        if b.dtype.kind == "f":
            scale = 1 + (np.abs(b[np.isfinite(b)]).max(initial=0))
            np.testing.assert_allclose(
                a.astype(np.float64), b, rtol=case.rtol * coarser, atol=case.atol * coarser * scale
            )
        else:
            np.testing.assert_array_equal(a, b)


# ---------------------------------------------------------------------------- the checks


@pytest.mark.parametrize(("name", "case"), ON_CPU)
def test_float64(name, case):
    assert_close(call(name, "numba", case), call(name, "numpy", case), case)


@pytest.mark.parametrize(("name", "case"), ON_CPU)
def test_float32(name, case):
    got = call(name, "numba", case, single)
    # The reference gets the rounded numbers, in float64.
    rounded = Case(
        *changed(case.args, lambda a: single(a).astype(a.dtype)),
        **{k: changed(v, lambda a: single(a).astype(a.dtype)) for k, v in case.kwargs.items()},
    )
    expected = call(name, "numpy", rounded)
    assert [a.dtype for a in got] == [a.dtype for a in call(name, "numpy", case, single)]
    assert_close(got, expected, case, COARSER)


@pytest.mark.parametrize(("name", "case"), ON_CPU)
def test_strided(name, case):
    """Gaps between the numbers; a result may differ by rounding, if it is summed otherwise."""
    assert_close(call(name, "numba", case, spread), call(name, "numba", case), case)


@pytest.mark.parametrize(("name", "case"), ON_CPU)
def test_inputs_are_not_written_to(name, case):
    if kernels.KERNELS[name].stem == "optimizer":
        pytest.skip("it updates its arguments in place, that is what it is for")
    call(name, "numba", case, frozen)
    inputs: list[np.ndarray] = []

    def keep(a):
        inputs.append(a.copy())
        return inputs[-1]

    call(name, "numba", case, keep)
    originals = flat_arrays(case.args) + flat_arrays(list(case.kwargs.values()))
    for before, after in zip(originals, inputs, strict=True):
        np.testing.assert_array_equal(after, before)


def flat_arrays(x: Any) -> list[np.ndarray]:
    if isinstance(x, (list, tuple)):
        return [leaf for item in x for leaf in flat_arrays(item)]
    return [x] if isinstance(x, np.ndarray) else []


@pytest.mark.parametrize(("name", "case"), ON_CPU)
def test_one_thread_and_two_agree(name, case):
    """To the last bit: who does the work must not decide the order of a sum."""
    many = numba.get_num_threads()
    two = call(name, "numba", case)
    numba.set_num_threads(1)
    try:
        one = call(name, "numba", case)
    finally:
        numba.set_num_threads(many)
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(("name", "case"), ON_CPU)
def test_no_result_depends_on_what_memory_held(name, case):
    """Every buffer that a kernel borrows or allocates is full of NaN, then of other numbers."""
    results = []
    for rubbish in (np.nan, 1e30):
        with filled_memory(rubbish):
            results.append(call(name, "numba", case))
    for a, b in zip(*results, strict=True):
        np.testing.assert_array_equal(a, b)


class filled_memory:
    """np.empty and the scratch pool hand out memory that is full of `value`.

    Behind every array from np.empty there is more of it, which must be untouched at the end: a
    kernel that writes beyond its output is found out.
    """

    BEYOND = 4096  # bytes
    CANARY = 0xA5

    def __init__(self, value: float):
        self.value = value

    def __enter__(self) -> None:
        self.real = np.empty, np.empty_like, scratch._take
        self.blocks: list[np.ndarray] = []

        def empty(shape, dtype=np.float64, **kwargs):
            shape = (shape,) if isinstance(shape, int) else tuple(shape)
            size = math.prod(shape) * np.dtype(dtype).itemsize
            block = np.full(size + self.BEYOND, self.CANARY, np.uint8)
            self.blocks.append(block[size:])
            array = np.ndarray(shape, dtype, block)
            if array.dtype.kind in "fiu":
                array[...] = self.value if array.dtype.kind == "f" else 113
            return array

        def take(needed):
            buffer = self.real[2](needed)
            count = len(buffer) // 8 * 8
            buffer[:count].view(np.float64)[...] = self.value
            return buffer

        np.empty, scratch._take = empty, take
        np.empty_like = lambda x, dtype=None, **kw: empty(
            kw.get("shape", x.shape), dtype or x.dtype
        )

    def __exit__(self, *exc_info: object) -> None:
        np.empty, np.empty_like, scratch._take = self.real
        for beyond in self.blocks:
            assert (beyond == self.CANARY).all(), "a kernel wrote beyond an array"

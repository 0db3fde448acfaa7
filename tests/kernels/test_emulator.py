"""The CUDA C++ of kernels/cuda, run on the CPU by an emulator, against the reference in float64.

Nothing here needs a GPU: g++ compiles the very sources, with a header in the place of the machine's
own instructions (emulator/cuda_on_cpu.h). Threads run in one order and then in the reverse one, and
asynchronous copies are made at once and then as late as can be; a kernel that lacks a barrier gives
other numbers. What takes long is left to the nightly run.
"""

from __future__ import annotations

from typing import Any

import pytest

import kernels
from kernels.cuda import source
from tests.kernels import emulator
from tests.kernels.against_reference import (
    TENSOR_STEMS,
    arrays,
    cases_of,
    check,
    dtypes_of,
    on_gpu,
    results,
    rounded,
)

pytestmark = pytest.mark.skipif(
    emulator.missing() is not None, reason=f"no emulator: {emulator.missing()}"
)
NIGHTLY = pytest.mark.nightly
SMALL, LARGE = 8_000, 40_000  # numbers: more take the emulator long
RUNS = [
    pytest.param(name, dtype, marks=[] if dtype in ("float32", "float16") else NIGHTLY)
    for name in on_gpu()
    for dtype in dtypes_of(name)
]


@pytest.fixture
def emulate(request, monkeypatch, tmp_path_factory):
    """emulate(name, case, **how): the results in CUDA C++; None if it has no kernel for that."""
    cache = getattr(request.config, "cache", None)  # not there with -p no:cacheprovider
    # Compiled kernels are kept for the next run.
    folder = cache.mkdir("cuda_on_cpu") if cache else tmp_path_factory.getbasetemp()

    class HasNone(Exception):
        pass

    def twin(*args: Any) -> None:
        raise HasNone

    for stem in {kernels.KERNELS[name].stem for name in on_gpu()}:
        monkeypatch.setattr(f"kernels.cuda.{stem}.launch", twin)

    def run(name: str, case: Any, **how: bool) -> Any:
        function = kernels.KERNELS[name].implementation("cuda")
        try:
            with emulator.emulated(folder, **how) as ran:
                got = results(function, case)
        except HasNone:
            return None
        return got if ran else None  # else it went to the reference

    return run


@pytest.mark.parametrize(("name", "dtype"), RUNS)
def test_cuda_cpp(name, dtype, emulate, request):
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes", reason="NumPy has no bfloat16 without ml_dtypes")
    for case in cases_of(name, LARGE if request.config.option.markexpr == "nightly" else SMALL):
        narrow, wide = rounded(case, dtype)
        got = emulate(name, narrow)
        if got is not None:
            check(name, wide, dtype, got)


@pytest.mark.nightly
@pytest.mark.parametrize("name", on_gpu(TENSOR_STEMS))
def test_tf32(name, emulate):
    token = source.tf32.set(True)
    try:
        for case in cases_of(name, LARGE):
            narrow, wide = rounded(case, "tf32")
            got = emulate(name, narrow)
            if got is not None:
                check(name, wide, "tf32", got)
    finally:
        source.tf32.reset(token)


@pytest.mark.parametrize("name", on_gpu())
def test_no_result_depends_on_who_comes_first(name, emulate):
    """To the last bit: a missing barrier, or a copy that is not waited for, would show here."""
    ways = [{"backwards": b, "late": late} for b in (False, True) for late in (False, True)]
    cases = sorted(cases_of(name, 10_000), key=lambda case: sum(a.size for a in arrays(case.args)))
    for case in cases[-2:]:
        narrow, _ = rounded(case, "float16")
        got = [arrays([emulate(name, narrow, **way)]) for way in ways]
        first, *others = [[a.tobytes() for a in one] for one in got]
        assert all(other == first for other in others), f"{name}{case}"

"""On a real GPU: every CUDA implementation against the reference, CUDA C++ and readable twins.

Values: `pytest -m gpu tests/kernels`. Races: `compute-sanitizer --tool racecheck python -m pytest
-m gpu tests/kernels`; reads and writes outside of arrays: the same with `--tool memcheck`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernels
from kernels.cuda import source
from kernels.cuda.device import ceilings
from tests.kernels.against_reference import (
    TENSOR_STEMS,
    arrays,
    cases_of,
    changed,
    check,
    dtypes_of,
    on_gpu,
    rounded,
)
from tests.kernels.cases import Case

pytestmark = pytest.mark.gpu
RUNS = [(name, dtype) for name in on_gpu() for dtype in dtypes_of(name)]


def run(name: str, case: Case) -> Any:
    """The results of a kernel on the GPU, brought back."""
    import cupy

    args, kwargs = changed(case.args, cupy.asarray), changed(case.kwargs, cupy.asarray)
    with kernels.use("cuda"):
        returned = getattr(kernels, name)(*args, **kwargs)
    return [a.get() for a in arrays([args if returned is None else returned])]


@pytest.mark.parametrize(("name", "dtype"), RUNS)
def test_cuda_cpp(name, dtype):
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes")
    for case in cases_of(name, 10**6):
        narrow, wide = rounded(case, dtype)
        check(name, wide, dtype, run(name, narrow))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", on_gpu())
def test_readable_twin(name, dtype):
    for case in cases_of(name, 10**6):
        narrow, wide = rounded(case, dtype)
        with source.readable():
            check(name, wide, dtype, run(name, narrow))


@pytest.mark.parametrize("name", on_gpu(TENSOR_STEMS))
def test_tf32(name):
    token = source.tf32.set(True)
    try:
        for case in cases_of(name, 10**6):
            narrow, wide = rounded(case, "tf32")
            check(name, wide, "tf32", run(name, narrow))
    finally:
        source.tf32.reset(token)


def large(rng: np.random.Generator) -> dict[str, Case]:
    """Sizes as in training: many blocks, rows that are longer than a block, offsets in the GB."""
    n = rng.standard_normal
    q, k, v, g = n((2, 8, 1000, 64)), n((2, 2, 1100, 64)), n((2, 2, 1100, 64)), n((2, 8, 1000, 64))
    out, lse = kernels.KERNELS["attention"].implementation("numpy")(q, k, v, causal=True)
    x, weight = n((8, 64, 56, 56)), n((128, 64, 3, 3))
    geometry = ((1, 1), (1, 1), (1, 1), 1)
    return {
        "softmax": Case(n((2048, 32000))),
        "cross_entropy": Case(n((2048, 32000)), rng.integers(0, 32000, 2048)),
        "layer_norm": Case(n((4096, 1025)), n(1025), n(1025), 1e-5),
        "matmul": Case(n((2, 1031, 517)), n((517, 2050)), rtol=1e-11, atol=1e-12),
        "conv": Case(x, weight, n(128), *geometry, rtol=1e-11, atol=1e-12),
        "conv_grad_input": Case(n((8, 128, 56, 56)), weight, (56, 56), *geometry, rtol=1e-11),
        "conv_grad_weight": Case(n((8, 128, 56, 56)), x, (3, 3), *geometry, rtol=1e-11),
        "attention": Case(q, k, v, causal=True, rtol=1e-12),
        "attention_backward": Case(g, q, k, v, out, lse, causal=True, rtol=1e-12),
        "gelu": Case(n(10**7 + 3)),
    }


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_large(dtype):
    for name, case in large(np.random.default_rng(0)).items():
        narrow, wide = rounded(case, dtype)
        check(name, wide, dtype, run(name, narrow))


@pytest.mark.parametrize("name", on_gpu())
def test_the_same_each_time(name):
    """To the last bit: no block adds to what another one adds to."""
    for case in cases_of(name, 10**5):
        narrow, _ = rounded(case, "float32")
        first, second = run(name, narrow), run(name, narrow)
        assert [a.tobytes() for a in first] == [a.tobytes() for a in second], f"{name}{case}"


def test_views():
    """Arrays that are not in C order, or start at an odd place, where no 16 bytes can be read."""
    import cupy

    x = np.random.default_rng(0).standard_normal((71, 65)).astype(np.float16)
    on_device = cupy.asarray(x)
    with kernels.use("cuda"):
        for where in (np.s_[:], np.s_[1:], np.s_[1::2, ::-1], np.s_[:, 1:]):
            expected = Case(x[where].astype(np.float64))
            check("softmax", expected, "float16", kernels.softmax(on_device[where]).get())
            transposed = kernels.softmax(on_device[where].T).get()
            check("softmax", Case(x[where].T.astype(np.float64)), "float16", transposed)
        flat = cupy.asarray(np.arange(100.0, dtype=np.float32))
        for start in range(4):  # already in C order, and aligned to 4 bytes alone
            got = kernels.relu(flat[start:]).get()
            check("relu", Case(np.arange(start, 100.0)), "float32", got)


def test_other_dtypes_go_to_the_reference():
    import cupy

    relu = kernels.KERNELS["relu"]
    assert relu.choose(cupy.arange(3)) is relu.implementation("numpy")


def test_ceilings():
    limits = ceilings()
    assert limits["name"]
    assert limits["bandwidth"] > 1e11
    assert limits["multiprocessors"] > 0

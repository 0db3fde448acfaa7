"""How the CUDA kernels are held against the reference: on a GPU, emulated, and simulated.

The reference computes in float64, from the very numbers that the kernel got: arguments are rounded
to the kernel's dtype first. So what is compared is the kernel's own error.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import kernels
from kernels.cuda import source
from tests.kernels.cases import CASES, COARSER, Case, load_all
from tests.kernels.cases.conv import arrays as conv_arrays

load_all()
# The largest error, relative to the largest number of the result: float16 rounds at 2**-11,
# bfloat16 at 2**-8, and weights and products are rounded on the way. TF32 has float16's fraction.
HALF = {"float16": 4e-3, "bfloat16": 3e-2, "tf32": 4e-3}
TENSOR_STEMS = ("matmul", "conv", "attention")  # tensor cores: no float64


def on_gpu(stems: tuple[str, ...] = ()) -> list[str]:
    """The kernels with a CUDA implementation, of certain stems or all."""
    stem = {name: kernels.KERNELS[name].stem for name in sorted(CASES)}
    chosen = [name for name in stem if not stems or stem[name] in stems]
    return [name for name in chosen if kernels.KERNELS[name].has("cuda")]


def dtypes_of(name: str) -> list[str]:
    """The dtypes that a kernel is written for in CUDA C++."""
    tensor = kernels.KERNELS[name].stem in TENSOR_STEMS
    return [t for t in source.TYPES if not (tensor and t == "float64")]


def cases_of(name: str, most: int, own: bool = True) -> Iterator[Case]:
    """The shared cases, and the kernel's own below, with at most so many numbers."""
    rng = np.random.default_rng(0)
    more = MORE[name] if own and name in MORE else lambda rng: ()
    for case in [*CASES[name](rng), *more(rng)]:
        if sum(a.size for a in arrays([case.args, case.kwargs])) <= most:
            yield case


def dtype_of(name: str) -> Any:
    if name == "bfloat16":
        name = importlib.import_module("ml_dtypes").bfloat16
    return np.dtype(name)


def changed(x: Any, how: Callable) -> Any:
    """x with `how` applied to every array in it."""
    if isinstance(x, dict):
        return {k: changed(v, how) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return type(x)(changed(a, how) for a in x)
    return how(x) if isinstance(x, np.ndarray) else x


def arrays(x: Any) -> list[np.ndarray]:
    if isinstance(x, dict):
        x = list(x.values())
    if isinstance(x, (list, tuple)):
        return [leaf for item in x for leaf in arrays(item)]
    return [] if x is None or not hasattr(x, "dtype") else [x]


def rounded(case: Case, dtype: str) -> tuple[Case, Case]:
    """The case in `dtype`, and the same numbers in float64. "tf32": float32, of what TF32 keeps."""
    kind = dtype_of("float32" if dtype == "tf32" else dtype)

    def narrow(a):
        if a.dtype != np.float64:
            return a
        a = a.astype(kind)
        return (a.view(np.uint32) & 0xFFFFE000).view(kind) if dtype == "tf32" else a

    def wide(a):
        return narrow(a).astype(np.float64) if a.dtype == np.float64 else a

    def of(how):
        args, kwargs = changed(case.args, how), changed(case.kwargs, how)
        return Case(*args, rtol=case.rtol, atol=case.atol, **kwargs)

    with np.errstate(over="ignore"):
        return of(narrow), of(wide)


def results(function: Callable, case: Case) -> list:
    """What a kernel returns for copies of a case's arguments; or, for an update in place, these."""
    args, kwargs = changed(case.args, np.copy), changed(case.kwargs, np.copy)
    with np.errstate(all="ignore"):
        returned = function(*args, **kwargs)
    return arrays([args if returned is None else returned])


def check(name: str, case: Case, dtype: str, got: Any) -> None:
    """Compare a kernel's results with the reference's for `case`, which is in float64."""
    got, wanted = arrays([got]), results(kernels.KERNELS[name].implementation("numpy"), case)
    assert len(got) == len(wanted), f"{name}{case}"
    bound = HALF.get(dtype)
    coarser = COARSER if dtype == "float32" else 1
    largest = float(np.finfo(np.float16).max) if dtype == "float16" else np.inf
    for a, b in zip(got, wanted, strict=True):
        assert a.shape == b.shape, f"{name}{case}"
        a, finite = a.astype(b.dtype), np.isfinite(b)
        scale = 1 + np.abs(b[finite]).max(initial=0)
        representable = ~finite | (np.abs(b) < largest)
        np.testing.assert_allclose(
            a[representable],
            b[representable],
            rtol=bound or case.rtol * coarser,
            atol=(bound or case.atol * coarser) * min(scale, largest),
            err_msg=f"{name}{case} in {dtype}",
        )


# ---------------------------------------------------------------------------- more cases

# Sizes around the edges of the tiles of CUDA C++ (128 x 128, and 64 or 128 queries by 64 keys).


def matmuls(rng: np.random.Generator) -> Iterator[Case]:
    for m, n, k in ((130, 136, 72), (64, 200, 100), (127, 3, 33), (16, 24, 136)):
        a, b = rng.standard_normal((m, k)), rng.standard_normal((k, n))
        for x in (a, a.T.copy().T):
            for y in (b, b.T.copy().T):
                yield Case(x, y)


def convolutions(rng: np.random.Generator) -> Iterator[tuple]:
    for shape in (
        # n, channels, filters, groups, spatial, kernel, stride, padding, dilation
        (2, 10, 12, 1, (9, 10), (3, 3), (1, 1), (1, 1), (1, 1)),
        (1, 18, 20, 2, (9, 21), (3, 2), (2, 1), (1, 0), (1, 2)),
        (2, 9, 140, 1, (17,), (3,), (1,), (1,), (1,)),
    ):
        yield (*conv_arrays(rng, *shape), shape)


def conv(rng: np.random.Generator) -> Iterator[Case]:
    for x, weight, _, shape in convolutions(rng):
        yield Case(x, weight, rng.standard_normal(shape[2]), *shape[6:], shape[3], rtol=1e-12)


def conv_grad_input(rng: np.random.Generator) -> Iterator[Case]:
    for _, weight, g, shape in convolutions(rng):
        yield Case(g, weight, shape[4], *shape[6:], shape[3], rtol=1e-12)


def conv_grad_weight(rng: np.random.Generator) -> Iterator[Case]:
    for x, _, g, shape in convolutions(rng):
        yield Case(g, x, shape[5], *shape[6:], shape[3], rtol=1e-12)


def attentions(rng: np.random.Generator) -> Iterator[tuple]:
    """(g, q, k, v), causal: heads of 8 numbers, 16 bytes in half precision, and several tiles."""
    for heads, queries in ((1, 200), (2, 70)):
        g, q = rng.standard_normal((2, 1, heads, queries, 8))
        k, v = rng.standard_normal((2, 1, 1, 136, 8))
        for causal in (False, True):
            yield (g, q, k, v), causal


def attention(rng: np.random.Generator) -> Iterator[Case]:
    for (_, *qkv), causal in attentions(rng):
        yield Case(*qkv, causal=causal)


def attention_backward(rng: np.random.Generator) -> Iterator[Case]:
    forward = kernels.KERNELS["attention"].implementation("numpy")
    for (g, *qkv), causal in attentions(rng):
        yield Case(g, *qkv, *forward(*qkv, causal=causal), causal=causal)


MORE = {
    "attention": attention,
    "attention_backward": attention_backward,
    "matmul": matmuls,
    "conv": conv,
    "conv_grad_input": conv_grad_input,
    "conv_grad_weight": conv_grad_weight,
}

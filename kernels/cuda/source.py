"""The kernels in CUDA C++ (`*.cu`): found, compiled by CuPy at first use, and launched.

A `.cu` file holds templates; what is compiled is one instance of one of them, such as
`softmax<float, false>`, when it is first asked for. CuPy keeps the result on disk
(`~/.cupy/kernel_cache`); it compiles with -ftz, which makes 0 of a float32 below 1e-38.
`#include "x.cuh"` is replaced by that file's text, so that an edited header is another source.

Every kernel has a readable twin in Numba in the Python file of the same name. The twin runs where
there is no compiled one for a dtype, in Numba's simulator, and in a block of

    with source.readable(): ...
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import importlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from kernels.table import simulated

FOLDER = Path(__file__).parent
# The names of C++ for NumPy's dtypes. NumPy has no bfloat16 of its own: the package `ml_dtypes`
# adds it, and CuPy 14 has arrays of it.
TYPES = {"float16": "f16", "bfloat16": "bf16", "float32": "float", "float64": "double"}
NULL = np.intp(0)  # for a pointer argument: no array

# Whether float32 may be multiplied with 10 bits of fraction, three times as fast. PyTorch's
# `torch.backends.cuda.matmul.allow_tf32`, False there too.
tf32 = contextvars.ContextVar("tf32", default=False)

_readable = contextvars.ContextVar("readable", default=False)


@contextlib.contextmanager
def readable() -> Iterator[None]:
    """Numba's kernels instead of CUDA C++, for the block of the `with`."""
    token = _readable.set(True)
    try:
        yield
    finally:
        _readable.reset(token)


def compiled(x: Any, *dtypes: str) -> bool:
    """Whether CUDA C++ is the one to run for an array x, if there is a kernel for these dtypes."""
    return x.dtype.name in (dtypes or TYPES) and not simulated() and not _readable.get()


def c_type(x: Any) -> str:
    return TYPES[x.dtype.name]


def wide(x: Any) -> type:
    """The dtype that kernels compute in, and keep statistics in."""
    return np.float64 if x.dtype.name == "float64" else np.float32


def exactly(x: Any) -> str:
    """Whether products of x's numbers are made of three, as a template's argument: see Multiply in
    tensor.cuh."""
    return str(x.dtype.name == "float32" and not tf32.get()).lower()


def constant(table: np.ndarray, like: Any) -> Any:
    """A table that is always the same, where the array `like` is; copied there once."""
    if isinstance(like, np.ndarray):
        return table
    return _on_device(table.tobytes(), table.shape, table.dtype.str, like.device.id)


def copied(table: np.ndarray, like: Any) -> Any:
    """A table, where the array `like` is."""
    return table if isinstance(like, np.ndarray) else importlib.import_module("cupy").asarray(table)


def address(x: Any) -> int:
    return x.ctypes.data if isinstance(x, np.ndarray) else x.data.ptr


@functools.lru_cache(256)
def _on_device(data: bytes, shape: tuple, dtype: str, device: int) -> Any:
    return importlib.import_module("cupy").asarray(np.frombuffer(data, dtype).reshape(shape))


def text(file: str, replace: dict[str, str] | None = None) -> str:
    """The source of a `.cu` file with its headers in place of the #include lines.

    replace: other texts for headers, by name (how the tests compile for a CPU).
    """
    replace = replace or {}

    def header(match: re.Match) -> str:
        name = match[1]
        return replace[name] if name in replace else text(name, replace)

    return re.sub(r'^#include "(.+)"$', header, (FOLDER / file).read_text(), flags=re.MULTILINE)


class Struct(NamedTuple):
    """An argument that a kernel takes by value: its numbers one after the other."""

    values: np.ndarray


@functools.cache
def function(file: str, name: str, device: int) -> Any:
    """The instance `name` of a template in `file`, compiled for the GPU of that number."""
    cupy = importlib.import_module("cupy")
    module = cupy.RawModule(code=text(file), options=("-std=c++17",), name_expressions=[name])
    return module.get_function(name)


def launch(
    file: str,
    name: str,
    blocks: Sequence[int],
    threads: Sequence[int],
    *args: Any,
    shared: int = 0,
) -> None:
    """Run an instance of a kernel on CuPy's current stream.

    blocks, threads: up to three sizes. args: arrays (a kernel gets the address of the first
    number), `NULL`, a Struct, or NumPy scalars of the very types that the kernel has. shared: bytes
    of dynamic shared memory a block.
    """
    if 0 in blocks:
        return
    device = importlib.import_module("cupy").cuda.Device().id
    kernel = function(file, name, device)
    if shared > 48 * 1024:  # more than every GPU has: must be asked for
        kernel.max_dynamic_shared_size_bytes = shared
    # CuPy takes a NumPy array by value.
    args = tuple(a.values if isinstance(a, Struct) else a for a in args)
    kernel(tuple(blocks), tuple(threads), args, shared_mem=shared)


def teams(rows: int, n: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """(blocks, threads) for `rows` rows of n numbers: a warp each, or a block each if they are long
    (see rows.cuh)."""
    if n <= 1024:
        return (-(-rows // 4),), (32, 4)
    return (rows,), (min(max(n // 512 * 32, 128), 1024), 1)


def sizes(rows: int, n: int) -> tuple[np.int64, np.int32]:
    return np.int64(rows), np.int32(n)

"""The matrix product on a GPU.

`kernels.matmul` itself goes to cuBLAS, through CuPy: written by NVIDIA in its own assembly, it is
the fastest there is. Here is what it does inside: `matmul.cu` for tensor cores, and below the
readable twin, the example of every CUDA course, because it shows what a GPU needs.

The plain loop over k reads 2 numbers from memory for each multiplication: at 3 TB/s that is less
than 1 TFLOP/s, on a machine that can do 60. So a block of 16 x 16 threads computes a 16 x 16 tile
of C, and copies the 16 x 16 tiles of A and B that it needs to shared memory, one number a thread.
Each number there is used 16 times. `matmul.cu` goes on in the same way: larger tiles, the next
tiles on their way meanwhile, and each number used again from the registers.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from kernels.cuda import source
from kernels.cuda.launch import blocks, cuda, launch, per_dtype, side

SIDE = side(16)

TENSOR = ("float16", "bfloat16", "float32")  # what tensor cores multiply
TILE = 128  # of matmul.cu
FILE = "matmul.cu"
VARIANTS = {
    FILE: [
        f"matmul<{t}, {exact}, {a}, {b}>"
        for t, exact in (("f16", "false"), ("bf16", "false"), ("float", "false"), ("float", "true"))
        for a in ("true", "false")
        for b in ("true", "false")
    ]
}


def matmul(a: Any, b: Any, bias: Any = None) -> Any:
    """Transposed views are not copied. float16 and bfloat16 are added up in float32; float32 is as
    exact as float32, unless `source.tf32` allows less."""
    (m, k), (inner, n) = a.shape[-2:], b.shape[-2:]
    if k != inner:
        raise ValueError(f"matmul: {a.shape} @ {b.shape}: inner sizes differ, {k} != {inner}")
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    batches = math.prod(batch)
    a, b = in_batches(a, batch, batches), in_batches(b, batch, batches)
    c = np.empty_like(a, shape=(batches, m, n), order="C")
    if source.compiled(a, *TENSOR):
        on_tensor_cores(a, b, c)
    else:
        grid = (*blocks((n, SIDE), (m, SIDE)), min(batches, 65535))
        launch(tiled(a), grid, (SIDE, SIDE), a, b, c)
    c = c.reshape(*batch, m, n)
    return c if bias is None else c + bias


def in_batches(x: Any, batch: tuple[int, ...], batches: int) -> Any:
    """x as (batches, rows, columns), of which one axis has its numbers side by side in memory."""
    if x.ndim > 2:
        x = np.broadcast_to(x, (*batch, *x.shape[-2:])).reshape(batches, *x.shape[-2:])
    if x.itemsize not in x.strides[-2:]:
        x = np.ascontiguousarray(x)
    return x if x.ndim == 3 else np.broadcast_to(x, (batches, *x.shape))


def on_tensor_cores(a: Any, b: Any, c: Any) -> None:
    (batches, m, n), k = c.shape, a.shape[2]
    (batch_a, row_a, step_a), (batch_b, step_b, row_b) = (
        [s // x.itemsize for s in x.strides] for x in (a, b)
    )
    a_along_k, b_along_k = step_a == 1, step_b == 1 and row_b != 1
    along_k = f"{a_along_k}, {b_along_k}".lower()
    source.launch(
        FILE,
        f"matmul<{source.c_type(a)}, {source.exactly(a)}, {along_k}>",
        (*blocks((n, TILE), (m, TILE)), min(batches, 65535)),
        (256,),
        a, b, c,
        *map(np.int32, (m, n, k)),
        np.int64(row_a if a_along_k else step_a), np.int64(row_b if b_along_k else step_b),
        np.int64(batch_a), np.int64(batch_b), np.int32(batches),
        shared=shared_memory(a.itemsize, a_along_k, b_along_k),
    )  # fmt: skip


@functools.cache
def shared_memory(size: int, a_along_k: bool, b_along_k: bool) -> int:
    """Bytes for the ring of tiles: `Operand` in gemm.cuh."""

    def operand(along_k: bool) -> int:
        if along_k:
            return TILE * (64 + 16)
        return 64 // size * (TILE * size + (16 if size == 2 else 32))

    return 3 * (operand(a_along_k) + operand(b_along_k))


@per_dtype
def tiled(wide: Any) -> Any:
    def kernel(a, b, c):
        row, column = cuda.threadIdx.y, cuda.threadIdx.x
        i, j = cuda.blockIdx.y * SIDE + row, cuda.blockIdx.x * SIDE + column
        tile_a = cuda.shared.array((SIDE, SIDE), wide)
        tile_b = cuda.shared.array((SIDE, SIDE), wide)
        batches, m, n = c.shape
        inner = a.shape[2]

        for batch in range(cuda.blockIdx.z, batches, cuda.gridDim.z):
            total = wide(0)
            for start in range(0, inner, SIDE):
                # Places beyond the matrices count as 0.
                k = start + column
                tile_a[row, column] = a[batch, i, k] if i < m and k < inner else 0
                k = start + row
                tile_b[row, column] = b[batch, k, j] if k < inner and j < n else 0
                cuda.syncthreads()  # both tiles are complete
                for k in range(SIDE):
                    total += tile_a[row, k] * tile_b[k, column]
                cuda.syncthreads()  # and now nobody needs them any more
            if i < m and j < n:
                c[batch, i, j] = total

    return kernel

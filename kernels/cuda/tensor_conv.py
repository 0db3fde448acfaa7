"""Launches `conv.cu`: convolution on tensor cores, and beside it small groups without them.

For float16, bfloat16 and float32, which is multiplied in full precision unless `source.tf32`
allows less.
"""

from __future__ import annotations

import functools
import itertools
import math
from typing import Any, NamedTuple

import numpy as np

from kernels.cuda import source
from kernels.cuda.launch import blocks
from kernels.cuda.matmul import TILE, shared_memory

FILE = "conv.cu"
SMALL = 8  # with fewer filters or channels in a group, tensor cores would have nothing to do
PARTS = 256  # blocks that a weight's gradient is worth, if it is a sum over many places

TYPES = [("f16", "false"), ("bf16", "false"), ("float", "false"), ("float", "true")]
VARIANTS = [
    *(f"conv<{t}, {exact}, {back}>" for t, exact in TYPES for back in ("false", "true")),
    *(f"conv_grad_weight<{t}, {exact}>" for t, exact in TYPES),
    *(f"conv_small<{t}, {back}>" for t in ("f16", "bf16", "float") for back in ("false", "true")),
    *(f"conv_small_grad_weight<{t}>" for t in ("f16", "bf16", "float")),
]


class Axes(NamedTuple):
    """The sizes along each of three axes; those that an image lacks come first, with size 1."""

    spatial: tuple
    kernel: tuple
    out: tuple
    stride: tuple
    padding: tuple
    dilation: tuple

    @classmethod
    def of(cls, *sizes: tuple) -> Axes:
        missing = (3 - len(sizes[0])) * (1,)
        spatial, kernel, out, stride, padding, dilation = sizes
        nothing = tuple(0 for _ in missing)
        return cls(
            missing + spatial, missing + kernel, missing + out, missing + stride,
            nothing + padding, missing + dilation,
        )  # fmt: skip


def geometry(axes: Axes, batch: int, groups: int, channels: int, filters: int) -> source.Struct:
    """`Geometry` of conv.cu. channels and filters: of one group."""
    numbers = [*itertools.chain(*axes), batch, groups, channels, filters]
    return source.Struct(np.array(numbers, np.int32))


@functools.lru_cache(256)
def _taps(images: int, kernel: tuple, dilation: tuple) -> np.ndarray:
    steps = [range(0, n * d, d) for n, d in zip(kernel, dilation, strict=True)]
    return np.array(list(itertools.product(range(images), *steps)), np.int32)


def taps(images: int, axes: Axes, like: Any) -> Any:
    """`Tap`s of conv.cu, where `like` is: what products are summed up, in the weights' order."""
    return source.constant(_taps(images, axes.kernel, axes.dilation), like)


def product(x: Any, weight: Any, bias: Any, y: Any, axes: Axes, groups: int, back: bool) -> None:
    """y = weight * x + bias; or with `back` the gradient y of x, of the gradient x of y."""
    batch, filters = x.shape[0], weight.shape[0] // groups
    channels = weight.shape[1]
    rows, images = (channels, filters) if back else (filters, channels)
    if back:  # the numbers that are summed up, those of a channel, side by side
        by_channel = weight.reshape(groups, filters, channels, -1).swapaxes(1, 2)
        weight = np.ascontiguousarray(by_channel)
    places = math.prod(y.shape[2:])
    arguments = (
        x, weight, source.NULL if bias is None else bias, taps(images, axes, x), y,
        geometry(axes, batch, groups, channels, filters),
    )  # fmt: skip
    if rows < SMALL:
        name = f"conv_small<{source.c_type(x)}, {str(back).lower()}>"
        source.launch(FILE, name, blocks((y.size, 256)), (256,), *arguments)
        return
    source.launch(
        FILE,
        f"conv<{source.c_type(x)}, {source.exactly(x)}, {str(back).lower()}>",
        (*blocks((batch * places, TILE), (rows, TILE)), groups),
        (256,),
        *arguments,
        shared=shared_memory(x.itemsize, True, False),
    )


def grad_weight(g: Any, x: Any, weight_shape: tuple, axes: Axes, groups: int) -> Any:
    batch, filters, channels = g.shape[0], g.shape[1] // groups, weight_shape[1]
    columns = channels * math.prod(weight_shape[2:])
    inner = batch * math.prod(g.shape[2:])
    what = taps(channels, axes, x), geometry(axes, batch, groups, channels, filters)
    if min(filters, columns) < SMALL:
        parts = np.empty_like(x, shape=weight_shape, dtype=np.float32, order="C")
        name = f"conv_small_grad_weight<{source.c_type(x)}>"
        source.launch(FILE, name, (parts.size,), (256,), g, x, what[0], parts, what[1])
        return parts.astype(x.dtype)
    # Few tiles, each a long sum: it is cut into parts, by the sizes alone, so that the order of the
    # sum is always the same.
    tiles = blocks((columns, TILE), (filters, TILE))
    steps = -(-inner // (64 // x.itemsize))
    count = max(min(PARTS // (math.prod(tiles) * groups), steps // 8), 1)
    each = max(-(-steps // count), 1)
    parts = np.empty_like(x, shape=(count, *weight_shape), dtype=np.float32, order="C")
    source.launch(
        FILE,
        f"conv_grad_weight<{source.c_type(x)}, {source.exactly(x)}>",
        (*tiles, groups * count),
        (256,),
        g, x, what[0], parts, np.int32(each), what[1],
        shared=shared_memory(x.itemsize, True, True),
    )  # fmt: skip
    return parts.sum(axis=0).astype(x.dtype)

"""Convolution and pooling, forward and backward."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from minigrad.bench.case import Run, Setting, both, measured, normal
from minigrad.bench.report import Goal, Row


class Size(NamedTuple):
    """(N, C, S, S) images and 3x3 filters, padded by 1: the result has the images' size."""

    n: int
    c: int
    s: int
    filters: int
    groups: int = 1

    def __str__(self) -> str:
        shape = f"{self.n}x{self.c}x{self.s}x{self.s}"
        return f"{shape} depthwise" if self.groups > 1 else f"{shape} to {self.filters}"


SIZES = [
    Size(64, 32, 14, 64), Size(32, 64, 32, 64), Size(8, 128, 28, 128), Size(64, 1, 28, 32),
    Size(16, 256, 28, 256, groups=256),
]  # fmt: skip
QUICK = [Size(2, 3, 6, 4), Size(2, 4, 6, 4, groups=4)]
POOLED = Size(64, 32, 28, 32)


def conv(setting: Setting) -> Iterator[Row]:
    for size in QUICK if setting.quick else SIZES:
        yield measured(
            setting, f"conv2d {size}", convolution(size), Goal(1.0), flops=flops(size),
            bytes=traffic(size),
        )  # fmt: skip


def convolution(size: Size) -> Callable[[Any], Run]:
    x = normal(size.n, size.c, size.s, size.s)
    weight = normal(size.filters, size.c // size.groups, 3, 3, scale=0.1, seed=2)
    bias = normal(size.filters, seed=3)

    def build(lib: Any) -> Run:
        conv2d = lib.nn.functional.conv2d
        return both(lib, lambda x, w, b: conv2d(x, w, b, 1, 1, 1, size.groups), x, weight, bias)

    return build


def flops(size: Size) -> float:
    """Of the result, the image's gradient and the weight's: as many each."""
    return 3 * 2 * size.n * size.filters * size.s**2 * size.c // size.groups * 9


def traffic(size: Size) -> float:
    """Each of the three reads two of image, result and weight, and writes the third."""
    image, result = size.n * size.c * size.s**2, size.n * size.filters * size.s**2
    return 3 * 4 * (image + result + 9 * size.filters * size.c // size.groups)


def pool(setting: Setting) -> Iterator[Row]:
    size = QUICK[0] if setting.quick else POOLED
    x = normal(size.n, size.c, size.s, size.s)
    shape = "x".join(map(str, x.shape))
    # Forward reads x and writes a quarter of it, backward the other way round; the maximum's places
    # are written and read as well.
    for name, bytes in (("max_pool2d", 2.5 + 1), ("avg_pool2d", 2.5)):

        def build(lib: Any, name: str = name) -> Run:
            function = getattr(lib.nn.functional, name)
            return both(lib, lambda x: function(x, 2), x)

        yield measured(setting, f"{name} {shape}", build, flops=2 * x.size, bytes=bytes * x.nbytes)

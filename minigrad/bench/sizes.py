"""Time against size: where a library starts to win, and what a call costs at the least."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import kernels
from minigrad.bench.case import Run, Setting, each
from minigrad.bench.images import Size, convolution
from minigrad.bench.products import products
from minigrad.bench.report import BASE
from minigrad.bench.sequences import causal_attention
from minigrad.bench.timing import BRIEF, Pace, compare

PACE = Pace(rounds=9, block=0.02, seconds=3.0, least=3)


class Curve(NamedTuple):
    """Seconds of each library, one for each size."""

    name: str
    axis: str  # what the sizes are
    sizes: list[int]
    seconds: dict[str, list[float]]


def curves(setting: Setting) -> list[Curve]:
    kernel = {BASE: kernels.KERNELS["matmul"].implementation("numba")}
    few = 3 if setting.quick else None
    return [
        curve(setting, "matmul, n x n x n", "n", powers(32, 2048)[:few],
              lambda n: products(setting, n, n, n, kernel)),
        curve(setting, "conv2d, 16xCx28x28 to C", "channels C", powers(4, 128)[:few],
              lambda c: each(setting, convolution(Size(16, c, 28, c)))),
        curve(setting, "attention, 1x4xTx64 causal", "length T", powers(32, 2048)[:few],
              lambda t: each(setting, causal_attention(1, 4, t, 64))),
    ]  # fmt: skip


def powers(first: int, last: int) -> list[int]:
    return [first * 2**i for i in range((last // first).bit_length())]


def curve(
    setting: Setting, name: str, axis: str, sizes: list[int],
    runs: Callable[[int], dict[str, Run]],
) -> Curve:  # fmt: skip
    seconds: dict[str, list[float]] = {}
    for n in sizes:
        for who, times in compare(runs(n), BRIEF if setting.quick else PACE).items():
            seconds.setdefault(who, []).append(times.median)
    return Curve(name, axis, sizes, seconds)

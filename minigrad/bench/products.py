"""Matrix products: the Numba kernel beside the BLAS of NumPy and that of PyTorch; and its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import kernels
from minigrad.bench.case import Run, Setting, check, normal, timed
from minigrad.bench.report import BASE, BEST_BLAS, Goal, Row
from minigrad.bench.timing import compare

# m, k, n, and the share of the best BLAS' speed that is wanted
SIZES = [
    (1024, 1024, 1024, 0.9),
    (2048, 384, 1536, 0.9),
    (128, 784, 512, 0.8),
    (32, 256, 1024, 0.7),
]
QUICK = [(64, 64, 64, 0.9)]


def matmul(setting: Setting) -> Iterator[Row]:
    for m, k, n, share in QUICK if setting.quick else SIZES:
        kernel = kernels.KERNELS["matmul"].implementation("numba")
        yield timed(
            setting, f"matmul {m}x{k}x{n}", products(setting, m, k, n, {BASE: kernel}),
            Goal(share, BEST_BLAS, speed=True), flops=2 * m * k * n, bytes=traffic(m, k, n),
        )  # fmt: skip


def steps(setting: Setting) -> Iterator[Row]:
    """The steps of kernels/cpu/matmul_steps.py, all in one comparison."""
    from kernels.cpu.matmul_steps import STEPS

    n = 96 if setting.quick else 512
    runs = products(setting, n, n, n, STEPS)
    check("matmul", runs, 1e-3)
    times = compare(runs, setting.pace)
    peers = {who: times[who] for who in ("NumPy", "PyTorch") if who in times}
    for step in STEPS:
        row = Row.of_times(f"matmul {n}x{n}x{n}, {step}", {BASE: times[step], **peers})
        yield row._replace(flops=2.0 * n**3, bytes=traffic(n, n, n))


def products(
    setting: Setting, m: int, k: int, n: int, functions: dict[str, Callable]
) -> dict[str, Run]:
    """The product of the same two matrices by each function, and by each BLAS."""
    a, b = normal(m, k), normal(k, n, seed=1)
    runs: dict[str, Run] = {who: bound(f, a, b) for who, f in functions.items()}
    runs["NumPy"] = bound(np.matmul, a, b)
    if torch := setting.torch:
        runs["PyTorch"] = bound(torch.matmul, torch.tensor(a), torch.tensor(b))
    return runs


def bound(f: Callable, a: Any, b: Any) -> Run:
    return lambda: f(a, b)


def traffic(m: int, k: int, n: int) -> float:
    """Bytes of the three matrices."""
    return 4.0 * (m * k + k * n + m * n)

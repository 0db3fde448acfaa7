"""Kernels on an NVIDIA GPU: those of kernels/cuda beside CuPy and PyTorch, and the card's ceilings.

Before anything is timed, results are compared with those of the reference in float64. Times are
the GPU's own, by events: as long as it has work, the way of a call through Python is not in them.
"CuPy" is the reference on CuPy's arrays; its matrix products are cuBLAS.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

import kernels
from minigrad import backend
from minigrad.bench import cuda_cases, session, timing
from minigrad.bench.case import Disagreement, Setting, arrays
from minigrad.bench.cuda_cases import Case
from minigrad.bench.report import BASE, Row, machine
from minigrad.bench.runs import Run

# Of the largest number in a result. Factors of float16 and TF32 are rounded, sums are not.
TOLERANCE = {"float32": 1e-4, "tf32": 5e-3, "float16": 5e-3}


class Gpu(NamedTuple):
    xp: Any  # cupy
    limits: dict[str, Any]  # kernels.cuda.device.ceilings()
    clock: Callable[[Callable[[], object], int], float]  # seconds of a call, of so many


def measure(
    setting: Setting, groups: Sequence[str], say: session.Say, gpu: Gpu | None = None
) -> Run:
    """Measure those of the groups that there are on a GPU, and tell `say` what is being done."""
    gpu = gpu or find()
    limits = gpu.limits
    rows: list[Row] = []
    failures: list[str] = []
    for case in cuda_cases.cases(setting.quick):
        for dtype in case.dtypes if case.group in groups else ():
            if dtype == "float32" or dtype in limits["flops"]:  # else it has no tensor cores for it
                row = one(case, dtype, gpu, setting)
                rows += session.collected(case.name, row, say, failures)
    return Run(
        date=session.now(),
        machine=f"{limits['name']}; {machine(setting.threads)}",
        device="cuda",
        versions=session.versions(setting.torch),
        flops=limits["flops"],
        bandwidth=limits["bandwidth"],
        rows=rows,
        curves=[],
        failures=failures,
    )


def find() -> Gpu:
    try:
        cupy = backend.cupy()
    except RuntimeError as error:
        raise SystemExit(f"minigrad bench: {error}") from None
    device = importlib.import_module("kernels.cuda.device")

    def clock(run: Callable[[], object], calls: int) -> float:
        start, stop = cupy.cuda.Event(), cupy.cuda.Event()
        start.record()
        for _ in range(calls):
            run()
        stop.record()
        stop.synchronize()
        return cupy.cuda.get_elapsed_time(start, stop) / 1000 / calls

    return Gpu(cupy, device.ceilings(), clock)


def one(case: Case, dtype: str, gpu: Gpu, setting: Setting) -> Iterator[Row]:
    name = f"{case.name}, {dtype}"
    stored = "float32" if dtype == "tf32" else dtype
    inputs = [on_gpu(gpu, x, stored) for x in case.inputs]

    def by(implementation: str, inputs: list = inputs) -> Any:
        with kernels.use(implementation):
            return case.kernel(*inputs)

    runs: dict[str, Callable[[], Any]] = {BASE: lambda: by("cuda"), "CuPy": lambda: by("numpy")}
    torch = setting.torch
    if torch and torch.cuda.is_available():
        tensors = [torch.from_dlpack(x) for x in inputs]
        for t in tensors[: case.differentiable]:
            t.requires_grad_()
        runs["PyTorch"] = lambda: case.torch(torch, *tensors)
    with tensor_float(dtype == "tf32", torch):
        exact = by("numpy", [on_gpu(gpu, gpu.xp.asarray(x), "float64") for x in inputs])
        check(name, by("cuda"), exact, TOLERANCE[dtype])
        del exact
        times = timing.compare(runs, setting.pace, gpu.clock)
    row = Row.of_times(name, times)._replace(
        flops=float(case.flops), bytes=float(case.numbers * np.dtype(stored).itemsize)
    )
    flops = gpu.limits["flops"].get(dtype if case.products else "float32")
    yield row.on(flops, gpu.limits["bandwidth"]) if flops else row


def on_gpu(gpu: Gpu, x: Any, dtype: str) -> Any:
    """Numbers in this dtype; labels stay integers."""
    return gpu.xp.asarray(x, dtype=dtype if x.dtype.kind == "f" else None)


def check(name: str, result: Any, exact: Any, tolerance: float) -> None:
    for i, (a, b) in enumerate(zip(arrays(result), arrays(exact), strict=True)):
        off = np.abs(a - b).max(initial=0) / max(np.abs(b).max(initial=0), 1e-30)
        if not off <= tolerance:
            raise Disagreement(
                f"{name}: result {i} is off by {off:.1e} of its largest number, more than "
                f"{tolerance:g}, from the reference in float64"
            )


@contextlib.contextmanager
def tensor_float(allowed: bool, torch: Any) -> Iterator[None]:
    """Whether float32 may be multiplied as TF32: in both libraries, or in none."""
    source = importlib.import_module("kernels.cuda.source")
    token = source.tf32.set(allowed)
    if torch:
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = allowed
    try:
        yield
    finally:
        source.tf32.reset(token)

"""Adam over many parameters, beside PyTorch's default and its fused one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minigrad.bench.case import Build, Run, Setting, measured, normal
from minigrad.bench.report import Goal, Row


def adam(setting: Setting) -> Iterator[Row]:
    tensors, size = (3, 7) if setting.quick else (100, 100_000)
    n = tensors * size
    for suffix, options in (("", {}), (", PyTorch's fused", {"fused": True})):
        yield measured(
            setting, f"Adam, {tensors} of {size}{suffix}", updates(tensors, size, options),
            Goal(0.9), flops=13 * n, bytes=7 * 4 * n,  # p, g, m, v read; p, m, v written
        )  # fmt: skip


def updates(tensors: int, size: int, options: dict[str, Any]) -> Build:
    def build(lib: Any) -> Run:
        parameters = []
        for i in range(tensors):
            p = lib.tensor(normal(size, seed=i)).requires_grad_()
            p.grad = lib.tensor(normal(size, seed=i + 1))
            parameters.append(p)
        optimizer = lib.optim.Adam(parameters, lr=1e-3, **options)

        def run() -> Any:
            optimizer.step()
            return parameters

        return run

    return build

"""What goes over each row, channel or number once, forward and backward: memory is the limit.

An exp, a log, an erf and a division are counted as one FLOP each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from minigrad.bench.case import Build, Run, Setting, both, measured, normal
from minigrad.bench.report import Goal, Row


def rows(setting: Setting) -> Iterator[Row]:
    yield cross_entropy(setting)
    n, c = (8, 12) if setting.quick else (4096, 1024)
    gelu = lambda lib: lib.nn.functional.gelu  # noqa: E731
    softmax = lambda lib: lambda x: lib.softmax(x, -1)  # noqa: E731
    yield layer_norm(setting, n, c)
    yield simple(setting, "gelu", n, c, gelu, 6 + 8, Goal(0.9))
    yield simple(setting, "softmax", n, c, softmax, 5 + 4)
    yield batch_norm(setting)
    yield dropout(setting, n, c)


def simple(
    setting: Setting, name: str, n: int, c: int, function: Callable[[Any], Callable], flops: int,
    goal: Goal | None = None,
) -> Row:  # fmt: skip
    """An op of one array that reads x and writes y; and reads g and x or y, and writes dx."""
    x = normal(n, c)
    return measured(
        setting, f"{name} {n}x{c}", lambda lib: both(lib, function(lib), x), goal,
        flops=flops * x.size, bytes=5 * x.nbytes,
    )  # fmt: skip


def cross_entropy(setting: Setting) -> Row:
    n, c = (8, 20) if setting.quick else (4096, 32000)
    logits, labels = normal(n, c), np.random.default_rng(0).integers(0, c, n)

    def build(lib: Any) -> Run:
        y = lib.tensor(labels)
        return both(lib, lambda x: lib.nn.functional.cross_entropy(x, y), logits)

    return measured(
        setting, f"cross-entropy {n}x{c}", build, Goal(0.9), flops=(4 + 3) * logits.size,
        bytes=3 * logits.nbytes,  # read forward, read backward, and the gradient written
    )  # fmt: skip


def layer_norm(setting: Setting, n: int, c: int) -> Row:
    x, weight, bias = normal(n, c), normal(c, seed=2), normal(c, seed=3)

    def build(lib: Any) -> Run:
        norm = lib.nn.functional.layer_norm
        return both(lib, lambda x, w, b: norm(x, (c,), w, b), x, weight, bias)

    return measured(
        setting, f"layer norm {n}x{c}", build, Goal(0.9), flops=(8 + 14) * x.size,
        bytes=5 * x.nbytes,
    )  # fmt: skip


def batch_norm(setting: Setting) -> Row:
    n, c, s = (2, 3, 4) if setting.quick else (32, 64, 32)
    x, weight, bias = normal(n, c, s, s), normal(c, seed=2), normal(c, seed=3)

    def build(lib: Any) -> Run:
        norm = lib.nn.functional.batch_norm
        return both(lib, lambda x, w, b: norm(x, None, None, w, b, True), x, weight, bias)

    return measured(
        setting, f"batch norm {n}x{c}x{s}x{s}", build, flops=(8 + 14) * x.size,
        bytes=(3 + 5) * x.nbytes,  # x, and x and g, are read once more, for the statistics
    )  # fmt: skip


def dropout(setting: Setting, n: int, c: int) -> Row:
    x = normal(n, c)
    build: Build = lambda lib: both(lib, lambda x: lib.nn.functional.dropout(x, 0.1), x)  # noqa: E731
    return measured(
        setting, f"dropout {n}x{c}", build, flops=2 * x.size, bytes=4 * x.nbytes, tolerance=0
    )  # the libraries draw other numbers: nothing to compare

"""What one op costs beside its arithmetic: 50 of them in a row on 4x4 numbers.

Forward: run and record the 50 ops. Backward: what is left of forward and backward together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import minigrad as mg
from benchmarks.report import Row
from benchmarks.timing import Times, compare

LENGTH = 50
Chain = Callable[[Any, Any], Any]

# An op as one link of the chain; `x` and `w` both require a gradient. np is the array namespace.
OPS: dict[str, Callable[[Any], Callable[[Any, Any], Any]]] = {
    "mul": lambda np: lambda x, w: x * w,
    "add": lambda np: lambda x, w: x + w,
    "tanh": lambda np: lambda x, w: np.tanh(x),
    "sum": lambda np: lambda x, w: np.sum(x, 0, keepdims=True),
    "matmul": lambda np: lambda x, w: x @ w,
}


def rows(peers: Mapping[str, Any]) -> list[Row]:
    table = []
    for name in OPS:
        pairs = {"minigrad": tensor_pair(mg, name)}
        if torch := peers.get("PyTorch"):
            pairs["PyTorch"] = tensor_pair(torch, name)
        if "autograd" in peers:
            pairs["autograd"] = autograd_pair(name)
        if "micrograd" in peers and name in ("mul", "add"):
            pairs["micrograd"] = micrograd_pair(name)
        forward = compare({who: pair[0] for who, pair in pairs.items()})
        both = compare({who: pair[1] for who, pair in pairs.items()})
        note = "micrograd: single numbers" if "micrograd" in pairs else ""
        table.append(row(f"{name}, 4x4, forward", forward, note))
        backward = {who: minus(both[who], forward[who]) for who in pairs}
        table.append(row(f"{name}, 4x4, backward", backward, note))
    return table


def row(name: str, times: Mapping[str, Times], note: str) -> Row:
    return Row.of_times(name, {who: per_op(t) for who, t in times.items()}, note=note)


def per_op(times: Times) -> Times:
    return Times([seconds / LENGTH for seconds in times.rounds])


def minus(both: Times, forward: Times) -> Times:
    """Backward alone; from the medians, since the two were not measured in the same rounds."""
    return Times([max(seconds - forward.median, 1e-9) for seconds in both.rounds])


def chain(link: Callable[[Any, Any], Any], x: Any, w: Any) -> Any:
    for _ in range(LENGTH):
        x = link(x, w)
    return x


def start() -> tuple[np.ndarray, np.ndarray]:
    """x, and a w that leaves the numbers as they are under mul and matmul."""
    return np.full((4, 4), 0.5, dtype=np.float32), np.eye(4, dtype=np.float32)


def tensor_pair(lib: Any, name: str) -> tuple[Callable, Callable]:
    """For minigrad and PyTorch: (forward, forward and backward)."""
    link = OPS[name](lib)
    first, second = start()
    if name == "sum":
        link = lambda x, w: lib.sum(x, 0, keepdim=True)  # noqa: E731
    x = lib.tensor(first).requires_grad_()
    w = lib.tensor(second).requires_grad_()
    wanted = [x, w] if name in ("mul", "add", "matmul") else [x]
    g = lib.ones_like(chain(link, x, w))
    grad = lib.autograd.grad
    return (lambda: chain(link, x, w)), (lambda: grad(chain(link, x, w), wanted, g))


def autograd_pair(name: str) -> tuple[Callable, Callable]:
    import autograd.numpy as anp
    from autograd import make_vjp

    link = OPS[name](anp)
    x, w = start()
    vjp = make_vjp(lambda pair: chain(link, pair[0], pair[1]))
    g = np.ones_like(chain(link, x, w))
    pair = (x, w)
    return (lambda: vjp(pair)), (lambda: vjp(pair)[0](g))


def micrograd_pair(name: str) -> tuple[Callable, Callable]:
    from micrograd.engine import Value

    link = OPS[name](None)
    x, w = Value(0.5), Value(1.0)
    return (lambda: chain(link, x, w)), (lambda: chain(link, x, w).backward())

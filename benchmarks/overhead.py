"""What one op costs beside its arithmetic: 50 of them in a row on 4x4 numbers.

Forward: run and record the 50 ops. Backward: what is left of forward and backward together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

import minigrad as mg
from minigrad.bench.report import Row
from minigrad.bench.timing import Times, compare

LENGTH = 50


class Pair(NamedTuple):
    """What is timed of one peer."""

    forward: Callable[[], object]
    both: Callable[[], object]  # forward and backward


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
        times = compare(
            {
                f"{who} {part}": run
                for who, pair in pairs.items()
                for part, run in pair._asdict().items()
            }
        )
        forward = {who: per_op(times[f"{who} forward"]) for who in pairs}
        both = {who: per_op(times[f"{who} both"]) for who in pairs}
        backward = {who: minus(both[who], forward[who]) for who in pairs}
        note = "micrograd: single numbers" if "micrograd" in pairs else ""
        table.append(Row.of_times(f"{name}, 4x4, forward", forward, note=note))
        table.append(Row.of_times(f"{name}, 4x4, backward", backward, note=note))
    return table


def per_op(times: Times) -> Times:
    return Times([seconds / LENGTH for seconds in times.rounds])


def minus(both: Times, forward: Times) -> Times:
    """Backward alone, round by round: both were measured in each."""
    pairs = zip(both.rounds, forward.rounds, strict=True)
    return Times([max(b - f, 1e-9) for b, f in pairs])


def chain(link: Callable[[Any, Any], Any], x: Any, w: Any) -> Any:
    for _ in range(LENGTH):
        x = link(x, w)
    return x


def start() -> tuple[np.ndarray, np.ndarray]:
    """x, and a w that leaves the numbers as they are under mul and matmul."""
    return np.full((4, 4), 0.5, dtype=np.float32), np.eye(4, dtype=np.float32)


def tensor_pair(lib: Any, name: str) -> Pair:
    """minigrad or PyTorch."""
    link = OPS[name](lib)
    first, second = start()
    if name == "sum":
        link = lambda x, w: lib.sum(x, 0, keepdim=True)  # noqa: E731
    x = lib.tensor(first).requires_grad_()
    w = lib.tensor(second).requires_grad_()
    wanted = [x, w] if name in ("mul", "add", "matmul") else [x]
    g = lib.ones_like(chain(link, x, w))
    grad = lib.autograd.grad
    return Pair(lambda: chain(link, x, w), lambda: grad(chain(link, x, w), wanted, g))


def autograd_pair(name: str) -> Pair:
    import autograd.numpy as anp
    from autograd import make_vjp

    link = OPS[name](anp)
    x, w = start()
    vjp = make_vjp(lambda pair: chain(link, pair[0], pair[1]))
    g = np.ones_like(chain(link, x, w))
    pair = (x, w)
    return Pair(lambda: vjp(pair), lambda: vjp(pair)[0](g))


def micrograd_pair(name: str) -> Pair:
    from micrograd.engine import Value

    link = OPS[name](None)
    x, w = Value(0.5), Value(1.0)
    return Pair(lambda: chain(link, x, w), lambda: chain(link, x, w).backward())

"""Factors that an expression of a pullback may lack: variables, numbers, a sign, softmax's sum."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import numpy as np

NUMBERS = (2, 0.5, 3)


def of_whole(node: Any, known: dict) -> Iterator[tuple[str, float, Any]]:
    """What a gradient, or a value on the way to it, may lack: (code, certainty, expression).

    The variables of forward come before bare numbers: `scale` says what is missing, 0.5 does not.
    """
    yield "wrong-sign", 0.955, ast.UnaryOp(ast.USub(), node)
    scalars = [
        name for name, value in known.items()
        if isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
        and value not in (0, 1)
    ]  # fmt: skip
    for name in scalars:
        for op in (ast.Mult(), ast.Div()):
            yield "missing-factor", 0.945, ast.BinOp(node, op, ast.Name(name, ast.Load()))
    for factor in NUMBERS:
        yield "missing-factor", 0.915, ast.BinOp(ast.Constant(factor), ast.Mult(), node)


def is_scalar(node: Any, known: dict) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, (int, float))
    return isinstance(node, ast.Name) and node.id in known and np.ndim(known[node.id]) == 0


def softmax(node: ast.BinOp, known: dict) -> Iterator[tuple[str, float, Any]]:
    """p * (1 - p) * g and p * g, with the sum that softmax's gradient has."""
    factors = list(_factors(node))
    for i, p in enumerate(factors):
        if not (isinstance(p, ast.Name) and np.ndim(known.get(p.id, 0)) > 0):
            continue
        rest = factors[:i] + factors[i + 1 :]
        ones = [f for f in rest if ast.unparse(f) == f"1 - {p.id}"]
        code = "diagonal-softmax" if ones else "softmax-missing-sum"
        rest = [f for f in rest if f not in ones]
        if not rest:
            continue
        g = rest[0]
        for f in rest[1:]:
            g = ast.BinOp(g, ast.Mult(), f)
        total = call(method(ast.BinOp(g, ast.Mult(), p), "sum"), [-1], keepdims=True)
        there = "sum(" in ast.unparse(g)  # a sum, although a wrong one
        certainty = 0.95 if there else 0.97
        yield code, certainty, ast.BinOp(p, ast.Mult(), ast.BinOp(g, ast.Sub(), total))


def _factors(node: Any) -> Iterator[Any]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield from _factors(node.left)
        yield from _factors(node.right)
    else:
        yield node


def method(node: Any, name: str) -> ast.Attribute:
    return ast.Attribute(node, name, ast.Load())


def call(func: Any, args: list, **words: Any) -> ast.Call:
    return ast.Call(
        func, [ast.Constant(a) for a in args],
        [ast.keyword(k, ast.Constant(v)) for k, v in words.items()],
    )  # fmt: skip

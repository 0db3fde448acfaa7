"""The small changes of an expression that undo known mistakes: (code, certainty, expression)."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad.clinic.factors import NUMBERS, call, is_scalar, method, softmax
from minigrad.graph import Value

REDUCTIONS = {"sum", "mean", "max", "min", "cumsum", "flip", "prod", "expand_dims", "softmax",
              "cumprod", "repeat", "concatenate", "squeeze"}  # fmt: skip
OPPOSITES = {ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq,
             ast.NotEq: ast.Eq}  # fmt: skip


def changes(node: Any, known: dict, parameters: list[str]) -> Iterator[tuple[str, float, Any]]:
    if isinstance(node, ast.BinOp):
        yield from _of_binary(node, known)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        if isinstance(node.operand, ast.Constant):  # an axis, or the end of a slice
            return
        yield "wrong-sign", 0.97, node.operand
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
        yield "mask", 0.97, node.operand
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in OPPOSITES:
        opposite = OPPOSITES[type(node.ops[0])]()
        yield "mask", 0.97, ast.Compare(node.left, [opposite], node.comparators)
    elif isinstance(node, ast.Call):
        yield from _of_call(node)
    elif isinstance(node, ast.Name):
        yield from _of_name(node, known, parameters)
    elif isinstance(node, ast.Subscript):
        yield from _of_subscript(node)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "->" in node.value:
        yield from _of_einsum(node.value)
    elif isinstance(node, ast.Assign):
        yield from _of_assignment(node)
    elif isinstance(node, ast.AugAssign):
        if isinstance(node.target, ast.Subscript):
            yield from _scattered(node.target, node.value)
        if isinstance(node.op, (ast.Add, ast.Sub)):
            opposite = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
            yield "wrong-sign", 0.96, ast.AugAssign(node.target, opposite, node.value)


def _of_binary(node: ast.BinOp, known: dict) -> Iterator[tuple[str, float, Any]]:
    left, op, right = node.left, node.op, node.right
    if isinstance(op, ast.MatMult):
        yield "factor-not-transposed", 0.985, ast.BinOp(_transposed(left), op, right)
        yield "factor-not-transposed", 0.985, ast.BinOp(left, op, _transposed(right))
        yield "result-transposed", 0.97, _transposed(node)
    elif isinstance(op, (ast.Add, ast.Sub)):
        if is_scalar(left, known) and is_scalar(right, known):
            return
        other = ast.Sub() if isinstance(op, ast.Add) else ast.Add()
        yield "wrong-sign", 0.96, ast.BinOp(left, other, right)
    elif isinstance(op, (ast.Mult, ast.Div)):
        other = ast.Div() if isinstance(op, ast.Mult) else ast.Mult()
        if is_scalar(right, known):
            yield "missing-factor", 0.93, left
            yield "missing-factor", 0.92, ast.BinOp(left, other, right)
        if is_scalar(left, known) and isinstance(op, ast.Mult):
            yield "missing-factor", 0.93, right
        if isinstance(op, ast.Mult):
            yield from softmax(node, known)
            for factor in NUMBERS:
                yield "missing-factor", 0.92, ast.BinOp(ast.Constant(factor), ast.Mult(), node)


def _of_call(node: ast.Call) -> Iterator[tuple[str, float, Any]]:
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    words = {k.arg: k.value for k in node.keywords}
    module = isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "np"
    if name == "where" and len(node.args) == 3:
        c, a, b = node.args
        yield "mask", 0.97, ast.Call(node.func, [c, b, a], node.keywords)
        yield "mask", 0.9, a
        yield "mask", 0.9, b
    if name in ("transpose", "permute") and len(node.args) == 1 + module:
        inverse = _of_numpy(["argsort"], [node.args[-1]])
        yield "permutation-not-inverted", 0.98, ast.Call(node.func, [*node.args[:-1], inverse], [])
    if name not in REDUCTIONS and "soft" not in name:
        return
    at = 1 if module or isinstance(node.func, ast.Name) else 0
    for axis in (-1, 0, 1, -2):
        value = ast.Constant(axis) if axis >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-axis))
        word = next((w for w in ("axis", "dim") if w in words), None)
        if word:
            others = [k for k in node.keywords if k.arg != word]
            new = ast.Call(node.func, node.args, [ast.keyword(word, value), *others])
        elif len(node.args) > at:
            new = ast.Call(node.func, [*node.args[:at], value, *node.args[at + 1 :]], node.keywords)
        else:
            new = ast.Call(node.func, [*node.args, value], node.keywords)
        yield "wrong-axis", 0.965, new
        if "keepdims" not in words and name in ("sum", "mean", "max", "min"):
            yield "keepdims", 0.94, _with_keepdims(new)
    if "keepdims" not in words and name in ("sum", "mean", "max", "min"):
        yield "keepdims", 0.96, _with_keepdims(node)
    if name in ("mean", "sum") and isinstance(node.func, ast.Attribute):
        other = ast.Attribute(node.func.value, "sum" if name == "mean" else "mean", ast.Load())
        code = "averaged-broadcast" if name == "mean" else "wrong-count"
        yield code, 0.955, ast.Call(other, node.args, node.keywords)


def _with_keepdims(node: ast.Call) -> ast.Call:
    return ast.Call(
        node.func, node.args, [*node.keywords, ast.keyword("keepdims", ast.Constant(True))]
    )


def _of_name(node: ast.Name, known: dict, parameters: list) -> Iterator[tuple[str, float, Any]]:
    """Another variable of the same shape; the same array flipped, or a mask inverted."""
    value: Any = known.get(node.id)
    if not isinstance(node.ctx, ast.Load) or not _is_array(value):
        return
    if value.dtype == bool:
        yield "mask", 0.97, ast.UnaryOp(ast.Invert(), node)
    elif value.ndim >= 3 and value.dtype.kind == "f":
        back = ast.Slice(step=ast.UnaryOp(ast.USub(), ast.Constant(1)))
        for many in range(1, value.ndim - 1):
            index = ast.Tuple([ast.Constant(...), *[back] * many], ast.Load())
            yield "kernel-not-flipped", 0.97, ast.Subscript(node, index, ast.Load())
    for name, other in known.items():
        if name == node.id or other is value or not _is_array(other):
            continue
        if other.shape == value.shape and other.dtype == value.dtype:
            both = node.id in parameters and name in parameters
            code = "gradients-swapped" if both else "input-for-output"
            yield code, 0.95 if both else 0.97, ast.Name(name, ast.Load())


def _is_array(a: Any) -> bool:
    return isinstance(a, (np.ndarray, np.generic, Value))


def _of_subscript(node: ast.Subscript) -> Iterator[tuple[str, float, Any]]:
    """A slice that starts and ends one earlier or later; a step of -1 taken away."""
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    slices = [i for i, s in enumerate(parts) if isinstance(s, ast.Slice)]
    moved = [i for i in slices if parts[i].lower or parts[i].upper]  # type: ignore[attr-defined]
    for chosen, k in itertools.product([moved, *([i] for i in moved if len(moved) > 1)], (1, -1)):
        if chosen:
            yield (
                "padding-shifted",
                0.96,
                _indexed(node, {i: _shifted(parts[i], k) for i in chosen}, parts),
            )
    turned = [i for i in slices if ast.unparse(parts[i]) == "::-1"]
    if turned:
        yield "kernel-not-flipped", 0.95, _indexed(node, {i: ast.Slice() for i in turned}, parts)


def _shifted(part: Any, k: int) -> ast.Slice:
    def plus(bound: Any) -> Any:
        return None if bound is None else ast.BinOp(bound, ast.Add(), ast.Constant(k))

    return ast.Slice(plus(part.lower), plus(part.upper), part.step)


def _indexed(node: ast.Subscript, new: dict[int, Any], parts: list) -> ast.Subscript:
    elements = [new.get(i, p) for i, p in enumerate(parts)]
    index = ast.Tuple(elements, ast.Load()) if isinstance(node.slice, ast.Tuple) else elements[0]
    return ast.Subscript(node.value, index, node.ctx)


def _of_einsum(text: str) -> Iterator[tuple[str, float, Any]]:
    inputs, output = text.replace(" ", "").split("->")
    if 2 <= len(output) <= 4:
        for letters in itertools.permutations(output):
            if "".join(letters) != output:
                new = f"{inputs}->{''.join(letters)}"
                yield "result-transposed", 0.97, ast.Constant(new)
    operands = inputs.split(",")
    for k, operand in enumerate(operands):
        for i, j in itertools.combinations(range(len(operand)), 2):
            letters = list(operand)
            letters[i], letters[j] = letters[j], letters[i]
            changed = [*operands[:k], "".join(letters), *operands[k + 1 :]]
            new = f"{','.join(changed)}->{output}"
            yield "factor-not-transposed", 0.98, ast.Constant(new)


def _of_assignment(node: ast.Assign) -> Iterator[tuple[str, float, Any]]:
    """Added instead of assigned; with a minus."""
    target = node.targets[0]
    if isinstance(target, ast.Subscript):
        yield from _scattered(target, node.value)
    if isinstance(target, (ast.Subscript, ast.Name)):
        added = ast.AugAssign(target, ast.Add(), node.value)
        if isinstance(target, ast.Name):  # in a loop: what the step before has left there is lost
            yield "dropped-term", 0.951, added
        yield "overwrites-fanout", 0.95, added
        minus = ast.UnaryOp(ast.USub(), node.value)
        yield "wrong-sign", 0.95, ast.Assign(node.targets, minus)


def _scattered(target: ast.Subscript, value: Any) -> Iterator[tuple[str, float, Any]]:
    """np.add.at(dx, index, g), which adds where an index comes twice."""
    index = target.slice
    if isinstance(index, ast.Name) or (
        isinstance(index, ast.Tuple) and not any(isinstance(i, ast.Slice) for i in index.elts)
    ):
        array = ast.parse(ast.unparse(target.value), mode="eval").body
        yield "duplicate-index", 0.985, ast.Expr(_of_numpy(["add", "at"], [array, index, value]))


def _of_numpy(path: list[str], args: list) -> ast.Call:
    function: Any = call(ast.Name("__import__", ast.Load()), ["numpy"])
    for name in path:
        function = method(function, name)
    return ast.Call(function, args, [])


def _transposed(node: Any) -> Any:
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        return node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in ("swapaxes", "transpose") and not ast.unparse(node).startswith("np."):
            return node.func.value
        if ast.unparse(node.func) == "np.swapaxes":
            return node.args[0]
    return call(method(node, "swapaxes"), [-1, -2])

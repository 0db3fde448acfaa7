"""Repairs in the source: one expression of the pullback is changed, and the check is run again.

Where a fault sits in the middle of a pullback, the Jacobian that comes out shows it no longer: a
matrix that is not transposed inside attention, say. So the pullback is read (its AST), each small
change that undoes a known mistake (`substitutions.py`) is made in turn, and a change with which the
gradient is right is the evidence, and the repair, at once.
"""

from __future__ import annotations

import ast
import linecache
import time
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

from minigrad.clinic.case import Case
from minigrad.clinic.report import Diagnosis
from minigrad.clinic.rewrites import Rewrite, rewrites
from minigrad.clinic.sources import node_of
from minigrad.clinic.subject import OpSubject
from minigrad.clinic.trial import Trial

SECONDS = 0.4  # of one op, for all changes that are tried


def check(case: Case) -> Iterator[Diagnosis]:
    """Every change of one expression that makes the wrong gradients right."""
    subject = case.subject
    if not isinstance(subject, OpSubject) or not case.wrong:
        return
    function = subject.source
    node = _read(function)
    if node is None:
        return
    known = subject.locals_of_forward()
    names = subject.op.parameters if not subject.op.opaque else []
    deadline = time.process_time() + SECONDS
    trial = Trial(case)
    for rewrite in rewrites(node, known, names, whole=function is not subject.op.fn):
        if time.process_time() > deadline:
            return
        changed = _compiled(function, rewrite, node)
        if changed is None:
            continue
        with subject.rewritten(changed):
            repaired = trial.repaired(case.pullback)
        for n in repaired:
            found = case.found(rewrite.code, n, rewrite.certainty, repaired_by=rewrite.words)
            line = function.__code__.co_filename, rewrite.line
            text = linecache.getline(*line).strip()
            found.pullback = f"{line[0]}:{line[1]}", text
            found.repair = f"With {rewrite.words} in this line the gradient is right."
            yield found


def _read(function: Any) -> Any:
    """The AST of a function; None if its source is not to be had."""
    if not isinstance(function, FunctionType):
        return None
    lines = linecache.getlines(function.__code__.co_filename)
    node = node_of(function.__code__, "".join(lines))
    return node if isinstance(node, ast.FunctionDef) else None


def _compiled(function: Any, rewrite: Rewrite, node: ast.FunctionDef) -> Callable | None:
    """The function with the change made; it is taken back in the AST at once."""
    names = function.__code__.co_freevars
    decorators, node.decorator_list = node.decorator_list, []
    undo = rewrite.make()
    try:
        body: list[Any] = [node]
        outer = ast.parse(f"def outer({', '.join(names)}): pass")
        outer.body[0].body = body  # type: ignore[attr-defined]
        code = _find(compile(outer, function.__code__.co_filename, "exec"), node.name)
    except (SyntaxError, ValueError):
        return None
    finally:
        undo()
        node.decorator_list = decorators
    cells = dict(zip(names, function.__closure__ or (), strict=True))
    if code is None or any(name not in cells for name in code.co_freevars):
        return None
    closure = tuple(cells[name] for name in code.co_freevars)
    made = FunctionType(code, function.__globals__, node.name, function.__defaults__, closure)
    made.__kwdefaults__ = function.__kwdefaults__
    return made


def _find(code: CodeType, name: str) -> CodeType | None:
    for const in code.co_consts:
        if isinstance(const, CodeType):
            if const.co_name == name and code.co_name == "outer":
                return const
            found = _find(const, name)
            if found is not None:
                return found
    return None

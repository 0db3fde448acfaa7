"""Repairs in the source: one expression of the pullback is changed, and the check is run again.

Where a fault sits in the middle of a pullback, the Jacobian that comes out shows it no longer: a
matrix that is not transposed inside attention, say. So the pullback is read (its AST), and the
functions that it calls; each small change that undoes a known mistake (`substitutions.py`) is made
in turn, in a copy, and a change with which the gradient is right is the evidence, and the repair,
at once.
"""

from __future__ import annotations

import ast
import linecache
import time
from collections.abc import Callable, Iterator
from types import CellType, CodeType, FunctionType
from typing import Any, NamedTuple

from minigrad.clinic.case import Case
from minigrad.clinic.factors import of_whole
from minigrad.clinic.report import Diagnosis
from minigrad.clinic.sources import node_of
from minigrad.clinic.subject import OpSubject
from minigrad.clinic.substitutions import changes
from minigrad.clinic.trial import AGREES, Trial
from minigrad.clinic.untouched import OURS, is_filled, named, with_closure

SECONDS = 0.4  # of one op, for all changes that are tried


class Place(NamedTuple):
    """A function whose source can be changed, and what makes the op's function with it."""

    function: Any
    node: ast.FunctionDef
    whole: bool  # all of it is the pullback's; else only the functions that are defined in it
    put: Callable[[Any], Any]


class Rewrite(NamedTuple):
    """One change that can be made, and what it would be the repair of."""

    code: str
    certainty: float
    words: str  # the new expression and the old one
    line: int
    make: Callable[[], Callable[[], None]]  # changes the tree, returns what takes it back


def check(case: Case) -> Iterator[Diagnosis]:
    """Every change of one expression that makes wrong gradients right and spoils none."""
    subject = case.subject
    if not isinstance(subject, OpSubject) or not case.wrong:
        return
    parameters = subject.op.parameters if not subject.op.opaque else []
    deadline = time.process_time() + SECONDS
    trial = Trial(case)
    for place in _places(subject):
        known = subject.locals_of(place.function.__code__, case.one_hot(0))
        for rewrite in rewrites(place.node, known, parameters, whole=place.whole):
            if time.process_time() > deadline:
                return
            changed = _compiled(place.function, rewrite, place.node)
            if changed is None:
                continue
            with subject.rewritten(place.put(changed)):
                repaired = trial.repaired(case.pullback)
            for n in repaired.arguments if repaired else ():
                found = case.found(rewrite.code, n, rewrite.certainty, repaired_by=rewrite.words)
                line = place.function.__code__.co_filename, rewrite.line
                text = linecache.getline(*line).strip()
                found.pullback = f"{line[0]}:{line[1]}", text
                if repaired and repaired.whole:
                    found.repair = f"With {rewrite.words} in this line {AGREES}."
                yield found


def _places(subject: OpSubject) -> Iterator[Place]:
    """The op's function, and the functions of the student's that its pullback calls."""
    main = subject.source
    node = _read(main)
    if node is None:
        return
    is_backward = main is not subject.op.fn and not hasattr(subject.op.fn, "__wrapped__")
    yield Place(main, node, is_backward, lambda changed: changed)
    cells = dict(zip(main.__code__.co_freevars, main.__closure__ or (), strict=True))
    held = {name: cell.cell_contents for name, cell in cells.items() if is_filled(cell)}
    inner = [c for c in main.__code__.co_consts if isinstance(c, CodeType)]
    used = named(main.__code__) if is_backward else set().union(*map(_uses, inner))
    for name in used:
        helper = held.get(name, main.__globals__.get(name))
        if isinstance(helper, FunctionType) and not (helper.__module__ or "").startswith(OURS):
            node = _read(helper)
            if node is not None:
                yield Place(helper, node, True, lambda h, name=name: _with(main, name, h))


def _uses(code: CodeType) -> set[str]:
    return named(code) | set(code.co_freevars)


def _with(main: FunctionType, name: str, helper: Any) -> FunctionType:
    """A copy of a function, which calls `helper` by that name."""
    free = main.__code__.co_freevars
    if name not in free:
        return with_closure(main, main.__code__, main.__closure__ or (), {name: helper})
    cells = zip(free, main.__closure__ or (), strict=True)
    closure = tuple(CellType(helper) if n == name else cell for n, cell in cells)
    return with_closure(main, main.__code__, closure)


def _read(function: Any) -> ast.FunctionDef | None:
    """The AST of a function; None if its source is not to be had."""
    if not isinstance(function, FunctionType):
        return None
    lines = linecache.getlines(function.__code__.co_filename)
    node = node_of(function.__code__, "".join(lines))
    if isinstance(node, ast.Lambda):
        body: list[Any] = [ast.copy_location(ast.Return(node.body), node.body)]
        made = ast.parse("def function(): pass").body[0]
        assert isinstance(made, ast.FunctionDef)
        made.args, made.body = node.args, body
        return made
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
    return with_closure(function, code, tuple(cells[name] for name in code.co_freevars))


def _find(code: CodeType, name: str) -> CodeType | None:
    for const in code.co_consts:
        if isinstance(const, CodeType):
            if const.co_name == name and code.co_name == "outer":
                return const
            found = _find(const, name)
            if found is not None:
                return found
    return None


def rewrites(
    node: ast.FunctionDef, known: dict[str, Any], parameters: list[str], *, whole: bool
) -> Iterator[Rewrite]:
    """All changes in the functions inside `node` (a pullback is one), or in all of it (whole).

    known: the variables, by name; parameters: those that are arguments.
    """
    roots = [node] if whole else [n for n in ast.walk(node) if n is not node and _is_function(n)]
    gradients = {id(e) for root in roots for n in ast.walk(root) for e in _results(n)}
    seen: set[int] = set()
    found = []
    for root in roots:
        for put, child in _inside(root):
            if id(child) in seen:
                continue
            seen.add(id(child))
            made = list(changes(child, known, parameters))
            made += of_whole(child, known) if id(child) in gradients else []
            for code, certainty, new in made:
                rewrite = _made(child, new, code, certainty, put)
                found += [] if rewrite is None else [rewrite]
    yield from sorted(found, key=lambda r: -r.certainty)


def _results(node: Any) -> list[Any]:
    """What a statement returns or assigns, one after the other: each is the whole of something."""
    if isinstance(node, ast.Lambda):
        value = node.body
    elif isinstance(node, (ast.Return, ast.Assign, ast.AugAssign)):
        value = node.value
    else:
        return []
    parts = value.elts if isinstance(value, (ast.Tuple, ast.List)) else [value]
    return [p for p in parts if p is not None and not isinstance(p, (ast.Constant, ast.Lambda))]


def _is_function(node: Any) -> bool:
    return isinstance(node, (ast.FunctionDef, ast.Lambda))


def _inside(parent: Any) -> Iterator[tuple[Callable[[Any], None], Any]]:
    """Everything in a function that can be replaced, with what replaces it.

    What an `if` asks is no arithmetic, what is assigned to stays, and a `while` might not end.
    """
    if isinstance(parent, ast.While):
        return
    for name, value in ast.iter_fields(parent):
        if name in ("test", "targets", "target", "decorator_list") or isinstance(
            value, ast.arguments
        ):
            continue
        if isinstance(value, list):
            for i, item in enumerate(value):
                if isinstance(item, ast.AST):
                    if isinstance(item, (ast.expr, ast.stmt)):
                        yield lambda new, value=value, i=i: value.__setitem__(i, new), item
                    yield from _inside(item)
        elif isinstance(value, ast.AST):
            if isinstance(value, ast.expr):
                yield lambda new, parent=parent, name=name: setattr(parent, name, new), value
            yield from _inside(value)


def _made(old: Any, new: Any, code: str, certainty: float, put: Callable) -> Rewrite | None:
    ast.copy_location(new, old)
    ast.fix_missing_locations(new)
    before, after = ast.unparse(old), ast.unparse(new)
    if before == after:
        return None

    def make() -> Callable[[], None]:
        put(new)
        return lambda: put(old)

    words = f"`{after}` for `{before}`".replace("__import__('numpy')", "np")
    return Rewrite(code, certainty, words, old.lineno, make)

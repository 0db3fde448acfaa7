"""A repair that is found in the source: what is changed, what is not, and what it says."""

from __future__ import annotations

import ast
import linecache
import re

import numpy as np
import pytest

import minigrad as mg
from minigrad.clinic.rewriting import rewrites
from minigrad.clinic.sources import gradient_line

GENERAL = re.compile(r"`(-|2 \* |0\.5 \* |3 \* )")


def words(source: str, *, whole: bool = False, **known) -> list[tuple[str, str]]:
    """whole: also the sign and the factors that any gradient may lack."""
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.FunctionDef)
    before = ast.unparse(node)
    found = []
    for rewrite in rewrites(node, known, [], whole=True):
        undo = rewrite.make()
        assert ast.unparse(node) != before
        undo()
        assert ast.unparse(node) == before
        found.append((rewrite.code, rewrite.words))
    return found if whole else [c for c in found if not GENERAL.match(c[1])]


def test_the_changes_of_a_product_of_matrices():
    assert words("def pull(g):\n    return g @ w.T") == [
        ("factor-not-transposed", "`g.swapaxes(-1, -2) @ w.T` for `g @ w.T`"),
        ("factor-not-transposed", "`g @ w` for `g @ w.T`"),
        ("result-transposed", "`(g @ w.T).swapaxes(-1, -2)` for `g @ w.T`"),
    ]


def test_the_changes_of_other_expressions():
    found = dict(words("def pull(g):\n    return np.where(x > 0, g, 0)"))
    assert found["mask"]  # the condition turned round, the branches exchanged
    assert ("wrong-axis", "`g.sum(0)` for `g.sum(1)`") in words("def pull(g):\n    return g.sum(1)")
    assert ("wrong-sign", "`a - b` for `a + b`") in words("def pull(g):\n    return a + b")
    assert ("padding-shifted", "`g[1 + 1:]` for `g[1:]`") in words("def pull(g):\n    return g[1:]")
    assert (
        "permutation-not-inverted",
        "`g.transpose(np.argsort(d))` for `g.transpose(d)`",
    ) in words("def pull(g):\n    return g.transpose(d)")
    assert ("duplicate-index", "`np.add.at(d, i, g)` for `d[i] += g`") in words(
        "def pull(g):\n    d[i] += g"
    )
    assert ("input-for-output", "`y` for `x`") in words(
        "def pull(g):\n    return g * x", x=np.ones(2), y=np.zeros(2)
    )


def test_what_is_not_changed():
    assert words("def pull(g):\n    if a > b:\n        return g\n    return g") == []
    assert words("def pull(g):\n    while n < 3:\n        n += 1\n    return g") == []


def test_a_pullback_with_a_loop_that_a_change_would_not_end():
    def power(x):
        def pull(g):
            n, total = 0, g
            while n < 2:
                n += 1
                total = total * x
            return total

        return x**3, pull

    report = mg.gradcheck(power, np.array([0.5, 1.5]), raise_exception=False)
    assert report.diagnoses[0].code == "missing-factor"


def test_a_function_without_source():
    scope = {"np": np}
    exec("def op(x, w):\n    return x @ w, lambda g: (g @ w, x.T @ g)", scope)
    a = np.arange(9.0).reshape(3, 3) + 1
    report = mg.gradcheck(scope["op"], (a, a * a), raise_exception=False)
    assert report.diagnoses[0].code == "factor-not-transposed"
    assert report.diagnoses[0].pullback is None


PULLBACKS = """
def pull(g):
    dx = g * 2
    if True:
        dx = dx + 1
    dw[...] = g
    return (dx, g * 3,
            dw)
pair = lambda g: (g,
                  -g)
one, two = lambda g: g, lambda g: -g
"""


@pytest.mark.parametrize(
    ("name", "position", "line"),
    [("pull", 0, 5), ("pull", 1, 7), ("pull", 2, 6), ("pull", None, 7), ("pair", 0, 9),
     ("pair", 1, 10), ("two", 0, 11)],
)  # fmt: skip
def test_the_line_of_a_gradient(name, position, line):
    file = "pullbacks_of_a_student.py"
    linecache.cache[file] = (len(PULLBACKS), None, PULLBACKS.splitlines(keepends=True), file)
    scope = {"dw": None}
    exec(compile(PULLBACKS, file, "exec"), scope)
    found = gradient_line(scope[name], position)
    assert found == (f"{file}:{line}", PULLBACKS.splitlines()[line - 1].strip())
    assert gradient_line((scope["one"], scope["two"]), 1) == (
        f"{file}:11", "one, two = lambda g: g, lambda g: -g",
    )  # fmt: skip

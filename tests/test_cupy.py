"""What can be said about CuPy without a GPU: that it has the functions that ops call."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from minigrad.ops.indexing import add_at
from tests.strict_array import StrictArray

ROOT = Path(__file__).parents[1] / "minigrad"
FOLDERS = ("ops", "nn", "optim")
# Named in the tables of what is ours for a function of NumPy's, or used on the host alone.
ON_THE_HOST = {
    "linalg.multi_dot", "linalg.svdvals", "polynomial.Polynomial",
}  # fmt: skip


def names_in(source: str) -> set[str]:
    """`a.b` for every np.a.b in it."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        parts = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if parts and isinstance(node, ast.Name) and node.id == "np":
            names.add(".".join(reversed(parts)))
    return names


USED = sorted(set().union(*(
    names_in(p.read_text(encoding="utf-8")) for f in FOLDERS for p in (ROOT / f).rglob("*.py")
)) - ON_THE_HOST)  # fmt: skip


def find(module, name):
    for part in name.split("."):
        module = getattr(module, part, None)
    return module


def test_names_are_found():
    assert names_in("np.linalg.svd(np.abs(x), other.sum())") == {"linalg", "linalg.svd", "abs"}
    assert len(USED) > 100
    assert all(find(np, name) is not None for name in USED)


def test_cupy_has_every_function_that_ops_call():
    cupy = pytest.importorskip("cupy", reason="CuPy is not installed")
    assert not [name for name in USED if find(cupy, name) is None]


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.eye(2, like=x),
        lambda x: np.max(x, axis=1, initial=0.0),
        lambda x: np.sort(x, kind="quicksort"),
        lambda x: np.where(True, x, x),
        lambda x: np.linalg.solve(x, np.stack([x, x])),
        lambda x: np.argmax(x.sum(), axis=0),
        lambda x: np.add.reduce(x),
        lambda x: np.array(2.0) * x,
        lambda x: np.zeros(3)[x.astype(int)],
        lambda x: range(x.astype(int).sum()),
        lambda x: x.__setitem__(0, [1.0, 2.0]),
        lambda x: np.asarray(x),
    ],
)
def test_the_stand_in_refuses_what_cupy_refuses(call):
    with pytest.raises((TypeError, ValueError, AttributeError, IndexError)):
        call(StrictArray(np.eye(2)))


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "int16"])
def test_small_integers_are_added_at_repeated_places(dtype):
    got = []
    for kind in (np.asarray, StrictArray):
        y, values = kind(np.zeros(3, dtype)), kind(np.ones(4, dtype))
        add_at(y, (kind(np.array([0, 2, 2, 0])),), values)
        got.append(y.tolist())
    assert got[0] == got[1] == ([True, False, True] if dtype == "bool" else [2, 0, 2])


def test_the_stand_in_takes_an_empty_shape_for_none_as_cupy_does():
    x = StrictArray(np.eye(2))
    assert np.zeros_like(x, shape=()).shape == (2, 2)
    assert np.zeros_like(x, shape=(1,)).shape == (1,)
    assert x[0][1:].base is x

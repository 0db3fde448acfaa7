"""What published model code says to PyTorch's compilers: heard, and without effect."""

from __future__ import annotations

import pytest

import minigrad as mg


def test_nothing_is_compiled():
    assert not mg.jit.is_scripting()
    assert not mg.jit.is_tracing()


def test_marks_return_the_function():
    def f(x):
        return x + 1

    for mark in (mg.jit.unused, mg.jit.export, mg.jit.ignore, mg.jit.ignore(drop=True), mg.fx.wrap):
        assert mark(f) is f


def test_assert():
    mg._assert(True, "not said")
    with pytest.raises(AssertionError, match="too small"):
        mg._assert(False, "too small")

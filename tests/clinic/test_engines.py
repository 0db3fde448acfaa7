"""An engine written in an exercise: the faults of its `backward()` are named."""

from __future__ import annotations

import pytest

from minigrad.clinic import check_engine

STALE: dict = {}


def engine(fault: str):
    """A scalar engine of forty lines, right or with one planted fault."""

    class Scalar:
        def __init__(self, data, parents=(), locals_=()):
            self.data, self.grad, self.parents, self.locals = data, 0.0, parents, locals_

        def __add__(self, other):
            return Scalar(self.data + other.data, (self, other), (1.0, 1.0))

        def __mul__(self, other):
            slopes = (other.data, self.data)
            if fault == "gradients-swapped":
                slopes = slopes[::-1]
            if fault == "wrong-sign":
                slopes = (-slopes[0], slopes[1])
            return Scalar(self.data * other.data, (self, other), slopes)

        def order(self):
            found, seen = [], set()

            def visit(node):
                if id(node) in seen:
                    return
                seen.add(id(node))
                if fault == "wrong-order":
                    found.append(node)  # before its parents: reversed below, it comes too late
                for parent in node.parents:
                    visit(parent)
                if fault != "wrong-order":
                    found.append(node)

            visit(self)
            return found if fault == "wrong-order" else found[::-1]

        def backward(self):
            self.grad = 1.0
            for node in self.order():
                for parent, slope in zip(node.parents, node.locals, strict=True):
                    g = slope if fault == "ignores-upstream" else slope * node.grad
                    if fault == "overwrites-fanout":
                        parent.grad = g
                    elif fault == "stale-accumulation":
                        STALE[parent.data] = parent.grad = STALE.get(parent.data, 0.0) + g
                    else:
                        parent.grad += g

    return Scalar


def test_a_right_engine_passes():
    report = check_engine(engine(""))
    assert report.ok
    assert not report.diagnoses


@pytest.mark.parametrize(
    "fault",
    ["overwrites-fanout", "wrong-order", "ignores-upstream", "stale-accumulation", "wrong-sign",
     "gradients-swapped"],
)  # fmt: skip
def test_the_fault_is_named_first(fault):
    report = check_engine(engine(fault))
    assert not report.ok
    assert report.diagnoses[0].code == fault
    assert "backward gives" in str(report)

"""An engine written in an exercise: the faults of its `backward()` are named."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
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


# ------------------------------------------------------------------ an engine with more operations


class Held:
    """Arrays or numbers; `fault` names what is wrong with it."""

    fault = ""
    holds = float

    def __init__(self, data, parents=(), pull=None):
        self.data = np.asarray(data, dtype=float) if self.holds is np.ndarray else float(data)
        self.grad = self.data * 0
        self.parents, self.pull = parents, pull

    def made(self, data, others, *slopes):
        """The result, whose backward adds slope(g) to each of its parents' gradients."""
        result = type(self)(data, (self, *others))

        def pull():
            for parent, slope in zip(result.parents, slopes, strict=True):
                parent.grad = parent.grad + self.summed(slope(result.grad), parent)

        result.pull = pull
        return result

    def summed(self, g, parent):
        if self.holds is not np.ndarray or self.fault == "not-unbroadcast":
            return g
        while g.ndim > parent.data.ndim:
            g = g.mean(0) if self.fault == "averaged-broadcast" else g.sum(0)
        axes = tuple(i for i, n in enumerate(parent.data.shape) if n == 1)
        return g.sum(axes, keepdims=True) if axes else g

    def lifted(self, other):
        return other if isinstance(other, Held) else type(self)(other)

    def __add__(self, other):
        other = self.lifted(other)
        return self.made(self.data + other.data, (other,), lambda g: g, lambda g: g)

    def __mul__(self, other):
        other = self.lifted(other)
        return self.made(
            self.data * other.data, (other,), lambda g: g * other.data, lambda g: g * self.data
        )

    __radd__, __rmul__ = __add__, __mul__

    def __pow__(self, n):
        lost = 1 if self.fault == "missing-factor" else n
        return self.made(self.data**n, (), lambda g: g * lost * self.data ** (n - 1))

    def tanh(self):
        t = np.tanh(self.data)
        if self.fault == "input-for-output":
            return self.made(t, (), lambda g: g * (1 - self.data**2))
        if self.fault == "ignores-upstream":
            return self.made(t, (), lambda g: 1 - t * t)
        result = self.made(t, (), lambda g: g * (1 - t * t))
        if self.fault == "overwrites-fanout":

            def pull():
                self.grad = result.grad * (1 - t * t)

            result.pull = pull
        return result

    def relu(self):
        on = self.data > 0
        return self.made(
            self.data * on, (), lambda g: g * (np.logical_not(on) if self.fault == "mask" else on)
        )

    def sum(self):
        data = np.asarray(self.data)
        return self.made(data.sum(), (), lambda g: g * np.ones(data.shape))

    def __matmul__(self, other):
        def of_other(g):
            if self.fault == "result-transposed":
                return g.T @ self.data
            return self.data.T @ g

        return self.made(self.data @ other.data, (other,), lambda g: g @ other.data.T, of_other)

    def backward(self):
        order, seen = [], set()

        def visit(node):
            if id(node) not in seen:
                seen.add(id(node))
                for parent in node.parents:
                    visit(parent)
                order.append(node)

        visit(self)
        self.grad = self.data * 0 + 1
        for node in reversed(order):
            if node.pull is not None:
                node.pull()
            if self.fault == "mutates":
                node.data = node.data * 0


def held(fault: str, kind: type = float) -> type:
    return type("Held", (Held,), {"fault": fault, "holds": kind})


NUMBERS = {
    "missing-factor": "a ** 3", "input-for-output": "tanh", "ignores-upstream": "tanh",
    "overwrites-fanout": "tanh", "mask": "relu", "mutates": "the engine",
}  # fmt: skip
ARRAYS = {
    "not-unbroadcast": "a + row", "averaged-broadcast": "a + row", "result-transposed": "a @ b",
}  # fmt: skip


@pytest.mark.parametrize("kind", [float, np.ndarray])
def test_a_right_engine_with_more_operations(kind):
    report = check_engine(held("", kind))
    assert report.ok, str(report)
    assert any("recurses too deep" in note for note in report.notes)
    assert any("second backward()" in note for note in report.notes)


@pytest.mark.parametrize("fault", NUMBERS)
def test_the_operation_at_fault_is_named(fault):
    report = check_engine(held(fault))
    best = report.diagnoses[0]
    assert (best.code, best.op) == (fault, NUMBERS[fault])


@pytest.mark.parametrize("fault", ARRAYS)
def test_the_operation_of_arrays_at_fault_is_named(fault):
    report = check_engine(held(fault, np.ndarray))
    best = report.diagnoses[0]
    assert (best.code, best.op) == (fault, ARRAYS[fault])


def network(a, b):
    c = a * b + a
    return c.tanh() * c + (a + b) ** 2


@pytest.mark.parametrize("fault", ["", *NUMBERS])
def test_gradcheck_of_a_function_of_its_objects(fault):
    Value = held(fault)
    report = mg.gradcheck(network, (Value(0.5), Value(-0.8)), raise_exception=False)
    assert report.ok == (not fault)
    assert [d.code for d in report.diagnoses[:1]] == ([fault] if fault else [])
    if fault:
        with pytest.raises(mg.GradcheckError, match=fault):
            mg.gradcheck(network, (Value(0.5), Value(-0.8)))


def test_gradcheck_of_arrays_in_a_list():
    Value = held("", np.ndarray)
    rng = np.random.default_rng(0)
    x, w, b = (Value(rng.standard_normal(s)) for s in ((4, 3), (3, 2), (2,)))
    assert mg.gradcheck(lambda pair, b: (pair[0] @ pair[1] + b).relu().sum(), ([x, w], b))
    wrong = held("not-unbroadcast", np.ndarray)
    x, w, b = (wrong(v.data) for v in (x, w, b))
    report = mg.gradcheck(lambda x, w, b: (x @ w + b).sum(), (x, w, b), raise_exception=False)
    assert report.diagnoses[0].code == "not-unbroadcast"
    assert "argument 2, b: the gradient has another shape than the data" in report.message


def test_an_engine_without_plus_is_checked_for_what_it_has():
    class Product:
        def __init__(self, data, parents=()):
            self.data, self.grad, self.parents = data, 0.0, parents

        def __mul__(self, other):
            return Product(self.data * other.data, (self, other))

        def backward(self, g=1.0):
            self.grad += g
            if self.parents:
                a, b = self.parents
                a.backward(g * b.data)
                b.backward(g * a.data)

    assert mg.gradcheck(lambda a, b: a * b, (Product(2.0), Product(3.0)))

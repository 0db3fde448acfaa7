"""What gradcheck is given, it leaves as it was; what a pullback returns, it does not fall over."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import minigrad as mg
from minigrad.clinic.untouched import put_back

TABLE = np.array([1.0, 2.0, 3.0])
COUNT = 0


def check(function, *arrays):
    inputs = [mg.tensor(np.array(a), requires_grad=True) for a in arrays]
    return mg.gradcheck(mg.op(function), inputs, raise_exception=False)


def softmax(x, axis):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def test_a_closure_in_which_a_repair_was_tried():
    axis, order, seen = -1, [2, 0, 1], {"calls": 0}

    def columns(x):
        s = softmax(x, axis)

        def pull(g):
            seen["calls"] += 1
            return (s * (g - (g * s).sum(0, keepdims=True)))[:, order][:, np.argsort(order)]

        return s, pull

    report = check(columns, np.arange(9.0).reshape(3, 3) / 7)
    assert report.diagnoses[0].code == "wrong-axis"
    assert (axis, order) == (-1, [2, 0, 1])


def test_a_repair_is_tried_on_a_copy_of_what_was_saved():
    x = np.array([0.3, -1.2, 0.8])
    kept = {}

    def tanh(x):
        y = np.tanh(x)
        kept["pull"] = lambda g: g * (1 - x * x)
        kept["x"] = x
        return y, kept["pull"]

    assert check(tanh, x).diagnoses[0].code == "input-for-output"
    assert np.array_equal(kept["pull"](np.ones(3)), 1 - kept["x"] ** 2)


def test_arrays_that_a_change_of_the_source_would_write_to():
    """`work` is written to in the pullback; with the table in its place that would be."""

    def scaled(x, by=[2.0]):  # noqa: B006
        table, work = TABLE, np.zeros(3)

        def pull(g):
            np.multiply(g, by[0], out=work)
            return work * table * np.cos(1.0)

        return x * by[0] * table, pull

    assert not check(scaled, np.ones(3)).ok
    assert TABLE.tolist() == [1, 2, 3]
    assert scaled.__defaults__ == ([2.0],)


def test_all_that_a_function_holds_is_put_back():
    held, sizes, seen = np.ones(2), [1, 2], {"a": 0}

    def function(x, by=3):
        return x * held * by * len(sizes) * COUNT, lambda g: g * seen["a"]

    with put_back(function):
        globals()["COUNT"] = 5
        function.__defaults__ = (4,)
        held *= 2
        sizes.append(3)
        seen["a"] = 1
        held = None
    assert held.tolist() == [1, 1]
    assert (COUNT, function.__defaults__, sizes, seen) == (0, (3,), [1, 2], {"a": 0})


def test_the_inputs_that_a_function_writes_to():
    x = mg.tensor([0.3, -1.2], dtype=mg.float64, requires_grad=True)

    @mg.op
    def doubled(x):
        x *= 2
        return np.sin(x), lambda g: 2 * g * np.cos(x)

    report = mg.gradcheck(doubled, x, raise_exception=False)
    assert x.tolist() == [0.3, -1.2]
    assert report.diagnoses[0].code == "mutates"
    assert "doubled writes to what it must not change: forward writes" in report.message


X = np.array([0.3, -1.2, 0.8])
AWKWARD = {
    "raises NameError": lambda x: (x * x, lambda g: g * missing),  # noqa: F821
    "raises a class of its own": lambda x: (x * x, lambda g: (_ for _ in ()).throw(KeyError(1))),
    "bool": lambda x: (x * 2, lambda g: g > 0),
    "complex": lambda x: (x * 2, lambda g: g * 2j),
    "object": lambda x: (x * 2, lambda g: g.astype(object) * 3),
    "text": lambda x: (x * 2, lambda g: np.array(["a", "b", "c"])),
    "ragged": lambda x: (x * 2, lambda g: [[1.0], [2.0, 3.0]]),
    "None": lambda x: (x * 2, lambda g: None),
    "nan": lambda x: (x * 2, lambda g: g * np.nan),
    "another shape each time": lambda x: (x * 2, lambda g: g[: int(np.sum(g != 0))]),
    "a column": lambda x: (x * 2, lambda g: 2 * g[:, None]),
    "a string": lambda x: (x * 2, lambda g: "g"),
}
RAGGED = ((1,), (2, 3))


@pytest.mark.parametrize("composed", [False, True])
@pytest.mark.parametrize("name", AWKWARD)
def test_whatever_a_pullback_returns_there_is_a_report(name, composed):
    def awkward(x):
        return AWKWARD[name](x)

    op = mg.op(awkward)
    function = (lambda x: mg.tanh(op(x)) * 2) if composed else op
    x = mg.tensor(X, requires_grad=True)
    report = mg.gradcheck(function, x, raise_exception=False)
    assert not report.ok
    assert str(report)
    assert report.as_dict()["message"].startswith("gradcheck")
    assert report._repr_html_()
    with pytest.raises(mg.GradcheckError):
        mg.gradcheck(function, x)


def test_a_ragged_tuple_in_the_closure():
    report = check(lambda x: (x * len(RAGGED), lambda g: g * len(RAGGED[0])), X)
    assert report.diagnoses[0].code == "missing-factor"


def test_a_point_that_the_function_refuses_is_passed_over():
    def root(x):
        if (x < 0).any():
            raise ValueError("negative")
        return x * (x + 1), lambda g: g * (2 * x + 1)

    assert check(root, np.array([0.0, 1.0, 4.0])).ok

    def here_alone(x):
        if x[0] != 1:
            raise ValueError("elsewhere")
        return x * x, lambda g: 2 * g * x

    report = check(here_alone, np.array([1.0, 2.0]))
    assert report.ok
    assert "raises when elements [0] are moved, so their gradient was not checked" in str(report)


def test_a_rule_that_fails_is_passed_over_and_logged(monkeypatch, caplog):
    from minigrad.clinic import magnitudes, repairs

    def failing(*args):
        raise ZeroDivisionError

    monkeypatch.setattr(repairs, "check", failing)
    report = check(lambda x: (x * x, lambda g: g * x), X)
    assert report.diagnoses[0].code == "missing-factor"
    monkeypatch.setattr(magnitudes, "check", failing)
    assert check(lambda x: (x * x, lambda g: g * x), X).diagnoses
    assert {r.exc_info[0] for r in caplog.records if r.name == "minigrad.clinic"} == {
        ZeroDivisionError
    }
    caplog.clear()  # see conftest.py


def test_nothing_is_called_right_that_was_not_checked():
    report = mg.gradcheck(lambda x: x > 0, mg.tensor(X, requires_grad=True), raise_exception=False)
    assert "there was no gradient to check" in str(report)
    report = check(lambda x: (x * x, lambda g: g), X[:0])
    assert "there was no gradient to check" in str(report)


def test_an_error_in_the_pullback_has_its_line_and_no_fault_of_the_formula():
    def undefined(x):
        return x * x, lambda g: g * missing  # noqa: F821

    report = check(undefined, X)
    line = inspect.getsourcelines(undefined)[1] + 1
    assert f"raised NameError: name 'missing' is not defined\n  at {__file__}:{line}" in str(report)
    assert report.diagnoses == []

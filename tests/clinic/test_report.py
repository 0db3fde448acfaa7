"""What a failed check says, in text, HTML, a terminal and a dict; kinks, randomness, blame."""

from __future__ import annotations

import io
import json
import linecache

import numpy as np
import pytest

import minigrad as mg
from minigrad.graph import Op, run


def x64(*values):
    return mg.tensor(list(values), dtype=mg.float64, requires_grad=True)


def op(fn):
    spec = Op(fn)

    def call(*args):
        return run(spec, args, {})

    call.spec = spec  # type: ignore[attr-defined]
    return call


@op
def square(x):
    return x * x, lambda g: g * x


@pytest.fixture
def report():
    return mg.gradcheck(square, x64(1.0, 2.0), raise_exception=False)


def test_evidence_entries_and_advice(report):
    best = report.diagnoses[0]
    assert (best.code, best.argument) == ("missing-factor", 0)
    assert best.evidence["alpha"] == pytest.approx(0.5)
    assert sorted(best.entries) == [((0,), (0,)), ((1,), (1,))]
    assert "constant" in best.advice


def test_a_right_gradient_gives_a_true_report():
    report = mg.gradcheck(mg.tanh, x64(0.3), raise_exception=False)
    assert report.ok
    assert bool(report)
    assert report.diagnoses == []
    assert mg.gradcheck(mg.tanh, x64(0.3)) is True


def test_the_error_is_the_report(report):
    with pytest.raises(mg.GradcheckError) as info:
        mg.gradcheck(square, x64(1.0, 2.0))
    assert str(info.value) == str(report)
    assert "2 of 4 entries wrong" in str(report)
    assert "1. missing-factor" in str(report)
    assert "the gradient is half of what it should be" in str(report)
    assert "alpha" not in str(report)


def test_as_dict_is_json(report):
    found = json.loads(json.dumps(report.as_dict()))
    assert found["ok"] is False
    assert found["diagnoses"][0]["code"] == "missing-factor"
    assert found["diagnoses"][0]["entries"] == [[[1], [1]], [[0], [0]]]


def test_html_shows_both_jacobians(report):
    text = report._repr_html_()
    assert "what backward gives" in text
    assert "what differences give" in text
    assert text.count("*</td>") == 4  # two wrong entries, on both sides
    assert "<code>missing-factor</code>" in text


def test_html_escapes():
    @op
    def broken(x):
        def pull(g):
            raise ValueError("<b>")

        return x * 1, pull

    text = mg.gradcheck(broken, x64(1.0), raise_exception=False)._repr_html_()
    assert "<b>wrong</b>" in text
    assert "ValueError: &lt;b&gt;" in text


def test_rich_shows_both_jacobians(report):
    rich = pytest.importorskip("rich.console")
    console = rich.Console(file=io.StringIO(), width=100)
    console.print(report)
    text = console.file.getvalue()
    assert "what backward gives" in text
    assert "what differences give" in text
    assert text.count("2*") == 2  # backward's 2 and the differences' 2, marked as wrong
    assert "missing-factor" in text


def test_a_kink_is_accepted_with_a_note():
    report = mg.gradcheck(mg.relu, x64(0.0, 1.0), raise_exception=False)
    assert report.ok
    assert "1 entries the function has a kink" in report.notes[0]


def test_a_slope_beyond_a_kink_is_not_accepted():
    @op
    def relu(x):
        return np.maximum(x, 0), lambda g: g * 1.5 * (x >= 0)

    assert not mg.gradcheck(relu, x64(0.0), raise_exception=False)


def test_the_op_of_a_composition_is_named():
    def loss(x, w):
        h = mg.tanh(x * w)
        return (square(h) * x).sum()

    report = mg.gradcheck(loss, (x64(0.3, 0.7), x64(1.1, -0.4)), raise_exception=False)
    best = report.diagnoses[0]
    assert (best.code, best.op, best.argument) == ("missing-factor", "square", 0)
    assert {d.op for d in report.diagnoses} == {"square"}
    assert __file__ in str(best.line)


def test_a_severed_path_is_a_dropped_term():
    report = mg.gradcheck(lambda x: x.detach() * x, x64(1.0, 2.0), raise_exception=False)
    assert report.diagnoses[0].code == "dropped-term"
    severed = mg.gradcheck(lambda x: x.detach() * 2, x64(1.0), raise_exception=False)
    assert severed.diagnoses[0].code == "dropped-term"


def test_a_random_function_is_told_so():
    mg.manual_seed(0)
    x = mg.ones(20, dtype=mg.float64, requires_grad=True)
    report = mg.gradcheck(lambda x: mg.nn.functional.dropout(x, 0.5), x, raise_exception=False)
    assert report.ok  # with the same draw in every call
    assert report.diagnoses == []
    assert "draws random numbers" in report.notes[0]
    assert "draws random numbers" in str(report)


def test_what_cannot_be_drawn_again_is_not_called_wrong():
    calls = iter(range(10_000))
    report = mg.gradcheck(lambda x: x * next(calls), x64(1.0), raise_exception=False)
    assert not report.ok
    assert report.diagnoses == []
    assert "another value each time" in str(report)


def test_a_check_is_not_seen_in_later_random_numbers():
    mg.manual_seed(3)
    expected = mg.rand(3).tolist()
    mg.manual_seed(3)
    mg.gradcheck(square, x64(1.0), raise_exception=False)
    assert mg.rand(3).tolist() == expected


def test_a_large_function_is_checked_along_directions_and_says_so():
    x = mg.tensor(np.linspace(0.1, 1.0, 2100), dtype=mg.float64, requires_grad=True)
    report = mg.gradcheck(mg.tanh, x, raise_exception=False)
    assert report.ok
    assert "random directions" in report.notes[0]
    wrong = mg.gradcheck(square, x, raise_exception=False)
    assert not wrong.ok
    assert "along a random direction" in str(wrong)


def test_second_derivatives_raise_no_alarm_of_float32():
    w = mg.tensor([0.3, 0.7]).double()  # float32's numbers, exactly
    assert mg.gradgradcheck(lambda x: (x * x * w).sum(), x64(0.1, 0.2))
    assert mg.gradcheck(lambda x: x * w, x64(0.1, 0.2), method="complex")


@op
def cube(x):
    # The derivative is right, and what it is made of is hidden from the graph.
    return x**3, lambda g: 3 * g * (x.detach() ** 2 if hasattr(x, "detach") else x**2)


@op
def cube_by_numpy(x):
    return x**3, lambda g: 3 * g * np.asarray(x) ** 2


@pytest.mark.parametrize("function", [cube, lambda x: cube(x.tanh()) * x])
def test_a_second_derivative_that_lacks_a_term(function):
    report = mg.gradgradcheck(function, x64(0.3, 0.7), raise_exception=False)
    assert not report.ok
    best = report.diagnoses[0]
    assert (best.code, best.op, best.argument) == ("dropped-term", "cube", 0)
    assert best.evidence["second_derivative_by_backward"] == 0
    assert "cut off from the graph" in best.advice
    with pytest.raises(mg.GradcheckError, match="cut off from the graph"):
        mg.gradgradcheck(function, x64(0.3, 0.7))


def test_a_pullback_that_does_not_run_on_tensors():
    report = mg.gradgradcheck(cube_by_numpy, x64(0.3), raise_exception=False)
    assert not report.ok
    assert report.diagnoses[0].op == "cube_by_numpy"
    with pytest.raises(RuntimeError, match="numpy"):
        mg.gradgradcheck(cube_by_numpy, x64(0.3))


def test_the_complex_step_is_diagnosed_too():
    report = mg.gradcheck(square, x64(1.0, 2.0), method="complex", raise_exception=False)
    assert report.diagnoses[0].code == "missing-factor"
    report = mg.gradcheck(mg.abs, x64(0.3), method="complex", raise_exception=False)
    assert not report.ok
    assert report.diagnoses == []


@pytest.mark.parametrize("scale", [1e8, 1.0, 1e-8])
def test_a_small_error_is_told_from_noise(scale):
    @op
    def sine(x):
        return scale * np.sin(x), lambda g: 1.0001 * scale * g * np.cos(x)

    report = mg.gradcheck(sine, x64(0.3, -1.2), raise_exception=False)
    assert not report.ok
    assert report.diagnoses[0].code == "missing-factor"
    assert report.diagnoses[0].evidence["alpha"] == pytest.approx(1.0001, abs=1e-6)
    assert "backward is off by 0.0001 of the largest slope" in report.message
    # Who allows more than the default gets what he asks for.
    assert mg.gradcheck(sine, x64(0.3, -1.2), rtol=0.01, atol=scale / 100)


def test_the_line_in_the_pullback_and_where_the_op_was_called():
    @op
    def linear(x, w):
        def pull(g):
            dx = g @ w.T
            dw = g.T @ x
            return dx, dw

        return x @ w, pull

    x = mg.tensor(np.arange(6.0).reshape(2, 3) + 1, requires_grad=True)
    w = mg.tensor(np.arange(6.0).reshape(3, 2) - 2, requires_grad=True)
    best = mg.gradcheck(linear, (x, w), raise_exception=False).diagnoses[0]
    assert best.code == "result-transposed"
    assert best.pullback is not None
    assert best.pullback[1] == "dw = g.T @ x"
    assert best.line is not None  # where it is defined
    assert "@op" in linecache.getline(__file__, int(best.line.split(":")[-1]))
    best = mg.gradcheck(lambda x, w: linear(x, w) * 2, (x, w), raise_exception=False).diagnoses[0]
    assert best.pullback is not None
    assert best.pullback[1] == "dw = g.T @ x"
    assert __file__ in str(best.line)


def test_the_names_of_arguments_are_shown(report):
    @op
    def scaled(x, factor):
        return x * factor, lambda g: (g * factor, -g * x)

    report = mg.gradcheck(scaled, (x64(1.0, 2.0), x64(3.0, 4.0)), raise_exception=False)
    assert "argument 1, factor" in str(report)
    assert "d y[0] / d factor[0]" in str(report)
    assert "argument 1, factor" in report._repr_html_()
    assert report.as_dict()["diagnoses"][0]["name"] == "factor"

"""What gradcheck takes: ops, Functions, Modules, plain functions, arrays, float32, structures."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn


def numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng([3, *shape]).uniform(0.3, 1.9, shape)


def leaf(*shape: int):
    return mg.tensor(numbers(*shape), requires_grad=True)


def check(function, inputs):
    return mg.gradcheck(function, inputs, raise_exception=False)


class Cube(mg.autograd.Function):
    @staticmethod
    def forward(ctx, x, n):
        ctx.save_for_backward(x)
        ctx.n = n
        return x**n

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return -g * ctx.n * x ** (ctx.n - 1), None


@pytest.mark.parametrize("function", [Cube, Cube.apply])
def test_a_function_and_its_class(function):
    best = check(function, (leaf(3), 3)).diagnoses[0]
    assert (best.code, best.op, best.argument, best.name) == ("wrong-sign", "Cube", 0, "x")
    assert best.pullback is not None
    assert best.pullback[1] == "return -g * ctx.n * x ** (ctx.n - 1), None"
    assert best.line is not None
    assert best.line.startswith(f"{__file__}:")


def test_a_plain_function_of_arrays_is_taken_for_the_op_that_it_is():
    def linear(x, w):
        return x @ w, lambda g: [g @ w, x.T @ g]

    report = check(linear, (numbers(2, 3), numbers(3, 3)))
    best = report.diagnoses[0]
    assert (best.code, best.argument, best.name) == ("factor-not-transposed", 0, "x")
    assert "no input requires grad: all floating arrays" in report.notes[0]
    with pytest.raises(mg.GradcheckError, match="factor-not-transposed"):
        mg.gradcheck(linear, (numbers(2, 3), numbers(3, 3)))
    # One that runs on arrays alone, and returns Python's numbers.
    assert check(lambda x: (float(np.asarray(x).sum()), lambda g: g * np.ones(3)), numbers(3))


def test_numbers_are_checked_where_there_are_no_arrays():
    assert check(lambda x, y: x * x * y, [0.3, 2.0]).ok
    report = check(lambda x, eps: (x + eps, lambda g: g), (numbers(2), 1e-5))
    assert list(report.jacobians) == [0]


def test_an_argument_whose_gradient_is_None_is_not_checked_unless_asked_for():
    def scaled(x, t):
        return x * t, lambda g: (g * t, None)

    report = check(scaled, (numbers(2), numbers(2)))
    assert report.ok
    assert "t: the pullback returns None" in report.notes[1]
    assert not check(scaled, (leaf(2), leaf(2))).ok


def test_float32_is_cast_with_a_note():
    report = check(mg.tanh, mg.ones(2, requires_grad=True))
    assert report.ok
    assert "input 0 is float32[2]: float32 has too few digits" in report.notes[0]


def test_lists_tuples_and_dicts():
    def function(d, pair):
        return d["a"] * pair[0].detach() + pair[1]

    report = check(function, ({"a": leaf(2)}, [leaf(2), leaf(2)]))
    assert {d.argument for d in report.diagnoses} == {1}
    assert report.diagnoses[0].name == "pair[0]"
    assert "argument 1, pair[0] (float64[2])" in report.message
    assert check(lambda a, b: a * b, {"a": leaf(2), "b": leaf(2)}).ok


@mg.op
def halved_linear(x, w):
    return x @ w.T, lambda g: (g @ w, 0.5 * g.T @ x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 3)
        self.weight = nn.Parameter(mg.randn(2, 3))
        self.norm = nn.BatchNorm1d(2)

    def forward(self, x):
        return self.norm(halved_linear(self.first(x).tanh(), self.weight))


def test_the_parameters_of_a_module_are_checked_and_named():
    mg.manual_seed(0)
    net = Net()
    before = {name: array.numpy().copy() for name, array in net.state_dict().items()}
    report = check(net, leaf(4, 3))
    assert "argument 1, parameter weight (float64[2, 3])" in report.message
    best = report.diagnoses[0]
    assert (best.code, best.op, best.name) == (
        "missing-factor", "halved_linear", "w (the parameter weight)",
    )  # fmt: skip
    assert "cast to float64" in report.notes[0]
    for name, array in net.state_dict().items():  # statistics too
        np.testing.assert_array_equal(array.numpy(), before[name])
        assert array.dtype == before[name].dtype


def test_a_parameter_in_two_places():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(3, 3, bias=False), nn.Linear(3, 3, bias=False)
            self.b.weight = self.a.weight

        def forward(self, x):
            return self.b(self.a(x).tanh())

    report = check(Tied(), leaf(2, 3))
    assert report.ok
    assert report.names == {0: "x", 1: "parameter a.weight"}


def test_several_results_in_a_tuple():
    assert check(nn.LSTM(2, 3), (leaf(3, 1, 2), (leaf(1, 1, 3), leaf(1, 1, 3)))).ok
    assert check(nn.GRU(2, 2), leaf(3, 1, 2)).ok
    assert check(nn.MultiheadAttention(4, 2), (leaf(2, 1, 4),) * 3).ok


def test_nothing_to_check_is_said():
    with pytest.raises(ValueError, match=r"at least one Tensor with requires_grad=True, got 3"):
        check(lambda n: n * mg.ones(2), 3)
    with pytest.raises(TypeError, match=r"expected a function of Tensors, it returned 'text'"):
        check(lambda x: "text", leaf(2))


def test_what_leaves_the_graph_by_numpy_is_severed():
    report = check(lambda x: x.detach().numpy() * 2, leaf(2))
    assert "the graph is severed" in report.message
    assert report.diagnoses[0].code == "dropped-term"

"""A computation written down: every number by hand, or held to the engine's own backward."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.viz.stepper.picture import BINS, FEW, picture
from minigrad.viz.stepper.recorder import record
from minigrad.viz.stepper.saved import saved


def leaf(x):
    return mg.tensor(x, dtype=mg.float64, requires_grad=True)


def number(drawn):
    (value,) = drawn.values
    return value


def by_name(recording):
    return {e.name: e for e in recording.nodes}


def test_a_scalar_example_by_hand():
    a, b = leaf(2.0), leaf(3.0)
    loss = a * b + mg.tanh(a)
    recording = record(loss, {id(a.array): "a", id(b.array): "b"})
    assert [(e.kind, e.name) for e in recording.nodes] == [
        ("leaf", "a"), ("leaf", "b"), ("op", "mul"), ("op", "tanh"), ("op", "add"),
    ]  # fmt: skip
    values = [number(e.values[0]) for e in recording.nodes]
    assert values == [2, 3, 6, math.tanh(2), 6 + math.tanh(2)]
    of = by_name(recording)
    assert [(x.name, x.source) for x in of["mul"].arguments] == [("x", 0), ("y", 1)]
    assert of["a"].users == [2, 3]
    kept = {name: number(v) for name, v in of["mul"].saved.items()}  # type: ignore[arg-type]
    assert kept == {"x": 2, "y": 3}
    assert list(of["tanh"].saved) == ["y"]

    add, tanh, mul = recording.backward  # the youngest first
    assert [recording.nodes[t.node].name for t in (add, tanh, mul)] == ["add", "tanh", "mul"]
    assert number(add.upstream[0]) == number(tanh.upstream[0]) == number(mul.upstream[0]) == 1
    slope = 1 - math.tanh(2) ** 2
    (to_a,) = tanh.contributions
    assert (to_a.argument, to_a.to, to_a.before) == ("x", 0, None)
    assert number(to_a.local) == number(to_a.gradient) == pytest.approx(slope, rel=1e-15)
    again, to_b = mul.contributions
    assert (number(again.local), number(to_b.local)) == (3, 2)
    assert number(again.before) == pytest.approx(slope, rel=1e-15)
    assert number(again.after) == pytest.approx(3 + slope, rel=1e-15)  # the sum at a, used twice
    assert number(recording.gradients[0]) == pytest.approx(3 + slope, rel=1e-15)
    assert number(recording.gradients[1]) == 2
    assert "age" in mul.why
    assert add.why.startswith("Nothing was computed from this")
    json.dumps(recording.as_dict(), allow_nan=False)
    assert a.grad is None
    loss.backward()  # the graph is still there


def test_a_wrong_order_loses_what_arrives_late():
    # s = x * x; the loss s * 3 + exp(s): depth first, s runs before exp has sent its part.
    x = leaf(1.0)
    s = x * x
    recording = record(s * 3.0 + mg.exp(s))
    (x_index,) = recording.gradients
    assert number(recording.gradients[x_index]) == pytest.approx(2 * (3 + math.e))
    names = [recording.nodes[t.node].name for t in recording.wrong]
    assert names == ["add", "mul", "mul", "exp"]
    assert number(recording.wrong_gradients[x_index]) == 6  # without exp's part
    early = recording.wrong[2]
    assert [recording.nodes[i].name for i in early.missing] == ["exp"]
    assert early.why.startswith("Too early: exp")
    assert [c.late for c in recording.wrong[3].contributions] == [True]
    assert recording.spoiled == [x_index]
    assert not any(t.missing for t in recording.backward)


def test_values_nobody_holds_are_computed_again():
    x = leaf([1.0, -2.0])
    held = x * 3.0
    loss = mg.relu(held + 1.0).sum()
    before = [e.values[0].values for e in record(loss).nodes]
    assert before == [[1, -2], [3, -6], [4, -5], [4, 0], [4]]
    del held
    assert [e.values[0].values for e in record(loss).nodes] == before


def networks():
    mg.manual_seed(0)
    image = mg.randn(2, 1, 6, 6)
    conv = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()
    )
    lstm = nn.LSTM(3, 4)
    attention = nn.MultiheadAttention(4, 2)
    sequence = mg.randn(3, 2, 4)
    mlp = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Dropout(0.5), nn.Linear(5, 3))
    labels = mg.tensor([0, 2])
    return {
        "mlp": (mlp, lambda: nn.functional.cross_entropy(mlp(sequence[0]), labels)),
        "conv": (conv, lambda: conv(image).square().mean()),
        "lstm": (lstm, lambda: lstm(mg.ones(5, 2, 3))[0].square().sum()),
        "attention": (
            attention,
            lambda: attention(sequence, sequence, sequence)[0].square().sum(),
        ),
        "unbind": (mlp, lambda: mg.mul(*mlp(sequence[0]).unbind(0)).sum()),
        "checkpoint": (
            mlp,
            lambda: mg.utils.checkpoint.checkpoint(mlp, sequence[0], use_reentrant=False).sum(),
        ),
    }


@pytest.mark.parametrize("name", networks())
def test_the_gradients_are_those_of_backward(name):
    model, run = networks()[name]
    loss = run()
    parameters = dict(model.named_parameters())
    names = {id(p.array): key for key, p in parameters.items()}
    recording = record(loss, names)
    loss.backward()
    compared = 0
    for index, drawn in recording.gradients.items():
        g = parameters[recording.nodes[index].name].grad
        expected = picture(g.array)
        assert drawn.shape == expected.shape
        if expected.values is not None:
            np.testing.assert_allclose(drawn.values, expected.values, rtol=1e-5, atol=1e-7)
        compared += 1
    assert compared == sum(p.grad is not None for p in parameters.values()) > 0
    json.dumps(recording.as_dict(), allow_nan=False)


def test_the_local_derivative_of_a_matrix_product_is_its_jacobian():
    x, w = leaf([[1.0, 2.0]]), leaf([[3.0], [5.0]])
    recording = record(mg.matmul(x, w).sum())
    to_x, to_w = recording.backward[-1].contributions
    assert to_x.local.shape == [1, 2]  # a row for the one element of the value
    assert to_x.local.values == [3, 5]
    assert to_w.local.values == [1, 2]
    assert not to_x.elementwise


def test_a_function_shows_what_its_ctx_saved():
    class Cube(mg.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return 3 * x**2 * g

    x = leaf(2.0)
    recording = record(Cube.apply(x) * 1.0)
    kept = by_name(recording)["Cube"].saved
    assert number(kept["ctx.saved_tensors[0]"]) == 2
    assert number(recording.gradients[0]) == 12


def test_what_cannot_be_recorded_says_why():
    x = leaf([1.0, 2.0])
    with pytest.raises(RuntimeError, match="expected a scalar to start from"):
        record(x * 2)
    with pytest.raises(RuntimeError, match=r"step: this Tensor .* does not require grad"):
        record(mg.tensor(1.0))
    with pytest.raises(RuntimeError, match=r"step: .* is a leaf"):
        record(leaf(1.0))
    with pytest.raises(TypeError, match="step: expected a Tensor"):
        record(3)
    loss = (x * x).sum()
    loss.backward()
    with pytest.raises(RuntimeError, match="freed"):
        record(loss)
    loss = (x * x).sum()
    with mg.no_grad():
        x.mul_(2)
    with pytest.raises(RuntimeError, match="has since written to it in place"):
        record(loss)


def test_hooks_change_what_is_recorded():
    x = leaf(2.0)
    y = x * 3.0
    y.register_hook(lambda g: g * 10)
    assert number(record(y * 1.0).gradients[0]) == 30


def test_what_a_pullback_keeps():
    x = leaf([1.0, 2.0])
    assert saved((x + 1.0).node) == {}  # addition needs neither of its arguments
    assert saved((x * 3.0).node) == {"y": "3.0"}
    np.testing.assert_array_equal(saved(mg.exp(x).node)["y"], np.exp(x.array))


def test_pictures_of_few_and_many_numbers():
    small = picture(np.array([[1.0, np.nan], [-np.inf, 0.0]]))
    assert small.values == [1, "nan", "-inf", 0]
    assert (small.lowest, small.highest, small.mean, small.std) == (0, 1, 0.5, 0.5)
    assert (small.zeros, small.not_finite) == (1, 2)
    assert str(small) == "[[1, nan], [-inf, 0]]"
    large = picture(np.arange(FEW + 1, dtype=np.float32))
    assert large.values is None
    assert large.histogram is not None
    assert (len(large.histogram), sum(large.histogram)) == (BINS, FEW + 1)
    assert str(large) == "float32[145] mean 72, std 41.86, from 0 to 144"
    assert picture(np.array(True)).values == [True]
    assert str(picture(np.array(1 + 2j))) == "(1+2j)"
    assert str(picture(np.zeros((0, 3)))) == "[]"

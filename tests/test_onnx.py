"""What `minigrad.onnx` writes down of a model: without the package onnx, up to the file."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn, ops
from minigrad.nn import functional as F
from minigrad.onnx import TRANSLATIONS, dynamic, translates
from minigrad.onnx.exporting import checked, flattened, give_names, named, traced, warn_of_unused
from minigrad.onnx.graph import Graph, Node


class Function(nn.Module):
    """A function with a layer beside it."""

    def __init__(self, function):
        super().__init__()
        self.function, self.layer = function, nn.Linear(3, 3)

    def forward(self, *inputs):
        return self.function(*inputs)


def graph_of(model, *inputs) -> Graph:
    names = named("x", None, len(inputs), taken=[])
    trace, outs = traced(
        model, inputs, {name: x.numpy() for name, x in zip(names, inputs, strict=True)}
    )
    outputs = named("y", None, len(outs), taken=[])
    give_names(trace.graph, [trace.name(y) for y in outs], outputs)
    trace.graph.tidy(outputs)
    return trace.graph


def operators(graph) -> list[str]:
    return [node.op for node in graph.nodes]


def test_every_node_of_an_mlp():
    graph = graph_of(mg.models.MLP([4, 8, 3]), mg.zeros(2, 2, 2))
    assert graph.nodes == [
        Node("Reshape", ["x", "/size_1"], ["/Reshape_1"], {}),
        Node("Gemm", ["/Reshape_1", "1.weight", "1.bias"], ["/Gemm_1"], {"transB": 1}),
        Node("Relu", ["/Gemm_1"], ["/Relu_1"], {}),
        Node("Gemm", ["/Relu_1", "3.weight", "3.bias"], ["y"], {"transB": 1}),
    ]
    assert graph.constants["/size_1"].tolist() == [2, 4]
    assert list(graph.state) == ["1.weight", "1.bias", "3.weight", "3.bias"]


def test_a_constant_is_computed_now_and_kept_once():
    def function(x):
        return (x + ops.exp(mg.zeros(2))) * ops.exp(mg.zeros(2))

    graph = graph_of(Function(function), mg.zeros(2))
    assert operators(graph) == ["Add", "Mul"]
    assert [a.tolist() for a in graph.constants.values()] == [[1.0, 1.0]]


def test_what_no_output_needs_is_left_out():
    graph = graph_of(Function(lambda x: (ops.exp(x), ops.sin(x))[1]), mg.zeros(2))
    assert operators(graph) == ["Sin"]
    assert graph.state == {}


def test_integers_are_followed():
    """They have no gradient, but the file has to compute with those of its input."""
    graph = graph_of(nn.Embedding(5, 3), mg.tensor([1, 2]))
    assert graph.nodes == [Node("Gather", ["weight", "x"], ["y"], {})]
    graph = graph_of(Function(lambda x: (x % 2 == 0).long().argmax(0)), mg.tensor([1, 2]))
    assert operators(graph) == ["Mod", "Equal", "Cast", "ArgMax"]


def test_mixed_dtypes_are_cast():
    graph = graph_of(Function(lambda x, y: x + y), mg.tensor([1, 2]), mg.zeros(2))
    assert operators(graph) == ["Cast", "Add"]
    assert graph.nodes[0].attributes == {"to": np.float32}


def test_detached_and_custom_functions_are_followed():
    class Twice(mg.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x + x

        @staticmethod
        def backward(ctx, g):
            return 2 * g

    graph = graph_of(Function(lambda x: Twice.apply(x.detach()).data), mg.zeros(2))
    assert graph.nodes == [Node("Add", ["x", "x"], ["y"], {})]


def test_outputs_that_are_inputs_constants_or_the_same():
    graph = graph_of(Function(lambda x: {"a": x, "b": [mg.ones(1), (-x,) * 2]}), mg.zeros(2))
    assert operators(graph) == ["Neg", *["Identity"] * 4]
    assert [node.outputs for node in graph.nodes[1:]] == [["y_0"], ["y_1"], ["y_2"], ["y_3"]]


def test_the_model_is_in_evaluation_mode_and_then_as_it_was():
    model = nn.Sequential(nn.Dropout(), nn.BatchNorm1d(3), nn.Sequential(nn.Dropout()).eval())
    graph = graph_of(model, mg.zeros(2, 3))
    assert operators(graph) == ["BatchNormalization"]
    expected = ["x", "1.weight", "1.bias", "1.running_mean", "1.running_var"]
    assert graph.nodes[0].inputs == expected
    assert [m.training for m in model.modules()] == [True, True, True, False, False]


# ---------------------------------------------------------------------------- writing in place


def test_activations_in_place():
    def function(x):
        y = x * 2
        F.relu(y, inplace=True)
        y += 1
        return y

    x = mg.tensor([-1.0, 1.0])
    assert operators(graph_of(Function(function), x)) == ["Mul", "Relu", "Add"]
    assert x.tolist() == [-1.0, 1.0]


def write(x, how):
    y = x * 2
    view, alias = y[0], y.detach()
    how(y)
    return y if how is set_part else view if how is set_all else alias


def set_part(y):
    y[0] = 1.0


def set_all(y):
    y.add_(1.0)


def set_alias(y):
    y.detach().add_(1.0)


@pytest.mark.parametrize("how", [set_part, set_all, set_alias])
def test_other_writing_in_place_is_an_error(how):
    """A part, what was a view before, and what shares the memory."""
    with pytest.raises(RuntimeError, match=r"was overwritten .* by .*test_onnx\.py:\d+; ONNX"):
        graph_of(Function(lambda x: write(x, how) + 1), mg.zeros(2, 2))


# ---------------------------------------------------------------------------- what has to be said


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x * np.tanh(x.numpy()),
        lambda x: x + mg.tensor(np.where(x.numpy() > 0, 1.0, 2.0)).data,
        lambda x: x[np.argsort(x.numpy())],
        lambda x: mg.as_tensor(np.stack([x.numpy(), x.numpy()])) + x,
        lambda x: x + np.linalg.norm(x.numpy()),
    ],
)
def test_what_numpy_computes_of_an_input_is_an_error(function):
    with pytest.raises(RuntimeError, match="was computed from an input by NumPy"):
        graph_of(Function(function), mg.zeros(2))


def test_what_numpy_computes_of_a_shape_is_none():
    def function(x):
        array = x.numpy()
        return x + np.zeros_like(array) + np.arange(2.0, like=array).astype(np.float32)

    assert operators(graph_of(Function(function), mg.zeros(2))) == ["Add", "Add"]


def test_an_op_without_a_translation_says_where_it_is():
    class Product(nn.Module):
        def forward(self, x):
            return ops.cumprod(x, 0)

    model = nn.Sequential(nn.Identity(), nn.Sequential(Product()))
    with pytest.raises(RuntimeError) as caught:
        graph_of(model, mg.zeros(2))
    message = str(caught.value)
    assert message.startswith("onnx.export: in 1.0 (Product), ")
    assert "test_onnx.py:" in message
    assert "the op cumprod has no translation to ONNX" in message
    assert "minigrad.onnx.TRANSLATIONS['cumprod'] = function(g, x, dim, dtype)" in message


def test_a_translation_of_ones_own():
    @mg.op
    def triple(x):
        return 3 * getattr(x, "array", x), lambda g: 3 * g

    try:
        with pytest.raises(RuntimeError, match="the op triple has no translation"):
            graph_of(Function(triple), mg.zeros(2))

        @translates("triple")
        def translation(g, x):
            return g.node("Mul", x, g.like(3.0, x))

        assert operators(graph_of(Function(triple), mg.zeros(2))) == ["Mul"]
    finally:
        TRANSLATIONS.pop("triple", None)


def test_an_op_that_is_made_of_others_needs_none():
    @mg.op
    def cube(x):
        return x * x * x, lambda g: 3 * g * x * x

    assert operators(graph_of(Function(cube), mg.zeros(2))) == ["Mul", "Mul"]


def test_every_translation_is_of_an_op():
    names = {call.spec.name for call in mg.graph.OPS.values()}
    assert set(TRANSLATIONS) <= names


def test_bad_arguments():
    with pytest.raises(TypeError, match="expected a Module, got function"):
        checked(lambda x: x, (mg.zeros(1),))
    with pytest.raises(TypeError, match=r"a tuple with Tensors in it.*got 3"):
        checked(nn.Identity(), (3,))
    with pytest.raises(ValueError, match="expected 2 input_names, different"):
        named("input", ["a", "a"], 2, taken=[])
    with pytest.raises(ValueError, match="expected 1 output_names"):
        named("output", ["weight"], 1, taken=["weight"])
    with pytest.raises(TypeError, match="the model returned 3"):
        list(flattened((mg.zeros(1), None, 3)))


def test_an_unused_input_is_a_warning():
    graph = graph_of(Function(lambda x, y: -x), mg.zeros(1), mg.zeros(1))
    with pytest.warns(UserWarning, match="no output is made of x_1"):
        warn_of_unused(graph, ["x_0", "x_1"])


def test_without_the_package(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match="pip install onnx"):
        mg.onnx.export(nn.Identity(), mg.zeros(1), tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


# ---------------------------------------------------------------------------- open axes


def followed(function, *inputs, axes) -> Graph:
    names = named("x", None, len(inputs), taken=[])
    arrays = {name: x.numpy() for name, x in zip(names, inputs, strict=True)}
    model = Function(function)
    found = dynamic.open_axes(axes, {name: a.shape for name, a in arrays.items()})
    trace, outs = traced(model, inputs, arrays)
    others = [(axis, *traced(model, inputs, dynamic.longer(arrays, axis))) for axis in found]
    dynamic.follow(trace.graph, [(axis, other.graph) for axis, other, _ in others])
    give_names(trace.graph, [trace.name(outs[0])], ["y"])
    trace.graph.tidy(["y"])
    return trace.graph


def test_one_open_size_is_left_to_reshape():
    graph = followed(lambda x: x.reshape(x.shape[0], 6), mg.zeros(2, 2, 3), axes={"x": [0]})
    assert operators(graph) == ["Reshape"]
    (size,) = graph.constants.values()
    assert size.tolist() == [-1, 6]


def test_two_open_sizes_are_asked_for():
    axes = {"x": {0: "batch", 1: "time"}}
    graph = followed(lambda x: x.reshape(*x.shape[:2], 3, 2), mg.zeros(2, 4, 6), axes=axes)
    assert operators(graph) == ["Shape", "Shape", "Concat", "Reshape"]
    assert [node.attributes for node in graph.nodes[:2]] == [
        {"start": 0, "end": 1}, {"start": 1, "end": 2},
    ]  # fmt: skip


def test_a_size_that_only_happens_to_be_equal_stays():
    graph = followed(lambda x: x.expand(2, *x.shape), mg.zeros(2, 3), axes={"x": {0: "batch"}})
    assert operators(graph) == ["Shape", "Concat", "Expand"]
    first, size, last = graph.nodes[1].inputs
    assert (graph.constants[first].tolist(), size, graph.constants[last].tolist()) == (
        [2], graph.nodes[0].outputs[0], [3],
    )  # fmt: skip


def test_zeros_and_counts_move():
    def function(x):
        return mg.cat([x, mg.zeros(len(x), 1)], 1)[:, mg.arange(x.shape[1])]

    graph = followed(function, mg.zeros(2, 3), axes={"x": [0, 1]})
    assert {"Expand", "Range"} < set(operators(graph))


def test_what_cannot_follow_is_an_error():
    one, other = mg.zeros(2, 3), {"x": {0: "batch"}}
    with pytest.raises(RuntimeError, match="'batch' is 3 long instead of 2, a size goes from 4"):
        followed(lambda x: mg.cat([x, x, x])[: len(x) + 2].expand(1, -1, 3), one, axes=other)
    with pytest.raises(RuntimeError, match=r"a constant, float32.* has other values"):
        followed(lambda x: x * mg.rand(len(x), 1), one, axes=other)
    with pytest.raises(RuntimeError, match="the model takes another way"):
        followed(lambda x: x if len(x) == 2 else -x, one, axes=other)


def test_bad_axes():
    shapes = {"x": (2, 3), "y": (4,)}
    with pytest.raises(ValueError, match="'z', which is no input and no output; there are x, y"):
        dynamic.check_outputs({"z": [0]}, {"x": [2], "y": [3]})
    with pytest.raises(ValueError, match="axis 0 of 'y', but its size 3 does not move"):
        dynamic.check_outputs({"y": [0]}, {"x": [2], "y": [3]})
    with pytest.raises(ValueError, match="axis 2 of 'x'"):
        dynamic.open_axes({"x": [2]}, shapes)
    with pytest.raises(ValueError, match="'n' have sizes 2 and 4"):
        dynamic.open_axes({"x": {0: "n"}, "y": {0: "n"}}, shapes)

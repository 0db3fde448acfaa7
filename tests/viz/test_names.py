"""The names of Tensors: of variables, in lists, dicts and objects, of a Module, in a loop."""

from __future__ import annotations

import minigrad as mg
from minigrad import nn, viz
from minigrad.viz.names import MOST, of_variables


class Neuron:
    def __init__(self):
        self.w = mg.ones(2, requires_grad=True)
        self.extra = {"b": mg.zeros(1), 3: [mg.ones(1)]}
        self._hidden = mg.ones(1)


def names(**variables):
    return sorted(of_variables(variables).values())


def test_places_in_what_variables_hold():
    x = mg.ones(1)
    assert names(weights=[x, mg.ones(1)], y=x) == ["weights[1]", "y"]
    assert names(params={"w": x, 0: mg.ones(1), None: mg.ones(1)}) == ['params["w"]', "params[0]"]
    assert names(n=Neuron()) == ['n.extra["b"]', "n.extra[3][0]", "n.w"]
    assert names(self=Neuron())[-1] == "self.w"
    assert names(net=[nn.Linear(2, 1)]) == ["net[0].bias", "net[0].weight"]
    assert names(self=nn.Linear(2, 1)) == ["bias", "weight"]  # as in its state_dict
    assert names(_hidden=x, text="x", function=test_places_in_what_variables_hold) == []


def test_the_shortest_name_is_taken():
    model = nn.Linear(2, 1)
    assert names(all=[[model.weight]], model=model, bias=model.bias) == ["bias", "model.weight"]


def test_an_optimizer_names_nothing_and_a_list_may_hold_itself():
    model = nn.Linear(2, 1)
    assert names(optimizer=mg.optim.SGD(model.parameters())) == []
    loop = [mg.ones(1)]
    loop.append(loop)
    assert names(loop=loop) == ["loop[0]"]
    assert names(long=list(range(3 * MOST)), x=mg.ones(1)) == ["x"]


def test_values_have_the_names_of_the_variables_of_the_function():
    w = mg.tensor(0.5, requires_grad=True)

    def loss():
        h = w * 1.0
        for _ in range(2):
            h = mg.tanh(h)
        error = h - 1.0
        return error * error

    entries = viz.step(loss).recording.nodes
    assert [(e.name, e.label) for e in entries] == [
        ("w", ""), ("mul", "h"), ("tanh", "h"), ("tanh", "h"), ("sub", "error"), ("mul", ""),
    ]  # fmt: skip
    assert [e.code for e in entries[2:5]] == ["h = mg.tanh(h)"] * 2 + ["error = h - 1.0"]


def test_an_op_with_several_values_has_its_line():
    x = mg.ones(4, requires_grad=True)

    def loss():
        left, right = x.chunk(2)
        return (left * right).sum()

    entries = viz.step(loss).recording.nodes
    assert [(e.name, e.label) for e in entries[1:4]] == [
        ("split", ""), ("split[0]", "left"), ("split[1]", "right"),
    ]  # fmt: skip
    assert {e.code for e in entries[1:4]} == {"left, right = x.chunk(2)"}


def test_names_within_a_call_of_the_function():
    neuron = Neuron()

    def run(self, x):
        out = self.w * x
        return out.sum()

    entries = viz.step(lambda: run(neuron, mg.ones(2))).recording.nodes
    assert [(e.name, e.label) for e in entries if e.kind != "data"] == [
        ("neuron.w", ""), ("mul", "out"), ("sum", ""),
    ]  # fmt: skip

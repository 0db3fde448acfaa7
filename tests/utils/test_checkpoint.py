"""Activation checkpointing: the same numbers with less memory."""

from __future__ import annotations

import gc
import tracemalloc

import numpy as np
import pytest

import minigrad as mg
from minigrad import inplace, nn
from minigrad.graph import Node
from minigrad.nn import functional as F
from minigrad.utils.checkpoint import checkpoint, checkpoint_sequential


class Cube(mg.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3 * x**2 * g


def in_place(x):
    h = x * 2
    h.relu_()
    h += 1
    return h.exp_()


LINEAR, CONV = nn.Linear(4, 4), nn.Conv1d(4, 4, 3, padding=1)
MASK = mg.tensor([[True, False, True, True]])
FUNCTIONS = {
    "elementwise": lambda x: (x.sin() * x.exp()).tanh(),
    "layers": lambda x: LINEAR(F.relu(LINEAR(x))),
    "one layer": LINEAR,
    "convolution": lambda x: CONV(x.unsqueeze(-1).expand(-1, -1, 5)).sum(-1),
    "dropout": lambda x: F.dropout(LINEAR(F.dropout(x, 0.5)), 0.3),
    "random numbers": lambda x: x * mg.rand(4) + mg.randn(4),
    "softmax, norm": lambda x: F.layer_norm(F.softmax(x, -1), (4,)),
    "attention": lambda x: F.scaled_dot_product_attention(x, x, x),
    "a Function": lambda x: Cube.apply(Cube.apply(x) * 0.1),
    "in place": in_place,
    "views": lambda x: x.reshape(2, 2, -1).transpose(0, 1)[:, 1] * 3,
    "split": lambda x: mg.cat([a * (i + 1) for i, a in enumerate(x.split(2, 1))], 1),
    "masked": lambda x: x.masked_fill(MASK, 0.0) * LINEAR(x),
    "nested": lambda x: checkpoint(lambda x: F.dropout(x.exp(), 0.5).sin(), x * 2).cos(),
    "nested twice": lambda x: checkpoint(lambda x: checkpoint(LINEAR, x.sin()).exp(), x.cos()),
    "nested, in place": lambda x: checkpoint(lambda h: LINEAR(h) * h, in_place(x)),
    "the input itself": lambda x: x,
    "without a gradient": lambda x: x.detach() * 2 + x * 0,
}  # fmt: skip


def gradients(function, wrapped, order, dtype=mg.float64):
    """Value, and the derivatives with respect to x and the parameters, of first or second order."""
    mg.manual_seed(3)
    for module in (LINEAR, CONV):
        module.to(dtype)
        module.zero_grad()
    x = mg.randn(4, 4, dtype=dtype, requires_grad=True)
    y = checkpoint(function, x * 1) if wrapped else function(x * 1)
    wanted = [x, *LINEAR.parameters(), *CONV.parameters()]
    weight = mg.arange(y.numel(), dtype=dtype).reshape(y.shape).sin()
    if order == 1:
        (y * weight).sum().backward()
        found = [p.grad for p in wanted]
    else:
        (g,) = mg.autograd.grad((y * weight).sum(), x, create_graph=True)
        if not g.requires_grad:
            return [y.detach().numpy()]
        found = mg.autograd.grad((g * g).sum(), wanted, allow_unused=True)
    drawn = mg.rand(2).numpy()  # backward leaves the random state alone
    return [y.detach().numpy(), drawn, *(None if g is None else g.numpy() for g in found)]


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("dtype", [mg.float32, mg.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_same_bits(name, order, dtype):
    expected = gradients(FUNCTIONS[name], False, order, dtype)
    found = gradients(FUNCTIONS[name], True, order, dtype)
    for a, b in zip(expected, found, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", ["elementwise", "layers", "a Function", "nested twice"])
def test_gradcheck(name):
    LINEAR.double()
    x = mg.randn(3, 4, dtype=mg.float64, requires_grad=True)
    assert mg.gradcheck(lambda x: checkpoint(FUNCTIONS[name], x), [x])
    assert mg.gradgradcheck(lambda x: checkpoint(FUNCTIONS[name], x), [x])


def test_several_outputs_and_other_arguments():
    def function(x, factor, *, other, scale=1.0):
        if factor == 2:
            x = x * factor
        return {"a": x.exp(), "rest": [other["y"] * x, (scale, x.sum())]}

    results = []
    for call in (function, lambda *args, **kwargs: checkpoint(function, *args, **kwargs)):
        x, y = (mg.tensor([1.0, float(i)], requires_grad=True) for i in (2, 3))
        out = call(x, 2, other={"y": y}, scale=0.5)
        assert out["rest"][1][0] == 0.5
        (out["a"].sum() + out["rest"][0].prod() + out["rest"][1][1]).backward()
        results.append((x.grad.tolist(), y.grad.tolist()))
    assert results[0] == results[1]


def test_only_one_of_several_outputs_is_used():
    x = mg.tensor([1.0, 2.0], requires_grad=True)
    a, _ = checkpoint(lambda x: (x * x, x.exp()), x)
    a.sum().backward()
    assert x.grad.tolist() == [2, 4]


def test_lstm():
    lstm = nn.LSTM(3, 4, num_layers=2)
    x = mg.randn(5, 2, 3)
    grads = []
    for call in (lstm, lambda x: checkpoint(lstm, x)):
        lstm.zero_grad()
        out, (h, c) = call(x)
        (out.sum() + (h * c).sum()).backward()
        grads.append([p.grad.numpy().tobytes() for p in lstm.parameters()])
    assert grads[0] == grads[1]


def test_without_recording_it_is_a_call():
    x = mg.ones(2, requires_grad=True)
    with mg.no_grad():
        assert not checkpoint(mg.exp, x).requires_grad
    assert checkpoint(lambda n: n + 1, 2) == 3
    assert not checkpoint(mg.exp, mg.ones(2)).requires_grad


def test_it_runs_once_again_and_only_if_backward_comes():
    calls = []

    def function(x):
        calls.append(mg.is_grad_enabled())
        return x.exp().sin()

    x = mg.ones(2, requires_grad=True)
    y = checkpoint(function, x)
    assert calls == [True]
    y.sum().backward(retain_graph=True)
    assert calls == [True, True]
    y.sum().backward()
    assert calls == [True, True]
    with pytest.raises(RuntimeError, match="backward ran through this graph before"):
        y.sum().backward()


def test_hooks_are_called_once():
    seen = []

    def function(x):
        h = x * 2
        if not seen:
            h.register_hook(lambda g: seen.append(g.item()))
            h.register_hook(lambda g: g * 10)
            seen.append("forward")
        return h * 3

    x = mg.tensor(1.0, requires_grad=True)
    x.register_post_accumulate_grad_hook(lambda x: seen.append(("leaf", x.grad.item())))
    checkpoint(function, x).backward()
    assert seen == ["forward", 3.0, ("leaf", 60.0)]


# ---------------------------------------------------------------------------- memory


def saved(t, known=()):
    """The bytes that the graph under t has saved, each array once."""
    known = {id(inplace.owner(k.array)) for k in known}
    sizes, stack, seen = {}, [t.node], set()
    while stack:
        node = stack.pop()
        if not isinstance(node, Node) or node in seen:
            continue
        seen.add(node)
        stack.extend(parent for _, parent in node.edges)
        held = [*inplace.saved_arrays(node.pullback), *inplace.saved_arrays(list(node.inputs))]
        for array in map(inplace.owner, held):
            if id(array) not in known:
                sizes[id(array)] = array.nbytes
    return sum(sizes.values())


def deep(n=16, width=64):
    layers = [nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Dropout(0.1)) for _ in range(n)]
    return nn.Sequential(*layers)


def test_only_the_inputs_are_saved():
    net = deep(4)
    x = mg.ones(8, 64)
    y = checkpoint(net, x)
    known = [x, *net.parameters()]
    assert saved(net(x), known) > 4 * x.nbytes
    assert saved(y, known) == 0
    inner = x * net[0][0].bias
    assert saved(checkpoint(net, inner), known) == inner.nbytes


@pytest.mark.parametrize("name", ["a Function", "masked", "dropout"])
def test_nothing_else_holds_what_was_let_go_of(name):
    """A Function's context, the masks among the arguments: as Python's tracemalloc sees it."""
    LINEAR.float()
    function = FUNCTIONS[name]
    x = mg.ones(4, 4).repeat(20_000, 1).requires_grad_()
    size = x.nbytes

    def held(make):
        make()
        gc.collect()
        tracemalloc.start()
        graph = make()
        gc.collect()
        found = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        del graph
        return found / size

    assert held(lambda: function(x)) > 1.9
    assert held(lambda: checkpoint(function, x)) < 1.1  # the result


def test_a_square_root_of_the_memory():
    """16 layers in 4 parts: at the peak the inputs of the parts and what one of them saves."""
    net, x = deep(16, 128), mg.ones(512, 128)

    def peak(run):
        run()
        gc.collect()
        tracemalloc.start()
        run()
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    plain = peak(lambda: net(x).sum().backward())
    parts = peak(lambda: checkpoint_sequential(net, 4, x).sum().backward())
    assert parts < 0.6 * plain


def test_no_reference_cycle():
    gc.collect()
    gc.disable()
    try:
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        x = mg.ones(100_000, requires_grad=True)
        y = checkpoint(lambda x: (x * 2).exp().sin(), x * 1)
        y.sum().backward(retain_graph=True)
        del x, y
        after = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
    finally:
        gc.enable()
    assert after - before < 100_000


# ---------------------------------------------------------------------------- what goes wrong


def test_a_parameter_written_to_before_backward():
    linear = nn.Linear(2, 2)
    y = checkpoint(linear, mg.ones(1, 2) * linear.bias)
    with mg.no_grad():
        linear.weight.mul_(2)
    with pytest.raises(RuntimeError, match=r"linear: backward needs a float32\[2, 2\] as it was"):
        y.sum().backward()


def test_an_input_written_to_before_backward():
    x = mg.ones(2)
    w = mg.ones(2, requires_grad=True)
    y = checkpoint(lambda x: (x * 2 + w).exp(), x)
    x.mul_(3)
    with pytest.raises(RuntimeError, match=r"backward needs a float32\[2\] as it was"):
        y.sum().backward()


def test_an_input_written_to_by_the_function():
    x = mg.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"wrote to an input of the function in place"):
        checkpoint(lambda x: x.mul_(2).exp(), x * 1)


@pytest.mark.parametrize("other", [lambda x: x.sin(), lambda x: x.exp() * 2, lambda x: x])
def test_a_function_that_does_something_else(other):
    functions = [other, lambda x: x.exp()]
    x = mg.ones(2, requires_grad=True)
    y = checkpoint(lambda x: functions.pop()(x), x * 1)
    with pytest.raises(RuntimeError, match=r"checkpoint: computed again.* op number . was"):
        y.sum().backward()


def test_other_random_numbers_if_that_is_wanted():
    x = mg.ones(1000, requires_grad=True)
    y = checkpoint(lambda x: F.dropout(x, 0.5), x, preserve_rng_state=False)
    y.sum().backward()
    assert (y.detach().numpy() != x.grad.numpy()).any()


# ---------------------------------------------------------------------------- in sequence


@pytest.mark.parametrize("segments", [1, 2, 3, 5, 6])
def test_sequential(segments):
    layers = nn.Sequential(*(nn.Linear(3, 3) for _ in range(6)))
    calls = []
    for i, layer in enumerate(layers):
        layer.register_forward_hook(lambda *_, i=i: calls.append(i))
    x = mg.ones(2, 3)
    layers(x).sum().backward()
    expected = [p.grad.numpy().copy() for p in layers.parameters()]
    layers.zero_grad()
    calls.clear()
    checkpoint_sequential(list(layers), segments, x).sum().backward()
    for p, g in zip(layers.parameters(), expected, strict=True):
        np.testing.assert_array_equal(p.grad.numpy(), g)
    size = 6 // segments
    assert sorted(calls[6:]) == list(range((segments - 1) * size))  # all but the last, again


def test_segments_that_make_no_sense():
    for segments in (0, 3):
        with pytest.raises(ValueError, match=f"expected 1 to 2 segments.*got {segments}"):
            checkpoint_sequential([mg.exp, mg.sin], segments, mg.ones(1))

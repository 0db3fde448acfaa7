"""Recurrent layers against torch.nn.LSTM, GRU and RNN: values, first and second derivatives."""

from __future__ import annotations

import numpy as np
import pytest

import kernels
import minigrad as mg
from minigrad import ops

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.parity
MODULES = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}
KINDS = pytest.mark.parametrize("kind", MODULES)
T, B, INPUTS, H = 5, 9, 3, 10  # a tile of rows and one more


def module(kind, dtype, **options):
    torch.manual_seed(0)
    return MODULES[kind](INPUTS, H, **options).to(dtype)


def inputs(kind, dtype, directions=1):
    """x, and the initial states as PyTorch wants them."""
    torch.manual_seed(1)
    x = torch.randn(T, B, INPUTS, dtype=dtype, requires_grad=True)
    count = 2 if kind == "lstm" else 1
    return x, [torch.randn(directions, B, H, dtype=dtype, requires_grad=True) for _ in range(count)]


def theirs(kind, net, x, states):
    y, last = net(x, tuple(states) if kind == "lstm" else states[0])
    return y, list(last) if kind == "lstm" else [last]


def ours(t):
    return mg.tensor(t.detach().numpy(), requires_grad=True)


def weights_of(net, suffix=""):
    names = ("weight_ih", "weight_hh", *(("bias_ih", "bias_hh") if net.bias else ()))
    return [getattr(net, f"{name}_l0{suffix}") for name in names]


def assert_close(got, expected, dtype):
    assert len(got) == len(expected)
    bound = 1e-5 if dtype == torch.float32 else 1e-11
    for a, b in zip(got, expected, strict=True):
        b = b.detach().numpy()
        assert a.dtype == b.dtype
        scale = 1 + np.abs(b).max(initial=0)
        np.testing.assert_allclose(a.detach().numpy(), b, rtol=0, atol=bound * scale)


@KINDS
@pytest.mark.parametrize("implementation", ["numpy", "numba"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("options", [{}, {"bias": False}, {"nonlinearity": "relu"}], ids=str)
def test_a_layer(kind, implementation, dtype, options):
    if kind != "rnn" and "nonlinearity" in options:
        pytest.skip("is fixed")
    net = module(kind, dtype, **options)
    x, states = inputs(kind, dtype)
    y, last = theirs(kind, net, x, states)
    torch.manual_seed(2)
    seeds = [torch.randn_like(t) for t in (y, *last)]
    leaves = [x, *states, *weights_of(net)]
    expected = torch.autograd.grad([y, *last], leaves, seeds)

    mine = [ours(x), *(ours(s[0]) for s in states), *map(ours, weights_of(net))]
    extra = {k: v for k, v in options.items() if k == "nonlinearity"}
    with kernels.use(implementation):
        outs = getattr(ops, f"{kind}_layer")(*mine, **extra)
        shapes = [o.shape for o in outs]
        got_seeds = [mg.tensor(s.numpy()).reshape(n) for s, n in zip(seeds, shapes, strict=True)]
        grads = mg.autograd.grad(list(outs), mine, got_seeds)
    assert_close(list(outs), [y, *(s[0] for s in last)], dtype)
    dx, *rest = expected
    d_states = [d[0] for d in rest[: len(states)]]
    assert_close(list(grads), [dx, *d_states, *rest[len(states) :]], dtype)


@KINDS
@pytest.mark.parametrize("implementation", ["numpy", "numba"])
def test_two_directions_of_packed_sequences(kind, implementation):
    lengths = [5, 1, 3, 4, 2, 5, 1, 2, 3]
    net = module(kind, torch.float64, bidirectional=True)
    x, states = inputs(kind, torch.float64, 2)
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
    y, last = theirs(kind, net, packed, states)
    y, _ = torch.nn.utils.rnn.pad_packed_sequence(y)
    directions = [weights_of(net), weights_of(net, "_reverse")]
    leaves = [x, *states, *directions[0], *directions[1]]
    expected = torch.autograd.grad((y**2).sum() + sum((s**3).sum() for s in last), leaves)

    mx, mstates = ours(x), [ours(s) for s in states]
    mine = [[ours(w) for w in weights] for weights in directions]
    with kernels.use(implementation):
        sides = [
            getattr(ops, f"{kind}_layer")(
                mx, *(s[k] for s in mstates), *mine[k], lengths=mg.tensor(lengths), reverse=k == 1
            )
            for k in range(2)
        ]
        my = mg.cat([side[0] for side in sides], 2)
        mlast = [mg.stack(pair) for pair in zip(*(side[1:] for side in sides), strict=True)]
        loss = (my**2).sum() + sum((s**3).sum() for s in mlast)
        grads = mg.autograd.grad(loss, [mx, *mstates, *mine[0], *mine[1]])
    assert_close([my, *mlast], [y, *last], torch.float64)
    assert_close(list(grads), expected, torch.float64)


@pytest.mark.parametrize("name", ["lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell"])
@pytest.mark.parametrize("bias", [True, False])
def test_a_cell_and_its_second_derivatives(name, bias):
    rng, rows = np.random.default_rng(0), {"l": 4, "g": 3, "r": 1}[name[0]] * H
    shapes = [(B, INPUTS), (B, H), (rows, INPUTS), (rows, H), *([(rows,)] * 2 if bias else [])]
    arrays = [rng.standard_normal(s) for s in shapes]
    cells = rng.standard_normal((B, H))
    found = []
    for root, make in ((mg, mg.tensor), (torch, torch.from_numpy)):
        x, h, *weights = (make(a.copy()).requires_grad_() for a in arrays)
        leaves = [x, h, *weights]
        hx = h
        if name == "lstm_cell":
            c = make(cells.copy()).requires_grad_()
            leaves.append(c)
            hx = (h, c)
        out = getattr(root, name)(x, hx, *weights)
        outs = list(out) if isinstance(out, tuple) else [out]
        loss = sum((o**2).sum() for o in outs)
        grads = root.autograd.grad(loss, leaves, create_graph=True)
        second = root.autograd.grad(sum((g**2).sum() for g in grads), leaves)
        found.append([*outs, *grads, *second])
    assert_close(found[0], found[1], torch.float64)


@pytest.mark.parametrize(
    "change",
    [
        {"w_ih": torch.zeros(16, 2)},
        {"w_hh": torch.zeros(12, 4)},
        {"hx": (torch.zeros(1, 4), torch.zeros(2, 4))},
        {"hx": torch.zeros(2, 4)},
        {"input": torch.zeros(2, 3, dtype=torch.float64)},
        {"input": torch.zeros(2, 3, dtype=torch.int64)},
    ],
    ids=str,
)
def test_the_same_class_of_error(change):
    good = {
        "input": torch.zeros(2, 3), "hx": (torch.zeros(2, 4), torch.zeros(2, 4)),
        "w_ih": torch.zeros(16, 3), "w_hh": torch.zeros(16, 4),
    }  # fmt: skip

    def outcome(function, make):
        arguments = {
            k: tuple(map(make, v)) if isinstance(v, tuple) else make(v)
            for k, v in (good | change).items()
        }
        with pytest.raises(Exception) as caught:  # noqa: PT011
            function(**arguments)
        return caught.type

    expected = outcome(torch.lstm_cell, lambda t: t)
    assert issubclass(outcome(mg.lstm_cell, lambda t: mg.tensor(t.numpy())), expected)

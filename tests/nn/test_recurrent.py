"""Recurrent layers and cells, and sequences of different lengths. PyTorch's values: parity."""

from __future__ import annotations

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.nn.utils import rnn
from tests.nn.functional_call import of_inputs_and_parameters

KINDS = [nn.RNN, nn.LSTM, nn.GRU]
CELLS = [nn.RNNCell, nn.LSTMCell, nn.GRUCell]
R = np.random.default_rng(0)


def draw(*shape):
    return mg.tensor(R.standard_normal(shape), requires_grad=True)


def flat(result):
    """The Tensors of a result, packed or not."""
    if isinstance(result, rnn.PackedSequence):
        return [result.data]
    if isinstance(result, (tuple, list)):
        return [t for part in result for t in flat(part)]
    return [result]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [{}, {"bidirectional": True, "num_layers": 2}, {"bias": False}])
def test_derivatives(kind, options):
    layer = kind(2, 2, dtype=mg.float64, **options)
    function, arguments = of_inputs_and_parameters(layer, draw(3, 2, 2))

    def total(*args):
        return sum((t * t).sum() for t in flat(function(*args)))

    assert mg.gradcheck(total, arguments)
    assert mg.gradgradcheck(total, arguments)


@pytest.mark.parametrize("kind", CELLS)
def test_derivatives_of_cells(kind):
    function, arguments = of_inputs_and_parameters(kind(2, 3, dtype=mg.float64), draw(2, 2))
    assert mg.gradcheck(lambda *args: flat(function(*args)), arguments)
    assert mg.gradgradcheck(lambda *args: flat(function(*args)), arguments)


@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_is_a_step(kind):
    cell = getattr(nn, f"{kind.__name__}Cell")(3, 4)
    layer = kind(3, 4)
    layer.load_state_dict({f"{k}_l0": v for k, v in cell.state_dict().items()})
    x = mg.randn(5, 2, 3)
    y, last = layer(x)
    state = None
    for t in range(5):
        state = cell(x[t], state)
        h = state[0] if kind is nn.LSTM else state
        np.testing.assert_allclose(h.detach().numpy(), y[t].detach().numpy(), atol=1e-6)
    for a, b in zip(flat(state), flat(last), strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b[0].detach().numpy(), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("enforce_sorted", [False, True])
def test_a_packed_batch_is_each_sequence_alone(kind, bidirectional, enforce_sorted):
    layer = kind(3, 4, 2, bidirectional=bidirectional)
    lengths = [5, 4, 2, 1] if enforce_sorted else [2, 5, 1, 4]
    sequences = [mg.randn(n, 3) for n in lengths]
    start = [mg.randn(2 * (1 + bidirectional), 4, 4) for _ in range(layer.states)]
    hx = tuple(start) if kind is nn.LSTM else start[0]
    y, last = layer(rnn.pack_sequence(sequences, enforce_sorted), hx)
    for i, (sequence, got) in enumerate(zip(sequences, rnn.unpack_sequence(y), strict=True)):
        own = [s[:, i] for s in start]
        alone, end = layer(sequence, tuple(own) if kind is nn.LSTM else own[0])
        np.testing.assert_allclose(got.detach().numpy(), alone.detach().numpy(), atol=1e-6)
        for a, b in zip(flat(last), flat(end), strict=True):
            np.testing.assert_allclose(a[:, i].detach().numpy(), b.detach().numpy(), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_batch_first_and_dropout(kind):
    x = mg.randn(4, 3, 2)
    layer, first = kind(2, 3, 2, dropout=0.5), kind(2, 3, 2, batch_first=True)
    first.load_state_dict(layer.state_dict())
    layer.eval()
    a, b = layer(x)[0], first(x.transpose(0, 1))[0].transpose(0, 1)
    np.testing.assert_array_equal(a.detach().numpy(), b.detach().numpy())
    layer.train()
    assert (layer(x)[0] != layer(x)[0]).any()


def test_names_and_initial_values():
    layer = nn.GRU(3, 16, 2, bidirectional=True)
    names = [
        f"{kind}_l{k}{end}"
        for k in range(2)
        for end in ("", "_reverse")
        for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    ]
    assert list(layer.state_dict()) == names
    assert tuple(layer.weight_ih_l1.shape) == (48, 32)
    values = np.concatenate([p.detach().numpy().ravel() for p in layer.parameters()])
    assert 0.24 < np.abs(values).max() <= 1 / math.sqrt(16)


# ---------------------------------------------------------------------------- lengths


@pytest.mark.parametrize("batch_first", [False, True])
def test_padding_and_packing_there_and_back(batch_first):
    sequences = [draw(n, 2) for n in (2, 4, 1)]
    padded = rnn.pad_sequence(sequences, batch_first, padding_value=-1.0)
    assert padded.shape == ((3, 4, 2) if batch_first else (4, 3, 2))
    packed = rnn.pack_padded_sequence(padded, [2, 4, 1], batch_first, enforce_sorted=False)
    assert packed.batch_sizes.tolist() == [3, 2, 1, 1]
    assert packed.sorted_indices.tolist() == [1, 0, 2]
    assert packed.data.shape == (7, 2)
    again, lengths = rnn.pad_packed_sequence(packed, batch_first, -1.0)
    assert lengths.tolist() == [2, 4, 1]
    np.testing.assert_array_equal(again.detach().numpy(), padded.detach().numpy())
    for a, b in zip(rnn.unpad_sequence(padded, lengths, batch_first), sequences, strict=True):
        np.testing.assert_array_equal(a.detach().numpy(), b.detach().numpy())
    longer, _ = rnn.pad_packed_sequence(packed, total_length=6)
    assert longer.shape == (6, 3, 2)
    assert (longer[4:] == 0).all()


def test_gradients_pass_through_packing():
    def there_and_back(*sequences):
        packed = rnn.pack_sequence([s * s for s in sequences], enforce_sorted=False)
        return rnn.pad_packed_sequence(packed)[0]

    assert mg.gradcheck(there_and_back, [draw(n, 2) for n in (1, 3, 2)])


def test_padding_on_the_left():
    padded = rnn.pad_sequence([mg.tensor([1, 2]), mg.tensor([3])], True, padding_side="left")
    assert padded.tolist() == [[1, 2], [0, 3]]


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ([1, 3], r"lengths must fall, got \[1, 3\]"),
        ([3, 0], "from 1 to the input's 3 steps"),
        ([4, 1], "from 1 to the input's 3 steps"),
        ([3], "expected 2 lengths"),
        ([3.0, 1.0], "expected 2 lengths"),
    ],
)
def test_lengths_that_make_no_sense(lengths, message):
    with pytest.raises(RuntimeError, match=message):
        rnn.pack_padded_sequence(mg.zeros(3, 2, 1), lengths)


def test_what_else_makes_no_sense():
    packed = rnn.pack_sequence([mg.zeros(3, 1)])
    with pytest.raises(ValueError, match="total_length=2 is less than the longest sequence, 3"):
        rnn.pad_packed_sequence(packed, total_length=2)
    with pytest.raises(RuntimeError, match="at least one sequence"):
        rnn.pad_sequence([])
    with pytest.raises(ValueError, match="'left' or 'right', got 'top'"):
        rnn.pad_sequence([mg.zeros(1)], padding_side="top")
    layer = nn.LSTM(3, 4)
    with pytest.raises(RuntimeError, match="input_size=3 features"):
        layer(mg.zeros(5, 2, 2))
    with pytest.raises(RuntimeError, match=r"expected c_0 of shape \(1, 2, 4\)"):
        layer(mg.zeros(5, 2, 3), (mg.zeros(1, 2, 4), mg.zeros(1, 2, 3)))
    with pytest.raises(TypeError, match=r"a tuple \(h_0, c_0\)"):
        layer(mg.zeros(5, 2, 3), mg.zeros(1, 2, 4))
    with pytest.raises(ValueError, match=r"expected an input \(T, B, I\)"):
        layer(mg.zeros(3))
    with pytest.raises(ValueError, match="proj_size=2 is not supported"):
        nn.LSTM(3, 4, proj_size=2)
    with pytest.raises(ValueError, match="'tanh' or 'relu', got 'sin'"):
        nn.RNN(3, 4, nonlinearity="sin")
    with pytest.raises(ValueError, match="num_layers must be an integer above 0, got 0"):
        nn.GRU(3, 4, 0)
    with pytest.raises(ValueError, match="dropout must be a probability"):
        nn.GRU(3, 4, dropout=2)
    with pytest.raises(ValueError, match=r"an input \(B, I\) or \(I\)"):
        nn.GRUCell(3, 4)(mg.zeros(1, 2, 3))
    with pytest.raises(ValueError, match="hx of 2 axes"):
        nn.GRUCell(3, 4)(mg.zeros(2, 3), mg.zeros(4))
    with pytest.raises(TypeError, match=r"a tuple \(h, c\)"):
        nn.LSTMCell(3, 4)(mg.zeros(2, 3), mg.zeros(2, 4))

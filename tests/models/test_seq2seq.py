"""Seq2Seq: attention by hand, padding, text that it writes, its derivatives, what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim
from minigrad.models import Seq2Seq
from minigrad.models.seq2seq import Attention
from minigrad.nn import functional as F
from minigrad.text import generate, stream
from tests.models.directions import check_derivatives

KINDS = ["additive", "general", "dot"]
SOURCE = mg.tensor([[3, 4, 5, 6, 2], [7, 8, 2, 0, 0]])
LENGTHS = mg.tensor([5, 3])
TARGET = mg.tensor([[1, 5, 4, 3, 6, 9], [1, 8, 7, 2, 2, 2]])


def model(attention="additive", **options):
    mg.manual_seed(0)
    options = {"embedding_dim": 4, "hidden_size": 6, **options}
    net = Seq2Seq(9, 10, attention=attention, **options).eval()
    with mg.no_grad():
        for p in net.parameters():
            p.mul_(3)  # so that it has something to say
    return net


@pytest.mark.parametrize("kind", KINDS)
def test_the_weights_by_hand(kind):
    """Two states, and a third that is padding."""
    attention = Attention(2, kind)
    q, h = np.array([1.0, -2.0]), np.array([[1.0, 0.5], [-1.0, 3.0], [9.0, 9.0]])
    w = {name: p.detach().numpy() for name, p in attention.named_parameters()}
    if kind == "additive":
        u = np.tanh(w["query.weight"] @ q + h @ w["key.weight"].T)
        scores = u @ w["score.weight"][0]
    elif kind == "general":
        scores = h @ w["key.weight"].T @ q
    else:
        scores = h @ q
    expected = np.append(np.exp(scores[:2]) / np.exp(scores[:2]).sum(), 0)
    states = mg.tensor(h[None], dtype=mg.float32)
    query = mg.tensor(q[None], dtype=mg.float32)
    got = attention(query, attention.keys(states), mg.tensor([[True, True, False]]))
    np.testing.assert_allclose(got.detach()[0], expected, rtol=1e-5)


def test_a_step_by_hand():
    """The equations of the docstring, for one source word and one target word: the weight is 1."""
    net = model(hidden_size=2).double()
    w = {name: p.detach().numpy() for name, p in net.named_parameters()}

    def gru(x, h, name, end=""):
        gates_x = w[f"{name}.weight_ih{end}"] @ x + w[f"{name}.bias_ih{end}"]
        gates_h = w[f"{name}.weight_hh{end}"] @ h + w[f"{name}.bias_hh{end}"]
        n = len(h)
        r, z = (1 / (1 + np.exp(-(gates_x + gates_h)[i * n : (i + 1) * n])) for i in (0, 1))
        return (1 - z) * np.tanh(gates_x[2 * n :] + r * gates_h[2 * n :]) + z * h

    x, y = w["source_embedding.weight"][3], w["target_embedding.weight"][1]
    there, back = (gru(x, np.zeros(1), "encoder", end) for end in ("_l0", "_l0_reverse"))
    context = np.concatenate([there, back])
    s = np.tanh(w["start.weight"] @ back + w["start.bias"])
    s = gru(np.concatenate([y, context]), s, "cell")
    expected = w["head.weight"] @ np.concatenate([s, context, y]) + w["head.bias"]
    got = net(mg.tensor([[3]]), None, mg.tensor([[1]])).detach()
    np.testing.assert_allclose(got[0, 0], expected, rtol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_padding_changes_nothing(kind):
    net = model(kind)
    other = SOURCE.clone()
    other[1, 3:] = 8
    alone = net(SOURCE[1:, :3], None, TARGET[1:]).detach()
    for source in (SOURCE, other):
        got = net(source, LENGTHS, TARGET).detach()
        np.testing.assert_allclose(got[1:], alone, rtol=1e-5, atol=1e-6)
        flipped = net(source.flip(0), LENGTHS.flip(0), TARGET.flip(0)).detach()
        np.testing.assert_allclose(flipped.flip(0), got, rtol=1e-5, atol=1e-6)
    assert np.abs((net(SOURCE, None, TARGET).detach()[1:] - alone).numpy()).max() > 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_the_alignment(kind):
    weights = model(kind).alignment(SOURCE, LENGTHS, TARGET).detach().numpy()
    assert weights.shape == (2, 6, 5)
    np.testing.assert_allclose(weights.sum(-1), 1, rtol=1e-5)
    assert (weights[1, :, 3:] == 0).all()
    assert (weights[0] > 0).all()


@pytest.mark.parametrize("cuts", [[6], [1] * 6, [2, 4]])
def test_pieces_with_their_state_are_the_whole(cuts):
    net = model()
    expected = net(SOURCE, LENGTHS, TARGET)
    reader, pieces, state, start = net.given(SOURCE, LENGTHS), [], None, 0
    for cut in cuts:
        logits, state = reader(TARGET[:, start : start + cut], state)
        pieces.append(logits)
        start += cut
    np.testing.assert_allclose(mg.cat(pieces, 1).detach(), expected.detach(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [{"temperature": 0}, {"seed": 1}, {"num_beams": 3}])
def test_writing(kind, options):
    """With the state as without it, in a batch (unless it is sampled) as alone, and streamed."""
    net = model(kind).train()
    text = net.generate(SOURCE, LENGTHS, max_new_tokens=12, stop=(), **options)
    assert text.shape == (2, 13)
    assert net.training
    slow = net.generate(
        SOURCE, LENGTHS, max_new_tokens=12, stop=(), use_cache=False, **options
    )  # fmt: skip
    assert slow.tolist() == text.tolist()
    if "seed" not in options:
        alone = net.given(SOURCE[1:, :3])
        twice = generate(alone, mg.tensor([[1], [1]]), 12, **options)
        assert twice.tolist() == 2 * [text[1].tolist()]
    if options == {"temperature": 0}:
        alone = net.given(SOURCE[1:, :3])
        assert list(stream(alone, mg.tensor([1]), 12, **options)) == text[1, 1:].tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_derivatives(kind):
    """Of the loss by all parameters at once: first and second order."""
    net = model(kind, embedding_dim=2, hidden_size=4).double()

    def loss():
        logits = net(SOURCE, LENGTHS, TARGET[:, :-1])
        return F.cross_entropy(logits.reshape(-1, 10), TARGET[:, 1:].reshape(-1))

    check_derivatives(loss, list(net.parameters()))


def test_dropout_only_while_training():
    net = model(dropout=0.5)
    assert (net(SOURCE, LENGTHS, TARGET) == net(SOURCE, LENGTHS, TARGET)).all()
    net.train()
    assert (net(SOURCE, LENGTHS, TARGET) != net(SOURCE, LENGTHS, TARGET)).any()


@pytest.mark.parametrize("kind", KINDS)
def test_it_learns_to_copy(kind):
    """Three words out of four, to be written in the same order."""
    mg.manual_seed(0)
    net = Seq2Seq(7, 7, 8, 32, attention=kind)
    adam = optim.Adam(net.parameters(), lr=0.01)
    words = mg.tensor([(a, b, c) for a in range(3, 7) for b in range(3, 7) for c in range(3, 7)])
    ends = mg.full((len(words), 1), 2)
    target = mg.cat([ends - 1, words, ends], 1)
    for _ in range(60):
        logits = net(words, None, target[:, :-1])
        loss = F.cross_entropy(logits.reshape(-1, 7), target[:, 1:].reshape(-1))
        adam.zero_grad()
        loss.backward()
        adam.step()
    assert loss.item() < 0.1
    picked = mg.tensor([[3, 6, 4], [5, 5, 6]])
    for options in ({"temperature": 0}, {"num_beams": 2}):
        text = net.generate(picked, max_new_tokens=6, **options)
        assert text.tolist() == [[1, 3, 6, 4, 2], [1, 5, 5, 6, 2]]


def test_what_it_refuses():
    with pytest.raises(ValueError, match="'additive', 'general' or 'dot', got 'concat'"):
        model("concat")
    with pytest.raises(ValueError, match="expected an even hidden_size, got 5"):
        model(hidden_size=5)
    net = model()
    with pytest.raises(ValueError, match=r"expected a source of shape \(B, S\), got int64\[5\]"):
        net(SOURCE[0], LENGTHS, TARGET)
    with pytest.raises(ValueError, match=r"expected a target of shape \(B, T\), got int64\[6\]"):
        net(SOURCE, LENGTHS, TARGET[0])
    with pytest.raises(ValueError, match="2 sources, but 3 targets"):
        net(SOURCE, LENGTHS, TARGET[[0, 1, 1]])
    with pytest.raises(RuntimeError, match="lengths must be from 1 to the input's 5 steps"):
        net(SOURCE, mg.tensor([6, 3]), TARGET)
    with pytest.raises(RuntimeError, match="expected 2 lengths"):
        net(SOURCE, mg.tensor([5]), TARGET)
    with pytest.raises(IndexError):
        net(SOURCE + 1, LENGTHS, TARGET)

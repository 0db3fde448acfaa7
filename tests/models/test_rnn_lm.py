"""RNNLM: its state, text that it writes, its derivatives, what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim
from minigrad.models import RNNLM
from minigrad.models.rnn_lm import detached
from minigrad.nn import functional as F
from minigrad.text import generate, stream
from tests.models.directions import check_derivatives

KINDS = ["RNN", "LSTM", "GRU"]
TEXT = mg.tensor([[1, 4, 2, 6, 3, 5, 0], [2, 2, 6, 1, 0, 3, 4]])


def model(kind="LSTM", **options):
    mg.manual_seed(0)
    options = {"embedding_dim": 6, "hidden_size": 6, "num_layers": 2, **options}
    net = RNNLM(7, kind=kind, **options).eval()
    with mg.no_grad():
        for p in net.parameters():
            p.mul_(4)  # so that it has something to say
    return net


def parts(state):
    return state if isinstance(state, tuple) else (state,)


def test_one_step_by_hand():
    net = model("RNN", num_layers=1, embedding_dim=3, hidden_size=2)
    w = {name: p.detach().numpy() for name, p in net.named_parameters()}
    h = np.array([0.5, -0.5], np.float32)
    x = w["embedding.weight"][4]
    h = np.tanh(
        w["rnn.weight_ih_l0"] @ x + w["rnn.bias_ih_l0"]
        + w["rnn.weight_hh_l0"] @ h + w["rnn.bias_hh_l0"]
    )  # fmt: skip
    logits, state = net(mg.tensor([[4]]), mg.tensor([[[0.5, -0.5]]]))
    np.testing.assert_allclose(state.detach()[0, 0], h, rtol=1e-5)
    np.testing.assert_allclose(
        logits.detach()[0, 0], w["head.weight"] @ h + w["head.bias"], rtol=1e-5
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cuts", [[7], [1] * 7, [3, 4]])
def test_pieces_with_their_state_are_the_whole(kind, cuts):
    net = model(kind)
    expected, end = net(TEXT)
    assert expected.shape == (2, 7, 7)
    pieces, state, start = [], None, 0
    for cut in cuts:
        logits, state = net(TEXT[:, start : start + cut], state)
        pieces.append(logits)
        start += cut
    np.testing.assert_allclose(mg.cat(pieces, 1).detach(), expected.detach(), atol=1e-5)
    for a, b in zip(parts(state), parts(end), strict=True):
        np.testing.assert_allclose(a.detach(), b.detach(), atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "options", [{"temperature": 0}, {"seed": 3}, {"num_beams": 3}, {"num_beams": 3, "stop": 2}]
)
def test_with_and_without_the_state_the_same_text(kind, options):
    net, prompt = model(kind).train(), TEXT[:, :3]
    texts = [generate(net, prompt, 20, use_cache=use, **options).tolist() for use in (True, False)]
    assert texts[0] == texts[1]
    assert [row[:3] for row in texts[0]] == prompt.tolist()
    assert net.training


def test_with_the_state_each_token_is_read_once():
    net = model()
    lengths = []

    def reading(tokens, state=None):
        lengths.append(tokens.shape[1])
        return net(tokens, state)

    generate(reading, TEXT[:, :3], 5)
    assert lengths == [3, 1, 1, 1, 1]


def test_streaming_is_the_same_text():
    net = model("GRU")
    expected = generate(net, TEXT[0], 15, seed=0, top_k=5).tolist()[7:]
    assert list(stream(net, TEXT[0], 15, seed=0, top_k=5)) == expected


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tie_weights", [True, False])
def test_derivatives(kind, tie_weights):
    """Of the loss by all parameters and the state: first and second order."""
    net = model(kind, embedding_dim=3, hidden_size=3, tie_weights=tie_weights).double()
    start = [0.1 * mg.randn(2, 2, 3, dtype=mg.float64) for _ in range(2 if kind == "LSTM" else 1)]
    for s in start:
        s.requires_grad_()

    def loss():
        logits, _ = net(TEXT[:, :-1], tuple(start) if kind == "LSTM" else start[0])
        return F.cross_entropy(logits.reshape(-1, 7), TEXT[:, 1:].reshape(-1))

    check_derivatives(loss, [*net.parameters(), *start])


def test_tied_weights_are_one_parameter(tmp_path):
    net = model(tie_weights=True)
    assert net.head.weight is net.embedding.weight
    free = sum(p.numel() for p in model().parameters())
    assert sum(p.numel() for p in net.parameters()) == free - 7 * 6
    assert list(net.state_dict()) == list(model().state_dict())
    mg.save(net.state_dict(), tmp_path / "file.safetensors")
    again = RNNLM(7, 6, 6, 2, tie_weights=True).eval()
    again.load_state_dict(mg.load(tmp_path / "file.safetensors"))
    assert again.head.weight is again.embedding.weight
    assert (again(TEXT)[0] == net(TEXT)[0]).all()


@pytest.mark.parametrize(
    ("width", "tied", "parameters"),
    [(200, False, 4_653_200), (650, False, 19_780_400), (1500, False, 66_034_000),
     (1500, True, 51_034_000)],
)  # fmt: skip
def test_the_sizes_of_the_papers(width, tied, parameters):
    """Worked out by a formula, which a small model confirms."""

    def count(v, c, tied):
        return (1 if tied else 2) * v * c + v + 2 * (8 * c * c + 8 * c)

    assert sum(p.numel() for p in model(tie_weights=tied).parameters()) == count(7, 6, tied)
    assert count(10_000, width, tied) == parameters
    assert f"{parameters:,}" in (mg.models.rnn_lm.__doc__ or "")


def test_dropout_only_while_training():
    net = model(dropout=0.5)
    assert (net(TEXT)[0] == net(TEXT)[0]).all()
    net.train()
    assert (net(TEXT)[0] != net(TEXT)[0]).any()


@pytest.mark.parametrize("kind", KINDS)
def test_it_learns_in_pieces(kind):
    """A text that needs memory: 0 follows 3 after 1, and 2 after 5."""
    text = mg.tensor([[1, 3, 0, 5, 3, 2] * 8])
    mg.manual_seed(0)
    net = RNNLM(7, 8, 16, kind=kind)
    adam = optim.Adam(net.parameters(), lr=0.02)
    for _ in range(30):
        state = None
        for start in range(0, 42, 6):
            state = None if state is None else detached(state)
            logits, state = net(text[:, start : start + 6], state)
            loss = F.cross_entropy(logits[0], text[0, start + 1 : start + 7])
            adam.zero_grad()
            loss.backward()
            adam.step()
    assert loss.item() < 0.05
    assert generate(net, text[:, :6], 6, temperature=0).tolist()[0][6:] == [1, 3, 0, 5, 3, 2]


def test_what_it_refuses():
    with pytest.raises(ValueError, match="kind is one of RNN, LSTM, GRU, got 'lstm'"):
        model("lstm")
    with pytest.raises(ValueError, match="got embedding_dim=5 and hidden_size=6"):
        model(embedding_dim=5, tie_weights=True)
    with pytest.raises(ValueError, match=r"expected tokens of shape \(B, T\), got int64\[7\]"):
        model()(TEXT[0])
    with pytest.raises(IndexError):
        model()(TEXT + 1)
    with pytest.raises(RuntimeError, match=r"expected h_0 of shape \(2, 2, 6\)"):
        model("GRU")(TEXT, mg.zeros(2, 1, 6))
    with pytest.raises(TypeError, match="hx must be a tuple"):
        model("LSTM")(TEXT, mg.zeros(2, 2, 6))

"""GPT: the cache, what it refuses, its derivatives."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.models import GPT, GPTConfig, KeyValueCache
from tests.models.directions import check_derivatives

SMALL = GPTConfig(vocab_size=11, n_positions=16, n_embd=12, n_layer=2, n_head=3, dropout=0.0)


def model(**options):
    mg.manual_seed(0)
    return GPT(SMALL._replace(**options)).eval()


def tokens(b, t):
    return mg.randint(0, 11, (b, t), generator=mg.Generator().manual_seed(1))


@pytest.mark.parametrize("cuts", [[16], [1] * 16, [5, 1, 1, 4, 5], [1, 15], [7, 9]])
def test_the_cache_changes_no_logit(cuts):
    net, text = model(), tokens(2, 16)
    cache, pieces, start = net.new_cache(), [], 0
    with mg.no_grad():
        for cut in cuts:
            pieces.append(net(text[:, start : start + cut], cache=cache).numpy())
            start += cut
        expected = net(text).numpy()
    np.testing.assert_allclose(np.concatenate(pieces, axis=1), expected, rtol=1e-5, atol=1e-6)


def test_a_token_sees_only_those_before():
    net, text = model(), tokens(1, 10)
    other = text.clone()
    other[0, 6] = (other[0, 6] + 1) % 11
    a, b = net(text).detach().numpy(), net(other).detach().numpy()
    np.testing.assert_array_equal(a[:, :6], b[:, :6])
    assert (a[:, 6:] != b[:, 6:]).any(axis=-1).all()


def test_rows_of_the_cache_are_selected():
    net, text = model(), tokens(3, 5)
    cache = net.new_cache()
    with mg.no_grad():
        net(text, cache=cache)
        cache.select(np.array([2, 2, 0]))
        got = net(text[:, :1], cache=cache).numpy()
        picked = mg.cat([text[[2, 2, 0]], text[:, :1]], dim=1)
        expected = net(picked).numpy()[:, -1:]
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)


def test_derivatives():
    """Of the loss by all parameters at once, along random directions: first and second order."""
    net = model(n_layer=1, n_embd=4, n_head=2, vocab_size=5).double()
    text = mg.tensor([[1, 3, 0]])
    check_derivatives(lambda: net(text).square().sum(), list(net.parameters()), 1e-5, 1e-6)


def test_the_number_of_parameters():
    """As in the paper's table, for a model that is small enough for a test."""
    net = GPT(GPTConfig(vocab_size=1000, n_positions=64, n_embd=48, n_layer=3, n_head=4))
    c = 48
    block = 4 * c * c + 8 * c * c + (3 + 1 + 4 + 1) * c + 4 * c
    assert sum(p.numel() for p in net.parameters()) == (1000 + 64) * c + 3 * block + 2 * c


def test_dropout_only_while_training():
    net = model(dropout=0.5)
    text = tokens(1, 8)
    assert (net(text) == net(text)).all()
    net.train()
    assert (net(text) != net(text)).any()


def test_what_it_refuses():
    net = model()
    with pytest.raises(ValueError, match="n_embd=10 must be a multiple of n_head=3"):
        model(n_embd=10)
    with pytest.raises(ValueError, match="17 tokens are too many, this model has 16 positions"):
        net(tokens(1, 17))
    with pytest.raises(ValueError, match=r"expected tokens of shape \(B, T\)"):
        net(mg.tensor([1, 2]))
    with pytest.raises(IndexError):
        net(mg.tensor([[11]]))
    cache = net.new_cache(4)
    with mg.no_grad(), pytest.raises(ValueError, match="do not fit into max_length=4"):
        net(tokens(1, 5), cache=cache)
    cache = KeyValueCache(2, 8)
    with mg.no_grad():
        net(tokens(2, 2), cache=cache)
        with pytest.raises(ValueError, match="holds a batch of 2, now came 1"):
            net(tokens(1, 1), cache=cache)

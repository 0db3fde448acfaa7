"""Positional encodings: sinusoidal, learned, rotary."""

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad.nn import functional as F
from minigrad.nn.positions import (
    LearnedPositionalEmbedding,
    RotaryEmbedding,
    SinusoidalPositionalEncoding,
)
from tests.nn.nested_call import of_inputs_and_all_parameters


def x(*shape, **options):
    return mg.randn(shape, dtype=mg.float64, **options)


def numbers(t):
    return t.detach().numpy()


def same(a, b):
    np.testing.assert_allclose(numbers(a), numbers(b), rtol=1e-10, atol=1e-12)


def rotary(*args, **options):
    return RotaryEmbedding(*args, **options, dtype=mg.float64)


# ------------------------------------------------------------------ what is added


@pytest.mark.parametrize("d_model", [1, 2, 5, 6])
def test_sines_and_cosines_by_the_formula(d_model):
    layer = SinusoidalPositionalEncoding(d_model, 0.0, max_len=7, dtype=mg.float64)
    for t in range(7):
        for j in range(d_model):
            angle = t / 10000 ** ((j - j % 2) / d_model)
            expected = math.cos(angle) if j % 2 else math.sin(angle)
            assert layer.pe[t, j].item() == pytest.approx(expected, abs=1e-14)


def test_a_step_is_a_turn_of_every_pair():
    pe = numbers(SinusoidalPositionalEncoding(6, max_len=9, dtype=mg.float64).pe)
    angle = 3 / 10000 ** (np.arange(0, 6, 2) / 6)
    sin, cos = pe[:-3, 0::2], pe[:-3, 1::2]
    np.testing.assert_allclose(pe[3:, 0::2], sin * np.cos(angle) + cos * np.sin(angle))
    np.testing.assert_allclose(pe[3:, 1::2], cos * np.cos(angle) - sin * np.sin(angle))


ADDED = [SinusoidalPositionalEncoding, LearnedPositionalEmbedding]


def table(layer):
    return layer.pe if hasattr(layer, "pe") else layer.weight


@pytest.mark.parametrize("cls", ADDED)
def test_all_layouts_and_offsets(cls):
    by_time = cls(4, dropout=0.0, max_len=6, dtype=mg.float64)
    by_batch = cls(4, 0.0, 6, batch_first=True, dtype=mg.float64)
    if cls is LearnedPositionalEmbedding:
        by_batch.load_state_dict(by_time.state_dict())
    src = x(3, 5, 4)
    expected = src + table(by_time)[:5]
    same(by_batch(src), expected)
    same(by_time(src.transpose(0, 1)).transpose(0, 1), expected)
    for layer in (by_time, by_batch):
        same(layer(src[1]), expected[1])
        same(layer(src[1, 2:], offset=2), expected[1, 2:])
        assert layer(mg.zeros(6, 4, dtype=mg.float64)).shape == (6, 4)
        assert layer(src[1, :0], offset=6).shape == (0, 4)
    same(by_batch(src[:, 2:], offset=2), expected[:, 2:])


@pytest.mark.parametrize("cls", [*ADDED, RotaryEmbedding])
def test_a_sequence_that_is_too_long_is_named(cls):
    layer = cls(4, max_len=6)
    name = cls.__name__
    with pytest.raises(ValueError, match=f"{name}: a sequence of 7 does not fit into max_len=6"):
        layer(mg.ones(7, 4))
    with pytest.raises(ValueError, match="a sequence of 2 from position 5 on does not fit into"):
        layer(mg.ones(2, 4), offset=5)
    with pytest.raises(ValueError, match="a sequence of 2 from position -1 on does not fit into"):
        layer(mg.ones(2, 4), offset=-1)
    assert layer(mg.ones(2, 4), offset=4).shape == (2, 4)


@pytest.mark.parametrize("cls", ADDED)
def test_wrong_shapes(cls):
    for shape in [(4,), (3, 5), (2, 3, 5), (1, 2, 3, 4)]:
        with pytest.raises(ValueError, match=r"of shape \(T, B, 4\) or \(T, 4\), got float32"):
            cls(4)(mg.ones(shape))
    with pytest.raises(ValueError, match=r"of shape \(B, T, 4\) or \(T, 4\), got float32\[3, 5\]"):
        cls(4, batch_first=True)(mg.ones(3, 5))
    with pytest.raises(RuntimeError, match=f"{cls.__name__}: max_len must be an integer of at"):
        cls(4, max_len=-1)
    with pytest.raises(TypeError, match=f"{cls.__name__}: d_model must be an integer"):
        cls(0.5)


@pytest.mark.parametrize("cls", ADDED)
def test_dropout_of_the_sum_in_training_alone(cls):
    layer = cls(8, dropout=0.25)
    y = numbers(layer(mg.ones(500, 8) * 10))
    assert 0.2 < (y == 0).mean() < 0.3
    np.testing.assert_allclose(
        y[y != 0], ((10 + numbers(table(layer))[:500]) / 0.75)[y != 0], rtol=1e-5
    )
    layer.eval()
    np.testing.assert_allclose(
        numbers(layer(mg.ones(5, 8))), 1 + numbers(table(layer))[:5], rtol=1e-5
    )
    assert cls(8).dropout.p == 0.1


def test_what_is_learned_and_what_is_saved():
    sinusoidal, turning = SinusoidalPositionalEncoding(4), RotaryEmbedding(4)
    for layer in (sinusoidal, turning):
        assert not list(layer.state_dict())
        assert not list(layer.parameters())
    assert sinusoidal.double().pe.dtype == mg.float64
    assert turning.half().cos.dtype == mg.float16
    learned = LearnedPositionalEmbedding(300, max_len=200)
    assert list(learned.state_dict()) == ["weight"]
    assert learned.weight.shape == (200, 300)
    assert abs(learned.weight.array.std() - 0.02) < 0.001
    before = numbers(learned.weight).copy()
    learned.reset_parameters()
    assert not np.allclose(numbers(learned.weight), before)


def test_gradients_of_the_learned_positions():
    layer = LearnedPositionalEmbedding(3, 0.0, 6, batch_first=True, dtype=mg.float64)
    src = x(2, 4, 3, requires_grad=True)
    layer(src, offset=1).sum().backward()
    assert layer.weight.grad.tolist() == [[0] * 3] + [[2] * 3] * 4 + [[0] * 3]
    function, args = of_inputs_and_all_parameters(layer, lambda layer, v: layer(v, 1) ** 2, src)
    assert mg.gradcheck(function, args)
    assert mg.gradgradcheck(function, args)


def test_repr():
    assert repr(SinusoidalPositionalEncoding(4)).splitlines()[1:] == [
        "  4, max_len=5000, batch_first=False",
        "  (dropout): Dropout(p=0.1, inplace=False)",
        ")",
    ]
    assert (
        repr(RotaryEmbedding(4))
        == "RotaryEmbedding(4, max_len=2048, base=10000.0, interleaved=False)"
    )


# ------------------------------------------------------------------ what is turned


@pytest.mark.parametrize("interleaved", [True, False])
def test_every_pair_is_turned_as_a_complex_number(interleaved):
    layer = rotary(6, base=100.0, interleaved=interleaved)
    v = x(2, 3, 4, 6)
    a = numbers(v)[..., 0::2] if interleaved else numbers(v)[..., :3]
    b = numbers(v)[..., 1::2] if interleaved else numbers(v)[..., 3:]
    for offset in (0, 7):
        t = np.arange(offset, offset + 4)[:, None]
        turned = (a + 1j * b) * np.exp(1j * t / 100 ** (np.arange(3) / 3))
        y = numbers(layer(v, offset=offset))
        got = y[..., 0::2] if interleaved else y[..., :3]
        np.testing.assert_allclose(got, turned.real, rtol=1e-10)
        got = y[..., 1::2] if interleaved else y[..., 3:]
        np.testing.assert_allclose(got, turned.imag, rtol=1e-10)


def test_the_two_layouts_differ_in_the_order_of_the_features_alone():
    v, order = x(5, 6), [0, 2, 4, 1, 3, 5]
    same(rotary(6)(v[:, order]), rotary(6, interleaved=True)(v)[:, order])


@pytest.mark.parametrize("interleaved", [True, False])
def test_scores_depend_on_the_distance_alone(interleaved):
    layer = rotary(8, interleaved=interleaved)
    q, k = x(1, 8), x(1, 8)
    scores = [
        (layer(q, offset=m) @ layer(k, offset=n).T).item()
        for m, n in [(0, 0), (9, 9), (5, 2), (103, 100), (2, 5)]
    ]
    assert scores[0] == pytest.approx((q @ k.T).item())
    assert scores[1] == pytest.approx(scores[0])
    assert scores[3] == pytest.approx(scores[2])
    assert scores[4] != pytest.approx(scores[2])


@pytest.mark.parametrize("interleaved", [True, False])
def test_features_after_the_first_dim_stay(interleaved):
    layer, v = rotary(4, interleaved=interleaved), x(2, 5, 7)
    y = layer(v)
    same(y[..., :4], layer(v[..., :4]))
    same(y[..., 4:], v[..., 4:])


def test_a_cache_of_keys_gives_what_the_whole_sequence_gives():
    layer = rotary(4)
    q, k, v = x(2, 3, 6, 4), x(2, 3, 6, 4), x(2, 3, 6, 4)
    whole = F.scaled_dot_product_attention(layer(q), layer(k), v, is_causal=True)
    keys = layer(k[:, :, :2])
    for t in range(2, 6):
        keys = mg.cat([keys, layer(k[:, :, t : t + 1], offset=t)], 2)
        query = layer(q[:, :, t : t + 1], offset=t)
        y = F.scaled_dot_product_attention(query, keys, v[:, :, : t + 1])
        same(y, whole[:, :, t : t + 1])


@pytest.mark.parametrize("interleaved", [True, False])
def test_gradients_of_the_rotation(interleaved):
    layer = rotary(4, interleaved=interleaved)
    v = x(2, 3, 6, requires_grad=True)
    assert mg.gradcheck(lambda v: layer(v, offset=2), v)
    assert mg.gradgradcheck(lambda v: layer(v) ** 2, v)


def test_wrong_rotations():
    with pytest.raises(ValueError, match="RotaryEmbedding: dim must be even, got 5"):
        RotaryEmbedding(5)
    with pytest.raises(ValueError, match=r"at least dim=6 features, got float32\[3, 4\]"):
        RotaryEmbedding(6)(mg.ones(3, 4))
    with pytest.raises(ValueError, match=r"expected an input \(..., T, D\)"):
        RotaryEmbedding(4)(mg.ones(4))
    with pytest.raises(TypeError, match="RotaryEmbedding: dim must be an integer"):
        RotaryEmbedding("4")

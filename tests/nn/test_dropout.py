"""Dropout in its forms: what is dropped, how often, and what stays the same on average."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import inplace, nn

FORMS = [nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout,
         nn.FeatureAlphaDropout]  # fmt: skip
SHAPES = {nn.Dropout1d: (50, 20, 5), nn.Dropout2d: (50, 20, 2, 3), nn.Dropout3d: (50, 20, 2, 2, 2)}


@pytest.mark.parametrize("form", FORMS)
def test_in_evaluation_it_does_nothing(form):
    x = mg.randn(SHAPES.get(form, (4, 3)))
    np.testing.assert_array_equal(form(0.9).eval()(x).numpy(), x.numpy())


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_the_share_and_the_scale(p):
    y = nn.Dropout(p)(mg.ones(200, 200)).numpy()
    np.testing.assert_allclose((y == 0).mean(), p, atol=0.01)
    np.testing.assert_allclose(y[y != 0], 1 / (1 - p), rtol=1e-6)


def test_the_ends():
    x = mg.randn(4, 4)
    np.testing.assert_array_equal(nn.Dropout(0.0)(x).numpy(), x.numpy())
    assert not nn.Dropout(1.0)(x).numpy().any()
    for p in (-0.1, 1.1):
        with pytest.raises(ValueError, match=f"Dropout: .*between 0 and 1, got {p}"):
            nn.Dropout(p)


def test_the_gradient_has_the_same_holes():
    x = mg.ones(20, 20, requires_grad=True)
    y = nn.Dropout(0.3)(x)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), y.detach().numpy())


@pytest.mark.parametrize("form", [nn.Dropout1d, nn.Dropout2d, nn.Dropout3d])
def test_whole_channels(form):
    y = form(0.5)(mg.ones(SHAPES[form])).numpy().reshape(50, 20, -1)
    assert (y == y[..., :1]).all()
    assert set(np.unique(y)) == {0.0, 2.0}


def test_in_place():
    x = mg.ones(100)
    y = nn.Dropout(0.5, inplace=True)(x)
    assert y.array is x.array
    assert (x.array == 0).any()


@pytest.mark.parametrize("form", [nn.AlphaDropout, nn.FeatureAlphaDropout])
def test_alpha_dropout_keeps_mean_and_variance(form):
    y = form(0.2)(mg.randn(400, 400)).numpy()
    assert abs(y.mean()) < 0.03
    assert abs(y.var() - 1) < 0.05


def test_the_seed_decides():
    draws = []
    for _ in range(2):
        mg.manual_seed(5)
        draws.append(nn.Dropout()(mg.ones(50)).numpy())
    np.testing.assert_array_equal(*draws)


def test_nothing_is_kept_for_backward_and_the_mask_is_drawn_again():
    x = mg.randn(300, 300, requires_grad=True)
    y = nn.Dropout(0.4)(x)
    assert list(inplace.saved_arrays(y.node.pullback)) == []
    mg.manual_seed(99)  # of no consequence for what was drawn
    y.sum().backward()
    np.testing.assert_allclose(x.grad.array * x.array, y.array, rtol=1e-6)


def test_a_saved_state_of_the_generator_repeats_the_masks():
    state = mg.get_rng_state()
    first = [nn.Dropout()(mg.ones(50)).numpy() for _ in range(2)]
    mg.set_rng_state(state)
    again = [nn.Dropout()(mg.ones(50)).numpy() for _ in range(2)]
    np.testing.assert_array_equal(first, again)
    assert (first[0] != first[1]).any()


@pytest.mark.parametrize("dtype", [mg.float16, mg.float32, mg.float64])
def test_every_dtype_drops_the_same(dtype):
    mg.manual_seed(3)
    expected = nn.Dropout(0.3)(mg.ones(500, dtype=mg.float64)).numpy() != 0
    mg.manual_seed(3)
    y = nn.Dropout(0.3)(mg.ones(500, dtype=dtype))
    assert y.dtype == dtype
    np.testing.assert_array_equal(y.numpy() != 0, expected)

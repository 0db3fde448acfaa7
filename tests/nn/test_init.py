"""nn.init: statistics, bounds, structure, generators and errors."""

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad.nn import init

SHAPE = (300, 200)


def numbers(name, *args, shape=SHAPE, **kwargs):
    t = mg.empty(shape)
    assert getattr(init, name)(t, *args, **kwargs) is t
    return t.numpy().astype(float)


def test_constants():
    assert (numbers("constant_", 3.5) == 3.5).all()
    assert (numbers("ones_") == 1).all()
    assert (numbers("zeros_") == 0).all()
    np.testing.assert_array_equal(numbers("eye_", shape=(2, 3)), np.eye(2, 3))


def test_uniform_and_normal():
    u = numbers("uniform_", -1, 3)
    assert -1 <= u.min() < -0.99
    assert 2.99 < u.max() < 3
    n = numbers("normal_", 2.0, 0.5)
    np.testing.assert_allclose([n.mean(), n.std()], [2, 0.5], atol=0.01)


@pytest.mark.parametrize(
    ("name", "kwargs", "std"),
    [
        ("xavier_uniform_", {"gain": 2.0}, 2 * math.sqrt(2 / 500)),
        ("xavier_normal_", {}, math.sqrt(2 / 500)),
        ("kaiming_uniform_", {}, math.sqrt(2 / 200)),
        ("kaiming_uniform_", {"a": 1.0}, math.sqrt(1 / 200)),
        ("kaiming_normal_", {"mode": "fan_out"}, math.sqrt(2 / 300)),
        ("kaiming_normal_", {"nonlinearity": "tanh"}, 5 / 3 * math.sqrt(1 / 200)),
    ],
)
def test_variance_that_keeps_signals_alive(name, kwargs, std):
    w = numbers(name, **kwargs)
    np.testing.assert_allclose(w.std(), std, rtol=0.02)
    assert abs(w.mean()) < 0.02 * std
    if "uniform" in name:
        assert np.abs(w).max() <= math.sqrt(3) * std * (1 + 1e-6)


def test_fans_of_a_convolution():
    assert init._calculate_fan_in_and_fan_out(mg.empty(8, 3, 5, 5)) == (75, 200)


@pytest.mark.parametrize(
    ("mean", "std", "a", "b"),
    [(0, 1, -2, 2), (0, 1, -0.5, 0.1), (1, 2, 0, 1), (0, 1, 2.5, 4), (0, 1, 1, 1)],
)
@pytest.mark.filterwarnings("ignore:mean is more than 2 std")
def test_truncated_normal(mean, std, a, b):
    w = numbers("trunc_normal_", mean, std, a, b)
    assert a <= w.min()
    assert w.max() <= b
    if a < b:  # the quantiles of the normal distribution, cut at both ends
        x = np.linspace(a, b, 20001)
        density = np.exp(-0.5 * ((x - mean) / std) ** 2)
        cdf = np.cumsum(density) / density.sum()
        for q in (0.1, 0.5, 0.9):
            np.testing.assert_allclose(np.quantile(w, q), x[np.searchsorted(cdf, q)], atol=0.02)


def test_truncated_normal_says_when_it_is_far_off():
    with pytest.warns(UserWarning, match="more than 2 std"):
        init.trunc_normal_(mg.empty(10), 0.0, 0.1, 1.0, 2.0)
    with pytest.raises(ValueError, match="expected a <= b, got a=1, b=0"):
        init.trunc_normal_(mg.empty(3), a=1, b=0)


@pytest.mark.parametrize("shape", [(30, 30), (20, 50), (50, 20), (10, 3, 4)])
def test_orthogonal(shape):
    w = numbers("orthogonal_", 2.0, shape=shape).reshape(shape[0], -1)
    product = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(product, 4 * np.eye(min(w.shape)), atol=1e-5)


def test_orthogonal_has_no_preferred_sign():
    draws = [numbers("orthogonal_", shape=(2, 2))[0, 0] > 0 for _ in range(200)]
    assert 60 < sum(draws) < 140


def test_orthogonal_of_other_dtypes_and_of_nothing():
    assert init.orthogonal_(mg.empty(3, 3, dtype=mg.float16)).dtype == mg.float16
    assert init.orthogonal_(mg.empty(0, 3)).shape == (0, 3)


def test_dirac_makes_a_convolution_the_identity():
    w = numbers("dirac_", 2, shape=(4, 3, 3, 5))
    assert w.sum() == 4
    assert w[0, 0, 1, 2] == w[1, 1, 1, 2] == w[2, 0, 1, 2] == w[3, 1, 1, 2] == 1


def test_sparse():
    w = numbers("sparse_", 0.25, std=3.0, shape=(101, 50))
    assert ((w == 0).sum(0) == 26).all()  # rounded up
    np.testing.assert_allclose(w[w != 0].std(), 3, rtol=0.05)
    assert len({tuple(column == 0) for column in w.T}) > 40  # each column its own


@pytest.mark.parametrize(
    ("name", "args"),
    [("uniform_", ()), ("normal_", ()), ("trunc_normal_", ()), ("xavier_uniform_", ()),
     ("xavier_normal_", ()), ("kaiming_uniform_", ()), ("kaiming_normal_", ()),
     ("orthogonal_", ()), ("sparse_", (0.5,))],
)  # fmt: skip
def test_a_generator_decides(name, args):
    def draw(seed):
        return numbers(name, *args, shape=(5, 6), generator=mg.Generator().manual_seed(seed))

    np.testing.assert_array_equal(draw(1), draw(1))
    assert (draw(1) != draw(2)).any()
    mg.manual_seed(0)
    a = mg.rand(1).item()
    mg.manual_seed(0)
    draw(1)
    assert mg.rand(1).item() == a  # the default generator was left alone


def test_initializing_a_parameter_is_a_write_that_backward_notices():
    w = mg.ones(2, requires_grad=True)
    y = (w * w).sum()
    init.zeros_(w)
    with pytest.raises(RuntimeError, match="in place"):
        y.backward()


def test_errors():
    with pytest.raises(ValueError, match=r"2 or more dimensions, got shape \[3\]"):
        init.xavier_uniform_(mg.empty(3))
    with pytest.raises(ValueError, match="expected 'fan_in' or 'fan_out', got 'fan'"):
        init.kaiming_normal_(mg.empty(3, 3), mode="fan")
    with pytest.raises(ValueError, match="unsupported nonlinearity 'swish'"):
        init.calculate_gain("swish")
    for slope in (True, "x"):
        with pytest.raises(ValueError, match="the slope of leaky_relu is a number"):
            init.calculate_gain("leaky_relu", slope)
    with pytest.raises(ValueError, match="eye_: expected 2 dimensions"):
        init.eye_(mg.empty(3))
    with pytest.raises(ValueError, match="sparse_: expected 2 dimensions"):
        init.sparse_(mg.empty(3), 0.1)
    with pytest.raises(ValueError, match="dirac_: expected 3, 4 or 5 dimensions"):
        init.dirac_(mg.empty(3, 3))
    with pytest.raises(ValueError, match="5 channels cannot be divided into 2 groups"):
        init.dirac_(mg.empty(5, 3, 3), 2)
    with pytest.raises(ValueError, match="orthogonal_: expected 2 or more dimensions"):
        init.orthogonal_(mg.empty(3))
    with pytest.raises(RuntimeError, match="expected a <= b, got a=1, b=0"):
        init.uniform_(mg.empty(3), 1, 0)
    with pytest.raises(RuntimeError, match="expected std >= 0, got -1"):
        init.normal_(mg.empty(3), 0, -1)
    with pytest.raises(RuntimeError, match="expected a floating Tensor to fill, got int64"):
        init.uniform_(mg.tensor([1, 2]))
    with pytest.warns(UserWarning, match="zero-element"):
        init.kaiming_normal_(mg.empty(0, 3))

"""Networks of layers for images and series: the same training, and the same weights both ways.

Each layer by itself: test_nn.py.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import minigrad as mg
from tests.parity.scripts_first_steps import start

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.parity

LIBRARIES = (torch, mg)
R = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _double():
    """float64 in both, so that what differs is an error and not rounding."""
    for T in LIBRARIES:
        T.set_default_dtype(T.float64)
    yield
    for T in LIBRARIES:
        T.set_default_dtype(T.float32)


# ---------------------------------------------------------------------------- networks


def of_images(T):
    """(N, 1, 9, 8) to logits of 5 classes."""
    nn = T.nn
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding="same", padding_mode="reflect"), nn.BatchNorm2d(4), nn.ReLU(),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.Conv2d(4, 8, (3, 2), stride=(1, 2), padding=1, groups=2, bias=False), nn.GELU(),
        nn.AvgPool2d(3, 1, 1, count_include_pad=False), nn.ChannelShuffle(2),
        nn.Conv2d(8, 8, 3, padding=2, dilation=2, groups=8, padding_mode="circular"), nn.Tanh(),
        nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, 5),
    )  # fmt: skip


def of_series(T):
    """(N, 3, 11) to logits of 5 classes."""
    nn = T.nn
    return nn.Sequential(
        nn.ConstantPad1d((2, 0), 0.5), nn.Conv1d(3, 6, 3), nn.SiLU(), nn.MaxPool1d(3, 2, 1),
        nn.ReplicationPad1d(1), nn.Conv1d(6, 6, 3, groups=3), nn.Tanh(),
        nn.ConvTranspose1d(6, 4, 3, stride=2, output_padding=1), nn.LPPool1d(2, 3),
        nn.Upsample(6, mode="linear"), nn.AdaptiveMaxPool1d(2), nn.Flatten(), nn.Linear(8, 5),
    )  # fmt: skip


def of_volumes(T):
    """(N, 2, 5, 4, 6) to logits of 5 classes."""
    nn = T.nn
    return nn.Sequential(
        nn.CircularPad3d((1, 1, 0, 0, 1, 1)), nn.Conv3d(2, 4, (3, 1, 3)), nn.ReLU(),
        nn.Conv3d(4, 4, 3, padding=(1, 0, 1), padding_mode="replicate"), nn.InstanceNorm3d(4),
        nn.AvgPool3d(2, ceil_mode=True), nn.ConvTranspose3d(4, 2, 2, 2),
        nn.AdaptiveAvgPool3d((1, 2, 3)), nn.Flatten(), nn.Linear(12, 5),
    )  # fmt: skip


NETWORKS = [(of_images, (1, 9, 8)), (of_series, (3, 11)), (of_volumes, (2, 5, 4, 6))]


@pytest.mark.parametrize(("network", "shape"), NETWORKS)
def test_ten_steps_of_training(network, shape):
    x, labels = R.standard_normal((6, *shape)), R.integers(0, 5, 6)
    losses, states = [], []
    for T in LIBRARIES:
        net = start(T, network(T))
        optimizer = T.optim.Adam(net.parameters(), lr=0.01)
        criterion = T.nn.CrossEntropyLoss()
        losses.append([])
        for _ in range(10):
            loss = criterion(net(T.from_numpy(x)), T.from_numpy(labels))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses[-1].append(loss.item())
        net.eval()
        states.append({k: v.numpy() for k, v in net.state_dict().items()})
        states[-1]["result"] = net(T.from_numpy(x)).detach().numpy()
    assert losses[0][-1] < losses[0][0]
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-8)
    assert list(states[1]) == list(states[0])
    for key, value in states[0].items():
        np.testing.assert_allclose(states[1][key], value, rtol=1e-6, atol=1e-9, err_msg=key)


@pytest.mark.parametrize(("network", "shape"), NETWORKS)
def test_the_weights_go_both_ways(network, shape):
    x = R.standard_normal((2, *shape))
    for T, other in itertools.permutations(LIBRARIES):
        net, copy = network(T).eval(), network(other).eval()
        copy.load_state_dict({k: other.from_numpy(v.numpy()) for k, v in net.state_dict().items()})
        np.testing.assert_allclose(
            copy(other.from_numpy(x)).detach().numpy(),
            net(T.from_numpy(x)).detach().numpy(),
            rtol=1e-9, atol=1e-12,
        )  # fmt: skip


# ---------------------------------------------------------------------------- what is asked twice


def compare(function, *arrays):
    """function(T, *tensors), its values and its gradients, in both libraries."""
    found = []
    for T in LIBRARIES:
        tensors = [T.from_numpy(a).requires_grad_() for a in arrays]
        y = function(T, *tensors)
        weights = np.random.default_rng(1).standard_normal(tuple(y.shape))
        (y * T.from_numpy(weights)).sum().backward()
        found.append([y.detach().numpy(), *(t.grad.numpy() for t in tensors)])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_down_and_up_again(n):
    """An autoencoder's way: sizes and places from the way down are used on the way up."""

    def there_and_back(T, x):
        nn = T.nn
        pool = getattr(nn, f"MaxPool{n}d")(3, 2, 1, return_indices=True)
        unpool = getattr(nn, f"MaxUnpool{n}d")(3, 2, 1)
        down = start(T, getattr(nn, f"Conv{n}d")(2, 3, 3, stride=2, padding=1))
        up = start(T, getattr(nn, f"ConvTranspose{n}d")(3, 2, 3, stride=2, padding=1))
        h = down(x)
        values, places = pool(h)
        return up(unpool(values, places, output_size=h.shape), output_size=x.shape)

    for size in [(8, 7, 6), (7, 8, 5)]:
        compare(there_and_back, R.standard_normal((2, 2, *size[:n])))


@pytest.mark.parametrize("wrong", [(13,), (16, 16), (13, 13, 13), (2, 13, 13), (12, 13)])
def test_both_refuse_an_output_size(wrong):
    for T in LIBRARIES:
        up = T.nn.ConvTranspose2d(2, 2, 3, stride=2)
        with pytest.raises(ValueError, match=r"output.size"):
            up(T.zeros(1, 2, 6, 6), output_size=wrong)


@pytest.mark.parametrize("kind", ["Reflection", "Replication", "Circular"])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_padding_of_some_axes(kind, n):
    for used in itertools.product([False, True], repeat=n):
        widths = [w * u for w, u in zip([(1, 2), (2, 1), (1, 0)], used, strict=False) for w in w]
        x = R.standard_normal((2, 3, *(5, 4, 3)[:n]))
        compare(lambda T, t, w=widths: getattr(T.nn, f"{kind}Pad{n}d")(w)(t), x)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_adaptive_maxima_and_their_places(n):
    x = R.standard_normal((2, 3, *(7, 5, 4)[:n]))
    for size in (3, tuple((2, 5, 1)[:n])):
        a, b = (
            getattr(T.nn, f"AdaptiveMaxPool{n}d")(size, return_indices=True)(T.from_numpy(x))
            for T in LIBRARIES
        )
        for p, q in zip(a, b, strict=True):
            np.testing.assert_array_equal(q.numpy(), p.numpy())


def test_single_precision():
    for network, shape in NETWORKS:
        x = R.standard_normal((3, *shape)).astype(np.float32)
        results = []
        for T in LIBRARIES:
            net = start(T, network(T).float()).eval()
            y = net(T.from_numpy(x))
            assert y.dtype == T.float32
            y.sum().backward()
            results.append([y.detach().numpy(), *(p.grad.numpy() for p in net.parameters())])
        for a, b in zip(*results, strict=True):
            np.testing.assert_allclose(b, a, rtol=1e-3, atol=1e-4 * max(1, np.abs(a).max()))


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_nearest_pixel_is_the_same(mode, dtype):
    """Where a place falls between two pixels, rounding decides."""
    for old, new in itertools.product([3, 7, 33, 100], range(1, 130)):
        x = np.arange(old, dtype=dtype).reshape(1, 1, old)
        a, b = (T.nn.functional.interpolate(T.from_numpy(x), new, mode=mode) for T in LIBRARIES)
        np.testing.assert_array_equal(b.numpy(), a.numpy(), err_msg=f"{old} to {new}")
    for old, factor in itertools.product([33, 100], [0.1, 0.3, 1 / 3, 0.9, 1.1, 1.7, 2.3]):
        x = np.arange(old, dtype=dtype).reshape(1, 1, old)
        a, b = (
            T.nn.functional.interpolate(T.from_numpy(x), scale_factor=factor, mode=mode)
            for T in LIBRARIES
        )
        np.testing.assert_array_equal(b.numpy(), a.numpy(), err_msg=f"{old} times {factor}")

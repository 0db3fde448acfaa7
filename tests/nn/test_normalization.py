"""BatchNorm, InstanceNorm, LayerNorm, GroupNorm, RMSNorm."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from tests.nn.functional_call import of_inputs_and_parameters


def batches(n=3, shape=(8, 3)):
    return [mg.randn(shape, dtype=mg.float64) * (k + 1) + k for k in range(n)]


def test_batch_norm_normalizes_each_feature():
    y = nn.BatchNorm1d(3).double()(batches(2)[1]).detach().numpy()
    np.testing.assert_allclose(y.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(0), 1, rtol=1e-4)


def test_batch_norm_running_statistics_by_hand():
    norm = nn.BatchNorm1d(3, momentum=0.3).double()
    mean, var = np.zeros(3), np.ones(3)
    for x in batches():
        norm(x)
        mean = 0.7 * mean + 0.3 * x.numpy().mean(0)
        var = 0.7 * var + 0.3 * x.numpy().var(0, ddof=1)
    np.testing.assert_allclose(norm.running_mean.numpy(), mean, rtol=1e-12)
    np.testing.assert_allclose(norm.running_var.numpy(), var, rtol=1e-12)
    assert norm.num_batches_tracked.item() == 3
    assert norm.num_batches_tracked.dtype == mg.int64
    x = batches(1)[0]
    np.testing.assert_allclose(
        norm.eval()(x).detach().numpy(), (x.numpy() - mean) / np.sqrt(var + 1e-5), rtol=1e-12
    )
    assert norm.num_batches_tracked.item() == 3
    norm.reset_running_stats()
    assert norm.running_mean.tolist() == [0, 0, 0]
    assert norm.running_var.tolist() == [1, 1, 1]
    assert norm.num_batches_tracked.item() == 0


def test_momentum_none_averages_all_batches():
    norm = nn.BatchNorm1d(3, momentum=None).double()
    xs = batches(5)
    for x in xs:
        norm(x)
    np.testing.assert_allclose(
        norm.running_mean.numpy(), np.mean([x.numpy().mean(0) for x in xs], 0), rtol=1e-10
    )


def test_without_running_statistics_the_batch_decides_always():
    norm = nn.BatchNorm1d(3, track_running_stats=False).double()
    x = batches(1)[0]
    np.testing.assert_array_equal(norm(x).detach().numpy(), norm.eval()(x).detach().numpy())
    assert list(norm.state_dict()) == ["weight", "bias"]


def test_tracking_can_be_switched_off_later():
    norm = nn.BatchNorm1d(3)
    norm.track_running_stats = False
    norm(mg.randn(8, 3))
    assert norm.running_mean.tolist() == [0, 0, 0]
    assert norm.num_batches_tracked.item() == 0


def test_affine_off_and_bias_off():
    assert not list(nn.BatchNorm1d(3, affine=False).parameters())
    assert [n for n, _ in nn.BatchNorm1d(3, bias=False).named_parameters()] == ["weight"]


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (nn.BatchNorm1d, (3,), r"BatchNorm1d: expected 2D or 3D input, got shape \[3\]"),
        (nn.BatchNorm2d, (2, 3), r"BatchNorm2d: expected 4D input"),
        (nn.BatchNorm3d, (2, 3), r"BatchNorm3d: expected 5D input"),
        (nn.InstanceNorm1d, (3,), r"InstanceNorm1d: expected 2D or 3D input"),
    ],
)
def test_wrong_dimensions(layer, shape, message):
    with pytest.raises(ValueError, match=message):
        layer(3)(mg.ones(shape))


def test_one_example_has_no_variance_to_train_on():
    with pytest.raises(ValueError, match="1"):
        nn.BatchNorm1d(3)(mg.ones(1, 3))


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.BatchNorm1d(3), (5, 3)),
        (nn.BatchNorm1d(3), (4, 3, 2)),
        (nn.LayerNorm(3), (5, 3)),
        (nn.LayerNorm((2, 3)), (4, 2, 3)),
        (nn.GroupNorm(2, 4), (3, 4, 2)),
        (nn.RMSNorm(3), (5, 3)),
        (nn.InstanceNorm1d(3, affine=True), (2, 3, 4)),
    ],
    ids=lambda v: type(v).__name__ if isinstance(v, nn.Module) else "",
)
def test_gradients(layer, shape):
    layer = layer.double()
    x = mg.randn(shape, dtype=mg.float64, requires_grad=True)
    for p in layer.parameters():
        p.array[...] += np.linspace(-0.3, 0.3, p.array.size).reshape(p.shape)
    assert mg.gradcheck(*of_inputs_and_parameters(layer, x))


def test_layer_norm_does_not_see_the_rest_of_the_batch():
    norm = nn.LayerNorm(4)
    x = mg.randn(3, 4)
    np.testing.assert_allclose(norm(x).detach().numpy()[1], norm(x[1]).detach().numpy(), rtol=1e-5)
    y = norm(x).detach().numpy()
    np.testing.assert_allclose(y.mean(-1), 0, atol=1e-6)
    np.testing.assert_allclose(y.var(-1), 1, rtol=1e-3)


def test_group_norm_of_one_group_is_layer_norm_and_of_all_is_instance_norm():
    x = mg.randn(2, 4, 5)
    np.testing.assert_allclose(
        nn.GroupNorm(1, 4, affine=False)(x).numpy(),
        nn.LayerNorm((4, 5), elementwise_affine=False)(x).numpy(),
        atol=1e-5,
    )
    np.testing.assert_allclose(
        nn.GroupNorm(4, 4, affine=False)(x).numpy(), nn.InstanceNorm1d(4)(x).numpy(), atol=1e-5
    )
    with pytest.raises(ValueError, match=r"\(5\) must be divisible by num_groups \(2\)"):
        nn.GroupNorm(2, 5)


def test_rms_norm_by_hand():
    x = mg.tensor([3.0, 4.0])
    np.testing.assert_allclose(
        nn.RMSNorm(2)(x).detach().numpy(), np.array([3, 4]) / np.sqrt(12.5), rtol=1e-6
    )


def test_instance_norm_of_the_wrong_channels():
    with pytest.warns(UserWarning, match=r"expected 3 channels in dimension 1"):
        nn.InstanceNorm1d(3)(mg.randn(2, 4, 5))
    with pytest.raises(ValueError, match=r"expected 3 channels in dimension 0, got shape \[4, 5\]"):
        nn.InstanceNorm1d(3, affine=True)(mg.randn(4, 5))

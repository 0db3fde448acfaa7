"""MLP, LeNet, VGG, ResNet, EfficientNet: sizes, names, derivatives, and that they learn."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import models, optim
from minigrad.models.efficientnet import EfficientNet, StochasticDepth
from minigrad.models.resnet import BasicBlock, Bottleneck, ResNet
from minigrad.nn import functional as F
from tests.models.directions import check_derivatives


def count(model):
    return sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize(
    ("make", "parameters"),
    [
        (lambda: models.MLP([784, 512, 512, 10]), 669_706),
        (models.LeNet, 61_706),
        (models.resnet18, 11_689_512),
        (models.resnet34, 21_797_672),
        (models.resnet50, 25_557_032),
        (models.efficientnet_b0, 5_288_548),
        (models.efficientnet_b1, 7_794_184),
        (models.efficientnet_b2, 9_109_994),
        (models.efficientnet_b4, 19_341_616),
    ],
)
def test_the_number_of_parameters(make, parameters):
    assert count(make()) == parameters


@pytest.mark.parametrize(
    ("layers", "parameters"),
    [(11, 132_863_336), (13, 133_047_848), (16, 138_357_544), (19, 143_667_240)],
)
def test_the_number_of_parameters_of_vgg(layers, parameters):
    """The convolutions are counted, the classifier, half a gigabyte, is worked out."""
    features = count(models.VGG(layers, hidden=1, side=1).features)
    assert features + (512 * 49 + 1) * 4096 + 4097 * 4096 + 4097 * 1000 == parameters


SMALL = {
    "MLP": lambda: models.MLP([12, 5, 3], dropout=0.1),
    "basic": lambda: ResNet(BasicBlock, (1, 2), 3, widths=(4, 6), stem=4, small_images=True),
    "bottleneck": lambda: ResNet(Bottleneck, (2,), 3, widths=(2,), stem=4),
    "EfficientNet": lambda: EfficientNet(3, width=0.1, depth=0.3),
}


@pytest.mark.parametrize("name", SMALL)
def test_derivatives_along_a_direction(name):
    """Of the loss, by all parameters and the image: first and second order."""
    mg.manual_seed(0)
    model = SMALL[name]().double()
    model.eval()
    R = np.random.default_rng(0)
    shape = (2, 3, 2, 2) if name == "MLP" else (2, 3, 9, 9)
    image = mg.tensor(R.standard_normal(shape), requires_grad=True)
    inputs = [image, *model.parameters()]
    with mg.no_grad():  # away from the kink that a ReLU of zeros, with a bias of 0, is at
        for p in model.parameters():
            p.add_(mg.tensor(0.1 * R.standard_normal(p.shape)))
    labels = mg.tensor([0, 2])
    check_derivatives(lambda: F.cross_entropy(model(image), labels), inputs)


def test_a_small_one_learns():
    mg.manual_seed(0)
    model = SMALL["basic"]()
    x, y = mg.randn(12, 3, 8, 8), mg.arange(12) % 3
    adam = optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(40):
        loss = F.cross_entropy(model(x), y)
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    assert losses[-1] < 0.05 < 0.9 < losses[0]


def test_stochastic_depth_keeps_the_mean():
    mg.manual_seed(0)
    layer = StochasticDepth(0.25)
    x = mg.ones(4000, 2, 1)
    y = layer(x)
    assert (y[:, 0] == y[:, 1]).all()  # a sample is kept or left out as a whole
    assert set(y.flatten().tolist()) == {0.0, mg.tensor(1 / 0.75).item()}
    assert y.mean().item() == pytest.approx(1, abs=0.03)
    assert (layer.eval()(x) == x).all()


def test_the_blocks_of_efficientnet_are_left_out_more_and_more():
    drops = [m.p for m in models.efficientnet_b0().modules() if isinstance(m, StochasticDepth)]
    assert len(drops) == 16
    np.testing.assert_allclose(drops, 0.2 * np.arange(16) / 16)


def test_what_makes_no_sense():
    with pytest.raises(ValueError, match="there are 11, 13, 16, 19 layers, got 12"):
        models.VGG(12)
    with pytest.raises(ValueError, match="sizes of input and output"):
        models.MLP([3])
    with pytest.raises(ValueError, match="2 stages need as many widths"):
        ResNet(BasicBlock, (1, 1), widths=(4,))

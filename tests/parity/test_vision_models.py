"""minigrad.models against torchvision's models: state_dicts, scores, gradients, ten steps."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = [pytest.mark.parity, pytest.mark.usefixtures("one_thread_each")]
torch = pytest.importorskip("torch")

import minigrad as mg  # noqa: E402
from minigrad.models import VGG, EfficientNet  # noqa: E402
from minigrad.models.resnet import BasicBlock, Bottleneck, ResNet  # noqa: E402
from tests.parity.third_party import torchvision  # noqa: E402


def basic(load):
    resnet = load("models.resnet")
    theirs = resnet.ResNet(resnet.BasicBlock, [1, 1, 1, 1], num_classes=5)
    return ResNet(BasicBlock, (1, 1, 1, 1), 5), theirs


def bottleneck(load):
    resnet = load("models.resnet")
    theirs = resnet.ResNet(resnet.Bottleneck, [2, 1, 1, 1], num_classes=5)
    return ResNet(Bottleneck, (2, 1, 1, 1), 5), theirs


def vgg(load):
    vgg = load("models.vgg")
    theirs = vgg.VGG(vgg.make_layers(vgg.cfgs["A"], batch_norm=True), init_weights=False)
    ours = VGG(11, 5, batch_norm=True, dropout=0.0, hidden=16, side=1)
    linear = [torch.nn.Linear(n, m) for n, m in ((512, 16), (16, 16), (16, 5))]
    relu, dropout = torch.nn.ReLU, torch.nn.Dropout
    theirs.avgpool = torch.nn.AdaptiveAvgPool2d(1)  # its own classifier has 120 M parameters
    theirs.classifier = torch.nn.Sequential(
        linear[0], relu(), dropout(0), linear[1], relu(), dropout(0), linear[2]
    )
    return ours, theirs


def efficientnet(load):
    efficientnet = load("models.efficientnet")
    setting, last = efficientnet._efficientnet_conf(
        "efficientnet_b0", width_mult=0.5, depth_mult=0.6
    )
    theirs = efficientnet.EfficientNet(
        setting, dropout=0.0, stochastic_depth_prob=0.0, num_classes=5, last_channel=last
    )
    return EfficientNet(5, 0.5, 0.6, dropout=0.0, stochastic_depth=0.0), theirs


def trained(lib, model, images, labels):
    """The losses of ten steps, and the gradients of the first."""
    sgd = lib.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    losses, grads = [], {}
    for _ in range(10):
        loss = lib.nn.functional.cross_entropy(model(lib.tensor(images)), lib.tensor(labels))
        sgd.zero_grad()
        loss.backward()
        grads = grads or {k: p.grad.numpy().copy() for k, p in model.named_parameters()}
        sgd.step()
        losses.append(loss.item())
    return losses, grads


@pytest.mark.parametrize("pair", [basic, bottleneck, vgg, efficientnet])
def test_same_scores_and_same_training(pair):
    try:
        load = torchvision(torch).load
    except FileNotFoundError as error:
        pytest.skip(str(error))
    torch.manual_seed(0)
    ours, theirs = pair(load)
    theirs.double()
    ours.double().load_state_dict({k: mg.tensor(v.numpy()) for k, v in theirs.state_dict().items()})
    rng = np.random.default_rng(0)
    images, labels = rng.standard_normal((6, 3, 40, 48)), rng.integers(0, 5, 6)
    our_losses, our_grads = trained(mg, ours, images, labels)
    their_losses, their_grads = trained(torch, theirs, images, labels)
    np.testing.assert_allclose(our_losses, their_losses, rtol=1e-6)
    for name, grad in their_grads.items():
        np.testing.assert_allclose(our_grads[name], grad, atol=1e-9, err_msg=name)
    with mg.no_grad(), torch.no_grad():
        a = ours.eval()(mg.tensor(images)).numpy()
        b = theirs.eval()(torch.tensor(images)).numpy()
    np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)

"""`diagnose`: every finding on a planted fault, none on healthy runs."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn, optim
from minigrad.data import digits
from minigrad.models import GPT, RNNLM, GPTConfig
from minigrad.nn import functional as F


@pytest.fixture(autouse=True)
def _seed():
    mg.manual_seed(0)


class Net(nn.Module):
    """Two layers; `between` is what happens to the hidden units."""

    def __init__(self, between=None):
        super().__init__()
        self.one, self.two = nn.Linear(6, 16), nn.Linear(16, 3)
        self.between = between or mg.tanh

    def forward(self, x):
        return self.two(self.between(self.one(x)))


def batch(n=32):
    rng = np.random.default_rng(1)
    x = mg.tensor(rng.standard_normal((n, 6), dtype=np.float32))
    return x, mg.tensor(rng.integers(0, 3, n))


def report(net, **options):
    x, y = batch()
    return mg.diagnose(net, lambda: F.cross_entropy(net(x), y), **options)


def only(found, code):
    assert found.codes == [code], str(found)
    return found.findings[0].evidence


# ---------------------------------------------------------------------- planted faults


def detached(h):
    return mg.tanh(h.detach())


def without_grad(h):
    with mg.no_grad():
        return mg.tanh(h)


def through_numpy(h):
    return mg.tensor(h.detach().numpy().copy())


def rounded(h):
    return (h > 0).float()


@pytest.mark.parametrize("fault", [detached, without_grad, through_numpy, rounded])
def test_a_cut_is_found_with_its_line(fault):
    evidence = only(report(Net(fault)), "severed-graph")
    assert evidence["parameters"] == ["one.weight", "one.bias"]
    assert "test_diagnose.py:" in evidence["where"]
    if fault is not through_numpy:  # there: the last line before
        line = int(evidence["where"].rpartition(":")[2])
        start = fault.__code__.co_firstlineno
        assert start < line <= start + 2


def test_a_layer_that_is_not_used():
    net = Net()
    net.spare = nn.Linear(2, 2)
    assert only(report(net), "unused-parameters")["parameters"] == ["spare.weight", "spare.bias"]


def test_of_a_loss_alone_it_says_what_has_no_path():
    net, (x, y) = Net(detached), batch()
    evidence = only(mg.diagnose(net, F.cross_entropy(net(x), y)), "no-gradient")
    assert evidence["parameters"] == ["one.weight", "one.bias"]


def test_frozen_parameters():
    net = Net()
    net.one.requires_grad_(False)
    assert report(net).ok  # on purpose, as far as one can see
    evidence = only(report(net, optimizer=optim.SGD(net.parameters())), "frozen-parameters")
    assert evidence["parameters"] == ["one.weight", "one.bias"]
    net.requires_grad_(False)
    assert report(net).codes == ["frozen-parameters"]


def test_a_parameter_that_the_optimizer_does_not_know():
    net = Net()
    evidence = only(report(net, optimizer=optim.SGD(net.one.parameters())), "not-in-optimizer")
    assert evidence["parameters"] == ["two.weight", "two.bias"]


def test_the_first_nan_has_its_op_and_line():
    evidence = report(Net(lambda h: mg.log(-h * h))).findings[0].evidence
    assert np.isnan(evidence["loss"])
    assert evidence["where"].startswith("log at ")


def test_a_nan_that_only_the_gradient_has():
    found = report(Net(lambda h: mg.sqrt(h * 0)))
    assert found.codes[0] == "not-finite"
    assert found.findings[0].evidence["first"].startswith("mul: its pullback made the first NaN")


def test_softmax_before_cross_entropy():
    net = Net()
    assert report(nn.Sequential(net, nn.Softmax(1))).codes == ["softmax-before-loss"]
    assert report(nn.Sequential(net, nn.LogSoftmax(1))).ok  # the same function once more


def test_sigmoid_before_a_loss_of_logits():
    net, x = nn.Linear(6, 1), batch()[0]
    loss = F.binary_cross_entropy_with_logits(mg.sigmoid(net(x)), mg.ones(32, 1))
    assert mg.diagnose(net, loss).codes == ["softmax-before-loss"]


def test_eval_mode_while_training():
    net = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Dropout(), nn.Linear(8, 3))
    assert report(net).ok
    net[1].eval()  # one frozen norm is a choice
    assert report(net).ok
    assert report(net.eval()).codes == ["eval-while-training"]


def test_a_dead_relu_layer():
    net = Net(F.relu)
    with mg.no_grad():
        nn.init.constant_(net.one.bias, -100)  # pyright: ignore[reportArgumentType]
    evidence = report(net).findings[0].evidence
    assert evidence["dead units"] == "100%"
    assert evidence["samples"] == 32


@pytest.mark.parametrize("ends", [mg.tanh, mg.sigmoid])
def test_saturated_units(ends):
    net = Net(ends)
    with mg.no_grad():
        net.one.weight.mul_(1000)
    assert "saturated-units" in report(net).codes


def test_vanishing_and_exploding_gradients():
    deep = [m for _ in range(12) for m in (nn.Linear(6, 6), nn.Sigmoid())]
    assert report(nn.Sequential(*deep, nn.Linear(6, 3))).codes == ["vanishing-gradients"]
    deep = [nn.Linear(6, 6) for _ in range(12)]
    for layer in deep:
        nn.init.normal_(layer.weight, std=10.0)
    assert "exploding-gradients" in report(nn.Sequential(*deep, nn.Linear(6, 3))).codes


def test_inputs_out_of_range():
    net, (x, _) = Net(), batch()
    assert report(net, inputs=x).ok
    assert report(net, inputs=128 + 64 * x).codes == ["inputs-not-normalised"]
    assert report(net, inputs=mg.tensor([[1000, 2000]])).ok  # tokens


# ---------------------------------------------------------------------- healthy runs


def healthy(model, batches, loss, steps=(0, 1, 5, 30)):
    adam = optim.Adam(model.parameters(), lr=1e-3)
    for i in range(max(steps) + 1):
        x, y = batches(i)
        if i in steps:
            found = mg.diagnose(model, lambda x=x, y=y: loss(model(x), y), optimizer=adam)
            assert found.ok, f"step {i}: {found}"
        adam.zero_grad()
        loss(model(x), y).backward()
        adam.step()


def of_digits(*shape):
    x, y = digits()[0].tensors
    order = np.random.default_rng(0).permutation(len(y))

    def batches(i):
        chosen = order[i * 32 % 1400 : i * 32 % 1400 + 32]
        return x[chosen].reshape(-1, *shape), y[chosen]

    return batches


def of_tokens(i):
    tokens = np.random.default_rng(i).integers(0, 20, (8, 17)).cumsum(1) % 20
    return mg.tensor(tokens[:, :-1]), mg.tensor(tokens[:, 1:])


def test_a_healthy_mlp():
    net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 10))
    healthy(net, of_digits(64), F.cross_entropy)


def test_a_healthy_cnn():
    net = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(256, 10),
    )  # fmt: skip
    healthy(net, of_digits(1, 8, 8), F.cross_entropy)


def test_a_healthy_lstm():
    def loss(out, y):
        return F.cross_entropy(out[0].reshape(-1, 20), y.reshape(-1))

    healthy(RNNLM(20, 16, 32), of_tokens, loss)


def test_a_healthy_gpt():
    def loss(logits, y):
        return F.cross_entropy(logits.reshape(-1, 20), y.reshape(-1))

    healthy(GPT(GPTConfig(20, 16, 32, 2, 4)), of_tokens, loss)


# ---------------------------------------------------------------------- what it leaves behind


def test_it_changes_nothing():
    net = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Dropout(), nn.Linear(8, 3))
    before = {name: value.numpy().copy() for name, value in net.state_dict().items()}
    mg.manual_seed(3)
    expected = mg.randn(4).numpy()
    mg.manual_seed(3)
    report(net)
    np.testing.assert_array_equal(mg.randn(4).numpy(), expected)
    for name, value in net.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), before[name])
    assert all(p.grad is None for p in net.parameters())


def test_a_loss_can_be_diagnosed_before_and_after_backward():
    net, (x, y) = Net(), batch()
    loss = F.cross_entropy(net(x), y)
    assert mg.diagnose(net, loss).ok
    loss.backward()
    assert mg.diagnose(net, loss).ok


def test_bad_input():
    net, (x, _) = Net(), batch()
    with pytest.raises(TypeError, match="expected the loss, a Tensor, or a function"):
        mg.diagnose(net, 3.0)  # pyright: ignore
    with pytest.raises(ValueError, match="a loss of one number"):
        mg.diagnose(net, net(x))


def test_the_report_as_text_html_and_dict():
    found = report(nn.Sequential(Net(), nn.Softmax(1)))
    assert str(found).startswith(
        "diagnose: 1 finding in one step\n\nsoftmax-before-loss: cross_entropy takes"
    )
    assert "<b>softmax-before-loss</b>" in found._repr_html_()
    assert found.as_dict()["findings"][0]["code"] == "softmax-before-loss"
    assert str(report(Net())) == "diagnose: nothing found in one step"

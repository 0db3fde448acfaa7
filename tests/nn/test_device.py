"""Every layer on a device: nothing of it is left behind, nothing comes back by accident."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import backend, nn
from minigrad.nn import init, utils
from tests.nn.test_activation import CASES as ACTIVATIONS
from tests.nn.test_loss import CASES as LOSSES
from tests.strict_array import StrictArray


@pytest.fixture(autouse=True)
def _a_device(monkeypatch):
    """Arrays that are moved to "cuda" become StrictArrays, which refuse to mix with NumPy's."""
    real = backend.to_device

    def to_device(array, device):
        if backend.Device(device).type == "cuda":
            return array if isinstance(array, StrictArray) else StrictArray(np.array(array))
        return real(array, device)

    monkeypatch.setattr(backend, "to_device", to_device)


def on_device(t):
    t = mg.tensor(t) if not isinstance(t, mg.Tensor) else t.clone()
    t.array = backend.to_device(t.array, "cuda")
    return t


LAYERS = [
    (nn.Linear(3, 2), (mg.ones(4, 3),)),
    (nn.Bilinear(3, 2, 2), (mg.ones(4, 3), mg.ones(4, 2))),
    (nn.Embedding(5, 3, padding_idx=1), (mg.tensor([1, 2]),)),
    (nn.Embedding(5, 3, max_norm=1.0, scale_grad_by_freq=True), (mg.tensor([1, 2]),)),
    (nn.Dropout(), (mg.ones(4, 3),)),
    (nn.Dropout1d(), (mg.ones(2, 4, 3),)),
    (nn.AlphaDropout(), (mg.ones(4, 3),)),
    (nn.BatchNorm1d(3), (mg.tensor(np.arange(12.0).reshape(4, 3)),)),
    (nn.BatchNorm1d(3, momentum=None), (mg.tensor(np.arange(12.0).reshape(4, 3)),)),
    (nn.InstanceNorm1d(3, affine=True), (mg.tensor(np.arange(24.0).reshape(2, 3, 4)),)),
    (nn.LayerNorm(3), (mg.tensor(np.arange(12.0).reshape(4, 3)),)),
    (nn.GroupNorm(1, 3), (mg.tensor(np.arange(12.0).reshape(4, 3)),)),
    (nn.RMSNorm(3), (mg.tensor(np.arange(12.0).reshape(4, 3)),)),
    (nn.Conv2d(2, 4, 3, padding=1, padding_mode="reflect"), (mg.ones(2, 2, 5, 4),)),
    (nn.ConvTranspose1d(2, 3, 3, 2, output_padding=1), (mg.ones(2, 2, 5),)),
    (nn.MaxPool2d(2), (mg.tensor(np.arange(40.0).reshape(1, 2, 5, 4)),)),
    (nn.AdaptiveAvgPool2d(1), (mg.ones(2, 2, 5, 4),)),
    (nn.CircularPad1d(2), (mg.ones(2, 2, 5),)),
    (nn.Upsample(scale_factor=2), (mg.ones(1, 2, 3, 4),)),
    (nn.Upsample((4, 3)), (mg.ones(1, 2, 3, 4),)),
    (nn.Upsample(4, mode="bicubic"), (mg.ones(1, 2, 3, 4),)),
    (nn.PixelShuffle(2), (mg.ones(1, 4, 3, 2),)),
    (nn.ChannelShuffle(2), (mg.ones(1, 4, 3, 2),)),
    (nn.Unfold(2, padding=1), (mg.ones(1, 2, 3, 4),)),
    (nn.Fold((3, 4), 2), (mg.ones(1, 8, 6),)),
    (nn.LPPool2d(2, 2), (mg.ones(1, 2, 4, 4),)),
    (nn.GRUCell(3, 4), (mg.ones(2, 3),)),
    (nn.TransformerEncoderLayer(4, 2, 8), (mg.tensor(np.arange(24.0).reshape(3, 2, 4)),)),
    (nn.RotaryEmbedding(4), (mg.tensor(np.arange(24.0).reshape(2, 3, 4)),)),
    (nn.Flatten(), (mg.ones(2, 3, 4),)),
    (nn.Unflatten(1, (2, 2)), (mg.ones(2, 4),)),
    *((layer, (mg.tensor(np.array(x, dtype=float)),)) for layer, x, _ in ACTIVATIONS),
    *((loss, args) for loss, args, _ in LOSSES),
]


@pytest.mark.parametrize(("layer", "inputs"), LAYERS, ids=lambda v: type(v).__name__)
def test_forward_and_backward_stay_on_the_device(layer, inputs):
    layer.double().cuda()
    inputs = [on_device(t.double() if t.dtype.kind == "f" else t) for t in inputs]
    if inputs[0].dtype.kind == "f":
        inputs[0].requires_grad_()
    y = layer(*inputs)
    assert isinstance(y.array, StrictArray)
    (y * y).sum().backward()
    learned = [*layer.parameters(), *(t for t in inputs if t.requires_grad)]
    for p in learned:
        assert isinstance(p.grad.array, StrictArray)
    for t in (*layer.parameters(), *layer.buffers()):
        assert isinstance(t.array, StrictArray)
    layer.cpu()
    assert all(isinstance(p.array, np.ndarray) for p in layer.parameters())


@pytest.mark.parametrize("name", [n for n in init.__all__ if n != "calculate_gain"])
def test_initial_values(name):
    shape = (4, 3, 5) if name == "dirac_" else (4, 3)
    t = on_device(mg.zeros(shape))
    getattr(init, name)(t, *{"constant_": (2.0,), "sparse_": (0.5,)}.get(name, ()))
    assert isinstance(t.array, StrictArray)


@pytest.mark.parametrize("norm_type", [2, 1, 0, float("inf")])
def test_clipping(norm_type):
    p = on_device(mg.zeros(2)).requires_grad_()
    p.grad = on_device([3.0, 4.0])
    norm = utils.clip_grad_norm_([p], 0.5, norm_type)
    assert isinstance(norm.array, StrictArray)
    utils.clip_grad_value_([p], 0.25)
    assert isinstance(p.grad.array, StrictArray)
    assert max(p.grad.tolist()) <= 0.25


def test_a_state_dict_crosses_devices():
    a, b = nn.Linear(2, 2), nn.Linear(2, 2)
    a.cuda()
    b.load_state_dict(a.state_dict())
    assert b.weight.tolist() == a.weight.tolist()
    a.load_state_dict(nn.Linear(2, 2).state_dict())
    assert isinstance(a.weight.array, StrictArray)
    assert a.weight.tolist() != b.weight.tolist()


def test_layers_made_on_the_device():
    layer = nn.BatchNorm1d(3, device="cuda")
    for t in (*layer.parameters(), *layer.buffers()):
        assert isinstance(t.array, StrictArray)
    assert isinstance(nn.Linear(2, 2, device="cuda").weight.array, StrictArray)
    assert isinstance(nn.Embedding(4, 2, 1, device="cuda").weight.array, StrictArray)

"""What `summary` says of a model."""

from __future__ import annotations

import pytest

import minigrad as mg
from minigrad import models, nn
from minigrad.mode import MODE
from minigrad.models.model_summary import Summary


def of(model, *arguments):
    return models.summarize(model, arguments)


def test_layers_and_shapes():
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 10))
    found = models.summarize(model, (5, 1, 8, 8))
    assert [(r.name, r.kind, r.output, r.parameters) for r in found.layers] == [
        ("", "Sequential", "(5, 10)", 40 + 1450),
        ("0", "Conv2d", "(5, 4, 6, 6)", 40),
        ("1", "ReLU", "(5, 4, 6, 6)", 0),
        ("2", "Flatten", "(5, 144)", 0),
        ("3", "Linear", "(5, 10)", 1450),
    ]
    conv, linear = 2 * 5 * 4 * 36 * 9, 2 * 5 * 10 * 144
    assert [r.flops for r in found.layers] == [conv + linear, conv, 0, 0, linear]
    assert found.weights == 4 * 1490
    assert found.activations == 4 * 5 * (144 + 144 + 10)  # Flatten is a view
    assert found.training == 16 * 1490 + found.activations


@pytest.mark.parametrize("inplace", [False, True])
def test_what_is_written_in_place_is_no_more_memory(inplace):
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(inplace))
    assert models.summarize(model, (2, 3)).activations == 4 * 2 * (4 + 4)


@pytest.mark.parametrize(
    ("layer", "arguments", "flops"),
    [
        (nn.ConvTranspose1d(4, 6, 3, groups=2), [mg.zeros(5, 4, 7)], 2 * 5 * 4 * 7 * 3 * 3),
        (nn.Conv3d(4, 6, 2, groups=2), [mg.zeros(1, 4, 3, 3, 3)], 2 * 6 * 8 * 2 * 8),
        (nn.LSTM(3, 4), [mg.zeros(7, 2, 3)], 2 * 7 * 2 * 16 * (3 + 4)),
        (nn.GRU(3, 4, num_layers=2), [mg.zeros(7, 2, 3)], 2 * 7 * 2 * 12 * (3 + 4 + 4 + 4)),
        (nn.RNN(3, 4, bidirectional=True), [mg.zeros(7, 2, 3)], 2 * 2 * 7 * 2 * 4 * (3 + 4)),
        (nn.Bilinear(3, 4, 5), [mg.zeros(2, 3), mg.zeros(2, 4)], 2 * 2 * 5 * 4 * (3 + 1)),
    ],
)
def test_flops(layer, arguments, flops):
    assert of(layer, *arguments).flops == flops


def test_attention_counts_the_whole_square():
    q, k, v = mg.zeros(2, 3, 5, 8), mg.zeros(2, 3, 7, 8), mg.zeros(2, 3, 7, 6)

    class Attention(nn.Module):
        def forward(self, q, k, v):
            return nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)

    assert of(Attention(), q, k, v).flops == 2 * 2 * 3 * 5 * 7 * (8 + 6)


def test_what_is_shared_is_counted_once():
    tied = nn.Linear(6, 6)
    found = models.summarize(nn.Sequential(tied, nn.ReLU(), tied), (1, 6))
    assert found.parameters == 42
    assert found.flops == 2 * 2 * 36  # but it is computed twice
    assert found.layers[1].flops == found.flops


@pytest.mark.parametrize(
    ("parameters", "size"),
    [(1_000_000, "small"), (1_000_001, "medium"), (100_000_000, "medium"), (100_000_001, "large")],
)
def test_size_classes(parameters, size):
    assert Summary([], parameters, 0, 0, 0, 0).size == size


def test_the_model_is_what_it_was():
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Dropout(0.5))
    model[1].eval()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    models.summarize(model, (4, 3))
    assert (model.training, model[0].training, model[1].training) == (True, True, False)
    assert all((v == before[k]).all() for k, v in model.state_dict().items())
    assert MODE.get().watch is None


def test_a_model_that_raises_is_left_alone_too():
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(3, 4))
    with pytest.raises(RuntimeError, match=r"linear"):
        models.summarize(model, (1, 3))
    assert model.training
    assert MODE.get() == type(MODE.get())()
    calls = []
    model[0].register_forward_hook(lambda *a: calls.append(a))
    model[0](mg.zeros(1, 3))
    assert len(calls) == 1


def test_frozen_parameters_and_layers_that_are_not_called(capsys):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.unused = nn.Linear(2, 2), nn.Linear(2, 1)
            self.used.weight.requires_grad_(False)

        def forward(self, x):
            return self.used(x), {"other": x}

    models.summary(Net(), mg.zeros(3, 2))
    text = capsys.readouterr().out
    assert "parameters   9, 4 of them frozen: a small model" in text
    assert "  unused: Linear  -" in text
    assert "Net               (3, 2), dict" in text


@pytest.mark.parametrize("wrong", [3, "x", (), (1.5, 2), {"x": 1}])
def test_an_input_that_is_none(wrong):
    with pytest.raises(ValueError, match=r"summary: expected a Tensor, a tuple of arguments, or"):
        models.summary(nn.Linear(2, 2), wrong)


@pytest.mark.parity
@pytest.mark.parametrize("kind", ["conv", "transformer"])
def test_flops_are_those_that_pytorch_counts(kind):
    torch = pytest.importorskip("torch")
    from torch.utils.flop_counter import FlopCounterMode

    def build(nn):
        if kind == "transformer":
            return nn.TransformerEncoderLayer(16, 4, 32, batch_first=True).train()
        return nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, groups=4),
            nn.ConvTranspose2d(8, 4, 2, stride=2), nn.Flatten(), nn.Linear(4 * 64, 10),
        )  # fmt: skip

    shape = (2, 6, 16) if kind == "transformer" else (2, 3, 12, 12)
    with FlopCounterMode(display=False) as counter:
        build(torch.nn)(torch.zeros(shape))
    assert models.summarize(build(nn), shape).flops == counter.get_total_flops()

"""The networks and the layers of sequences as ONNX files: ONNX's evaluator computes the same.

Each file is evaluated on the example that it was traced with, and on other inputs, of other sizes
where an axis is open: nothing may have been frozen.
"""

from __future__ import annotations

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", minversion="1.23")

import minigrad as mg  # noqa: E402
from minigrad import models, nn  # noqa: E402
from minigrad.models.resnet import BasicBlock, Bottleneck  # noqa: E402
from tests.parity.onnx_files import compare, exported  # noqa: E402

pytestmark = pytest.mark.parity
R = np.random.default_rng(0)


def f(*shape) -> mg.Tensor:
    return mg.tensor(R.standard_normal(shape).astype(np.float32))


def tokens(*shape) -> mg.Tensor:
    return mg.tensor(R.integers(0, 10, shape))


# ---------------------------------------------------------------------------- models

NETWORKS = {  # the model, and its inputs for a batch of n
    "MLP": (lambda: models.MLP([12, 8, 3], nn.Tanh, dropout=0.5), lambda n: [f(n, 3, 4)]),
    "LeNet": (models.LeNet, lambda n: [f(n, 1, 28, 28)]),
    "VGG": (
        lambda: models.VGG(11, num_classes=4, batch_norm=True, hidden=16, side=1),
        lambda n: [f(n, 3, 32, 32)],
    ),
    "ResNet": (
        lambda: models.ResNet(BasicBlock, (1, 2), 4, widths=(8, 16), stem=8),
        lambda n: [f(n, 3, 32, 32)],
    ),
    "ResNet with bottlenecks": (
        lambda: models.ResNet(Bottleneck, (1, 1), 4, widths=(4, 8), stem=8, small_images=True),
        lambda n: [f(n, 3, 16, 16)],
    ),
    "GPT": (
        lambda: models.GPT(models.GPTConfig(10, 8, 16, 2, 2)),
        lambda n: [tokens(n, 5)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
def test_networks(name, tmp_path):
    mg.manual_seed(0)
    make, inputs = NETWORKS[name]
    model, example = make(), inputs(2)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):  # as if it had been trained
            nn.init.uniform_(module.running_mean, -1, 1)
            nn.init.uniform_(module.running_var, 0.5, 2)
    file = exported(tmp_path, model, example, dynamic_axes={"input": {0: "batch"}})
    for given in example, inputs(2), inputs(1), inputs(3):
        compare(file, model, given)
    assert file.ir_version == 10
    assert [(x.domain, x.version) for x in file.opset_import] == [("", 21)]
    assert file.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"
    assert file.graph.output[0].type.tensor_type.shape.dim[0].dim_param == "batch"


@pytest.mark.parametrize("name", NETWORKS)
def test_parameters_have_their_names(name, tmp_path):
    make, inputs = NETWORKS[name]
    model = make()
    file = exported(tmp_path, model, inputs(1))
    arrays = {a.name: onnx.numpy_helper.to_array(a) for a in file.graph.initializer}
    state = {k: v for k, v in model.state_dict().items() if "num_batches" not in k}
    assert state.keys() <= arrays.keys()
    for key, value in state.items():
        np.testing.assert_array_equal(arrays[key], value.numpy())


def test_tied_weights_are_there_once(tmp_path):
    model = models.GPT(models.GPTConfig(10, 8, 16, 1, 2))
    file = exported(tmp_path, model, [tokens(1, 3)])
    assert sum(list(a.dims) in ([10, 16], [16, 10]) for a in file.graph.initializer) == 1


def test_sequences_of_any_length(tmp_path):
    model = models.GPT(models.GPTConfig(10, 8, 16, 2, 2))
    axes = {"tokens": {0: "batch", 1: "time"}, "logits": {0: "batch", 1: "time"}}
    file = exported(
        tmp_path, model, [tokens(2, 5)], input_names=["tokens"], output_names=["logits"],
        dynamic_axes=axes,
    )  # fmt: skip
    for shape in (2, 5), (1, 8), (3, 1), (5, 2):
        compare(file, model, [tokens(*shape)])
    sizes = file.graph.output[0].type.tensor_type.shape.dim
    assert [d.dim_param or d.dim_value for d in sizes] == ["batch", "time", 10]


# ---------------------------------------------------------------------------- layers


class Applied(nn.Module):
    """A layer, called in a way of its own."""

    def __init__(self, layer, call):
        super().__init__()
        self.layer, self.call = layer, call

    def forward(self, *inputs):
        return self.call(self.layer, *inputs)


def hidden(n, m, *last) -> mg.Tensor:
    """A padding mask that hides some, but never all."""
    mask = R.random((n, m)) < 0.4
    mask[:, 0] = False
    return mg.tensor(mask)


def encoder(**options) -> nn.Module:
    return nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, **options), 2)


CAUSAL = nn.Transformer.generate_square_subsequent_mask(5)
SEQUENCES = {  # the layer, its inputs, and for which of them what is open
    "RNN": (lambda: nn.RNN(3, 4, 2), lambda: [f(5, 2, 3)], {"input": {0: "time", 1: "batch"}}),
    "LSTM": (
        lambda: nn.LSTM(3, 4, 2, bidirectional=True),
        lambda: [f(5, 2, 3)],
        {"input": {0: "time", 1: "batch"}},
    ),
    "GRU": (
        lambda: nn.GRU(3, 4, 2, bias=False, batch_first=True, bidirectional=True),
        lambda: [f(2, 5, 3)],
        {"input": {0: "batch", 1: "time"}},
    ),
    "LSTM of states": (
        lambda: Applied(nn.LSTM(3, 4), lambda m, x, h, c: m(x, (h, c))),
        lambda: [f(5, 2, 3), f(1, 2, 4), f(1, 2, 4)],
        {"input_0": {1: "batch"}, "input_1": {1: "batch"}, "input_2": {1: "batch"}},
    ),
    "GRU of a state": (lambda: nn.GRU(3, 4), lambda: [f(5, 2, 3), f(1, 2, 4)], None),
    "RNN without a batch": (lambda: nn.RNN(3, 4), lambda: [f(5, 3)], None),
    "RNNCell": (lambda: nn.RNNCell(3, 4), lambda: [f(2, 3), f(2, 4)], None),
    "LSTMCell": (lambda: nn.LSTMCell(3, 4), lambda: [f(2, 3)], {"input": {0: "batch"}}),
    "GRUCell": (lambda: nn.GRUCell(3, 4), lambda: [f(2, 3), f(2, 4)], None),
    "MultiheadAttention": (
        lambda: nn.MultiheadAttention(8, 2, batch_first=True),
        lambda: [f(2, 5, 8), f(2, 4, 8), f(2, 4, 8)],
        {"input_0": {0: "batch"}, "input_1": {0: "batch"}, "input_2": {0: "batch"}},
    ),
    "MultiheadAttention without weights": (
        lambda: Applied(
            nn.MultiheadAttention(8, 2, add_bias_kv=True, kdim=6, vdim=7),
            lambda m, q, k, v: m(q, k, v, need_weights=False)[0],
        ),
        lambda: [f(5, 2, 8), f(4, 2, 6), f(4, 2, 7)],
        None,
    ),
    "encoder": (lambda: encoder(), lambda: [f(5, 2, 8)], {"input": {0: "time", 1: "batch"}}),
    "encoder with padding": (
        lambda: Applied(
            encoder(batch_first=True, norm_first=True, activation="gelu"),
            lambda m, x, hidden: m(x, src_key_padding_mask=hidden),
        ),
        lambda: [f(2, 5, 8), hidden(2, 5)],
        {"input_0": {0: "batch"}, "input_1": {0: "batch"}},
    ),
    "encoder with a mask": (
        lambda: Applied(encoder(batch_first=True), lambda m, x: m(x, CAUSAL)),
        lambda: [f(2, 5, 8)],
        {"input": {0: "batch"}},
    ),
    "decoder": (
        lambda: nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16), 2),
        lambda: [f(5, 2, 8), f(4, 2, 8)],
        None,
    ),
    "Transformer": (
        lambda: nn.Transformer(8, 2, 1, 1, 16, batch_first=True),
        lambda: [f(2, 5, 8), f(2, 4, 8)],
        {"input_0": {0: "batch"}, "input_1": {0: "batch"}},
    ),
    "RotaryEmbedding": (
        lambda: nn.RotaryEmbedding(4, interleaved=True),
        lambda: [f(2, 3, 6)],
        {"input": {0: "batch", 1: "time"}},
    ),
    "SinusoidalPositionalEncoding": (
        lambda: nn.SinusoidalPositionalEncoding(4),
        lambda: [f(2, 3, 4)],
        {"input": {1: "time"}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SEQUENCES)
def test_layers_of_sequences(name, tmp_path):
    make, inputs, axes = SEQUENCES[name]
    model, example = make(), inputs()
    file = exported(tmp_path, model, example, dynamic_axes=axes)
    compare(file, model, example)
    compare(file, model, inputs())
    if axes:  # one and three times as long
        for times in (lambda n: 1), (lambda n: 3 * n):
            longer = []
            for value, x in zip(file.graph.input, inputs(), strict=True):
                shape = list(x.shape)
                for place in axes.get(value.name, ()):
                    shape[place] = times(shape[place])
                longer.append(mg.tensor(np.resize(x.numpy(), shape)))
            compare(file, model, longer)

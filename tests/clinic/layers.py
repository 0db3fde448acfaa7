"""Every layer and loss of minigrad.nn with inputs, small: what the clinic must not call wrong."""

from __future__ import annotations

from typing import Any

import numpy as np

import minigrad as mg
from minigrad import nn

R = np.random.default_rng(0)


def x(*shape: int) -> Any:
    return mg.tensor(R.standard_normal(shape), requires_grad=True)


def labels(n: int, *shape: int) -> Any:
    return mg.tensor(R.integers(0, n, shape))


def signs(*shape: int) -> Any:
    return mg.tensor(R.choice([-1.0, 1.0], shape))


def positive(*shape: int) -> Any:
    return mg.tensor(R.uniform(0.2, 0.8, shape), requires_grad=True)


NOT_LAYERS = {"Module", "ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "RNNBase",
              "RNNCellBase"}  # fmt: skip
ELEMENTWISE = [
    "AlphaDropout", "CELU", "Dropout", "ELU", "GELU", "Hardshrink", "Hardsigmoid", "Hardswish",
    "Hardtanh", "Identity", "LeakyReLU", "LogSigmoid", "Mish", "PReLU", "RReLU", "ReLU", "ReLU6",
    "SELU", "SiLU", "Sigmoid", "Softplus", "Softshrink", "Softsign", "Tanh", "Tanhshrink",
]  # fmt: skip
# class: [(its arguments, inputs), ...]
SAMPLES: dict[str, list[tuple[tuple, tuple]]] = {name: [((), (x(2, 3),))] for name in ELEMENTWISE}
for n, sizes in ((1, (4,)), (2, (4, 3)), (3, (2, 3, 4))):
    image = (1, 2, *sizes)
    SAMPLES |= {
        f"AdaptiveAvgPool{n}d": [((2,), (x(*image),))],
        f"AdaptiveMaxPool{n}d": [((2,), (x(*image),))],
        f"AvgPool{n}d": [((2,), (x(*image),))],
        f"LPPool{n}d": [((2, 2), (positive(*image),))],
        f"MaxPool{n}d": [((2,), (x(*image),))],
        f"BatchNorm{n}d": [((2,), (x(3, 2, *sizes[:n]),))],
        f"InstanceNorm{n}d": [((2,), (x(*image),))],
        f"Conv{n}d": [((2, 2, 2), (x(*image),))],
        f"ConvTranspose{n}d": [((2, 2, 2, 2), (x(1, 2, *[2] * n),))],
        f"Dropout{n}d": [((), (x(2, 3, *sizes),))],
        f"MaxUnpool{n}d": [
            ((2,), (x(1, 1, 2, *[1] * (n - 1)), labels(1, 1, 1, 2, *[1] * (n - 1))))
        ],
        f"CircularPad{n}d": [((1,), (x(*image),))],
        f"ConstantPad{n}d": [((1, 0.5), (x(*image),))],
        f"ReflectionPad{n}d": [((1,), (x(*image),))],
        f"ReplicationPad{n}d": [((1,), (x(*image),))],
        f"ZeroPad{n}d": [((1,), (x(*image),))],
    }
SAMPLES["MaxUnpool1d"] = [((2,), (x(1, 1, 2), mg.tensor([[[1, 2]]])))]
SAMPLES["MaxUnpool2d"] = [((2,), (x(1, 1, 2, 1), mg.tensor([[[[1], [6]]]])))]
SAMPLES["MaxUnpool3d"] = [((2,), (x(1, 1, 1, 1, 1), mg.tensor([[[[[3]]]]])))]
SAMPLES |= {
    "BCELoss": [((), (positive(3, 2), positive(3, 2)))],
    "BCEWithLogitsLoss": [((), (x(3, 2), positive(3, 2)))],
    "Bilinear": [((2, 3, 2), (x(2, 2), x(2, 3)))],
    "CTCLoss": [((), (x(4, 2, 3).log_softmax(2).detach().requires_grad_(),
                      mg.tensor([[1, 2], [2, 2]]), mg.tensor([4, 4]), mg.tensor([2, 1])))],
    "ChannelShuffle": [((2,), (x(1, 4, 2, 2),))],
    "CosineEmbeddingLoss": [((), (x(3, 4), x(3, 4), signs(3)))],
    "CosineSimilarity": [((), (x(3, 4), x(3, 4)))],
    "CrossEntropyLoss": [((), (x(3, 4), labels(4, 3))), ((None, None, -1, None, "sum", 0.1),
                         (x(3, 4), mg.tensor([0, -1, 2])))],
    "Embedding": [((4, 3), (labels(4, 2, 2),))],
    "FeatureAlphaDropout": [((), (x(2, 3, 2),))],
    "Flatten": [((), (x(2, 2, 2),))],
    "Fold": [(((3, 3), 2), (x(1, 4, 4),))],
    "GLU": [((), (x(2, 4),))],
    "GRU": [((2, 2), (x(3, 1, 2),)), ((2, 2, 2), (x(2, 2, 2), x(2, 2, 2)))],
    "GRUCell": [((2, 3), (x(2, 2),)), ((2, 3), (x(2, 2), x(2, 3)))],
    "GaussianNLLLoss": [((), (x(3, 2), x(3, 2), positive(3, 2)))],
    "GroupNorm": [((2, 4), (x(2, 4, 2),))],
    "HingeEmbeddingLoss": [((), (x(3, 2), signs(3, 2)))],
    "HuberLoss": [((), (x(3, 2), x(3, 2)))],
    "KLDivLoss": [((None, None, "batchmean"), (x(3, 2), positive(3, 2)))],
    "L1Loss": [((), (x(3, 2), x(3, 2)))],
    "LSTM": [((2, 3), (x(3, 1, 2),)), ((2, 2), (x(2, 1, 2), (x(1, 1, 2), x(1, 1, 2))))],
    "LSTMCell": [((2, 3), (x(2, 2),)), ((2, 3), (x(2, 2), (x(2, 3), x(2, 3))))],
    "LayerNorm": [((4,), (x(2, 4),))],
    "LearnedPositionalEmbedding": [((4,), (x(1, 3, 4),))],
    "Linear": [((3, 2), (x(4, 3),)), ((3, 2, False), (x(3),))],
    "LocalResponseNorm": [((2,), (x(1, 4, 2),))],
    "LogSoftmax": [((1,), (x(2, 3),))],
    "MSELoss": [((), (x(3, 2), x(3, 2)))],
    "MarginRankingLoss": [((), (x(3), x(3), signs(3)))],
    "MultiLabelMarginLoss": [((), (x(2, 3), mg.tensor([[1, -1, 0], [0, 2, -1]])))],
    "MultiLabelSoftMarginLoss": [((), (x(2, 3), labels(2, 2, 3).double()))],
    "MultiMarginLoss": [((), (x(3, 4), labels(4, 3)))],
    "MultiheadAttention": [((4, 2), (x(2, 1, 4), x(3, 1, 4), x(3, 1, 4)))],
    "NLLLoss": [((), (x(3, 4), labels(4, 3)))],
    "PairwiseDistance": [((), (x(3, 4), x(3, 4)))],
    "PixelShuffle": [((2,), (x(1, 4, 2, 1),))],
    "PixelUnshuffle": [((2,), (x(1, 1, 2, 4),))],
    "PoissonNLLLoss": [((), (x(3, 2), positive(3, 2)))],
    "RMSNorm": [((4,), (x(2, 4),))],
    "RNN": [((2, 3), (x(3, 1, 2),))],
    "RNNCell": [((2, 3), (x(2, 2),))],
    "RotaryEmbedding": [((4,), (x(1, 3, 4),))],
    "Sequential": [((nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1)), (x(2, 3),))],
    "SinusoidalPositionalEncoding": [((4,), (x(1, 3, 4),))],
    "SmoothL1Loss": [((), (x(3, 2), x(3, 2)))],
    "SoftMarginLoss": [((), (x(3, 2), signs(3, 2)))],
    "Softmax": [((1,), (x(2, 3),))],
    "Softmax2d": [((), (x(1, 3, 2, 2),))],
    "Softmin": [((1,), (x(2, 3),))],
    "Threshold": [((0.1, 20), (x(2, 3),))],
    "Transformer": [((4, 2, 1, 1, 4), (x(2, 1, 4), x(2, 1, 4)))],
    "TransformerDecoder": [((nn.TransformerDecoderLayer(4, 2, 4), 1), (x(2, 1, 4), x(2, 1, 4)))],
    "TransformerDecoderLayer": [((4, 2, 4), (x(2, 1, 4), x(2, 1, 4)))],
    "TransformerEncoder": [((nn.TransformerEncoderLayer(4, 2, 4), 1), (x(2, 1, 4),))],
    "TransformerEncoderLayer": [((4, 2, 4), (x(2, 1, 4),))],
    "TripletMarginLoss": [((), (x(3, 4), x(3, 4), x(3, 4)))],
    "TripletMarginWithDistanceLoss": [((), (x(3, 4), x(3, 4), x(3, 4)))],
    "Unflatten": [((1, (2, 2)), (x(2, 4),))],
    "Unfold": [((2,), (x(1, 2, 3, 3),))],
    "Upsample": [((None, 2), (x(1, 1, 2, 3),))],
    "UpsamplingBilinear2d": [((None, 2), (x(1, 1, 2, 3),))],
    "UpsamplingNearest2d": [((None, 2), (x(1, 1, 2, 3),))],
}  # fmt: skip
CLASSES = {
    name for name in nn.__all__
    if isinstance(getattr(nn, name), type) and issubclass(getattr(nn, name), nn.Module)
} - NOT_LAYERS  # fmt: skip

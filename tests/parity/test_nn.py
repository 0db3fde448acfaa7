"""Every class of minigrad.nn that torch.nn has too: signature, repr, state, values, gradients.

The classes are discovered; one without a sample here fails.
"""

import inspect

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.parity

CLASSES = sorted(
    name for name in nn.__all__ if isinstance(getattr(nn, name), type) and hasattr(torch.nn, name)
)
R = np.random.default_rng(0)


def x(*shape):
    return R.standard_normal(shape)


def labels(n, *shape):
    return R.integers(0, n, shape)


def signs(*shape):
    return R.choice([-1.0, 1.0], shape)


def probabilities(*shape):
    p = R.random(shape) + 0.1
    return p / p.sum(1, keepdims=True)


def both(*args):
    """Arguments that are Tensors of either library: arrays are turned into them."""
    return lambda make: [make(a) if isinstance(a, np.ndarray) else a for a in args]


# class: [(arguments, keyword arguments, inputs), ...]
ELEMENTWISE = [
    "CELU",
    "ELU",
    "GELU",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "LogSigmoid",
    "Mish",
    "ReLU",
    "ReLU6",
    "SELU",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Identity",
    "PReLU",
    "RReLU",
    "Dropout",
    "AlphaDropout",
]
SAMPLES: dict[str, list] = {name: [((), {}, (4 * x(5, 7),))] for name in ELEMENTWISE}
for _name in [
    "CELU",
    "ELU",
    "Hardtanh",
    "LeakyReLU",
    "ReLU",
    "ReLU6",
    "SELU",
    "SiLU",
    "Mish",
    "Hardswish",
    "Hardsigmoid",
]:
    SAMPLES[_name].append(((), {"inplace": True}, (4 * x(5, 7),)))
SAMPLES["ELU"].append(((0.5,), {}, (x(3, 3),)))
SAMPLES["CELU"].append(((0.5,), {}, (x(3, 3),)))
SAMPLES["GELU"].append((("tanh",), {}, (x(3, 3),)))
SAMPLES["Hardtanh"].append(((-0.5, 0.25), {}, (x(3, 3),)))
SAMPLES["LeakyReLU"].append(((0.3,), {}, (x(3, 3),)))
SAMPLES["Softplus"].append(((2.0, 1.0), {}, (x(3, 3),)))
SAMPLES["PReLU"].append(((3,), {"init": 0.1}, (x(2, 3, 4),)))
SAMPLES["Dropout"].append(((0.2,), {"inplace": True}, (x(3, 3),)))
SAMPLES |= {
    "Threshold": [((0.1, 20), {}, (x(4, 4),)), ((0.1, 20, True), {}, (x(4, 4),))],
    "GLU": [((), {}, (x(3, 6),)), ((0,), {}, (x(4, 3),))],
    "Softmax": [((1,), {}, (x(3, 4),)), ((-2,), {}, (x(3, 4, 5),))],
    "Softmin": [((1,), {}, (x(3, 4),))],
    "LogSoftmax": [((1,), {}, (x(3, 4),))],
    "Softmax2d": [((), {}, (x(2, 3, 4, 5),)), ((), {}, (x(3, 4, 5),))],
    "Dropout1d": [((), {}, (x(2, 3, 4),))],
    "Dropout2d": [((), {}, (x(2, 3, 4, 5),))],
    "Dropout3d": [((), {}, (x(2, 3, 2, 2, 2),))],
    "FeatureAlphaDropout": [((), {}, (x(2, 3, 4),))],
    "Linear": [
        ((3, 4), {}, (x(5, 3),)),
        ((3, 4, False), {}, (x(3),)),
        ((3, 4), {}, (x(2, 5, 3),)),
    ],
    "Bilinear": [((2, 3, 4), {}, (x(5, 2), x(5, 3))), ((2, 3, 4, False), {}, (x(5, 2), x(5, 3)))],
    "Flatten": [((), {}, (x(2, 3, 4),)), ((0, 1), {}, (x(2, 3, 4),))],
    "Unflatten": [((1, (2, 3)), {}, (x(4, 6),)), ((-1, [2, -1]), {}, (x(4, 6),))],
    "Embedding": [
        ((6, 3), {}, (labels(6, 4, 2),)),
        ((6, 3, 2), {}, (labels(6, 9),)),
        ((6, 3, -1), {"max_norm": 1.0, "norm_type": 1.0}, (labels(6, 9),)),
        ((6, 3), {"scale_grad_by_freq": True}, (labels(6, 9),)),
    ],
    "LayerNorm": [
        ((4,), {}, (x(3, 4),)),
        (((3, 4), 1e-3), {"bias": False}, (x(2, 3, 4),)),
        ((4,), {"elementwise_affine": False}, (x(3, 4),)),
    ],
    "GroupNorm": [
        ((2, 6), {}, (x(3, 6, 5),)),
        ((3, 6), {"bias": False}, (x(3, 6),)),
        ((3, 6), {"affine": False}, (x(3, 6, 2, 2),)),
    ],
    "RMSNorm": [
        ((4,), {}, (x(3, 4),)),
        (((3, 4), 1e-3), {"elementwise_affine": False}, (x(2, 3, 4),)),
    ],
    "LocalResponseNorm": [((2,), {}, (x(2, 5, 4),)), ((3, 1e-2, 0.5, 2.0), {}, (x(2, 5, 4, 4),))],
    "CosineSimilarity": [((), {}, (x(3, 4), x(3, 4))), ((0, 1e-3), {}, (x(3, 4), x(3, 4)))],
    "PairwiseDistance": [((), {}, (x(3, 4), x(3, 4))), ((1.0, 1e-3, True), {}, (x(3, 4), x(3, 4)))],
    "L1Loss": [((), {}, (x(3, 4), x(3, 4))), ((), {"reduction": "sum"}, (x(3, 4), x(3, 4)))],
    "MSELoss": [((), {}, (x(3, 4), x(3, 4))), ((), {"reduction": "none"}, (x(3, 4), x(3, 4)))],
    "SmoothL1Loss": [((), {}, (x(3, 4), x(3, 4))), ((), {"beta": 0.3}, (x(3, 4), x(3, 4)))],
    "HuberLoss": [((), {}, (x(3, 4), x(3, 4))), (("sum", 0.3), {}, (x(3, 4), x(3, 4)))],
    "CrossEntropyLoss": [
        ((), {}, (x(5, 3), labels(3, 5))),
        (both(np.array([0.2, 1.0, 3.0])), {"ignore_index": 1}, (x(5, 3), labels(3, 5))),
        ((), {"label_smoothing": 0.1, "reduction": "sum"}, (x(5, 3, 2), labels(3, 5, 2))),
        ((), {}, (x(5, 3), probabilities(5, 3))),
    ],
    "NLLLoss": [
        ((), {}, (x(5, 3), labels(3, 5))),
        (both(np.array([0.2, 1.0, 3.0])), {"ignore_index": 1}, (x(5, 3), labels(3, 5))),
    ],
    "BCELoss": [
        ((), {}, (probabilities(4, 3), probabilities(4, 3))),
        (both(np.array([0.2, 1.0, 3.0])), {}, (probabilities(4, 3), probabilities(4, 3))),
    ],
    "BCEWithLogitsLoss": [
        ((), {}, (x(4, 3), probabilities(4, 3))),
        (
            both(np.array([0.2, 1.0, 3.0]), None, None, "sum", np.array([2.0, 1.0, 0.5])),
            {},
            (x(4, 3), probabilities(4, 3)),
        ),
    ],
    "KLDivLoss": [
        ((), {"reduction": "batchmean"}, (x(4, 3), probabilities(4, 3))),
        ((), {"reduction": "sum", "log_target": True}, (x(4, 3), x(4, 3))),
    ],
    "PoissonNLLLoss": [
        ((), {}, (x(4, 3), 3 * probabilities(4, 3))),
        ((False, True), {}, (probabilities(4, 3), 3 * probabilities(4, 3))),
    ],
    "GaussianNLLLoss": [
        ((), {}, (x(4, 3), x(4, 3), probabilities(4, 3))),
        ((), {"full": True, "reduction": "sum"}, (x(4, 3), x(4, 3), probabilities(4, 1))),
    ],
    "SoftMarginLoss": [((), {}, (x(4, 3), signs(4, 3).astype(int)))],
    "HingeEmbeddingLoss": [((), {}, (x(4, 3), signs(4, 3))), ((0.3,), {}, (x(4, 3), signs(4, 3)))],
    "CosineEmbeddingLoss": [
        ((), {}, (x(4, 3), x(4, 3), signs(4))),
        ((0.3,), {}, (x(4, 3), x(4, 3), signs(4))),
    ],
    "MarginRankingLoss": [((), {}, (x(4), x(4), signs(4))), ((0.3,), {}, (x(4), x(4), signs(4)))],
    "MultiMarginLoss": [
        ((), {}, (x(5, 3), labels(3, 5))),
        (both(2, 0.5, np.array([0.2, 1.0, 3.0])), {}, (x(5, 3), labels(3, 5))),
    ],
    "MultiLabelMarginLoss": [((), {}, (x(2, 4), np.array([[3, 0, -1, 1], [2, -1, 0, 0]])))],
    "MultiLabelSoftMarginLoss": [((), {}, (x(4, 3), labels(2, 4, 3).astype(float)))],
    "TripletMarginLoss": [
        ((), {}, (x(4, 3), x(4, 3), x(4, 3))),
        ((0.5, 1.0), {"swap": True}, (x(4, 3), x(4, 3), x(4, 3))),
    ],
    "TripletMarginWithDistanceLoss": [
        ((), {"margin": 0.5, "swap": True}, (x(4, 3), x(4, 3), x(4, 3)))
    ],
}
for _name, _shapes in {
    "BatchNorm1d": [(6, 3), (6, 3, 4)],
    "BatchNorm2d": [(6, 3, 4, 2)],
    "BatchNorm3d": [(6, 3, 4, 2, 2)],
    "InstanceNorm1d": [(6, 3, 4), (3, 4)],
    "InstanceNorm2d": [(6, 3, 4, 2), (3, 4, 2)],
    "InstanceNorm3d": [(2, 3, 4, 2, 2), (3, 4, 2, 2)],
}.items():
    SAMPLES[_name] = [
        (args, kwargs, (x(*shape),))
        for shape in _shapes
        for args, kwargs in [
            ((3,), {}),
            ((3, 1e-2, 0.3), {"affine": True, "track_running_stats": True}),
            ((3,), {"affine": True, "bias": False}),
            ((3,), {"affine": False, "track_running_stats": False}),
        ]
    ]
    if _name.startswith("Batch"):
        SAMPLES[_name].append(((3,), {"momentum": None}, (x(*_shapes[0]),)))

SPATIAL = {1: (9,), 2: (7, 6), 3: (5, 4, 4)}
for _n, _size in SPATIAL.items():
    _image, _one = x(2, 4, *_size), x(4, *_size)
    SAMPLES[f"Conv{_n}d"] = [
        ((4, 6, 3), {}, (_image,)),
        ((4, 6, 2), {"bias": False}, (_one,)),
        ((4, 6, 3, 2, 1), {"groups": 2}, (_image,)),
        ((4, 8, (2, 3, 2)[:_n]), {"groups": 4, "dilation": 2, "padding": 2}, (_image,)),
        ((4, 2, 3), {"padding": "same", "dilation": 1}, (_image,)),
        ((4, 2, 2), {"padding": "valid"}, (_image,)),
        ((4, 2, 3), {"padding": 1, "padding_mode": "reflect"}, (_image,)),
        ((4, 2, 2), {"padding": "same", "padding_mode": "circular"}, (_image,)),
        ((4, 2, 3, 2), {"padding": (2, 1, 1)[:_n], "padding_mode": "replicate"}, (_image,)),
    ]
    SAMPLES[f"ConvTranspose{_n}d"] = [
        ((4, 6, 3), {}, (_image,)),
        ((4, 6, 3, 2, 1, 1), {"groups": 2}, (_image,)),
        ((4, 4, 2), {"bias": False, "groups": 4, "dilation": 2}, (_one,)),
    ]
    SAMPLES[f"MaxPool{_n}d"] = [
        ((2,), {}, (_image,)),
        ((3, 2, 1), {"ceil_mode": True}, (_one,)),
        (((3, 2, 2)[:_n], 1), {"dilation": 1}, (_image,)),
    ]
    SAMPLES[f"AvgPool{_n}d"] = [
        ((2,), {}, (_image,)),
        ((3, 2, 1), {"ceil_mode": True}, (_one,)),
        ((3, 2, 1), {"count_include_pad": False}, (_image,)),
    ]
    if _n > 1:
        SAMPLES[f"AvgPool{_n}d"].append(((2,), {"divisor_override": 3}, (_image,)))
    for _kind in ("Avg", "Max"):
        SAMPLES[f"Adaptive{_kind}Pool{_n}d"] = [((3,), {}, (_image,)), ((1,), {}, (_one,))]
    _pooled = [
        t.numpy()
        for t in getattr(torch.nn, f"MaxPool{_n}d")(2, return_indices=True)(torch.tensor(_image))
    ]
    SAMPLES[f"MaxUnpool{_n}d"] = [((2,), {}, tuple(_pooled))]
    for _kind in ("Zero", "Reflection", "Replication", "Circular"):
        SAMPLES[f"{_kind}Pad{_n}d"] = [
            ((1,), {}, (_image,)),
            (((1, 2, 0, 1, 2, 1)[: 2 * _n],), {}, (_image,)),
        ]
    SAMPLES[f"ConstantPad{_n}d"] = [((1, 2.5), {}, (_image,)), ((2, -1.0), {}, (_one,))]

SAMPLES |= {
    "PixelShuffle": [((2,), {}, (x(2, 8, 3, 2),)), ((1,), {}, (x(3, 2, 2),))],
    "PixelUnshuffle": [((2,), {}, (x(2, 3, 4, 6),)), ((3,), {}, (x(2, 3, 3),))],
    "ChannelShuffle": [((2,), {}, (x(2, 6, 3, 2),)), ((3,), {}, (x(1, 6, 4),))],
    "Unfold": [
        ((2,), {}, (x(2, 3, 5, 4),)),
        (((2, 3), 2, (1, 2), (2, 1)), {}, (x(2, 3, 6, 7),)),
        ((3, 1, 1), {}, (x(3, 4, 4),)),
    ],
    "Fold": [
        (((5, 4), 2), {}, (x(2, 12, 12),)),
        (((6, 7), (2, 3), 2, (1, 2), (2, 1)), {}, (x(2, 18, 21),)),
        ((4, 2), {"stride": 2}, (x(8, 4),)),
    ],
    "LPPool1d": [((2, 3), {}, (x(2, 3, 8),)), ((3, 2, 1, True), {}, (np.abs(x(3, 7)),))],
    "LPPool2d": [((2, 3), {}, (x(2, 3, 7, 6),)), ((3, (2, 1), 2), {}, (np.abs(x(2, 3, 6, 5)),))],
    "LPPool3d": [((2, 2), {}, (x(2, 3, 4, 5, 4),)), ((float("inf"), 2, 1), {}, (x(2, 4, 3, 3),))],
    "UpsamplingNearest2d": [
        ((), {"scale_factor": 2}, (x(2, 3, 4, 5),)),
        ((7,), {}, (x(1, 2, 4, 5),)),
    ],
    "UpsamplingBilinear2d": [
        ((), {"scale_factor": 3}, (x(2, 3, 4, 5),)),
        (((1, 7),), {}, (x(1, 2, 4, 5),)),
    ],
    "Upsample": [
        (args, kwargs, (x(2, 3, *size),))
        for size in SPATIAL.values()
        for args, kwargs in [
            ((), {"scale_factor": 2}),
            ((), {"scale_factor": 1.7}),
            ((), {"scale_factor": 0.6, "recompute_scale_factor": True}),
            ((4,), {}),
            ((3,), {"mode": "area"}),
            ((11,), {"mode": "nearest-exact"}),
            ((), {"scale_factor": 0.5}),
            *(
                (args, {"mode": mode, "align_corners": align, **more})
                for mode in {1: ["linear"], 2: ["bilinear", "bicubic"], 3: ["trilinear"]}[len(size)]
                for align in (False, True)
                for args, more in [
                    ((7,), {}),
                    ((2,), {}),
                    ((1,), {}),
                    ((), {"scale_factor": 1.6}),
                    ((), {"scale_factor": (1.15, 1.6, 1.2)[: len(size)]}),
                ]
            ),
        ]
    ],
}

# Their sample inputs would say nothing: they hold what they are given, and have tests below.
HOLDERS = {"Module", "Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict"}
TENSORS = {"Parameter", "Buffer"}
ELSEWHERE = {  # in test_ctc.py, test_nn_transformer.py and test_nn_recurrent.py
    "CTCLoss",
    "GRU", "GRUCell", "LSTM", "LSTMCell", "RNN", "RNNBase", "RNNCell", "RNNCellBase",
    "MultiheadAttention", "Transformer", "TransformerDecoder", "TransformerDecoderLayer",
    "TransformerEncoder", "TransformerEncoderLayer",
}  # fmt: skip
RANDOM = {"RReLU", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout",
          "FeatureAlphaDropout"}  # fmt: skip

CASES = [
    pytest.param(name, i, id=f"{name}-{i}")
    for name in CLASSES
    if name not in HOLDERS | TENSORS | ELSEWHERE
    for i in range(len(SAMPLES.get(name, [None])))
]


def ours(array):
    return mg.tensor(array)


def theirs(array):
    return torch.tensor(array)


def build(name, i):
    if name not in SAMPLES:
        pytest.fail(f"nn.{name} has no sample in tests/parity/test_nn.py")
    args, kwargs, inputs = SAMPLES[name][i]
    pair = []
    for library, make in ((nn, ours), (torch.nn, theirs)):
        positional = args(make) if callable(args) else args
        pair.append(getattr(library, name)(*positional, **kwargs))
    return *pair, inputs


@pytest.mark.parametrize("name", sorted(set(CLASSES) - {"Buffer", "Parameter"} - ELSEWHERE))
def test_signature(name):
    def arguments(cls):
        return [
            (p.name, p.kind, p.default)
            for p in inspect.signature(cls.__init__).parameters.values()
            # PyTorch's Module takes any arguments in order to refuse them.
            if name == "Identity" or p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        ]

    assert arguments(getattr(nn, name)) == arguments(getattr(torch.nn, name))


@pytest.mark.parametrize(("name", "i"), CASES)
def test_state_and_repr(name, i):
    a, b, _ = build(name, i)
    assert repr(a) == repr(b)
    assert repr(a.eval()) == repr(b.eval())

    def described(state):
        return [(k, tuple(v.shape), str(v.dtype).removeprefix("torch.")) for k, v in state.items()]

    assert described(a.state_dict()) == described(b.state_dict())
    assert [k for k, _ in a.named_parameters()] == [k for k, _ in b.named_parameters()]
    assert [k for k, _ in a.named_buffers()] == [k for k, _ in b.named_buffers()]


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize(("name", "i"), CASES)
def test_values_and_gradients(name, i, training):
    if training and name in RANDOM:
        return  # other random numbers; tests/nn/test_dropout.py looks at their statistics
    a, b, inputs = build(name, i)
    with torch.no_grad():
        for p in b.parameters():  # ones and zeros as weights would hide mistakes
            p += 0.1 * torch.randn(p.shape, generator=torch.Generator().manual_seed(1))
    a.load_state_dict(b.state_dict())
    a.double().train(training)
    b.double().train(training)
    leaves_a = [mg.tensor(v, requires_grad=v.dtype.kind == "f") for v in inputs]
    leaves_b = [torch.tensor(v, requires_grad=v.dtype.kind == "f") for v in inputs]
    inplace = getattr(a, "inplace", False)  # a leaf cannot be overwritten
    for _ in range(2):  # twice: running statistics go on
        ya = a(*[v * 1 if inplace else v for v in leaves_a])
        yb = b(*[v * 1 if inplace else v for v in leaves_b])
        assert tuple(ya.shape) == tuple(yb.shape)
        assert str(ya.dtype) == str(yb.dtype).removeprefix("torch.")
        close(ya, yb)
    weights = np.random.default_rng(2).standard_normal(tuple(ya.shape))
    if ya.requires_grad or yb.requires_grad:
        (ya * mg.tensor(weights)).sum().backward()
        (yb * torch.tensor(weights)).sum().backward()
    named = list(zip(a.named_parameters(), b.named_parameters(), strict=True))
    for (key, p), (_, q) in named:
        close(p.grad, q.grad, key)
    for k, (p, q) in enumerate(zip(leaves_a, leaves_b, strict=True)):
        # PyTorch's derivative of hardsigmoid is 1/6 in float32, for float64 too.
        close(p.grad, q.grad, f"input {k}", rtol=1e-7 if name == "Hardsigmoid" else 1e-9)
    for key, value in a.state_dict().items():  # running statistics, renormalised embeddings
        close(value, b.state_dict()[key], key)


def close(p, q, what="value", rtol=1e-9):
    assert (p is None) == (q is None), what
    if p is not None:
        np.testing.assert_allclose(
            p.detach().numpy(), q.detach().numpy(), rtol=rtol, atol=1e-11, err_msg=what
        )


# ------------------------------------------------------------------ what holds others


def module_in(library):
    class Block(library.Module):
        def __init__(self):
            super().__init__()
            self.norm = library.LayerNorm(4)
            self.layers = library.ModuleList([library.Linear(4, 4) for _ in range(3)])
            self.by_name = library.ModuleDict({"a": library.Tanh(), "b": library.Linear(4, 2)})
            self.free = library.ParameterList([library.Parameter(self.norm.weight.detach() * 2)])
            self.named = library.ParameterDict({"w": library.Parameter(self.norm.bias.detach())})
            self.tail = library.Sequential(library.Linear(2, 2, bias=False), library.ReLU())
            self.tail_again = self.tail

        def forward(self, x):
            x = self.norm(x) * self.free[0] + self.named["w"]
            for layer in self.layers:
                x = x + layer(x)
            return self.tail(self.by_name["b"](self.by_name["a"](x)))

    return Block()


def test_a_nested_module():
    a, b = module_in(nn), module_in(torch.nn)
    assert list(a.state_dict()) == list(b.state_dict())
    assert [k for k, _ in a.named_parameters()] == [k for k, _ in b.named_parameters()]
    assert [k for k, _ in a.named_modules()] == [k for k, _ in b.named_modules()]
    assert [k for k, _ in a.named_children()] == [k for k, _ in b.named_children()]
    assert [k for k, _ in a.named_parameters(remove_duplicate=False)] == [
        k for k, _ in b.named_parameters(remove_duplicate=False)
    ]
    a.load_state_dict(b.state_dict())
    inputs = x(5, 4).astype(np.float32)
    np.testing.assert_allclose(
        a(mg.tensor(inputs)).detach().numpy(),
        b(torch.tensor(inputs)).detach().numpy(),
        rtol=1e-5,
        atol=1e-6,
    )
    for part in ("norm", "layers", "by_name", "tail"):
        assert repr(getattr(a, part)) == repr(getattr(b, part))


def test_weights_go_back_to_pytorch():
    a, b = module_in(nn), module_in(torch.nn)
    state = {k: torch.tensor(v.numpy()) for k, v in a.state_dict().items()}
    b.load_state_dict(state)
    for key, value in b.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), a.state_dict()[key].numpy())


def test_hooks_see_what_pytorch_shows_them():
    seen = []
    for library, make in ((nn, ours), (torch.nn, theirs)):
        log = []
        inner = library.Tanh()
        net = library.Sequential(inner, library.Tanh())
        inner.register_forward_pre_hook(lambda m, args: (args[0] * 2,))
        inner.register_forward_hook(lambda m, args, out, log=log: log.append(out.item()))
        inner.register_full_backward_pre_hook(lambda m, go: (go[0] * 3,))
        inner.register_full_backward_hook(
            lambda m, gi, go, log=log: log.extend([gi[0].item(), go[0].item()])
        )
        leaf = make(np.array(0.3))
        leaf.requires_grad_()
        net(leaf).backward()
        seen.append([*log, leaf.grad.item()])
    np.testing.assert_allclose(*seen, rtol=1e-12)


# ------------------------------------------------------------------ initial values


@pytest.mark.parametrize("name", ["Linear", "Bilinear", "Embedding", "BatchNorm1d", "LayerNorm"])
def test_initial_values_have_pytorchs_distribution(name):
    args = {"Linear": (300, 200), "Bilinear": (30, 20, 50), "Embedding": (300, 200, 0)}
    torch.manual_seed(0)
    a = getattr(nn, name)(*args.get(name, (50,)))
    b = getattr(torch.nn, name)(*args.get(name, (50,)))
    for key, p in a.state_dict().items():
        u = p.numpy().astype(float)
        v = b.state_dict()[key].numpy().astype(float)
        spread = v.std() + 1e-12
        assert abs(u.mean() - v.mean()) <= 6 * spread * np.sqrt(2 / v.size), key
        assert abs(u.std() - v.std()) <= 6 * spread / np.sqrt(v.size), key
        if name != "Embedding":  # uniform: the ends are sharp
            np.testing.assert_allclose(u.max(), v.max(), rtol=0.01 if v.size > 10_000 else 0.25)
            np.testing.assert_allclose(u.min(), v.min(), rtol=0.01 if v.size > 10_000 else 0.25)


GAINS = [
    *(
        (name, None)
        for name in ["linear", "conv2d", "conv_transpose3d", "sigmoid", "tanh", "relu", "selu"]
    ),
    ("leaky_relu", None),
    ("leaky_relu", 0.3),
]


@pytest.mark.parametrize(("nonlinearity", "param"), GAINS)
def test_gain(nonlinearity, param):
    assert nn.init.calculate_gain(nonlinearity, param) == torch.nn.init.calculate_gain(
        nonlinearity, param
    )


@pytest.mark.parametrize("name", [n for n in nn.init.__all__ if n != "calculate_gain"])
def test_init_signature(name):
    a = inspect.signature(getattr(nn.init, name)).parameters.values()
    b = inspect.signature(getattr(torch.nn.init, name)).parameters.values()
    assert [(p.name, p.default) for p in a] == [(p.name, p.default) for p in b]


INITS = [
    ("uniform_", {"a": -3, "b": 2}),
    ("normal_", {"mean": 1.5, "std": 0.3}),
    ("trunc_normal_", {}),
    ("trunc_normal_", {"mean": 1.0, "std": 2.0, "a": 0.0, "b": 1.5}),
    ("xavier_uniform_", {"gain": 2.0}),
    ("xavier_normal_", {"gain": 2.0}),
    ("kaiming_uniform_", {"a": 0.3}),
    ("kaiming_uniform_", {"mode": "fan_out", "nonlinearity": "relu"}),
    ("kaiming_normal_", {"nonlinearity": "tanh"}),
    ("orthogonal_", {"gain": 2.0}),
    ("constant_", {"val": 3.0}),
    ("dirac_", {}),
]


@pytest.mark.parametrize(("name", "kwargs"), INITS)
def test_init_distribution(name, kwargs):
    shape = (60, 50, 9)
    torch.manual_seed(0)
    u = getattr(nn.init, name)(mg.empty(shape), **kwargs).numpy()
    v = getattr(torch.nn.init, name)(torch.empty(shape), **kwargs).numpy()
    q = np.linspace(0, 1, 21)
    wide = v.max() - v.min()
    np.testing.assert_allclose(np.quantile(u, q[1:-1]), np.quantile(v, q[1:-1]), atol=0.02 * wide)
    if name not in ("normal_", "xavier_normal_", "kaiming_normal_", "orthogonal_"):
        np.testing.assert_allclose([u.min(), u.max()], [v.min(), v.max()], atol=0.01 * wide)


@pytest.mark.parametrize("shape", [(3, 5), (5, 3)])
def test_eye_and_sparse(shape):
    np.testing.assert_array_equal(
        nn.init.eye_(mg.empty(shape)).numpy(), torch.nn.init.eye_(torch.empty(shape)).numpy()
    )
    u = nn.init.sparse_(mg.empty(shape), 0.3).numpy()
    v = torch.nn.init.sparse_(torch.empty(shape), 0.3).numpy()
    np.testing.assert_array_equal((u == 0).sum(0), (v == 0).sum(0))


@pytest.mark.parametrize("groups", [1, 2, 3])
@pytest.mark.parametrize("window", [(3,), (2, 3), (1, 2, 3)])
def test_dirac(groups, window):
    shape = (6, 4, *window)
    np.testing.assert_array_equal(
        nn.init.dirac_(mg.empty(shape), groups).numpy(),
        torch.nn.init.dirac_(torch.empty(shape), groups).numpy(),
    )


# ------------------------------------------------------------------ clipping


def with_gradients(library, make):
    r = np.random.default_rng(3)
    grads = [4 * r.standard_normal((3, 4)), r.standard_normal(5), np.array(2.0)]
    out = []
    for g in grads:
        p = library.Parameter(make(np.zeros(g.shape)))
        p.grad = make(g)
        out.append(p)
    out.append(library.Parameter(make(np.zeros(2))))  # without a gradient
    return out


def two_sets():
    return with_gradients(nn, ours), with_gradients(torch.nn, theirs)


def same_gradients(a, b):
    for p, q in zip(a, b, strict=True):
        close(p.grad, q.grad)


@pytest.mark.parametrize("norm_type", [2, 1, 3.5, 0, float("inf"), float("-inf"), "inf"])
@pytest.mark.parametrize("max_norm", [0.5, 1e6])
def test_clip_grad_norm(norm_type, max_norm):
    a, b = two_sets()
    close(
        nn.utils.clip_grad_norm_(a, max_norm, norm_type),
        torch.nn.utils.clip_grad_norm_(b, max_norm, norm_type),
    )
    same_gradients(a, b)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_clip_grad_norm_of_what_is_not_finite(bad):
    a, b = two_sets()
    a[1].grad.array[0] = bad
    b[1].grad[0] = bad
    for library, params in ((nn, a), (torch.nn, b)):
        with pytest.raises(RuntimeError, match="non-finite"):
            library.utils.clip_grad_norm_(params, 1.0, error_if_nonfinite=True)
    nn.utils.clip_grad_norm_(a, 1.0)
    torch.nn.utils.clip_grad_norm_(b, 1.0)
    same_gradients(a, b)


def test_clip_grad_value():
    a, b = two_sets()
    nn.utils.clip_grad_value_(a, 0.7)
    torch.nn.utils.clip_grad_value_(b, 0.7)
    same_gradients(a, b)


def test_parameters_to_vector_and_back():
    a, b = two_sets()
    v = np.arange(20.0)
    nn.utils.vector_to_parameters(mg.tensor(v), a)
    torch.nn.utils.vector_to_parameters(torch.tensor(v), b)
    for p, q in zip(a, b, strict=True):
        close(p, q)
    close(nn.utils.parameters_to_vector(a), torch.nn.utils.parameters_to_vector(b))


# PyTorch's PackedSequence takes an older form without batch_sizes too.
UTILS = {*nn.utils.__all__, *nn.utils.rnn.__all__} - {"rnn", "PackedSequence"}


@pytest.mark.parametrize("name", sorted(UTILS))
def test_utils_signature(name):
    def arguments(utils):
        module = utils.rnn if name in nn.utils.rnn.__all__ else utils
        return inspect.signature(getattr(module, name)).parameters.values()

    a, b = arguments(nn.utils), arguments(torch.nn.utils)
    assert [(p.name, p.default) for p in a] == [(p.name, p.default) for p in b]

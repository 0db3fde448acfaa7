"""nn.functional against PyTorch: activations, softmax, normalizations, embedding, padding."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import minigrad as mg
from minigrad.nn import functional as F

torch = pytest.importorskip("torch")
TF = torch.nn.functional

pytestmark = pytest.mark.parity
RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.standard_normal(shape)


X = np.concatenate([3 * normal(3, 6), np.array([[-3.0, -1.0, 0.0, 0.5, 1.0, 6.0]])])
IMAGE = normal(2, 4, 3, 2)

CASES = [
    *((name, (X,), {}) for name in (
        "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "silu", "mish", "hardswish",
        "hardsigmoid", "hardtanh", "gelu", "logsigmoid", "softplus", "softsign", "tanhshrink",
        "softshrink", "hardshrink", "glu", "sigmoid", "tanh",
    )),
    ("leaky_relu", (X, 0.2), {}),
    ("elu", (X,), {"alpha": 0.5}),
    ("celu", (X, 0.7), {}),
    ("hardtanh", (X, -0.5, 2.0), {}),
    ("threshold", (X, 0.5, -7.0), {}),
    ("gelu", (X,), {"approximate": "tanh"}),
    ("softplus", (X, 2.0, 3.0), {}),
    ("prelu", (X, normal(6)), {}),
    ("prelu", (X, normal(1)), {}),
    ("rrelu", (X,), {}),
    ("glu", (X, 0), {}),
    ("softmax", (X, 1), {}),
    ("softmin", (X,), {"dim": 0}),
    ("log_softmax", (X,), {"dim": -1}),
    *((name, (normal(*(2,) * n),), {}) for name in ("softmax", "softmin", "log_softmax")
      for n in (1, 2, 3, 4)),  # the implicit dim
    ("normalize", (X,), {}),
    ("normalize", (X,), {"p": 1, "dim": (0, 1)}),
    ("normalize", (np.zeros((2, 3)),), {}),
    ("layer_norm", (X, (6,)), {}),
    ("layer_norm", (X, (6,), normal(6), normal(6), 0.1), {}),
    ("layer_norm", (IMAGE, (3, 2), normal(3, 2)), {}),
    ("rms_norm", (X, (6,), normal(6)), {}),
    ("rms_norm", (IMAGE, (3, 2)), {"eps": 0.1}),
    ("group_norm", (IMAGE, 2, normal(4), normal(4)), {}),
    ("group_norm", (X, 3), {"eps": 0.1}),
    ("instance_norm", (IMAGE,), {}),
    ("instance_norm", (IMAGE, None, None, normal(4), normal(4)), {}),
    ("batch_norm", (IMAGE, None, None), {"training": True}),
    ("batch_norm", (X, None, None, normal(6), normal(6)), {"training": True, "eps": 0.1}),
    ("local_response_norm", (IMAGE, 2), {}),
    ("local_response_norm", (IMAGE, 3), {"alpha": 0.5, "beta": 0.5, "k": 2.0}),
    ("local_response_norm", (normal(2, 5, 3), 5), {"alpha": 1.0}),
    ("pad", (IMAGE, (1, 2, 0, -1)), {"value": 3.0}),
    ("pad", (IMAGE, (1, 0, 2, 1), "reflect"), {}),
    ("cosine_similarity", (X, X + 1), {}),
    ("pairwise_distance", (X, X + 1), {}),
    ("linear", (X, normal(2, 6), normal(2)), {}),
    ("bilinear", (X, X, normal(2, 6, 6)), {}),
]  # fmt: skip


def run(function, make, args, kwargs, dtype):
    args = [
        make(a.astype(dtype)).requires_grad_() if isinstance(a, np.ndarray) else a for a in args
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the implicit dim of softmax
        y = function(*args, **kwargs)
    weights = np.random.default_rng(1).standard_normal(y.shape).astype(dtype)
    (y * make(weights)).sum().backward()
    return y.detach().numpy(), [a.grad.numpy() for a in args if hasattr(a, "grad")]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "args", "kwargs"), CASES, ids=[c[0] for c in CASES])
def test_value_and_gradient(name, args, kwargs, dtype):
    expected, expected_grads = run(getattr(TF, name), torch.from_numpy, args, kwargs, dtype)
    got, grads = run(getattr(F, name), mg.tensor, args, kwargs, dtype)
    assert got.dtype == dtype
    rtol, atol = (
        (1e-4, 2e-5) if dtype == "float32" else (1e-7, 1e-8)
    )  # PyTorch rounds constants to float32
    np.testing.assert_allclose(got, expected, rtol, atol)
    for a, b in zip(grads, expected_grads, strict=True):
        assert a.dtype == dtype
        np.testing.assert_allclose(a, b, rtol, atol)


INPLACE = [
    ("relu", ()), ("relu6", ()), ("leaky_relu", (0.1,)), ("elu", (0.5,)), ("selu", ()),
    ("celu", (0.5,)), ("silu", ()), ("mish", ()), ("hardswish", ()), ("hardsigmoid", ()),
    ("hardtanh", (-1.0, 2.0)), ("threshold", (0.1, 2.0)), ("rrelu", ()),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args"), INPLACE)
def test_in_place(name, args):
    results = []
    for functions, make in ((F, mg.tensor), (TF, torch.from_numpy)):
        x = make(X.copy()).requires_grad_()
        y = x * 2
        z = getattr(functions, name)(y, *args, inplace=True)
        assert z is y
        (z * z).sum().backward()
        results.append((y.detach().numpy(), x.grad.numpy()))
    np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-7)
    np.testing.assert_allclose(results[0][1], results[1][1], rtol=1e-7)


@pytest.mark.parametrize("shape", [(6, 3), (2, 3, 4), (2, 3, 2, 2)])
@pytest.mark.parametrize("momentum", [0.1, 1.0])
@pytest.mark.parametrize("name", ["batch_norm", "instance_norm"])
def test_running_statistics(name, momentum, shape):
    if name == "instance_norm" and len(shape) == 2:
        pytest.skip("has no spatial axes")
    flag = "training" if name == "batch_norm" else "use_input_stats"
    x, mean, var, weight, bias = normal(*shape), normal(3), RNG.random(3), normal(3), normal(3)
    results = []
    for functions, make in ((F, mg.tensor), (TF, torch.from_numpy)):
        t = make(x.copy()).requires_grad_()
        running = make(mean.copy()), make(var.copy())
        affine = make(weight.copy()).requires_grad_(), make(bias.copy()).requires_grad_()
        outs = []
        for training in (True, True, False):
            options = {flag: training, "momentum": momentum}
            outs.append(getattr(functions, name)(t, *running, *affine, **options))
        sum((y**3).sum() for y in outs).backward()
        tensors = [*outs, *running, t.grad, *(p.grad for p in affine)]
        results.append([a.detach().numpy() for a in tensors])
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"padding_idx": 1},
        {"padding_idx": -1},
        {"max_norm": 1.0},
        {"max_norm": 0.5, "norm_type": 1.0},
        {"scale_grad_by_freq": True},
    ],
)
def test_embedding(options):
    results = []
    index, weight = np.array([[1, 3], [3, 0]]), normal(4, 3)
    for functions, make in ((F, mg.tensor), (TF, torch.from_numpy)):
        w = make(weight.copy()).requires_grad_()
        y = functions.embedding(make(index), w, **options)
        (y * make(np.arange(12.0).reshape(2, 2, 3))).sum().backward()
        results.append([t.detach().numpy() for t in (y, w, w.grad)])
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9)


def test_double_backward_of_batch_and_layer_norm():
    x, weight, v = normal(5, 3), normal(3), normal(5, 3)
    for name in ("batch_norm", "layer_norm"):
        results = []
        for root, functions, make in ((mg, F, mg.tensor), (torch, TF, torch.from_numpy)):
            t, w = make(x.copy()).requires_grad_(), make(weight.copy()).requires_grad_()
            if name == "batch_norm":
                y = functions.batch_norm(t, None, None, w, None, True)
            else:
                y = functions.layer_norm(t, (3,), w)
            grad = root.autograd.grad((y**3).sum(), t, create_graph=True)[0]
            (grad * make(v)).sum().backward()
            results.append((t.grad.numpy(), w.grad.numpy()))
        for a, b in zip(*results, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("batch_norm", (normal(1, 3), None, None, None, None, True)),
        ("batch_norm", (normal(2, 3), None, None)),
        ("batch_norm", (normal(2, 3), None, None, None, None, True, 0.1, -1.0)),
        ("group_norm", (normal(2, 4), 3)),
        ("layer_norm", (normal(2, 4), (3,))),
        ("layer_norm", (normal(2, 4), (4,), normal(3))),
        ("instance_norm", (normal(2, 3, 1),)),
        ("dropout", (normal(2), 1.5)),
        ("dropout1d", (normal(2),)),
        ("hardtanh", (normal(2), 1.0, -1.0)),
        ("local_response_norm", (normal(2, 3), 2)),
        ("embedding", (np.array([4]), normal(4, 2))),
        ("glu", (normal(3),)),
    ],
)
def test_the_same_class_of_error(name, args):
    def outcome(functions, make):
        converted = [make(a) if isinstance(a, np.ndarray) else a for a in args]
        with pytest.raises(Exception) as caught:  # noqa: PT011
            getattr(functions, name)(*converted)
        return caught.type

    assert issubclass(outcome(F, mg.tensor), outcome(TF, torch.from_numpy))


def test_every_name_is_pytorchs_too():
    assert [name for name in F.__all__ if not hasattr(TF, name)] == []

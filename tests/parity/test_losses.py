"""Every loss, with every reduction and its other arguments, against PyTorch: value and gradient."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest

import minigrad as mg
from minigrad.nn import functional as F

torch = pytest.importorskip("torch")
TF = torch.nn.functional

pytestmark = pytest.mark.parity
REDUCTIONS = ("mean", "sum", "none")
RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.standard_normal(shape)


def probabilities(*shape):
    return RNG.uniform(0.05, 0.95, shape)


def signs(*shape):
    return RNG.choice([-1.0, 1.0], shape)


def distribution(*shape):
    x = RNG.random(shape)
    return x / x.sum(1, keepdims=True)


def with_reductions(name, *args, constant=(), reductions=REDUCTIONS, **choices):
    """One case for every reduction and combination of the other arguments."""
    for values in itertools.product(*choices.values()):
        options = dict(zip(choices, values, strict=True))
        given = ",".join(k for k, v in options.items() if v is not None)
        for reduction in reductions:
            case = name, args, {**options, "reduction": reduction}, constant
            yield pytest.param(*case, id=f"{name}-{reduction}-{given}")


X, Y = normal(4, 3), normal(4, 3)
COUNTS = RNG.integers(0, 5, (4, 3)).astype(float)
LABELS = np.array([2, 0, 1, 2])
IMAGE, IMAGE_LABELS = normal(2, 3, 2, 2), RNG.integers(0, 3, (2, 2, 2))
WEIGHT = RNG.random(3)

CASES = [
    *with_reductions("mse_loss", X, Y, weight=[None, RNG.random((4, 3))]),
    *with_reductions("mse_loss", normal(), normal()),
    *with_reductions("mse_loss", normal(0, 3), normal(0, 3)),
    *with_reductions("l1_loss", X, Y, weight=[None, RNG.random((4, 3))]),
    *with_reductions("l1_loss", X, X.copy()),  # the kink
    *with_reductions("smooth_l1_loss", X, Y, beta=[0.0, 0.5, 1.0]),
    *with_reductions("huber_loss", X, Y, delta=[0.5, 1.0, 2.0], weight=[None, RNG.random((4, 3))]),
    *with_reductions("huber_loss", np.array([-1.0, 0.0, 1.0]), np.zeros(3), delta=[1.0]),
    *with_reductions("smooth_l1_loss", np.array([-1.0, 0.0, 1.0]), np.zeros(3), beta=[1.0]),
    *with_reductions(
        "cross_entropy", X, LABELS, weight=[None, WEIGHT], label_smoothing=[0.0, 0.1],
        ignore_index=[-100, 2], constant=("weight",),
    ),
    *with_reductions(
        "cross_entropy", IMAGE, IMAGE_LABELS, weight=[None, WEIGHT], label_smoothing=[0.0, 0.1],
        ignore_index=[-100, 1], constant=("weight",),
    ),
    *with_reductions(
        "cross_entropy", X, distribution(4, 3), weight=[None, WEIGHT], label_smoothing=[0.0, 0.3],
        constant=("weight",),
    ),
    *with_reductions("cross_entropy", IMAGE, distribution(2, 3, 2, 2), weight=[None, WEIGHT],
                     constant=("weight",)),
    *with_reductions("cross_entropy", normal(3), np.array(1), weight=[None, WEIGHT],
                     label_smoothing=[0.0, 0.1], constant=("weight",)),
    *with_reductions("cross_entropy", normal(3), distribution(1, 3)[0]),
    *with_reductions("cross_entropy", 1e3 * X, LABELS),
    *with_reductions("cross_entropy", X, np.full(4, -100)),  # nothing counts: mean is NaN
    *with_reductions("cross_entropy", normal(0, 3), np.zeros(0, np.int64)),
    *with_reductions("cross_entropy", X, LABELS.astype(np.uint8)),
    *with_reductions("nll_loss", X, LABELS, weight=[None, WEIGHT], ignore_index=[-100, 0],
                     constant=("weight",)),
    *with_reductions("nll_loss", IMAGE, IMAGE_LABELS, weight=[None, WEIGHT], constant=("weight",)),
    *with_reductions("nll_loss", X, np.full(4, -100), weight=[None, WEIGHT], constant=("weight",)),
    *with_reductions("nll_loss", normal(3), np.array(1)),
    *with_reductions("binary_cross_entropy", probabilities(4, 3), probabilities(4, 3),
                     weight=[None, RNG.random(3)], constant=("weight",)),
    *with_reductions("binary_cross_entropy", np.array([0.0, 1.0, 0.0, 1.0]),
                     np.array([0.0, 1.0, 1.0, 0.0]), constant=(1,)),
    *with_reductions("binary_cross_entropy_with_logits", X, probabilities(4, 3),
                     weight=[None, RNG.random(3)], pos_weight=[None, RNG.random(3)],
                     constant=("weight", "pos_weight")),
    *with_reductions("binary_cross_entropy_with_logits", 1e3 * X, probabilities(4, 3)),
    *with_reductions("kl_div", np.log(probabilities(4, 3)), probabilities(4, 3),
                     reductions=(*REDUCTIONS, "batchmean")),
    *with_reductions("kl_div", np.log(probabilities(4, 3)), np.log(probabilities(4, 3)),
                     log_target=[True], reductions=(*REDUCTIONS, "batchmean")),
    *with_reductions("kl_div", np.log(probabilities(3)), np.array([0.0, 0.5, -0.5]), constant=(1,)),
    *with_reductions("hinge_embedding_loss", X, signs(4, 3), margin=[1.0, 0.3], constant=(1,)),
    *with_reductions("cosine_embedding_loss", X, Y, signs(4), margin=[0.0, 0.2], constant=(2,)),
    *with_reductions("cosine_embedding_loss", normal(3), normal(3), np.array(-1.0), constant=(2,)),
    *with_reductions("triplet_margin_loss", X, Y, normal(4, 3), swap=[False, True], p=[1, 2, 3.0],
                     margin=[1.0, 0.2]),
    *with_reductions("margin_ranking_loss", normal(5), normal(5), signs(5), margin=[0, 0.4],
                     constant=(2,)),
    *with_reductions("soft_margin_loss", X, signs(4, 3), constant=(1,)),
    *with_reductions("multi_margin_loss", X, LABELS, p=[1, 2], margin=[1.0, 0.5],
                     weight=[None, WEIGHT], constant=("weight",)),
    *with_reductions("multi_margin_loss", normal(3), np.array(1)),
    *with_reductions("multilabel_margin_loss", normal(2, 4),
                     np.array([[3, 0, -1, 1], [-1, 2, 2, 2]])),
    *with_reductions("multilabel_margin_loss", normal(4), np.array([3, 0, -1, 1])),
    *with_reductions("multilabel_soft_margin_loss", X, probabilities(4, 3),
                     weight=[None, WEIGHT], constant=(1, "weight")),
    *with_reductions("poisson_nll_loss", X, COUNTS,
                     full=[False, True], constant=(1,)),
    *with_reductions("poisson_nll_loss", probabilities(4, 3), COUNTS,
                     log_input=[False], full=[False, True], eps=[1e-8, 0.1], constant=(1,)),
    *with_reductions("gaussian_nll_loss", X, Y, probabilities(4, 3), full=[False, True]),
    *with_reductions("gaussian_nll_loss", X, Y, probabilities(4), eps=[1e-6, 0.5]),
    *with_reductions("gaussian_nll_loss", X, Y, probabilities(4, 1)),
]  # fmt: skip


def evaluate(function, make, args, kwargs, constant, dtype):
    """Value and gradients of the floating arguments."""

    def convert(key, a):
        if not isinstance(a, np.ndarray):
            return a
        if a.dtype.kind != "f":
            return make(a)
        return make(a.astype(dtype)).requires_grad_(key not in constant)

    args = [convert(i, a) for i, a in enumerate(args)]
    kwargs = {k: convert(k, a) for k, a in kwargs.items()}
    loss = function(*args, **kwargs)
    inputs = [a for a in [*args, *kwargs.values()] if getattr(a, "requires_grad", False)]
    weights = make(np.random.default_rng(1).standard_normal(loss.shape).astype(dtype))
    (loss * weights).sum().backward()
    return loss, [x.grad for x in inputs]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "args", "kwargs", "constant"), CASES)
def test_value_and_gradient(name, args, kwargs, constant, dtype):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's advice about kl_div
        expected, expected_grads = evaluate(
            getattr(TF, name), torch.from_numpy, args, kwargs, constant, dtype
        )
    got, grads = evaluate(getattr(F, name), mg.tensor, args, kwargs, constant, dtype)
    rtol, atol = (1e-5, 1e-5) if dtype == "float32" else (1e-8, 1e-12)
    assert got.dtype == dtype
    assert got.shape == tuple(expected.shape)
    np.testing.assert_allclose(got.detach().numpy(), expected.detach().numpy(), rtol, atol)
    assert len(grads) == len(expected_grads) > 0
    for a, b in zip(grads, expected_grads, strict=True):
        assert a.dtype == dtype
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol, atol)


@pytest.mark.parametrize(
    ("size_average", "reduce"),
    [(None, True), (None, False), (True, None), (False, None), (False, True), (True, False)],
)
@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "smooth_l1_loss", "soft_margin_loss"])
def test_the_old_reduction_arguments(name, size_average, reduce):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = getattr(TF, name)(
            torch.from_numpy(X), torch.from_numpy(Y), size_average=size_average, reduce=reduce
        )
    got = getattr(F, name)(mg.tensor(X), mg.tensor(Y), size_average=size_average, reduce=reduce)
    np.testing.assert_allclose(got.numpy(), expected.numpy(), rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("cross_entropy", (X, np.array([0, 1, 3, 0]))),
        ("cross_entropy", (X, np.array([0, 1, -1, 0]))),
        ("cross_entropy", (X, LABELS[:3])),
        ("cross_entropy", (X, LABELS.astype(float))),
        ("nll_loss", (X, np.array([0, 1, 3, 0]))),
        ("binary_cross_entropy", (X, Y)),
        ("binary_cross_entropy", (probabilities(4, 3), probabilities(3))),
        ("binary_cross_entropy_with_logits", (X, Y[0])),
        ("triplet_margin_loss", (X, Y, Y, -1.0)),
        ("multi_margin_loss", (X, LABELS, 3)),
        ("gaussian_nll_loss", (X, Y, -np.ones((4, 3)))),
        ("gaussian_nll_loss", (X, Y, np.ones((2, 3)))),
        ("mse_loss", (X, Y, None, None, "average")),
        ("margin_ranking_loss", (X, Y, LABELS)),
        ("cosine_embedding_loss", (X, Y, X)),
    ],
)
def test_the_same_class_of_error(name, args):
    def outcome(function, make):
        converted = [make(a) if isinstance(a, np.ndarray) else a for a in args]
        with pytest.raises(Exception) as caught:  # noqa: PT011
            function(*converted)
        return caught.type

    expected = outcome(getattr(TF, name), torch.from_numpy)
    assert issubclass(outcome(getattr(F, name), mg.tensor), expected)

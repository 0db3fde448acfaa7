"""Pooling against PyTorch: values, indices, first and second derivatives, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import kernels
import minigrad as mg
from minigrad.nn import functional as F

torch = pytest.importorskip("torch")
TF = torch.nn.functional

pytestmark = pytest.mark.parity


def image(shape, kind):
    """Numbers that are all different; with many equal ones; with NaN and infinity."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape)
    if kind == "ties":
        x = np.round(x)
    if kind == "extreme":
        for value in (np.nan, np.inf, -np.inf):
            x[rng.random(shape) < 0.2] = value
    return x


@st.composite
def calls(draw):
    """A function of nn.functional, its input, and its other arguments."""
    n = draw(st.integers(1, 3))

    def option(low, high):
        each = st.integers(low, high)
        return draw(each if draw(st.booleans()) else st.tuples(*[each] * n))

    shape = draw(st.tuples(*[st.integers(1, 6)] * n))
    lead = draw(st.sampled_from([(2,), (2, 3), (0, 2)]))
    x = image((*lead, *shape), draw(st.sampled_from(["different", "ties", "extreme"])))
    kind = draw(st.sampled_from(["max", "avg", "adaptive_max", "adaptive_avg"]))
    if kind.startswith("adaptive"):
        args = [option(1, 7)]
    else:
        args = [option(1, 4), draw(st.none() | st.just(option(1, 3))), option(0, 2)]
    if kind == "max":
        args += [option(1, 2), draw(st.booleans())]
    if kind == "avg":
        args += [draw(st.booleans()), draw(st.booleans())]
        args += [draw(st.sampled_from([None, 3, -2]))] if n > 1 else []
    options = {"return_indices": True} if "max" in kind else {}
    return f"{kind}_pool{n}d", x, args, options


def results(functions, root, make, call):
    """Values, and first and second derivatives of a function of them."""
    name, x, args, options = call
    x = make(x).requires_grad_()
    found = getattr(functions, name)(x, *args, **options)
    y, *indices = found if isinstance(found, tuple) else (found,)
    (g,) = root.autograd.grad((y**3).sum(), x, create_graph=True)
    (h,) = root.autograd.grad((g**2).sum(), x)
    return [t.detach().numpy() for t in (y, *indices, g, h)]


@pytest.mark.parametrize("implementation", ["numpy", "numba"])
@given(call=calls())
def test_values_indices_and_derivatives(implementation, call):
    ours: list | RuntimeError
    with kernels.use(implementation), np.errstate(invalid="ignore"):
        try:
            ours = results(F, mg, mg.tensor, call)
        except RuntimeError as error:
            # PyTorch answers -inf, at a place outside of the image, and there its backward writes.
            assume("lies in the padding alone" not in str(error))
            ours = error
    try:
        expected = results(TF, torch, torch.from_numpy, call)
    except RuntimeError:
        assume(False)
    if isinstance(ours, RuntimeError):
        raise ours
    for a, b in zip(ours, expected, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("output_size", [None, "larger"])
def test_unpooling(n, output_size):
    shape = (2, 3, *(7, 4, 5)[:n])
    size = None if output_size is None else shape[2:]
    found = []
    for functions, make in ((F, mg.tensor), (TF, torch.from_numpy)):
        x = make(image(shape, "different")).requires_grad_()
        y, indices = getattr(functions, f"max_pool{n}d")(x, 2, return_indices=True)
        if size is None:  # without it, indices of the odd sizes' last places would be elsewhere
            indices = indices * 0 + make(np.arange(np.prod(y.shape[2:])).reshape(y.shape[2:]))
        back = getattr(functions, f"max_unpool{n}d")(y, indices, 2, output_size=size)
        (back**3).sum().backward()
        found.append((back.detach().numpy(), x.grad.numpy()))
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


X = np.random.default_rng(0).standard_normal((2, 3, 4))
PLACES = np.zeros((2, 3, 4), np.int64)


@pytest.mark.parametrize(
    ("name", "args", "options"),
    [
        ("max_pool1d", (X, 2), {"padding": 2}),
        ("max_pool1d", (X, 2), {"padding": -1}),
        ("max_pool1d", (X, 5), {}),
        ("max_pool1d", (X, 0), {}),
        ("max_pool1d", (X, 2, 0), {}),
        ("max_pool1d", (X, 2), {"dilation": 0}),
        ("max_pool2d", (X[0], 2), {}),
        ("max_pool2d", (X[None, None], 2), {}),
        ("max_pool2d", (X, (1, 2, 3)), {}),
        ("max_pool2d", (X, 2.0), {}),
        ("max_pool2d", (X[:, :, :0], 1), {}),
        ("max_pool2d", (X[None, :0], 1), {}),
        ("avg_pool2d", (X, 2), {"padding": 2}),
        ("avg_pool2d", (X, 2), {"divisor_override": 0}),
        ("avg_pool2d", (X, 5), {}),
        ("avg_pool1d", (X.astype(np.int32), 2), {}),
        ("adaptive_avg_pool2d", (X, -1), {}),
        ("adaptive_avg_pool1d", (X[:, :, :0], 2), {}),
        ("adaptive_avg_pool2d", (PLACES, 2), {}),
        ("max_unpool1d", (X, PLACES + 9, 2), {}),
        ("max_unpool1d", (X, PLACES - 1, 2), {}),
        ("max_unpool1d", (X, PLACES[:, :, 1:], 2), {}),
        ("max_unpool1d", (X, PLACES.astype(np.int32), 2), {}),
        ("max_unpool1d", (X, PLACES, 2), {"output_size": [20]}),
    ],
)
def test_the_same_class_of_error(name, args, options):
    def outcome(functions, make):
        converted = [make(a) if isinstance(a, np.ndarray) else a for a in args]
        with pytest.raises(Exception) as caught:  # noqa: PT011
            getattr(functions, name)(*converted, **options)
        return caught.type

    theirs = outcome(TF, lambda a: torch.from_numpy(a.copy()))
    assert issubclass(outcome(F, mg.tensor), theirs)

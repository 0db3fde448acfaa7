"""Attention: values by hand, masks, groups of heads, dropout, memory, second order, wrong calls."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest

import kernels
import minigrad as mg
from kernels import scratch
from minigrad.nn import functional as F
from minigrad.ops.attention import Axes, _definition, scaled_dot_product_attention

attend = F.scaled_dot_product_attention


def normal(*shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def inputs(q, k, v, dtype=np.float64):
    return [mg.tensor(normal(*s, seed=i, dtype=dtype)) for i, s in enumerate((q, k, v))]


# ---------------------------------------------------------------------------- values


def test_by_hand():
    q, k = mg.tensor([[1.0, 0.0]]), mg.tensor([[1.0, 5.0], [0.0, 5.0]])
    v = mg.tensor([[10.0], [20.0]])
    share = 1 / (1 + math.exp(-1 / math.sqrt(2)))  # scores 1 / sqrt(2) and 0
    assert attend(q, k, v).item() == pytest.approx(10 * share + 20 * (1 - share))
    share = 1 / (1 + math.exp(-3))
    assert attend(q, k, v, scale=3.0).item() == pytest.approx(10 * share + 20 * (1 - share))
    assert attend(q, k, v, scale=0.0).item() == pytest.approx(15)
    bias = mg.tensor([[0.0, 1 / math.sqrt(2)]])
    assert attend(q, k, v, bias).item() == pytest.approx(15)
    assert attend(q, k, v, mg.tensor([[False, True]])).item() == 20


@pytest.mark.parametrize("shape", [(3, 2), (2, 5, 4), (2, 3, 70, 16)])
def test_causal_is_a_triangle_of_booleans(shape):
    x = mg.tensor(normal(*shape))
    triangle = mg.tensor(np.tri(shape[-2], dtype=bool))
    got, expected = attend(x, x, x, is_causal=True), attend(x, x, x, triangle)
    np.testing.assert_allclose(got.numpy(), expected.numpy(), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(got.numpy()[..., 0, :], x.numpy()[..., 0, :], rtol=1e-12)
    both = attend(x, x, x, triangle, is_causal=True)
    np.testing.assert_allclose(both.numpy(), expected.numpy(), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("size", [2, 20])
def test_a_query_that_sees_nothing_gets_zeros_and_no_gradient(size):
    q, k, v = (x.requires_grad_() for x in inputs((2, size, 4), (2, size, 4), (2, size, 3)))
    mask = np.ones((size, size), bool)
    mask[1] = False
    out = attend(q, k, v, mg.tensor(mask))
    assert not out.detach().numpy()[:, 1].any()
    out.sum().backward()
    assert not q.grad.numpy()[:, 1].any()
    assert all(np.isfinite(x.grad.numpy()).all() for x in (q, k, v))


def test_no_keys():
    q, k, v = (x.requires_grad_() for x in inputs((2, 3, 4), (2, 0, 4), (2, 0, 5)))
    out = attend(q, k, v)
    assert out.tolist() == np.zeros((2, 3, 5)).tolist()
    out.sum().backward()
    assert not q.grad.numpy().any()
    assert k.grad.shape == (2, 0, 4)


def test_groups_of_heads_are_repeated_heads():
    q, k, v = inputs((2, 6, 20, 8), (2, 3, 30, 8), (2, 2, 30, 8))
    got = attend(q, k, v, enable_gqa=True)
    expected = attend(q, k.repeat_interleave(2, 1), v.repeat_interleave(3, 1))
    np.testing.assert_allclose(got.numpy(), expected.numpy(), rtol=1e-12)


def test_axes_broadcast():
    q, k, v = inputs((2, 1, 3, 4, 8), (3, 5, 8), (1, 5, 6))
    got = attend(q, k, v)
    assert got.shape == (2, 1, 3, 4, 6)
    one = attend(q[1, 0, 2], k[2], v[0])
    np.testing.assert_allclose(got.numpy()[1, 0, 2], one.numpy(), rtol=1e-12)


def test_half_precision_is_computed_in_single():
    q, k, v = inputs((3, 8), (4, 8), (4, 2), np.float16)
    out = attend(q.requires_grad_(), k, v)
    assert out.dtype == np.float16
    exact = attend(*(mg.tensor(x.numpy().astype(np.float64)) for x in (q.detach(), k, v)))
    np.testing.assert_allclose(out.detach().numpy(), exact.numpy(), rtol=2e-3, atol=1e-3)
    out.sum().backward()
    assert q.grad.dtype == np.float16


# ---------------------------------------------------------------------------- dropout


def test_dropout():
    x = inputs((2, 2, 64, 16), (2, 2, 64, 16), (2, 2, 64, 16))
    mg.manual_seed(3)
    first = attend(*x, dropout_p=0.4)
    assert not np.allclose(first.numpy(), attend(*x, dropout_p=0.4).numpy())
    mg.manual_seed(3)
    assert attend(*x, dropout_p=0.4).tolist() == first.tolist()
    assert not attend(*x, dropout_p=1.0).numpy().any()
    assert attend(*x, dropout_p=0.0).tolist() == attend(*x).tolist()


def test_dropout_drops_as_many_as_it_says_and_keeps_the_mean():
    t = 300
    q, v = mg.tensor(np.zeros((1, 1, t, 1))), mg.tensor(np.eye(t)[None, None])
    weights = attend(q, q, v, dropout_p=0.25).numpy() * t  # weights of 1, dropped or kept
    np.testing.assert_allclose(np.unique(weights.round(9)), [0, 1 / 0.75], rtol=1e-8)
    assert (weights == 0).mean() == pytest.approx(0.25, abs=0.01)
    assert abs(np.corrcoef(weights[0, 0])[np.triu_indices(t, 1)]).max() < 0.4


# ---------------------------------------------------------------------------- the kernels


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("p", [0.0, 0.3])
@pytest.mark.parametrize("mask", [None, "booleans", "bias", "row"])
def test_the_kernel_is_its_definition(causal, p, mask):
    """Value, gradients and second derivatives, for sizes that run in Numba."""
    x = inputs((2, 4, 40, 8), (2, 2, 70, 8), (2, 2, 70, 16))
    masks = {
        "booleans": normal(2, 1, 40, 70) > 0, "bias": normal(4, 40, 70), "row": normal(2, 1, 1, 70)
    }  # fmt: skip
    x.append(mg.tensor(masks[mask]) if mask else None)
    places = [i for i in range(4) if x[i] is not None and x[i].dtype == np.float64]
    for i in places:
        x[i].requires_grad_()
    options = p, 7, causal, None, True, 3 in places
    g = mg.tensor(normal(2, 4, 40, 16, seed=9), requires_grad=True)
    found = []
    for function in (scaled_dot_product_attention, _definition):
        wanted = [x[i] for i in places]
        out = function(*x, *options)
        first = mg.autograd.grad(out, wanted, g, create_graph=True)
        second = mg.autograd.grad(sum((d**2).sum() for d in first), [*wanted, g])
        found.append([y.detach().numpy() for y in (out, *first, *second)])
        plain = mg.autograd.grad(function(*x, *options), wanted, g.detach())
        found[-1] += [y.numpy() for y in plain]
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9 * abs(b).max())


def test_self_attention_counts_each_gradient_once():
    x = mg.tensor(normal(1, 2, 3, 4), requires_grad=True)
    mg.gradgradcheck(lambda x: attend(x, x, x, is_causal=True), x)


def test_views_are_not_copied_and_give_the_same():
    """Heads out of one projection, as in a transformer: strided in B, H and T."""
    b, t, h, d = 2, 70, 3, 16
    qkv = normal(b, t, 3 * h * d)
    heads = [mg.tensor(qkv)[..., i * h * d :][..., : h * d] for i in range(3)]
    views = [x.reshape(b, t, h, d).swapaxes(1, 2) for x in heads]
    dense = [mg.tensor(np.ascontiguousarray(x.numpy())) for x in views]
    got, expected = attend(*views, is_causal=True), attend(*dense, is_causal=True)
    assert got.tolist() == expected.tolist()


def test_memory_grows_with_the_length_and_not_its_square():
    def peak(t):
        scratch.clear()
        x = [mg.tensor(normal(1, 2, t, 32, dtype=np.float32), requires_grad=True) for _ in range(3)]
        tracemalloc.start()
        out = attend(*x, is_causal=True)
        out.backward(out.detach())
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    if kernels.missing("numba"):
        pytest.skip("the reference has all scores at once")
    peak(64)  # compiles
    assert peak(4096) < 2.2 * peak(2048)
    assert peak(4096) < 2 * 4096**2  # bytes: half of one head's scores


# ---------------------------------------------------------------------------- wrong calls


@pytest.mark.parametrize(
    ("shapes", "options", "error", "message"),
    [
        (((8,), (5, 8), (5, 8)), {}, RuntimeError, "at least 2 dimensions"),
        (((4, 8), (5, 7), (5, 8)), {}, RuntimeError, "last axes of query and key differ"),
        (((4, 8), (5, 8), (6, 8)), {}, RuntimeError, "key and value differ in length"),
        (((2, 4, 8), (3, 5, 8), (2, 5, 8)), {}, RuntimeError, "do not broadcast"),
        (((6, 4, 8), (4, 5, 8), (4, 5, 8)), {"enable_gqa": True}, RuntimeError, "must divide"),
        (((4, 8), (5, 8), (5, 8)), {"enable_gqa": True}, IndexError, "axis of heads"),
        (((4, 8), (5, 8), (5, 8)), {"dropout_p": 1.5}, RuntimeError, "between 0 and 1, got 1.5"),
    ],
)
def test_wrong_shapes_and_options(shapes, options, error, message):
    with pytest.raises(error, match=message):
        attend(*inputs(*shapes), **options)


def test_wrong_dtypes_and_masks():
    q, k, v = inputs((4, 8), (5, 8), (5, 8), np.float32)
    with pytest.raises(RuntimeError, match=r"float64\[5, 8\]"):
        attend(q, k.double(), v)
    with pytest.raises(RuntimeError, match="expected floating dtypes"):
        attend(q.long(), k.long(), v.long())
    with pytest.raises(RuntimeError, match=r"attn_mask \(5, 4\) does not broadcast"):
        attend(q, k, v, mg.tensor(np.zeros((5, 4), bool)))
    with pytest.raises(RuntimeError, match=r"attn_mask \(2, 4, 5\) does not broadcast"):
        attend(q, k, v, mg.tensor(np.zeros((2, 4, 5), bool)))
    for dtype in (np.int64, np.float64, np.float16):
        with pytest.raises(RuntimeError, match="attn_mask must be boolean, float32 or"):
            attend(q, k, v, mg.tensor(np.zeros((4, 5), dtype)))
    with pytest.raises(TypeError):
        attend(q, k, v, None, 0.0, False, 0.3)  # scale only by name, as in PyTorch


def test_float32_masks_serve_all_dtypes():
    q, k, v = inputs((4, 8), (5, 8), (5, 8))
    mask = mg.tensor(normal(4, 5).astype(np.float32), requires_grad=True)
    out = attend(q, k, v, mask)
    assert out.dtype == np.float64
    out.sum().backward()
    assert mask.grad.dtype == np.float32


def test_the_axes_of_the_kernels():
    """One head of keys for all queries is no copy: it is a group."""
    q, k = normal(2, 4, 3, 8), normal(2, 1, 5, 8)
    axes = Axes(q, k, k, None, False)
    assert (axes.heads, axes.key_heads) == (4, 1)
    assert axes.merged(k, axes.key_heads) is k

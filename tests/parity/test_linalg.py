"""Linear algebra against PyTorch: value and gradient, shapes, dtypes, classes of errors."""

from __future__ import annotations

import math

import numpy as np
import pytest

import minigrad as mg

torch = pytest.importorskip("torch")

pytestmark = [
    pytest.mark.parity,
    pytest.mark.filterwarnings("ignore:.*deprecated:UserWarning"),  # of torch.cholesky and others
]
RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.standard_normal(shape)


def regular(*shape):
    return normal(*shape) / 2 + 2 * np.eye(shape[-1])


def symmetric(*shape):
    x = normal(*shape)
    return x + np.swapaxes(x, -1, -2)


def definite(*shape):
    x = normal(*shape)
    return x @ np.swapaxes(x, -1, -2) + np.eye(shape[-1])


def lower(*shape):
    return np.tril(regular(*shape))


INF = math.inf
CASES = [
    # name, arguments, keyword arguments
    ("matmul", (normal(3), normal(3)), {}),
    ("matmul", (normal(2, 3), normal(3)), {}),
    ("matmul", (normal(3), normal(3, 2)), {}),
    ("matmul", (normal(3), normal(4, 3, 2)), {}),
    ("matmul", (normal(4, 2, 3), normal(3)), {}),
    ("matmul", (normal(4, 2, 3), normal(3, 5)), {}),
    ("matmul", (normal(2, 3), normal(4, 3, 5)), {}),
    ("matmul", (normal(5, 1, 2, 3), normal(4, 3, 2)), {}),
    ("matmul", (normal(2, 0), normal(0, 3)), {}),
    ("matmul", (normal(0, 2, 3), normal(3, 2)), {}),
    ("mm", (normal(2, 3), normal(3, 4)), {}),
    ("bmm", (normal(2, 2, 3), normal(2, 3, 4)), {}),
    ("mv", (normal(2, 3), normal(3)), {}),
    ("dot", (normal(3), normal(3)), {}),
    ("vdot", (normal(3), normal(3)), {}),
    ("inner", (normal(2, 3), normal(4, 1, 3)), {}),
    ("inner", (normal(2, 3), normal()), {}),
    ("outer", (normal(2), normal(3)), {}),
    ("ger", (normal(2), normal(3)), {}),
    ("addmm", (normal(2, 4), normal(2, 3), normal(3, 4)), {}),
    ("addmm", (normal(4), normal(2, 3), normal(3, 4)), {"beta": 0.5, "alpha": -2.0}),
    ("addmm", (np.full(4, np.nan), normal(2, 3), normal(3, 4)), {"beta": 0}),
    ("addmv", (normal(2), normal(2, 3), normal(3)), {"alpha": 3}),
    ("addr", (normal(2, 3), normal(2), normal(3)), {"beta": 2}),
    ("addbmm", (normal(2, 4), normal(3, 2, 3), normal(3, 3, 4)), {"beta": 2, "alpha": 0.5}),
    ("baddbmm", (normal(2, 4), normal(3, 2, 3), normal(3, 3, 4)), {"beta": 2, "alpha": 0.5}),
    ("einsum", ("bij,bjk->bik", normal(2, 3, 4), normal(2, 4, 5)), {}),
    ("einsum", ("ij,kj->ik", normal(2, 3), normal(4, 3)), {}),
    ("einsum", ("ij->j", normal(2, 3)), {}),
    ("einsum", ("ba", normal(2, 3)), {}),
    ("einsum", ("ii->i", normal(3, 3)), {}),
    ("einsum", ("iji->j", normal(3, 2, 3)), {}),
    ("einsum", ("...ij,...jk", normal(2, 3, 4), normal(5, 1, 4, 2)), {}),
    ("einsum", ("i...,j...->...ij", normal(2, 3), normal(4, 3)), {}),
    ("einsum", ("bn,anm,bm->ba", normal(2, 3), normal(5, 3, 4), normal(2, 4)), {}),
    ("einsum", ("ij,ij->ij", normal(2, 1), normal(1, 3)), {}),
    ("einsum", (" i j , j -> i ", normal(2, 3), normal(3)), {}),
    ("einsum", (",i->i", normal(), normal(3)), {}),
    ("einsum", ("Ab,bA->A", normal(2, 3), normal(3, 2)), {}),
    ("einsum", (normal(2, 3), [0, 1], normal(3, 4), [1, 2], [0, 2]), {}),
    ("einsum", (normal(2, 3), [..., 1], normal(3, 4), [1, 2]), {}),
    ("tensordot", (normal(2, 3, 4), normal(3, 4, 5)), {}),
    ("tensordot", (normal(2, 3), normal(4, 5)), {"dims": 0}),
    ("tensordot", (normal(2, 3, 4), normal(4, 2)), {"dims": ([0, -1], [1, 0])}),
    ("tensordot", (normal(2, 3), normal(2, 3)), {"dims": 2}),
    ("kron", (normal(2, 3), normal(3, 2)), {}),
    ("kron", (normal(2), normal(2, 3, 2)), {}),
    ("trace", (normal(2, 3),), {}),
    ("cross", (normal(3, 4), normal(3, 4)), {}),
    ("cross", (normal(4, 3), normal(4, 3)), {"dim": -1}),
    ("linalg.cross", (normal(4, 3), normal(1, 3)), {}),
    ("chain_matmul", (normal(2, 3), normal(3, 4), normal(4, 1)), {}),
    ("linalg.multi_dot", ([normal(2), normal(2, 3), normal(3, 4), normal(4)],), {}),
    ("matrix_power", (regular(2, 3, 3), 3), {}),
    ("matrix_power", (regular(3, 3), 0), {}),
    ("matrix_power", (regular(3, 3), -2), {}),
    ("linalg.vecdot", (normal(2, 3), normal(2, 3)), {}),
    ("linalg.vecdot", (normal(2, 3), normal(3)), {"dim": 1}),
    *(("cdist", (normal(2, 4, 3), normal(5, 3)), {"p": p}) for p in (0, 0.5, 1, 1.5, 2, 3, INF)),
    ("cdist", (normal(30, 3), normal(4, 3)), {}),
    ("cdist", (normal(3, 2), normal(3, 2)), {"compute_mode": "use_mm_for_euclid_dist"}),
    ("cdist", (np.ones((2, 3)), np.ones((2, 3))), {}),
    ("cdist", (normal(0, 3), normal(2, 3)), {}),
    ("cdist", (normal(2, 0), normal(3, 0)), {}),
    ("nn.functional.linear", (normal(5, 3), normal(4, 3), normal(4)), {}),
    ("nn.functional.linear", (normal(2, 5, 3), normal(4, 3)), {}),
    ("nn.functional.linear", (normal(3), normal(4, 3), normal(4)), {}),
    ("nn.functional.linear", (normal(2, 3), normal(3)), {}),
    ("nn.functional.linear", (normal(0, 3), normal(4, 3), normal(4)), {}),
    ("nn.functional.bilinear", (normal(5, 3), normal(5, 2), normal(4, 3, 2), normal(4)), {}),
    ("nn.functional.bilinear", (normal(2, 5, 3), normal(2, 5, 2), normal(4, 3, 2)), {}),
    ("inverse", (regular(2, 3, 3),), {}),
    ("linalg.inv", (regular(3, 3),), {}),
    ("linalg.inv", (np.zeros((0, 0)),), {}),
    ("linalg.pinv", (normal(3, 2),), {}),
    ("linalg.pinv", (normal(2, 2, 4),), {"rtol": 0.1}),
    ("linalg.pinv", (normal(3, 1) @ normal(1, 3),), {"rtol": 1e-5}),
    ("linalg.pinv", (symmetric(3, 3),), {"hermitian": True}),
    ("pinverse", (normal(3, 2),), {}),
    ("det", (regular(3, 3),), {}),
    ("linalg.det", (regular(2, 1, 2, 2),), {}),
    ("linalg.det", (normal(3, 2) @ normal(2, 3),), {}),  # singular
    ("linalg.det", (np.zeros((2, 2)),), {}),
    ("linalg.det", (np.zeros((0, 0)),), {}),
    ("slogdet", (-regular(3, 3),), {}),
    ("logdet", (definite(2, 3, 3),), {}),
    ("logdet", (np.diag([-1.0, 2.0]),), {}),
    ("linalg.solve", (regular(3, 3), normal(3)), {}),
    ("linalg.solve", (regular(2, 3, 3), normal(2, 3)), {}),
    ("linalg.solve", (regular(2, 3, 3), normal(3, 2)), {}),
    ("linalg.solve", (regular(3, 3), normal(4, 3, 2)), {}),
    ("linalg.solve", (regular(3, 3), normal(4, 2, 3)), {"left": False}),
    ("linalg.solve_triangular", (regular(3, 3), normal(3, 2)), {"upper": True}),
    ("linalg.solve_triangular", (regular(3, 3), normal(2, 3)), {"upper": False, "left": False}),
    ("linalg.solve_triangular", (lower(3, 3), normal(3, 2)),
     {"upper": False, "unitriangular": True}),
    ("triangular_solve", (normal(3, 2), regular(3, 3)), {"upper": False, "transpose": True}),
    ("cholesky", (definite(2, 3, 3),), {}),
    ("linalg.cholesky", (definite(3, 3),), {"upper": True}),
    ("linalg.cholesky", (np.zeros((0, 0)),), {}),
    ("cholesky_solve", (normal(3, 2), lower(3, 3)), {}),
    ("cholesky_solve", (normal(3, 2), lower(3, 3).T.copy()), {"upper": True}),
    ("cholesky_inverse", (lower(3, 3),), {}),
    ("linalg.eigvalsh", (symmetric(2, 3, 3),), {}),
    ("linalg.eigvalsh", (symmetric(3, 3),), {"UPLO": "U"}),
    ("linalg.svdvals", (normal(2, 3, 2),), {}),
    ("linalg.matrix_rank", (np.diag([1.0, 1e-3, 0.0]),), {}),
    ("linalg.matrix_rank", (np.diag([1.0, 1e-3, 0.0]),), {"rtol": 1e-2}),
    ("linalg.matrix_rank", (np.stack([np.eye(3), -np.eye(3)]),), {"hermitian": True}),
    *(("linalg.matrix_norm", (normal(2, 3, 4), p), {}) for p in ("fro", "nuc", 1, -1, 2, -2)),
    ("linalg.matrix_norm", (normal(2, 3, 4), INF), {"dim": (0, 2), "keepdim": True}),
    ("linalg.matrix_norm", (normal(2, 3, 4), "nuc"), {"dim": (2, 0)}),
    ("linalg.matrix_norm", (normal(3, 4), -INF), {}),
    ("linalg.norm", (normal(3, 4),), {}),
    ("linalg.norm", (normal(3, 4), 1), {}),
    ("linalg.norm", (normal(3, 4), 1), {"dim": 1}),
    ("linalg.norm", (normal(2, 3, 4),), {}),
    ("linalg.norm", (normal(2, 3, 4), 2), {"dim": (0, 1), "keepdim": True}),
    ("linalg.norm", (normal(4), 3), {}),
    *(("linalg.cond", (regular(3, 3), p), {}) for p in (None, "nuc", 2, -2)),
    ("linalg.matrix_exp", (normal(2, 3, 3),), {}),
    ("matrix_exp", (10 * normal(3, 3),), {}),
    ("matrix_exp", (np.zeros((0, 0)),), {}),
    ("linalg.vander", (normal(2, 3),), {}),
    ("linalg.vander", (normal(3),), {"N": 2}),
    ("linalg.diagonal", (normal(2, 3, 4),), {"offset": 1}),
    ("linalg.tensorinv", (normal(2, 3, 6),), {"ind": 2}),
    ("linalg.tensorsolve", (normal(2, 3, 6), normal(2, 3)), {}),
    ("linalg.tensorsolve", (normal(6, 2, 3), normal(2, 3)), {"dims": (0,)}),
    ("nn.functional.cosine_similarity", (normal(2, 3), normal(2, 3)), {}),
    ("nn.functional.cosine_similarity", (normal(2, 1, 3), normal(2, 3)), {"dim": -1}),
    ("nn.functional.cosine_similarity", (np.zeros((2, 3)), normal(2, 3)), {}),
    ("nn.functional.cosine_similarity", (1e-9 * normal(2, 3), normal(2, 3)), {}),
    ("nn.functional.pairwise_distance", (normal(2, 3), normal(2, 3)), {}),
    ("nn.functional.pairwise_distance", (normal(2, 3), normal(3)), {"p": 1, "keepdim": True}),
]  # fmt: skip


def function(root, name):
    for part in name.split("."):
        root = getattr(root, part)
    return root


def convert(x, make, dtype):
    if isinstance(x, np.ndarray):
        return make(x.astype(dtype)).requires_grad_(np.dtype(dtype).kind == "f")
    if isinstance(x, list):
        return [convert(item, make, dtype) for item in x]
    return x


def flat(x):
    if isinstance(x, (list, tuple)):
        return [leaf for item in x for leaf in flat(item)]
    return [x] if hasattr(x, "requires_grad") else []


def ids(case):
    name, args, kwargs = case
    shapes = [str(a.shape) if isinstance(a, np.ndarray) else str(a)[:20] for a in args]
    return f"{name}({', '.join(shapes)} {kwargs})".replace("array", "")


@pytest.mark.parametrize(("name", "args", "kwargs"), CASES, ids=map(ids, CASES))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_value_and_gradient(name, args, kwargs, dtype):
    results = []
    for root, make in ((mg, mg.tensor), (torch, torch.from_numpy)):
        inputs = [convert(a, make, dtype) for a in args]
        outs = flat(function(root, name)(*inputs, **kwargs))
        random = np.random.default_rng(1)
        total = 0
        for out in outs:
            if out.requires_grad:
                weights = make(np.asarray(random.standard_normal(tuple(out.shape))).astype(dtype))
                total = total + (out * weights).sum()
        if not isinstance(total, int):
            total.backward()
        results.append((outs, [x.grad for x in flat(inputs)]))
    (outs, grads), (expected, expected_grads) = results
    rtol, atol = (2e-4, 2e-4) if dtype == "float32" else (1e-8, 1e-9)
    assert len(outs) == len(expected) > 0
    for a, b in zip(outs, expected, strict=True):
        assert a.shape == tuple(b.shape)
        assert str(a.dtype) == str(b.dtype).removeprefix("torch.")
        assert a.requires_grad == b.requires_grad
        scale = max(1.0, float(np.abs(b.detach().numpy()).max(initial=0)))
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol, atol * scale)
    for a, b in zip(grads, expected_grads, strict=True):
        assert (a is None) == (b is None)
        if b is not None:
            scale = max(1.0, float(np.abs(b.numpy()).max(initial=0)))
            np.testing.assert_allclose(a.numpy(), b.numpy(), rtol, atol * scale)


DECOMPOSITIONS = [
    ("linalg.eigh", symmetric(2, 3, 3), {}),
    ("linalg.eigh", normal(3, 3), {"UPLO": "U"}),  # the other triangle is not read
    ("linalg.svd", normal(3, 3), {}),
    ("linalg.svd", normal(2, 3, 2), {}),
    ("linalg.svd", normal(2, 3), {"full_matrices": False}),
    ("svd", normal(4, 2), {}),
    ("svd", normal(2, 4), {"some": False}),
    ("linalg.qr", normal(3, 2), {}),
    ("linalg.qr", normal(2, 2, 3), {}),
    ("linalg.qr", normal(3, 3), {"mode": "complete"}),
    ("qr", normal(3, 2), {}),
]


@pytest.mark.parametrize(("name", "x", "kwargs"), DECOMPOSITIONS)
def test_decompositions_up_to_sign(name, x, kwargs):
    """Values and gradient of a loss that does not depend on the arbitrary signs of vectors."""
    grads = []
    for root, make in ((mg, mg.tensor), (torch, torch.from_numpy)):
        t = make(x.copy()).requires_grad_()
        result = function(root, name)(t, **kwargs)
        k = min(x.shape[-2:])
        values = [abs(r)[..., :k, :k] if r.ndim > x.ndim - 1 else r for r in result]
        sum((v * v.cumsum(-1)).sum() for v in values).backward()
        grads.append(([v.detach().numpy() for v in values], t.grad.numpy(), result._fields
                      if hasattr(result, "_fields") else [f for f in dir(result) if f in
                      ("U", "S", "V", "Vh", "Q", "R", "eigenvalues", "eigenvectors")]))  # fmt: skip
    (ours, grad, fields), (theirs, expected_grad, expected_fields) = grads
    assert sorted(fields) == sorted(expected_fields)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(grad, expected_grad, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("p", [None, "fro", "nuc", 1, -1, 2, -2, INF, -INF])
def test_condition_numbers(p):
    """Values alone: PyTorch's own backward fails for those that invert."""
    x = regular(3, 3)
    expected = torch.linalg.cond(torch.from_numpy(x), p)
    np.testing.assert_allclose(mg.linalg.cond(mg.tensor(x), p).numpy(), expected.numpy())


@pytest.mark.parametrize(
    ("name", "args", "kwargs"),
    [
        ("matmul", ((2, 3), (3, 2)), {}),
        ("matmul", ((4, 2, 3), (4, 3, 2)), {}),
        ("einsum", ("ij,kj->ik", (2, 3), (4, 3)), {}),
        ("einsum", ("ij->i", (2, 3)), {}),
        ("tensordot", ((2, 3), (3, 2)), {"dims": 1}),
        ("kron", ((2, 3), (3, 2)), {}),
        ("trace", ((3, 3),), {}),
        ("outer", ((2,), (3,)), {}),
        ("cross", ((2, 3), (2, 3)), {"dim": 1}),
        ("addmm", ((2, 4), (2, 3), (3, 4)), {"beta": 2, "alpha": 3}),
        ("matrix_power", ((3, 3), 2), {}),
        ("dot", ((3,), (3,)), {}),
    ],
)
@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8"])
def test_integers(name, args, kwargs, dtype):
    random = np.random.default_rng(0)
    arrays = [random.integers(0, 9, a).astype(dtype) if isinstance(a, tuple) else a for a in args]
    got = function(mg, name)(*(convert(a, mg.tensor, dtype) for a in arrays), **kwargs)
    expected = function(torch, name)(
        *(convert(a, torch.from_numpy, dtype) for a in arrays), **kwargs
    )
    assert str(got.dtype) == str(expected.dtype).removeprefix("torch.")
    np.testing.assert_array_equal(got.numpy(), expected.numpy())


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("matmul", (normal(2, 3), normal(2, 3))),
        ("matmul", (normal(2, 3), normal())),
        ("matmul", (normal(2, 2, 3), normal(3, 3, 2))),
        ("matmul", (normal(2, 3), normal(3, 2).astype("float32"))),
        ("mm", (normal(2, 3), normal(3))),
        ("bmm", (normal(2, 2, 3), normal(3, 3, 2))),
        ("mv", (normal(2, 3), normal(2))),
        ("dot", (normal(2), normal(3))),
        ("outer", (normal(2, 2), normal(3))),
        ("trace", (normal(2, 2, 2),)),
        ("cross", (normal(2, 2), normal(2, 2))),
        ("einsum", ("ij,jk->il", normal(2, 3), normal(3, 2))),
        ("einsum", ("ij,jk", normal(2, 3), normal(2, 2))),
        ("tensordot", (normal(2, 3), normal(2, 3), 1)),
        ("linalg.inv", (np.zeros((2, 2)),)),
        ("linalg.inv", (normal(2, 3),)),
        ("linalg.solve", (np.zeros((2, 2)), normal(2))),
        ("linalg.solve", (regular(2, 2), normal(3))),
        ("linalg.cholesky", (-np.eye(2),)),
        ("linalg.inv", (np.ones((2, 2), np.int64),)),
        ("linalg.det", (normal(2, 3),)),
        ("cdist", (normal(2, 3), normal(2, 2))),
        ("cdist", (normal(2, 3), normal(2, 3), -1.0)),
        ("nn.functional.linear", (normal(2, 3), normal(3, 2))),
        ("linalg.matrix_norm", (normal(2, 3), 3)),
        ("matrix_power", (normal(2, 3), 2)),
    ],
)
def test_the_same_class_of_error(name, args):
    def outcome(root, make):
        converted = [make(a) if isinstance(a, np.ndarray) else a for a in args]
        with pytest.raises(Exception) as caught:  # noqa: PT011
            function(root, name)(*converted)
        return caught.type

    expected = outcome(torch, torch.from_numpy)
    got = outcome(mg, mg.tensor)
    assert issubclass(got, RuntimeError if issubclass(expected, RuntimeError) else expected)

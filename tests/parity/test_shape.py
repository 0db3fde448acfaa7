"""Shapes, joining, arranging and padding against PyTorch: value, dtype and gradient.

Every call is written once, as a function of a namespace (PyTorch's or minigrad's) and of
Tensors of that library.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad import ops

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.parity


class PyTorch:
    """torch.f; where there is none the method x.f, or the function of nn.functional."""

    def __getattr__(self, name: str) -> Any:
        if name in ("pad", "one_hot"):
            return getattr(torch.nn.functional, name)
        if name in ("repeat", "unfold") or not hasattr(torch, name):
            return lambda x, *args, **kwargs: getattr(x, name)(*args, **kwargs)
        return getattr(torch, name)


def flat(x: Any) -> list:
    return [y for item in x for y in flat(item)] if isinstance(x, (list, tuple)) else [x]


def compare(call: Any, arrays: list[np.ndarray], requires_grad: bool = True) -> None:
    theirs = [torch.tensor(a) for a in arrays]
    ours = [mg.tensor(a) for a in arrays]
    for a, b in zip(theirs, ours, strict=True):
        if requires_grad and a.is_floating_point():
            a.requires_grad_()
            b.requires_grad_()
    expected, got = flat(call(PyTorch(), *theirs)), flat(call(ops, *ours))
    assert len(got) == len(expected)
    for e, g in zip(expected, got, strict=True):
        assert g.shape == tuple(e.shape)
        assert str(g.dtype) == str(e.dtype).removeprefix("torch.")
        np.testing.assert_allclose(g.detach().numpy(), e.detach().numpy(), rtol=1e-6)
        assert g.requires_grad == e.requires_grad
    pairs = [(e, g) for e, g in zip(expected, got, strict=True) if e.requires_grad]
    if not pairs:
        return
    rng = np.random.default_rng(1)
    seeds = [rng.standard_normal(g.shape).astype(g.dtype) for _, g in pairs]
    wanted = [i for i, x in enumerate(theirs) if x.requires_grad]
    of_theirs = torch.autograd.grad(
        [e for e, _ in pairs], [theirs[i] for i in wanted], [torch.tensor(s) for s in seeds],
        materialize_grads=True, allow_unused=True,
    )  # fmt: skip
    of_ours = mg.autograd.grad(
        [g for _, g in pairs], [ours[i] for i in wanted], [mg.tensor(s) for s in seeds],
        materialize_grads=True,
    )  # fmt: skip
    for e, g in zip(of_theirs, of_ours, strict=True):
        assert str(g.dtype) == str(e.dtype).removeprefix("torch.")
        np.testing.assert_allclose(g.numpy(), e.numpy(), rtol=1e-5, atol=1e-6)


# x has shape (2, 3, 4), y (1, 3, 1), z is 0-d, e empty (2, 0)
CALLS = {
    "reshape": lambda t, x, y, z, e: [t.reshape(x, (4, -1)), t.reshape(z, (1, 1)),
                                      t.reshape(e, (0, 5)), t.reshape(x, (24,))],
    "view": lambda t, x, y, z, e: [x.view(6, 4), x.view(-1), x.view_as(x), e.view(0)],
    "flatten": lambda t, x, y, z, e: [t.flatten(x), t.flatten(x, 1), t.flatten(x, -2, -2),
                                      t.flatten(z), t.flatten(e), t.ravel(x), t.ravel(z)],
    "unflatten": lambda t, x, y, z, e: [t.unflatten(x, -1, (2, -1)), t.unflatten(e, 1, (0, 2))],
    "squeeze": lambda t, x, y, z, e: [t.squeeze(y), t.squeeze(y, 0), t.squeeze(y, 1),
                                      t.squeeze(y, (0, -1)), t.squeeze(z, 0), t.squeeze(y, ())],
    "unsqueeze": lambda t, x, y, z, e: [t.unsqueeze(x, 0), t.unsqueeze(x, -1), t.unsqueeze(z, 0)],
    "permute": lambda t, x, y, z, e: [t.permute(x, (2, 0, 1)), t.permute(x, (-1, 1, 0)),
                                      t.permute(z, ())],
    "transpose": lambda t, x, y, z, e: [t.transpose(x, 0, -1), t.transpose(z, 0, -1),
                                        t.swapaxes(x, 0, 1), t.swapdims(x, 1, 2), t.adjoint(x),
                                        t.t(x[0]), t.t(x[0, 0]), t.t(z)],
    "movedim": lambda t, x, y, z, e: [t.movedim(x, 0, -1), t.movedim(x, (0, 2), (1, 0)),
                                      t.moveaxis(x, (2, 1, 0), (0, 1, 2)), t.movedim(z, 0, 0)],
    "expand": lambda t, x, y, z, e: [t.expand(y, (2, 3, 4)), t.expand(y, (5, -1, -1, 2)),
                                     t.expand(z, (2, 2)), t.expand_as(y, x),
                                     t.broadcast_to(z, (3,)), t.broadcast_tensors(x, y, z)],
    "atleast": lambda t, x, y, z, e: [t.atleast_1d(z), t.atleast_2d(x[0, 0], z),
                                      t.atleast_3d([z, x[0, 0], x[0], x])],
    "clone": lambda t, x, y, z, e: [t.clone(x), x.contiguous(), t.clone(z)],
    "cat": lambda t, x, y, z, e: [t.cat([x, x], -1), t.cat([x, x[:, :1], x[:, :0]], 1),
                                  t.concat([x]), t.concatenate([x, x])],
    "stack": lambda t, x, y, z, e: [t.stack([x, x], -1), t.stack([z, z]), t.stack([e, e], 1)],
    "stacks": lambda t, x, y, z, e: [t.hstack([z, x[0, 0]]), t.hstack([x, x]),
                                     t.vstack([x[0, 0], x[0]]), t.dstack([x[0], x[1]]),
                                     t.column_stack([x[0, 0], x[1].T]),
                                     t.row_stack([x[0], x[1]])],
    "grids": lambda t, x, y, z, e: [t.meshgrid(x[0, 0], x[0, :, 0], z, indexing="ij"),
                                    t.meshgrid(x[0, 0], x[0, :, 0], indexing="xy"),
                                    t.cartesian_prod(x[0, 0], x[0, 1]),
                                    t.combinations(x[0, 0], 3), t.combinations(x[0, 0], 2, True),
                                    t.block_diag(x[0], z, x[0, 0])],
    "split": lambda t, x, y, z, e: [t.split(x, 3, -1), t.split(x, [1, 2], 1), t.chunk(x, 3, 2),
                                    t.tensor_split(x, 3, 2), t.tensor_split(x, (1, 3), 2),
                                    t.tensor_split(x, (3, 1), 2), t.tensor_split(x, (-1,), 1),
                                    t.hsplit(x, 3), t.vsplit(x, 2), t.dsplit(x, [1, 3])],
    "unbind": lambda t, x, y, z, e: [t.unbind(x, -1), t.unbind(e), t.unbind(e, 1)],
    "narrow": lambda t, x, y, z, e: [t.narrow(x, 2, 1, 2), t.narrow(x, 2, -2, 1),
                                     t.select(x, 1, -1), t.select(x, -1, 0)],
    "flip": lambda t, x, y, z, e: [t.flip(x, (0, -1)), t.fliplr(x), t.flipud(x), t.flip(z, (0,))],
    "rot90": lambda t, x, y, z, e: [t.rot90(x, k, (1, 2)) for k in range(-3, 5)],
    "roll": lambda t, x, y, z, e: [t.roll(x, 5), t.roll(x, (1, -2), (0, 2)), t.roll(z, 1),
                                   t.roll(x, (1, 1), (2, 2)), t.roll(e, 1, 1)],
    "repeat": lambda t, x, y, z, e: [t.repeat(x, (2, 1, 3)), t.repeat(x, (2, 1, 1, 1)),
                                     t.repeat(z, (3,)), t.repeat(x, (0, 1, 1)),
                                     t.tile(x, (2,)), t.tile(x, (2, 1, 1, 2)), t.tile(x, ())],
    "repeat_interleave": lambda t, x, y, z, e: [
        t.repeat_interleave(x, 2), t.repeat_interleave(x, 3, 1), t.repeat_interleave(z, 2),
        t.repeat_interleave(x, 2, -1, output_size=8)],
    "unfold": lambda t, x, y, z, e: [t.unfold(x, 2, 2, 1), t.unfold(x, 1, 2, 2),
                                     t.unfold(x, -1, 4, 3), t.unfold(z, 0, 1, 1)],
    "triangles": lambda t, x, y, z, e: [t.tril(x), t.triu(x, 1), t.tril(x, -1), t.triu(x, -9)],
    "diagonals": lambda t, x, y, z, e: [t.diagonal(x, 1, 1, 2), t.diagonal(x, -2, 0, 2),
                                        t.diagonal(x, 0, -1, 0), t.diag(x[0], 1),
                                        t.diag(x[0, 0], -1), t.diagflat(x[0], 2),
                                        t.diag_embed(x, 1, 0, 2), t.diag_embed(x),
                                        t.diagonal_scatter(x[0], x[1, :, 0])],
    "pad": lambda t, x, y, z, e: [t.pad(x, (1, 2)), t.pad(x, (1, -1, 0, 2, 1, 1)),
                                  t.pad(x, (-1, -2)), t.pad(x, (1, 0, 2, 1), value=3),
                                  t.pad(e, (1, 1))],
}  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "bool"])
@pytest.mark.parametrize("name", CALLS)
def test_same_value_dtype_and_gradient(name, dtype):
    rng = np.random.default_rng(0)
    shapes = [(2, 3, 4), (1, 3, 1), (), (2, 0)]
    compare(CALLS[name], [np.asarray(rng.standard_normal(s) * 3).astype(dtype) for s in shapes])


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
@pytest.mark.parametrize(
    ("shape", "widths"),
    [((2, 4), (1, 2)), ((2, 3, 4), (2, 0)), ((2, 3, 4), (-1, 2)), ((3, 3, 4), (0, 2, 2, 1)),
     ((1, 2, 3, 4), (1, 1, -1, 2)), ((2, 2, 3, 4), (3, 1, 0, 2, 1, 1))],
)  # fmt: skip
def test_padding_with_what_is_there(mode, shape, widths):
    x = np.random.default_rng(0).standard_normal(shape)
    compare(lambda t, x: t.pad(x, widths, mode), [x])


@pytest.mark.parametrize("first", ["bool", "uint8", "int32", "int64", "float32", "float64"])
@pytest.mark.parametrize("second", ["bool", "int8", "int64", "float16", "float32"])
def test_joining_promotes_as_pytorch_does(first, second):
    a, b = np.ones(2, first), np.ones(2, second)
    compare(lambda t, x, y: [t.cat([x, y]), t.stack([x[0], y[1]]), t.hstack([y, x])], [a, b])


def test_indices_of_triangles():
    for args in [(3, 4), (4, 3, 1), (3, 3, -1), (0, 2), (2, 5, 9)]:
        for name in ["tril_indices", "triu_indices"]:
            got, expected = getattr(ops, name)(*args), getattr(torch, name)(*args)
            np.testing.assert_array_equal(got.numpy(), expected.numpy())


WRITES = {
    "column": lambda y: y[:, 1], "reshape": lambda y: y.reshape(3, 2)[1:],
    "transpose": lambda y: y.transpose(0, 1)[0], "diagonal": lambda y: y.diagonal(),
    "squeeze": lambda y: y[:1].squeeze(0), "expand": lambda y: y.expand(2, 3),
    "narrow": lambda y: y.narrow(1, 1, 2), "select": lambda y: y.select(0, -1),
    "view of a view": lambda y: y.view(-1)[1:5].view(2, 2).t()[0], "unsqueeze":
    lambda y: y.unsqueeze(0)[:, 1], "movedim": lambda y: y.movedim(0, 1)[2],
    "element": lambda y: y[1, 1], "flatten": lambda y: y.flatten()[3:],
}  # fmt: skip


@pytest.mark.parametrize("name", WRITES)
def test_writing_through_views(name):
    values = np.random.default_rng(0).standard_normal((2, 3))
    results = []
    for library in (torch, mg):
        x = library.tensor(values).requires_grad_()
        y = x * x
        part = WRITES[name](y)
        part.mul_(x.sum())
        (y * y).sum().backward()
        results.append((y.detach().numpy(), x.grad.numpy()))
    for expected, got in zip(*results, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-12)

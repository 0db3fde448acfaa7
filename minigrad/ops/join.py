"""Joining tensors: cat, stack and kin, and the grids and products made of them."""

from __future__ import annotations

import itertools
import math

import numpy as np

from minigrad import dtypes
from minigrad.dispatch import NUMPY
from minigrad.graph import describe, op
from minigrad.ops.indexing import getitem
from minigrad.ops.padding import pad
from minigrad.ops.places import at, axis, raw
from minigrad.ops.shape import astype, atleast_1d, atleast_2d, atleast_3d, expand, ravel, reshape

__all__ = [
    "block_diag", "cartesian_prod", "cat", "column_stack", "combinations", "concat",
    "concatenate", "dstack", "hstack", "meshgrid", "row_stack", "stack", "vstack",
]  # fmt: skip


def cat(tensors, dim=0):
    """The tensors one after the other along the axis `dim`; their other axes must agree.

    Mixed dtypes are promoted. Gradient: each tensor gets its own part of g. An empty tensor of
    shape (0,) is left out whatever the others' shapes, as in PyTorch.

    >>> import minigrad as mg
    >>> cat([mg.tensor([1, 2]), mg.tensor([3])])
    tensor([1, 2, 3])
    """
    tensors = in_common_dtype("cat", tensors)
    kept = [x for x in tensors if x.shape != (0,)] or tensors[:1]
    dim = axis("cat", dim, len(kept[0].shape))
    check_agreement(kept, dim)
    return joined(dim, *kept)


def check_agreement(tensors, dim):
    """Refuse tensors whose shapes differ elsewhere than along `dim`."""
    first = tensors[0].shape
    for i, x in enumerate(tensors):
        shape = x.shape
        if not shape:
            raise RuntimeError(f"cat: tensor {i} is 0-d and cannot be concatenated; use stack")
        if len(shape) != len(first) or (
            shape != first and (shape[:dim], shape[dim + 1 :]) != (first[:dim], first[dim + 1 :])
        ):
            raise RuntimeError(
                f"cat: sizes must agree except along axis {dim}, got {list(first)} and, as tensor "
                f"{i}, {list(shape)}"
            )


@op
def joined(dim, *xs):
    """What `cat` does, as an op. Gradient: each tensor gets its own part of g."""
    ends = list(itertools.accumulate(x.shape[dim] for x in xs))
    parts = [at(dim, slice(a, b)) for a, b in zip([0, *ends], ends, strict=False)]
    return np.concatenate(xs, axis=dim), lambda g: (None, *(g[part] for part in parts))


concat = cat


def concatenate(tensors, axis=0):
    """cat, under NumPy's name and with NumPy's `axis`."""
    return cat(tensors, axis)


def stack(tensors, dim=0):
    """The tensors, all of one shape, along a new axis at `dim`. Gradient: taken apart again."""
    tensors = in_common_dtype("stack", tensors)
    first = tensors[0].shape
    dim = axis("stack", dim, len(first) + 1)
    for i, x in enumerate(tensors):
        if x.shape != first:
            raise RuntimeError(
                f"stack: all tensors must have one shape, got {list(first)} and, as tensor {i}, "
                f"{list(x.shape)}"
            )
    return stacked(dim, *tensors)


@op
def stacked(dim, *xs):
    """What `stack` does, as an op. Gradient: taken apart again."""
    return np.stack(xs, axis=dim), lambda g: (None, *(g[at(dim, i)] for i in range(len(xs))))


def in_common_dtype(name, tensors):
    """A list of the tensors, cast to the dtype that PyTorch promotes them to."""
    tensors = list(tensors)
    if not tensors:
        raise ValueError(f"{name}: expected at least one tensor, got an empty list")
    for i, x in enumerate(tensors):
        if not hasattr(x, "dtype"):
            raise TypeError(f"{name}: expected tensors, but element {i} is {describe(x)}")
    dtype = tensors[0].dtype
    if all(x.dtype == dtype for x in tensors):
        return tensors
    dtype = dtypes.result_type(*(raw(x) for x in tensors))
    return [x if x.dtype == dtype else astype(x, dtype) for x in tensors]


def hstack(tensors):
    """Side by side: along the second axis, or the first for vectors and numbers."""
    tensors = [atleast_1d(x) for x in tensors]
    return cat(tensors, 0 if tensors and len(tensors[0].shape) == 1 else 1)


def vstack(tensors):
    """One below the other: along the first axis; vectors are rows."""
    return cat([atleast_2d(x) for x in tensors], 0)


row_stack = vstack


def dstack(tensors):
    """One behind the other: along the third axis."""
    return cat([atleast_3d(x) for x in tensors], 2)


def column_stack(tensors):
    """Side by side; vectors and numbers are columns."""
    return cat([x if len(x.shape) > 1 else reshape(x, (-1, 1)) for x in tensors], 1)


def block_diag(*tensors):
    """A matrix with the given matrices along its diagonal and zeros elsewhere."""
    blocks: list = [atleast_2d(x) for x in in_common_dtype("block_diag", tensors)]
    width, left, rows = sum(x.shape[1] for x in blocks), 0, []
    for x in blocks:
        if len(x.shape) > 2:
            raise RuntimeError(f"block_diag: expected at most 2 axes, got {list(x.shape)}")
        rows.append(pad(x, (left, width - left - x.shape[1])))
        left += x.shape[1]
    return cat(rows, 0)


def meshgrid(*tensors, indexing=None):
    """The coordinates of a grid: for each vector a tensor of all vectors' sizes together.

    indexing="ij" (the default): vector k varies along axis k. "xy": the first two axes are
    exchanged. The results are views that repeat the vectors without copying them.

    >>> import minigrad as mg
    >>> i, j = meshgrid(mg.arange(2), mg.arange(3))
    >>> j
    tensor([[0, 1, 2],
            [0, 1, 2]])
    """
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        tensors = tensors[0]
    if indexing not in (None, "ij", "xy"):
        raise RuntimeError(f'meshgrid: indexing must be "ij" or "xy", got {indexing!r}')
    for i, x in enumerate(tensors):
        if len(x.shape) > 1:
            raise RuntimeError(f"meshgrid: expected vectors, but tensor {i} is {describe(x)}")
        if x.dtype != tensors[0].dtype:
            raise RuntimeError(f"meshgrid: dtypes differ: {tensors[0].dtype} and {x.dtype}")
    places = list(range(len(tensors)))
    if indexing == "xy" and len(tensors) > 1:
        places[:2] = [1, 0]
    sizes = [0] * len(tensors)
    for place, x in zip(places, tensors, strict=True):
        sizes[place] = math.prod(x.shape)
    return tuple(
        expand(reshape(x, [n if d == place else 1 for d, n in enumerate(sizes)]), sizes)
        for place, x in zip(places, tensors, strict=True)
    )


def cartesian_prod(*tensors):
    """Every choice of one element from each vector, one a row, the last varying fastest."""
    if len(tensors) == 1:
        if len(tensors[0].shape) != 1:
            raise RuntimeError(f"cartesian_prod: expected vectors, got {describe(tensors[0])}")
        return reshape(tensors[0], tensors[0].shape)
    return stack([ravel(x) for x in meshgrid(*tensors)], 1)


def combinations(input, r=2, with_replacement=False):
    """Every choice of r elements of a vector, one a row, in the order of Python's itertools."""
    if len(input.shape) != 1:
        raise RuntimeError(f"combinations: expected a vector, got shape {list(input.shape)}")
    if r < 0:
        raise RuntimeError(f"combinations: r must be >= 0, got {r}")
    if r == 0:
        return getitem(input, slice(0, 0))
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    rows = list(choose(range(input.shape[0]), r))
    index = np.asarray(rows, dtype=np.int64, like=raw(input))
    return getitem(input, np.reshape(index, (len(rows), r)))


# ---------------------------------------------------------------------------- NumPy's names


def np_stack(arrays, axis=0):
    return stack(arrays, axis)


NUMPY.update({
    np.concatenate: concatenate, np.stack: np_stack, np.hstack: hstack, np.vstack: vstack,
    np.dstack: dstack, np.column_stack: column_stack,
})  # fmt: skip

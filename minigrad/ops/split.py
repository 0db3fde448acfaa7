"""Cutting a tensor up: split, chunk, unbind, select and kin.

Nothing is copied: the pieces are views of what they were cut from.
"""

from __future__ import annotations

import itertools
import operator

import numpy as np

from minigrad.dispatch import NUMPY
from minigrad.graph import op
from minigrad.ops.indexing import embed
from minigrad.ops.places import at, axis

__all__ = [
    "chunk", "dsplit", "hsplit", "narrow", "select", "split", "split_with_sizes", "tensor_split",
    "unbind", "unsafe_chunk", "unsafe_split", "vsplit",
]  # fmt: skip


def cut(x, parts, dim):
    """Value and pullback of cutting x into consecutive pieces: the gradients are joined again."""
    return tuple(x[part] for part in parts), lambda *gs: np.concatenate(gs, axis=dim)


def consecutive(sizes, dim):
    """The indices that cut pieces of these sizes along `dim`."""
    ends = list(itertools.accumulate(sizes))
    return [at(dim, slice(end - n, end)) for n, end in zip(sizes, ends, strict=True)]


@op
def split(tensor, split_size_or_sections, dim=0):
    """A tuple of consecutive pieces along `dim`: each of size n (the last may be smaller), or one
    for every entry of a list of sizes.

    The pieces are views. Gradient: the pieces' gradients joined.
    """
    x, sizes = tensor, split_size_or_sections
    if not x.shape:
        raise RuntimeError("split: expected at least one axis, got a 0-d tensor")
    dim = axis("split", dim, len(x.shape))
    n = x.shape[dim]
    if isinstance(sizes, (tuple, list)):
        sizes = [operator.index(s) for s in sizes]
        if any(s < 0 for s in sizes) or sum(sizes) != n:
            raise RuntimeError(
                f"split: sizes must be >= 0 and sum to {n}, the size of axis {dim}, got {sizes}"
            )
    else:
        size = operator.index(sizes)
        if size < 0 or (size == 0 and n):
            raise RuntimeError(f"split: split_size must be > 0, got {size}")
        sizes = [min(size, n - start) for start in range(0, n, size)] if n else [0]
    return cut(x, consecutive(sizes, dim), dim) if sizes else ((), None)


def split_with_sizes(input, split_sizes, dim=0):
    """split, with a list of sizes."""
    return split(input, list(split_sizes), dim)


unsafe_split = split


def chunk(input, chunks, dim=0):
    """split into at most `chunks` pieces of one size, only the last of which may be smaller."""
    if chunks <= 0:
        raise RuntimeError(f"chunk: chunks must be > 0, got {chunks}")
    if not input.shape:
        raise RuntimeError("chunk: expected at least one axis, got a 0-d tensor")
    n = input.shape[axis("chunk", dim, len(input.shape))]
    return split(input, -(-n // chunks) if n else [0] * chunks, dim)


unsafe_chunk = chunk


@op
def tensor_split(x, indices_or_sections=None, dim=0, *, indices=None, sections=None):
    """Pieces along `dim`: n of them, whose sizes differ by one at most (the larger come first),
    or those between the given indices. Pieces are views. Gradient: put back in place. `indices`
    and `sections` are other names for the one or the other.
    """
    if not x.shape:
        raise RuntimeError("tensor_split: expected at least one axis, got a 0-d tensor")
    dim = axis("tensor_split", dim, len(x.shape))
    given = [w for w in (indices_or_sections, indices, sections) if w is not None]
    if len(given) != 1:
        raise TypeError(
            f"tensor_split: expected indices, or a number of sections; got {len(given)} of them"
        )
    where, n, shape = given[0], x.shape[dim], x.shape
    if hasattr(where, "tolist"):
        where = where.tolist()
    if isinstance(where, int):
        if where <= 0:
            raise RuntimeError(f"tensor_split: the number of sections must be > 0, got {where}")
        small, larger = divmod(n, where)
        return cut(x, consecutive([small + (i < larger) for i in range(where)], dim), dim)
    starts = [operator.index(i) for i in where]
    parts = [at(dim, slice(a, b)) for a, b in zip([0, *starts], [*starts, None], strict=True)]
    # Indices need not be in order: pieces may overlap, and then their gradients add up.
    return tuple(x[part] for part in parts), lambda *gs: sum(
        embed(g, part, shape) for g, part in zip(gs, parts, strict=True)
    )


def split_evenly(name, x, indices_or_sections, dim):
    """tensor_split, where a number of sections must divide the size."""
    n = indices_or_sections
    if isinstance(n, int) and (n <= 0 or x.shape[dim] % n):
        raise RuntimeError(
            f"{name}: axis {dim} of size {x.shape[dim]} does not divide into {n} equal parts; "
            "use tensor_split"
        )
    return tensor_split(x, n, dim)


def hsplit(input, indices_or_sections):
    """tensor_split along the second axis (the first of a vector), into equal parts."""
    if not input.shape:
        raise RuntimeError("hsplit: expected at least one axis, got a 0-d tensor")
    return split_evenly("hsplit", input, indices_or_sections, min(1, len(input.shape) - 1))


def vsplit(input, indices_or_sections):
    """tensor_split along the first axis of a tensor with two or more, into equal parts."""
    if len(input.shape) < 2:
        raise RuntimeError(f"vsplit: expected at least 2 axes, got shape {list(input.shape)}")
    return split_evenly("vsplit", input, indices_or_sections, 0)


def dsplit(input, indices_or_sections):
    """tensor_split along the third axis, into equal parts."""
    if len(input.shape) < 3:
        raise RuntimeError(f"dsplit: expected at least 3 axes, got shape {list(input.shape)}")
    return split_evenly("dsplit", input, indices_or_sections, 2)


@op
def unbind(x, dim=0):
    """A tuple of x[0], x[1], ... along `dim`, without that axis. Views. Gradient: stacked again."""
    if not x.shape:
        raise IndexError(f"unbind: there is no axis {dim} in a 0-d tensor")
    dim = axis("unbind", dim, len(x.shape))
    pieces = tuple(x[at(dim, i)] for i in range(x.shape[dim]))
    return pieces, (lambda *gs: np.stack(gs, axis=dim)) if pieces else None


@op
def select(x, dim, index):
    """x[index] along the axis `dim`, without that axis. A view. Gradient: zeros around g."""
    shape, index = x.shape, operator.index(index)
    if not shape:
        raise IndexError("select: a 0-d tensor has no axis to select from")
    dim = axis("select", dim, len(shape))
    if not -shape[dim] <= index < shape[dim]:
        raise IndexError(
            f"select: index {index} is out of bounds for axis {dim} with size {shape[dim]}"
        )
    part = at(dim, index)
    return x[part], lambda g: embed(g, part, shape)


@op
def narrow(x, dim, start, length):
    """`length` elements from `start` on along the axis `dim`. A view. Gradient: zeros around g."""
    shape, start, length = x.shape, operator.index(start), operator.index(length)
    if not shape:
        raise RuntimeError("narrow: a 0-d tensor has no axis to narrow")
    dim = axis("narrow", dim, len(shape))
    n = shape[dim]
    if not -n <= start <= n:
        raise IndexError(f"narrow: start {start} is out of bounds for axis {dim} with size {n}")
    start = start + n if start < 0 else start
    if length < 0 or start + length > n:
        raise RuntimeError(
            f"narrow: start {start} and length {length} do not fit into axis {dim} of size {n}"
        )
    part = at(dim, slice(start, start + length))
    return x[part], lambda g: embed(g, part, shape)


# ---------------------------------------------------------------------------- NumPy's names


def np_split(x, indices_or_sections, axis=0):
    if isinstance(indices_or_sections, int) and x.shape[axis] % indices_or_sections:
        raise ValueError("array split does not result in an equal division")
    return list(tensor_split(x, indices_or_sections, axis))


def np_array_split(x, indices_or_sections, axis=0):
    return list(tensor_split(x, indices_or_sections, axis))


NUMPY.update({np.split: np_split, np.array_split: np_array_split})

"""Reading at places that are given, x[index] first of all; and writing there."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import ops
from minigrad.graph import wrap
from minigrad.onnx.shapes import picked, slices
from minigrad.onnx.table import translates
from minigrad.ops.indexing import normal


def long(g: Any, index: Any) -> Any:
    """Places as ONNX takes them."""
    return (
        index if index.dtype in (np.int32, np.int64) else g.node("Cast", index, to=np.dtype("i8"))
    )


@translates("getitem")
def getitem(g: Any, x: Any, index: Any) -> Any:
    """What cuts first, then one array of places, or several side by side; last the new axes."""
    parts = list(index) if isinstance(index, tuple) else [index]
    given = sum(part is not None and part is not Ellipsis for part in parts)
    if not any(part is Ellipsis for part in parts):
        parts.append(Ellipsis)
    at = next(i for i, part in enumerate(parts) if part is Ellipsis)
    parts[at : at + 1] = [slice(None)] * (len(x.shape) - given)
    along = [part for part in parts if part is not None]  # one for each axis of x
    places = [i for i, part in enumerate(along) if not isinstance(part, slice)]
    together = not places or places == list(range(places[0], places[-1] + 1))
    if is_mask(along) or not together:
        return picked(g, x, index)

    y = slices(g, x, {i: part for i, part in enumerate(along) if isinstance(part, slice)})
    arrays = [i for i in places if not isinstance(along[i], (int, np.integer))]
    if not arrays:
        for i in reversed(places):
            y = g.node("Gather", y, np.asarray(along[i], np.int64), axis=i)
    elif len(places) == 1:
        y = g.node("Gather", y, long(g, as_array(along[places[0]])), axis=places[0])
    else:
        y = beside_each_other(g, y, along, places)
    return g.node("Reshape", y, g.ints(*g.out.shape)) if any(p is None for p in parts) else y


@translates("index_put")
def index_put(g: Any, x: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
    """Into the elements in a row, at places that are known."""
    if g.depends(indices):
        raise g.error("writing at places that depend on the input")
    places = np.arange(math.prod(x.shape)).reshape(x.shape)[normal(indices)[0]]
    values = values if hasattr(values, "dtype") else wrap(np.asarray(values, x.dtype))
    flat = ops.reshape(ops.broadcast_to(values, places.shape), (-1,))
    y = g.node(
        "ScatterElements", ops.reshape(x, (-1,)), places.reshape(-1), flat,
        reduction="add" if accumulate else None,
    )  # fmt: skip
    return g.node("Reshape", y, g.ints(*x.shape))


@translates("embed")
def embed(g: Any, x: Any, index: Any, shape: Any) -> Any:
    return index_put(g, np.zeros(shape, x.dtype), index, x, True)


def is_mask(along: list) -> bool:
    return any(getattr(part, "dtype", None) == np.bool_ or isinstance(part, bool) for part in along)


def as_array(index: Any) -> Any:
    return np.asarray(index) if isinstance(index, (int, list, np.integer)) else index


def beside_each_other(g: Any, y: Any, along: list, places: list[int]) -> Any:
    """Several arrays of places, of axes that follow each other: as places in these axes as one."""
    first = places[0]
    rest = [i for i in range(len(along)) if i not in places]
    if first:
        y = g.node("Transpose", y, perm=[*places, *rest])
    shape = np.broadcast_shapes(*(np.shape(along[i]) for i in places))
    wide = [g.node("Expand", long(g, as_array(along[i])), g.ints(*shape)) for i in places]
    index = g.node("Concat", *(g.node("Unsqueeze", w, g.ints(-1)) for w in wide), axis=-1)
    y = g.node("GatherND", y, index)
    if not first:
        return y
    n, lead = len(shape), first  # the places' axes go where the first of the old ones was
    ndim = n + len(rest)
    return g.node("Transpose", y, perm=[*range(n, n + lead), *range(n), *range(n + lead, ndim)])


@translates("gather")
def gather(g: Any, x: Any, dim: int, index: Any, *, sparse_grad: bool = False) -> Any:
    """PyTorch lets the index be smaller than x along the other axes, ONNX does not."""
    dim %= len(x.shape)
    cut = {d: slice(n) for d, n in enumerate(index.shape) if d != dim}
    return g.node("GatherElements", slices(g, x, cut), long(g, index), axis=dim)


@translates("index_select")
def index_select(g: Any, x: Any, dim: int, index: Any) -> Any:
    return g.node("Gather", x, long(g, index), axis=dim)


@translates("take")
def take(g: Any, x: Any, index: Any) -> Any:
    return g.node("Gather", ops.reshape(x, (-1,)), long(g, index))


@translates("embedding")
def embedding(g: Any, x: Any, weight: Any, *options: Any) -> Any:
    return g.node("Gather", weight, long(g, x))


@translates("one_hot")
def one_hot(g: Any, tensor: Any, num_classes: int = -1) -> Any:
    return g.node(
        "OneHot", long(g, tensor), np.asarray(g.out.shape[-1], np.int64), np.array([0, 1])
    )


@translates("put_in_planes")
def put_in_planes(g: Any, x: Any, indices: Any, shape: Any) -> Any:
    lead = tuple(x.shape[:2])
    zeros = np.zeros((*lead, int(np.prod(shape))), x.dtype)
    flat = [ops.reshape(part, (*lead, -1)) for part in (x, indices)]
    return g.node(
        "Reshape", g.node("ScatterElements", zeros, flat[1], flat[0], axis=2),
        g.ints(*lead, *shape),
    )  # fmt: skip

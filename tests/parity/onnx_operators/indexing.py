"""Reading and writing at places that are given, and finding places."""

from __future__ import annotations

import minigrad as mg

REDUCTIONS = {"add": "sum", "mul": "prod", "max": "amax", "min": "amin"}


def from_front(index, n):
    """Places that were counted from the end, counted from the front."""
    return mg.where(index < 0, index + n, index)


def slice_(x, starts, ends, axes=None, steps=None):
    axes = list(range(starts.numel())) if axes is None else axes.tolist()
    steps = [1] * len(axes) if steps is None else steps.tolist()
    index = [slice(None)] * x.ndim
    for axis, *part in zip(axes, starts.tolist(), ends.tolist(), steps, strict=True):
        index[axis] = slice(*part)
    return x[tuple(index)]


def scatter_elements(x, index, updates, *, axis=0, reduction="none"):
    index = from_front(index, x.shape[axis])
    if reduction == "none":
        return mg.scatter(x, axis, index, updates)
    return mg.scatter_reduce(x, axis, index, updates, REDUCTIONS[reduction])


def gather_nd(x, index, *, batch_dims=0):
    if batch_dims:
        assert batch_dims == 1
        return mg.stack([gather_nd(*each) for each in zip(x, index, strict=True)])
    return x[index.unbind(-1)]


def scatter_nd(x, index, updates, *, reduction="none"):
    """With a reduction: over the rows of x, as many axes as an index has made one."""
    if reduction == "none":
        return mg.index_put(x, index.unbind(-1), updates)
    lead, rest = x.shape[: index.shape[-1]], x.shape[index.shape[-1] :]
    rows = mg.arange(x.numel()).reshape(x.shape)[index.unbind(-1)]
    flat = mg.scatter_reduce(
        x.reshape(-1), 0, rows.reshape(-1), updates.reshape(-1), REDUCTIONS[reduction]
    )
    return flat.reshape(*lead, *rest)


def one_hot(index, depth, values, *, axis=-1):
    """Places from the end count; where a place is not there, nothing is hot."""
    depth = int(depth)
    hot = from_front(index, depth).unsqueeze(-1) == mg.arange(depth)
    return mg.where(hot, values[1], values[0]).movedim(-1, axis)


def compress(x, condition, *, axis=None):
    x, axis = (x.reshape(-1), 0) if axis is None else (x, axis)
    return mg.index_select(x, axis, mg.nonzero(condition)[:, 0])


def unique(x, *, axis=None, sorted=1):
    """minigrad does not say where each value was first."""
    y, inverse, counts = mg.unique(x, True, True, True, axis)
    return y, None, inverse.reshape(-1), counts


OPERATORS = {
    "Gather": lambda x, index, *, axis=0: x[(*[slice(None)] * axis, index)],
    "GatherElements": lambda x, index, *, axis=0:
        mg.gather(x, axis, from_front(index, x.shape[axis])),
    "GatherND": gather_nd,
    "Scatter": scatter_elements, "ScatterElements": scatter_elements, "ScatterND": scatter_nd,
    "Slice": slice_, "OneHot": one_hot, "Compress": compress, "Unique": unique,
    "NonZero": lambda x: mg.nonzero(x).T,
    "TopK": lambda x, k, *, axis=-1, largest=1, sorted=1:
        tuple(mg.topk(x, int(k), axis, bool(largest), bool(sorted))),
}  # fmt: skip

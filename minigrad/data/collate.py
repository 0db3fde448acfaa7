"""Collating: from a list of samples to one batch."""

from __future__ import annotations

import copy
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

import numpy as np

from minigrad import backend, ops
from minigrad.graph import describe, is_tensor, wrap
from minigrad.tensor import tensor


def default_collate(batch: Sequence[Any]) -> Any:
    """Samples of one form, joined: what is a Tensor in each becomes one with a batch axis in front.

    Tensors and arrays are stacked; ints become an int64 Tensor, floats a float64 one, bools a bool
    one; strings and bytes stay as they are; dicts, namedtuples, tuples and lists are collated part
    by part (tuples and lists become lists).

    Raises RuntimeError where two samples do not fit together, naming them; TypeError for samples
    that it knows nothing of: then give DataLoader a collate_fn.

    >>> default_collate([(1, "one"), (2, "two")])
    [tensor([1, 2]), ('one', 'two')]
    """
    if not len(batch):
        raise ValueError("default_collate: the batch is empty")
    return _collate(batch, "")


def _collate(batch: Sequence[Any], place: str) -> Any:
    first = batch[0]
    if _is_numeric(first):
        return _stack(batch, place)
    if isinstance(first, (bool, int, float)):
        _check_all(batch, place, lambda x: isinstance(x, (bool, int, float)))
        return tensor(list(batch), dtype=np.float64 if isinstance(first, float) else None)
    if isinstance(first, (str, bytes)):
        return batch
    if isinstance(first, Mapping):
        _check_all(batch, place, lambda x: isinstance(x, Mapping) and first.keys() <= x.keys())
        parts = {k: _collate([x[k] for x in batch], f"{place}[{k!r}]") for k in first}
        if not isinstance(first, MutableMapping):
            return parts
        joined = copy.copy(first)  # a subclass of dict stays one, with what else it holds
        joined.update(parts)
        return joined
    if isinstance(first, Sequence):
        _check_all(batch, place, lambda x: isinstance(x, Sequence) and len(x) == len(first))
        columns = zip(*batch, strict=True)
        parts = [_collate(column, f"{place}[{i}]") for i, column in enumerate(columns)]
        return type(first)(*parts) if hasattr(first, "_fields") else parts
    raise TypeError(
        f"default_collate: {_where(place)}expected Tensors, arrays, numbers, strings, dicts, "
        f"tuples or lists, got {type(first).__name__}; give DataLoader a collate_fn for them"
    )


def _is_numeric(x: Any) -> bool:
    """True for what has a dtype of numbers: Tensors, arrays, NumPy's scalars."""
    return hasattr(x, "dtype") and getattr(x.dtype, "kind", "O") in "biufc"


def _stack(batch: Sequence[Any], place: str) -> Any:
    shape = batch[0].shape
    _check_all(batch, place, lambda x: _is_numeric(x) and x.shape == shape)
    arrays = [x if is_tensor(x) else wrap(x) for x in batch]
    return ops.stack(arrays)


def _check_all(batch: Sequence[Any], place: str, fits: Any) -> None:
    for i, x in enumerate(batch):
        if not fits(x):
            raise RuntimeError(
                f"default_collate: {_where(place)}sample 0 of the batch is {_form(batch[0])}, but "
                f"sample {i} is {_form(x)}; make them alike, or give DataLoader a collate_fn"
            )


def _where(place: str) -> str:
    return f"at sample{place}: " if place else ""


def _form(x: Any) -> str:
    if isinstance(x, Mapping):
        return f"a {type(x).__name__} with the keys {list(x)}"
    if isinstance(x, Sequence) and not isinstance(x, (str, bytes)):
        return f"a {type(x).__name__} of {len(x)}"
    return describe(x)


def default_convert(x: Any) -> Any:
    """A sample as it is, with the arrays in it turned into Tensors: for loading without batches."""
    if is_tensor(x) or isinstance(x, (str, bytes)):
        return x
    if _is_numeric(x):
        return wrap(x if backend.is_array(x) else np.asarray(x))
    if isinstance(x, Mapping):
        return {k: default_convert(v) for k, v in x.items()}
    if isinstance(x, Sequence):
        parts = [default_convert(v) for v in x]
        return type(x)(*parts) if hasattr(x, "_fields") else parts
    return x

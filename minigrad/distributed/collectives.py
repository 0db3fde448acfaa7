"""PyTorch's functions of Tensors and objects that all ranks call together.

Every rank has to call the same functions in the same order, with arrays of the same shapes.
"""

from __future__ import annotations

import enum
from typing import Any

import numpy as np

from minigrad.distributed.group import world
from minigrad.graph import Value, describe
from minigrad.inplace import note_write


class ReduceOp(enum.Enum):
    """What `all_reduce` makes of the ranks' numbers; AVG is their mean."""

    SUM = "sum"
    AVG = "avg"
    PRODUCT = "product"
    MIN = "min"
    MAX = "max"


class Work:
    """A message that is on its way: `wait()` until it has arrived."""

    def __init__(self, request: Any, arrive: Any):
        self._request, self._arrive = request, arrive

    def is_completed(self) -> bool:
        return self._request is None or bool(self._request.Test())

    def wait(self) -> bool:
        if self._arrive is not None:
            if self._request is not None:
                self._request.Wait()
            self._arrive()
            self._request = self._arrive = None
        return True


def all_reduce(tensor: Any, op: ReduceOp = ReduceOp.SUM, async_op: bool = False) -> Work | None:
    """Put the sum of the ranks' tensors (or what `op` says) into the tensor of every rank.

    tensor: of the same shape and dtype on all ranks; changed in place, outside of any graph.
    async_op: return at once a `Work`, and do not touch the tensor before its `wait()`. Raises
    TypeError for what is no Tensor.

    >>> import minigrad as mg
    >>> x = mg.ones(2)
    >>> all_reduce(x)  # of one rank
    >>> x
    tensor([1., 1.])
    """
    array = array_of(tensor, "all_reduce")
    ranks = world()
    mean = op is ReduceOp.AVG
    if mean and array.dtype.kind not in "fc":
        raise TypeError(f"all_reduce: the mean of {array.dtype} is no {array.dtype}; use SUM")
    # MPI knows no float16, and wants its numbers in one piece.
    short = array.dtype.kind == "f" and array.dtype.itemsize < 4
    sent = array.astype(np.float32 if short else array.dtype, order="C", copy=False)

    def arrive() -> None:
        array[...] = sent / ranks.size if mean else sent
        note_write(array)

    work = Work(ranks.start_reduce(sent, "sum" if mean else op.value), arrive)
    if async_op:
        return work
    work.wait()
    return None


def broadcast(tensor: Any, src: int = 0) -> None:
    """Put the tensor of rank src into that of every rank, in place; shapes and dtypes are equal."""
    array = array_of(tensor, "broadcast")
    ranks = world()
    if not 0 <= src < ranks.size:
        raise ValueError(f"broadcast: expected a rank from 0 to {ranks.size - 1}, got src={src}")
    sent = array.astype(array.dtype, order="C", copy=False)  # in one piece
    ranks.broadcast(sent, src)
    if sent is not array:
        array[...] = sent
    note_write(array)


def barrier() -> None:
    """Wait until every rank is here."""
    world().barrier()


def all_gather_object(object_list: list, obj: Any) -> None:
    """Fill object_list, which has a place for every rank, with everybody's obj.

    >>> everybody = [None] * 1
    >>> all_gather_object(everybody, {"samples": 3})
    >>> everybody
    [{'samples': 3}]
    """
    ranks = world()
    if len(object_list) != ranks.size:
        raise ValueError(
            f"all_gather_object: expected a list with a place for each of {ranks.size} ranks, got "
            f"one of {len(object_list)}"
        )
    object_list[:] = ranks.gather_objects(obj)


def broadcast_object_list(object_list: list, src: int = 0) -> None:
    """Replace what is in the list by what is in that of rank src."""
    object_list[:] = world().broadcast_object(object_list, src)


def array_of(x: Any, name: str) -> Any:
    if not isinstance(x, Value):
        raise TypeError(f"{name}: expected a Tensor, got {describe(x)}")
    return x.array

"""Data parallelism: the same model on every rank, each with its own part of the batch."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from minigrad.distributed.collectives import broadcast
from minigrad.distributed.group import world
from minigrad.distributed.reducer import Reducer
from minigrad.graph import describe
from minigrad.nn import Module


class DistributedDataParallel(Module):
    """The model, whose gradients after backward are the mean of those of all ranks.

    So with equal parts of a batch on the ranks, and a loss that is a mean, every rank makes the
    step that one process would make with the whole batch. Parameters and buffers start as those of
    rank 0. A parameter that got no gradient on some ranks counts as zero there; if it got none on
    any, its `.grad` stays as it is.

    bucket_cap_mb: how many megabytes of gradients travel together. broadcast_buffers: give every
    rank the buffers of rank 0 before each forward in training mode (the running statistics of batch
    normalization; the batch's own mean and variance are those of the rank's part of the batch, as
    in PyTorch). device_ids and find_unused_parameters are accepted for PyTorch's sake: a Tensor
    knows its device, and unused parameters do no harm.

    As in PyTorch the model is `.module`, and the keys of `state_dict()` begin with "module.": save
    `model.module.state_dict()`. Raises RuntimeError if the ranks have different models.

    Li et al. 2020, "PyTorch Distributed: Experiences on Accelerating Data Parallel Training".

    >>> import minigrad as mg
    >>> model = DistributedDataParallel(mg.nn.Linear(2, 1))
    >>> list(model.state_dict())
    ['module.weight', 'module.bias']
    """

    def __init__(
        self,
        module: Module,
        *,
        device_ids: Any = None,
        broadcast_buffers: bool = True,
        bucket_cap_mb: float = 25.0,
        find_unused_parameters: bool = False,
    ):
        super().__init__()
        if not bucket_cap_mb > 0:
            raise ValueError(
                f"DistributedDataParallel: expected bucket_cap_mb > 0, got {bucket_cap_mb}"
            )
        self.module = module
        self.broadcast_buffers = broadcast_buffers
        start_alike(module)
        self.reducer = Reducer(module.parameters(), world(), bucket_cap_mb)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        if self.broadcast_buffers and self.training:
            share_buffers(self.module)
        return self.module(*args, **kwargs)

    def no_sync(self) -> AbstractContextManager[None]:
        """Inside, gradients add up on each rank alone, to accumulate those of several batches; the
        next backward outside sends their sums."""
        return self.reducer.no_sync()


def start_alike(module: Module) -> None:
    """Give every rank the parameters and buffers of rank 0, after a look at whether they fit."""
    tensors = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    mine = {name: describe(t) for name, t in tensors.items()}
    theirs = world().broadcast_object(mine, 0)
    names = [n for n in [*theirs, *mine] if mine.get(n) != theirs.get(n)]
    complaint = None
    if names or list(mine) != list(theirs):
        name = names[0] if names else "the order of its parameters"
        complaint = f"{name} is {mine.get(name)} on rank {world().rank}, {theirs.get(name)} on 0"
    complaint = next(filter(None, world().gather_objects(complaint)), None)
    if complaint is not None:  # on every rank, so that none waits for the others
        raise RuntimeError(
            f"DistributedDataParallel: the ranks have different models: {complaint}. Build the "
            "same one on every rank"
        )
    for t in tensors.values():
        broadcast(t)


def share_buffers(module: Module) -> None:
    if world().size > 1:
        for buffer in module.buffers():
            broadcast(buffer)

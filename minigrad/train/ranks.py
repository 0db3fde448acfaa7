"""A run on several ranks (`mpiexec -n 4 ...`): who learns from what, and what they add up.

All ranks read the same batches, in the same order, since the random state and the loader's are
those of rank 0 at the start; of each batch a rank takes its part. So the run makes the steps that
one process would make. Reading is not shared, then; a loader whose sampler is a DistributedSampler
reads only what is its rank's, batch_size samples at a time on each rank.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad import random as rng
from minigrad.data import DistributedSampler
from minigrad.distributed.data_parallel import share_buffers, start_alike
from minigrad.distributed.group import world
from minigrad.distributed.reducer import Reducer

if TYPE_CHECKING:
    from minigrad.train.run import Run


class Together:
    """What a run has only if there are several ranks."""

    def __init__(self, run: Run):
        start_alike(run.model)
        rng.set_rng_state(world().broadcast_object(rng.get_rng_state(), 0))
        loader: Any = run.loader
        if hasattr(loader, "state_dict"):
            loader.load_state_dict(world().broadcast_object(loader.state_dict(), 0))
        learned = [p for group in run.optimizer.param_groups for p in group["params"]]
        self.reducer = Reducer([*run.model.parameters(), *learned], world())
        self.sent = True  # whether .grad is already the mean over the ranks
        self.sums: list = []  # (samples, sums) of each rank, for a checkpoint

    def backward(self, loss: Any, last: bool) -> None:
        """last: of the batches whose gradients are added up; only then they are sent."""
        with self.reducer.no_sync(not last):
            loss.backward()
        self.sent = last

    def synchronize(self) -> None:
        """See that gradients have been sent."""
        if not self.sent:
            self.reducer.synchronize()
        self.sent = True


def numbers_of_rank(run: Run) -> contextlib.AbstractContextManager[None]:
    """Inside, a rank draws random numbers of its own (dropout), the same whenever it comes here.

    The generator that all ranks have in common stands still, and with it the loader's order.
    """
    if run.together is None:
        return contextlib.nullcontext()
    place = (run.epoch, run.steps, run.waiting, world().rank)
    seed = np.random.SeedSequence([rng.initial_seed() % 2**64, *place])
    return rng.using(int(seed.generate_state(1, np.uint64)[0]))


def parts(run: Run) -> Iterator[tuple[Any, int | None, float]]:
    """For each batch what `Run.learn` takes: this rank's part, its samples, their weight."""
    ranks = world()
    if ranks.size == 1:
        yield from ((batch, None, 1.0) for batch in run.loader)
        return
    check_lengths(run.loader)
    if is_shared(run.loader):
        run.loader.sampler.set_epoch(run.epoch)  # type: ignore[attr-defined]
        yield from ((batch, None, 1.0) for batch in run.loader)
        return
    for batch in run.loader:
        n = size_of(batch)
        start, stop = (n * r // ranks.size for r in (ranks.rank, ranks.rank + 1))
        own = stop - start
        if own == 0:  # fewer samples than ranks: it looks at one that counts for nothing
            start, stop = max(start - 1, 0), max(start, 1)
        yield cut(batch, slice(start, stop), n), own, own * ranks.size / n


def in_turn(loader: Iterable) -> Iterable:
    """The batches that this rank evaluates: every size-th of all, or all of a loader of its own."""
    ranks = world()
    if ranks.size == 1 or is_shared(loader):
        return loader
    return (batch for i, batch in enumerate(loader) if i % ranks.size == ranks.rank)


def is_shared(loader: Any) -> bool:
    """Whether the loader reads only what is this rank's."""
    return isinstance(getattr(loader, "sampler", None), DistributedSampler)


def check_lengths(loader: Any) -> None:
    lengths = world().gather_objects(len(loader) if hasattr(loader, "__len__") else None)
    if len(set(lengths)) > 1:
        raise ValueError(
            f"fit: the loader has {', '.join(map(str, lengths))} batches on ranks 0, 1, ...; it "
            "must have as many on each, or some would wait for the others forever. Give all ranks "
            "the same loader, or one with a DistributedSampler"
        )


def finish_epoch(run: Run) -> None:
    """What ranks tell each other at the end of an epoch: their sums, and the buffers of rank 0."""
    if run.together is not None:
        run.samples, run.sums = total(run.samples, run.sums)
        share_buffers(run.model)


def total(samples: int, sums: dict[str, float]) -> tuple[int, dict[str, float]]:
    """The same of all ranks together, on every rank, in one order: so to the same bits."""
    return add_up(world().gather_objects((samples, sums)))


def add_up(ranks: list[tuple[int, dict[str, float]]]) -> tuple[int, dict[str, float]]:
    found: dict[str, float] = {}
    for _, sums in ranks:
        for name, value in sums.items():
            found[name] = found.get(name, 0.0) + value
    return sum(samples for samples, _ in ranks), found


# ---------------------------------------------------------------------------- batches


def size_of(batch: Any) -> int:
    """How many samples a batch has: the length of the first array in it."""
    while isinstance(batch, (list, tuple, Mapping)):
        if not batch:
            raise ValueError("fit: got an empty batch")
        batch = next(iter(batch.values())) if isinstance(batch, Mapping) else batch[0]
    return len(batch) if getattr(batch, "ndim", 1) else 1


def cut(batch: Any, part: slice, n: int) -> Any:
    """These samples of a batch of n: of every array in it, along its first axis.

    >>> cut({"x": np.arange(6).reshape(3, 2), "y": ["a", "b", "c"]}, slice(1, 3), 3)
    {'x': array([[2, 3],
           [4, 5]]), 'y': ['b', 'c']}
    """
    if isinstance(batch, Mapping):
        return {name: cut(value, part, n) for name, value in batch.items()}
    if isinstance(batch, (list, tuple)):
        if all(isinstance(x, (str, bytes, int, float)) for x in batch):
            return batch[part] if len(batch) == n else batch
        cuts = [cut(x, part, n) for x in batch]
        return type(batch)(*cuts) if hasattr(batch, "_fields") else type(batch)(cuts)
    if not getattr(batch, "ndim", 0):
        return batch
    if len(batch) != n:
        raise ValueError(
            f"fit: cannot share a batch among {world().size} ranks: it has {n} samples, and an "
            f"array of shape {tuple(batch.shape)} in it. Give the loader a DistributedSampler, "
            "which reads for each rank what is its own"
        )
    return batch[part]

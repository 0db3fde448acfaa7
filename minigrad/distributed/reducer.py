"""The mean of the gradients over all ranks, computed while backward goes on.

As soon as the gradients of a bucket are known they leave; at the end of backward all have arrived.
MPI moves data only while it is called, unless it has a thread for that (MPICH:
MPICH_ASYNC_PROGRESS=1, which takes a processor core): so every gradient that arrives gives it a
push.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

from minigrad import backend, hooks
from minigrad.distributed.buckets import Bucket, plan


class Reducer:
    """Makes every backward leave in `.grad` of the parameters the mean over all ranks.

    parameters: the same, in the same order, on every rank. Every rank has to run as many backwards
    as the others. `close()` ends it.
    """

    def __init__(self, parameters: Iterable, ranks: Any, bucket_cap_mb: float = 25.0):
        parameters = [p for p in dict.fromkeys(parameters) if p.requires_grad]
        self.ranks = ranks
        self.syncing = True
        self.buckets = [
            Bucket([parameters[i] for i in numbers])
            for numbers in plan(
                [p.array.nbytes for p in parameters],
                [(p.dtype, backend.device_of(p.array)) for p in parameters],
                bucket_cap_mb,
            )
        ]
        self.next = 0  # the first bucket that has not left
        self.endings: Any = None  # of the backward pass that is running
        self.handles = [
            p.register_post_accumulate_grad_hook(lambda _, b=bucket, i=i: self.received(b, i))
            for bucket in self.buckets
            for i, p in enumerate(bucket.parameters)
        ]

    def received(self, bucket: Bucket, i: int) -> None:
        """Called by backward when the gradient of a parameter is known."""
        if not self.syncing:
            return
        if self.endings is not hooks.endings():
            self.begin()
            self.endings = hooks.endings()
            self.endings.append(self.finish)
        bucket.put(i)
        # In the same order on all ranks, whatever the order in which gradients become known.
        while self.next < len(self.buckets) and not self.buckets[self.next].missing:
            self.buckets[self.next].leave(self.ranks)
            self.next += 1
        for sent in self.buckets[: self.next]:
            if sent.request is not None:
                sent.request.Test()

    def begin(self) -> None:
        self.next = 0
        for bucket in self.buckets:
            bucket.missing = set(range(len(bucket.parameters)))

    def finish(self) -> None:
        """The gradients that did not come are zeros, or what .grad has of backwards before."""
        for bucket in self.buckets[self.next :]:
            for i in sorted(bucket.missing):
                bucket.put(i)
            bucket.leave(self.ranks)
        for bucket in self.buckets:
            bucket.arrive(self.ranks.size)
        self.next, self.endings = 0, None

    def synchronize(self) -> None:
        """Put the mean over all ranks into .grad now, outside of backward."""
        self.begin()
        self.finish()

    @contextlib.contextmanager
    def no_sync(self, off: bool = True) -> Iterator[None]:
        """Inside, gradients add up on each rank alone; the next backward outside sends them all."""
        before, self.syncing = self.syncing, self.syncing and not off
        try:
            yield
        finally:
            self.syncing = before

    def close(self) -> None:
        for handle in self.handles:
            handle.remove()

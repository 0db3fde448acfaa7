"""Buckets: gradients that travel together, since one long message is faster than many short ones.

Li et al. 2020, "PyTorch Distributed: Experiences on Accelerating Data Parallel Training", 3.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.graph import wrap
from minigrad.inplace import note_write

MB = 2**20
FIRST_MB = 1.0  # the first bucket is small: the sooner it leaves, the more it overlaps backward


def plan(
    nbytes: Sequence[int], kinds: Sequence[Any], cap_mb: float, first_mb: float = FIRST_MB
) -> list[list[int]]:
    """Which parameters share a bucket, by number: the last ones first, as backward comes to them.

    nbytes, kinds: how large each parameter is, and with which others it can share (its dtype and
    device). No bucket has more than cap_mb megabytes, the first no more than first_mb, unless it
    is a single parameter that has more.

    >>> plan([MB, MB, MB, MB], "aaaa", cap_mb=2)
    [[3], [2, 1], [0]]
    """
    buckets: list[list[int]] = []
    filling: dict[Any, list[int]] = {}
    limit = min(first_mb, cap_mb) * MB
    for i in reversed(range(len(nbytes))):
        bucket = filling.get(kinds[i])
        if bucket is None or sum(nbytes[j] for j in bucket) + nbytes[i] > limit:
            if bucket is not None:
                limit = cap_mb * MB
            filling[kinds[i]] = bucket = []
            buckets.append(bucket)
        bucket.append(i)
    # A bucket is complete with its last parameter; the one that is first complete goes first.
    return sorted(buckets, key=lambda bucket: -bucket[-1])


class Bucket:
    """One array with room for the gradients of several parameters, one after the other.

    At its end stands, for each parameter, a 1 if it has a gradient on this rank: after summing up,
    on how many ranks. So a gradient that nobody has stays None, and one that some lack is zeros
    there.
    """

    def __init__(self, parameters: list):
        self.parameters = parameters
        like = parameters[0].array
        # MPI knows no float16; and sums of 2 bytes would be rounded too much.
        dtype = np.float32 if like.dtype.itemsize < 4 else like.dtype
        ends = np.cumsum([p.array.size for p in parameters]).tolist()
        self.flat = np.zeros_like(like, shape=ends[-1] + len(parameters), dtype=dtype)
        starts = [0, *ends[:-1]]
        self.parts = [
            self.flat[start:end].reshape(p.shape)
            for start, end, p in zip(starts, ends, parameters, strict=True)
        ]
        self.present = self.flat[ends[-1] :]
        self.missing = set(range(len(parameters)))  # whose gradient is not in it yet
        self.request: Any = None

    def put(self, i: int) -> None:
        """Copy the gradient of the parameter number i, if it has one."""
        g = self.parameters[i].grad
        if g is not None and g.requires_grad:
            raise RuntimeError(
                "DistributedDataParallel: a gradient with a graph (create_graph=True) would lose "
                "it on its way to the other ranks; take it within no_sync(), or with autograd.grad"
            )
        self.missing.discard(i)
        self.present[i] = g is not None
        self.parts[i][...] = 0 if g is None else g.array

    def leave(self, ranks: Any) -> None:
        """Begin to sum it up over all ranks."""
        self.request = ranks.start_reduce(self.flat, "sum")

    def arrive(self, size: int) -> None:
        """Wait for the sums; the gradients become their means."""
        if self.request is not None:
            self.request.Wait()
        present = self.present.tolist()
        for i, (p, part) in enumerate(zip(self.parameters, self.parts, strict=True)):
            if not present[i]:
                continue
            if p.grad is None:
                p.grad = wrap((part / size).astype(p.dtype))
            else:
                np.divide(part, size, out=p.grad.array)
                note_write(p.grad.array)
        self.missing = set(range(len(self.parameters)))
        self.request = None

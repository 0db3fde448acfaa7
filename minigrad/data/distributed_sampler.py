"""A sampler for several processes: every rank draws its own part of the dataset."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sized

import numpy as np

from minigrad import random as rng
from minigrad.data.sampler import Sampler
from minigrad.distributed.group import get_rank, get_world_size


class DistributedSampler(Sampler):
    """Of an order that all ranks have in common, the indices number rank, rank + num_replicas,
    rank + 2 * num_replicas, ...

    num_replicas, rank: those of this run (`minigrad.distributed`) if not given. shuffle: the order
    is random, from seed + epoch; so call `set_epoch(epoch)` before each epoch, as
    `minigrad.train.fit` does, or it is the same in all of them. All ranks draw equally many
    indices: with drop_last the tail of the order is left out, otherwise its beginning comes once
    more. Raises ValueError for a rank that is none.

    >>> list(DistributedSampler(range(5), num_replicas=2, rank=1, shuffle=False))
    [1, 3, 0]
    """

    def __init__(
        self,
        dataset: Sized,
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
    ):
        self.num_replicas = get_world_size() if num_replicas is None else num_replicas
        self.rank = get_rank() if rank is None else rank
        if not 0 <= self.rank < self.num_replicas:
            raise ValueError(
                f"DistributedSampler: expected a rank from 0 to {self.num_replicas - 1}, "
                f"num_replicas - 1; got rank={self.rank}"
            )
        self.dataset, self.shuffle, self.seed, self.drop_last = dataset, shuffle, seed, drop_last
        self.epoch = 0
        n = len(dataset)
        if drop_last and n % self.num_replicas:
            self.num_samples = math.ceil((n - self.num_replicas) / self.num_replicas)
        else:
            self.num_samples = math.ceil(n / self.num_replicas)
        self.total_size = self.num_samples * self.num_replicas

    def __iter__(self) -> Iterator[int]:
        order = np.arange(len(self.dataset))
        if self.shuffle:
            generator = rng.Generator().manual_seed(self.seed + self.epoch)
            order = rng.permutation(len(order), generator=generator)
        order = np.resize(order, self.total_size)  # cut off, or begun again
        return iter(order[self.rank :: self.num_replicas].tolist())

    def __len__(self) -> int:
        return self.num_samples

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of this epoch, on every rank."""
        self.epoch = epoch

    def state_dict(self) -> dict:
        return {"epoch": self.epoch}

    def load_state_dict(self, state: dict) -> None:
        self.epoch = state["epoch"]

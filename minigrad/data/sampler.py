"""Samplers: in which order the samples of a dataset are visited.

A random sampler draws its whole order when iteration begins. What else is drawn from the same
generator in the meantime (dropout, say) does not change it, nor does how far workers read ahead.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence, Sized
from typing import Any

import numpy as np

from minigrad import random as rng
from minigrad.graph import is_tensor


class Sampler:
    """An iterable of indices; subclasses define `__iter__`, and `__len__` where it is known."""

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} must define __iter__(self)")


class SequentialSampler(Sampler):
    """0, 1, 2, ...

    >>> list(SequentialSampler("abc"))
    [0, 1, 2]
    """

    def __init__(self, data_source: Sized):
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler):
    """Every index once, in random order; or, with replacement, each one drawn independently.

    num_samples: how many to draw, as many as there are by default; more than there are without
    replacement means one random order after another.
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: rng.Generator | None = None,
    ):
        if not isinstance(replacement, bool):
            raise TypeError(f"RandomSampler: expected replacement True or False, got {replacement}")
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = generator
        if num_samples is not None:
            _check_positive("RandomSampler", "num_samples", num_samples)
        elif not len(data_source):
            raise ValueError("RandomSampler: the dataset is empty, there is nothing to draw from")

    @property
    def num_samples(self) -> int:
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        n, wanted = len(self.data_source), self.num_samples
        if self.replacement:
            drawn = rng.integers(0, n, (wanted,), generator=self.generator)
        else:
            rounds = -(-wanted // n)
            orders = [rng.permutation(n, generator=self.generator) for _ in range(rounds)]
            drawn = np.concatenate(orders)[:wanted]
        return iter(drawn.tolist())

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler):
    """The given indices, each once, in random order."""

    def __init__(self, indices: Sequence[int], generator: rng.Generator | None = None):
        self.indices = indices
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        order = rng.permutation(len(self.indices), generator=self.generator).tolist()
        return iter([self.indices[i] for i in order])

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler):
    """Index i with a probability in proportion to weights[i]; for classes of unequal size, say.

    weights need not sum to 1. Without replacement, an index that was drawn is out: the i with the
    num_samples smallest e_i / weights[i], e_i exponential numbers, are such a draw, in order
    (Efraimidis and Spirakis 2006, "Weighted random sampling with a reservoir").

    >>> list(WeightedRandomSampler([0.0, 1.0, 0.0], 3))
    [1, 1, 1]
    """

    def __init__(
        self,
        weights: Any,
        num_samples: int,
        replacement: bool = True,
        generator: rng.Generator | None = None,
    ):
        _check_positive("WeightedRandomSampler", "num_samples", num_samples)
        if not isinstance(replacement, bool):
            raise ValueError(
                f"WeightedRandomSampler: expected replacement True or False, got {replacement}"
            )
        self.weights = np.array(weights.array if is_tensor(weights) else weights, dtype=np.float64)
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator
        w = self.weights
        if w.ndim != 1:
            raise ValueError(
                f"WeightedRandomSampler: expected a list of weights, got shape {list(w.shape)}"
            )
        if not (np.isfinite(w).all() and (w >= 0).all() and w.any()):
            raise ValueError(
                "WeightedRandomSampler: expected finite weights >= 0, and one > 0 at least, got "
                f"{np.array2string(w, threshold=8)}"
            )
        if not replacement and num_samples > np.count_nonzero(w):
            raise ValueError(
                f"WeightedRandomSampler: cannot draw {num_samples} of the "
                f"{np.count_nonzero(w)} indices with a weight above 0 without replacement"
            )

    def __iter__(self) -> Iterator[int]:
        w = self.weights
        if self.replacement:
            u = rng.uniform((self.num_samples,), dtype=np.float64, generator=self.generator)
            ends = np.cumsum(w)
            # u < 1, but u times a sum of tiny weights can round up to the sum, past the last index.
            drawn = np.searchsorted(ends, u * ends[-1], side="right")
            drawn = np.minimum(drawn, np.flatnonzero(w)[-1])
        else:
            positive = np.flatnonzero(w)
            u = rng.uniform(positive.shape, dtype=np.float64, generator=self.generator)
            keys = -np.log1p(-u) / w[positive]
            drawn = positive[np.argsort(keys, kind="stable")[: self.num_samples]]
        return iter(drawn.tolist())

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler):
    """Lists of batch_size indices from another sampler; drop_last: without a shorter last one.

    >>> list(BatchSampler(range(5), batch_size=2, drop_last=False))
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Iterable[Any], batch_size: int, drop_last: bool):
        _check_positive("BatchSampler", "batch_size", batch_size)
        if not isinstance(drop_last, bool):
            raise ValueError(f"BatchSampler: expected drop_last True or False, got {drop_last}")
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list]:
        indices = iter(self.sampler)
        while batch := list(itertools.islice(indices, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        n = len(self.sampler)  # type: ignore[arg-type]
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)


def _check_positive(who: str, name: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ValueError(f"{who}: expected {name} to be an integer above 0, got {value!r}")

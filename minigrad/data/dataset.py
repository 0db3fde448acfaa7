"""Datasets: what has a length and gives the i-th sample, and how they are joined and split."""

from __future__ import annotations

import bisect
import itertools
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from minigrad import backend
from minigrad import random as rng
from minigrad.graph import is_tensor, wrap


class Dataset:
    """A map from indices to samples: subclasses define `__getitem__` and `__len__`.

    A subclass may also define `__getitems__(indices)`, which returns a list of samples: DataLoader
    then asks for a whole batch at once.
    """

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__(self, index)")

    def __add__(self, other: Dataset) -> Dataset:
        return ConcatDataset([self, other])


class IterableDataset(Dataset):
    """A stream of samples, for data that has no index: subclasses define `__iter__`."""

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} must define __iter__(self)")

    def __add__(self, other: Dataset) -> Dataset:
        return ChainDataset([self, other])


class TensorDataset(Dataset):
    """Samples are the rows of Tensors of equal length: `dataset[i] == (x[i], y[i])`.

    Arrays are taken too; their memory is shared, not copied.

    >>> import minigrad as mg
    >>> dataset = TensorDataset(mg.tensor([[1.0, 2.0], [3.0, 4.0]]), mg.tensor([0, 1]))
    >>> dataset[1]
    (tensor([3., 4.]), tensor(1))
    """

    def __init__(self, *tensors: Any):
        if not tensors:
            raise ValueError("TensorDataset: expected at least one Tensor, got none")
        self.tensors = tuple(_as_tensor(t) for t in tensors)
        shapes = [list(t.shape) for t in self.tensors]
        if any(not shape or shape[0] != shapes[0][0] for shape in shapes):
            raise ValueError(
                "TensorDataset: the Tensors must have equally many rows (the size of dim 0), "
                f"got shapes {', '.join(map(str, shapes))}"
            )

    def __getitem__(self, index: Any) -> tuple:
        return tuple(t[index] for t in self.tensors)

    def __len__(self) -> int:
        return self.tensors[0].shape[0]

    def __getbatch__(self, indices: Any) -> list:
        """The samples at `indices`, collated: one read for each Tensor."""
        indices = list(indices)  # from Python's numbers an index is made where the Tensor is
        return [t[np.asarray(indices, dtype=np.int64, like=t.array)] for t in self.tensors]


def _as_tensor(x: Any) -> Any:
    return x if is_tensor(x) else wrap(x if backend.is_array(x) else np.asarray(x))


class StackDataset(Dataset):
    """Datasets of equal length side by side: samples are tuples, or dicts for keywords.

    >>> StackDataset(image="ab", label=[0, 1])[1]
    {'image': 'b', 'label': 1}
    """

    def __init__(self, *args: Any, **kwargs: Any):
        if bool(args) == bool(kwargs):
            raise ValueError(
                "StackDataset: expected datasets either by position or by keyword, got "
                + ("both" if args else "none")
            )
        self.datasets: Any = args or kwargs
        lengths = [len(d) for d in args or kwargs.values()]
        if len(set(lengths)) > 1:
            raise ValueError(f"StackDataset: the datasets must be equally long, got {lengths}")
        self._length = lengths[0]

    def __getitem__(self, index: Any) -> Any:
        if isinstance(self.datasets, dict):
            return {name: d[index] for name, d in self.datasets.items()}
        return tuple(d[index] for d in self.datasets)

    def __len__(self) -> int:
        return self._length


class ConcatDataset(Dataset):
    """Datasets one after the other; `a + b` makes one.

    >>> joined = ConcatDataset(["ab", "cde"])
    >>> len(joined), joined[2], joined[-1]
    (5, 'c', 'e')
    """

    def __init__(self, datasets: Iterable[Any]):
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("ConcatDataset: expected at least one dataset, got none")
        for d in self.datasets:
            if isinstance(d, IterableDataset):
                raise TypeError(
                    f"ConcatDataset: {type(d).__name__} is a stream without indices; "
                    "use ChainDataset"
                )
        self.cumulative_sizes = list(itertools.accumulate(len(d) for d in self.datasets))

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: int) -> Any:
        if not -len(self) <= index < len(self):
            raise IndexError(
                f"ConcatDataset: index {index} is out of range for {len(self)} samples"
            )
        index %= len(self)
        which = bisect.bisect_right(self.cumulative_sizes, index)
        before = self.cumulative_sizes[which - 1] if which else 0
        return self.datasets[which][index - before]


class ChainDataset(IterableDataset):
    """Streams one after the other; `a + b` of two IterableDatasets makes one."""

    def __init__(self, datasets: Iterable[Any]):
        self.datasets = datasets

    def __iter__(self) -> Iterator[Any]:
        for d in self.datasets:
            if not isinstance(d, IterableDataset):
                raise TypeError(
                    f"ChainDataset: expected IterableDatasets, got a {type(d).__name__}"
                )
            yield from d

    def __len__(self) -> int:
        return sum(len(d) for d in self.datasets)  # type: ignore[arg-type]


class Subset(Dataset):
    """The samples of a dataset at the given indices.

    >>> list(Subset("abcdef", [1, 3]))
    ['b', 'd']
    """

    def __init__(self, dataset: Any, indices: Sequence[int]):
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]
        return self.dataset[self.indices[index]]

    def __len__(self) -> int:
        return len(self.indices)


def batch_reader(dataset: Any, collate_fn: Callable, joined: bool) -> Callable | None:
    """A function from indices to their batch, for a dataset that need not be read sample by
    sample; None for any other.

    Such a dataset has `__getitems__`, which returns a list of samples for collate_fn; or
    `__getbatch__`, which returns them joined already, for use if `joined`: that is what collate_fn
    would do. A subclass that redefines only `__getitem__` is not read past it.
    """
    cls = type(dataset)
    if hasattr(dataset, "__getitems__"):
        return lambda indices: collate_fn(dataset.__getitems__(indices))
    if issubclass(cls, Subset) and cls.__getitem__ is Subset.__getitem__:
        read = batch_reader(dataset.dataset, collate_fn, joined)
        return read and (lambda indices: read([dataset.indices[i] for i in indices]))
    owner = next((c for c in cls.__mro__ if "__getbatch__" in vars(c)), None)
    if joined and owner is not None and cls.__getitem__ is owner.__getitem__:
        return dataset.__getbatch__
    return None


def random_split(
    dataset: Any, lengths: Sequence[int | float], generator: rng.Generator | None = None
) -> list[Subset]:
    """Cut a dataset at random into Subsets that do not overlap.

    lengths: how many samples each gets, in all as many as there are; or fractions that sum to 1,
    of which each is rounded down and what is left over goes to the first ones, one sample each.

    >>> import minigrad as mg
    >>> train, test = random_split(range(10), [0.75, 0.25], generator=mg.Generator())
    >>> len(train), len(test), sorted([*train, *test]) == list(range(10))
    (8, 2, True)
    """
    total = len(dataset)
    sizes = list(lengths)
    if math.isclose(sum(sizes), 1) and sum(sizes) <= 1:
        for i, fraction in enumerate(sizes):
            if not 0 <= fraction <= 1:
                raise ValueError(f"random_split: fraction {i} is {fraction}, not between 0 and 1")
        sizes = [math.floor(total * fraction) for fraction in sizes]
        for i in range(total - sum(sizes)):
            sizes[i % len(sizes)] += 1
        for i, size in enumerate(sizes):
            if size == 0:
                warnings.warn(
                    f"random_split: part {i} of {lengths} is empty: {total} samples are too few",
                    stacklevel=2,
                )
    if sum(sizes) != total or any(not isinstance(n, (int, np.integer)) or n < 0 for n in sizes):
        raise ValueError(
            f"random_split: expected lengths >= 0 that sum to {total}, the size of the dataset, or "
            f"fractions that sum to 1, got {lengths}, in all {sum(sizes)}"
        )
    order = rng.permutation(total, generator=generator).tolist()
    ends = itertools.accumulate(sizes)
    return [Subset(dataset, order[end - n : end]) for end, n in zip(ends, sizes, strict=True)]

"""Datasets, how they are joined and split, and the samplers' orders."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad.data import (
    BatchSampler,
    ChainDataset,
    ConcatDataset,
    Dataset,
    IterableDataset,
    RandomSampler,
    SequentialSampler,
    StackDataset,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    random_split,
)


class Stream(IterableDataset):
    def __init__(self, items):
        self.items = items

    def __iter__(self):
        return iter(self.items)

    def __len__(self):
        return len(self.items)


def test_tensor_dataset_gives_rows_and_shares_memory():
    x, y = np.arange(6.0).reshape(3, 2), mg.tensor([0, 1, 2])
    dataset = TensorDataset(x, y)
    assert len(dataset) == 3
    assert dataset[-1][0].tolist() == [4.0, 5.0]
    assert dataset[1][1].item() == 1
    x[1] = 9
    assert dataset[1][0].tolist() == [9.0, 9.0]
    with pytest.raises(IndexError):
        dataset[3]
    assert len(list(dataset)) == 3  # an IndexError ends Python's loops


@pytest.mark.parametrize(
    ("arrays", "message"),
    [((), "at least one"), ((np.ones(3), np.ones(2)), r"\[3\], \[2\]"), ((np.array(1),), r"\[\]")],
)
def test_tensor_dataset_refuses(arrays, message):
    with pytest.raises(ValueError, match=message):
        TensorDataset(*arrays)


def test_an_abstract_dataset_says_what_is_missing():
    with pytest.raises(NotImplementedError, match="Dataset must define __getitem__"):
        Dataset()[0]
    with pytest.raises(NotImplementedError, match="must define __iter__"):
        iter(IterableDataset())


def test_concat():
    joined = TensorDataset(mg.arange(3)) + TensorDataset(mg.arange(3, 5))
    assert isinstance(joined, ConcatDataset)
    assert [joined[i][0].item() for i in range(-5, 5)] == [0, 1, 2, 3, 4] * 2
    for bad in (5, -6):
        with pytest.raises(IndexError, match=f"index {bad} is out of range for 5"):
            joined[bad]
    assert ConcatDataset(["", "a", "", "b"])[1] == "b"  # past empty ones
    with pytest.raises(ValueError, match="at least one"):
        ConcatDataset([])
    with pytest.raises(TypeError, match="use ChainDataset"):
        ConcatDataset([Stream([1])])


def test_chain():
    joined = Stream([1, 2]) + Stream([3])
    assert isinstance(joined, ChainDataset)
    assert list(joined) == list(joined) == [1, 2, 3]
    assert len(joined) == 3
    with pytest.raises(TypeError, match="expected IterableDatasets, got a list"):
        list(ChainDataset([[1]]))


def test_stack():
    assert StackDataset("ab", [1, 2])[1] == ("b", 2)
    assert len(StackDataset(x="ab", y=[1, 2])) == 2
    for args, kwargs in (((), {}), (("a",), {"y": "b"})):
        with pytest.raises(ValueError, match="by position or by keyword"):
            StackDataset(*args, **kwargs)
    with pytest.raises(ValueError, match=r"\[2, 1\]"):
        StackDataset("ab", "a")


@given(n=st.integers(1, 50), data=st.data())
def test_random_split_is_a_partition(n, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, n), max_size=4)))
    lengths = [b - a for a, b in zip([0, *cuts], [*cuts, n], strict=True)]
    if sum(lengths) == 1:
        return  # [1] could as well be a fraction; both mean the same
    parts = random_split(range(n), lengths)
    assert [len(p) for p in parts] == lengths
    assert sorted(i for p in parts for i in p) == list(range(n))


@pytest.mark.parametrize(
    ("n", "fractions", "sizes"),
    [(10, [0.75, 0.25], [8, 2]), (30, [0.3, 0.3, 0.4], [9, 9, 12]), (10, [1 / 3] * 3, [4, 3, 3]),
     (11, [1 / 3] * 3, [4, 4, 3]), (7, [1.0], [7]), (106, [0.1, 0.2, 0.3, 0.4], [11, 22, 31, 42])],
)  # fmt: skip
def test_random_split_by_fractions(n, fractions, sizes):
    assert [len(p) for p in random_split(range(n), fractions)] == sizes


def test_random_split_with_a_seed():
    def split():
        return [list(p) for p in random_split(range(20), [15, 5], mg.Generator().manual_seed(1))]

    assert split() == split()
    assert split()[0] != list(range(15))


@pytest.mark.parametrize("lengths", [[3, 3], [0.5, 0.6], [11, -1], [4.0, 6.0], [0.2, 0.2], []])
def test_random_split_refuses(lengths):
    with pytest.raises(ValueError, match="random_split: expected lengths >= 0 that sum to 10"):
        random_split(range(10), lengths)


def test_random_split_bad_fraction_and_empty_part():
    with pytest.raises(ValueError, match=r"fraction 0 is -0\.5"):
        random_split(range(10), [-0.5, 1.5])
    with pytest.warns(UserWarning, match=r"part 1 .* is empty"):
        random_split(range(2), [0.9, 0.1])


def test_subset_of_a_subset():
    inner = Subset("abcdef", [5, 3, 1])
    assert list(Subset(inner, [2, 0])) == ["b", "f"]


# ------------------------------------------------------------------ samplers


def test_sequential_and_batches():
    assert list(SequentialSampler("abc")) == [0, 1, 2]
    sampler = BatchSampler(SequentialSampler(range(5)), 2, False)
    assert list(sampler) == [[0, 1], [2, 3], [4]]
    assert len(sampler) == 3
    sampler = BatchSampler(SequentialSampler(range(5)), 2, True)
    assert list(sampler) == [[0, 1], [2, 3]]
    assert len(sampler) == 2


@pytest.mark.parametrize("size", [0, -1, 1.5, True, None])
def test_a_bad_batch_size(size):
    with pytest.raises(ValueError, match="expected batch_size to be an integer above 0"):
        BatchSampler(range(3), size, False)


def test_random_sampler():
    sampler = RandomSampler(range(100), generator=mg.Generator().manual_seed(0))
    first, second = list(sampler), list(sampler)
    assert sorted(first) == sorted(second) == list(range(100))
    assert first != second
    assert all(type(i) is int for i in first)
    longer = list(RandomSampler(range(10), num_samples=25))
    assert sorted(longer[:10]) == sorted(longer[10:20]) == list(range(10))
    assert len(longer) == len(RandomSampler(range(10), num_samples=25)) == 25
    drawn = list(RandomSampler(range(10), replacement=True, num_samples=1000))
    assert len(drawn) == 1000
    assert set(drawn) == set(range(10))


def test_a_random_order_is_drawn_at_once():
    """Else dropout in the loop, or workers that read ahead, would change what comes next."""
    mg.manual_seed(0)
    undisturbed = list(RandomSampler(range(50), replacement=True))
    mg.manual_seed(0)
    order = []
    for index in RandomSampler(range(50), replacement=True):
        order.append(index)
        mg.rand(3)
    assert order == undisturbed


def test_subset_random_sampler():
    assert sorted(SubsetRandomSampler([5, 7, 9])) == [5, 7, 9]
    assert len(SubsetRandomSampler([5, 7, 9])) == 3


@pytest.mark.parametrize("replacement", [True, False])
def test_weighted_sampler_follows_the_weights(replacement):
    weights = np.array([0.0, 1.0, 2.0, 0.0, 5.0])
    n = 6000
    if replacement:
        drawn = list(WeightedRandomSampler(weights, n))
    else:
        drawn = [i for _ in range(n) for i in WeightedRandomSampler(weights, 1, False)]
    share = np.bincount(drawn, minlength=5) / n
    np.testing.assert_allclose(share, weights / 8, atol=0.03)
    assert share[0] == share[3] == 0


def test_weighted_sampler_with_weights_so_small_that_they_round():
    assert set(WeightedRandomSampler([0.0, 5e-324, 0.0], 100)) == {1}


def test_weighted_sampler_without_replacement_repeats_nothing():
    assert sorted(WeightedRandomSampler([3.0, 1.0, 0.0, 2.0], 3, replacement=False)) == [0, 1, 3]


@pytest.mark.parametrize(
    ("weights", "n", "replacement", "message"),
    [([1.0], 0, True, "num_samples"), ([1.0], True, True, "num_samples"), ([1.0], 1, 1, "replac"),
     ([[1.0]], 1, True, "list of weights"), ([-1.0, 2.0], 1, True, "weights >= 0"),
     ([0.0], 1, True, "weights >= 0"), ([np.nan, 1.0], 1, True, "weights >= 0"),
     ([1.0, 0.0], 2, False, "cannot draw 2 of the 1")],
)  # fmt: skip
def test_weighted_sampler_refuses(weights, n, replacement, message):
    with pytest.raises(ValueError, match=message):
        WeightedRandomSampler(weights, n, replacement)


@pytest.mark.parametrize("n", [0, -1, 1.5])
def test_random_sampler_refuses(n):
    with pytest.raises(ValueError, match="num_samples"):
        RandomSampler(range(3), num_samples=n)
    with pytest.raises(ValueError, match="empty"):
        RandomSampler([])
    with pytest.raises(TypeError, match="replacement"):
        RandomSampler(range(3), replacement=1)

"""Parts of the dataset for several processes."""

from __future__ import annotations

import pytest

import minigrad as mg
from minigrad.data import DataLoader, DistributedSampler, TensorDataset


def parts(n, size, **options):
    return [list(DistributedSampler(range(n), size, rank, **options)) for rank in range(size)]


def test_in_order():
    assert parts(5, 2, shuffle=False) == [[0, 2, 4], [1, 3, 0]]  # the beginning once more
    assert parts(5, 2, shuffle=False, drop_last=True) == [[0, 2], [1, 3]]
    assert parts(1, 3, shuffle=False) == [[0], [0], [0]]
    assert parts(0, 2, shuffle=False) == [[], []]


@pytest.mark.parametrize("n", [1, 7, 8, 9, 100])
@pytest.mark.parametrize("size", [1, 2, 3, 8])
def test_every_sample_is_somebodys(n, size):
    found = parts(n, size)
    assert len({len(part) for part in found}) == 1
    drawn = [i for part in found for i in part]
    assert set(drawn) == set(range(n))
    assert len(drawn) - n < size
    dropped = [i for part in parts(n, size, drop_last=True) for i in part]
    assert len(set(dropped)) == len(dropped) == n // size * size


def test_the_epoch_and_the_seed_choose_the_order():
    sampler = DistributedSampler(range(50), 2, 0)
    first = list(sampler)
    assert list(sampler) == first
    sampler.set_epoch(1)
    assert list(sampler) != first
    assert list(DistributedSampler(range(50), 2, 0, seed=1)) == list(sampler)
    assert len(sampler) == 25


def test_alone_it_is_rank_0_of_1():
    sampler = DistributedSampler(range(3), shuffle=False)
    assert (sampler.num_replicas, sampler.rank) == (1, 0)
    with pytest.raises(ValueError, match="a rank from 0 to 1, num_replicas - 1; got rank=2"):
        DistributedSampler(range(3), 2, 2)


def test_a_loader_goes_on_in_the_epoch_it_was_in():
    def loader():
        dataset = TensorDataset(mg.arange(12))
        return DataLoader(dataset, batch_size=2, sampler=DistributedSampler(dataset, 2, 1))

    first = loader()
    first.sampler.set_epoch(3)
    batches = iter(first)
    next(batches)
    state = first.state_dict()
    rest = [x.tolist() for (x,) in batches]
    second = loader()
    second.load_state_dict(state)
    assert second.sampler.epoch == 3
    assert [x.tolist() for (x,) in second] == rest


def test_what_is_drawn_for_samples_differs_between_ranks():
    class Noisy:
        def __len__(self):
            return 4

        def __getitem__(self, i):
            return mg.rand(1)

    drawn = []
    for rank in range(2):
        mg.manual_seed(0)
        sampler = DistributedSampler(Noisy(), 2, rank)
        drawn.append([x.item() for x in DataLoader(Noisy(), sampler=sampler)])
    assert not set(drawn[0]) & set(drawn[1])

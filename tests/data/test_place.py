"""Going on in the middle of an epoch: DataLoader's state_dict and load_state_dict."""

from __future__ import annotations

import pytest

import minigrad as mg
from minigrad.data import (
    BatchSampler,
    DataLoader,
    IterableDataset,
    RandomSampler,
    TensorDataset,
    WeightedRandomSampler,
)


class Stream(IterableDataset):
    def __iter__(self):
        return iter(range(23))


NUMBERS = TensorDataset(mg.arange(23))


def generator():
    return mg.Generator().manual_seed(5)


LOADERS = {
    "in order": lambda: DataLoader(NUMBERS, batch_size=4),
    "shuffled": lambda: DataLoader(NUMBERS, batch_size=4, shuffle=True),
    "own generator": lambda: DataLoader(NUMBERS, 4, shuffle=True, generator=generator()),
    "workers": lambda: DataLoader(NUMBERS, 4, shuffle=True, num_workers=2),
    "samples": lambda: DataLoader(NUMBERS, batch_size=None, shuffle=True),
    "sampler's generator": lambda: DataLoader(
        NUMBERS, 4, sampler=WeightedRandomSampler([1.0] * 23, 23, generator=generator())
    ),
    "batch sampler": lambda: DataLoader(
        NUMBERS, batch_sampler=BatchSampler(RandomSampler(NUMBERS), 5, True)
    ),
    "stream": lambda: DataLoader(Stream(), batch_size=4),
}


def values(batch):
    return batch[0].tolist() if isinstance(batch, (list, tuple)) else batch.tolist()


def run(loader, record, epochs=3, stop=None):
    """Batches and, between them, random numbers as a model draws them; `stop` steps at the most."""
    steps = 0
    while epochs > len([r for r in record if r == "end"]):
        for batch in loader:
            record.append((values(batch), mg.rand(1).item()))
            steps += 1
            if steps == stop:
                return loader.state_dict(), mg.get_rng_state()
        record.append("end")
    return None


@pytest.mark.parametrize("name", LOADERS)
@pytest.mark.parametrize("stop", [1, 3, 6, 7, 10])
def test_it_goes_on_as_if_nothing_had_happened(name, stop):
    mg.manual_seed(0)
    expected = []
    run(LOADERS[name](), expected)

    mg.manual_seed(0)
    record = []
    state, numbers = run(LOADERS[name](), record, stop=stop)
    mg.manual_seed(99)  # another process, which drew other numbers
    mg.rand(3)
    loader = LOADERS[name]()
    loader.load_state_dict(state)
    mg.set_rng_state(numbers)
    run(loader, record)
    assert record == expected


def test_between_two_epochs_there_is_nothing_to_remember():
    loader = LOADERS["shuffled"]()
    assert loader.state_dict() == {"generators": [], "began": None, "batches": 0}
    list(loader)
    assert loader.state_dict() == {"generators": [], "began": None, "batches": 0}
    next(iter(loader))
    assert loader.state_dict()["batches"] == 1
    assert len(list(loader)) == len(loader)  # a new loop is a new epoch


def test_it_can_be_stored(tmp_path):
    loader = LOADERS["shuffled"]()
    next(iter(loader))
    mg.save(loader.state_dict(), tmp_path / "place")
    assert mg.load(tmp_path / "place") == loader.state_dict()


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({}, "expected what state_dict returned"),
        (None, "expected what state_dict returned"),
        (
            {"generators": [], "began": None, "batches": "three"},
            "expected what state_dict returned",
        ),
        ({"generators": [{}], "began": [{}], "batches": 1}, "1 random generators of its own, this"),
        ({"generators": [], "began": [{}], "batches": 7}, "behind 7 batches, and there are only 6"),
    ],
)
def test_what_is_no_place_is_refused(state, message):
    loader = LOADERS["shuffled"]()
    with pytest.raises(ValueError, match=message):
        loader.load_state_dict(state)
    assert len(list(loader)) == 6  # as if nothing had been tried

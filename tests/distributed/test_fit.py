"""`fit` on two ranks: the same steps as alone, and a run that goes on to the same bits."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.train.ranks import cut
from tests.distributed.ranks import needs_mpi, results, run

# Of 5 samples a rank has 2 and the other 3, of the last 2 one each; with 3 ranks one has none.
DOUBLE = {"dtype": "float64", "progress": False}


def assert_close(a, b, tolerance=1e-12):
    np.testing.assert_allclose(a["weights"], b["weights"], rtol=0, atol=tolerance)
    for one, other in zip(a["rows"], b["rows"], strict=True):
        assert one == pytest.approx(other, abs=tolerance)
    assert a["evaluated"] == pytest.approx(b["evaluated"], abs=tolerance)


@needs_mpi
@pytest.mark.parametrize(
    "options",
    [{}, {"accumulate": 2}, {"clip_norm": 0.1}, {"wrapped": True}, {"accumulate": 3}],
    ids=str,
)
def test_the_steps_of_one_process(tmp_path, options):
    (alone,) = results(1, "fitted", tmp_path, DOUBLE | options)
    first, second = results(2, "fitted", tmp_path, DOUBLE | options)
    assert first == second
    assert_close(first, alone)
    assert first["drawn"] == alone["drawn"]


@needs_mpi
def test_more_ranks_than_samples(tmp_path):
    (alone,) = results(1, "fitted", tmp_path, DOUBLE, 2)
    ranks = results(3, "fitted", tmp_path, DOUBLE, 2)
    assert ranks[0] == ranks[1] == ranks[2]
    assert_close(ranks[0], alone)


@needs_mpi
def test_float32(tmp_path):
    (alone,) = results(1, "fitted", tmp_path, {"progress": False}, 2)
    first, _ = results(2, "fitted", tmp_path, {"progress": False}, 2)
    assert_close(first, alone, 1e-5)


@needs_mpi
def test_a_sampler_for_each_rank(tmp_path):
    """11 samples on each rank, in a new order each epoch; equal weights, and the means of all."""
    options = DOUBLE | {"sampler": True}
    first, second = results(2, "fitted", tmp_path, options)
    assert first == second
    losses = [row["loss"] for row in first["rows"]]
    assert losses[-1] < losses[0]


@needs_mpi
def test_dropout_differs_between_ranks_and_comes_again(tmp_path):
    ranks = results(2, "masks", tmp_path)
    sums = [value for rank in ranks for value in rank]
    assert len(set(sums)) == len(sums) == 8
    assert results(2, "masks", tmp_path) == ranks


@needs_mpi
def test_the_first_rank_prints_and_writes(tmp_path):
    best = tmp_path / "best"
    done = run(2, "fitted", tmp_path, {"best": str(best)})
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert [line.split()[1] for line in lines] == ["1/3", "2/3", "3/3"]
    assert list(mg.load(best))[:2] == ["0.weight", "0.bias"]


@needs_mpi
def test_a_callback_that_stops_one_rank_stops_all(tmp_path):
    assert results(2, "stops_on_one_rank", tmp_path) == [2, 2]


# ---------------------------------------------------------------------------- going on


@needs_mpi
@pytest.mark.parametrize("more", [{}, {"sampler": True}, {"accumulate": 2}], ids=str)
def test_a_run_goes_on_to_the_same_bits(tmp_path, more):
    """Broken off by a rank that is killed in the middle of the second epoch; with dropout."""
    options = {"progress": False, "dropout": 0.3, **more}
    expected = results(2, "fitted", tmp_path, options)
    saving = options | {"checkpoint": str(tmp_path / "a"), "save_every": 1}
    done = run(2, "fitted", tmp_path, saving | {"die": ["kill", 4 if "accumulate" in more else 7]})
    assert done.code != 0
    assert done.found == [None, None]
    assert results(2, "fitted", tmp_path, saving | {"seed": 99}) == expected


@needs_mpi
@pytest.mark.parametrize("ranks", [(2, 1), (1, 2), (2, 3)], ids=str)
def test_another_number_of_ranks_goes_on(tmp_path, ranks):
    first, then = ranks
    (expected,) = results(1, "fitted", tmp_path, DOUBLE)
    saving = DOUBLE | {"checkpoint": str(tmp_path / "a"), "save_every": 1}
    assert run(first, "fitted", tmp_path, saving | {"die": ["raise", 7]}).code != 0
    assert_close(results(then, "fitted", tmp_path, saving | {"seed": 99})[0], expected)


# ---------------------------------------------------------------------------- parts of batches


def test_cut():
    x = mg.arange(8).reshape(4, 2)
    batch = [x, {"y": x[:, 0], "names": ["a", "b", "c", "d"], "scale": 3.0}, mg.tensor(1)]
    x, others, number = cut(batch, slice(1, 3), 4)
    assert x.tolist() == [[2, 3], [4, 5]]
    assert others["y"].tolist() == [2, 4]
    assert others["names"] == ["b", "c"]
    assert number.item() == 1


def test_cut_keeps_named_tuples():
    from typing import NamedTuple

    class Pair(NamedTuple):
        x: object
        y: object

    pair = cut(Pair(np.arange(3), np.arange(3)), slice(0, 1), 3)
    assert isinstance(pair, Pair)
    assert pair.y.tolist() == [0]


def test_a_batch_that_cannot_be_cut():
    with pytest.raises(ValueError, match=r"it has 4 samples.*shape \(3,\).*DistributedSampler"):
        cut([mg.ones(4), mg.ones(3)], slice(0, 2), 4)

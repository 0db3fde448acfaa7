"""DistributedDataParallel on two ranks: the gradients of one process with the whole batch."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.distributed import DistributedDataParallel
from tests.distributed.ranks import needs_mpi, results


@needs_mpi
@pytest.mark.parametrize("cap", [25, 1e-4])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-6), ("float64", 1e-13)])
def test_ten_steps_are_those_of_one_process(tmp_path, dtype, tolerance, cap):
    (alone,) = results(1, "ten_steps", tmp_path, dtype, cap)
    first, second = results(2, "ten_steps", tmp_path, dtype, cap)
    assert first == second
    np.testing.assert_allclose(first, alone, rtol=0, atol=tolerance)
    assert np.abs(first).max() > 0.1


@needs_mpi
def test_a_layer_that_one_rank_does_not_use(tmp_path):
    """Zeros from the rank without a gradient; none where nobody has one."""
    assert results(2, "unused", tmp_path) == [[1.5, 0.5, None]] * 2


@needs_mpi
def test_accumulation_without_messages(tmp_path):
    """Batches 1 and 2 of ranks 0 and 1: 1, 2 and 11, 12; sums 3 and 23; then 3 and 13 more."""
    assert results(2, "accumulated", tmp_path) == [[1, 13, 21], [11, 13, 21]]


@needs_mpi
def test_different_models(tmp_path):
    for message in results(2, "different_models", tmp_path):
        assert "weight is float32[2, 2] on rank 1, float32[1, 2] on 0. Build the same" in message


@needs_mpi
def test_buffers_are_those_of_rank_0(tmp_path):
    """The running mean was 2 and 4; both go on from rank 0's, with a mean of their own."""
    assert results(2, "buffers", tmp_path) == [[2, 0, 2], [4, 1, 2]]


# ---------------------------------------------------------------------------- alone


def test_alone_it_is_the_model():
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    wrapped = DistributedDataParallel(net, device_ids=[0], find_unused_parameters=True)
    assert wrapped.module is net
    assert list(wrapped.state_dict()) == [f"module.{name}" for name in net.state_dict()]
    x = mg.randn(4, 2)
    assert (wrapped(x) == net(x)).all()
    wrapped(x).sum().backward()
    with wrapped.no_sync():
        wrapped(x).sum().backward()
    assert net[0].weight.grad is not None
    with pytest.raises(ValueError, match="bucket_cap_mb > 0, got 0"):
        DistributedDataParallel(net, bucket_cap_mb=0)


def test_it_is_where_pytorch_has_it():
    from minigrad.nn.parallel import DistributedDataParallel as DDP
    from minigrad.utils.data import DistributedSampler

    assert DDP is DistributedDataParallel
    assert DistributedSampler is mg.data.DistributedSampler

"""PyTorch's functions of Tensors on two ranks, and alone."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import distributed as dist
from tests.distributed.ranks import needs_mpi, results
from tests.processes import fresh


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return results(2, "collectives", tmp_path_factory.mktemp("ranks"))


@needs_mpi
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int64"])
def test_all_reduce(found, dtype):
    """Rank 0 has 1, 2, 3 and rank 1 has 2, 3, 4."""
    mean = [1.5, 2.5, 3.5]
    if dtype == "int64":
        mean = "all_reduce: the mean of int64 is no int64; use SUM"
    expected = {
        "sum": [3, 5, 7], "avg": mean, "product": [2, 6, 12], "min": [1, 2, 3], "max": [2, 3, 4]
    }  # fmt: skip
    for rank in found:
        assert {op: rank[f"{dtype} {op}"] for op in expected} == expected


@needs_mpi
def test_memory_that_is_not_in_one_piece(found):
    for rank in found:
        assert rank["strided"] == [[0, 6], [2, 8], [4, 10]]


@needs_mpi
def test_async_op(found):
    for rank in found:
        assert rank["later"] == [True, True, 3.0, True]


@needs_mpi
def test_broadcast_and_objects(found):
    for rank in found:
        assert rank["broadcast"] == [[10, 12], [11, 13]]
        assert rank["gathered"] == [{"rank": 0}, {"rank": 1}]
        assert rank["objects"] == [1, "xx"]
    assert [rank["who"] for rank in found] == [[0, 2, 0, True], [1, 2, 1, True]]


# ---------------------------------------------------------------------------- alone


def test_alone_everything_is_as_it_was():
    x = mg.tensor([[1.0, 2.0], [3.0, 4.0]]).t()
    for op in dist.ReduceOp:
        dist.all_reduce(x, op)
    dist.broadcast(x)
    dist.barrier()
    assert x.tolist() == [[1, 3], [2, 4]]
    assert (dist.get_rank(), dist.get_world_size(), dist.get_local_rank()) == (0, 1, 0)
    assert not dist.is_initialized()
    dist.init_process_group("mpi")


def test_a_write_in_place_is_noticed():
    w = mg.ones(3, requires_grad=True)
    y = w.exp()
    dist.all_reduce(y)
    with pytest.raises(RuntimeError, match="exp: backward needs"):
        y.sum().backward()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: dist.all_reduce(np.ones(3)), TypeError, "all_reduce: expected a Tensor, got"),
        (lambda: dist.broadcast(3), TypeError, "broadcast: expected a Tensor, got 3"),
        (lambda: dist.broadcast(mg.ones(1), src=1), ValueError, "a rank from 0 to 0, got src=1"),
        (lambda: dist.all_gather_object([], 1), ValueError, "a place for each of 1 ranks"),
        (lambda: dist.init_process_group("gloo"), ValueError, "started with mpiexec here"),
        (lambda: dist.all_reduce(mg.tensor([1]), dist.ReduceOp.AVG), TypeError, "use SUM"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_started_by_mpiexec_but_without_mpi4py():
    code = "import sys; sys.modules['mpi4py'] = None; import minigrad as mg; print(1);" + (
        "mg.distributed.get_rank()"
    )
    done = fresh(code, PMI_SIZE="2")
    assert done.stdout == "1\n"  # importing minigrad needs no MPI
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: minigrad.distributed: mpiexec started this process as one")
    assert "pip install 'minigrad[mpi]', or start the program without mpiexec" in last


def test_alone_mpi4py_is_not_imported():
    done = fresh("import sys, minigrad as mg; mg.distributed.get_rank();"
                 "assert 'mpi4py' not in sys.modules", PMI_SIZE="1")  # fmt: skip
    assert done.returncode == 0, done.stderr

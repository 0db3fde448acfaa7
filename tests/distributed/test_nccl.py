"""What is asked of NCCL, by a CuPy that is only pretended: there are no two GPUs here."""

from __future__ import annotations

import contextlib
import types

import numpy as np
import pytest

from minigrad import backend
from minigrad.distributed.nccl import OPS, TYPES, Nccl

CALLS: list = []


class Communicator:
    def __init__(self, count, name, rank):
        CALLS.append(("connect", count, name, rank))

    def allReduce(self, send, receive, count, datatype, op, stream):
        CALLS.append(("allReduce", send, receive, count, datatype, op, stream))

    def bcast(self, buffer, count, datatype, root, stream):
        CALLS.append(("bcast", buffer, count, datatype, root, stream))


class GpuArray:
    def __init__(self, array):
        self.dtype, self.size = array.dtype, array.size
        self.data = types.SimpleNamespace(ptr=1234)
        self.device = contextlib.nullcontext()


class Ranks:
    rank, size = 1, 4

    def broadcast_object(self, x, src):
        assert (x, src) == (None, 0)  # only rank 0 makes the name
        return "name"


@pytest.fixture
def nccl(monkeypatch):
    CALLS.clear()
    constants = {name: name for name in [*OPS.values(), *TYPES.values()]}
    module = types.SimpleNamespace(NcclCommunicator=Communicator, **constants)
    event = types.SimpleNamespace(done=True)
    stream = types.SimpleNamespace(ptr=99, record=lambda: event)
    cuda = types.SimpleNamespace(nccl=module, get_current_stream=lambda: stream)
    monkeypatch.setattr(backend, "cupy", lambda: types.SimpleNamespace(cuda=cuda))
    return Nccl(Ranks(), contextlib.nullcontext())


def test_calls(nccl):
    array = GpuArray(np.zeros((2, 3), np.float32))
    work = nccl.start_reduce(array, "max")
    nccl.broadcast(array, 2)
    assert work.Test()
    work.Wait()
    assert CALLS == [
        ("connect", 4, "name", 1),
        ("allReduce", 1234, 1234, 6, "NCCL_FLOAT32", "NCCL_MAX", 99),
        ("bcast", 1234, 6, "NCCL_FLOAT32", 2, 99),
    ]


def test_a_dtype_that_it_does_not_send(nccl):
    with pytest.raises(TypeError, match="NCCL sends no complex64, only int8"):
        nccl.broadcast(GpuArray(np.zeros(1, np.complex64)), 0)

"""Messages between GPUs: NVIDIA's NCCL, through CuPy. MPI introduces the ranks to each other.

Never run on GPUs: there was no machine with two at hand, and the tests only pretend. Each rank
needs a GPU of its own: `minigrad.device(f"cuda:{minigrad.distributed.get_local_rank()}")`.
"""

from __future__ import annotations

from typing import Any

from minigrad import backend

OPS = {"sum": "NCCL_SUM", "product": "NCCL_PROD", "min": "NCCL_MIN", "max": "NCCL_MAX"}
TYPES = {
    "int8": "NCCL_INT8", "uint8": "NCCL_UINT8", "int32": "NCCL_INT32", "uint32": "NCCL_UINT32",
    "int64": "NCCL_INT64", "uint64": "NCCL_UINT64", "float16": "NCCL_FLOAT16",
    "float32": "NCCL_FLOAT32", "float64": "NCCL_FLOAT64", "bfloat16": "NCCL_BFLOAT16",
}  # fmt: skip


class Nccl:
    """A GPU (CuPy's Device) of this rank, connected to those of the others."""

    def __init__(self, ranks: Any, gpu: Any):
        self.nccl = backend.cupy().cuda.nccl
        name = self.nccl.get_unique_id() if ranks.rank == 0 else None
        name = ranks.broadcast_object(name, 0)
        with gpu:
            self.communicator = self.nccl.NcclCommunicator(ranks.size, name, ranks.rank)

    def start_reduce(self, array: Any, op: str) -> Queued:
        kind, operation, where = self.kind(array), getattr(self.nccl, OPS[op]), array.data.ptr
        with array.device:
            stream = self.stream()
            self.communicator.allReduce(where, where, array.size, kind, operation, stream.ptr)
            return Queued(stream.record())

    def broadcast(self, array: Any, src: int) -> None:
        kind, where = self.kind(array), array.data.ptr
        with array.device:
            self.communicator.bcast(where, array.size, kind, src, self.stream().ptr)

    def stream(self) -> Any:
        """The stream in which CuPy computes: NCCL's work comes after what is in it already."""
        return backend.cupy().cuda.get_current_stream()

    def kind(self, array: Any) -> int:
        name = TYPES.get(array.dtype.name)
        if name is None:
            raise TypeError(
                f"distributed: NCCL sends no {array.dtype}, only {', '.join(TYPES)}; convert it, "
                "or move it to the CPU"
            )
        return getattr(self.nccl, name)


class Queued:
    """Work of the GPU up to an event."""

    def __init__(self, event: Any):
        self.event = event

    def Test(self) -> bool:  # as MPI's requests name it
        return self.event.done

    def Wait(self) -> None:
        """Nothing to wait for: what reads the array comes after it in the same stream."""

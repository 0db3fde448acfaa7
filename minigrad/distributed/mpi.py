"""Ranks that mpiexec started, through mpi4py. Imported only in a process that is one of them."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from typing import Any

import numpy as np

from minigrad import backend
from minigrad.distributed import failure

try:
    MPI: Any = importlib.import_module("mpi4py.MPI")
except ImportError as error:
    raise ImportError(
        "minigrad.distributed: mpiexec started this process as one of several, and they find each "
        f"other through mpi4py, which cannot be imported ({error}). "
        "pip install 'minigrad[mpi]', or start the program without mpiexec"
    ) from None


class Ranks:
    """The processes of MPI's COMM_WORLD; its methods are those of `group.Alone`."""

    OPS = {"sum": MPI.SUM, "product": MPI.PROD, "min": MPI.MIN, "max": MPI.MAX}  # noqa: RUF012

    def __init__(self) -> None:
        # A communicator of our own: what the program sends by mpi4py itself does not get mixed in.
        self.comm = MPI.COMM_WORLD.Dup()
        self.rank, self.size = self.comm.rank, self.comm.size
        self.local_rank = self.comm.Split_type(MPI.COMM_TYPE_SHARED).rank
        self._nccl: Any = None  # for arrays on a GPU, once there are some
        failure.end_all_when_one_fails(self)
        self.introduce()

    def introduce(self) -> None:
        """Say which process is which rank: of one that is killed, mpiexec tells the number only."""
        everybody = self.gather_objects((platform.node(), os.getpid()))
        if self.rank == 0:
            hosts: dict[str, list[str]] = {}
            for rank, (host, pid) in enumerate(everybody):
                hosts.setdefault(host, []).append(f"rank {rank} is process {pid}")
            for host, who in hosts.items():
                print(f"minigrad: on {host}, {', '.join(who)}", file=sys.stderr, flush=True)

    def start_reduce(self, array: Any, op: str) -> Any:
        if backend.device_of(array).type == "cuda":
            return self.nccl(array).start_reduce(array, op)
        return self.comm.Iallreduce(MPI.IN_PLACE, array, self.OPS[op])

    def broadcast(self, array: Any, src: int) -> None:
        if backend.device_of(array).type == "cuda":
            self.nccl(array).broadcast(array, src)
        else:  # as bytes: MPI knows no float16
            self.comm.Bcast(array.reshape(-1).view(np.uint8), root=src)

    def broadcast_object(self, x: Any, src: int) -> Any:
        return self.comm.bcast(x, root=src)

    def gather_objects(self, x: Any) -> list:
        return self.comm.allgather(x)

    def barrier(self) -> None:
        self.comm.Barrier()

    def nccl(self, array: Any) -> Any:
        """The connection of the GPU that holds the array."""
        if self._nccl is None:
            from minigrad.distributed.nccl import Nccl

            self._nccl = Nccl(self, array.device)
        return self._nccl

    def abort(self) -> None:
        """End the processes of all ranks, this one included."""
        MPI.COMM_WORLD.Abort(1)
        os._exit(1)  # MPICH leaves some time until it has ended the others

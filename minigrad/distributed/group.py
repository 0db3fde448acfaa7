"""The ranks of a run: how many there are, which one this is, and what they say to each other."""

from __future__ import annotations

import importlib.util
import os
from typing import Any

# What the launchers of MPI tell the processes that they start: MPICH and those made of it (Intel
# MPI, MVAPICH, Slurm's pmi2), and Open MPI.
SIZES = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE")

_world: Any = None  # made when first asked for


class Alone:
    """The only rank of a run: it has nobody to talk to, and nothing to wait for."""

    rank, size, local_rank = 0, 1, 0

    def start_reduce(self, array: Any, op: str) -> Any:
        """Begin to put op ("sum", "product", "min", "max") over all ranks into array, in place.

        Returns what has `Test()`, whether it is done, and `Wait()`; None if it is done already.
        """
        return None

    def broadcast(self, array: Any, src: int) -> None:
        """Put the array of rank src into that of every rank."""

    def broadcast_object(self, x: Any, src: int) -> Any:
        """The x of rank src, on every rank."""
        return x

    def gather_objects(self, x: Any) -> list:
        """Everybody's x, by rank, on every rank."""
        return [x]

    def barrier(self) -> None:
        """Wait until every rank is here."""


def world() -> Any:
    """All ranks of this run: `Alone`, or with the same methods `mpi.Ranks`."""
    global _world
    if _world is None:
        if not launched():
            _world = Alone()
        else:
            from minigrad.distributed import mpi

            _world = mpi.Ranks()
    return _world


def launched() -> bool:
    """Whether mpiexec started this process as one of several."""
    return any(os.environ.get(name, "1") not in ("", "0", "1") for name in SIZES)


# ---------------------------------------------------------------------------- PyTorch's names


def get_rank() -> int:
    """The number of this process, from 0 to get_world_size() - 1.

    >>> get_rank()
    0
    """
    return world().rank


def get_world_size() -> int:
    """How many processes there are; 1 for a program that was not started by mpiexec."""
    return world().size


def get_local_rank() -> int:
    """The number of this process among those on the same machine: which of its GPUs to use."""
    return world().local_rank


def is_available() -> bool:
    """Whether mpi4py is installed, without which there are no several processes."""
    return importlib.util.find_spec("mpi4py") is not None


def is_initialized() -> bool:
    """Whether there are several processes, and this one has found the others."""
    return _world is not None and _world.size > 1


def init_process_group(backend: str | None = None) -> None:
    """Find the other processes. Not needed, since the first call of any function here does it.

    backend: "mpi" or None; arrays on a GPU go through NCCL by themselves.
    """
    if backend not in (None, "mpi", "nccl", "cpu:mpi,cuda:nccl"):
        raise ValueError(
            f"init_process_group: expected backend 'mpi', got {backend!r}; processes are started "
            "with mpiexec here, and arrays on a GPU go through NCCL by themselves"
        )
    world()

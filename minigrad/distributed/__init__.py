"""Training on several processes, with MPI: `mpiexec -n 4 python train.py`.

Every process, called a rank, runs the whole program with its own part of the data; what they
compute together goes through the functions here. Nothing has to be started: a program that runs
under `mpiexec` is one of several ranks from its first call on, any other is rank 0 of 1.

    minigrad.train.fit     does all of this by itself
    group, mpi, nccl       who is there, and the messages between them
    collectives            PyTorch's functions of Tensors: all_reduce, broadcast, barrier, ...
    buckets, reducer       the mean of the gradients, while backward goes on
    data_parallel          DistributedDataParallel: a model with that
    failure                one rank that fails ends the run
"""

from minigrad.distributed.collectives import (
    ReduceOp,
    Work,
    all_gather_object,
    all_reduce,
    barrier,
    broadcast,
    broadcast_object_list,
)
from minigrad.distributed.data_parallel import DistributedDataParallel
from minigrad.distributed.group import (
    get_local_rank,
    get_rank,
    get_world_size,
    init_process_group,
    is_available,
    is_initialized,
)

__all__ = [
    "DistributedDataParallel", "ReduceOp", "Work", "all_gather_object", "all_reduce", "barrier",
    "broadcast", "broadcast_object_list", "get_local_rank", "get_rank", "get_world_size",
    "init_process_group", "is_available", "is_initialized",
]  # fmt: skip

"""`minigrad.distributed.DistributedDataParallel`, where code written for PyTorch looks for it."""

from minigrad.distributed.data_parallel import DistributedDataParallel

__all__ = ["DistributedDataParallel"]

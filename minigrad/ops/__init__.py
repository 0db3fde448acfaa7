"""Every op, under PyTorch's name: plain functions of arrays that also work on Tensors."""

from minigrad.ops.arithmetic import *
from minigrad.ops.reduce import *
from minigrad.ops.shape import *
from minigrad.ops.indexing import *

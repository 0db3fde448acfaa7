"""Every op, under PyTorch's name: plain functions of arrays that also work on Tensors."""

from types import ModuleType as _ModuleType

from minigrad.ops.activation import *
from minigrad.ops.arithmetic import *
from minigrad.ops.arrange import *
from minigrad.ops.attention import *
from minigrad.ops.binary_losses import *
from minigrad.ops.bounds import *
from minigrad.ops.classification_losses import *
from minigrad.ops.comparison import *
from minigrad.ops.contractions import *
from minigrad.ops.conv import *
from minigrad.ops.counting import *
from minigrad.ops.cumulative import *
from minigrad.ops.decompositions import *
from minigrad.ops.device import *
from minigrad.ops.diagonals import *
from minigrad.ops.distances import *
from minigrad.ops.dropout import *
from minigrad.ops.error_function import *
from minigrad.ops.exponential import *
from minigrad.ops.extrema import *
from minigrad.ops.gamma import *
from minigrad.ops.indexing import *
from minigrad.ops.join import *
from minigrad.ops.like import *
from minigrad.ops.linalg import *
from minigrad.ops.linear_systems import *
from minigrad.ops.losses import *
from minigrad.ops.margin_losses import *
from minigrad.ops.masking import *
from minigrad.ops.matrix_functions import *
from minigrad.ops.norm import *
from minigrad.ops.normalize import *
from minigrad.ops.padding import *
from minigrad.ops.permute import *
from minigrad.ops.pool import *
from minigrad.ops.power import *
from minigrad.ops.quantile import *
from minigrad.ops.recurrent import *
from minigrad.ops.reduce import *
from minigrad.ops.rounding import *
from minigrad.ops.scatter import *
from minigrad.ops.selection import *
from minigrad.ops.shape import *
from minigrad.ops.signs import *
from minigrad.ops.softmax import *
from minigrad.ops.sorting import *
from minigrad.ops.spectra import *
from minigrad.ops.split import *
from minigrad.ops.trigonometric import *
from minigrad.ops.unpool import *

# The ops, not the files that they stand in.
__all__ = [  # pyright: ignore[reportUnsupportedDunderAll]
    _name
    for _name, _value in globals().items()
    if not _name.startswith("_") and not isinstance(_value, _ModuleType)
]

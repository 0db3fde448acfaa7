"""`minigrad.data`, where code written for PyTorch looks for it."""

from minigrad.data import *
from minigrad.data import __all__ as __all__

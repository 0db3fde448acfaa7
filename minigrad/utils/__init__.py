"""PyTorch's place for some names: `minigrad.utils.data` is `minigrad.data`."""

from minigrad.utils import data

__all__ = ["data"]

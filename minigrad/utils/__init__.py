"""Activation checkpointing, and PyTorch's place for `minigrad.data`: `minigrad.utils.data`."""

from minigrad.utils import checkpoint, data

__all__ = ["checkpoint", "data"]

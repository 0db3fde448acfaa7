"""Moving between devices, as an op: the gradient moves back."""

from __future__ import annotations

from minigrad import backend
from minigrad.graph import is_tensor, op


@op
def to_device(x, device):
    """x on `device` ("cpu", "cuda", "cuda:1"). Gradient: moved back."""
    if is_tensor(x):
        before = x.device
        y = to_device(x, device)
    else:
        before = backend.device_of(x)
        y = backend.to_device(x, device)
    return y, lambda g: to_device(g, before)


__all__ = ["to_device"]

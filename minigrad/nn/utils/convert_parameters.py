"""All parameters as one vector, and back."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from minigrad import ops
from minigrad.graph import Value
from minigrad.tensor import Tensor


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """The elements of all `parameters`, one after the other, as one vector (with its gradient)."""
    params = _on_one_device(parameters)
    if not params:
        raise ValueError("parameters_to_vector: expected at least one parameter, got none")
    return ops.cat([ops.reshape(p, (-1,)) for p in params])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Give the elements of `vec` to `parameters`, whose memory is a part of vec's from then on."""
    if not isinstance(vec, Value):
        raise TypeError(f"vector_to_parameters: expected a Tensor, got {type(vec).__name__}")
    params = _on_one_device(parameters)
    wanted = sum(math.prod(p.shape) for p in params)
    if vec.ndim != 1 or vec.shape[0] < wanted:
        raise RuntimeError(
            f"vector_to_parameters: the parameters have {wanted} elements, the vector has shape "
            f"{list(vec.shape)}"
        )
    start = 0
    for p in params:
        end = start + math.prod(p.shape)
        p.array = vec.array[start:end].reshape(p.shape)
        start = end


def _on_one_device(parameters: Iterable[Any]) -> list:
    params = list(parameters)
    devices = {str(p.device) for p in params}
    if len(devices) > 1:
        raise TypeError(f"parameters: expected them all on one device, got {sorted(devices)}")
    return params

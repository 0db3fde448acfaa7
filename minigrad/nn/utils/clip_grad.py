"""Clipping of gradients: one step cannot be too long.

Pascanu, Mikolov & Bengio 2013, "On the difficulty of training recurrent neural networks"
(arXiv:1211.5063), algorithm 1. `foreach`, which chooses among PyTorch's implementations, is
accepted everywhere; there is one implementation here.
"""

from __future__ import annotations

import math
import types
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad import backend, dtypes
from minigrad.graph import Value, wrap
from minigrad.inplace import note_write
from minigrad.tensor import Tensor

Tensors = Tensor | Iterable[Tensor]


def _as_list(tensors: Tensors) -> list:
    return [tensors] if isinstance(tensors, Value) else list(tensors)


def _grads(parameters: Tensors) -> list:
    return [p.grad for p in _as_list(parameters) if p.grad is not None]


def _norm(array: Any, p: float) -> Any:
    """(sum |x|^p)^(1/p), a 0-d array; the largest |x| for p = inf, how many are not 0 for p = 0."""
    if p == 2:
        flat = array.reshape(-1)
        return np.sqrt(np.dot(flat, flat))
    size = np.abs(array)
    if p == math.inf:
        return np.max(size)
    if p == -math.inf:
        return np.min(size)
    if p == 0:
        return np.sum(size != 0).astype(array.dtype)
    return np.sum(size**p) ** (1 / p)


def _move(number: Any, device: Any) -> Any:
    """A 0-d array on `device`; NumPy makes a scalar of what it computes of 0-d arrays."""
    return backend.to_device(wrap(number).array, device)


def get_total_norm(
    tensors: Tensors,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """The norm of all `tensors` as if they were one vector; a 0-d Tensor, 0 if there are none.

    error_if_nonfinite: RuntimeError if it is NaN or infinite.
    """
    arrays = [t.array for t in _as_list(tensors)]
    norm_type = float(norm_type)
    if not arrays:
        return wrap(np.zeros((), dtypes.get_default_dtype()))
    device = backend.device_of(arrays[0])
    norms = [_move(_norm(a, norm_type), device) for a in arrays]
    total = _norm(np.stack(norms), norm_type)
    if error_if_nonfinite and not np.isfinite(total):
        raise RuntimeError(
            f"The total norm of order {norm_type} for gradients from `parameters` is non-finite "
            f"({float(total)}), so it cannot be clipped. To scale the gradients by it anyway, set "
            "error_if_nonfinite=False"
        )
    return wrap(total)


def clip_grads_with_norm_(
    parameters: Tensors, max_norm: float, total_norm: Tensor, foreach: bool | None = None
) -> None:
    """grad *= min(1, max_norm / (total_norm + 1e-6)), in place, for a norm that is known."""
    grads = [g.array for g in _grads(parameters)]
    # No `if` on the value: reading it would make a GPU wait.
    scale = np.minimum(float(max_norm) / (total_norm.array + 1e-6), 1.0)
    for g in grads:
        g *= _move(scale, backend.device_of(g)).astype(g.dtype)
    note_write(*grads)


def clip_grad_norm_(
    parameters: Tensors,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scale the gradients down, in place, if their norm as one vector is above max_norm.

    Returns that norm, as it was before.

    >>> import minigrad as mg
    >>> w = mg.tensor([3.0, 4.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> mg.nn.utils.clip_grad_norm_([w], max_norm=1.0)
    tensor(10.)
    >>> w.grad
    tensor([0.6000, 0.8000])
    """
    if max_norm < 0:
        raise ValueError(f"clip_grad_norm_: max_norm must be >= 0, got {max_norm}")
    params = _as_list(parameters)
    if not params and isinstance(parameters, types.GeneratorType):
        warnings.warn(
            "clip_grad_norm_: `parameters` is an empty generator, so nothing is clipped; was it "
            "used before?",
            stacklevel=2,
        )
    total_norm = get_total_norm(_grads(params), norm_type, error_if_nonfinite)
    clip_grads_with_norm_(params, max_norm, total_norm)
    return total_norm


def clip_grad_value_(parameters: Tensors, clip_value: float, foreach: bool | None = None) -> None:
    """Clip every element of the gradients to [-clip_value, clip_value], in place."""
    clip_value = float(clip_value)
    if clip_value < 0:
        raise ValueError(f"clip_grad_value_: clip_value must be >= 0, got {clip_value}")
    grads = [g.array for g in _grads(parameters)]
    for g in grads:
        np.clip(g, -clip_value, clip_value, out=g)
    note_write(*grads)

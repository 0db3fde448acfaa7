"""What the recurrent kernels share: the order of steps, lengths, biases, activations."""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.cpu.elementary import sigmoid, tanh
from kernels.cpu.jit import dense, jit


@jit(forceinline=True)
def time_of(step, count, reverse):
    return count - 1 - step if reverse else step


@jit(forceinline=True)
def before(t, b, states, first, length, reverse):
    """The state (H) from which sequence b went into step t."""
    if reverse:
        return first[b] if t == length - 1 else states[t + 1, b]
    return first[b] if t == 0 else states[t - 1, b]


def added(b_ih: Any, b_hh: Any, like: Any) -> np.ndarray:
    """Both biases in one; what is not given is 0."""
    given = [b for b in (b_ih, b_hh) if b is not None]
    return dense(sum(given, np.zeros(len(like), like.dtype)))


def all_steps(lengths: Any, x: Any) -> np.ndarray:
    count, batch = x.shape[:2]
    return np.full(batch, count) if lengths is None else dense(lengths, np.int64)


@jit
def put(x, values):
    """x[:] = values; the loop is compiled faster than Numba's assignment with all its checks."""
    for j in range(len(x)):
        x[j] = values[j]


@jit
def clear(x):
    for j in range(len(x)):
        x[j] = 0


@jit
def sigmoids(x):
    for j in range(len(x)):
        x[j] = sigmoid(x[j])


@jit
def tanhs(x):
    for j in range(len(x)):
        x[j] = tanh(x[j])

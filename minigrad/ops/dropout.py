"""Dropout with its randomness given: a seed, from which every element's mask is drawn again."""

from __future__ import annotations

import kernels
from minigrad.graph import is_tensor, op

__all__ = ["dropout_by_seed"]


@op
def dropout_by_seed(x, seed, p):
    """x with each element 0 with probability p, else divided by 1 - p; the seed decides which.

    Gradient: dropout_by_seed(g, seed, p). So nothing is kept for backward but two numbers.
    seed: an integer, 0 <= seed < 2**64. `minigrad.nn.functional.dropout` draws one.
    """
    y = dropout_by_seed(x, seed, p) if is_tensor(x) else kernels.dropout(x, seed, p)
    return y, lambda g: dropout_by_seed(g, seed, p)

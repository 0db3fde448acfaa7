"""Penalties on weights, to be added to a loss.

An optimizer's weight_decay is L2 for SGD alone: Adam divides the penalty's gradient by its root
mean square as well, AdamW takes the decay past it (Loshchilov and Hutter, "Decoupled weight decay
regularization", 2019). A term of the loss is the penalty that it says it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from minigrad import ops
from minigrad.nn.module import Module


def l1_penalty(weights: Module | Iterable[Any], strength: float) -> Any:
    """strength * sum |w|: drives many weights to 0. Tibshirani, "the lasso", 1996.

    weights: a model (all its parameters with 2 axes or more, so no biases and scales), or Tensors.

    >>> import minigrad as mg
    >>> l1_penalty([mg.tensor([3.0, -4.0])], 0.1)
    tensor(0.7000)
    """
    return _penalty("l1_penalty", weights, strength, ops.abs)


def l2_penalty(weights: Module | Iterable[Any], strength: float) -> Any:
    """strength / 2 * sum w**2, the gradient of which is strength * w. Krogh and Hertz, 1991.

    weights: as for `l1_penalty`.

    >>> import minigrad as mg
    >>> l2_penalty([mg.tensor([3.0, -4.0])], 0.1)
    tensor(1.2500)
    """
    return _penalty("l2_penalty", weights, strength, lambda w: w * w / 2)


def _penalty(name: str, weights: Any, strength: float, of: Any) -> Any:
    if strength < 0:
        raise ValueError(f"{name}: expected strength >= 0, got {strength}; it would reward weights")
    if isinstance(weights, Module):
        weights = [p for p in weights.parameters() if p.ndim >= 2]
    terms = [of(w).sum() for w in weights]
    if not terms:
        raise ValueError(f"{name}: there are no weights to penalize")
    return strength * sum(terms[1:], start=terms[0])

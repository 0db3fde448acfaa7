"""What the options of optimizers may be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# How an option's value is checked, its name in messages, what was expected.
OPTIONS: dict[str, tuple[Callable[[Any], bool], str, str]] = {
    "lr": (lambda v: v >= 0, "learning rate", "0 or more"),
    "lr_decay": (lambda v: v >= 0, "lr_decay value", "0 or more"),
    "weight_decay": (lambda v: v >= 0, "weight_decay value", "0 or more"),
    "initial_accumulator_value": (
        lambda v: v >= 0,
        "initial_accumulator_value value",
        "0 or more",
    ),
    "momentum": (lambda v: v >= 0, "momentum value", "0 or more"),
    "momentum_decay": (lambda v: v >= 0, "momentum_decay value", "0 or more"),
    "trust_coefficient": (lambda v: v >= 0, "trust_coefficient value", "0 or more"),
    "alpha": (lambda v: v >= 0, "alpha value", "0 or more"),
    "rho": (lambda v: 0 <= v <= 1, "rho value", "between 0 and 1"),
    "betas": (lambda v: all(0 <= b < 1 for b in v), "beta parameters", "each at least 0, below 1"),
    "etas": (lambda v: 0 < v[0] < 1 < v[1], "eta values", "one between 0 and 1, one above 1"),
    "eps": (
        lambda v: all(e is None or e >= 0 for e in (v if isinstance(v, (tuple, list)) else [v])),
        "epsilon value",
        "0 or more",
    ),
}


def check_options(optimizer: str, group: dict[str, Any]) -> None:
    """ValueError for an option of a group that is out of range, TypeError for what is no number."""
    for key, (valid, name, expected) in OPTIONS.items():
        if key not in group:
            continue
        try:
            fits = valid(group[key])
        except TypeError:
            raise TypeError(
                f"{optimizer}: Invalid {name}: {group[key]!r}; expected {expected}"
            ) from None
        if not fits:
            raise ValueError(f"{optimizer}: Invalid {name}: {group[key]}; expected {expected}")

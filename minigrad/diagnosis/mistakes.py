"""Mistakes seen in one step: a softmax too many, the wrong mode, inputs out of range."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad import nn
from minigrad.autograd import ancestors
from minigrad.diagnosis.report import Finding
from minigrad.diagnosis.tape import is_value
from minigrad.graph import Node

MODAL = (
    nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout,
    nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d,
)  # fmt: skip
# The op of a loss that takes logits, what must not come before it, and what the loss is called.
# (log_softmax of log_softmax is log_softmax: a detour, not a mistake.)
LOGITS = {
    "softmax_cross_entropy": ({"softmax", "sigmoid"}, "cross_entropy"),
    "bernoulli_nll_of_logits": ({"softmax", "sigmoid"}, "binary_cross_entropy_with_logits"),
}
SAME_VALUES = {"reshape", "squeeze", "unsqueeze", "flatten", "getitem", "permute", "transpose"}
LARGEST, SMALLEST = 20.0, 1e-3  # of the root mean square of inputs


def softmax_twice(loss: Any) -> Iterator[Finding]:
    for node in ancestors([loss.node]) if loss.node is not None else ():
        before, name = LOGITS.get(node.name, (set(), ""))
        for i, parent in node.edges:
            while parent.__class__ is Node and parent.name in SAME_VALUES:
                parent = parent.edges[0][1]
            if i == 0 and parent.__class__ is Node and parent.name in before:
                yield Finding(
                    "softmax-before-loss",
                    f"{name} takes logits, and was given what {parent.name} made of them",
                    {"loss": node.name, "its input is made by": parent.name},
                    f"give {name} the last layer's output as it is: it has the {parent.name} in it",
                )


def wrong_mode(model: Any) -> Iterator[Finding]:
    """Training with all dropout and batch norm in eval mode. (Some only: frozen on purpose.)"""
    modal = [(name, m) for name, m in model.named_modules() if isinstance(m, MODAL)]
    if modal and not model.training and not any(m.training for _, m in modal):
        yield Finding(
            "eval-while-training",
            "dropout and batch norm are in eval mode: nothing is dropped, no statistics are taken",
            {"layers": [f"{name} ({type(m).__name__})" for name, m in modal]},
            "call model.train() before training, model.eval() before evaluation",
        )


def out_of_range(inputs: Any) -> Iterator[Finding]:
    """inputs: what the model was given; integers are taken for tokens or classes."""
    for x in inputs if isinstance(inputs, (tuple, list)) else (inputs,):
        if not is_value(x) or x.dtype.kind != "f" or 0 in x.shape:
            continue
        values = x.detach().cpu().numpy().astype(np.float64)
        rms = float(np.sqrt(np.mean(values**2)))
        if rms > LARGEST or 0 < rms < SMALLEST:
            yield Finding(
                "inputs-not-normalised",
                f"the inputs are far too {'large' if rms > LARGEST else 'small'} for usual weights",
                {"mean": float(values.mean()), "std": float(values.std()), "rms": rms},
                "scale them to a mean of about 0 and a standard deviation of about 1 "
                "(transforms.Normalize; divide pixels by 255)",
            )

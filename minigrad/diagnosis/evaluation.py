"""Evaluating in training mode: dropout drops, batch norm looks at the test data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minigrad.diagnosis.mistakes import MODAL
from minigrad.diagnosis.report import Finding


class Evaluation:
    """Counts forwards without grad, in training mode, with no backward of anybody in between.

    One of them may be a number for the log, or a GAN's images; several in a row are an evaluation.
    """

    def __init__(self) -> None:
        self.in_a_row = self.most = 0
        self.layers: list[str] = []

    def forward(self, model: Any) -> None:
        modal = [(name, m) for name, m in model.named_modules() if isinstance(m, MODAL)]
        active = [f"{name} ({type(m).__name__})" for name, m in modal if m.training]
        # update_bn takes the statistics anew this way, and says so by momentum=None.
        takes_statistics = any(getattr(m, "momentum", 0.1) is None for _, m in modal)
        if model.training and active and not takes_statistics:
            self.layers = active
            self.in_a_row += 1
            self.most = max(self.most, self.in_a_row)
        else:
            self.in_a_row = 0

    def backward(self) -> None:
        self.in_a_row = 0

    def findings(self) -> Iterator[Finding]:
        if self.most > 1:
            yield Finding(
                "train-while-evaluating",
                "the model is evaluated in training mode, so its numbers are not those of use",
                {"batches in a row without grad": self.most, "layers": self.layers},
                "call model.eval() before evaluation, and model.train() before training goes on",
            )

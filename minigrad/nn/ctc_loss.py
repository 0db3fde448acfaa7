"""The loss of connectionist temporal classification, as a Module."""

from __future__ import annotations

from typing import Any

from minigrad.nn import functional as F
from minigrad.nn.loss import Loss


class CTCLoss(Loss):
    """-log of the probability of a sequence of labels, wherever in the input each is: F.ctc_loss.

    For speech and handwriting, where it is known what is said but not when. log_probs (T, N, C) or
    (T, C); targets (N, S), or all in one vector, without the blank. reduction "mean" first divides
    each loss by its target length. zero_infinity: the infinite loss of a target that is too long
    for its input becomes 0. Graves et al. 2006, "Connectionist temporal classification".

    >>> import minigrad as mg
    >>> log_probs = mg.log_softmax(mg.zeros(2, 1, 3), dim=-1)
    >>> CTCLoss()(log_probs, mg.tensor([[1]]), (2,), (1,))  # 1 1, 1 _, _ 1: log(9 / 3)
    tensor(1.0986)
    """

    def __init__(self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False):
        super().__init__(reduction=reduction)
        self.blank = blank
        self.zero_infinity = zero_infinity

    def forward(self, log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any) -> Any:
        return F.ctc_loss(
            log_probs,
            targets,
            input_lengths,
            target_lengths,
            self.blank,
            self.reduction,
            self.zero_infinity,
        )

"""Cross-entropy of logits and labels in one step, and its gradient.

    lse_i  = log sum_c exp(logits_ic)
    loss_i = lse_i - logits[i, label_i]
    d loss_i / d logits_ic = exp(logits_ic - lse_i) - (1 where c is the label)

logits (N, C), labels (N), integers from 0 to C - 1, or -1 for a row that does not count: its loss
and its gradient are 0. Kept for backward is one number a row, lse; the softmax is never stored.

Forward 4 FLOPs and an exponential an element, and one read of the logits; backward one read and
one write.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.reference.softmax import largest, total


def cross_entropy(logits: Any, labels: Any) -> tuple[Any, Any]:
    """(loss, lse), each (N)."""
    top = largest(logits)
    z = logits - top
    log_total = np.log(total(np.exp(z)))[:, 0]
    at = np.arange(len(labels), like=labels), labels
    # Not lse - logits[at]: two large numbers would leave a difference without its last digits.
    loss = log_total - z[at]
    loss[labels < 0] = 0
    return loss, top[:, 0] + log_total


def cross_entropy_backward(g: Any, logits: Any, labels: Any, lse: Any) -> Any:
    """The gradient of the logits (N, C), of the gradients g (N) of the losses."""
    p = np.exp(logits - lse[:, None])
    p[np.arange(len(labels), like=labels), labels] -= 1
    p *= g[:, None]
    p[labels < 0] = 0
    return p

"""Weight decay that is stronger than the gradient: the weights only shrink."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from minigrad.diagnosis.report import Finding
from minigrad.diagnosis.steps import Step, fall, median

ALONG = 0.8  # the cosine of the change of all weights and of minus the weights
FEWEST = 10


def decay(steps: Sequence[Step]) -> Iterator[Finding]:
    """A gradient has no reason to point along the weights (in high dimensions its cosine with
    them is about 0); decay does nothing else."""
    cosine = median(s.shrinking for s in steps)
    if len(steps) >= FEWEST and cosine > ALONG and fall([s.loss for s in steps]) < 0.5:
        yield Finding(
            "weight-decay-dominates",
            "weight decay is stronger than the gradient: each step makes the weights smaller, "
            "and does little else",
            {
                "cosine of the change and minus the weights": cosine,
                "change in one step": f"{median(s.update for s in steps):.1e} of the weights",
            },
            "divide weight_decay by 10 (usual: 0 to 1e-2 for Adam, 1e-4 for SGD, 0.1 for AdamW)",
        )

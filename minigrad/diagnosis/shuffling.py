"""Data that is not shuffled: the classes come one after the other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from minigrad.diagnosis.report import Finding
from minigrad.diagnosis.steps import Step

FEWEST_BATCHES, FEWEST_LABELS = 6, 48
SORTED = 0.25  # 0: batches differ as much as dice make them; 1: none shares a class with another
DEVIATIONS = 6  # standard deviations away from what dice give


def not_shuffled(steps: Sequence[Step]) -> Iterator[Finding]:
    """A chi-square test of homogeneity: do the classes come equally often in all batches?

    For batches of one, the runs test of Wald and Wolfowitz, 1940: does a label follow an equal one
    more often than dice would have it? A full batch in order is no mistake, and none is found.
    """
    batches = [np.concatenate(s.labels) for s in steps if s.labels]
    batches = [b[b >= 0] for b in batches]
    batches = [b for b in batches if len(b)]
    if len(batches) < FEWEST_BATCHES or sum(map(len, batches)) < FEWEST_LABELS:
        return
    every = np.concatenate(batches)
    classes, codes = np.unique(every, return_inverse=True)
    if len(classes) < 2:
        return
    share = np.bincount(codes) / len(codes)
    if max(map(len, batches)) == 1:
        equal = int(np.sum(codes[1:] == codes[:-1]))
        chance, pairs = float(np.sum(share**2)), len(codes) - 1
        deviations = (equal - pairs * chance) / math.sqrt(pairs * chance * (1 - chance))
        sortedness = (equal - pairs * chance) / (pairs * (1 - chance))
    else:
        counts = np.stack([np.bincount(np.searchsorted(classes, b), minlength=len(classes))
                           for b in batches])  # fmt: skip
        expected = counts.sum(1, keepdims=True) * share
        chi2 = float(np.sum((counts - expected) ** 2 / expected))
        free = (len(batches) - 1) * (len(classes) - 1)
        most = len(every) * (min(len(batches), len(classes)) - 1)
        deviations = (chi2 - free) / math.sqrt(2 * free)
        sortedness = (chi2 - free) / max(most - free, 1)
    if deviations > DEVIATIONS and sortedness > SORTED:
        alone = sum(len(set(b.tolist())) == 1 for b in batches)
        yield Finding(
            "not-shuffled",
            "the samples come sorted by class: a batch shows the model only a few of them",
            {
                "batches of a single class": f"{alone} of {len(batches)}",
                "classes in all": len(classes),
                "sortedness (0: shuffled, 1: sorted)": min(sortedness, 1.0),
            },
            "shuffle the training data: DataLoader(dataset, batch_size=..., shuffle=True)",
        )

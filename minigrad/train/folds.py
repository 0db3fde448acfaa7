"""Cross-validation: every sample is held out once."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import random as rng
from minigrad.data import Subset
from minigrad.graph import is_tensor


def k_folds(
    dataset: Any,
    k: int = 5,
    *,
    shuffle: bool = True,
    labels: Any = None,
    generator: rng.Generator | None = None,
) -> list[tuple[Subset, Subset]]:
    """k pairs (training, held out) of parts of the dataset, the latter as equal as can be.

    Every sample is in exactly one part that is held out. shuffle: in random order, from the
    generator. labels: one for each sample; then each part has of every class as many as the others,
    give or take one. Raises ValueError if there are fewer than k samples.

    >>> import minigrad as mg
    >>> data = mg.data.TensorDataset(mg.arange(6))
    >>> [held_out.indices for _, held_out in k_folds(data, 3, shuffle=False)]
    [[0, 1], [2, 3], [4, 5]]
    """
    n = len(dataset)
    if not 2 <= k <= n:
        raise ValueError(f"k_folds: expected 2 <= k <= {n}, the number of samples; got k={k}")
    order = rng.permutation(n, generator=generator) if shuffle else np.arange(n)
    part = np.empty(n, np.int64)
    if labels is None:
        part[order] = np.arange(n) * k // n
    else:
        kinds = np.asarray(labels.numpy() if is_tensor(labels) else labels)
        if kinds.shape != (n,):
            raise ValueError(
                f"k_folds: expected a label for each of {n} samples, got shape {kinds.shape}"
            )
        # Class after class, dealt out like cards: so neither a class nor the whole is uneven.
        by_class = order[np.argsort(kinds[order], kind="stable")]
        part[by_class] = np.arange(n) % k
    return [
        (
            Subset(dataset, np.flatnonzero(part != i).tolist()),
            Subset(dataset, np.flatnonzero(part == i).tolist()),
        )
        for i in range(k)
    ]

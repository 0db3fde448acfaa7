"""The handwritten digits that come with minigrad: 1,797 images of 8 x 8 pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from minigrad.data.dataset import TensorDataset
from minigrad.graph import wrap

FILE = Path(__file__).parent / "files" / "digits.npz"  # files/README.md: source and licence


def digits() -> tuple[TensorDataset, TensorDataset]:
    """(train, test): 1,433 and 364 pairs (image, label), the same ones every time.

    image: 64 float32 pixels, row by row, 0 is white and 1 black; `image.reshape(8, 8)` is the
    picture. label: int64, 0 to 9. The test set is every fifth image of each digit, from its first.
    All 13 writers are in both sets: a net will do worse on the hand of somebody new.

    Source: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI 1998, CC BY 4.0.

    >>> train, test = digits()
    >>> len(train), len(test), train[0][0].shape
    (1433, 364, (64,))
    """
    with np.load(FILE, allow_pickle=False) as file:
        images, labels = file["images"], file["labels"]
    images = images.reshape(-1, 64).astype(np.float32) / np.float32(16)
    labels = labels.astype(np.int64)
    in_test = np.zeros(len(labels), dtype=bool)
    for digit in range(10):
        in_test[np.flatnonzero(labels == digit)[::5]] = True
    train, test = (
        TensorDataset(wrap(images[chosen]), wrap(labels[chosen])) for chosen in (~in_test, in_test)
    )
    return train, test

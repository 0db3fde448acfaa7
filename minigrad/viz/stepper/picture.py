"""What is shown of an array: its numbers if they are few, else statistics and a histogram."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad.backend import to_device

FEW = 144  # elements of which each is shown: a 12x12 grid
BINS = 24


@dataclass
class Picture:
    """An array as it can be drawn and written as JSON.

    values: the elements in row-major order if there are at most `FEW`, else None; what is not
    finite is written "nan", "inf" or "-inf". of the finite elements, if there are any, `lowest`,
    `highest`, `mean`, `std` and for large arrays `histogram`, the counts of `BINS` equal bins
    between the two; `zeros` and `not_finite` count elements.
    """

    shape: list[int]
    dtype: str
    values: list[Any] | None
    lowest: float | None = None
    highest: float | None = None
    mean: float | None = None
    std: float | None = None
    zeros: int = 0
    not_finite: int = 0
    histogram: list[int] | None = None

    def __str__(self) -> str:
        """`2.5`, `[1, 2]`, or `float32[64, 10] mean 0.1, std 1.2, from -3 to 4`."""
        if self.values is not None and len(self.values) <= 8:
            return nested([f"{v:.5g}" if is_number(v) else str(v) for v in self.values], self.shape)
        text = f"{self.dtype}{self.shape}"
        if self.mean is not None:
            text += f" mean {self.mean:.4g}, std {self.std:.4g}"
            text += f", from {self.lowest:.4g} to {self.highest:.4g}"
        return text + (f", {self.not_finite} not finite" if self.not_finite else "")


def picture(array: Any) -> Picture:
    """The picture of a NumPy or CuPy array."""
    a = np.asarray(to_device(array, "cpu"))
    shown = [plain(v) for v in a.reshape(-1).tolist()] if a.size <= FEW else None
    drawn = Picture(list(a.shape), str(a.dtype), shown)
    if a.dtype.kind == "c":
        return drawn
    a = a.astype(np.float64)
    finite = a[np.isfinite(a)]
    drawn.zeros, drawn.not_finite = int((a == 0).sum()), int(a.size - finite.size)
    if finite.size:
        drawn.lowest, drawn.highest = float(finite.min()), float(finite.max())
        drawn.mean, drawn.std = float(finite.mean()), float(finite.std())
        if shown is None:
            drawn.histogram = np.histogram(finite, BINS)[0].tolist()
    return drawn


def plain(v: Any) -> Any:
    """A number that JSON can hold, else its text."""
    return v if isinstance(v, (bool, int)) or (is_number(v) and math.isfinite(v)) else str(v)


def is_number(v: Any) -> bool:
    return isinstance(v, (int, float)) and not isinstance(v, bool)


def nested(texts: list[str], shape: list[int]) -> str:
    """Texts in row-major order with the brackets of an array of this shape."""
    if not shape:
        return texts[0]
    size = math.prod(shape[1:])
    rows = [nested(texts[i * size : (i + 1) * size], shape[1:]) for i in range(shape[0])]
    return "[" + ", ".join(rows) + "]"

"""What a picture is drawn from: a Tensor, an array or a list, as a NumPy array."""

from __future__ import annotations

from typing import Any

import numpy as np


def as_array(values: Any) -> np.ndarray:
    """A NumPy array of a Tensor on any device, an array, or nested lists."""
    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    return np.asarray(values)

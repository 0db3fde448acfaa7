"""Small images drawn with characters, side by side, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

BLOCKS = " ░▒▓█"
ASCII = " .:*#"
GAP = "  "


def draw_images(
    images: Any, captions: Sequence[str], width: int = 80, shades: str = BLOCKS
) -> list[str]:
    """Lines of text with as many of the images (N, H, W) as fit into `width` columns.

    Every image is scaled to its own brightest pixel, and a pixel is two characters wide, since
    characters are twice as high. At least one image is drawn.
    """
    wide = 2 * images.shape[2]
    fitting = max(1, (width + len(GAP)) // (wide + len(GAP)))
    columns = []
    for image, caption in zip(images[:fitting], captions, strict=False):
        level = np.asarray(image) / max(float(np.max(image)), 1e-12) * (len(shades) - 1)
        rows = ["".join(2 * shades[k] for k in row) for row in np.rint(level).astype(int)]
        columns.append([*rows, caption[:wide].center(wide)])
    return [GAP.join(row).rstrip() for row in zip(*columns, strict=True)]

"""Augmentation of images: random changes that leave what is on them the same.

Each is called with an image (C, H, W), or several (..., C, H, W) that are then changed in the same
way, as an array or a Tensor, and returns the same kind. Random numbers come from the generator that
all use, so `manual_seed` makes them repeat, and a DataLoader with workers gives the same batches as
one without. Names and arguments are torchvision's. `Mixup` and `CutMix` are for batches.

    augment = Compose([RandomCrop(28, padding=2), RandomHorizontalFlip(), RandomErasing()])
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from minigrad import random as rng
from minigrad.graph import describe, is_tensor, wrap


class Transform:
    """What all have in common: Tensors in, Tensors out; a subclass writes `change(array)`."""

    axes = 3  # that it needs

    def __call__(self, image: Any) -> Any:
        x = image.array if is_tensor(image) else np.asarray(image)
        if x.ndim < self.axes:
            what = "an image (C, H, W)" if self.axes == 3 else "a series (C, T)"
            raise ValueError(
                f"{type(self).__name__}: expected {what}, got {describe(image)}; with one channel: "
                "x[None]"
            )
        y = self.change(x)
        return wrap(y) if is_tensor(image) else y

    def change(self, x: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__}: a subclass writes change(array)")


class Compose:
    """One after the other.

    >>> Compose([abs, str])(-3)
    '3'
    """

    def __init__(self, transforms: Iterable[Callable[[Any], Any]]):
        self.transforms = list(transforms)

    def __call__(self, image: Any) -> Any:
        for transform in self.transforms:
            image = transform(image)
        return image


def chance(name: str, p: float) -> float:
    if not 0 <= p <= 1:
        raise ValueError(f"{name}: expected a probability p in [0, 1], got {p}")
    return p


def happens(p: float) -> bool:
    return float(rng.uniform(())) < p


def pair(name: str, size: Any) -> tuple[int, int]:
    """A size, or (height, width)."""
    sizes = (size, size) if isinstance(size, int) else tuple(size)
    if len(sizes) != 2 or not all(isinstance(s, int) and s > 0 for s in sizes):
        raise ValueError(f"{name}: expected a size, or (height, width), above 0, got {size!r}")
    return sizes


class RandomHorizontalFlip(Transform):
    """Left and right exchanged, with probability p. Not for digits: a 2 is no 2 in a mirror.

    >>> RandomHorizontalFlip(p=1)(np.array([[[1, 2, 3]]]))
    array([[[3, 2, 1]]])
    """

    def __init__(self, p: float = 0.5):
        self.p = chance("RandomHorizontalFlip", p)

    def change(self, x: Any) -> Any:
        return x[..., ::-1].copy() if happens(self.p) else x


class RandomVerticalFlip(Transform):
    """Top and bottom exchanged, with probability p."""

    def __init__(self, p: float = 0.5):
        self.p = chance("RandomVerticalFlip", p)

    def change(self, x: Any) -> Any:
        return x[..., ::-1, :].copy() if happens(self.p) else x


class RandomCrop(Transform):
    """A window of this size from anywhere in the image with a border, `padding` wide, of `fill`."""

    def __init__(self, size: Any, padding: int = 0, fill: float = 0):
        self.size, self.padding, self.fill = pair("RandomCrop", size), padding, fill
        if padding < 0:
            raise ValueError(f"RandomCrop: expected padding >= 0, got {padding}")

    def change(self, x: Any) -> Any:
        around = [(0, 0)] * (x.ndim - 2) + [(self.padding, self.padding)] * 2
        x = np.pad(x, around, constant_values=self.fill)
        (height, width), (h, w) = x.shape[-2:], self.size
        if h > height or w > width:
            raise ValueError(
                f"RandomCrop: a window of {h} x {w} does not fit into {height} x {width} (with the "
                f"padding of {self.padding})"
            )
        top = int(rng.integers(0, height - h + 1, ()))
        left = int(rng.integers(0, width - w + 1, ()))
        return x[..., top : top + h, left : left + w].copy()


class RandomAffine(Transform):
    """Turned, moved, scaled and sheared about the centre, with bilinear interpolation.

    degrees: turned by an angle from -degrees to degrees, or of a range (least, most),
    counterclockwise. translate: (a, b), moved by up to a of the width and b of the height. scale:
    (least, most) factor. shear: up to so many degrees, along the rows. fill: what comes in from
    outside.
    """

    def __init__(
        self,
        degrees: Any,
        translate: tuple[float, float] | None = None,
        scale: tuple[float, float] | None = None,
        shear: float = 0.0,
        fill: float = 0.0,
    ):
        self.degrees = (-degrees, degrees) if isinstance(degrees, (int, float)) else tuple(degrees)
        self.translate, self.scale = translate or (0.0, 0.0), scale or (1.0, 1.0)
        self.shear, self.fill = shear, fill
        if self.degrees[0] > self.degrees[1]:
            raise ValueError(f"RandomAffine: expected degrees >= 0 or a range, got {degrees!r}")
        if not all(0 <= t <= 1 for t in self.translate):
            raise ValueError(f"RandomAffine: translate is two fractions in [0, 1], got {translate}")
        if not 0 < self.scale[0] <= self.scale[1]:
            raise ValueError(f"RandomAffine: scale is 0 < least <= most, got {scale}")

    def change(self, x: Any) -> Any:
        height, width = x.shape[-2:]
        angle, scale, shear, right, down = (
            float(rng.uniform((), low, high))
            for low, high in (
                self.degrees, self.scale, (-self.shear, self.shear),
                (-self.translate[0], self.translate[0]), (-self.translate[1], self.translate[1]),
            )
        )  # fmt: skip
        matrix = inverse_affine(math.radians(angle), scale, math.radians(shear))
        return sample(x, matrix, (down * height, right * width), self.fill)


class RandomRotation(RandomAffine):
    """Turned about the centre, by an angle from -degrees to degrees or of a range (least, most)."""

    def __init__(self, degrees: Any, fill: float = 0.0):
        super().__init__(degrees, fill=fill)


def inverse_affine(angle: float, scale: float, shear: float) -> np.ndarray:
    """(2, 2): from a place (row, column) in the result to the one in the image that it shows.

    The image is sheared along its rows, scaled and turned counterclockwise; rows point down, which
    is why the signs of the sines are not those of a textbook.
    """
    cos, sin = math.cos(angle), math.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]])
    slant = np.array([[1.0, 0.0], [math.tan(shear), 1.0]])
    return np.linalg.inv(scale * turn @ slant)


def sample(x: Any, matrix: np.ndarray, shift: tuple[float, float], fill: float) -> Any:
    """y[p] = x[centre + matrix (p - shift - centre)], interpolated between four pixels."""
    height, width = x.shape[-2:]
    centre = np.array([(height - 1) / 2, (width - 1) / 2])
    places = np.stack([*np.mgrid[:height, :width]], axis=-1) - centre - np.array(shift)
    rows, columns = np.moveaxis(places @ matrix.T + centre, -1, 0)
    top, left = np.floor(rows).astype(np.int64), np.floor(columns).astype(np.int64)
    down, right = (rows - top).astype(np.float32), (columns - left).astype(np.float32)
    # With a border of `fill`, onto which every place outside is moved.
    padded = np.pad(x, [(0, 0)] * (x.ndim - 2) + [(1, 1)] * 2, constant_values=fill)

    def pixel(i: np.ndarray, j: np.ndarray) -> Any:
        return padded[..., np.clip(i + 1, 0, height + 1), np.clip(j + 1, 0, width + 1)]

    upper = (1 - right) * pixel(top, left) + right * pixel(top, left + 1)
    lower = (1 - right) * pixel(top + 1, left) + right * pixel(top + 1, left + 1)
    y = (1 - down) * upper + down * lower
    return np.rint(y).astype(x.dtype) if x.dtype.kind in "iu" else y.astype(x.dtype)


class RandomErasing(Transform):
    """A rectangle is filled with `value`, with probability p.

    scale: the range of its area, as a fraction of the image's; ratio: of height to width. DeVries
    and Taylor, "Improved regularization of convolutional neural networks with cutout", 2017; Zhong
    et al., "Random erasing data augmentation", 2020.
    """

    def __init__(
        self,
        p: float = 0.5,
        scale: tuple[float, float] = (0.02, 0.33),
        ratio: tuple[float, float] = (0.3, 3.3),
        value: float = 0,
    ):
        self.p, self.scale = chance("RandomErasing", p), scale
        self.ratio, self.value = ratio, value
        if not 0 < scale[0] <= scale[1] <= 1:
            raise ValueError(f"RandomErasing: scale is 0 < least <= most <= 1, got {scale}")
        if not 0 < ratio[0] <= ratio[1]:
            raise ValueError(f"RandomErasing: ratio is 0 < least <= most, got {ratio}")

    def change(self, x: Any) -> Any:
        if not happens(self.p):
            return x
        height, width = x.shape[-2:]
        area = height * width * float(rng.uniform((), *self.scale))
        ratio = math.exp(float(rng.uniform((), *map(math.log, self.ratio))))
        h = min(max(round(math.sqrt(area * ratio)), 1), height)
        w = min(max(round(math.sqrt(area / ratio)), 1), width)
        top = int(rng.integers(0, height - h + 1, ()))
        left = int(rng.integers(0, width - w + 1, ()))
        x = x.copy()
        x[..., top : top + h, left : left + w] = self.value
        return x


class Normalize(Transform):
    """(x - mean) / std, with a number for each channel.

    >>> Normalize([2.0], [4.0])(np.full((1, 1, 2), 10.0))
    array([[[2., 2.]]])
    """

    def __init__(self, mean: Any, std: Any):
        self.mean, self.std = (np.asarray(v, np.float64)[:, None, None] for v in (mean, std))
        if (self.std == 0).any():
            raise ValueError(f"Normalize: std is {list(std)}, and nothing can be divided by 0")

    def change(self, x: Any) -> Any:
        if len(self.mean) not in (1, x.shape[-3]):
            raise ValueError(
                f"Normalize: {len(self.mean)} means for an image of {x.shape[-3]} channels"
            )
        dtype = x.dtype if x.dtype.kind == "f" else np.float32
        return ((x - self.mean) / self.std).astype(dtype)

"""Augmentation: what each changes, how often, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.data import DataLoader, TensorDataset
from minigrad.data.mixing import CutMix, Mixup
from minigrad.data.series_transforms import Jitter, Scaling, TimeShift, TimeWarp
from minigrad.data.text_transforms import TokenMasking, WordDropout, WordSwap
from minigrad.data.transforms import (
    Compose,
    Normalize,
    RandomAffine,
    RandomCrop,
    RandomErasing,
    RandomHorizontalFlip,
    RandomRotation,
    RandomVerticalFlip,
)
from minigrad.nn import functional as F

IMAGE = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
IMAGES = [
    RandomHorizontalFlip(), RandomVerticalFlip(), RandomCrop(2), RandomCrop((3, 2), padding=2),
    RandomErasing(), RandomRotation(30), Normalize([0.5], [2.0]),
    RandomAffine(10, (0.1, 0.2), (0.8, 1.2), 5.0),
]  # fmt: skip
SERIES = [Jitter(), Scaling(), TimeShift(0.5), TimeWarp()]


@pytest.mark.parametrize("transform", IMAGES + SERIES, ids=lambda t: type(t).__name__)
def test_kinds_seeds_and_what_came_in(transform):
    before = IMAGE.copy()
    results = []
    for image in (IMAGE, mg.tensor(IMAGE), IMAGE.astype(np.float64)):
        mg.manual_seed(3)
        results.append(transform(image))
    assert isinstance(results[0], np.ndarray)
    assert isinstance(results[1], mg.Tensor)
    assert results[0].dtype == np.float32
    assert results[2].dtype == np.float64
    np.testing.assert_array_equal(results[0], results[1].numpy())
    np.testing.assert_array_equal(IMAGE, before)
    result = results[0]
    result[...] = -1  # what comes out may be written to
    if result.base is not IMAGE and result is not IMAGE:
        np.testing.assert_array_equal(IMAGE, before)
    IMAGE[...] = before


def test_flips():
    np.testing.assert_array_equal(RandomHorizontalFlip(1)(IMAGE), IMAGE[:, :, ::-1])
    np.testing.assert_array_equal(RandomVerticalFlip(1)(IMAGE), IMAGE[:, ::-1])
    np.testing.assert_array_equal(RandomHorizontalFlip(0)(IMAGE), IMAGE)
    mg.manual_seed(0)
    flipped = [(RandomHorizontalFlip(0.3)(IMAGE) != IMAGE).any() for _ in range(2000)]
    assert np.mean(flipped) == pytest.approx(0.3, abs=0.04)


def test_crops_come_from_everywhere():
    mg.manual_seed(0)
    seen = {tuple(RandomCrop(2)(IMAGE)[0].ravel()) for _ in range(300)}
    windows = {tuple(IMAGE[0, i : i + 2, j : j + 2].ravel()) for i in range(2) for j in range(3)}
    assert seen == windows
    corners = {RandomCrop(1, padding=1, fill=-5)(IMAGE)[0, 0, 0] for _ in range(500)}
    assert corners == {-5.0, *IMAGE[0].ravel()}


@pytest.mark.parametrize(("degrees", "turns"), [(90, 1), (180, 2), (270, 3), (-90, 3), (0, 0)])
def test_right_angles(degrees, turns):
    square = np.arange(25, dtype=np.float32).reshape(1, 5, 5)
    turned = RandomRotation((degrees, degrees))(square)
    np.testing.assert_allclose(turned, np.rot90(square, turns, axes=(1, 2)), atol=1e-4)


def test_moving_and_scaling():
    image = np.zeros((1, 9, 9), np.float32)
    image[0, 4, 4] = 1
    mg.manual_seed(1)
    moved = [RandomAffine(0, (0.3, 0.2))(image)[0] for _ in range(300)]
    places = np.array([np.unravel_index(m.argmax(), m.shape) for m in moved])
    assert places.min(0).tolist() == [2, 1]
    assert places.max(0).tolist() == [6, 7]
    ramp = np.broadcast_to(np.arange(9, dtype=np.float32), (1, 9, 9))
    np.testing.assert_allclose(
        RandomAffine(0, scale=(2, 2))(ramp)[0, 4], 4 + (np.arange(9) - 4) / 2, atol=1e-5
    )
    corner = RandomAffine((45, 45), fill=7)(np.zeros((1, 9, 9)))[0, 0, 0]
    assert corner == pytest.approx(7, rel=1e-6)


def test_integers_stay_integers():
    turned = RandomRotation((90, 90))(np.arange(9, dtype=np.uint8).reshape(1, 3, 3))
    assert turned.dtype == np.uint8
    np.testing.assert_array_equal(turned[0], np.rot90(np.arange(9).reshape(3, 3)))


def test_erasing():
    mg.manual_seed(0)
    image = np.ones((3, 20, 30), np.float32)
    erased = [RandomErasing(1, scale=(0.1, 0.2))(image) for _ in range(200)]
    shares = [1 - e.mean() for e in erased]
    assert min(shares) > 0.07
    assert max(shares) < 0.23
    assert all((e == e[:1]).all() for e in erased)  # the same place in all channels
    rows = np.flatnonzero((erased[0][0] == 0).any(1))
    assert (np.diff(rows) == 1).all()


def test_compose_and_normalize():
    both = Compose([RandomHorizontalFlip(1), Normalize([1.0, 2.0], [2.0, 4.0])])
    expected = (IMAGE[:, :, ::-1] - [[[1.0]], [[2.0]]]) / [[[2.0]], [[4.0]]]
    np.testing.assert_allclose(both(IMAGE), expected)
    assert Normalize([0], [255])(np.full((1, 2, 2), 255, np.uint8)).dtype == np.float32


def test_workers_draw_the_same_numbers():
    x = mg.arange(64).reshape(8, 1, 2, 4).float()
    flip = RandomHorizontalFlip()
    batches = []
    for workers in (0, 2):
        mg.manual_seed(0)
        loader = DataLoader(
            TensorDataset(x), batch_size=4, shuffle=True, num_workers=workers,
            collate_fn=lambda samples: mg.stack([flip(image) for (image,) in samples]),
        )  # fmt: skip
        batches.append([batch.tolist() for batch in loader])
    assert batches[0] == batches[1]


# ---------------------------------------------------------------------------- batches


@pytest.mark.parametrize("mix", [Mixup(3, 0.4), CutMix(3)])
def test_targets_are_mixed_as_the_images_are(mix):
    """Images that show their class: class c has c everywhere, in a channel of its own."""
    mg.manual_seed(0)
    labels = mg.tensor([0, 1, 2, 1])
    images = F.one_hot(labels, 3).float().reshape(4, 3, 1, 1).expand(4, 3, 8, 8)
    for _ in range(20):
        x, y = mix(images, labels)
        np.testing.assert_allclose(x.numpy().mean((2, 3)), y.numpy(), atol=1e-6)
        np.testing.assert_allclose(y.numpy().sum(1), 1, atol=1e-6)
        F.cross_entropy(mg.zeros(4, 3), y)


@pytest.mark.parametrize(
    ("labels", "message"),
    [([0, 3], "label 3 is not one of 3"), ([0.5, 1], "integer label"), ([0], "each of 2 samples")],
)
def test_labels_that_cannot_be_mixed(labels, message):
    with pytest.raises(ValueError, match=message):
        Mixup(3)(mg.ones(2, 1, 4, 4), mg.tensor(labels))


# ---------------------------------------------------------------------------- series and text


def test_series():
    x = np.tile(np.arange(100, dtype=np.float32), (2, 1))
    mg.manual_seed(0)
    assert (Jitter(0.5)(x) - x).std() == pytest.approx(0.5, rel=0.2)
    factors = Scaling(0.5)(x)[:, 1:] / x[:, 1:]
    np.testing.assert_allclose(factors, factors[:, :1].repeat(99, 1), rtol=1e-5)
    shifted = {int(TimeShift(0.02, fill=-1)(x)[0, 50]) for _ in range(100)}
    assert shifted == {48, 49, 50, 51, 52}
    warped = TimeWarp(0.5)(x)
    assert (np.diff(warped) >= 0).all()
    np.testing.assert_allclose(warped[:, [0, -1]], x[:, [0, -1]], atol=1e-4)
    assert (warped != x).any()
    assert TimeShift(1, fill=9)(x[:, :1]).shape == (2, 1)
    assert TimeWarp()(x[:, :1]).shape == (2, 1)


def test_text():
    text = "the cat sat on the mat"
    mg.manual_seed(0)
    lengths = [len(WordDropout(0.5)(text).split()) for _ in range(300)]
    assert np.mean(lengths) == pytest.approx(3, abs=0.3)
    assert min(lengths) >= 1
    assert sorted(WordSwap(3)(text).split()) == sorted(text.split())
    assert WordSwap(1)(text) != text
    assert WordSwap(5)("one") == "one"
    masked = [TokenMasking(-1, 0.3)(list(range(10))).count(-1) for _ in range(300)]
    assert np.mean(masked) == pytest.approx(3, abs=0.4)
    assert WordDropout(1)("") == ""
    assert WordDropout(0)(["a", "b"]) == ["a", "b"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RandomHorizontalFlip(1.5), r"p in \[0, 1\], got 1.5"),
        (lambda: RandomCrop(0), "above 0, got 0"),
        (lambda: RandomCrop(2, padding=-1), "padding >= 0"),
        (lambda: RandomCrop(5)(IMAGE), "a window of 5 x 5 does not fit into 3 x 4"),
        (lambda: RandomRotation((10, -10)), "degrees >= 0 or a range"),
        (lambda: RandomAffine(0, (2, 0)), "two fractions"),
        (lambda: RandomAffine(0, scale=(0, 1)), "0 < least <= most"),
        (lambda: RandomErasing(scale=(0.5, 0.1)), "scale is 0 < least"),
        (lambda: RandomErasing(ratio=(0, 1)), "ratio is 0 < least"),
        (lambda: Normalize([0.0], [0.0]), "nothing can be divided by 0"),
        (lambda: Normalize([0.0] * 3, [1.0] * 3)(IMAGE), "3 means for an image of 2 channels"),
        (lambda: RandomCrop(2)(IMAGE[0]), r"an image \(C, H, W\), got .*x\[None\]"),
        (lambda: Jitter()(IMAGE[0, 0]), r"a series \(C, T\)"),
        (lambda: Jitter(-1), "sigma >= 0, got -1"),
        (lambda: TimeShift(2), "fraction"),
        (lambda: TimeWarp(knots=0), "knots >= 1"),
        (lambda: Mixup(3, 0), "alpha > 0"),
        (lambda: WordSwap(-1), "times >= 0"),
    ],
)
def test_what_makes_no_sense(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_text_that_is_none():
    with pytest.raises(TypeError, match="a string or a list of tokens, got int"):
        WordSwap()(3)

"""Pictures seen through a grid."""

from __future__ import annotations

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad.nn import functional as F

PICTURE = [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]  # two rows, three columns


def look(x, y, **options):
    """What is at one place of the picture."""
    picture = mg.tensor(PICTURE)[None, None]
    return F.grid_sample(picture, mg.tensor([[[[x, y]]]]), **options).item()


@pytest.mark.parametrize(
    ("x", "y", "corners", "edges"),
    [
        (0, 0, 2.5, 2.5),  # the middle
        (-1, -1, 0, 0.25 * 0),  # the first pixel; its outer corner, of which 3/4 are outside
        (1, 1, 5, 0.25 * 5),
        (0.5, -1, 1.5, 0.5 * (0.75 * 2 + 0.25 * 1)),  # pixel (1.5, 0), or (1.75, -0.5)
        (0, 3, 0, 0),  # outside
    ],
)
def test_where_it_looks(x, y, corners, edges):
    assert look(x, y, align_corners=True) == pytest.approx(corners)
    assert look(x, y, align_corners=False) == pytest.approx(edges)


def test_outside_of_the_picture():
    """x = 2 lies one pixel to the right of the last one, in the upper row."""
    assert look(2.0, -1.0, align_corners=True) == 0
    assert look(2.0, -1.0, align_corners=True, padding_mode="border") == 2
    assert look(2.0, -1.0, align_corners=True, padding_mode="reflection") == 1
    assert look(0.6, -1.0, align_corners=True, mode="nearest") == 2
    assert look(-5.0, 7.0, align_corners=True, mode="nearest", padding_mode="border") == 3


@pytest.mark.parametrize("align_corners", [True, False])
def test_nothing_moves_and_a_quarter_turn(align_corners):
    x = mg.randn(2, 3, 4, 4, dtype=mg.float64)
    same = mg.tensor([[[1.0, 0, 0], [0, 1, 0]]] * 2, dtype=mg.float64)
    grid = F.affine_grid(same, x.shape, align_corners)
    np.testing.assert_allclose(
        F.grid_sample(x, grid, align_corners=align_corners).numpy(), x.numpy()
    )
    c, s = math.cos(math.pi / 2), math.sin(math.pi / 2)
    turn = mg.tensor([[[c, -s, 0], [s, c, 0]]] * 2, dtype=mg.float64)
    grid = F.affine_grid(turn, x.shape, align_corners)
    turned = F.grid_sample(x, grid, align_corners=align_corners, padding_mode="border")
    np.testing.assert_allclose(turned.numpy(), np.rot90(x.numpy(), 1, (2, 3)), atol=1e-12)


@pytest.mark.parametrize("padding_mode", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("shape", [(2, 2, 3, 4), (1, 2, 2, 3, 2)])
def test_derivatives(shape, padding_mode):
    n = len(shape) - 2
    x = mg.randn(*shape, dtype=mg.float64, requires_grad=True)
    grid = mg.rand(shape[0], *[2] * n, n, dtype=mg.float64) * 3.2 - 1.6
    grid.requires_grad = True

    def f(x, grid):
        return F.grid_sample(x, grid, padding_mode=padding_mode, align_corners=False)

    assert mg.gradcheck(f, (x, grid))
    assert mg.gradgradcheck(f, (x, grid))
    theta = mg.randn(2, n, n + 1, dtype=mg.float64, requires_grad=True)
    assert mg.gradcheck(lambda t: F.affine_grid(t, (2, 1, *[2] * n)), theta)


def test_bad_input():
    x, grid = mg.zeros(1, 1, 2, 2), mg.zeros(1, 2, 2, 2)
    with pytest.raises(RuntimeError, match=r"got float32\[1, 1, 2, 2\] with float32\[1, 2, 2, 3\]"):
        F.grid_sample(x, mg.zeros(1, 2, 2, 3))
    with pytest.raises(RuntimeError, match=r"got float32\[1, 1, 2, 2\] with float32\[2, 2, 2, 2\]"):
        F.grid_sample(x, mg.zeros(2, 2, 2, 2))
    with pytest.raises(NotImplementedError, match="'bilinear' or 'nearest', got 'bicubic'"):
        F.grid_sample(x, grid, mode="bicubic")
    with pytest.raises(ValueError, match="'border' or 'reflection', got 'circular'"):
        F.grid_sample(x, grid, padding_mode="circular")
    with pytest.raises(
        ValueError, match=r"affine_grid: .* got float32\[2, 2\] with \(1, 1, 2, 2\)"
    ):
        F.affine_grid(mg.zeros(2, 2), (1, 1, 2, 2))

"""grid_sample and affine_grid against PyTorch's."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.parity

R = np.random.default_rng(0)


@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
@pytest.mark.parametrize("padding_mode", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("align_corners", [True, False])
@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (2, 2, 3, 4, 5), (1, 1, 1, 3)])
def test_grid_sample(shape, mode, padding_mode, align_corners):
    n = len(shape) - 2
    image = R.standard_normal(shape)
    places = R.uniform(-3, 3, (shape[0], *(3, 4, 2)[:n], n))  # many of them outside
    places[0, 0, 0] = 1  # and on the border
    places[0, 0, 1] = -1
    weights = R.standard_normal((*shape[:2], *(3, 4, 2)[:n]))
    found = []
    for T in (torch, mg):
        x, grid = (T.tensor(a, requires_grad=True) for a in (image, places))
        y = T.nn.functional.grid_sample(x, grid, mode, padding_mode, align_corners)
        (y * T.tensor(weights)).sum().backward()
        gradients = [x.grad] if mode == "nearest" else [x.grad, grid.grad]
        found.append([t.detach().numpy() for t in (y, *gradients)])
    for ours, theirs in zip(found[1], found[0], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.filterwarnings("ignore:.*unit-size grids:UserWarning")
@pytest.mark.parametrize("align_corners", [True, False])
@pytest.mark.parametrize("size", [(2, 3, 4, 5), (2, 1, 3, 4, 5), (1, 1, 1, 3)])
def test_affine_grid(size, align_corners):
    n = len(size) - 2
    values = R.standard_normal((size[0], n, n + 1))
    found = []
    for T in (torch, mg):
        theta = T.tensor(values, requires_grad=True)
        grid = T.nn.functional.affine_grid(theta, size, align_corners)
        (grid**2).sum().backward()
        found.append([t.detach().numpy() for t in (grid, theta.grad)])
    for ours, theirs in zip(found[1], found[0], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)

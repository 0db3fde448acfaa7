"""Convolutions and their transposes."""

from __future__ import annotations

from tests.ops.samples import Sample, samples


@samples("conv1d", complex_step=True, covers=["convolution", "grad_weight", "grad_input"])
def conv1d(rng):
    x, weight = rng.standard_normal((2, 4, 6)), rng.standard_normal((6, 2, 3))
    yield Sample(x, weight, rng.standard_normal(6), 2, 1, 1, 2)
    yield Sample(x[:1], rng.standard_normal((2, 4, 2)), None, 1, "same", 3)
    yield Sample(x[0], rng.standard_normal((2, 4, 3)), rng.standard_normal(2))


@samples("conv2d", complex_step=True)
def conv2d(rng):
    x, weight = rng.standard_normal((2, 2, 4, 3)), rng.standard_normal((3, 2, 2, 3))
    yield Sample(x, weight, rng.standard_normal(3), 1, 1)
    yield Sample(x, weight, None, (2, 1), (0, 1), (2, 1))
    yield Sample(x, rng.standard_normal((4, 1, 3, 2)), None, 1, "same", 1, 2)
    yield Sample(x[0], weight, rng.standard_normal(3), 2, "valid")


@samples("conv3d", complex_step=True)
def conv3d(rng):
    x, weight = rng.standard_normal((1, 2, 3, 2, 4)), rng.standard_normal((2, 2, 2, 1, 3))
    yield Sample(x, weight, rng.standard_normal(2), (1, 2, 1), 1)


@samples("conv_transpose1d", complex_step=True)
def conv_transpose1d(rng):
    x = rng.standard_normal((2, 4, 3))
    yield Sample(x, rng.standard_normal((4, 3, 2)), rng.standard_normal(6), 2, 1, 1, 2)
    yield Sample(x[0], rng.standard_normal((4, 2, 3)))


@samples("conv_transpose2d", complex_step=True)
def conv_transpose2d(rng):
    x = rng.standard_normal((1, 2, 2, 3))
    yield Sample(x, rng.standard_normal((2, 3, 3, 2)), rng.standard_normal(3), (2, 1), (1, 0))
    yield Sample(x, rng.standard_normal((2, 1, 2, 2)), None, 1, 0, 1, 2, 2)


@samples("conv_transpose3d", complex_step=True)
def conv_transpose3d(rng):
    x = rng.standard_normal((1, 2, 2, 1, 2))
    yield Sample(x, rng.standard_normal((2, 2, 2, 2, 1)), rng.standard_normal(2), 2, 0, (1, 0, 1))

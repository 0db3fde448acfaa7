"""Samples of the engine's own op."""

from __future__ import annotations

from tests.ops.samples import Sample, samples


@samples("identity", complex_step=True)
def identity(rng):
    for shape in ((2, 3), (), (0, 2)):
        yield Sample(rng.standard_normal(shape))

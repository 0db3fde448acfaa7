"""Every elementwise op, on arguments of random shapes that broadcast against each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad.graph import OPS, wrap
from tests.ops.samples import load_all

# heaviside jumps where its samples are, which differences see; squared_error also reduces.
APART = {"heaviside", "squared_error"}
EXAMPLES = 8 if settings().max_examples < 100 else 200


def elementwise():
    """(op, a sample of it) for every elementwise op that has samples of its own."""
    for name, entry in sorted(load_all().items()):
        call = OPS.get(name)
        if call is not None and call.spec.elementwise and name not in APART:
            yield name, next(iter(entry.make(np.random.default_rng(0))))


CASES = [pytest.param(name, sample, id=name) for name, sample in elementwise()]


def test_the_elementwise_ops_are_found():
    assert len(CASES) > 60


@pytest.mark.parametrize(("name", "sample"), CASES)
def test_values_and_gradients_broadcast(name, sample):
    call = OPS[name]
    places = [i for i, a in enumerate(sample.args) if isinstance(a, np.ndarray)]

    @settings(max_examples=EXAMPLES)
    @given(
        hnp.mutually_broadcastable_shapes(
            num_shapes=len(places), min_side=0, max_side=3, max_dims=3
        ),
        st.integers(0, 2**32 - 1),
    )
    def check(shapes, seed):
        random = np.random.default_rng(seed)
        args = list(sample.args)
        for i, shape in zip(places, shapes.input_shapes, strict=True):
            # Numbers of the sample, in which the op is known to be smooth, in other places.
            args[i] = random.choice(args[i].ravel(), shape) if args[i].size else args[i]
        value = call(*args, **sample.kwargs)
        assert value.shape == shapes.result_shape
        tensors = [
            wrap(np.array(a)).requires_grad_(a.dtype == np.float64) if i in places else a
            for i, a in enumerate(args)
        ]
        if (
            any(i in places and t.requires_grad for i, t in enumerate(tensors))
            and call(*tensors, **sample.kwargs).requires_grad
        ):
            mg.gradcheck(lambda *xs: call(*xs, **sample.kwargs), tensors, atol=1e-6, rtol=1e-4)

    check()

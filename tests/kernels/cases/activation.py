"""Cases of kernels/*/activation.py."""

from __future__ import annotations

import numpy as np

from tests.kernels.cases import Case, cases

EXTREME = np.array(
    [np.nan, np.inf, -np.inf, 0, 1e-30, -1e-30, 1, -1, 30, -30, 90, -90, 1e15, -1e15]
)


def inputs(rng):
    for shape in [(), (0,), (1,), (3, 0, 2), (17,), (5, 3, 7), (2**14 + 1,), (3, 2**14 - 5)]:
        yield np.array(rng.standard_normal(shape) * 3)
    yield EXTREME


def forward(name, *options):
    """Cases of a function, with each of `options`, given as tuples."""

    @cases(name)
    def make(rng):
        for x in inputs(rng):
            for option in options or [()]:
                yield Case(x, *option)


def activation(name, *options):
    """Cases of a function and of its gradient."""
    forward(name, *options)

    @cases(f"{name}_backward")
    def backward(rng):
        for x in inputs(rng):
            for option in options or [()]:
                yield Case(rng.standard_normal(x.shape), x, *option)
        x = rng.standard_normal(len(EXTREME))
        yield Case(EXTREME, x, *(options[0] if options else ()))


activation("relu")
activation("leaky_relu", (0.01,), (0.0,), (-0.5,), (2.0,))
activation("tanh")
activation("sigmoid")
activation("elu", (1.0, 1.0, 1.0), (0.5, 1.25, 2.0))
activation("silu")
activation("softplus", (1.0, 20.0), (2.0, 1.0))
activation("mish")
activation("gelu", ("none",), ("tanh",))
forward("erf")

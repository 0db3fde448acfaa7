"""Samples of activation functions, away from their kinks."""

import numpy as np

from tests.ops.samples import Sample, samples

AWAY = np.array([[-4.1, -1.7, -0.21], [0.23, 1.6, 4.3]])  # from 0, 1/2, 1, 2, 3 and 6


def activation(name, *options, complex_step=False):
    """Samples of one input, with each of `options`, given as dictionaries of arguments."""

    @samples(name, complex_step=complex_step)
    def make(rng):
        for kwargs in ({}, *options):
            yield Sample(AWAY, **kwargs)
        yield Sample(np.array(0.7), **(options[0] if options else {}))
        yield Sample(np.array([[-0.7], [6.4]]))
        yield Sample(np.zeros((0, 2)))


activation("relu")
activation("relu6")
activation("hardtanh", {"min_val": -2.0, "max_val": 0.9})
activation("leaky_relu", {"negative_slope": 0.3}, {"negative_slope": -0.5}, {"negative_slope": 2})
activation("hardsigmoid")
activation("hardswish")
activation("hardshrink", {"lambd": 1.2})
activation("softshrink", {"lambd": 1.2})
activation("elu", {"alpha": 0.5}, {"alpha": -0.5})
activation("celu", {"alpha": 0.5}, {"alpha": -0.5})
activation("selu")
activation("silu", complex_step=True)
activation("softplus", {"beta": 2.0}, {"beta": 0.5, "threshold": 1.0})
activation("logsigmoid")
activation("mish")
activation("gelu", {"approximate": "tanh"}, {"approximate": "none"})
activation("softsign")
activation("tanhshrink", complex_step=True)


@samples("threshold")
def threshold(rng):
    yield Sample(AWAY, 1.2, 20.0)
    yield Sample(AWAY, -2, -3)
    yield Sample(np.array(0.4), 0.1, 7)
    yield Sample(np.zeros((0, 2)), 0.1, 7)


@samples("prelu")
def prelu(rng):
    yield Sample(AWAY, np.array([0.25]))
    yield Sample(AWAY, np.array([0.25, -0.5, 2.0]))
    yield Sample(AWAY.reshape(1, 2, 3), np.array([0.1, 0.4]))
    yield Sample(AWAY[0], np.array([0.25]))
    yield Sample(np.array(-0.5), np.array(0.25))
    yield Sample(np.zeros((0, 2)), np.array([0.1, 0.4]))


@samples("glu", complex_step=True)
def glu(rng):
    x = rng.standard_normal((2, 4))
    yield Sample(x)
    yield Sample(x, 0)
    yield Sample(x, dim=-2)
    yield Sample(rng.standard_normal(2))
    yield Sample(np.zeros((0, 2)))

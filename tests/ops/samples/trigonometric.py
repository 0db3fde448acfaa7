"""Samples of trigonometric and hyperbolic functions."""

import numpy as np

from tests.ops.samples import Sample, samples
from tests.ops.samples.exponential import binary, unary

unary("sin", -3, 3)
unary("cos", -3, 3)
unary("tan", -1.2, 1.2)
unary("asin", -0.8, 0.8)
unary("acos", -0.8, 0.8)
unary("atan", -3, 3)
unary("sinh", -2, 2)
unary("cosh", -2, 2)
unary("tanh", -2, 2)
unary("asinh", -3, 3)
unary("acosh", 1.3, 4)
unary("atanh", -0.8, 0.8)
unary("deg2rad", -90, 90)
unary("rad2deg", -3, 3)
binary("atan2", 0.3, 2)


@samples("sinc")
def sinc(rng):
    yield Sample(np.array([[-2.3, -0.7, 0.4], [1.1, 1.9, 3.0]]))
    yield Sample(np.array(0.6))
    yield Sample(np.zeros((0, 2)))

"""Samples of arithmetic, powers, signs and bounds."""

import numpy as np

from tests.ops.samples import Sample, samples
from tests.ops.samples.exponential import binary, unary

unary("neg", -2, 2)
unary("positive", -2, 2)
unary("reciprocal", 0.3, 2)
unary("square", -2, 2)
unary("sqrt", 0.3, 4)
unary("rsqrt", 0.3, 4)
unary("abs", 0.2, 2, complex_step=False)
binary("mul", -2, 2, complex_step=True)
binary("true_divide", 0.4, 2, complex_step=True)
binary("hypot", 0.4, 2)
binary("ldexp", -1, 1)
binary("maximum", -2, 2)
binary("minimum", -2, 2)
binary("fmax", -2, 2)
binary("fmin", -2, 2)
binary("copysign", 0.2, 2)


@samples("sign")
def sign(rng):
    yield Sample(np.array([[-1.5, 2.0], [0.3, -0.2]]))
    yield Sample(np.array([-3, 0, 2]))
    yield Sample(np.array([True, False]))


for _name in ("add", "sub", "rsub"):

    @samples(_name, complex_step=True)
    def sums(rng):
        yield Sample(rng.standard_normal((2, 3)), rng.standard_normal((2, 3)))
        yield Sample(rng.standard_normal((2, 1)), rng.standard_normal(3), alpha=2)
        yield Sample(rng.standard_normal(()), rng.standard_normal(2), alpha=-0.5)
        yield Sample(rng.standard_normal(3), 2)
        yield Sample(3, rng.standard_normal(3), alpha=3)
        yield Sample(np.zeros((0, 2)), rng.standard_normal(2))
        yield Sample(np.array([1, 2]), np.array([[3], [4]]), alpha=2)


@samples("div", covers=["_trunc_divide"])
def div(rng):
    a, b = np.array([[-3.3, 2.7]]), np.array([[1.2], [-0.7]])
    for mode in (None, "floor", "trunc"):
        yield Sample(a, b, rounding_mode=mode)
        yield Sample(a, 2, rounding_mode=mode)
        yield Sample(2.5, b, rounding_mode=mode)
        yield Sample(np.array([-7, 7]), np.array([[2], [-2]]), rounding_mode=mode)


for _name in ("floor_divide", "remainder", "fmod"):

    @samples(_name)
    def quotients(rng):
        yield Sample(np.array([[-3.3, 2.7]]), np.array([[1.2], [-0.7]]))
        yield Sample(np.array([-3.3, 2.7]), 2)
        yield Sample(2.5, np.array([1.1, -0.9]))
        yield Sample(np.array([-7, 7]), np.array([[2], [-2]]))
        yield Sample(np.zeros((0, 2)), np.ones(2))


@samples("lerp", complex_step=True)
def lerp(rng):
    a, b = rng.standard_normal((2, 3)), rng.standard_normal(3)
    yield Sample(a, b, 0.3)
    yield Sample(a, b, 0.9)
    yield Sample(a, b, np.array([[0.2], [0.8]]))
    yield Sample(a[0, 0].reshape(()), b, np.array(0.7))
    yield Sample(np.zeros((0, 2)), np.ones(2), 0.5)


for _name in ("addcmul", "addcdiv"):

    @samples(_name, complex_step=True)
    def blends(rng):
        a, b, c = (rng.uniform(0.5, 2, shape) for shape in ((2, 3), (3,), (2, 1)))
        yield Sample(a, b, c)
        yield Sample(a, b, c, value=-0.5)
        yield Sample(np.array(1.5), b, np.array(2.0))
        yield Sample(np.zeros((0, 2)), np.ones(2), np.ones(2))


@samples("pow")
def pow(rng):
    for exponent in (0, 1, 2, 3, 4, -1, -2, 0.5, -0.5, 2.7, 2.0):
        yield Sample(rng.uniform(0.4, 2, (2, 2)), exponent)
    yield Sample(np.array([-1.3, 0.8]), 3)
    yield Sample(rng.uniform(0.4, 2, (2, 1)), rng.uniform(-2, 2, 3))
    yield Sample(2.5, rng.uniform(-2, 2, 3))
    yield Sample(np.array([-1.5, 2.0]), np.array([2.0, 3.0]), constant=(1,))
    yield Sample(np.array(1.5), np.array(0.7))
    yield Sample(np.array([-2, 3]), np.array([[3], [-1]]))
    yield Sample(np.zeros((0, 2)), np.ones(2))


@samples("float_power")
def float_power(rng):
    yield Sample(rng.uniform(0.4, 2, (2, 1)), rng.uniform(-2, 2, 3))
    yield Sample(rng.uniform(0.4, 2, 3), 3)
    yield Sample(np.array([2, 3]), -2)
    yield Sample(2, rng.uniform(-2, 2, 3))


@samples("heaviside")
def heaviside(rng):
    yield Sample(np.array([[-0.5, 1.2, 0.0]]), rng.standard_normal((2, 1)), constant=(0,))
    yield Sample(np.array([-0.5, 1.2]), rng.standard_normal(2))


@samples("clamp")
def clamp(rng):
    x = np.array([[-2.2, -0.4], [0.3, 1.9]])
    yield Sample(x, -1, 1.0)
    yield Sample(x, -1)
    yield Sample(x, None, 1)
    yield Sample(x, min=0.1, max=-0.1)
    yield Sample(x, np.array([-1.0, 0.1]), np.array([[0.0], [0.7]]))
    yield Sample(x, np.array(-1.0))
    yield Sample(x, max=np.array([0.5]))
    yield Sample(np.array([1, 5, 9]), 2, 7)
    yield Sample(np.zeros((0, 2)), 0, 1)


for _name, _bound in (("clamp_min", "min"), ("clamp_max", "max")):

    @samples(_name)
    def one_bound(rng, bound=_bound):
        yield Sample(np.array([[-2.2, -0.4], [0.3, 1.9]]), 0.1)
        yield Sample(np.array([-2.2, 1.9]), np.array([[0.3], [-0.2]]))

"""Samples of exponentials and logarithms."""

import numpy as np

from tests.ops.samples import Sample, samples


def unary(name, low, high, *, complex_step=True):
    """Samples of a function of one argument in (low, high): 2-d, 0-d, with a size of 1 and of 0."""

    @samples(name, complex_step=complex_step)
    def make(rng):
        for shape in ((2, 3), (), (3, 1), (0, 2)):
            yield Sample(rng.uniform(low, high, shape))


def binary(name, low, high, *, complex_step=False):
    """Samples of a function of two arguments in (low, high), with every kind of broadcasting."""

    @samples(name, complex_step=complex_step)
    def make(rng):
        for a, b in (((2, 3), (2, 3)), ((2, 1), (3,)), ((), (2,)), ((1,), ()), ((0, 2), (1, 2))):
            yield Sample(rng.uniform(low, high, a), rng.uniform(low, high, b))
        yield Sample(rng.uniform(low, high, (2, 2)), rng.uniform(low, high))


unary("exp", -2, 2)
unary("exp2", -2, 2)
unary("expm1", -2, 2)
unary("log", 0.2, 3)
unary("log2", 0.2, 3)
unary("log10", 0.2, 3)
unary("log1p", -0.8, 3)
unary("sigmoid", -4, 4)
unary("erf", -3, 3, complex_step=False)
unary("erfc", -3, 3, complex_step=False)
unary("erfinv", -0.9, 0.9, complex_step=False)
unary("lgamma", 0.3, 6, complex_step=False)
unary("digamma", 0.3, 6, complex_step=False)

binary("logaddexp", -2, 2)
binary("logaddexp2", -2, 2)
binary("xlogy", 0.2, 2)
binary("xlog1py", 0.2, 2)


@samples("logit")
def logit(rng):
    for eps in (None, 1e-3, 0.3):
        yield Sample(np.array([[0.1, 0.45], [0.62, 0.9]]), eps)
    yield Sample(np.array(0.3))
    yield Sample(np.zeros((0, 2)))


@samples("polygamma")
def polygamma(rng):
    for n in (0, 1, 2, 3):
        yield Sample(n, rng.uniform(0.5, 3, (2, 2)))
        yield Sample(n, np.array([-0.4, -2.3]))
    yield Sample(1, np.array(0.7))
    yield Sample(2, np.zeros((0, 2)))

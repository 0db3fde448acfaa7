"""Samples of comparison, logic, bits and `where`."""

import numpy as np

from tests.ops.samples import Sample, samples

A, B = np.array([[0.3, -1.2, 2.0]]), np.array([[0.3], [1.7]])
INTS, BOOLS = np.array([[0, 3, -5, 12]]), np.array([True, False, True])


def comparison(name):
    @samples(name)
    def make(rng):
        yield Sample(A + 0.1, B)
        yield Sample(INTS, 3)
        yield Sample(INTS, 2.5)
        yield Sample(np.array(1.0), np.array(2.0))
        yield Sample(np.zeros((0, 2)), np.ones(2))


for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    comparison(_name)


@samples("isclose")
def isclose(rng):
    yield Sample(A + 0.1, B)
    yield Sample(A, A * (1 + 1e-3), rtol=0.1, atol=0.1, equal_nan=True)
    yield Sample(INTS, INTS + 1, 0, 1)
    yield Sample(np.zeros((0, 2)), np.ones(2))


for _name in ("isnan", "isinf", "isfinite", "isposinf", "isneginf", "isreal", "signbit"):

    @samples(_name)
    def kinds(rng):
        yield Sample(np.array([[1.5, np.nan], [np.inf, -np.inf]]))
        yield Sample(np.array(-2.0))
        yield Sample(INTS)
        yield Sample(np.zeros((0, 2)))


for _name in ("logical_and", "logical_or", "logical_xor"):

    @samples(_name)
    def logic(rng):
        yield Sample(A, B)
        yield Sample(INTS, INTS.T)
        yield Sample(BOOLS, True)
        yield Sample(np.zeros((0, 2)), np.ones(2))


@samples("logical_not")
def logical_not(rng):
    yield Sample(A)
    yield Sample(INTS)
    yield Sample(BOOLS)


for _name in ("bitwise_and", "bitwise_or", "bitwise_xor"):

    @samples(_name)
    def bits(rng):
        yield Sample(INTS, INTS.T)
        yield Sample(INTS, 6)
        yield Sample(BOOLS, np.array([[True], [False]]))
        yield Sample(np.zeros((0, 2), int), np.ones(2, int))


@samples("bitwise_not")
def bitwise_not(rng):
    yield Sample(INTS)
    yield Sample(BOOLS)


for _name in ("bitwise_left_shift", "bitwise_right_shift"):

    @samples(_name)
    def shifts(rng):
        yield Sample(INTS, np.array([[0], [2], [70], [-1]]))
        yield Sample(INTS, 2)
        yield Sample(np.array(5), np.array(1))


for _name in ("gcd", "lcm"):

    @samples(_name)
    def divisors(rng):
        yield Sample(INTS, np.array([[4], [6]]))
        yield Sample(np.array(8), np.array(12))


@samples("where", covers=["_where"])
def where(rng):
    condition = np.array([[True, False, True], [False, False, True]])
    yield Sample(condition, rng.standard_normal((2, 3)), rng.standard_normal((2, 3)))
    yield Sample(condition, rng.standard_normal(3), rng.standard_normal((2, 1)))
    yield Sample(condition[0], rng.standard_normal((2, 1)), 2)
    yield Sample(condition, 1.5, rng.standard_normal(()))
    yield Sample(np.array(True), rng.standard_normal(2), rng.standard_normal(2))
    yield Sample(condition, 1, 2)
    yield Sample(condition)
    yield Sample(np.zeros((0, 2), bool), np.zeros((0, 2)), np.ones(2))

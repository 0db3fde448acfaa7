"""Products of matrices and vectors."""

from __future__ import annotations

import numpy as np

from tests.ops.samples import Sample, samples


@samples("matmul", complex_step=True)
def matmul(rng):
    def pair(*shapes):
        return Sample(*(rng.standard_normal(shape) for shape in shapes))

    yield pair((2, 3), (3, 2))
    yield pair((3,), (3,))
    yield pair((2, 3), (3,))
    yield pair((3,), (3, 2))
    yield pair((2, 2, 3), (3, 2))
    yield pair((2, 2, 3), (2, 3, 1))
    yield pair((2, 1, 2, 3), (2, 3, 2))
    yield pair((2, 2), (2, 2, 1))
    yield pair((2, 2, 3), (3,))
    yield pair((3,), (2, 3, 2))
    yield pair((0, 3), (3, 2))
    yield pair((2, 0), (0, 2))
    yield pair((0, 2, 3), (3, 2))
    yield Sample(np.array([[1, 2], [3, 4]]), np.array([5, 6]))


@samples("linear", complex_step=True)
def linear(rng):
    def layer(x, weight, bias=None):
        arrays = [rng.standard_normal(x), rng.standard_normal(weight)]
        return Sample(*arrays, *([] if bias is None else [rng.standard_normal(bias)]))

    yield layer((2, 3), (2, 3), (2,))
    yield layer((2, 3), (2, 3))
    yield layer((3,), (2, 3), (2,))
    yield layer((2, 2, 3), (2, 3), (2,))
    yield layer((2, 3), (3,), ())
    yield layer((2, 3), (2, 3), (1,))
    yield layer((0, 3), (2, 3), (2,))
    yield layer((2, 0), (2, 0), (2,))


@samples("bilinear", complex_step=True)
def bilinear(rng):
    yield Sample(*(rng.standard_normal(s) for s in [(2, 3), (2, 2), (2, 3, 2), (2,)]))
    yield Sample(*(rng.standard_normal(s) for s in [(2, 1, 2), (2, 1, 2), (1, 2, 2)]))


@samples("einsum", complex_step=True)
def einsum(rng):
    def of(equation, *shapes):
        return Sample(equation, *(rng.standard_normal(shape) for shape in shapes))

    yield of("ij,jk->ik", (2, 3), (3, 2))
    yield of("bij,bjk->bik", (2, 2, 2), (2, 2, 1))
    yield of("ij,ij", (2, 2), (2, 2))
    yield of("ij->", (2, 3))
    yield of("ij->ji", (2, 3))
    yield of("ii->i", (3, 3))
    yield of("ii", (3, 3))
    yield of("iij,jk->ik", (2, 2, 3), (3, 1))
    yield of("...i,...i->...", (2, 1, 3), (2, 3))
    yield of("i...,i", (3, 2), (3,))
    yield of("i,j,k->kji", (2,), (1,), (2,))
    yield of("ij,jk,kl->il", (2, 2), (2, 3), (3, 2))
    yield of("ij,ij->ij", (2, 1), (1, 3))
    yield of("ij,jk->ik", (0, 2), (2, 2))
    x, y = rng.standard_normal((2, 3)), rng.standard_normal((3, 2))
    yield Sample(x, [0, 1], y, [1, 2], [0, 2])
    yield Sample("ij,jk", [x, y])


@samples("tensordot", complex_step=True)
def tensordot(rng):
    x, y = rng.standard_normal((2, 3, 2)), rng.standard_normal((3, 2, 2))
    yield Sample(x, y)
    yield Sample(x, y, 0)
    yield Sample(x, y, dims=([0, 1], [-1, 0]))


@samples("trace", complex_step=True)
def trace(rng):
    yield Sample(rng.standard_normal((2, 3)))


@samples("kron", complex_step=True)
def kron(rng):
    yield Sample(rng.standard_normal((2, 2)), rng.standard_normal((1, 2)))
    yield Sample(rng.standard_normal(2), rng.standard_normal((2, 2)))


@samples("cross", complex_step=True)
def cross(rng):
    yield Sample(rng.standard_normal((2, 3)), rng.standard_normal((2, 3)))
    yield Sample(rng.standard_normal((3, 2)), rng.standard_normal((3, 1)), 0)


@samples("matrix_power", complex_step=True)
def matrix_power(rng):
    x = rng.standard_normal((2, 2)) + 2 * np.eye(2)
    for n in (0, 1, 2, 5, -2):
        yield Sample(x, n)


@samples("multi_dot", complex_step=True)
def multi_dot(rng):
    yield Sample([rng.standard_normal(s) for s in [(2,), (2, 3), (3, 1), (1, 2), (2,)]])


@samples("addmm", complex_step=True)
def addmm(rng):
    x, a, b = (rng.standard_normal(s) for s in [(2,), (2, 3), (3, 2)])
    yield Sample(x, a, b, beta=0.5, alpha=2.0)


@samples("addbmm", complex_step=True)
def addbmm(rng):
    yield Sample(*(rng.standard_normal(s) for s in [(2, 1), (2, 2, 2), (2, 2, 1)]))


@samples("euclidean_distances")
def euclidean_distances(rng):
    yield Sample(rng.standard_normal((2, 2)), rng.standard_normal((3, 2)))
    yield Sample(rng.standard_normal((2, 2, 2)), rng.standard_normal((1, 2)))


@samples("cdist")
def cdist(rng):
    x, y = rng.standard_normal((2, 3)), rng.standard_normal((2, 3))
    for p in (0.5, 1.0, 1.5, 2.0, 3.0, np.inf):
        yield Sample(x, y, p)
    yield Sample(x, y, 2.0, "use_mm_for_euclid_dist")
    yield Sample(rng.standard_normal((2, 1, 2)), rng.standard_normal((1, 2, 2)))


@samples("cosine_similarity")
def cosine_similarity(rng):
    yield Sample(rng.standard_normal((2, 3)), rng.standard_normal((2, 3)))
    yield Sample(rng.standard_normal((2, 3)), rng.standard_normal((1, 3)), -2)


@samples("pairwise_distance")
def pairwise_distance(rng):
    yield Sample(rng.standard_normal((2, 3)), rng.standard_normal((2, 3)))
    yield Sample(rng.standard_normal((2, 3)), rng.standard_normal(3), 3.0, 1e-3, True)

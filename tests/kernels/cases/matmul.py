"""Matrix products: odd sizes, edges of panels and tiles, transposed, batched, broadcast."""

from __future__ import annotations

import numpy as np

from tests.kernels.cases import Case, cases


@cases("matmul")
def matmul(rng):
    def of(*shape):
        return rng.standard_normal(shape)

    for m, k, n in [(1, 1, 1), (2, 3, 4), (8, 5, 48), (9, 17, 49), (33, 20, 95), (70, 40, 10)]:
        yield Case(of(m, k), of(k, n))
        yield Case(of(k, m).T, of(n, k).T)
    yield Case(of(5, 1024).T, of(5, 20))  # rows 8 kB apart, of float32 4 kB
    yield Case(of(2, 3, 1024).swapaxes(1, 2), of(2, 3, 4))
    yield Case(of(3, 2100), of(2100, 50))  # deeper than one block of k
    yield Case(of(20, 4133), of(4133, 30), of(30))  # so long a sum that it is cut
    yield Case(of(4133, 21).T, of(4133, 30))
    yield Case(of(1030, 40).T, of(50, 1030).T, of(50))
    yield Case(of(100, 30), of(60, 30).T)
    yield Case(of(2, 3, 5, 7), of(2, 3, 7, 4))
    yield Case(of(2, 1, 5, 7), of(3, 7, 4))  # broadcast both ways
    yield Case(of(5, 7), of(3, 7, 4))
    yield Case(of(3, 5, 7), of(3, 4, 7).swapaxes(1, 2))
    yield Case(of(3, 0), of(0, 4))
    yield Case(of(0, 3), of(3, 4))
    yield Case(of(2, 0, 3), of(2, 3, 4))
    yield Case(of(9, 6), of(6, 50), of(50))
    yield Case(of(2, 90, 300), of(2, 300, 130), of(130))
    yield Case(of(3, 2100), of(2100, 50), of(50)[::-1])
    yield Case(of(3, 0), of(0, 4), of(4))
    for m in (1, 2, 4):  # a few rows: B is read where it is, in blocks of columns
        yield Case(of(m, 300), of(300, 2100))
        yield Case(of(m, 300), of(2100, 300).T, of(2100))
        yield Case(of(300, m).T, of(300, 1030)[:, ::2], of(515))
    a, b = of(9, 6), of(6, 50)
    a[2, 3], a[4, 1], b[0, 7] = np.nan, np.inf, -np.inf
    yield Case(a, b)
    yield Case(a[1:4], b)
    yield Case(a[1:4], b.T.copy().T)


@cases("matmul_grad_bias")
def matmul_grad_bias(rng):
    for m, n in [(1, 1), (3, 64), (300, 65), (1000, 200), (0, 5), (5, 0)]:
        yield Case(rng.standard_normal((m, n)))
    yield Case(rng.standard_normal((70, 100)).T)
    g = rng.standard_normal((9, 80))
    g[2, 3], g[4, 70], g[5, 70] = np.nan, np.inf, -np.inf
    yield Case(g)

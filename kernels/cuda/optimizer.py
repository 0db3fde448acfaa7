"""Updates of many parameters at once on a GPU: `optimizer.cu`, and here its readable twins.

To start a kernel takes some 5 microseconds, in which a GPU could update a million parameters. So
`optimizer.cu` takes all of them at once, from a table of addresses; the twins, one after another.
"""

from __future__ import annotations

import math

import numpy as np

from kernels.cuda import source
from kernels.cuda.launch import blocks, cuda, dense, launch, side
from kernels.reference.optimizer import bias_corrected

THREADS = side(16) ** 2
PIECE = 4096  # of optimizer.cu

FILE = "optimizer.cu"
VARIANTS = {
    FILE: [
        f"{name}<{t}, {more}>"
        for name in ("adam", "sgd")
        for t in source.TYPES.values()
        for more in ("false", "true")
    ]
}


def adam(
    params: list, grads: list, means: list, squares: list, largest: list, steps: list[int],
    lr: float, beta1: float, beta2: float, eps: float, weight_decay: float, decoupled: bool,
    maximize: bool,
) -> None:  # fmt: skip
    corrected = [bias_corrected(lr, beta1, beta2, eps, t) for t in steps]
    decay, shrink = (0.0, 1 - lr * weight_decay) if decoupled else (weight_decay, 1.0)
    numbers = beta1, beta2, decay, shrink, -1.0 if maximize else 1.0
    lists = [params, grads, means, squares, *([largest] if largest else [])]
    update("adam", lists, corrected, numbers, more=len(lists) == 5)


def sgd(
    params: list, grads: list, buffers: list, fresh: list[bool], lr: float, momentum: float,
    dampening: float, weight_decay: float, nesterov: bool, maximize: bool,
) -> None:  # fmt: skip
    # Of b = kept b + taken g. A fresh buffer begins with zeros.
    factors = [(0.0, 1.0) if new else (momentum, 1 - dampening) for new in fresh]
    numbers = lr, momentum, weight_decay, -1.0 if maximize else 1.0, nesterov
    lists = [params, grads, *([buffers] if buffers else [])]
    update("sgd", lists, factors or [(0.0, 0.0)] * len(params), numbers, bool(buffers))


def update(name: str, lists: list[list], own: list, numbers: tuple, more: bool) -> None:
    """Run a kernel. own: two numbers for each parameter; more: whether there is the last list.

    Arrays that are not in C order are worked on in copies, which are written back.
    """
    in_order = [[dense(a) for a in arrays] for arrays in lists]
    if lists[0] and source.compiled(lists[0][0]):
        together(name, in_order, own, numbers, more)
    else:
        for pair, *arrays in zip(own, *in_order, strict=True):
            one(name, [a.reshape(-1) for a in arrays], pair, numbers, more)
    for arrays, dense_ones in zip(lists, in_order, strict=True):
        for array, copy in zip(arrays, dense_ones, strict=True):
            if copy is not array:
                array[...] = copy


def together(name: str, lists: list[list], own: list, numbers: tuple, more: bool) -> None:
    first = lists[0][0]
    sizes = [a.size for a in lists[0]]
    pieces = [0, *np.cumsum([-(-n // PIECE) for n in sizes]).tolist()]
    addresses = [[source.address(a) for a in arrays] for arrays in lists]
    pairs = np.array(own, np.float64).T.copy().view(np.int64)
    table = np.array([*addresses, sizes, pieces[:-1], *pairs], np.int64)
    *floats, last = map(np.float64, numbers)
    source.launch(
        FILE,
        f"{name}<{source.c_type(first)}, {str(more).lower()}>",
        (pieces[-1],),
        (256,),
        source.copied(table, first), np.int32(len(sizes)),
        *floats, np.int32(last) if name == "sgd" else last,
    )  # fmt: skip


def one(name: str, arrays: list, own: tuple, numbers: tuple, more: bool) -> None:
    number = arrays[0].dtype.type
    arrays = arrays if more else [*arrays, np.zeros_like(arrays[0], shape=(1,))]
    grid = blocks((arrays[0].size, THREADS))
    kernel = adam_kernel if name == "adam" else sgd_kernel
    launch(kernel, grid, (THREADS,), *arrays, more, *map(number, (*own, *numbers)))


# ---------------------------------------------------------------------------- Numba


@cuda.jit(device=True)
def decayed(g, p, decay):
    """With weight decay; without it p may be infinite and does no harm."""
    return g + decay * p if decay != 0 else g


@cuda.jit
def adam_kernel(p, g, m, v, largest, amsgrad, alpha, eps, beta1, beta2, decay, shrink, sign):
    i = cuda.grid(1)
    if i < p.shape[0]:
        slope = decayed(sign * g[i], p[i], decay)
        m[i] += (1 - beta1) * (slope - m[i])
        v[i] = beta2 * v[i] + (1 - beta2) * (slope * slope)
        square = v[i]
        if amsgrad:
            if largest[i] >= square or largest[i] != largest[i]:  # NaN stays
                square = largest[i]
            largest[i] = square
        p[i] = shrink * p[i] - alpha * m[i] / (math.sqrt(square) + eps)


@cuda.jit
def sgd_kernel(p, g, b, with_momentum, kept, taken, lr, momentum, decay, sign, nesterov):
    i = cuda.grid(1)
    if i < p.shape[0]:
        slope = decayed(sign * g[i], p[i], decay)
        if with_momentum:
            b[i] = kept * b[i] + taken * slope
            slope = slope + momentum * b[i] if nesterov else b[i]
        p[i] -= lr * slope

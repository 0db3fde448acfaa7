"""Updates of many parameters at once: see `kernels/reference/optimizer.py`.

All parameters together are cut into pieces, which are shared out among the threads. Numba takes no
list of arrays at a price that many small ones could pay, so what it gets is a table of addresses.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic as _intrinsic
from numba.np.numpy_support import carray

from kernels.cpu.elementary import larger
from kernels.cpu.jit import AS_WRITTEN, dense, jit, threads
from kernels.cpu.parallel import bounds, parallel
from kernels.reference.optimizer import bias_corrected

PIECE = 2**13  # elements: with the four arrays of Adam, 128 KiB of float32
intrinsic: Any = _intrinsic  # whose first argument is none of the callers'


@intrinsic
def _pointer(typing_context: Any, array: Any, start: Any, number: Any) -> Any:
    """To element `start` of an array of numbers of the type of `number`; the array is given as the
    address of its Python object, id(array), in which the address of the numbers stands first.

    (array.ctypes.data asks for the same, and takes 1 microsecond.)
    """
    pointer = types.CPointer(number)

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array, start, _ = args
        kind = context.get_value_type(pointer)
        field = builder.add(array, array.type(object.__basicsize__))
        numbers = builder.load(builder.inttoptr(field, kind.as_pointer()))
        return builder.gep(numbers, [start])

    return pointer(array, start, number), code


@jit(forceinline=True)
def _part(array, start, n, number):
    """The elements start ... start + n - 1 of an array, of which only the id is known."""
    return carray(_pointer(array, start, number), (n,))


class Pieces:
    """Lists of arrays as a table of their ids, and how their elements are cut into pieces.

    Arrays whose memory is not in one block are worked on in copies, which `close` writes back.
    """

    def __init__(self, *lists: list):
        self.lists = lists
        self.dtype = lists[0][0].dtype
        self.blocks = [[dense(a, self.dtype) for a in arrays] for arrays in lists]
        self.ids = np.array([list(map(id, arrays)) for arrays in self.blocks])  # a row for a list
        self.sizes = np.array([a.size for a in lists[0]], np.int64)
        self.firsts = np.cumsum([0, *(-(-self.sizes // PIECE))])  # the number of its first piece

    def close(self) -> None:
        for arrays, blocks in zip(self.lists, self.blocks, strict=True):
            for array, block in zip(arrays, blocks, strict=True):
                if block is not array:
                    array[...] = block


@jit(forceinline=True)
def _place(piece, firsts, sizes):
    """Which parameter the piece is of, its first element and how many there are."""
    i = np.searchsorted(firsts, piece, side="right") - 1
    start = (piece - firsts[i]) * PIECE
    return i, start, min(PIECE, sizes[i] - start)


# ---------------------------------------------------------------------------- Adam


def adam(
    params, grads, means, squares, largest, steps, lr, beta1, beta2, eps, weight_decay, decoupled,
    maximize,
) -> None:  # fmt: skip
    if not params:
        return
    pieces = Pieces(params, grads, means, squares, *([largest] if largest else []))
    corrected = [bias_corrected(lr, beta1, beta2, eps, t) for t in steps]
    numbers = beta1, beta2, 0.0 if decoupled else weight_decay
    shrink, sign = 1 - lr * weight_decay if decoupled else 1.0, -1.0 if maximize else 1.0
    number = pieces.dtype.type
    adam_pieces[threads()](
        pieces.ids, pieces.sizes, pieces.firsts, np.array(corrected, pieces.dtype),
        tuple(map(number, (*numbers, shrink, sign))),
    )  # fmt: skip
    pieces.close()


@parallel
def adam_pieces(part, parts, ids, sizes, firsts, corrected, numbers):
    first, last = bounds(part, parts, firsts[-1])
    for piece in range(first, last):
        adam_piece(piece, ids, sizes, firsts, corrected, numbers)


@jit(fastmath=AS_WRITTEN)
def adam_piece(piece, ids, sizes, firsts, corrected, numbers):
    beta1, beta2, decay, shrink, sign = numbers
    i, start, n = _place(piece, firsts, sizes)
    p, g = _part(ids[0, i], start, n, beta1), _part(ids[1, i], start, n, beta1)
    m, v = _part(ids[2, i], start, n, beta1), _part(ids[3, i], start, n, beta1)
    alpha, eps = corrected[i]
    if len(ids) == 4:
        for j in range(n):
            grad = _decayed(sign * g[j], p[j], decay)
            m[j], v[j] = _averages(m[j], v[j], grad, beta1, beta2)
            p[j] = shrink * p[j] - alpha * m[j] / (np.sqrt(v[j]) + eps)
        return
    # AMSGrad. One loop with five arrays would not become vector instructions: there are too many
    # pairs of arrays of which the compiler must know that they do not overlap.
    h = _part(ids[4, i], start, n, beta1)
    for j in range(n):
        grad = _decayed(sign * g[j], p[j], decay)
        m[j], v[j] = _averages(m[j], v[j], grad, beta1, beta2)
    for j in range(n):
        h[j] = larger(h[j], v[j])
        p[j] = shrink * p[j] - alpha * m[j] / (np.sqrt(h[j]) + eps)


@jit(fastmath=AS_WRITTEN, forceinline=True)
def _decayed(grad, p, decay):
    """With weight decay; without it, p may be infinite and does no harm."""
    return grad + decay * p if decay != type(p)(0) else grad


@jit(fastmath=AS_WRITTEN, forceinline=True)
def _averages(m, v, grad, beta1, beta2):
    one = type(grad)(1)
    return m + (one - beta1) * (grad - m), beta2 * v + (one - beta2) * (grad * grad)


# ---------------------------------------------------------------------------- SGD


def sgd(
    params, grads, buffers, fresh, lr, momentum, dampening, weight_decay, nesterov, maximize
) -> None:
    if not params:
        return
    pieces = Pieces(params, grads, *([buffers] if buffers else []))
    taken = [1.0 if new else 1 - dampening for new in fresh]
    number = pieces.dtype.type
    numbers = lr, momentum, weight_decay, -1.0 if maximize else 1.0
    sgd_pieces[threads()](
        pieces.ids, pieces.sizes, pieces.firsts, np.array(taken, pieces.dtype),
        tuple(map(number, numbers)), nesterov,
    )  # fmt: skip
    pieces.close()


@parallel
def sgd_pieces(part, parts, ids, sizes, firsts, taken, numbers, nesterov):
    first, last = bounds(part, parts, firsts[-1])
    for piece in range(first, last):
        sgd_piece(piece, ids, sizes, firsts, taken, numbers, nesterov)


@jit(fastmath=AS_WRITTEN)
def sgd_piece(piece, ids, sizes, firsts, taken, numbers, nesterov):
    lr, momentum, decay, sign = numbers
    i, start, n = _place(piece, firsts, sizes)
    p, g = _part(ids[0, i], start, n, lr), _part(ids[1, i], start, n, lr)
    if len(ids) == 2:
        for j in range(n):
            p[j] -= lr * _decayed(sign * g[j], p[j], decay)
        return
    b = _part(ids[2, i], start, n, lr)
    for j in range(n):
        grad = _decayed(sign * g[j], p[j], decay)
        b[j] = momentum * b[j] + taken[i] * grad
        p[j] -= lr * (grad + momentum * b[j] if nesterov else b[j])

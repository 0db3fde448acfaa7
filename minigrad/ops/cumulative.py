"""Running results along one axis: sums, products, extrema; and differences, their inverse."""

from __future__ import annotations

import numpy as np

from minigrad import dtypes
from minigrad.dispatch import NUMPY
from minigrad.graph import is_tensor, op
from minigrad.ops.axes import named, pick, raw
from minigrad.ops.places import arange, at, axis, check_broadcast

__all__ = [
    "cummax", "cummin", "cumprod", "cumsum", "cumulative_trapezoid", "diff", "logcumsumexp",
    "trapezoid", "trapz",
]  # fmt: skip


@op
def cumsum(x, dim, *, dtype=None):
    """y_k = x_0 + ... + x_k along `dim`; integers and bools give an int64.

    Gradient: the sum of g from each place on, a cumsum from the other end.
    """
    dim = axis("cumsum", dim, len(x.shape))
    x = _as_summed(x, dtype)
    if not x.shape:
        return x.astype(x.dtype), lambda g: g
    return np.cumsum(x, axis=dim, dtype=x.dtype), lambda g: _from_the_end(g, dim)


@op
def cumprod(x, dim, *, dtype=None):
    """y_k = x_0 * ... * x_k along `dim`; integers and bools give an int64.

    Gradient: the sum over k >= i of g_k y_k / x_i. Where an x is 0 there is nothing to divide by:
    then it is p_i s_i with the product before, p_i = x_0 ... x_{i-1}, and s_i = g_i + x_{i+1}
    s_{i+1}, a recurrence from the end (Horner's rule): right for any number of zeros.
    """
    dim = axis("cumprod", dim, len(x.shape))
    x = _as_summed(x, dtype)
    if not x.shape:
        return x.astype(x.dtype), lambda g: g
    y = np.cumprod(x, axis=dim, dtype=x.dtype)

    def pullback(g):
        if np.all(raw(x) != 0):
            return _from_the_end(g * y, dim) / x
        factors = _shifted(np.flip(x, dim), dim, 0)
        after = np.flip(linear_recurrence(factors, np.flip(g, dim), dim), dim)
        return product_before(x, dim) * after

    return y, pullback


@op
def logcumsumexp(x, dim):
    """y_k = log(exp(x_0) + ... + exp(x_k)) along `dim`, without overflow.

    Gradient: the sum over k >= i of g_k exp(x_i - y_k), computed as exp(x_i - y_i) r_i with
    r_i = g_i + exp(y_i - y_{i+1}) r_{i+1}: no exponent is positive.
    """
    dim = axis("logcumsumexp", dim, len(x.shape))
    if x.dtype.kind not in "fc":
        raise NotImplementedError(
            f"logcumsumexp: expected a floating dtype, got {x.dtype}; use .float() first"
        )
    if not x.shape:
        return x.astype(x.dtype), lambda g: g
    if is_tensor(x):
        y = logcumsumexp(x, dim)
    else:
        (y,) = _scan(lambda a, b: (np.logaddexp(a[0], b[0]),), (x,), dim)

    def pullback(g):
        flipped = np.flip(y, dim)
        later = _shifted(flipped, dim, np.inf)  # at the end: no later one, a ratio of 0
        equal = (raw(flipped) == raw(later)) & np.isinf(raw(later))  # infinities that stay so
        ratios = np.where(equal, 1, np.exp(flipped - later))
        r = linear_recurrence(ratios, np.flip(g, dim), dim)
        return np.exp(x - y) * np.flip(r, dim)

    return y, pullback


@op
def linear_recurrence(a, b, dim=-1):
    """s_k = a_k s_{k-1} + b_k along `dim`, from s_{-1} = 0.

    Gradients: t_k = g_k + a_{k+1} t_{k+1}, the same recurrence from the end, is b's; t_k s_{k-1}
    is a's. Computed by doubling: the step from s_{k-2} is (a_k a_{k-1}, a_k b_{k-1} + b_k), the
    one from s_{k-4} is made of two of those, ... (Blelloch, 1990, Prefix Sums and Their
    Applications, section 1.4).
    """
    dim = axis("linear_recurrence", dim, len(b.shape))
    if not b.shape:
        return b.astype(b.dtype), lambda g: (0 * g, g)
    if is_tensor(a) or is_tensor(b):
        s = linear_recurrence(a, b, dim)
    else:
        _, s = _scan(lambda p, q: (p[0] * q[0], q[0] * p[1] + q[1]), (a, b), dim)

    def pullback(g):
        backwards = _shifted(np.flip(a, dim), dim, 0)
        t = np.flip(linear_recurrence(backwards, np.flip(g, dim), dim), dim)
        return t * _shifted(s, dim, 0), t

    return s, pullback


@named("values", "indices")
@op
def cummax(x, dim):
    """(values, indices): the largest so far along `dim`, and where it is.

    Of equal ones the last; NaN counts as the largest. Gradient: g to the ones that were chosen.
    """
    return _cumulative_extremum("cummax", np.maximum, x, dim)


@named("values", "indices")
@op
def cummin(x, dim):
    """(values, indices): the smallest so far along `dim`, and where it is.

    Of equal ones the last; NaN counts as the smallest. Gradient: g to the ones that were chosen.
    """
    return _cumulative_extremum("cummin", np.minimum, x, dim)


def _cumulative_extremum(name, extremum, x, dim):
    array = raw(x)
    dim = axis(name, dim, array.ndim)
    if array.ndim:
        best = running(extremum, array, dim)
        chosen = (array == best) | (array != array)
        shape = [1] * array.ndim
        shape[dim] = -1
        places = arange(array.shape[dim], array).reshape(shape)
        indices = running(np.maximum, np.where(chosen, places, 0), dim)
    else:
        indices = np.zeros_like(array, dtype=np.int64)
    y, back = pick(x, indices, dim)
    return (y, indices), lambda g, _: back(g)


# ---------------------------------------------------------------------------- differences, areas


def diff(input, n=1, dim=-1, prepend=None, append=None):
    """x_{k+1} - x_k along `dim`, n times over; of bools, whether they differ.

    prepend, append: what to put before and after `input` first (if n > 0).

    >>> import minigrad as mg
    >>> mg.diff(mg.tensor([1, 4, 9, 16]))
    tensor([3, 5, 7])
    """
    if not input.shape:
        raise RuntimeError("diff: expected at least one axis, got a 0-d tensor")
    dim = axis("diff", dim, len(input.shape))
    if n < 0:
        raise RuntimeError(f"diff: expected n of at least 0, got {n}")
    if n == 0:
        return input
    parts = [p for p in (prepend, input, append) if p is not None]
    x = np.concatenate(parts, axis=dim) if len(parts) > 1 else input
    for _ in range(n):
        later, earlier = x[at(dim, slice(1, None))], x[at(dim, slice(None, -1))]
        x = later != earlier if x.dtype == np.bool_ else later - earlier
    return x


def trapezoid(y, x=None, *, dx=None, dim=-1):
    """The area under y(x) along `dim` by the trapezoidal rule; the x are `dx` (1) apart if absent.

    >>> import minigrad as mg
    >>> mg.trapezoid(mg.tensor([1.0, 2.0, 3.0]))
    tensor(4.)
    """
    dim = axis("trapezoid", dim, len(y.shape))
    if x is not None:
        return np.sum(_doubled_areas(y, x, dx, dim), axis=dim) / 2
    if not y.shape[dim]:
        return np.sum(y, axis=dim) / 2
    ends = y[at(dim, 0)] + y[at(dim, -1)]
    return (np.sum(y, axis=dim) - ends * 0.5) * (1 if dx is None else dx)


trapz = trapezoid


def cumulative_trapezoid(y, x=None, *, dx=None, dim=-1):
    """The area under y(x) up to each point but the first; see `trapezoid`."""
    dim = axis("cumulative_trapezoid", dim, len(y.shape))
    return cumsum(_doubled_areas(y, x, dx, dim), dim) / 2


def _doubled_areas(y, x, dx, dim):
    """Twice the areas between neighbouring points."""
    if x is not None and dx is not None:
        raise RuntimeError("trapezoid: give either x or dx, not both")
    heights = y[at(dim, slice(1, None))] + y[at(dim, slice(None, -1))]
    if x is None:
        return heights * (1 if dx is None else dx)
    if len(x.shape) == 1:
        shape = [1] * len(y.shape)
        shape[dim] = x.shape[0]
        x = np.reshape(x, tuple(shape))
    check_broadcast("trapezoid", y=y, x=x)
    return heights * diff(x, dim=dim)


# ---------------------------------------------------------------------------- running along an axis


def _from_the_end(g, dim):
    """At each place, the sum of g from there on."""
    return np.flip(np.cumsum(np.flip(g, dim), axis=dim), dim)


def _shifted(x, dim, fill):
    """x moved one place on along `dim`, with `fill` at the start."""
    first = np.full_like(raw(x)[at(dim, slice(0, 1))], fill)
    return np.concatenate([first, x[at(dim, slice(None, -1))]], axis=dim)


def product_before(x, dim):
    """At each place, the product of the elements before it along `dim`."""
    return np.cumprod(_shifted(x, dim, 1), axis=dim)


def running(ufunc, x, dim):
    """ufunc.accumulate of a raw array along `dim`, which CuPy does not have."""
    return _scan(lambda a, b: (ufunc(a[0], b[0]),), (x,), dim)[0]


def _scan(combine, parts, dim):
    """y_k = combine(y_{k-1}, x_k) along `dim`, for an associative `combine` on tuples of arrays.

    By doubling: once every place holds the last s elements combined, one step more makes it the
    last 2s (Hillis & Steele, 1986): log2(n) calls, on a GPU as well.
    """
    n, step = parts[0].shape[dim], 1
    while step < n:
        start, earlier, later = slice(None, step), slice(None, -step), slice(step, None)
        news = combine([p[at(dim, earlier)] for p in parts], [p[at(dim, later)] for p in parts])
        parts = [
            np.concatenate([p[at(dim, start)], new], axis=dim)
            for p, new in zip(parts, news, strict=True)
        ]
        step *= 2
    return parts if step > 1 else [p.copy() for p in parts]


def _as_summed(x, dtype):
    """x in `dtype`, or in the dtype of its sum: int64 for integers and bools."""
    wanted = np.dtype(dtype) if dtype else dtypes.int64 if x.dtype.kind in "biu" else x.dtype
    return x if x.dtype == wanted else x.astype(wanted)


# ------------------------------------------------------- NumPy's names, in NumPy's argument order


def _np_cumulative(fn):
    def call(a, axis=None, dtype=None):
        return (
            fn(np.reshape(a, (-1,)), 0, dtype=dtype) if axis is None else fn(a, axis, dtype=dtype)
        )

    return call


def _np_diff(a, n=1, axis=-1, *, prepend=None, append=None):
    return diff(a, n, axis, prepend, append)


NUMPY.update({
    np.cumsum: _np_cumulative(cumsum), np.cumprod: _np_cumulative(cumprod), np.diff: _np_diff,
    np.trapezoid: lambda y, x=None, dx=1.0, axis=-1: trapezoid(
        y, x, dx=None if x is not None else dx, dim=axis
    ),
})  # fmt: skip

"""exp, log, tanh and others of single numbers, in loops that become vector instructions.

    for i in range(n):
        y[i] = exp(x[i])        # 16 numbers at a time in float32, where the processor has AVX-512

A call of the C library's exp in a loop keeps it scalar. These are products, sums and selections
alone, without a branch, that the compiler inlines and then does for many numbers at once. The
series are Taylor's: after the range reduction so few terms are needed that a polynomial fitted to
the interval would save one or two of them.

exp and log are right to about 1 ulp, expm1, log1p, sigmoid, tanh and erf to 2, and all of them at
NaN, the infinities and zero, and in the subnormal numbers.
For use in the other kernels: Python itself cannot call them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import extending, types
from numba.core import cgutils
from numba.extending import overload

from kernels.cpu.jit import AS_WRITTEN, jit

F = np.float32  # a Python number would make float64 of every float32 that it meets

intrinsic: Any = extending.intrinsic  # whose first argument is none of the callers'


def by_dtype(name: Callable, single: Callable, double: Callable) -> None:
    """In kernels, name(x) is single(x) for a float32 x and double(x) for a float64 one."""

    @overload(name, jit_options={"forceinline": True})
    def choose(x):  # without types: Numba compares its signature with that of the lambda
        if x == types.float32:
            return lambda x: single(x)
        return (lambda x: double(x)) if x == types.float64 else None


# ---------------------------------------------------------------------------- the bits of a float


def _layout(x: Any) -> tuple[ir.IntType, int, int]:
    """Of a float type: the integers of its width, the bits of its fraction, the exponent's bias."""
    return (ir.IntType(32), 23, 127) if x == types.float32 else (ir.IntType(64), 52, 1023)


@intrinsic
def scaled(typing_context: Any, p: Any, z: Any) -> Any:
    """p * 2**k, of z = MAGIC + k with a whole k, which is made by moving k to the exponent's bits.

    MAGIC is 1.5 * 2**23 (2**52 in float64): a number that large has no bits for fractions left, so
    that adding it rounds, and k stands in its lowest bits. 2**k may be outside of the normal
    numbers where the result is not: so it is multiplied in two halves.
    """
    integer, fraction, bias = _layout(p)
    magic = int(MAGIC_32.view(np.int32)) if p == types.float32 else 0x4338 << 48

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        p, z = args
        both = builder.sub(builder.bitcast(z, integer), integer(magic - 2 * bias))
        one = builder.lshr(both, integer(1))
        for exponent in (one, builder.sub(both, one)):
            power = builder.bitcast(builder.shl(exponent, integer(fraction)), p.type)
            p = builder.fmul(p, power)
        return p

    return p(p, z), code


@intrinsic
def mantissa_and_exponent(typing_context: Any, x: Any) -> Any:
    """(m, e) with x = m * 2**e and sqrt(1/2) <= m < sqrt(2), of a normal, positive, finite x."""
    integer, fraction, _ = _layout(x)
    dtype = np.float32 if x == types.float32 else np.float64
    half = dtype(math.sqrt(0.5)).view(f"i{dtype().itemsize}").item()

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        float_type = context.get_value_type(x)
        bits = builder.bitcast(args[0], integer)
        e = builder.ashr(builder.sub(bits, integer(half)), integer(fraction))
        m = builder.bitcast(builder.sub(bits, builder.shl(e, integer(fraction))), float_type)
        pair = m, builder.sitofp(e, float_type)
        return context.make_tuple(builder, signature.return_type, pair)

    return types.UniTuple(x, 2)(x), code


@intrinsic
def larger(typing_context: Any, x: Any, y: Any) -> Any:
    """The larger of x and y, NaN if either is: what a vectorised maximum can be made of.

    Of `x if x > y else y` the compiler makes one only if it may assume that there is no NaN.
    """

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        name = "llvm.maximum.f32" if x == types.float32 else "llvm.maximum.f64"
        kind = context.get_value_type(x)
        function = ir.FunctionType(kind, (kind, kind))
        return builder.call(cgutils.get_or_insert_function(builder.module, function, name), args)

    return x(x, x), code


# ---------------------------------------------------------------------------- exp


def exp(x: Any) -> Any:
    """e**x = 2**k * e**r, where k = round(x / ln 2) and r = x - k * ln 2, at most 0.35 in size.

    k * ln 2 is taken away in two parts, the first of so few bits that its product is exact.
    """
    raise TypeError("kernels.cpu.elementary.exp is for kernels; use np.exp")


LOG2E_32, MAGIC_32 = F(math.log2(math.e)), F(1.5 * 2**23)
LN2_HIGH_32, LN2_LOW_32 = F(0.693359375), F(-2.12194440054690583e-4)
T2, T3, T4, T5, T6, T7 = (F(1 / math.factorial(k)) for k in range(2, 8))


@jit(fastmath=AS_WRITTEN, forceinline=True)
def _reduced_32(x):
    """(e**r - 1, MAGIC + k)."""
    z = x * LOG2E_32 + MAGIC_32
    k = z - MAGIC_32
    r = (x - k * LN2_HIGH_32) - k * LN2_LOW_32
    p = r * (T3 + r * (T4 + r * (T5 + r * (T6 + r * T7)))) + T2
    return r + r * r * p, z


@jit(fastmath=AS_WRITTEN, forceinline=True)
def _exp_32(x):
    x = F(89) if x > F(89) else x  # beyond: infinity. NaN is not larger than anything, and stays
    vanishes = x < F(-104)
    q, z = _reduced_32(F(0) if vanishes else x)
    y = scaled(F(1) + q, z)
    return F(0) if vanishes else y  # chosen: to multiply until nothing is left takes 100 cycles


LOG2E_64, MAGIC_64 = math.log2(math.e), 1.5 * 2**52
LN2_HIGH_64, LN2_LOW_64 = 0.693145751953125, 1.42860682030941723212e-6
D2, D3, D4, D5, D6, D7, D8, D9, D10, D11, D12, D13 = (1 / math.factorial(k) for k in range(2, 14))


@jit(fastmath=AS_WRITTEN, forceinline=True)
def _reduced_64(x):
    z = x * LOG2E_64 + MAGIC_64
    k = z - MAGIC_64
    r = (x - k * LN2_HIGH_64) - k * LN2_LOW_64
    p = r * (D8 + r * (D9 + r * (D10 + r * (D11 + r * (D12 + r * D13)))))
    p = r * (D3 + r * (D4 + r * (D5 + r * (D6 + r * (D7 + p))))) + D2
    return r + r * r * p, z


@jit(fastmath=AS_WRITTEN, forceinline=True)
def _exp_64(x):
    x = 710.0 if x > 710.0 else x
    vanishes = x < -746.0
    q, z = _reduced_64(0.0 if vanishes else x)
    y = scaled(1.0 + q, z)
    return 0.0 if vanishes else y


by_dtype(exp, _exp_32, _exp_64)


# ---------------------------------------------------------------------------- made of exp


def expm1(x: Any) -> Any:
    """e**x - 1 = 2**k * ((e**r - 1) + (1 - 2**-k)): where k is 0, near 0, nothing is lost."""
    raise TypeError("kernels.cpu.elementary.expm1 is for kernels; use np.expm1")


@jit(fastmath=AS_WRITTEN, forceinline=True)
def _expm1_32(x):
    x = F(89) if x > F(89) else x
    x = F(-18) if x < F(-18) else x  # beyond: -1
    q, z = _reduced_32(x)
    return scaled(q + (F(1) - scaled(F(1), MAGIC_32 - (z - MAGIC_32))), z)


@jit(fastmath=AS_WRITTEN, forceinline=True)
def _expm1_64(x):
    x = 710.0 if x > 710.0 else x
    x = -40.0 if x < -40.0 else x
    q, z = _reduced_64(x)
    return scaled(q + (1.0 - scaled(1.0, MAGIC_64 - (z - MAGIC_64))), z)


by_dtype(expm1, _expm1_32, _expm1_64)


@jit(fastmath=AS_WRITTEN, forceinline=True)
def sigmoid(x):
    """1 / (1 + e**-x), and for negative x e**x / (1 + e**x), so that e**-|x| cannot overflow."""
    one = type(x)(1)
    e = exp(-abs(x))
    return (e if x < type(x)(0) else one) / (one + e)


@jit(fastmath=AS_WRITTEN, forceinline=True)
def tanh(x):
    """m / (m + 2), where m = e**2x - 1."""
    bound = type(x)(20)  # beyond: -1 and 1
    x = bound if x > bound else x
    x = -bound if x < -bound else x
    m = expm1(x + x)
    return m / (m + type(x)(2))


def erf(x: Any) -> Any:
    """2 / sqrt(pi) * the integral of exp(-t**2) from 0 to x.

    In float32 two polynomials, near 0 of erf itself, else of log(1 - erf): N. Juffa's, fitted for
    the smallest relative error. In float64 the C library's, one number at a time.
    """
    raise TypeError("kernels.cpu.elementary.erf is for kernels; use minigrad.erf")


@jit(fastmath=AS_WRITTEN, forceinline=True)
def _erf_32(x):
    t, s = abs(x), x * x
    near = F(-5.96761703e-4) * s + F(4.99119423e-3)
    near = ((near * s + F(-2.67681349e-2)) * s + F(1.12819925e-1)) * s + F(-3.76125336e-1)
    near = (near * s + F(1.28379166e-1)) * x + x
    far = (F(-1.72853470e-5) * t + F(3.83197126e-4)) * s
    far = (far + (F(-3.88396438e-3) * t + F(2.42546219e-2))) * t + F(-1.06777877e-1)
    far = ((far * t + F(-6.34846687e-1)) * t + F(-1.28717512e-1)) * t - t
    far = math.copysign(F(1) - exp(far), x)
    return far if t > F(475 / 512) else near


@jit(forceinline=True)
def _erf_64(x):
    return math.erf(x)


by_dtype(erf, _erf_32, _erf_64)


# ---------------------------------------------------------------------------- log


def log(x: Any) -> Any:
    """ln x = e * ln 2 + ln m, of x = m * 2**e; -infinity at 0, NaN below.

    With s = (m - 1) / (m + 1), ln m = 2 artanh(s) = 2 (s + s**3 / 3 + s**5 / 5 + ...), where s is
    at most 0.172 in size. As 2 s = (m - 1) - s (m - 1), the largest term, m - 1, is exact.
    """
    raise TypeError("kernels.cpu.elementary.log is for kernels; use np.log")


TINY_32 = np.finfo(np.float32).tiny  # smaller numbers have no exponent of their own


@jit(fastmath=AS_WRITTEN, forceinline=True)
def _log_32(x):
    small = x < TINY_32
    m, e = mantissa_and_exponent(x * F(2**24) if small else x)
    e = e - F(24) if small else e
    f = m - F(1)
    s = f / (F(2) + f)
    z = s * s
    series = z * (F(2 / 3) + z * (F(2 / 5) + z * (F(2 / 7) + z * (F(2 / 9) + z * F(2 / 11)))))
    y = e * LN2_HIGH_32 + (f - (s * (f - series) - e * LN2_LOW_32))
    y = x if x == F(np.inf) else y
    y = F(-np.inf) if x == F(0) else y
    return y if x >= F(0) else F(np.nan)


TINY_64 = np.finfo(np.float64).tiny
A3, A5, A7, A9, A11, A13, A15, A17, A19, A21 = (2 / k for k in range(3, 22, 2))


@jit(fastmath=AS_WRITTEN, forceinline=True)
def _log_64(x):
    small = x < TINY_64
    m, e = mantissa_and_exponent(x * 2.0**54 if small else x)
    e = e - 54.0 if small else e
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    series = z * (A13 + z * (A15 + z * (A17 + z * (A19 + z * A21))))
    series = z * (A3 + z * (A5 + z * (A7 + z * (A9 + z * (A11 + series)))))
    y = e * LN2_HIGH_64 + (f - (s * (f - series) - e * LN2_LOW_64))
    y = x if x == np.inf else y
    y = -np.inf if x == 0.0 else y
    return y if x >= 0.0 else np.nan


by_dtype(log, _log_32, _log_64)


@jit(fastmath=AS_WRITTEN, forceinline=True)
def log1p(x):
    """ln(1 + x) = ln u + (x - (u - 1)) / u, where u = 1 + x, rounded: what it lost comes second."""
    one = type(x)(1)
    u = one + x
    lost = (x - (u - one)) / u
    return log(u) + (lost if lost == lost else type(x)(0))  # it is NaN at -1 and infinity

"""The ops as methods of a Tensor: `x.tanh()` is `ops.tanh(x)`.

An op is a plain function whose first argument is a Tensor, which is what a method is: most lines
only say under which name. Nothing is computed here; every formula stands in `minigrad/ops/`. A
name that ends in an underscore writes its result into the Tensor's own memory.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from minigrad import backend, dtypes, inplace, ops, random
from minigrad.graph import Value, wrap
from minigrad.ops.places import scalar


def written(op: Any) -> Any:
    """The method that computes `op` and writes the result into the Tensor's own memory."""
    name = f"{op.__name__}_"

    @functools.wraps(op)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return inplace.overwrite(self, lambda t: op(t, *args, **kwargs), name)

    method.__name__ = name
    return method


class Methods(Value):
    """What a Tensor can do; mixed into `minigrad.Tensor`."""

    __slots__ = ()

    # ------------------------------------------------------------------ operators

    __add__ = __radd__ = ops.add
    __mul__ = __rmul__ = ops.mul
    __sub__ = ops.sub
    __truediv__ = ops.div
    __floordiv__ = ops.floor_divide
    __mod__ = ops.remainder
    __pow__ = ops.pow
    __matmul__ = ops.matmul
    __neg__ = ops.neg
    __pos__ = ops.positive
    __abs__ = ops.abs
    __invert__ = ops.bitwise_not
    __and__ = __rand__ = ops.bitwise_and
    __or__ = __ror__ = ops.bitwise_or
    __xor__ = __rxor__ = ops.bitwise_xor
    __lshift__ = ops.bitwise_left_shift
    __rshift__ = ops.bitwise_right_shift
    __lt__ = ops.lt
    __le__ = ops.le
    __gt__ = ops.gt
    __ge__ = ops.ge

    __iadd__ = written(ops.add)
    __isub__ = written(ops.sub)
    __imul__ = written(ops.mul)
    __itruediv__ = written(ops.div)
    __ifloordiv__ = written(ops.floor_divide)
    __imod__ = written(ops.remainder)
    __ipow__ = written(ops.pow)
    __iand__ = written(ops.bitwise_and)
    __ior__ = written(ops.bitwise_or)
    __ixor__ = written(ops.bitwise_xor)
    __ilshift__ = written(ops.bitwise_left_shift)
    __irshift__ = written(ops.bitwise_right_shift)

    def __rsub__(self, other: Any) -> Any:
        return ops.sub(other, self)

    def __rtruediv__(self, other: Any) -> Any:
        return ops.div(other, self)

    def __rfloordiv__(self, other: Any) -> Any:
        return ops.floor_divide(other, self)

    def __rmod__(self, other: Any) -> Any:
        return ops.remainder(other, self)

    def __divmod__(self, other: Any) -> Any:
        return ops.floor_divide(self, other), ops.remainder(self, other)

    def __rpow__(self, other: Any) -> Any:
        return ops.pow(other, self)

    def __rmatmul__(self, other: Any) -> Any:
        return ops.matmul(other, self)

    def __round__(self, decimals: int = 0) -> Any:
        return ops.round(self, decimals=decimals)

    def __eq__(self, other: Any) -> Any:
        return ops.eq(self, other) if comparable(other) else NotImplemented

    def __ne__(self, other: Any) -> Any:
        return ops.ne(self, other) if comparable(other) else NotImplemented

    __hash__ = object.__hash__

    # ------------------------------------------------------------------ shapes given as arguments

    def reshape(self, *shape: Any) -> Any:
        return ops.reshape(self, sizes(shape))

    def view(self, *shape: Any) -> Any:
        if len(shape) == 1 and isinstance(shape[0], np.dtype):
            return wrap(self.array.view(shape[0]))
        return ops.view(self, sizes(shape))

    def permute(self, *dims: Any) -> Any:
        return ops.permute(self, sizes(dims))

    def expand(self, *shape: Any) -> Any:
        return ops.expand(self, sizes(shape))

    def repeat(self, *repeats: Any) -> Any:
        return ops.repeat(self, sizes(repeats))

    def tile(self, *repeats: Any) -> Any:
        return ops.tile(self, sizes(repeats))

    @property
    def T(self) -> Any:
        """The axes in reverse order."""
        return ops.permute(self, tuple(range(self.array.ndim))[::-1])

    @property
    def mT(self) -> Any:
        """The last two axes swapped."""
        return ops.transpose(self, -2, -1)

    # ------------------------------------------------------------------ dtype and device

    def to(self, *args: Any, dtype: Any = None, device: Any = None, copy: bool = False,
           non_blocking: bool = False) -> Any:  # fmt: skip
        """In another dtype, on another device, or both; itself if nothing changes.

        `x.to("cuda")`, `x.to(mg.float64)`, `x.to(other)` (that Tensor's dtype and device).
        """
        for a in args:
            if isinstance(a, Value):
                dtype, device = a.dtype, backend.device_of(a.array)
            elif isinstance(a, backend.Device) or (
                isinstance(a, str) and a.partition(":")[0] in ("cpu", "cuda")
            ):
                device = a
            elif isinstance(a, bool):  # PyTorch's non_blocking, copy
                continue
            else:
                dtype = a
        out = self
        if dtype is not None and np.dtype(dtype) != self.array.dtype:
            out = ops.astype(out, np.dtype(dtype))
        if device is not None:
            moved = ops.to_device(out, device)
            out = out if moved.array is out.array else moved
        return ops.clone(out) if copy and out is self else out

    def type(self, dtype: Any = None) -> Any:
        """Its dtype's name; or it in another dtype: a dtype or, say, `LongTensor`."""
        return str(self.array.dtype) if dtype is None else self.to(np.dtype(dtype))

    def astype(self, dtype: Any) -> Any:
        """NumPy's name for `to(dtype)`."""
        return ops.astype(self, np.dtype(dtype))

    def type_as(self, other: Any) -> Any:
        return self.to(other.dtype)

    def float(self) -> Any:
        return self.to(dtypes.float32)

    def double(self) -> Any:
        return self.to(dtypes.float64)

    def half(self) -> Any:
        return self.to(dtypes.float16)

    def long(self) -> Any:
        return self.to(dtypes.int64)

    def int(self) -> Any:
        return self.to(dtypes.int32)

    def short(self) -> Any:
        return self.to(dtypes.int16)

    def byte(self) -> Any:
        return self.to(dtypes.uint8)

    def char(self) -> Any:
        return self.to(dtypes.int8)

    def bool(self) -> Any:
        return self.to(dtypes.bool_)

    def cpu(self) -> Any:
        return self.to(device="cpu")

    def cuda(self, device: Any = None) -> Any:
        return self.to(device="cuda" if device is None else backend.Device("cuda", device))

    def where(self, condition: Any, other: Any) -> Any:
        return ops.where(condition, self, other)

    # ------------------------------------------------------------------ arithmetic

    add = ops.add
    sub = ops.sub
    subtract = ops.subtract
    mul = ops.mul
    multiply = ops.multiply
    div = ops.div
    divide = ops.divide
    true_divide = ops.true_divide
    floor_divide = ops.floor_divide
    remainder = ops.remainder
    fmod = ops.fmod
    neg = ops.neg
    negative = ops.negative
    positive = ops.positive
    pow = ops.pow
    float_power = ops.float_power
    square = ops.square
    sqrt = ops.sqrt
    rsqrt = ops.rsqrt
    reciprocal = ops.reciprocal
    abs = ops.abs
    absolute = ops.absolute
    sign = ops.sign
    sgn = ops.sgn
    maximum = ops.maximum
    minimum = ops.minimum
    fmax = ops.fmax
    fmin = ops.fmin
    clamp = ops.clamp
    clip = ops.clip
    clamp_min = ops.clamp_min
    clamp_max = ops.clamp_max
    lerp = ops.lerp
    addcmul = ops.addcmul
    addcdiv = ops.addcdiv
    hypot = ops.hypot
    copysign = ops.copysign
    heaviside = ops.heaviside
    ldexp = ops.ldexp

    # ------------------------------------------------------------------ exponentials

    exp = ops.exp
    exp2 = ops.exp2
    expm1 = ops.expm1
    log = ops.log
    log2 = ops.log2
    log10 = ops.log10
    log1p = ops.log1p
    logaddexp = ops.logaddexp
    logaddexp2 = ops.logaddexp2
    xlogy = ops.xlogy
    erf = ops.erf
    erfc = ops.erfc
    erfinv = ops.erfinv
    lgamma = ops.lgamma
    digamma = ops.digamma
    sinc = ops.sinc
    logit = ops.logit
    sin = ops.sin
    cos = ops.cos
    tan = ops.tan
    asin = ops.asin
    acos = ops.acos
    atan = ops.atan
    atan2 = ops.atan2
    arcsin = ops.arcsin
    arccos = ops.arccos
    arctan = ops.arctan
    arctan2 = ops.arctan2
    sinh = ops.sinh
    cosh = ops.cosh
    tanh = ops.tanh
    asinh = ops.asinh
    acosh = ops.acosh
    atanh = ops.atanh
    arcsinh = ops.arcsinh
    arccosh = ops.arccosh
    arctanh = ops.arctanh
    deg2rad = ops.deg2rad
    rad2deg = ops.rad2deg
    floor = ops.floor
    ceil = ops.ceil
    round = ops.round
    trunc = ops.trunc
    fix = ops.fix
    frac = ops.frac
    nan_to_num = ops.nan_to_num

    # ------------------------------------------------------------------ activations

    relu = ops.relu
    sigmoid = ops.sigmoid
    softmax = ops.softmax
    log_softmax = ops.log_softmax
    prelu = ops.prelu

    # ------------------------------------------------------------------ comparison

    eq = ops.eq
    ne = ops.ne
    lt = ops.lt
    le = ops.le
    gt = ops.gt
    ge = ops.ge
    greater = ops.greater
    greater_equal = ops.greater_equal
    less = ops.less
    less_equal = ops.less_equal
    not_equal = ops.not_equal
    isnan = ops.isnan
    isinf = ops.isinf
    isfinite = ops.isfinite
    isposinf = ops.isposinf
    isneginf = ops.isneginf
    isclose = ops.isclose
    allclose = ops.allclose
    equal = ops.equal
    logical_and = ops.logical_and
    logical_or = ops.logical_or
    logical_xor = ops.logical_xor
    logical_not = ops.logical_not
    bitwise_and = ops.bitwise_and
    bitwise_or = ops.bitwise_or
    bitwise_xor = ops.bitwise_xor
    bitwise_not = ops.bitwise_not
    bitwise_left_shift = ops.bitwise_left_shift
    bitwise_right_shift = ops.bitwise_right_shift
    signbit = ops.signbit

    # ------------------------------------------------------------------ reductions

    sum = ops.sum
    mean = ops.mean
    prod = ops.prod
    var = ops.var
    std = ops.std
    max = ops.max
    min = ops.min
    amax = ops.amax
    amin = ops.amin
    aminmax = ops.aminmax
    argmax = ops.argmax
    argmin = ops.argmin
    any = ops.any
    all = ops.all
    logsumexp = ops.logsumexp
    norm = ops.norm
    nansum = ops.nansum
    nanmean = ops.nanmean
    count_nonzero = ops.count_nonzero
    cumsum = ops.cumsum
    cumprod = ops.cumprod
    cummax = ops.cummax
    cummin = ops.cummin
    logcumsumexp = ops.logcumsumexp
    diff = ops.diff
    sort = ops.sort
    argsort = ops.argsort
    topk = ops.topk
    kthvalue = ops.kthvalue
    median = ops.median
    nanmedian = ops.nanmedian
    quantile = ops.quantile
    nanquantile = ops.nanquantile
    mode = ops.mode
    unique = ops.unique
    unique_consecutive = ops.unique_consecutive
    bincount = ops.bincount
    histc = ops.histc
    msort = ops.msort

    # ------------------------------------------------------------------ shape

    transpose = ops.transpose
    swapaxes = ops.swapaxes
    swapdims = ops.swapdims
    t = ops.t
    squeeze = ops.squeeze
    unsqueeze = ops.unsqueeze
    flatten = ops.flatten
    unflatten = ops.unflatten
    ravel = ops.ravel
    movedim = ops.movedim
    moveaxis = ops.moveaxis
    reshape_as = ops.reshape_as
    view_as = ops.view_as
    expand_as = ops.expand_as
    broadcast_to = ops.broadcast_to
    clone = ops.clone
    contiguous = ops.contiguous
    split = ops.split
    tensor_split = ops.tensor_split
    chunk = ops.chunk
    hsplit = ops.hsplit
    vsplit = ops.vsplit
    dsplit = ops.dsplit
    unbind = ops.unbind
    narrow = ops.narrow
    select = ops.select
    flip = ops.flip
    fliplr = ops.fliplr
    flipud = ops.flipud
    roll = ops.roll
    rot90 = ops.rot90
    repeat_interleave = ops.repeat_interleave
    tril = ops.tril
    triu = ops.triu
    diag = ops.diag
    diagonal = ops.diagonal
    diag_embed = ops.diag_embed
    diagflat = ops.diagflat
    unfold = ops.unfold

    # ------------------------------------------------------------------ selection

    index_select = ops.index_select
    index_add = ops.index_add
    index_copy = ops.index_copy
    index_fill = ops.index_fill
    index_put = ops.index_put
    gather = ops.gather
    scatter = ops.scatter
    scatter_add = ops.scatter_add
    scatter_reduce = ops.scatter_reduce
    take = ops.take
    take_along_dim = ops.take_along_dim
    put = ops.put
    masked_fill = ops.masked_fill
    masked_select = ops.masked_select
    masked_scatter = ops.masked_scatter
    nonzero = ops.nonzero
    argwhere = ops.argwhere
    select_scatter = ops.select_scatter
    slice_scatter = ops.slice_scatter
    diagonal_scatter = ops.diagonal_scatter

    # ------------------------------------------------------------------ linear algebra

    matmul = ops.matmul
    mm = ops.mm
    bmm = ops.bmm
    mv = ops.mv
    dot = ops.dot
    vdot = ops.vdot
    inner = ops.inner
    outer = ops.outer
    ger = ops.ger
    addmm = ops.addmm
    addmv = ops.addmv
    addbmm = ops.addbmm
    baddbmm = ops.baddbmm
    addr = ops.addr
    kron = ops.kron
    trace = ops.trace
    cross = ops.cross
    matrix_power = ops.matrix_power
    inverse = ops.inverse
    det = ops.det
    logdet = ops.logdet
    slogdet = ops.slogdet
    cholesky = ops.cholesky
    cholesky_solve = ops.cholesky_solve
    triangular_solve = ops.triangular_solve
    pinverse = ops.pinverse
    matrix_exp = ops.matrix_exp

    # ------------------------------------------------------------------ in place

    add_ = written(ops.add)
    sub_ = written(ops.sub)
    subtract_ = written(ops.subtract)
    mul_ = written(ops.mul)
    multiply_ = written(ops.multiply)
    div_ = written(ops.div)
    divide_ = written(ops.divide)
    floor_divide_ = written(ops.floor_divide)
    remainder_ = written(ops.remainder)
    fmod_ = written(ops.fmod)
    neg_ = written(ops.neg)
    pow_ = written(ops.pow)
    square_ = written(ops.square)
    sqrt_ = written(ops.sqrt)
    rsqrt_ = written(ops.rsqrt)
    reciprocal_ = written(ops.reciprocal)
    abs_ = written(ops.abs)
    sign_ = written(ops.sign)
    clamp_ = written(ops.clamp)
    clip_ = written(ops.clip)
    clamp_min_ = written(ops.clamp_min)
    clamp_max_ = written(ops.clamp_max)
    lerp_ = written(ops.lerp)
    addcmul_ = written(ops.addcmul)
    addcdiv_ = written(ops.addcdiv)
    exp_ = written(ops.exp)
    exp2_ = written(ops.exp2)
    expm1_ = written(ops.expm1)
    log_ = written(ops.log)
    log2_ = written(ops.log2)
    log10_ = written(ops.log10)
    log1p_ = written(ops.log1p)
    erf_ = written(ops.erf)
    erfc_ = written(ops.erfc)
    sin_ = written(ops.sin)
    cos_ = written(ops.cos)
    tan_ = written(ops.tan)
    asin_ = written(ops.asin)
    acos_ = written(ops.acos)
    atan_ = written(ops.atan)
    sinh_ = written(ops.sinh)
    cosh_ = written(ops.cosh)
    tanh_ = written(ops.tanh)
    floor_ = written(ops.floor)
    ceil_ = written(ops.ceil)
    round_ = written(ops.round)
    trunc_ = written(ops.trunc)
    frac_ = written(ops.frac)
    nan_to_num_ = written(ops.nan_to_num)
    relu_ = written(ops.relu)
    sigmoid_ = written(ops.sigmoid)
    eq_ = written(ops.eq)
    ne_ = written(ops.ne)
    lt_ = written(ops.lt)
    le_ = written(ops.le)
    gt_ = written(ops.gt)
    ge_ = written(ops.ge)
    logical_and_ = written(ops.logical_and)
    logical_or_ = written(ops.logical_or)
    logical_xor_ = written(ops.logical_xor)
    logical_not_ = written(ops.logical_not)
    cumsum_ = written(ops.cumsum)
    cumprod_ = written(ops.cumprod)
    tril_ = written(ops.tril)
    triu_ = written(ops.triu)
    index_add_ = written(ops.index_add)
    index_copy_ = written(ops.index_copy)
    index_fill_ = written(ops.index_fill)
    index_put_ = written(ops.index_put)
    scatter_ = written(ops.scatter)
    scatter_add_ = written(ops.scatter_add)
    scatter_reduce_ = written(ops.scatter_reduce)
    masked_fill_ = written(ops.masked_fill)
    masked_scatter_ = written(ops.masked_scatter)
    addmm_ = written(ops.addmm)
    baddbmm_ = written(ops.baddbmm)

    def copy_(self, src: Any, non_blocking: bool = False) -> Any:
        """Overwrite with `src`, which is broadcast and cast."""
        return inplace.overwrite(
            self, lambda t: ops.expand(as_value(src, t), t.shape).astype(t.dtype), "copy_"
        )

    def fill_(self, value: Any) -> Any:
        """Overwrite every element with one number or 0-d Tensor."""
        return inplace.overwrite(
            self, lambda t: ops.expand(as_value(value, t), t.shape).astype(t.dtype), "fill_"
        )

    def zero_(self) -> Any:
        return inplace.overwrite(self, lambda t: wrap(np.zeros_like(t.array)), "zero_")

    # ------------------------------------------------------------------ random numbers, in place

    def _draw(self, values: Any, name: str) -> Any:
        return inplace.overwrite(self, lambda t: wrap(values.astype(t.dtype)), name)

    def uniform_(self, from_: Any = 0.0, to: Any = 1.0, *, generator: Any = None) -> Any:
        """Overwrite with numbers uniform in [from_, to)."""
        if from_ > to:
            raise RuntimeError(f"uniform_: expected from_ <= to, got {from_} and {to}")
        device = backend.device_of(self.array)
        draw = random.uniform(
            self.shape, from_, to, dtype=self.dtype, device=device, generator=generator
        )
        return self._draw(draw, "uniform_")

    def normal_(self, mean: Any = 0.0, std: Any = 1.0, *, generator: Any = None) -> Any:
        """Overwrite with normal numbers."""
        if std < 0:
            raise RuntimeError(f"normal_: expected std >= 0, got {std}")
        device = backend.device_of(self.array)
        draw = random.normal(
            self.shape, mean, std, dtype=self.dtype, device=device, generator=generator
        )
        return self._draw(draw, "normal_")

    def random_(self, from_: Any = 0, to: Any = None, *, generator: Any = None) -> Any:
        """Overwrite with integers in [from_, to); `random_(to)` starts at 0."""
        low, high = (0, from_) if to is None and from_ else (from_, to)
        if high is None:  # as far as the dtype can count exactly
            kind = self.array.dtype.kind
            high = 2 ** (np.finfo(self.dtype).nmant + 1) if kind == "f" else 2
            high = np.iinfo(self.dtype).max if kind in "iu" else high
        device = backend.device_of(self.array)
        draw = random.integers(low, high, self.shape, device=device, generator=generator)
        return self._draw(draw, "random_")

    def bernoulli_(self, p: Any = 0.5, *, generator: Any = None) -> Any:
        """Overwrite with 1 at the chance p, else 0."""
        p = p.array if isinstance(p, Value) else p
        device = backend.device_of(self.array)
        draw = random.uniform(self.shape, dtype=np.float64, device=device, generator=generator)
        return self._draw(draw < p, "bernoulli_")

    def exponential_(self, lambd: Any = 1.0, *, generator: Any = None) -> Any:
        """Overwrite with numbers of density lambd * exp(-lambd * x)."""
        device = backend.device_of(self.array)
        draw = random.uniform(self.shape, dtype=np.float64, device=device, generator=generator)
        return self._draw(-np.log1p(-draw) / lambd, "exponential_")

    def bernoulli(self, p: Any = None, *, generator: Any = None) -> Any:
        return random.bernoulli(self, p, generator=generator)

    def multinomial(
        self, num_samples: Any, replacement: Any = False, *, generator: Any = None
    ) -> Any:
        return random.multinomial(self, num_samples, replacement, generator=generator)

    # ------------------------------------------------------------------ new ones like it

    def new_tensor(self, data: Any, *, dtype: Any = None, device: Any = None,
                   requires_grad: Any = False) -> Any:  # fmt: skip
        data = data.array if isinstance(data, Value) else data
        array = data.copy() if backend.is_array(data) else np.array(data)
        return self._new(array.astype(dtype or self.dtype, copy=False), device, requires_grad)

    def new_zeros(self, *size: Any, dtype: Any = None, device: Any = None,
                  requires_grad: Any = False) -> Any:  # fmt: skip
        return self._new(np.zeros(sizes(size), dtype or self.dtype), device, requires_grad)

    def new_ones(self, *size: Any, dtype: Any = None, device: Any = None,
                 requires_grad: Any = False) -> Any:  # fmt: skip
        return self._new(np.ones(sizes(size), dtype or self.dtype), device, requires_grad)

    def new_empty(self, *size: Any, dtype: Any = None, device: Any = None,
                  requires_grad: Any = False) -> Any:  # fmt: skip
        return self._new(np.empty(sizes(size), dtype or self.dtype), device, requires_grad)

    def new_full(self, size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None,
                 requires_grad: Any = False) -> Any:  # fmt: skip
        array = np.full(sizes((size,)), fill_value, dtype or self.dtype)
        return self._new(array, device, requires_grad)

    def _new(self, array: Any, device: Any, requires_grad: Any) -> Any:
        device = device or backend.device_of(self.array)
        return wrap(backend.to_device(array, device)).requires_grad_(requires_grad)


def sizes(shape: tuple) -> tuple:
    """The shape meant by `f(2, 3)`, `f((2, 3))` or `f([2, 3])`."""
    if len(shape) == 1 and isinstance(shape[0], (tuple, list)):
        shape = tuple(shape[0])
    try:
        return tuple(n if n.__class__ is int else n.__index__() for n in shape)
    except AttributeError:
        raise TypeError(f"size: expected integers, got {shape!r}") from None


def comparable(x: Any) -> bool:
    """Tensors are compared with Tensors, arrays and numbers; to all else they are unequal."""
    return isinstance(x, (Value, int, float, complex)) or hasattr(x, "dtype")


def as_value(x: Any, like: Any) -> Any:
    """x as a Tensor on the device of `like`."""
    if isinstance(x, Value):
        return ops.to_device(x, backend.device_of(like.array))
    if isinstance(x, str) or not (np.isscalar(x) or hasattr(x, "dtype")):
        raise TypeError(f"value: expected a Tensor, an array or a number, got {x!r}")
    return wrap(scalar(x, like) if np.isscalar(x) else x)

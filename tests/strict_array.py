"""A stand-in for a GPU array, on machines without one.

It speaks NumPy's protocols, as CuPy's arrays do, and refuses what they refuse: to be turned into
a NumPy array by itself, and to be mixed with one. What works on it touches no NumPy array by
accident. Where CuPy 14 understands less than NumPy, or something else, so does the stand-in: see
`like_cupy`.
"""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import Any

import numpy as np


class StrictArray:
    """Wraps a NumPy array; every NumPy function called on it returns StrictArrays."""

    __array_priority__ = 100

    def __init__(self, values: Any, base: Any = None):
        assert isinstance(values, np.ndarray)
        self._values = values
        self._base = base

    # What CuPy's arrays have too.
    shape = property(lambda self: self._values.shape)
    dtype = property(lambda self: self._values.dtype)
    ndim = property(lambda self: self._values.ndim)
    size = property(lambda self: self._values.size)
    strides = property(lambda self: self._values.strides)
    itemsize = property(lambda self: self._values.itemsize)
    nbytes = property(lambda self: self._values.nbytes)
    base = property(lambda self: self._base)
    T = property(lambda self: wrap(self._values.T, self))
    real = property(lambda self: wrap(self._values.real, self))
    imag = property(lambda self: wrap(self._values.imag, self))

    @property
    def flags(self) -> Any:
        """All that CuPy's flags have: nothing about writing."""
        f = self._values.flags
        return SimpleNamespace(
            c_contiguous=f.c_contiguous, f_contiguous=f.f_contiguous, owndata=self._base is None
        )

    class device:
        id = 0

    def get(self) -> np.ndarray:
        """The only way to a NumPy array: to ask for it, as of a CuPy array."""
        return self._values.copy()

    def item(self) -> Any:
        return self._values.item()

    def tolist(self) -> Any:
        return self._values.tolist()

    def __array__(self, *args: Any, **kwargs: Any) -> np.ndarray:
        raise TypeError("implicit conversion to a NumPy array; use .get()")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        # CuPy's arrays do not answer np.add.reduce and the like. (np.add.at stands for what
        # backend.add_at asks of CuPy under CuPy's own name.)
        if method != "__call__" and (ufunc, method) != (np.add, "at"):
            return NotImplemented
        if method == "at" and inputs[0].dtype.kind in "biu" and inputs[0].dtype.itemsize < 4:
            raise TypeError(f"CuPy adds no {inputs[0].dtype} at repeated places")
        out = kwargs.get("out")
        result = getattr(ufunc, method)(*unwrap_all(inputs), **unwrap_all(kwargs))
        return out[0] if out is not None else wrap(result, self)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if any(hasattr(t, "requires_grad") for t in types):
            return NotImplemented  # a Tensor: it knows what to do; CuPy does so too
        if "like" in kwargs:
            kwargs = {k: v for k, v in kwargs.items() if k != "like"}
        args, kwargs = unwrap_all(args), unwrap_all(kwargs)
        kwargs = like_cupy(function, args, kwargs)
        return wrap(function(*args, **kwargs), self)

    def __getitem__(self, index: Any) -> Any:
        # CuPy accepts NumPy arrays of integers as indices only when they are its own.
        return wrap(self._values[unwrap_all(index)], self)

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(value, (list, tuple)):
            raise TypeError("CuPy writes arrays and numbers at an index, no lists")
        self._values[unwrap_all(index)] = unwrap(value)

    def __bool__(self) -> bool:
        return bool(self._values)

    def __int__(self) -> int:
        return int(self._values)

    def __float__(self) -> float:
        return float(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Any:
        return iter([self[i] for i in range(len(self))])


def _method(name: str) -> Any:
    def call(self: StrictArray, *args: Any, **kwargs: Any) -> Any:
        return wrap(getattr(self._values, name)(*unwrap_all(args), **unwrap_all(kwargs)), self)

    return call


for _name in (
    "astype", "reshape", "transpose", "copy", "sum", "mean", "any", "all", "min", "max", "argmax",
    "argmin", "argsort", "cumsum", "prod", "ravel", "squeeze", "swapaxes", "take", "view", "fill",
    "nonzero", "repeat", "dot", "conj", "clip", "round", "diagonal", "trace", "flatten", "sort",
    "searchsorted", "partition", "var", "std",
):  # fmt: skip
    setattr(StrictArray, _name, _method(_name))


def _operator(name: str) -> Any:
    def call(self: StrictArray, *others: Any) -> Any:
        if any(hasattr(o, "requires_grad") for o in others):
            return NotImplemented  # a Tensor: it knows what to do
        result = getattr(self._values, name)(*(unwrap(o) for o in others))
        return result if result is NotImplemented else wrap(result, self)

    return call


OPERATORS = (
    "add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow matmul "
    "rmatmul neg pos abs invert lt le gt ge eq ne and or xor rand ror rxor lshift rshift"
)
for _name in OPERATORS.split():
    setattr(StrictArray, f"__{_name}__", _operator(f"__{_name}__"))


def _inplace(name: str) -> Any:
    def call(self: StrictArray, other: Any) -> StrictArray:
        getattr(self._values, name)(unwrap(other))
        return self

    return call


for _name in ("iadd", "isub", "imul", "itruediv"):
    setattr(StrictArray, f"__{_name}__", _inplace(f"__{_name}__"))


def wrap(x: Any, parent: StrictArray) -> Any:
    """NumPy's results as StrictArrays; 0-d ones too, as in CuPy."""
    if isinstance(x, np.generic):
        return StrictArray(np.asarray(x))
    if isinstance(x, np.ndarray):
        if x is parent._values:
            return parent
        owner = parent if parent._base is None else parent._base  # CuPy names the owner at once
        return StrictArray(x, owner if x.base is not None else None)
    if isinstance(x, tuple):  # CuPy's results have no names
        return tuple(wrap(v, parent) for v in x)
    if isinstance(x, list):
        return type(x)(wrap(v, parent) for v in x)
    return x


def unwrap(x: Any) -> Any:
    if isinstance(x, StrictArray):
        return x._values
    if isinstance(x, np.ndarray):
        raise TypeError(f"a NumPy array ({x.dtype}{list(x.shape)}) mixed with a device array")
    return x


def unwrap_all(x: Any) -> Any:
    if isinstance(x, (list, tuple)):
        return type(x)(unwrap_all(v) for v in x)
    if isinstance(x, dict):
        return {k: unwrap_all(v) for k, v in x.items()}
    return unwrap(x)


LIKE = {np.empty_like, np.zeros_like, np.ones_like, np.full_like}
UNKNOWN = {"device", "initial", "where", "mode", "correction", "hermitian", "stable"}


def like_cupy(function: Any, args: Any, kwargs: dict) -> dict:
    """Refuse what CuPy's function of this name refuses; the arguments as CuPy understands them."""
    name = function.__name__
    unknown = UNKNOWN & set(kwargs)
    if unknown:
        raise TypeError(f"CuPy's {name} has no argument {unknown.pop()!r}")
    if kwargs.get("kind") not in (None, "stable"):
        raise ValueError(f"CuPy's {name} knows kind='stable' alone")
    if function in LIKE and kwargs.get("shape") == ():
        kwargs = {**kwargs, "shape": args[0].shape}  # an empty shape is none at all
    if function is np.where and not isinstance(args[0], np.ndarray):
        raise AttributeError("CuPy's where needs an array as its condition")
    if function is np.linalg.solve and args[0].shape[:-1] != args[1].shape[:-1]:
        raise ValueError("CuPy's solve does not broadcast")
    if args and isinstance(args[0], np.ndarray) and not args[0].ndim:
        axis = inspect.signature(function).bind(*args, **kwargs).arguments.get("axis")
        if isinstance(axis, int) and function in ZERO_DIM:
            raise np.exceptions.AxisError(axis, 0)
    return kwargs


# NumPy takes axis=0 of a 0-d array here, CuPy does not.
ZERO_DIM = {np.argmax, np.argmin, np.max, np.min, np.sum, np.prod, np.all, np.any, np.mean}

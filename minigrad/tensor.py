"""The Tensor: an array that remembers how it was computed."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from minigrad import autograd, backend, dispatch, dtypes, inplace, ops, views
from minigrad.graph import Value, describe, wrap
from minigrad.hooks import RemovableHandle, add_after, add_hook
from minigrad.methods import Methods
from minigrad.mode import MODE
from minigrad.ops.indexing import normal


class Tensor(Methods):
    """An n-dimensional array with a gradient.

    `.array` is the raw NumPy or CuPy array, `.grad` the gradient that `backward` left (None
    before), `.requires_grad` whether one is wanted, `.grad_fn` the node that made it (None for a
    leaf). Make one with `minigrad.tensor(data)`.

    >>> import minigrad as mg
    >>> x = mg.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    tensor([2., 4.])
    """

    __slots__ = ()
    __array_priority__ = 1000  # CuPy's way to leave `array * tensor` to the Tensor

    def __init__(self, *data: Any, requires_grad: bool = False):
        """A Tensor of `data`, in floats; or, as in PyTorch, of a size: `Tensor(2, 3)`."""
        if all(isinstance(n, int) for n in data):
            fresh = wrap(np.empty(data or 0, dtypes.get_default_dtype()))
        else:
            (given,) = data
            fresh = tensor(given)
            if fresh.dtype.kind in "iu" and not hasattr(given, "dtype"):
                fresh = tensor(given, dtype=dtypes.get_default_dtype())
        self._begin(fresh.array, requires_grad)

    def _begin(self, array: Any, requires_grad: bool) -> None:
        """Fill the slots of a new leaf."""
        self.array = array
        self.node = self._grad = self._view = self.hooks = None
        self.requires_grad = requires_grad

    # ------------------------------------------------------------------ what it is

    @property
    def ndim(self) -> int:
        return self.array.ndim

    def size(self, dim: int | None = None) -> Any:
        """The shape, or its entry `dim`."""
        return self.array.shape if dim is None else self.array.shape[dim]

    def dim(self) -> int:
        return self.array.ndim

    ndimension = dim

    def numel(self) -> int:
        """How many elements it has."""
        return self.array.size

    nelement = numel

    @property
    def itemsize(self) -> int:
        return self.array.itemsize

    def element_size(self) -> int:
        return self.array.itemsize

    @property
    def nbytes(self) -> int:
        return self.array.nbytes

    def stride(self, dim: int | None = None) -> Any:
        """The steps between neighbours along each axis, in elements."""
        steps = tuple(s // self.array.itemsize for s in self.array.strides)
        return steps if dim is None else steps[dim]

    @property
    def device(self) -> backend.Device:
        return backend.device_of(self.array)

    @property
    def is_cuda(self) -> bool:
        return self.device.type == "cuda"

    @property
    def is_leaf(self) -> bool:
        """True if no recorded op made it: a parameter, or data."""
        return self.grad_fn is None

    @property
    def grad_fn(self) -> Any:
        """The node of the graph that made it; None for a leaf."""
        if self._view is not None:
            self._view.refresh(self)
        return self.node

    def is_floating_point(self) -> bool:
        return self.array.dtype.kind == "f"

    def is_contiguous(self) -> bool:
        return bool(self.array.flags.c_contiguous)

    # ------------------------------------------------------------------ its values

    def item(self) -> Any:
        """The one element, as a Python number."""
        if self.array.size != 1:
            raise RuntimeError(
                f"item: expected a Tensor with one element, got shape {list(self.shape)}"
            )
        return self.array.item()

    def tolist(self) -> Any:
        """Nested lists of Python numbers; a number for a 0-d Tensor."""
        return self.array.tolist()

    def numpy(self, *, force: bool = False) -> np.ndarray:
        """Its values as a NumPy array that shares its memory. force: detach and copy to the CPU."""
        if self.requires_grad and not force:
            raise RuntimeError(
                "numpy: this Tensor requires grad, and NumPy would not record what is done to it; "
                "use .detach().numpy()"
            )
        if self.device.type != "cpu" and not force:
            raise TypeError(
                f"numpy: this Tensor is on {self.device}; copy it to the CPU first: .cpu().numpy()"
            )
        return backend.to_device(self.array, "cpu")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = self.numpy()
        return array.astype(dtype) if dtype is not None else array.copy() if copy else array

    @property
    def data(self) -> Tensor:
        """The same memory, outside the graph."""
        return wrap(self.array)

    @data.setter
    def data(self, value: Any) -> None:
        array = value.array if isinstance(value, Value) else value
        if not backend.is_array(array):
            raise TypeError(f"data: expected a Tensor or an array, got {describe(value)}")
        if self._requires_grad and array.dtype.kind not in "fc":
            raise RuntimeError(f"data: a Tensor that requires grad cannot hold {array.dtype}")
        self.array, self._view = array, None
        inplace.note_write(array)  # for a graph that was recorded with what it held before

    def detach(self) -> Tensor:
        """The same memory, outside the graph: no gradient flows through it."""
        return wrap(self.array)

    def detach_(self) -> Tensor:
        """Forget how it was computed: from now on it is a leaf without a gradient."""
        if self._view is not None and self.requires_grad:
            raise RuntimeError(
                "detach_: this Tensor is a view, whose history is that of what it is a view of; "
                "use .detach()"
            )
        self._requires_grad = False
        views.rebase(self, wrap(self.array))
        return self

    def __len__(self) -> int:
        if not self.array.ndim:
            raise TypeError(f"len: expected 1 or more dimensions, got a 0-d tensor of {self.dtype}")
        return self.array.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        if not self.array.ndim:
            raise TypeError(
                f"iteration: expected 1 or more dimensions, got a 0-d tensor of {self.dtype}"
            )
        return iter(ops.unbind(self))

    def __bool__(self) -> bool:
        if self.array.size != 1:
            raise RuntimeError(
                f"bool: the truth value of a Tensor of shape {list(self.shape)} is ambiguous; "
                "use .any() or .all()"
            )
        return bool(self.array.item())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self.array.dtype.kind not in "iub":
            raise TypeError(f"index: expected an integer Tensor, got {self.dtype}")
        return int(self.item())

    def __contains__(self, value: Any) -> bool:
        return bool((self.array == (value.array if isinstance(value, Value) else value)).any())

    __hash__ = object.__hash__

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec and self.array.ndim == 0 else repr(self)

    def __repr__(self) -> str:
        array = backend.to_device(self.array, "cpu")
        text = np.array2string(
            array, separator=", ", precision=4, threshold=1000, edgeitems=3, prefix="tensor(",
            floatmode="maxprec" if is_whole(array) else "fixed",
        )  # fmt: skip
        notes = []
        if (array.size == 0 and array.ndim != 1) or array.size > 1000:
            notes.append(f"size={tuple(array.shape)}")
        if array.dtype not in (dtypes.get_default_dtype(), dtypes.int64, dtypes.bool_):
            notes.append(f"dtype={array.dtype}")
        if self.device.type != "cpu":
            notes.append(f"device='{self.device}'")
        if self.node is not None:
            notes.append(f"grad_fn=<{self.node.name}>")
        elif self.requires_grad:
            notes.append("requires_grad=True")
        return f"tensor({', '.join([text, *notes])})"

    # ------------------------------------------------------------------ its gradient

    def backward(
        self,
        gradient: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Any = None,
    ) -> None:
        """Add d(self)/d(leaf) to `.grad` of every leaf that requires it; see autograd.backward."""
        autograd.backward(self, gradient, retain_graph, create_graph, inputs)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Say that a gradient is wanted (or not); returns the Tensor itself."""
        self.requires_grad = requires_grad
        return self

    def retain_grad(self) -> None:
        """Keep `.grad` on this Tensor too, although it is not a leaf."""
        if not self.requires_grad:
            raise RuntimeError(
                f"retain_grad: expected requires_grad=True, got a {describe(self)} without"
            )
        if self.node is not None:
            self._retains_grad = True
            if self.node.hooks is None:
                self.node.hooks = []  # the pass looks for retain_grad where there are hooks

    def register_hook(self, hook: Callable[[Any], Any]) -> RemovableHandle:
        """Call `hook(grad)` when this Tensor's gradient is known; what it returns replaces it.

        Hooks run in the order in which they were registered, those of leaves last of all.
        """
        if not self.requires_grad:
            raise RuntimeError(
                f"register_hook: expected requires_grad=True, got a {describe(self)} without"
            )
        return add_hook(self if self.node is None else self.node, hook)

    def register_post_accumulate_grad_hook(self, hook: Callable[[Any], Any]) -> RemovableHandle:
        """Call `hook(self)` when a backward has added to `.grad` all that it has for this leaf.

        That is as soon as it is known, while backward goes on with the layers before. It is not
        called by `autograd.grad`, which leaves `.grad` alone.
        """
        if not self.requires_grad or self.node is not None:
            what = "one without" if self.node is None else f"one computed by {self.node.name}"
            raise RuntimeError(
                "register_post_accumulate_grad_hook: expected a leaf that requires grad, got a "
                f"{describe(self)}, {what}; .grad is kept on leaves alone"
            )
        return add_after(self, hook)

    # ------------------------------------------------------------------ NumPy's protocols

    def __array_ufunc__(self, function: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return dispatch.ufunc(function, method, inputs, kwargs)

    def __array_function__(self, function: Callable, types: Any, args: Any, kwargs: Any) -> Any:
        return dispatch.function(function, args, kwargs)

    # ------------------------------------------------------------------ indexing

    def __getitem__(self, index: Any) -> Tensor:
        return ops.getitem(self, raw_index(index))

    def __setitem__(self, index: Any, value: Any) -> None:
        index = raw_index(index)
        recording = MODE.get().grad
        if recording and (self.requires_grad or (isinstance(value, Value) and value.requires_grad)):
            inplace.overwrite(self, lambda t: ops.index_put(t, index, value), "setitem")
        else:
            if recording:
                inplace.refuse_leaf(self, "setitem", tracked=False)
            if not hasattr(value, "dtype") and not isinstance(value, (int, float, complex)):
                value = from_python(value, self.dtype)  # before anything is written
            try:
                self.array[normal(index)[0]] = value.array if isinstance(value, Value) else value
            except (IndexError, TypeError, ValueError) as error:
                kind = RuntimeError if "broadcast" in str(error) else type(error)
                at, to = describe(index), describe(value)
                raise kind(f"setitem: {error} (got {describe(self)}[{at}] = {to})") from None
            inplace.note_write(self.array)

    # ------------------------------------------------------------------ copies

    def __deepcopy__(self, memo: dict) -> Tensor:
        if self.node is not None:
            raise RuntimeError(
                "deepcopy: only leaf Tensors can be copied with copy.deepcopy; this one was "
                f"computed by {self.node.name}; use .detach().clone()"
            )
        twin: Any = object.__new__(self.__class__)
        memo[id(self)] = twin
        twin._begin(self.array.copy(), self._requires_grad)
        twin._grad = copy.deepcopy(self._grad, memo)
        if hasattr(self, "__dict__"):
            twin.__dict__.update(copy.deepcopy(self.__dict__, memo))
        return twin

    def __reduce__(self) -> Any:
        if self.node is not None:
            raise RuntimeError("pickle: only leaf Tensors can be pickled; use .detach()")
        return _rebuild, (self.__class__, self.array, self.requires_grad)


Value.face = Tensor


def is_whole(array: np.ndarray) -> bool:
    """True if all finite elements are whole numbers: PyTorch prints those as `1.`, not `1.0000`."""
    finite = array[np.isfinite(array)]
    return bool((finite == np.round(finite)).all())


def _rebuild(cls: type, array: Any, requires_grad: bool) -> Tensor:
    t: Any = object.__new__(cls)
    t._begin(array, requires_grad)
    return t


def raw_index(index: Any) -> Any:
    """An index as NumPy takes it: Tensors in it become arrays."""
    if isinstance(index, Value):
        index = index.array
        if index.dtype.kind not in "iub":
            raise IndexError(
                f"index: a Tensor used as an index must be integer or boolean, got {index.dtype}; "
                "use .long() or .bool()"
            )
        return index
    if isinstance(index, tuple):
        return tuple(raw_index(i) for i in index)
    if isinstance(index, list):
        return [raw_index(i) for i in index]
    return index


def tensor(
    data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A Tensor with a copy of `data`: numbers, nested lists of them, an array or a Tensor.

    Python floats become the default dtype (float32), ints int64, bools bool; arrays keep theirs.

    >>> tensor([[1, 2], [3, 4]])
    tensor([[1, 2],
            [3, 4]])
    """
    if isinstance(data, Value):
        array = data.array.copy()
    elif backend.is_array(data):
        array = data.copy()
    else:
        array = from_python(data, dtype)
    if dtype is not None:
        array = array.astype(np.dtype(dtype), copy=False)
    if device is not None:
        array = backend.to_device(array, device)
    return wrap(array).requires_grad_(requires_grad)


def from_python(data: Any, dtype: Any = None) -> np.ndarray:
    """Numbers in nested lists as an array, in the default dtype unless another one is to come."""
    try:
        array = np.array(unwrapped(data))
    except ValueError as error:
        raise ValueError(
            f"tensor: expected nested lists of equal lengths, got lists of different ones ({error})"
        ) from None
    if array.dtype.kind not in "biufc":
        raise TypeError(
            f"tensor: expected numbers, got {type(data).__name__} with elements of {array.dtype}"
        )
    if dtype is not None:  # on the way to float64, float32 would cost digits
        return array
    if array.dtype == np.float64 and not has_numpy_scalars(data):
        array = array.astype(dtypes.get_default_dtype())
    elif array.dtype == np.complex128 and not has_numpy_scalars(data):
        array = array.astype(np.promote_types(dtypes.get_default_dtype(), np.complex64))
    return array


def unwrapped(data: Any) -> Any:
    """Nested lists with the Tensors in them turned into numbers or arrays."""
    if isinstance(data, (list, tuple)):
        return [unwrapped(d) for d in data]
    return data.array if isinstance(data, Value) else data


def has_numpy_scalars(data: Any) -> bool:
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return hasattr(data, "dtype")

"""Tensors that a Module recognises when they are assigned to it: Parameter and Buffer."""

from __future__ import annotations

from typing import Any

from minigrad.graph import Value
from minigrad.tensor import Tensor, tensor


class _Member(Tensor):
    """A Tensor that shares the memory of the data it was made of, and may carry attributes."""

    def __init__(self, data: Any = None, requires_grad: bool = False):
        if data is None:
            data = tensor([])
        array = data.array if isinstance(data, Value) else tensor(data).array
        self._begin(array, requires_grad)

    def __reduce__(self) -> Any:
        return (*super().__reduce__(), self.__dict__)


class Parameter(_Member):
    """A Tensor that is learned: assigned to a Module, it is one of `module.parameters()`.

    data: a Tensor, whose memory it shares, or numbers as `minigrad.tensor` takes them.

    >>> import minigrad as mg
    >>> mg.nn.Parameter(mg.tensor([1.0, 2.0]))
    Parameter containing:
    tensor([1., 2.], requires_grad=True)
    """

    def __init__(self, data: Any = None, requires_grad: bool = True):
        super().__init__(data, requires_grad)

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"


class Buffer(_Member):
    """A Tensor that belongs to a Module's state but is not learned, such as a running mean.

    persistent: whether it is part of `module.state_dict()`.
    """

    persistent: bool

    def __init__(self, data: Any = None, *, persistent: bool = True):
        super().__init__(data, isinstance(data, Value) and data.requires_grad)
        self.persistent = persistent

"""`autograd.Variable`, which every Tensor has been since PyTorch 0.4: for older code."""

from __future__ import annotations

from typing import Any

from minigrad.value import Value, describe, wrap


class _AnyTensor(type):
    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, Value)

    def __call__(cls, data: Any, requires_grad: bool = False, volatile: bool = False) -> Any:
        if not isinstance(data, Value):
            raise TypeError(f"Variable: expected a Tensor, got {describe(data)}")
        new = wrap(data.array)
        new.requires_grad = requires_grad
        return new


class Variable(metaclass=_AnyTensor):
    """`Variable(x)` is a Tensor with x's memory, of no graph; every Tensor is an instance.

    `volatile` said what `no_grad` says today, and has had no effect in PyTorch since.

    >>> import minigrad as mg
    >>> x = mg.autograd.Variable(mg.tensor([1.0, 2.0]), requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad, isinstance(x, mg.autograd.Variable)
    (tensor([2., 4.]), True)
    """

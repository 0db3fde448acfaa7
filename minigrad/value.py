"""What the engine needs to know of a Tensor; `minigrad/tensor.py` adds its public face."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from minigrad.graph import Node
    from minigrad.views import View


class Value:
    """An array, the node of the graph that made it, and the gradient that arrived at it."""

    __slots__ = (
        "__weakref__", "_after", "_grad", "_requires_grad", "_retains_grad", "_view", "array",
        "hooks", "node",
    )  # fmt: skip

    array: Any  # the raw NumPy or CuPy array
    node: Node | None  # what made it; None for a leaf
    hooks: list | None  # of a leaf; a computed Tensor's are its node's
    _view: View | None  # of which Tensor's memory this is a part
    # The engine reads these two as they are; the properties below check what a user does.
    _requires_grad: bool
    _grad: Value | None
    _retains_grad: bool  # not there until retain_grad() sets it
    _after: list  # of a leaf: what to call when .grad is complete; not there until it has one

    face: type[Value]  # the class of the results of ops: Tensor, which sets this

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    @property
    def dtype(self) -> np.dtype:
        return self.array.dtype

    @property
    def requires_grad(self) -> bool:
        """Whether a gradient is wanted: set on a leaf, inherited by what is computed from it."""
        if self._view is not None:
            self._view.refresh(self)
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        if wanted and self.array.dtype.kind not in "fc":
            raise RuntimeError(
                f"requires_grad: only floating Tensors have gradients, this one is {self.dtype}; "
                "use .float() first"
            )
        if not wanted and self.node is not None:
            raise RuntimeError(
                "requires_grad: only a leaf can be switched off; this Tensor was computed by "
                f"{self.node.name}; use .detach()"
            )
        self._requires_grad = bool(wanted)

    @property
    def retains_grad(self) -> bool:
        """True for a computed Tensor on which `retain_grad()` was called."""
        return self.node is not None and getattr(self, "_retains_grad", False)

    @property
    def grad(self) -> Any:
        """The gradient that backward left here; None before."""
        if self._grad is None and self.node is not None and not self.retains_grad:
            warnings.warn(
                f"grad: this Tensor is no leaf but was computed, by {self.node.name}; backward "
                "keeps its gradient only if .retain_grad() is called on it before",
                stacklevel=2,
            )
        return self._grad

    @grad.setter
    def grad(self, g: Any) -> None:
        if g is not None:
            if not isinstance(g, Value):
                raise TypeError(f"grad: expected a Tensor or None, got {describe(g)}")
            if g.shape != self.shape or g.dtype != self.dtype:
                raise RuntimeError(
                    "grad: a gradient has the shape and the dtype of its Tensor, "
                    f"{describe(self)}; got {describe(g)}"
                )
        self._grad = g


def is_tensor(x: Any) -> bool:
    """True for a Tensor, False for a raw array or a number."""
    return isinstance(x, Value)


_new = object.__new__


def wrap(array: Any, node: Node | None = None) -> Any:
    """A Tensor around `array`, made by `node`."""
    t: Any = _new(Value.face)
    t.array = array if not isinstance(array, np.generic) else np.asarray(array)
    t.node = node
    t._requires_grad = node is not None
    t._grad = t._view = t.hooks = None
    return t


def describe(a: Any) -> str:
    """`float32[2, 3]` for an array or Tensor, else its repr: how error messages show arguments."""
    if hasattr(a, "dtype") and hasattr(a, "shape"):
        return f"{a.dtype}{list(a.shape)}"
    text = repr(a)
    return text if len(text) < 60 else text[:57] + "..."

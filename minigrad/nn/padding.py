"""Padding as layers: numbers around the last one, two or three axes; the function is `F.pad`."""

from __future__ import annotations

from typing import Any

from minigrad.nn import functional as F
from minigrad.nn.conv import per_axis
from minigrad.nn.module import Module


class _Pad(Module):
    """padding: the same on all sides, or (left, right, top, bottom, front, back)."""

    n: int
    mode: str

    def __init__(self, padding: Any):
        super().__init__()
        widths = per_axis(padding, 2 * self.n)
        if len(widths) != 2 * self.n:
            raise ValueError(
                f"{type(self).__name__}: expected one width, or {2 * self.n} of them, got "
                f"{padding!r}"
            )
        self.padding = widths

    def forward(self, input: Any) -> Any:
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        return str(self.padding)


class ConstantPad1d(_Pad):
    """The number `value` around (..., L). padding: one width, or (left, right)."""

    n = 1

    def __init__(self, padding: Any, value: float):
        super().__init__(padding)
        self.value = value

    def forward(self, input: Any) -> Any:
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class ConstantPad2d(ConstantPad1d):
    """The number `value` around (..., H, W). padding: one, or (left, right, top, bottom)."""

    n = 2


class ConstantPad3d(ConstantPad1d):
    """The number `value` around (..., D, H, W). padding: one, or six from the last axis on."""

    n = 3


class ZeroPad1d(ConstantPad1d):
    """Zeros around (..., L). padding: one width, or (left, right)."""

    def __init__(self, padding: Any):
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return str(self.padding)


class ZeroPad2d(ZeroPad1d):
    """Zeros around (..., H, W). padding: one width, or (left, right, top, bottom).

    >>> import minigrad as mg
    >>> mg.nn.ZeroPad2d((1, 0, 0, 1))(mg.ones(1, 1, 2))
    tensor([[[0., 1., 1.],
             [0., 0., 0.]]])
    """

    n = 2


class ZeroPad3d(ZeroPad1d):
    """Zeros around (..., D, H, W). padding: one width, or six from the last axis on."""

    n = 3


class ReflectionPad1d(_Pad):
    """(N, C, L) mirrored about its first and last element."""

    n, mode = 1, "reflect"


class ReflectionPad2d(_Pad):
    """(N, C, H, W) mirrored about its borders."""

    n, mode = 2, "reflect"


class ReflectionPad3d(_Pad):
    """(N, C, D, H, W) mirrored about its borders."""

    n, mode = 3, "reflect"


class ReplicationPad1d(_Pad):
    """(N, C, L) with its first and last element repeated."""

    n, mode = 1, "replicate"


class ReplicationPad2d(_Pad):
    """(N, C, H, W) with its border repeated."""

    n, mode = 2, "replicate"


class ReplicationPad3d(_Pad):
    """(N, C, D, H, W) with its border repeated."""

    n, mode = 3, "replicate"


class CircularPad1d(_Pad):
    """(N, C, L) going round: before the first comes the last."""

    n, mode = 1, "circular"


class CircularPad2d(_Pad):
    """(N, C, H, W) going round in both directions."""

    n, mode = 2, "circular"


class CircularPad3d(_Pad):
    """(N, C, D, H, W) going round in all directions."""

    n, mode = 3, "circular"

"""Convolutions and their transposes, along one, two or three axes; the functions: `ops/conv.py`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from minigrad.creation import empty
from minigrad.nn import functional as F
from minigrad.nn import init
from minigrad.nn.module import Module, check_sizes
from minigrad.nn.parameter import Parameter

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


def per_axis(size: Any, n: int) -> tuple:
    """One number for each of n axes."""
    return tuple(size) if isinstance(size, Iterable) else (size,) * n


class _Convolution(Module):
    """What all share: sizes, filters, bias.

    weight and bias begin uniform in ±1/sqrt(numbers that a result is the sum of), as in PyTorch.
    """

    n: int  # spatial axes
    transposed: bool
    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        dilation: Any,
        output_padding: Any,
        groups: int,
        bias: bool,
        padding_mode: str,
        device: Any,
        dtype: Any,
    ):
        super().__init__()
        name = type(self).__name__
        check_sizes(self, in_channels=in_channels, out_channels=out_channels)
        if groups <= 0:
            raise ValueError(f"{name}: groups must be a positive integer, got {groups}")
        for what, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
            if channels % groups:
                raise ValueError(f"{name}: {what}={channels} must be divisible by groups={groups}")
        if padding_mode not in PADDING_MODES:
            raise ValueError(
                f"{name}: padding_mode must be one of {', '.join(PADDING_MODES)}, got "
                f"{padding_mode!r}"
            )
        if self.transposed and padding_mode != "zeros":
            raise ValueError(f"{name}: padding_mode can be 'zeros' alone, got {padding_mode!r}")
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size, self.stride = per_axis(kernel_size, self.n), per_axis(stride, self.n)
        self.dilation = per_axis(dilation, self.n)
        self.output_padding = per_axis(output_padding, self.n)
        self.padding = self._checked_padding(padding)
        self.groups, self.padding_mode = groups, padding_mode
        channels = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        shape = channels[0], channels[1] // groups, *self.kernel_size
        self.weight = Parameter(empty(shape, device=device, dtype=dtype))
        self.register_parameter(
            "bias", Parameter(empty(out_channels, device=device, dtype=dtype)) if bias else None
        )
        self.reset_parameters()

    def _checked_padding(self, padding: Any) -> Any:
        if not isinstance(padding, str):
            return per_axis(padding, self.n)
        name = type(self).__name__
        if padding not in ("same", "valid"):
            raise ValueError(f"{name}: padding must be numbers, 'same' or 'valid', got {padding!r}")
        if padding == "same" and any(s != 1 for s in self.stride):
            raise ValueError(f"{name}: padding='same' needs stride 1, got {self.stride}")
        return padding

    def reset_parameters(self) -> None:
        """Draw weight and bias anew."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            terms = math.prod(self.weight.shape[1:])
            bound = 1 / math.sqrt(terms) if terms else 0
            init.uniform_(self.bias, -bound, bound)

    def extra_repr(self) -> str:
        parts = [
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}"
        ]
        zeros, ones = (0,) * self.n, (1,) * self.n
        for name, usual in (("padding", zeros), ("dilation", ones), ("output_padding", zeros)):
            if getattr(self, name) != usual:
                parts.append(f"{name}={getattr(self, name)}")
        if self.groups != 1:
            parts.append(f"groups={self.groups}")
        if self.bias is None:
            parts.append("bias=False")
        if self.padding_mode != "zeros":
            parts.append(f"padding_mode={self.padding_mode}")
        return ", ".join(parts)


class _Conv(_Convolution):
    transposed = False

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ):
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, 0, groups, bias,
            padding_mode, device, dtype,
        )  # fmt: skip

    def forward(self, input: Any) -> Any:
        padding = self.padding
        if self.padding_mode != "zeros":
            input, padding = F.pad(input, self._widths(), mode=self.padding_mode), 0
        run: Any = (F.conv1d, F.conv2d, F.conv3d)[self.n - 1]
        return run(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def _widths(self) -> list[int]:
        """(before, after) for each axis, the last first, as F.pad takes them."""
        if self.padding == "valid":
            return [0, 0] * self.n
        if self.padding == "same":
            totals = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size, strict=True)]
            pairs = [(total // 2, total - total // 2) for total in totals]
        else:
            pairs = [(p, p) for p in self.padding]
        return [width for pair in reversed(pairs) for width in pair]


class Conv1d(_Conv):
    """F.conv1d of (N, C, L) or (C, L), with filters that are learned: see `Conv2d`."""

    n = 1


class Conv2d(_Conv):
    """F.conv2d of (N, C, H, W) or (C, H, W), with filters and a bias that are learned.

    weight: (out_channels, in_channels / groups, *kernel_size), bias: (out_channels). padding:
    sizes, or "same" or "valid"; padding_mode: with what, "zeros", or as in F.pad "reflect",
    "replicate", "circular". groups: the channels fall into so many groups that do not see each
    other; as many as in_channels make it depthwise. Raises ValueError for what does not fit.

    >>> import minigrad as mg
    >>> mg.nn.Conv2d(3, 8, 3, padding=1)(mg.zeros(2, 3, 10, 12)).shape
    (2, 8, 10, 12)
    """

    n = 2


class Conv3d(_Conv):
    """F.conv3d of (N, C, D, H, W) or (C, D, H, W), with filters that are learned: see `Conv2d`."""

    n = 3


class _ConvTranspose(_Convolution):
    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ):
        if isinstance(padding, str):
            raise ValueError(f"{type(self).__name__}: padding must be numbers, got {padding!r}")
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, output_padding,
            groups, bias, padding_mode, device, dtype,
        )  # fmt: skip

    def forward(self, input: Any, output_size: Any = None) -> Any:
        more = self.output_padding if output_size is None else self._more(input, output_size)
        run: Any = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[self.n - 1]
        return run(
            input, self.weight, self.bias, self.stride, self.padding, more, self.groups,
            self.dilation,
        )  # fmt: skip

    def _more(self, input: Any, output_size: Any) -> tuple[int, ...]:
        """The output_padding with which the result has this size."""
        wanted, lead = per_axis(output_size, self.n), len(input.shape) - self.n
        if len(wanted) not in (self.n, self.n + lead):
            raise ValueError(
                f"{type(self).__name__}: output_size must have {self.n} or {self.n + lead} "
                f"elements for an input of {tuple(input.shape)}, got {output_size!r}"
            )
        wanted = wanted[-self.n :]
        least = [
            (size - 1) * s - 2 * p + d * (k - 1) + 1
            for size, s, p, d, k in zip(
                input.shape[-self.n :], self.stride, self.padding, self.dilation, self.kernel_size,
                strict=True,
            )
        ]  # fmt: skip
        more = tuple(w - low for w, low in zip(wanted, least, strict=True))
        if any(not 0 <= m < s for m, s in zip(more, self.stride, strict=True)):
            most = [low + s - 1 for low, s in zip(least, self.stride, strict=True)]
            raise ValueError(
                f"{type(self).__name__}: output_size must be between {least} and {most} for an "
                f"input of {tuple(input.shape)}, got {list(wanted)}"
            )
        return more


class ConvTranspose1d(_ConvTranspose):
    """F.conv_transpose1d of (N, C, L) or (C, L), with learned filters: see `ConvTranspose2d`."""

    n = 1


class ConvTranspose2d(_ConvTranspose):
    """F.conv_transpose2d of (N, C, H, W) or (C, H, W), with filters and a bias that are learned.

    weight: (in_channels, out_channels / groups, *kernel_size). Sizes that a strided convolution
    makes equal are told apart by output_padding, or by the call: layer(x, output_size=(h, w)).

    >>> import minigrad as mg
    >>> up = mg.nn.ConvTranspose2d(8, 3, 3, stride=2, padding=1)
    >>> up(mg.zeros(2, 8, 5, 6)).shape, up(mg.zeros(2, 8, 5, 6), output_size=(10, 12)).shape
    ((2, 3, 9, 11), (2, 3, 10, 12))
    """

    n = 2


class ConvTranspose3d(_ConvTranspose):
    """F.conv_transpose3d of (N, C, D, H, W) or (C, D, H, W): see `ConvTranspose2d`."""

    n = 3

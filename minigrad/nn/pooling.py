"""Pooling over windows, and the way back; the functions: `ops/pool.py` and `ops/unpool.py`."""

from __future__ import annotations

from typing import Any

from minigrad.nn import functional as F
from minigrad.nn.conv import per_axis
from minigrad.nn.module import Module


class _MaxPool(Module):
    run: Any

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ):
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def forward(self, input: Any) -> Any:
        return type(self).run(
            input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode,
            self.return_indices,
        )  # fmt: skip

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPool):
    """F.max_pool1d of (N, C, L): see `MaxPool2d`."""

    run = F.max_pool1d


class MaxPool2d(_MaxPool):
    """F.max_pool2d: the maximum of each window of (N, C, H, W). stride: kernel_size if None.

    return_indices: with the places of the maxima, for `MaxUnpool2d`. ceil_mode: windows that begin
    inside and end outside count too.

    >>> import minigrad as mg
    >>> mg.nn.MaxPool2d(2)(mg.zeros(1, 3, 6, 7)).shape
    (1, 3, 3, 3)
    """

    run = F.max_pool2d


class MaxPool3d(_MaxPool):
    """F.max_pool3d of (N, C, D, H, W): see `MaxPool2d`."""

    run = F.max_pool3d


class AvgPool1d(Module):
    """F.avg_pool1d: the mean of each window of (N, C, L)."""

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ):
        super().__init__()
        self.kernel_size = per_axis(kernel_size, 1)
        self.stride = self.kernel_size if stride is None else per_axis(stride, 1)
        self.padding = per_axis(padding, 1)
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad

    def forward(self, input: Any) -> Any:
        run: Any = F.avg_pool1d
        return run(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode,
            self.count_include_pad,
        )  # fmt: skip

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(Module):
    """F.avg_pool2d: the mean of each window of (N, C, H, W). stride: kernel_size if None.

    count_include_pad: padding counts as zeros. divisor_override: divide by this number instead.
    """

    run: Any = F.avg_pool2d

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ):
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.ceil_mode = padding, ceil_mode
        self.count_include_pad, self.divisor_override = count_include_pad, divisor_override

    def forward(self, input: Any) -> Any:
        return type(self).run(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode,
            self.count_include_pad, self.divisor_override,
        )  # fmt: skip

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool3d(AvgPool2d):
    """F.avg_pool3d of (N, C, D, H, W): see `AvgPool2d`."""

    run = F.avg_pool3d


class _AdaptiveAvgPool(Module):
    run: Any

    def __init__(self, output_size: Any):
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Any) -> Any:
        return type(self).run(input, self.output_size)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """F.adaptive_avg_pool1d: means of equal parts of (N, C, L), `output_size` of them."""

    run = F.adaptive_avg_pool1d


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """F.adaptive_avg_pool2d: means of equal parts of (N, C, H, W), to (N, C, *output_size).

    None in output_size: as the input has it.

    >>> import minigrad as mg
    >>> mg.nn.AdaptiveAvgPool2d((1, None))(mg.ones(2, 3, 7, 5)).shape
    (2, 3, 1, 5)
    """

    run = F.adaptive_avg_pool2d


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """F.adaptive_avg_pool3d of (N, C, D, H, W): see `AdaptiveAvgPool2d`."""

    run = F.adaptive_avg_pool3d


class _AdaptiveMaxPool(Module):
    run: Any

    def __init__(self, output_size: Any, return_indices: bool = False):
        super().__init__()
        self.output_size, self.return_indices = output_size, return_indices

    def forward(self, input: Any) -> Any:
        return type(self).run(input, self.output_size, self.return_indices)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """F.adaptive_max_pool1d: maxima of equal parts of (N, C, L), `output_size` of them."""

    run = F.adaptive_max_pool1d


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """F.adaptive_max_pool2d: maxima of equal parts of (N, C, H, W), to (N, C, *output_size)."""

    run = F.adaptive_max_pool2d


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """F.adaptive_max_pool3d of (N, C, D, H, W): see `AdaptiveMaxPool2d`."""

    run = F.adaptive_max_pool3d


class _MaxUnpool(Module):
    run: Any
    n: int

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0):
        super().__init__()
        self.kernel_size = per_axis(kernel_size, self.n)
        self.stride = self.kernel_size if stride is None else per_axis(stride, self.n)
        self.padding = per_axis(padding, self.n)

    def forward(self, input: Any, indices: Any, output_size: Any = None) -> Any:
        return type(self).run(
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpool):
    """F.max_unpool1d: see `MaxUnpool2d`."""

    n, run = 1, F.max_unpool1d


class MaxUnpool2d(_MaxUnpool):
    """F.max_unpool2d: maxima back in the places that MaxPool2d's indices name, 0 elsewhere.

    >>> import minigrad as mg
    >>> pool, back = mg.nn.MaxPool2d(2, return_indices=True), mg.nn.MaxUnpool2d(2)
    >>> back(*pool(mg.tensor([[[1.0, 2.0], [4.0, 3.0]]])))
    tensor([[[0., 0.],
             [4., 0.]]])
    """

    n, run = 2, F.max_unpool2d


class MaxUnpool3d(_MaxUnpool):
    """F.max_unpool3d: see `MaxUnpool2d`."""

    n, run = 3, F.max_unpool3d

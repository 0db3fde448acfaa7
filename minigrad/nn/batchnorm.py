"""Normalization with statistics of a whole batch (BatchNorm) or of each example (InstanceNorm)."""

from __future__ import annotations

import warnings
from typing import Any

from minigrad.creation import empty, ones, zeros
from minigrad.dtypes import int64
from minigrad.inplace import note_write
from minigrad.nn import functional as F
from minigrad.nn import init
from minigrad.nn.module import Module, check_sizes
from minigrad.nn.parameter import Parameter
from minigrad.tensor import Tensor


class _RunningNorm(Module):
    """What BatchNorm and InstanceNorm share: scale, shift and running statistics."""

    weight: Parameter | None
    bias: Parameter | None
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None
    dims: tuple[int, ...]  # how many dimensions the input may have

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ):
        super().__init__()
        check_sizes(self, num_features=num_features)
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats

        def parameter() -> Parameter:
            return Parameter(empty(num_features, device=device, dtype=dtype))

        self.register_parameter("weight", parameter() if affine else None)
        self.register_parameter("bias", parameter() if affine and bias else None)
        mean = var = count = None
        if track_running_stats:
            mean = zeros(num_features, device=device, dtype=dtype)
            var = ones(num_features, device=device, dtype=dtype)
            count = zeros((), device=device, dtype=int64)
        self.register_buffer("running_mean", mean)
        self.register_buffer("running_var", var)
        self.register_buffer("num_batches_tracked", count)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Begin anew: mean 0, variance 1, no batches seen."""
        if self.running_mean is not None:
            init.zeros_(self.running_mean)
        if self.running_var is not None:
            init.ones_(self.running_var)
        if self.num_batches_tracked is not None:
            init.zeros_(self.num_batches_tracked)

    def reset_parameters(self) -> None:
        """Scale 1, shift 0, and the running statistics anew."""
        self.reset_running_stats()
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def _check_input_dim(self, input: Any) -> None:
        if len(input.shape) not in self.dims:
            wanted = " or ".join(f"{d}D" for d in self.dims)
            raise ValueError(
                f"{type(self).__name__}: expected {wanted} input, got shape {list(input.shape)}"
            )

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.affine}, bias={self.bias is not None}, "
            f"track_running_stats={self.track_running_stats}"
        )


class _BatchNorm(_RunningNorm):
    def forward(self, input: Any) -> Any:
        self._check_input_dim(input)
        momentum = 0.0 if self.momentum is None else self.momentum
        count = self.num_batches_tracked
        if not (self.training and self.track_running_stats):
            count = None
        if count is not None and self.momentum is None:  # the plain average of all batches
            momentum = 1.0 / (float(count.array) + 1)
        use_running = not self.training or self.track_running_stats
        y = F.batch_norm(
            input,
            self.running_mean if use_running else None,
            self.running_var if use_running else None,
            self.weight,
            self.bias,
            self.training or (self.running_mean is None and self.running_var is None),
            momentum,
            self.eps,
        )
        if count is not None:  # not before: a batch that was refused does not count
            count.array[...] += 1
            note_write(count.array)
        return y


class BatchNorm1d(_BatchNorm):
    """y = (x - mean) / sqrt(var + eps) * weight + bias, per feature, of x (B, C) or (B, C, L).

    In training, mean and (biased) variance are those of the batch, and the running ones become
    (1 - momentum) * running + momentum * batch, with the unbiased variance; momentum=None takes
    the average over all batches so far. In evaluation the running ones are used.
    track_running_stats=False: the batch's own, always.

    Ioffe & Szegedy 2015, "Batch normalization" (arXiv:1502.03167).

    >>> import minigrad as mg
    >>> y = mg.nn.BatchNorm1d(3)(mg.randn(8, 3))
    >>> bool((y.mean(0).abs() < 1e-5).all())
    True
    """

    dims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """BatchNorm1d for images (B, C, H, W): statistics per channel, over batch and pixels."""

    dims = (4,)


class BatchNorm3d(_BatchNorm):
    """BatchNorm1d for volumes (B, C, D, H, W)."""

    dims = (5,)


class _InstanceNorm(_RunningNorm):
    momentum: Any

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ):
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias
        )

    def forward(self, input: Any) -> Any:
        self._check_input_dim(input)
        alone = len(input.shape) == self.dims[0]  # one example, without a batch dimension
        channels = input.shape[0 if alone else 1]
        if channels != self.num_features:
            text = (
                f"{type(self).__name__}: expected {self.num_features} channels in dimension "
                f"{0 if alone else 1}, got shape {list(input.shape)}"
            )
            if self.affine:
                raise ValueError(text)
            warnings.warn(f"{text}; num_features is not used as affine=False", stacklevel=3)
        y = F.instance_norm(
            input[None] if alone else input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            0.0 if self.momentum is None else self.momentum,
            self.eps,
        )
        return y[0] if alone else y


class InstanceNorm1d(_InstanceNorm):
    """BatchNorm with the statistics of each example and channel alone: (B, C, L) or (C, L).

    Ulyanov et al. 2016, "Instance normalization" (arXiv:1607.08022).
    """

    dims = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """InstanceNorm1d for images: (B, C, H, W) or (C, H, W)."""

    dims = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    """InstanceNorm1d for volumes: (B, C, D, H, W) or (C, D, H, W)."""

    dims = (4, 5)

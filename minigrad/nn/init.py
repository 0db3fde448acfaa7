"""Initial values of parameters. Every function writes into the Tensor it is given and returns it.

The aim of most is that the variance of activations, going forward, and of gradients, going back,
stays about the same from layer to layer: with fan_in inputs to a unit, the weights need a variance
of about 1 / fan_in.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from minigrad import backend
from minigrad import random as rng
from minigrad.inplace import note_write
from minigrad.ops.places import eye
from minigrad.random import Generator
from minigrad.tensor import Tensor

__all__ = [
    "calculate_gain", "constant_", "dirac_", "eye_", "kaiming_normal_", "kaiming_uniform_",
    "normal_", "ones_", "orthogonal_", "sparse_", "trunc_normal_", "uniform_", "xavier_normal_",
    "xavier_uniform_", "zeros_",
]  # fmt: skip


def _fill(tensor: Tensor, values: Any) -> Tensor:
    if not isinstance(tensor, Tensor):
        raise TypeError(f"init: expected a Tensor to fill, got {type(tensor).__name__}")
    tensor.array[...] = values
    note_write(tensor.array)
    return tensor


def _like(tensor: Tensor) -> dict[str, Any]:
    if tensor.dtype.kind != "f":
        raise RuntimeError(f"init: expected a floating Tensor to fill, got {tensor.dtype}")
    return {"dtype": tensor.dtype, "device": tensor.device}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """How much larger than 1/sqrt(fan) the weights before this nonlinearity should be.

    1 for "linear", "conv1d", ... and "sigmoid"; 5/3 for "tanh"; sqrt(2) for "relu";
    sqrt(2 / (1 + param^2)) for "leaky_relu" of slope param (0.01 by default); 3/4 for "selu".
    ValueError for any other.

    >>> calculate_gain("leaky_relu", 1.0)
    1.0
    """
    plain = ("linear", "sigmoid", *(f"conv{d}d" for d in (1, 2, 3)),
             *(f"conv_transpose{d}d" for d in (1, 2, 3)))  # fmt: skip
    if nonlinearity in plain:
        return 1
    if nonlinearity == "tanh":
        return 5.0 / 3
    if nonlinearity == "relu":
        return math.sqrt(2.0)
    if nonlinearity == "leaky_relu":
        if isinstance(param, bool) or not isinstance(param, (int, float, type(None))):
            raise ValueError(f"calculate_gain: the slope of leaky_relu is a number, got {param!r}")
        slope = 0.01 if param is None else param
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity == "selu":
        return 3.0 / 4
    raise ValueError(
        f"calculate_gain: unsupported nonlinearity {nonlinearity!r}; expected one of "
        f"{', '.join(plain)}, tanh, relu, leaky_relu, selu"
    )


def _calculate_fan_in_and_fan_out(tensor: Tensor) -> tuple[int, int]:
    """Inputs to each output unit and outputs of each input unit of a weight (out, in, *window)."""
    shape = tensor.shape
    if len(shape) < 2:
        raise ValueError(
            f"init: fan in and out need a weight of 2 or more dimensions, got shape {list(shape)}"
        )
    window = math.prod(shape[2:])
    return shape[1] * window, shape[0] * window


def _fan(tensor: Tensor, mode: str) -> int:
    if mode.lower() not in ("fan_in", "fan_out"):
        raise ValueError(f"mode: expected 'fan_in' or 'fan_out', got {mode!r}")
    return _calculate_fan_in_and_fan_out(tensor)[mode.lower() == "fan_out"]


def uniform_(
    tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Fill with numbers uniform in [a, b)."""
    if a > b:
        raise RuntimeError(f"uniform_: expected a <= b, got a={a}, b={b}")
    return _fill(tensor, rng.uniform(tensor.shape, a, b, generator=generator, **_like(tensor)))


def normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Fill with normal numbers."""
    if std < 0:
        raise RuntimeError(f"normal_: expected std >= 0, got {std}")
    return _fill(tensor, rng.normal(tensor.shape, mean, std, generator=generator, **_like(tensor)))


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    """Fill with normal numbers of which those outside [a, b] are drawn again.

    Where [a, b] holds little of the normal distribution, candidates are drawn uniformly from it
    instead and accepted with a probability proportional to the density (Robert 1995, "Simulation
    of truncated normal variables", arXiv:0907.4010, proposition 2.3): otherwise it would take
    for ever.
    """
    if a > b:
        raise ValueError(f"trunc_normal_: expected a <= b, got a={a}, b={b}")
    if std <= 0:
        raise ValueError(f"trunc_normal_: expected std > 0, got {std}")
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of "
            "values may be incorrect.",
            stacklevel=2,
        )
    like = {**_like(tensor), "generator": generator}
    inside = _normal_cdf((b - mean) / std) - _normal_cdf((a - mean) / std)
    peak = -0.5 * ((max(a, min(mean, b)) - mean) / std) ** 2  # the largest log-density in [a, b]
    low, high = tensor.dtype.type(a), tensor.dtype.type(b)

    def draw(n: int) -> tuple[Any, Any]:
        """n candidates, and which of them are to be drawn again."""
        if inside > 0.3:
            x = rng.normal((n,), mean, std, **like)
            return x, (x < low) | (x > high)
        x = rng.uniform((n,), a, b, **like)
        log_density = -0.5 * ((x - mean) / std) ** 2 - peak
        return x, np.log(rng.uniform((n,), **like)) > log_density

    values, rejected = draw(math.prod(tensor.shape))
    while n := int(rejected.sum()):
        again, still = draw(n)
        values[rejected] = again
        rejected[rejected] = still
    return _fill(tensor, values.reshape(tensor.shape))


def _normal_cdf(x: float) -> float:
    return (1 + math.erf(x / math.sqrt(2))) / 2


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with `val`."""
    return _fill(tensor, val)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with 1."""
    return _fill(tensor, 1)


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with 0."""
    return _fill(tensor, 0)


def eye_(tensor: Tensor) -> Tensor:
    """Make a matrix the identity: as many inputs as possible come out as they are."""
    if tensor.ndim != 2:
        raise ValueError(f"eye_: expected 2 dimensions, got shape {list(tensor.shape)}")
    rows, columns = tensor.shape
    return _fill(tensor, eye(rows, columns, tensor.dtype, tensor))


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Make a convolution's weight the identity: a 1 in the middle of each channel's own window.

    For weights (out, in, *window) with 1 to 3 window dimensions; with groups, within each group.
    """
    if tensor.ndim not in (3, 4, 5):
        raise ValueError(f"dirac_: expected 3, 4 or 5 dimensions, got shape {list(tensor.shape)}")
    out_channels, in_channels, *window = tensor.shape
    if out_channels % groups:
        raise ValueError(f"dirac_: {out_channels} channels cannot be divided into {groups} groups")
    per_group = out_channels // groups
    middle = tuple(n // 2 for n in window)
    zeros_(tensor)
    for group in range(groups):
        for i in range(min(per_group, in_channels)):
            tensor.array[(group * per_group + i, i, *middle)] = 1
    return tensor


def xavier_uniform_(
    tensor: Tensor, gain: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Fill uniformly in ±gain * sqrt(6 / (fan_in + fan_out)).

    Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural
    networks", eq. 16: a compromise between keeping the variance forward and backward.
    """
    a = math.sqrt(3.0) * gain * math.sqrt(2.0 / sum(_calculate_fan_in_and_fan_out(tensor)))
    return uniform_(tensor, -a, a, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Fill with normal numbers, std = gain * sqrt(2 / (fan_in + fan_out)).

    Glorot & Bengio 2010, as `xavier_uniform_`, eq. 12.
    """
    std = gain * math.sqrt(2.0 / sum(_calculate_fan_in_and_fan_out(tensor)))
    return normal_(tensor, 0.0, std, generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Fill uniformly in ±gain * sqrt(3 / fan), gain = calculate_gain(nonlinearity, a).

    He et al. 2015, "Delving deep into rectifiers" (arXiv:1502.01852), section 2.2: a ReLU halves
    the variance, so the weights' is doubled. mode: "fan_in" keeps the variance going forward,
    "fan_out" that of the gradients.
    """
    if _nothing_to_fill(tensor):
        return tensor
    bound = math.sqrt(3.0) * calculate_gain(nonlinearity, a) / math.sqrt(_fan(tensor, mode))
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Fill with normal numbers, std = gain / sqrt(fan), gain = calculate_gain(nonlinearity, a).

    He et al. 2015, as `kaiming_uniform_`, eqs. 10 and 14.
    """
    if _nothing_to_fill(tensor):
        return tensor
    std = calculate_gain(nonlinearity, a) / math.sqrt(_fan(tensor, mode))
    return normal_(tensor, 0.0, std, generator)


def _nothing_to_fill(tensor: Tensor) -> bool:
    if 0 not in tensor.shape:
        return False
    warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=3)
    return True


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Generator | None = None) -> Tensor:
    """Fill with gain times a random matrix whose rows or columns (the fewer) are orthonormal.

    Dimensions after the second are taken as one with it. Saxe et al. 2013, "Exact solutions to
    the nonlinear dynamics of learning in deep linear neural networks" (arXiv:1312.6120); the signs
    make Q uniform among orthogonal matrices (Mezzadri 2006, arXiv:math-ph/0609050, section 5).
    """
    if tensor.ndim < 2:
        raise ValueError(
            f"orthogonal_: expected 2 or more dimensions, got shape {list(tensor.shape)}"
        )
    if 0 in tensor.shape:
        return tensor
    rows, columns = tensor.shape[0], math.prod(tensor.shape[1:])
    dtype = np.promote_types(tensor.dtype, np.float32)  # LAPACK has no float16
    z = rng.normal((rows, columns), dtype=dtype, device=tensor.device, generator=generator)
    q, r = np.linalg.qr(z if rows >= columns else z.T)
    q = q * np.sign(np.diagonal(r))
    return _fill(tensor, gain * (q if rows >= columns else q.T).reshape(tensor.shape))


def sparse_(
    tensor: Tensor, sparsity: float, std: float = 0.01, generator: Generator | None = None
) -> Tensor:
    """Fill a matrix with normal numbers, a share `sparsity` of each column with zeros.

    Martens 2010, "Deep learning via Hessian-free optimization", section 5.
    """
    if tensor.ndim != 2:
        raise ValueError(f"sparse_: expected 2 dimensions, got shape {list(tensor.shape)}")
    rows, columns = tensor.shape
    zeros = math.ceil(sparsity * rows)
    keep = np.ones((rows, columns), dtype=tensor.dtype)
    for j in range(columns):
        keep[rng.permutation(rows, generator=generator)[:zeros], j] = 0
    values = rng.normal((rows, columns), 0.0, std, generator=generator, **_like(tensor))
    return _fill(tensor, values * backend.to_device(keep, tensor.device))

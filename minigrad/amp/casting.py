"""`autocast`: which ops run in float16, and which in float32."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import backend, dtypes, ops
from minigrad.graph import Op, Value
from minigrad.mode import MODE, _ModeBlock

# Products: many multiplications for each number that is read, added up in float32.
LOWER = {
    "convolution", "grad_input", "gru_layer", "linear", "lstm_layer", "matmul", "prelu",
    "rnn_layer", "scaled_dot_product_attention",
}  # fmt: skip

# What can leave the range of float16 (largest 65504), or loses its digits: powers and exponentials,
# sums of many numbers, norms, softmax and losses. All other ops take what comes, and where float16
# meets float32 the result is float32.
FLOAT32 = {
    "acos", "asin", "cosh", "erfinv", "exp", "exp2", "expm1", "log", "log10", "log1p", "log2",
    "reciprocal", "rsqrt", "sinh", "softplus", "tan", "pow", "float_power",
    "cumprod", "cumsum", "logcumsumexp", "logsumexp", "prod", "sum", "std", "var",
    "batch_norm", "group_norm", "layer_norm", "rms_norm", "vector_norm", "euclidean_distances",
    "softmax", "log_softmax", "softmax_cross_entropy", "bernoulli_nll", "bernoulli_nll_of_logits",
    "ctc_nll", "huber", "squared_error",
}  # fmt: skip


class autocast(_ModeBlock):
    """Inside, products run in float16, and what needs more digits in float32. Also a decorator.

    Parameters stay float32: each op gets them and its other Tensors cast, and gradients are cast
    back. float64 is left alone, and so is what lies on another device than device_type. Backward
    belongs outside: it runs in the dtypes of forward anyway.

    device_type: "cuda" or "cpu". dtype: float16, the default. (PyTorch's default for the CPU is
    bfloat16, which NumPy does not have: ValueError.) enabled=False: no casts inside.
    cache_enabled is accepted for PyTorch's sake; casts are not kept for a second use here.

    >>> import minigrad as mg
    >>> linear, x = mg.nn.Linear(2, 3), mg.ones(1, 2)
    >>> with autocast("cpu"):
    ...     y = linear(x)
    ...     z = mg.nn.functional.softmax(y, -1)
    >>> y.dtype, z.dtype
    (dtype('float16'), dtype('float32'))
    """

    def __init__(
        self,
        device_type: str,
        dtype: Any = None,
        enabled: bool = True,
        cache_enabled: bool | None = None,
    ):
        super().__init__()
        self.device = backend.Device(device_type).type
        self.enabled = enabled
        name = "float16" if dtype is None else getattr(dtype, "__name__", None) or str(dtype)
        if name != "float16":
            why = ", which NumPy does not have" if "bfloat16" in name else ""
            raise ValueError(
                f"autocast: expected dtype float16, got {name}{why}; use minigrad.float16, and a "
                "GradScaler for its smaller range"
            )

    def _changes(self) -> dict[str, Any]:
        """The casts as they are around this block, but for this device."""
        around = MODE.get().autocast
        devices: frozenset[str] = frozenset() if around is None else around.devices
        mine = {self.device}
        devices = devices | mine if self.enabled else devices - mine
        return {"autocast": Casts(devices) if devices else None}


class Casts:
    """What `graph.run` does to the arguments of an op inside autocast."""

    def __init__(self, devices: frozenset[str]):
        self.devices = devices

    def __call__(self, op: Op, args: tuple) -> tuple:
        """The arguments, the Tensors among them cast as the op wants them."""
        if op.name in LOWER:
            dtype = dtypes.float16
        elif op.name in FLOAT32:
            dtype = dtypes.float32
        else:
            return args
        return tuple(self.cast(a, dtype) for a in args)

    def cast(self, x: Any, dtype: np.dtype) -> Any:
        if (
            not isinstance(x, Value)
            or x.dtype == dtype
            or x.dtype not in (dtypes.float16, dtypes.float32)
            or backend.device_of(x.array).type not in self.devices
        ):
            return x
        return ops.astype(x, dtype)

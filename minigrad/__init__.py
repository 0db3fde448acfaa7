"""minigrad: a tiny deep-learning framework to read, run, break and repair.

    import minigrad as mg

    x = mg.randn(3, requires_grad=True)
    mg.tanh(x).sum().backward()
    x.grad

Where things are: an op is a plain function (`minigrad/ops/`) that the engine records
(`minigrad/graph.py`) and differentiates (`minigrad/autograd.py`); layers are in `minigrad.nn`,
optimizers in `minigrad.optim`, data in `minigrad.data`.
"""

import warnings as _warnings
from typing import TYPE_CHECKING as _TYPE_CHECKING

from numpy import dtype, e, inf, nan, newaxis, pi

import minigrad._check_kernels as _check_kernels  # first: it fails with one clear sentence
from minigrad import (
    amp,
    autograd,
    clinic,
    cuda,
    data,
    diagnosis,
    distributed,
    func,
    fx,
    jit,
    linalg,
    metrics,
    models,
    nn,
    onnx,
    ops,
    optim,
    text,
    train,
    utils,
    viz,
)
from minigrad.amp import autocast
from minigrad.backend import Device as device
from minigrad.checking import GradcheckError, gradcheck, gradgradcheck
from minigrad.creation import *
from minigrad.dtypes import *
from minigrad.dtypes import bool_ as bool
from minigrad.dtypes import float32 as float
from minigrad.dtypes import int32 as int
from minigrad.fx import _assert
from minigrad.graph import is_tensor, op
from minigrad.lazy import importing as _importing
from minigrad.mode import (
    detect_anomaly,
    enable_grad,
    inference_mode,
    is_grad_enabled,
    no_grad,
    set_grad_enabled,
)
from minigrad.ops import *
from minigrad.random import *
from minigrad.random import normal_tensor as normal
from minigrad.serialization import load, save
from minigrad.tensor import Tensor, tensor
from minigrad.typed import *

if _TYPE_CHECKING:
    from minigrad.diagnosis import diagnose

__getattr__ = _importing(__name__, {"diagnosis": ["diagnose"]})

__version__ = "0.1.0"

Size = tuple  # what a shape is

# Infinity and NaN are values here, as in PyTorch; NumPy's warnings of them are silenced for
# our own modules, and nobody else's.
_warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"(minigrad|kernels)(\..*)?$")

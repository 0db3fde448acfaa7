"""minigrad: a tiny deep-learning framework to read, run, break and repair."""

import warnings as _warnings

from minigrad import autograd, cuda, func, ops
from minigrad.autograd import Value as _Value
from minigrad.backend import Device as device
from minigrad.checking import GradcheckError, gradcheck, gradgradcheck
from minigrad.creation import *
from minigrad.dtypes import *
from minigrad.graph import op
from minigrad.mode import (
    detect_anomaly,
    enable_grad,
    is_grad_enabled,
    no_grad,
    set_grad_enabled,
)
from minigrad.ops import *
from minigrad.random import *
from minigrad.tensor import Tensor, tensor

# Infinity and NaN are values here, as in PyTorch; NumPy's warnings of them are silenced for
# minigrad's own modules, and nobody else's.
_warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"minigrad(\..*)?$")

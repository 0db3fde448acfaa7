"""minigrad"""
from minigrad.mode import no_grad, enable_grad, set_grad_enabled, is_grad_enabled, detect_anomaly
from minigrad.tensor import Tensor, tensor
from minigrad.graph import op
from minigrad import autograd

import warnings as _w
_w.filterwarnings("ignore", category=RuntimeWarning, module=r"minigrad(\..*)?$")

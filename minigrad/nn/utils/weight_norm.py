"""Weight normalization: a weight as a direction and a length, each learned for itself.

Weight Normalization: A Simple Reparameterization to Accelerate Training of Deep Neural Networks
(Salimans and Kingma, 2016, https://arxiv.org/abs/1602.07868), equation 2: w = g v / |v|.
"""

from __future__ import annotations

from typing import Any

from minigrad import ops
from minigrad.nn.module import Module
from minigrad.nn.parameter import Parameter
from minigrad.nn.utils.computed import compute_before_forward, computed_by, stop_computing


class WeightNorm:
    """w = g v / |v|, the norms over all axes but `dim` (over all, if dim is None)."""

    def __init__(self, name: str, dim: int | None):
        self.name, self.dim = name, dim

    def norm(self, v: Any) -> Any:
        """|v|, in a shape that broadcasts against v (a number for dim=None)."""
        if self.dim is None:
            return ops.vector_norm(v)
        axes = tuple(i for i in range(v.ndim) if i != self.dim % v.ndim)
        return ops.vector_norm(v, 2, axes, keepdim=True) if axes else abs(v)

    def __call__(self, module: Module) -> Any:
        v = getattr(module, f"{self.name}_v")
        return v * (getattr(module, f"{self.name}_g") / self.norm(v))


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Replace the parameter `name` of `module` by two: `name_g`, its lengths, and `name_v`.

    The module computes w = g v / |v| from them each time before it runs; |v| is taken for each
    index of the axis `dim`, over all other axes (dim=None: one length for the whole weight). g has
    the shape of w with 1 for these axes. Returns the module, whose function has not changed.

    >>> from minigrad import nn
    >>> m = nn.utils.weight_norm(nn.Linear(20, 40))
    >>> {name: p.shape for name, p in m.named_parameters()}
    {'bias': (40,), 'weight_g': (40, 1), 'weight_v': (40, 20)}
    """
    weight = getattr(module, name)
    if computed_by(module, name) is not None:
        raise RuntimeError(f"weight_norm: {name!r} is computed from other parameters already")
    compute = WeightNorm(name, dim)
    delattr(module, name)
    module.register_parameter(f"{name}_g", Parameter(compute.norm(weight).detach().clone()))
    module.register_parameter(f"{name}_v", Parameter(weight.detach()))
    compute_before_forward(module, name, compute)
    return module


def remove_weight_norm(module: Module, name: str = "weight") -> Module:
    """Make the parameter `name` one again, with the value that it has now."""
    compute = computed_by(module, name)
    if not isinstance(compute, WeightNorm):
        raise ValueError(f"remove_weight_norm: {name!r} of {module} has no weight normalization")
    stop_computing(module, name, compute(module), [f"{name}_g", f"{name}_v"])
    return module

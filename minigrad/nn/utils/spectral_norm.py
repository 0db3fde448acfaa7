"""Spectral normalization: a weight divided by its largest singular value.

Spectral Normalization for Generative Adversarial Networks (Miyato, Kataoka, Koyama and Yoshida,
2018, https://arxiv.org/abs/1802.05957), equation 8 and algorithm 1.
"""

from __future__ import annotations

from typing import Any

from minigrad import ops
from minigrad.mode import no_grad
from minigrad.nn import functional as F
from minigrad.nn.conv import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from minigrad.nn.module import Module
from minigrad.nn.utils.computed import compute_before_forward, computed_by, stop_computing
from minigrad.random import randn


class SpectralNorm:
    """w / sigma, sigma = u^T W v, for W, w as a matrix with a row for each index of the axis dim.

    In training v <- W^T u / |W^T u|, u <- W v / |W v| comes first, which leads them to the
    singular vectors of the largest singular value. They count as constants in the gradient.
    """

    def __init__(self, name: str, n_power_iterations: int, eps: float, dim: int):
        self.name, self.n, self.eps, self.dim = name, n_power_iterations, eps, dim

    def matrix(self, w: Any) -> Any:
        return ops.reshape(ops.movedim(w, self.dim, 0), (w.shape[self.dim], -1))

    def normalize(self, x: Any) -> Any:
        return F.normalize(x, dim=0, eps=self.eps)

    def __call__(self, module: Module) -> Any:
        w = getattr(module, f"{self.name}_orig")
        u, v = (getattr(module, f"{self.name}_{part}") for part in "uv")
        matrix = self.matrix(w)
        if module.training:
            with no_grad():
                for _ in range(self.n):
                    v.copy_(self.normalize(matrix.T @ u))
                    u.copy_(self.normalize(matrix @ v))
            # Copies: backward needs them as they are now, and the next forward writes to them.
            u, v = u.clone(), v.clone()
        return w / ops.dot(u, matrix @ v)


def spectral_norm(
    module: Module,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Module:
    """Divide the parameter `name` of `module` by its spectral norm, each time before it runs.

    The parameter becomes `name_orig`; the buffers `name_u` and `name_v` are the present guess of
    the singular vectors, which is improved n_power_iterations times at each forward in training.
    dim is the axis of the outputs (1 for a transposed convolution, else 0). Returns the module.

    >>> from minigrad import nn
    >>> m = nn.utils.spectral_norm(nn.Linear(20, 40))
    >>> {name: tuple(x.shape) for name, x in m.state_dict().items()}
    {'bias': (40,), 'weight_orig': (40, 20), 'weight_u': (40,), 'weight_v': (20,)}
    """
    if n_power_iterations <= 0:
        raise ValueError(
            f"spectral_norm: expected n_power_iterations > 0, got {n_power_iterations}"
        )
    if computed_by(module, name) is not None:
        raise RuntimeError(f"spectral_norm: {name!r} is computed from other parameters already")
    if dim is None:
        transposed = isinstance(module, (ConvTranspose1d, ConvTranspose2d, ConvTranspose3d))
        dim = 1 if transposed else 0
    compute = SpectralNorm(name, n_power_iterations, eps, dim)
    weight = getattr(module, name)
    rows, columns = compute.matrix(weight).shape
    delattr(module, name)
    module.register_parameter(f"{name}_orig", weight)
    for part, size in (("u", rows), ("v", columns)):
        guess = randn(size, dtype=weight.dtype, device=weight.device)
        module.register_buffer(f"{name}_{part}", compute.normalize(guess))
    compute_before_forward(module, name, compute)
    return module


def remove_spectral_norm(module: Module, name: str = "weight") -> Module:
    """Make the parameter `name` one again: with the value that it has in evaluation now."""
    compute = computed_by(module, name)
    if not isinstance(compute, SpectralNorm):
        raise ValueError(
            f"remove_spectral_norm: {name!r} of {module} has no spectral normalization"
        )
    training = module.training
    module.training = False
    value = compute(module)
    module.training = training
    stop_computing(module, name, value, [f"{name}_{part}" for part in ("u", "v", "orig")])
    return module

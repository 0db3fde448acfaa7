"""Gradients that vanish or explode from layer to layer.

With the initializations of Glorot and Bengio (2010) and He et al. ("Delving deep into rectifiers",
2015) they keep their size to a factor of 10 or so; over 1e4, float32 and any learning rate that
suits the one layer fail the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad.diagnosis.report import Finding
from minigrad.diagnosis.steps import rms

FACTOR = 1e4  # between the gradients of the first and the last layer, or gradient and weight


def by_layer(parameters: dict[str, Any], gradients: dict[str, Any]) -> Iterator[Finding]:
    """Of matrices only: a bias before a normalization has a gradient of 0 in a healthy net.

    In a net of linear layers the gradients explode while their sizes stay alike, because what
    they are multiplied with grows the other way: beside the weights one sees it.
    """
    sizes = {name: rms(g) for name, g in gradients.items() if parameters[name].ndim >= 2}
    sizes = {name: size for name, size in sizes.items() if np.isfinite(size) and size > 0}
    if len(sizes) < 2:
        return
    first, *_, last = sizes
    ratio = sizes[first] / sizes[last]
    weight = rms(parameters[first].detach().cpu().numpy())
    evidence = {f"gradient of {name} (rms)": sizes[name] for name in (first, last)}
    evidence |= {"first / last": ratio, f"weights of {first} (rms)": weight}
    if ratio < 1 / FACTOR:
        yield Finding(
            "vanishing-gradients",
            "the gradient of the first layer is next to nothing beside that of the last",
            evidence,
            "use ReLU or GELU instead of sigmoid, He or Xavier initialization, normalization "
            "layers, residual connections",
        )
    elif ratio > FACTOR or sizes[first] > FACTOR * weight > 0:
        yield Finding(
            "exploding-gradients",
            "the gradient that reaches the first layer has grown out of all proportion",
            evidence,
            "initialize the weights smaller (He, Xavier), add normalization layers, clip the "
            "gradient (nn.utils.clip_grad_norm_), bring targets and loss to a size of about 1",
        )

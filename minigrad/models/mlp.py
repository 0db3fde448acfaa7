"""The multilayer perceptron: linear layers with a nonlinearity between them.

Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", 1986.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from minigrad import nn


class MLP(nn.Sequential):
    """sizes[0] numbers in, sizes[-1] out, and a layer of each size between; (N, ...) is flattened.

    activation: makes the layer that follows each but the last; dropout: its probability there.

    >>> import minigrad as mg
    >>> model = MLP([784, 128, 10])
    >>> model(mg.zeros(2, 1, 28, 28)).shape, sum(p.numel() for p in model.parameters())
    ((2, 10), 101770)
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: Callable[[], nn.Module] = nn.ReLU,
        dropout: float = 0.0,
    ):
        if len(sizes) < 2:
            raise ValueError(f"MLP: expected at least the sizes of input and output, got {sizes}")
        layers: list[Any] = [nn.Flatten()]
        for inputs, outputs in itertools.pairwise(sizes[:-1]):
            layers += [nn.Linear(inputs, outputs), activation()]
            if dropout:
                layers.append(nn.Dropout(dropout))
        super().__init__(*layers, nn.Linear(sizes[-2], sizes[-1]))

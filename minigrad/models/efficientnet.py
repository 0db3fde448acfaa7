"""EfficientNet: depthwise convolutions, squeeze-and-excitation, and a rule for growing.

A block (MBConv) works in `expand` times as many channels, where a depthwise convolution is cheap:

    h = silu(bn(conv1x1(x)))             more channels
    h = silu(bn(depthwise(h)))           each channel by itself, 3x3 or 5x5
    h = h * sigmoid(W2 silu(W1 mean(h))) squeeze and excite: which channels matter in this image
    y = x + bn(conv1x1(h))               fewer again; x only where the shape stays

Tan and Le, "EfficientNet: rethinking model scaling for convolutional neural networks", 2019: table
1 is B0, and the larger ones multiply its widths by 1.1^i and its depths by 1.2^i, about, for larger
images. Blocks: Sandler et al. 2018 (MobileNetV2); Hu et al. 2018 (squeeze and excitation); in
training a whole block is left out for some images (Huang et al. 2016, stochastic depth).

         width  depth  image   parameters   top-1 accuracy of the paper
    B0    1.0    1.0    224     5,288,548   77.1 %
    B1    1.0    1.1    240     7,794,184   79.1 %
    B2    1.1    1.2    260     9,109,994   80.1 %
    B3    1.2    1.4    300    12,233,232   81.6 %
    B4    1.4    1.8    380    19,341,616   82.9 %

Names of layers are torchvision's.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from minigrad import nn, random
from minigrad.nn import init


class Stage(NamedTuple):
    """Some blocks in a row. stride is that of the first; layers: how many there are."""

    expand: int
    kernel: int
    stride: int
    channels: int
    layers: int


B0 = (
    Stage(1, 3, 1, 16, 1),
    Stage(6, 3, 2, 24, 2),
    Stage(6, 5, 2, 40, 2),
    Stage(6, 3, 2, 80, 3),
    Stage(6, 5, 1, 112, 3),
    Stage(6, 5, 2, 192, 4),
    Stage(6, 3, 1, 320, 1),
)


class ConvNormActivation(nn.Sequential):
    """Convolution that keeps the size (divided by its stride), batch norm, SiLU if activated."""

    def __init__(
        self, channels: int, out: int, kernel: int = 1, stride: int = 1, groups: int = 1,
        activated: bool = True,
    ):  # fmt: skip
        layers: list[nn.Module] = [
            nn.Conv2d(channels, out, kernel, stride, kernel // 2, groups=groups, bias=False),
            nn.BatchNorm2d(out),
        ]
        super().__init__(*layers, *([nn.SiLU()] if activated else []))


class SqueezeExcitation(nn.Module):
    """Each channel times a number between 0 and 1 that depends on the means of all channels."""

    def __init__(self, channels: int, squeezed: int):
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1)
        self.activation = nn.SiLU()
        self.scale_activation = nn.Sigmoid()

    def forward(self, x: Any) -> Any:
        scale = self.fc2(self.activation(self.fc1(self.avgpool(x))))
        return x * self.scale_activation(scale)


class StochasticDepth(nn.Module):
    """In training each sample is 0 with probability p, the others are divided by 1 - p."""

    def __init__(self, p: float):
        super().__init__()
        self.p = p

    def forward(self, x: Any) -> Any:
        if not self.training or self.p == 0:
            return x
        shape = (len(x), *[1] * (x.ndim - 1))
        kept = random.rand(*shape, device=x.device) >= self.p
        return x * kept.to(x.dtype) / (1 - self.p)

    def extra_repr(self) -> str:
        return f"p={self.p}"


class MBConv(nn.Module):
    def __init__(self, channels: int, stage: Stage, stride: int, drop: float):
        super().__init__()
        wide = channels * stage.expand
        layers: list[nn.Module] = []
        if wide != channels:
            layers.append(ConvNormActivation(channels, wide))
        self.block = nn.Sequential(
            *layers,
            ConvNormActivation(wide, wide, stage.kernel, stride, groups=wide),
            SqueezeExcitation(wide, max(1, channels // 4)),
            ConvNormActivation(wide, stage.channels, activated=False),
        )
        self.residual = stride == 1 and channels == stage.channels
        self.stochastic_depth = StochasticDepth(drop)

    def forward(self, x: Any) -> Any:
        y = self.block(x)
        return x + self.stochastic_depth(y) if self.residual else y


class EfficientNet(nn.Module):
    """(N, in_channels, H, W) to scores (N, num_classes).

    width, depth: by what the channels and the number of blocks of B0 are multiplied; dropout: that
    before the last layer; stochastic_depth: how often the last block is left out, the first never.

    >>> import minigrad as mg
    >>> EfficientNet(10, width=0.25, depth=0.1)(mg.zeros(2, 3, 32, 32)).shape
    (2, 10)
    """

    def __init__(
        self,
        num_classes: int = 1000,
        width: float = 1.0,
        depth: float = 1.0,
        dropout: float = 0.2,
        stochastic_depth: float = 0.2,
        in_channels: int = 3,
    ):
        super().__init__()
        stages = [
            s._replace(channels=rounded(s.channels * width), layers=math.ceil(s.layers * depth))
            for s in B0
        ]
        channels = rounded(32 * width)
        features: list[nn.Module] = [ConvNormActivation(in_channels, channels, 3, stride=2)]
        count, total = 0, sum(s.layers for s in stages)
        for stage in stages:
            blocks = []
            for i in range(stage.layers):
                drop = stochastic_depth * count / total
                blocks.append(MBConv(channels, stage, stage.stride if i == 0 else 1, drop))
                channels, count = stage.channels, count + 1
            features.append(nn.Sequential(*blocks))
        features.append(ConvNormActivation(channels, 4 * channels))
        self.features = nn.Sequential(*features)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(4 * channels, num_classes))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                init.kaiming_normal_(module.weight, mode="fan_out")
            elif isinstance(module, nn.Linear):
                bound = 1 / math.sqrt(module.out_features)
                init.uniform_(module.weight, -bound, bound)
            else:
                continue
            if module.bias is not None:
                init.zeros_(module.bias)

    def forward(self, x: Any) -> Any:
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


def rounded(channels: float) -> int:
    """To a multiple of 8, at least 8, and not more than a tenth below."""
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * channels else nearest


def efficientnet_b0(**options: Any) -> EfficientNet:
    """Options are those of `EfficientNet`."""
    return EfficientNet(**options)


def efficientnet_b1(**options: Any) -> EfficientNet:
    return EfficientNet(**{"depth": 1.1, **options})


def efficientnet_b2(**options: Any) -> EfficientNet:
    return EfficientNet(**{"width": 1.1, "depth": 1.2, "dropout": 0.3, **options})


def efficientnet_b3(**options: Any) -> EfficientNet:
    return EfficientNet(**{"width": 1.2, "depth": 1.4, "dropout": 0.3, **options})


def efficientnet_b4(**options: Any) -> EfficientNet:
    return EfficientNet(**{"width": 1.4, "depth": 1.8, "dropout": 0.4, **options})

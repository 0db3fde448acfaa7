"""ResNet: layers that learn what to add to their input, so that a hundred of them can be trained.

    y = relu(x + F(x))

The gradient passes the sum unchanged, whatever F is. He, Zhang, Ren and Sun, "Deep residual
learning for image recognition", 2016, table 1; where a bottleneck makes the image smaller, its
3 x 3 convolution does, not its first one of 1 x 1 (that is version 1.5, as torchvision and
everybody since has it).

    layers   blocks of the four stages            parameters    top-1 error of the paper (10 crops)
        18   basic       2, 2, 2, 2               11,689,512    27.88 %
        34   basic       3, 4, 6, 3               21,797,672    25.03 %
        50   bottleneck  3, 4, 6, 3               25,557,032    22.85 %
       101   bottleneck  3, 4, 23, 3              44,549,160    21.75 %
       152   bottleneck  3, 8, 36, 3              60,192,808    21.43 %

Names of layers are torchvision's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minigrad import nn
from minigrad.nn import functional as F
from minigrad.nn import init


def shortcut(channels: int, out: int, stride: int) -> nn.Sequential | None:
    """x for the sum: with other channels or another size, by a convolution of 1 x 1."""
    if stride == 1 and channels == out:
        return None
    return nn.Sequential(
        nn.Conv2d(channels, out, 1, stride=stride, bias=False), nn.BatchNorm2d(out)
    )


class BasicBlock(nn.Module):
    """Two convolutions of 3 x 3."""

    expansion = 1

    def __init__(self, channels: int, width: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = shortcut(channels, width, stride)

    def forward(self, x: Any) -> Any:
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    """1 x 1 to fewer channels, 3 x 3 there, and 1 x 1 back to four times as many."""

    expansion = 4

    def __init__(self, channels: int, width: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.downsample = shortcut(channels, 4 * width, stride)

    def forward(self, x: Any) -> Any:
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    """(N, in_channels, H, W) to scores (N, num_classes).

    block: BasicBlock or Bottleneck; blocks: how many of them each stage has, and widths: with how
    many channels; each stage but the first halves the image. stem: channels before the first.
    small_images: begin with a convolution of 3 x 3 and no pooling, as the paper does for CIFAR-10.

    >>> import minigrad as mg
    >>> ResNet(BasicBlock, (1, 1), 10, widths=(8, 16), stem=8)(mg.zeros(2, 3, 32, 32)).shape
    (2, 10)
    """

    def __init__(
        self,
        block: type[BasicBlock | Bottleneck],
        blocks: Sequence[int],
        num_classes: int = 1000,
        in_channels: int = 3,
        widths: Sequence[int] = (64, 128, 256, 512),
        stem: int = 64,
        small_images: bool = False,
    ):
        super().__init__()
        if len(blocks) > len(widths):
            raise ValueError(f"ResNet: {len(blocks)} stages need as many widths, got {widths}")
        size, stride = (3, 1) if small_images else (7, 2)
        self.conv1 = nn.Conv2d(in_channels, stem, size, stride, padding=size // 2, bias=False)
        self.bn1 = nn.BatchNorm2d(stem)
        self.maxpool = nn.Identity() if small_images else nn.MaxPool2d(3, stride=2, padding=1)
        self.stages = len(blocks)
        channels = stem
        for i, (count, width) in enumerate(zip(blocks, widths, strict=False)):
            layers = []
            for j in range(count):
                layers.append(block(channels, width, 2 if i > 0 and j == 0 else 1))
                channels = width * block.expansion
            setattr(self, f"layer{i + 1}", nn.Sequential(*layers))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Any) -> Any:
        x = self.maxpool(F.relu(self.bn1(self.conv1(x))))
        for i in range(self.stages):
            x = getattr(self, f"layer{i + 1}")(x)
        return self.fc(self.avgpool(x).flatten(1))


def resnet18(**options: Any) -> ResNet:
    """18 layers with weights; options are those of `ResNet`."""
    return ResNet(BasicBlock, (2, 2, 2, 2), **options)


def resnet34(**options: Any) -> ResNet:
    return ResNet(BasicBlock, (3, 4, 6, 3), **options)


def resnet50(**options: Any) -> ResNet:
    return ResNet(Bottleneck, (3, 4, 6, 3), **options)


def resnet101(**options: Any) -> ResNet:
    return ResNet(Bottleneck, (3, 4, 23, 3), **options)


def resnet152(**options: Any) -> ResNet:
    return ResNet(Bottleneck, (3, 8, 36, 3), **options)

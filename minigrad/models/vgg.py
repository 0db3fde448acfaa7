"""VGG: nothing but 3 x 3 convolutions, deeper than anybody had dared before.

Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition", 2015,
table 1. Two convolutions of 3 x 3 see what one of 5 x 5 sees, with fewer weights and a nonlinearity
more.

    layers   column   parameters of the paper   here
        11        A               133 million    132,863,336
        13        B               133 million    133,047,848
        16        D               138 million    138,357,544    top-5 error 7.3 %
        19        E               144 million    143,667,240

Names of layers are torchvision's.
"""

from __future__ import annotations

from typing import Any

from minigrad import nn
from minigrad.nn import init

# How many convolutions each of the five blocks has; each ends with a maximum over 2 x 2.
BLOCKS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
WIDTHS = (64, 128, 256, 512, 512)


class VGG(nn.Module):
    """(N, in_channels, H, W), H and W at least 32, to scores (N, num_classes).

    layers: 11, 13, 16 or 19. batch_norm: after each convolution, which the paper did not have yet.
    hidden: units of the two layers before the last. side: the image is averaged to side x side
    before them; 7 is what 224 x 224 gives, 1 is enough for small images.

    >>> import minigrad as mg
    >>> VGG(11, num_classes=10, hidden=64, side=1)(mg.zeros(1, 3, 32, 32)).shape
    (1, 10)
    """

    def __init__(
        self,
        layers: int = 16,
        num_classes: int = 1000,
        batch_norm: bool = False,
        dropout: float = 0.5,
        in_channels: int = 3,
        hidden: int = 4096,
        side: int = 7,
    ):
        super().__init__()
        if layers not in BLOCKS:
            raise ValueError(f"VGG: there are {', '.join(map(str, BLOCKS))} layers, got {layers}")
        features: list[Any] = []
        channels = in_channels
        for count, width in zip(BLOCKS[layers], WIDTHS, strict=True):
            for _ in range(count):
                features.append(nn.Conv2d(channels, width, 3, padding=1))
                if batch_norm:
                    features.append(nn.BatchNorm2d(width))
                features.append(nn.ReLU(inplace=True))
                channels = width
            features.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*features)
        self.avgpool = nn.AdaptiveAvgPool2d(side)
        self.classifier = nn.Sequential(
            nn.Linear(512 * side * side, hidden), nn.ReLU(inplace=True), nn.Dropout(dropout),
            nn.Linear(hidden, hidden), nn.ReLU(inplace=True), nn.Dropout(dropout),
            nn.Linear(hidden, num_classes),
        )  # fmt: skip
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, nn.Linear):
                init.normal_(module.weight, 0, 0.01)
            if isinstance(module, (nn.Conv2d, nn.Linear)) and module.bias is not None:
                init.zeros_(module.bias)

    def forward(self, x: Any) -> Any:
        return self.classifier(self.avgpool(self.features(x)).flatten(1))

"""LeNet-5: two convolutions that see larger and larger parts, then a small perceptron.

LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998,
figure 2: 6 filters of 5 x 5, means of 2 x 2, 16 filters of 5 x 5, means, then 120, 84 and 10 units;
0.95 % of errors on MNIST. The paper's has 60,000 parameters, this one 61,706: its second
convolution sees all six channels instead of a table of some, pooling learns nothing, and the last
layer is linear instead of radial basis functions.
"""

from __future__ import annotations

from typing import Any

from minigrad import nn
from minigrad.ops import tanh


class LeNet(nn.Module):
    """(N, in_channels, 28, 28) to scores (N, num_classes).

    >>> import minigrad as mg
    >>> model = LeNet()
    >>> model(mg.zeros(2, 1, 28, 28)).shape, sum(p.numel() for p in model.parameters())
    ((2, 10), 61706)
    """

    def __init__(self, num_classes: int = 10, in_channels: int = 1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 6, 5, padding=2)  # 28 x 28
        self.conv2 = nn.Conv2d(6, 16, 5)  # 14 x 14 to 10 x 10
        self.pool = nn.AvgPool2d(2)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, num_classes)

    def forward(self, x: Any) -> Any:
        x = self.pool(tanh(self.conv1(x)))
        x = self.pool(tanh(self.conv2(x)))
        x = tanh(self.fc1(x.flatten(1)))
        return self.fc3(tanh(self.fc2(x)))

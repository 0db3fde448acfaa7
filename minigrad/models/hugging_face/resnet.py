"""ResNet's options and weights."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from minigrad.models.resnet import BasicBlock, Bottleneck, ResNet
from minigrad.serialization import LoadError

if TYPE_CHECKING:
    from minigrad.models.pretrained import Options


def resnet(options: Options, weights: dict[str, Any]) -> tuple[ResNet, dict[str, Any]]:
    """ResNet, basic or bottleneck. Here layer1.0.conv2, there stages.0.layers.0.layer.1."""
    options.must_be(
        hidden_act="relu", downsample_in_first_stage=False, downsample_in_bottleneck=False
    )
    kinds = {"basic": BasicBlock, "bottleneck": Bottleneck}
    kind, widths = options["layer_type"], options["hidden_sizes"]
    if kind not in kinds:
        raise LoadError(f"{options.path}: layer_type is {kind!r}; there are {', '.join(kinds)}")
    block = kinds[kind]
    classes = weights["classifier.1.weight"].shape[0] if "classifier.1.weight" in weights else 1
    model = ResNet(
        block, options["depths"], classes, options["num_channels"],
        [width // block.expansion for width in widths], options["embedding_size"],
    )  # fmt: skip
    names = (
        (r"^resnet\.embedder\.embedder\.", ""),
        (r"^resnet\.encoder\.stages\.(\d+)\.layers\.", lambda m: f"layer{int(m[1]) + 1}."),
        (r"\.layer\.(\d)\.convolution", lambda m: f".conv{int(m[1]) + 1}"),
        (r"\.layer\.(\d)\.normalization", lambda m: f".bn{int(m[1]) + 1}"),
        (r"shortcut\.convolution", "downsample.0"),
        (r"shortcut\.normalization", "downsample.1"),
        (r"^convolution", "conv1"),
        (r"^normalization", "bn1"),
        (r"^classifier\.1", "fc"),
    )
    named = {}
    for name, value in weights.items():
        for pattern, replacement in names:
            name = re.sub(pattern, replacement, name)
        named[name] = value
    return model, named

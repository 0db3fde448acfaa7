"""ViT: an image as a text whose words are its patches, read by a Transformer's encoder.

    h = [class_token, E patch_1, ..., E patch_n] + positions
    for each layer:    h = h + attention(norm(h));    h = h + mlp(norm(h))
    scores = W norm(h)[0] + b

Nothing here knows that images have two dimensions, but for the cut into patches: the positions are
learned. Dosovitskiy et al., "An image is worth 16x16 words: Transformers for image recognition at
scale", 2020, equations 1 to 4. The class token and the last layer begin as zeros, other linear
layers xavier uniform, positions normal with 0.02 (as in the authors' code).

The paper's sizes (table 1), for images of 224 x 224, and patches (table 5: top-1 accuracy on
ImageNet after learning from ImageNet-21k, fine-tuned at 384 x 384):

             layers  width    MLP  heads  paper     parameters
    Base/16      12    768   3072     12    86M     86,567,656    83.97 %
    Large/16     24   1024   4096     16   307M    304,326,632    85.15 %
    Huge/14      32   1280   5120     16   632M    632,045,800    85.13 %

Names of layers and options are torchvision's.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from minigrad import nn
from minigrad.creation import zeros
from minigrad.graph import describe
from minigrad.nn import init
from minigrad.ops import cat


class ViTConfig(NamedTuple):
    """image_size and patch_size: of both sides. representation_size: of a layer with tanh before
    the last one, as the paper has it while learning from ImageNet-21k; None: there is none.
    num_classes=0: no last layer. dropout: after every linear layer but those of query, key and
    value, and after the positions; attention_dropout: of the attention's weights.
    """

    image_size: int = 224
    patch_size: int = 16
    in_channels: int = 3
    num_layers: int = 12
    num_heads: int = 12
    hidden_dim: int = 768
    mlp_dim: int = 3072
    dropout: float = 0.0
    attention_dropout: float = 0.0
    num_classes: int = 1000
    representation_size: int | None = None
    layer_norm_eps: float = 1e-6


class Block(nn.Module):
    """(N, L, C) to (N, L, C)."""

    def __init__(self, config: ViTConfig):
        super().__init__()
        width, p = config.hidden_dim, config.dropout
        self.ln_1 = nn.LayerNorm(width, config.layer_norm_eps)
        self.self_attention = nn.MultiheadAttention(
            width, config.num_heads, config.attention_dropout, batch_first=True
        )
        self.dropout = nn.Dropout(p)
        self.ln_2 = nn.LayerNorm(width, config.layer_norm_eps)
        self.mlp = nn.Sequential(
            nn.Linear(width, config.mlp_dim), nn.GELU(), nn.Dropout(p),
            nn.Linear(config.mlp_dim, width), nn.Dropout(p),
        )  # fmt: skip

    def forward(self, x: Any) -> Any:
        y = self.ln_1(x)
        x = x + self.dropout(self.self_attention(y, y, y, need_weights=False)[0])
        return x + self.mlp(self.ln_2(x))


class Encoder(nn.Module):
    """Class token and patches, (N, L, C), to as many vectors."""

    def __init__(self, length: int, config: ViTConfig):
        super().__init__()
        self.pos_embedding = nn.Parameter(zeros(1, length, config.hidden_dim))
        self.dropout = nn.Dropout(config.dropout)
        self.layers = nn.Sequential()
        for i in range(config.num_layers):
            self.layers.add_module(f"encoder_layer_{i}", Block(config))
        self.ln = nn.LayerNorm(config.hidden_dim, config.layer_norm_eps)

    def forward(self, x: Any) -> Any:
        return self.ln(self.layers(self.dropout(x + self.pos_embedding)))


class ViT(nn.Module):
    """Images (N, in_channels, image_size, image_size) to scores (N, num_classes).

    Without a last layer, the result is what would go into it: (N, representation_size), or without
    that layer too (N, hidden_dim). `features` gives the vectors of the class token and of all
    patches.

    Raises ValueError for sizes that do not fit, and for images of another shape.

    >>> import minigrad as mg
    >>> config = ViTConfig(32, 8, num_layers=2, num_heads=2, hidden_dim=16, mlp_dim=32)
    >>> model = ViT(config._replace(num_classes=10))
    >>> model(mg.zeros(5, 3, 32, 32)).shape, model.features(mg.zeros(5, 3, 32, 32)).shape
    ((5, 10), (5, 17, 16))
    """

    def __init__(self, config: ViTConfig):
        super().__init__()
        size, patch, width = config.image_size, config.patch_size, config.hidden_dim
        if size % patch:
            raise ValueError(f"ViT: image_size={size} must be a multiple of patch_size={patch}")
        if width % config.num_heads:
            raise ValueError(
                f"ViT: hidden_dim={width} must be a multiple of num_heads={config.num_heads}"
            )
        self.config = config
        self.conv_proj = nn.Conv2d(config.in_channels, width, patch, stride=patch)
        self.class_token = nn.Parameter(zeros(1, 1, width))
        self.encoder = Encoder(1 + (size // patch) ** 2, config)
        self.heads = nn.Sequential()
        if config.representation_size is not None:
            self.heads.add_module("pre_logits", nn.Linear(width, config.representation_size))
            self.heads.add_module("act", nn.Tanh())
            width = config.representation_size
        if config.num_classes:
            self.heads.add_module("head", nn.Linear(width, config.num_classes))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        for name, parameter in self.named_parameters():
            if name == "class_token" or name.startswith("heads.head") or name.endswith("bias"):
                init.zeros_(parameter)
            elif name == "encoder.pos_embedding":
                init.normal_(parameter, std=0.02)
            elif name == "conv_proj.weight":
                init.normal_(parameter, std=1 / math.sqrt(math.prod(parameter.shape[1:])))
            elif parameter.ndim == 2:
                init.xavier_uniform_(parameter)

    def features(self, images: Any) -> Any:
        """The vectors after the last norm, (N, 1 + patches, hidden_dim): the class token's first,
        then those of the patches, row by row."""
        c = self.config
        if images.ndim != 4 or images.shape[1:] != (c.in_channels, c.image_size, c.image_size):
            raise ValueError(
                f"ViT: expected images of shape (N, {c.in_channels}, {c.image_size}, "
                f"{c.image_size}), got {describe(images)}; resize them, or make a model of another "
                "image_size"
            )
        patches = self.conv_proj(images).flatten(2).transpose(1, 2)  # (N, patches, C)
        first = self.class_token.expand(len(patches), -1, -1)
        return self.encoder(cat([first, patches], 1))

    def forward(self, images: Any) -> Any:
        return self.heads(self.features(images)[:, 0])

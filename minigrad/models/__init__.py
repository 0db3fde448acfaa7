"""The networks of the course, each in one file that can be read from top to bottom."""

from minigrad.models.cache import KeyValueCache
from minigrad.models.gpt import GPT, GPTConfig
from minigrad.models.lenet import LeNet
from minigrad.models.mlp import MLP
from minigrad.models.pretrained import load_pretrained
from minigrad.models.resnet import (
    ResNet,
    resnet18,
    resnet34,
    resnet50,
    resnet101,
    resnet152,
)
from minigrad.models.vgg import VGG

__all__ = [
    "GPT", "MLP", "VGG", "GPTConfig", "KeyValueCache", "LeNet", "ResNet", "load_pretrained",
    "resnet18", "resnet34", "resnet50", "resnet101", "resnet152",
]  # fmt: skip

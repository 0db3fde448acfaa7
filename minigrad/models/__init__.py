"""The networks of the course, each in one file that can be read from top to bottom."""

from minigrad.models.bert import BERT, BERTConfig
from minigrad.models.bert_heads import BERTForMaskedLM, BERTForSequenceClassification
from minigrad.models.cache import KeyValueCache
from minigrad.models.efficientnet import (
    EfficientNet,
    efficientnet_b0,
    efficientnet_b1,
    efficientnet_b2,
    efficientnet_b3,
    efficientnet_b4,
)
from minigrad.models.gpt import GPT, GPTConfig
from minigrad.models.lenet import LeNet
from minigrad.models.mlp import MLP
from minigrad.models.model_summary import summarize, summary
from minigrad.models.pretrained import load_pretrained
from minigrad.models.resnet import (
    ResNet,
    resnet18,
    resnet34,
    resnet50,
    resnet101,
    resnet152,
)
from minigrad.models.rnn_lm import RNNLM
from minigrad.models.seq2seq import Seq2Seq
from minigrad.models.t5 import T5, T5Config
from minigrad.models.vgg import VGG
from minigrad.models.vit import ViT, ViTConfig

__all__ = [
    "BERT",
    "GPT",
    "MLP",
    "RNNLM",
    "T5",
    "VGG",
    "BERTConfig",
    "BERTForMaskedLM",
    "BERTForSequenceClassification",
    "EfficientNet",
    "GPTConfig",
    "KeyValueCache",
    "LeNet",
    "ResNet",
    "Seq2Seq",
    "T5Config",
    "ViT",
    "ViTConfig",
    "efficientnet_b0",
    "efficientnet_b1",
    "efficientnet_b2",
    "efficientnet_b3",
    "efficientnet_b4",
    "load_pretrained",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "summarize",
    "summary",
]  # fmt: skip

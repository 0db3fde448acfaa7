"""ViT's options and weights."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from minigrad.models.hugging_face.architecture import architecture
from minigrad.models.vit import ViT, ViTConfig
from minigrad.ops import cat
from minigrad.serialization import LoadError

if TYPE_CHECKING:
    from minigrad.models.pretrained import Options

KNOWN = "ViTForImageClassification", "ViTModel"
NAMES = (
    (r"^vit\.", ""),
    (r"^embeddings\.cls_token", "class_token"),
    (r"^embeddings\.position_embeddings", "encoder.pos_embedding"),
    (r"^embeddings\.patch_embeddings\.projection", "conv_proj"),
    (r"^encoder\.layer\.", "encoder.layers.encoder_layer_"),
    (r"\.layernorm_before\.", ".ln_1."),
    (r"\.layernorm_after\.", ".ln_2."),
    (r"\.attention\.output\.dense\.", ".self_attention.out_proj."),
    (r"\.attention\.in_proj_", ".self_attention.in_proj_"),
    (r"\.intermediate\.dense\.", ".mlp.0."),
    (r"\.output\.dense\.", ".mlp.3."),
    (r"^layernorm\.", "encoder.ln."),
    (r"^pooler\.dense\.", "heads.pre_logits."),
    (r"^classifier\.", "heads.head."),
)
ATTENTION = r"(.*\.attention\.)attention\.(query|key|value)\.(weight|bias)$"


def vit(options: Options, weights: dict[str, Any]) -> tuple[ViT, dict[str, Any]]:
    """ViT with its classifier; or without, and then with its pooler, if it has one.

    The pooler is here the layer heads.pre_logits.
    """
    options.must_be(hidden_act="gelu", qkv_bias=True, pooler_act="tanh")
    for name in ("image_size", "patch_size"):
        if not isinstance(options[name], int):
            raise LoadError(
                f"{options.path}: {name} is {options[name]}, and only squares are supported, for "
                "which it is one number"
            )
    guess = "ViTForImageClassification" if "classifier.weight" in weights else "ViTModel"
    classifies = architecture(options, KNOWN, guess) == "ViTForImageClassification"
    unused = "heads.pre_logits." if classifies else "heads.head."
    named = {k: value for k, value in renamed(weights).items() if not k.startswith(unused)}
    head, pooler = (named.get(f"heads.{name}.weight") for name in ("head", "pre_logits"))
    classes = int(classifies) if head is None else head.shape[0]
    config = ViTConfig(
        options["image_size"], options["patch_size"], options["num_channels"],
        options["num_hidden_layers"], options["num_attention_heads"], options["hidden_size"],
        options["intermediate_size"], options["hidden_dropout_prob"],
        options["attention_probs_dropout_prob"], classes,
        None if pooler is None else pooler.shape[0], options["layer_norm_eps"],
    )  # fmt: skip
    return ViT(config), named


def renamed(weights: dict[str, Any]) -> dict[str, Any]:
    """By our names, with the weights of query, key and value one above the other."""
    named: dict[str, Any] = {}
    stacks: dict[str, dict[str, Any]] = {}
    for name, value in weights.items():
        if found := re.match(ATTENTION, name):
            stacks.setdefault(ours(f"{found[1]}in_proj_{found[3]}"), {})[found[2]] = value
        else:
            named[ours(name)] = value
    for name, stack in stacks.items():
        if len(stack) == 3:  # else it is missing, and the model says so
            named[name] = cat([stack["query"], stack["key"], stack["value"]])
    return named


def ours(name: str) -> str:
    for pattern, replacement in NAMES:
        name = re.sub(pattern, replacement, name)
    return name

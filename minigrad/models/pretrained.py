"""Models from folders in the Hugging Face layout: `config.json` beside `model.safetensors`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from minigrad.models.gpt import GPT, GPTConfig
from minigrad.models.resnet import BasicBlock, Bottleneck, ResNet
from minigrad.serialization import LoadError, load


def load_pretrained(folder: str | Path) -> Any:
    """The model that a folder holds, in eval mode; its `model_type` must be one of LOADERS.

    Raises LoadError for a folder without these files, another kind of model, an option that changes
    what the model computes and is not there, or weights that do not fit, naming each.
    """
    folder = Path(folder)
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LoadError(
            f"{folder}: there is no config.json; expected a folder with config.json and "
            "model.safetensors, as save_pretrained of Hugging Face's transformers writes it"
        ) from None
    except ValueError as error:
        raise LoadError(f"{folder / 'config.json'}: this is no JSON: {error}") from None
    kind = config.get("model_type") if isinstance(config, dict) else None
    if kind not in LOADERS:
        raise LoadError(
            f"{folder / 'config.json'}: model_type is {kind!r}; there are {', '.join(LOADERS)}"
        )
    options = Options(config, folder / "config.json")
    weights = load(folder / "model.safetensors")
    model, named = LOADERS[kind](options, weights)
    try:
        model.load_state_dict(named)
    except RuntimeError as error:
        raise LoadError(f"{folder / 'model.safetensors'}: {error}") from None
    return model.eval()


class Options:
    """What a config.json says, asked for by name."""

    def __init__(self, config: dict[str, Any], path: Path):
        self.config, self.path = config, path

    def __getitem__(self, name: str) -> Any:
        if name not in self.config:
            raise LoadError(f"{self.path}: {name!r} is missing")
        return self.config[name]

    def must_be(self, **values: Any) -> None:
        """Options that other models have differently, and that are built in here."""
        for name, value in values.items():
            found = self.config.get(name, value)
            if found != value:
                raise LoadError(
                    f"{self.path}: {name} is {found!r}, and only {value!r} is supported"
                )


def gpt2(options: Options, weights: dict[str, Any]) -> tuple[GPT, dict[str, Any]]:
    """GPT-2. Its linear layers are stored as (in, out), the transpose of everybody else's."""
    options.must_be(
        activation_function="gelu_new", scale_attn_weights=True, add_cross_attention=False,
        scale_attn_by_inverse_layer_idx=False, tie_word_embeddings=True,
    )  # fmt: skip
    model = GPT(
        GPTConfig(
            options["vocab_size"], options["n_positions"], options["n_embd"], options["n_layer"],
            options["n_head"], options.config.get("n_inner"), options["resid_pdrop"],
            options["layer_norm_epsilon"],
        )
    )  # fmt: skip
    named = {}
    for name, value in weights.items():
        if name == "lm_head.weight" or name.endswith((".attn.bias", ".attn.masked_bias")):
            continue  # the embedding once more, and masks that old files have
        name = name if name.startswith("transformer.") else f"transformer.{name}"
        linear = ".c_" in name and name.endswith("weight")
        named[name] = value.T if linear else value
    return model, named


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


# From the model_type to a function of options and weights: the model, and the weights by its names.
LOADERS: dict[str, Callable[[Options, dict[str, Any]], tuple[Any, dict[str, Any]]]] = {
    "gpt2": gpt2,
    "resnet": resnet,
}

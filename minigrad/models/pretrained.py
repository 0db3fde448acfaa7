"""Models from folders in the Hugging Face layout: `config.json` beside `model.safetensors`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from minigrad.models.hugging_face.bert import bert
from minigrad.models.hugging_face.gpt2 import gpt2
from minigrad.models.hugging_face.resnet import resnet
from minigrad.models.hugging_face.t5 import t5
from minigrad.models.hugging_face.vit import vit
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


# From the model_type to a function of options and weights: the model, and the weights by its names.
LOADERS: dict[str, Callable[[Options, dict[str, Any]], tuple[Any, dict[str, Any]]]] = {
    "gpt2": gpt2,
    "resnet": resnet,
    "bert": bert,
    "vit": vit,
    "t5": t5,
}

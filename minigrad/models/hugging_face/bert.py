"""BERT's options and weights."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad.models.bert import BERT, BERTConfig
from minigrad.models.bert_heads import BERTForMaskedLM, BERTForSequenceClassification
from minigrad.models.hugging_face.architecture import architecture
from minigrad.ops.places import raw
from minigrad.serialization import LoadError

if TYPE_CHECKING:
    from minigrad.models.pretrained import Options

KNOWN = "BertModel", "BertForMaskedLM", "BertForPreTraining", "BertForSequenceClassification"


def bert(options: Options, weights: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """BERT alone, or with a head for masked tokens or for classes.

    Of BertForPreTraining, which guesses masked tokens and whether two sentences follow each other,
    only the first is there.
    """
    options.must_be(
        hidden_act="gelu", position_embedding_type="absolute", is_decoder=False,
        add_cross_attention=False,
    )  # fmt: skip
    absent = {"classifier_dropout", "pad_token_id"} - options.config.keys()  # in old files
    config = BERTConfig(
        **{name: options[name] for name in BERTConfig._fields if name not in absent}
    )
    named = renamed(weights)
    kind = architecture(options, KNOWN, by_weights(named))
    if kind == "BertModel":
        named = {name.removeprefix("bert."): value for name, value in named.items()}
        return BERT(config, pooler="pooler.dense.weight" in named), named
    if kind == "BertForSequenceClassification":
        classes = named["classifier.weight"].shape[0] if "classifier.weight" in named else 1
        return BERTForSequenceClassification(config, classes), named
    options.must_be(tie_word_embeddings=True)
    decoder = named.pop("cls.predictions.decoder.weight", None)
    words = named.get("bert.embeddings.word_embeddings.weight")
    if decoder is not None and words is not None and not np.array_equal(raw(decoder), raw(words)):
        raise LoadError(
            f"{options.path.parent / 'model.safetensors'}: cls.predictions.decoder.weight is not "
            "bert.embeddings.word_embeddings.weight, and only models with both the same are "
            "supported"
        )
    unused = "cls.predictions.decoder.", "cls.seq_relationship.", "bert.pooler."
    named = {name: value for name, value in named.items() if not name.startswith(unused)}
    return BERTForMaskedLM(config), named


def renamed(weights: dict[str, Any]) -> dict[str, Any]:
    """Old files call a norm's weight gamma and its bias beta, and have a list 0, 1, 2, ..."""
    named = {}
    for name, value in weights.items():
        name = re.sub(r"LayerNorm\.gamma$", "LayerNorm.weight", name)
        name = re.sub(r"LayerNorm\.beta$", "LayerNorm.bias", name)
        if not name.endswith("embeddings.position_ids"):
            named[name] = value
    return named


def by_weights(named: dict[str, Any]) -> str:
    if "classifier.weight" in named:
        return "BertForSequenceClassification"
    masked = any(name.startswith("cls.predictions.") for name in named)
    return "BertForMaskedLM" if masked else "BertModel"

"""Folders of BERT and ViT: which model they hold, and which cannot be loaded. (That the numbers are
those of transformers is checked under parity.)"""

from __future__ import annotations

import json

import pytest

import minigrad as mg
from minigrad.models import (
    BERT,
    BERTConfig,
    BERTForMaskedLM,
    BERTForSequenceClassification,
    ViT,
    ViTConfig,
    load_pretrained,
)
from minigrad.serialization import LoadError

BERT_CONFIG = {
    "model_type": "bert", "vocab_size": 7, "hidden_size": 4, "num_hidden_layers": 1,
    "num_attention_heads": 2, "intermediate_size": 6, "max_position_embeddings": 5,
    "type_vocab_size": 2, "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.2,
    "layer_norm_eps": 1e-12, "hidden_act": "gelu", "pad_token_id": 0,
}  # fmt: skip
VIT_CONFIG = {
    "model_type": "vit", "image_size": 4, "patch_size": 2, "num_channels": 3, "hidden_size": 4,
    "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 6, "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.2, "layer_norm_eps": 1e-12,
    "qkv_bias": True,
}  # fmt: skip
TEXT, IMAGE = mg.tensor([[1, 2, 3]]), mg.ones(1, 3, 4, 4)
SMALL = BERTConfig(7, 4, 1, 2, 6, 5, 2, 0.1, 0.2)


def saved(path, config, weights):
    (path / "config.json").write_text(json.dumps(config))
    mg.save(weights, path / "model.safetensors")
    return path


@pytest.mark.parametrize("architecture", [True, False])
@pytest.mark.parametrize(
    ("made", "name"),
    [
        (BERT, "BertModel"),
        (BERTForMaskedLM, "BertForMaskedLM"),
        (BERTForSequenceClassification, "BertForSequenceClassification"),
    ],
)
def test_bert_there_and_back(tmp_path, made, name, architecture):
    net = made(SMALL).eval()
    config = BERT_CONFIG | ({"architectures": [name]} if architecture else {})
    loaded = load_pretrained(saved(tmp_path, config, net.state_dict()))
    assert type(loaded) is made
    assert not loaded.training
    got, expected = loaded(TEXT), net(TEXT)
    if made is BERT:
        assert loaded.config == SMALL
        got, expected = got[1], expected[1]
    assert (got == expected).all()


def test_options_that_old_files_lack(tmp_path):
    config = {k: v for k, v in BERT_CONFIG.items() if k not in ("pad_token_id", "hidden_act")}
    assert load_pretrained(saved(tmp_path, config, BERT(SMALL).state_dict())).config == SMALL


def vit_weights(options):
    """Of a ViT, by the names of transformers: query, key and value each on its own."""
    net = ViT(ViTConfig(4, 2, 3, 1, 2, 4, 6, layer_norm_eps=1e-12, **options)).eval()
    turned = {
        "class_token": "vit.embeddings.cls_token",
        "encoder.pos_embedding": "vit.embeddings.position_embeddings",
        "conv_proj": "vit.embeddings.patch_embeddings.projection",
        "self_attention.out_proj": "attention.output.dense",
        "encoder.layers.encoder_layer_": "vit.encoder.layer.",
        "ln_1": "layernorm_before", "ln_2": "layernorm_after", "encoder.ln": "vit.layernorm",
        "mlp.0": "intermediate.dense", "mlp.3": "output.dense", "heads.head": "classifier",
        "heads.pre_logits": "vit.pooler.dense",
    }  # fmt: skip
    weights = {}
    for name, value in net.state_dict().items():
        for ours, theirs in turned.items():
            name = name.replace(ours, theirs)
        before, whole, kind = name.partition("self_attention.in_proj_")
        if whole:
            for part, rows in zip(("query", "key", "value"), value.chunk(3), strict=True):
                weights[f"{before}attention.attention.{part}.{kind}"] = rows
        else:
            weights[name] = value
    return net, weights


@pytest.mark.parametrize("options", [{}, {"num_classes": 0, "representation_size": 3}])
def test_vit_there_and_back(tmp_path, options):
    net, weights = vit_weights(options)
    with mg.no_grad():
        for p in net.parameters():
            p.add_(0.1)
    loaded = load_pretrained(saved(tmp_path, VIT_CONFIG, weights))
    assert not loaded.training
    assert (loaded(IMAGE) == net(IMAGE)).all()


def test_of_vit_with_both_ends_only_one_is_used(tmp_path):
    """As in transformers: the classifier looks at the class token itself, not at the pooler."""
    net, weights = vit_weights({"num_classes": 3})
    more = {"vit.pooler.dense.weight": mg.ones(4, 4), "vit.pooler.dense.bias": mg.ones(4)}
    config = VIT_CONFIG | {"architectures": ["ViTForImageClassification"]}
    for given in (config, VIT_CONFIG):
        loaded = load_pretrained(saved(tmp_path, given, weights | more))
        assert (loaded(IMAGE) == net(IMAGE)).all()
    config = VIT_CONFIG | {"architectures": ["ViTModel"]}
    assert load_pretrained(saved(tmp_path, config, weights | more))(IMAGE).shape == (1, 4)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"hidden_act": "relu"}, "hidden_act is 'relu', and only 'gelu' is supported"),
        ({"position_embedding_type": "relative_key"}, "position_embedding_type is 'relative_key'"),
        ({"is_decoder": True}, "is_decoder is True, and only False is supported"),
        ({"add_cross_attention": True}, "add_cross_attention is True"),
        ({"tie_word_embeddings": False}, "tie_word_embeddings is False"),
        ({"architectures": ["BertForTokenClassification"]}, "architectures is 'BertForTokenClass"),
        ({"hidden_size": 8}, "word_embeddings"),
        ({"num_hidden_layers": 2}, r"encoder\.layer\.1"),
        ({"architectures": ["BertForSequenceClassification"]}, r"classifier\.weight"),
    ],
)
def test_bert_that_cannot_be_loaded(tmp_path, config, message):
    weights = BERTForMaskedLM(SMALL).state_dict()
    with pytest.raises(LoadError, match=message):
        load_pretrained(saved(tmp_path, BERT_CONFIG | config, weights))


def test_a_decoder_of_its_own_is_refused(tmp_path):
    weights = BERTForMaskedLM(SMALL).state_dict()
    words = weights["bert.embeddings.word_embeddings.weight"]
    weights["cls.predictions.decoder.weight"] = words.clone()
    load_pretrained(saved(tmp_path, BERT_CONFIG, weights))
    weights["cls.predictions.decoder.weight"] = words + 1
    with pytest.raises(LoadError, match=r"decoder\.weight is not bert\.embeddings\.word_embeddin"):
        load_pretrained(saved(tmp_path, BERT_CONFIG, weights))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"hidden_act": "relu"}, "hidden_act is 'relu', and only 'gelu' is supported"),
        ({"qkv_bias": False}, "qkv_bias is False, and only True is supported"),
        ({"pooler_act": "relu"}, "pooler_act is 'relu', and only 'tanh' is supported"),
        ({"image_size": [4, 6]}, r"image_size is \[4, 6\], and only squares are supported"),
        ({"architectures": ["ViTForMaskedImageModeling"]}, "is 'ViTForMaskedImageModeling'; there"),
        ({"image_size": 8}, "pos_embedding"),
        ({"num_hidden_layers": 2}, "encoder_layer_1"),
    ],
)
def test_vit_that_cannot_be_loaded(tmp_path, config, message):
    with pytest.raises(LoadError, match=message):
        load_pretrained(saved(tmp_path, VIT_CONFIG | config, vit_weights({})[1]))


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("vit.encoder.layer.0.attention.attention.key.bias", r"self_attention\.in_proj_bias"),
        ("classifier.weight", r"heads\.head\.weight"),
    ],
)
def test_weights_of_vit_that_are_missing(tmp_path, name, ours):
    weights = vit_weights({})[1]
    del weights[name]
    config = VIT_CONFIG | {"architectures": ["ViTForImageClassification"]}
    with pytest.raises(LoadError, match=ours):
        load_pretrained(saved(tmp_path, config, weights))

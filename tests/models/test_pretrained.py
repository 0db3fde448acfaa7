"""Folders that cannot be loaded; those that can are compared with transformers under parity."""

from __future__ import annotations

import json

import pytest

import minigrad as mg
from minigrad.models import GPT, GPTConfig, load_pretrained
from minigrad.serialization import LoadError

CONFIG = {
    "model_type": "gpt2", "vocab_size": 7, "n_positions": 4, "n_embd": 4, "n_layer": 1, "n_head": 2,
    "resid_pdrop": 0.1, "layer_norm_epsilon": 1e-5, "activation_function": "gelu_new",
}  # fmt: skip


def folder(path, config=CONFIG):
    net = GPT(GPTConfig(7, 4, 4, 1, 2))
    linear = [k for k in net.state_dict() if ".c_" in k and k.endswith("weight")]
    weights = {k: v.T if k in linear else v for k, v in net.state_dict().items()}
    (path / "config.json").write_text(config if isinstance(config, str) else json.dumps(config))
    mg.save(weights, path / "model.safetensors")
    return net


def test_there_and_back(tmp_path):
    net = folder(tmp_path)
    loaded = load_pretrained(tmp_path)
    assert not loaded.training
    text = mg.tensor([[1, 2, 3]])
    assert (loaded(text) == net.eval()(text)).all()


def without(name):
    return {k: v for k, v in CONFIG.items() if k != name}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "this is no JSON"),
        ("[]", "model_type is None; there are gpt2, resnet"),
        (CONFIG | {"model_type": "mamba"}, "model_type is 'mamba'; there are gpt2, resnet"),
        (without("n_embd"), "'n_embd' is missing"),
        (CONFIG | {"activation_function": "relu"}, "is 'relu', and only 'gelu_new' is supported"),
        (CONFIG | {"n_positions": 5}, "transformer.wpe.weight"),
        (CONFIG | {"n_layer": 2}, r"transformer\.h\.1"),
    ],
)
def test_what_cannot_be_loaded(tmp_path, config, message):
    folder(tmp_path, config)
    with pytest.raises(LoadError, match=message):
        load_pretrained(tmp_path)


def test_files_that_are_missing(tmp_path):
    with pytest.raises(LoadError, match=r"there is no config\.json"):
        load_pretrained(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    with pytest.raises(LoadError, match=r"model\.safetensors"):
        load_pretrained(tmp_path)

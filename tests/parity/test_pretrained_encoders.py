"""BERT and ViT against Hugging Face's transformers, which have written random weights."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytestmark = pytest.mark.parity
torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

import minigrad as mg  # noqa: E402
from minigrad.models import load_pretrained  # noqa: E402
from minigrad.nn import functional as F  # noqa: E402
from tests.parity.ten_steps import ten_steps  # noqa: E402

BERT = {
    "vocab_size": 53, "hidden_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4,
    "intermediate_size": 80, "max_position_embeddings": 24,
}  # fmt: skip
VIT = {
    "image_size": 24, "patch_size": 6, "hidden_size": 48, "num_hidden_layers": 3,
    "num_attention_heads": 4, "intermediate_size": 80, "num_labels": 5,
}  # fmt: skip
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}


def both(folder, kind, options, **more):
    """The model of transformers, with weights of some size, and ours from the folder it wrote."""
    torch.manual_seed(0)
    made = getattr(transformers, kind)
    theirs = made(made.config_class(**options), **more).eval()
    with torch.no_grad():
        for p in theirs.parameters():
            p += torch.randn_like(p) / p.shape[-1] ** 0.5
    theirs.save_pretrained(folder)
    return theirs, load_pretrained(folder)


def text(seed=0):
    """Tokens (3, 24), the mask of texts of different lengths, segments."""
    R = np.random.default_rng(seed)
    mask = (np.arange(24) < np.array([[24], [9], [17]])).astype(np.int64)
    return R.integers(0, 53, (3, 24)) * mask, mask, R.integers(0, 2, (3, 24))


def images(seed=0):
    return np.random.default_rng(seed).standard_normal((4, 3, 24, 24)).astype(np.float32)


def tensors(make, arrays):
    """As arguments of either model; without those that are not given."""
    names = "input_ids", "attention_mask", "token_type_ids"
    given = {name: a for name, a in zip(names, arrays, strict=True) if a is not None}
    if make is torch.from_numpy:
        return {name: make(a) for name, a in given.items()}
    return {{"input_ids": "tokens"}.get(name, name): make(a) for name, a in given.items()}


def close(got, expected):
    """Near enough to tell GELU from its approximation by a tanh."""
    got, expected = got.detach().numpy(), expected.detach().numpy()
    np.testing.assert_allclose(got, expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("given", ["all", "no mask", "tokens alone", "booleans"])
@pytest.mark.parametrize("kind", ["BertForMaskedLM", "BertForSequenceClassification", "BertModel"])
def test_bert_gives_the_same(tmp_path, kind, given):
    theirs, ours = both(tmp_path, kind, {**BERT, "num_labels": 5})
    tokens, mask, segments = text()
    mask = None if given in ("no mask", "tokens alone") else mask
    arrays = tokens, mask, None if given == "tokens alone" else segments
    expected = theirs(**tensors(torch.from_numpy, arrays))
    if given == "booleans":
        arrays = tokens, mask != 0, segments
    got = ours(**tensors(mg.tensor, arrays))
    if kind == "BertModel":
        close(got[0], expected.last_hidden_state)
        close(got[1], expected.pooler_output)
    else:
        close(got, expected.logits)


def test_bert_without_a_pooler(tmp_path):
    theirs, ours = both(tmp_path, "BertModel", BERT, add_pooling_layer=False)
    hidden, pooled = ours(mg.tensor(text()[0]))
    close(hidden, theirs(torch.from_numpy(text()[0])).last_hidden_state)
    assert pooled is None


def test_of_a_pretraining_model_the_part_for_masked_tokens_is_read(tmp_path):
    theirs, ours = both(tmp_path, "BertForPreTraining", BERT)
    tokens = text()[0]
    close(ours(mg.tensor(tokens)), theirs(torch.from_numpy(tokens)).prediction_logits)


@pytest.mark.parametrize("architectures", [True, False])
def test_a_file_as_it_was_written_years_ago(tmp_path, architectures):
    """gamma and beta, a list of positions, the decoder's weights, heads that the model lacks."""
    theirs, _ = both(tmp_path, "BertForPreTraining", BERT)
    weights = mg.load(tmp_path / "model.safetensors")
    turned = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}
    for name in list(weights):
        for new, old in turned.items():
            if name.endswith(new):
                weights[name.replace(new, old)] = weights.pop(name)
    words = weights["bert.embeddings.word_embeddings.weight"]
    weights |= {
        "bert.embeddings.position_ids": mg.arange(24)[None],
        "cls.predictions.decoder.weight": words.clone(),
        "cls.predictions.decoder.bias": weights["cls.predictions.bias"].clone(),
    }
    mg.save(weights, tmp_path / "model.safetensors")
    config = json.loads((tmp_path / "config.json").read_text())
    for name in ("classifier_dropout", "pad_token_id", "tie_word_embeddings", "architectures"):
        if name != "architectures" or not architectures:
            config.pop(name, None)
    (tmp_path / "config.json").write_text(json.dumps(config))
    tokens = text()[0]
    got = load_pretrained(tmp_path)(mg.tensor(tokens))
    close(got, theirs(torch.from_numpy(tokens)).prediction_logits)


def bert_losses(theirs, ours, seed=0):
    """Of tokens that were masked."""
    tokens, mask, segments = text(seed)
    R = np.random.default_rng(seed + 1)
    labels = np.where((R.random(tokens.shape) < 0.3) & (mask == 1), R.integers(53), -100)
    labels[0, 0] = 3
    arrays = tokens, mask, segments
    expected = theirs(**tensors(torch.from_numpy, arrays), labels=torch.from_numpy(labels)).loss
    logits = ours(**tensors(mg.tensor, arrays))
    return expected, F.cross_entropy(logits.flatten(0, 1), mg.tensor(labels.reshape(-1)))


def vit_losses(theirs, ours, seed=0):
    x, labels = images(seed), np.array([0, 4, 2, 1])
    expected = theirs(torch.from_numpy(x), labels=torch.from_numpy(labels)).loss
    return expected, F.cross_entropy(ours(mg.tensor(x)), mg.tensor(labels))


def test_bert_gives_the_same_gradients(tmp_path):
    theirs, ours = both(tmp_path, "BertForMaskedLM", BERT)
    expected, loss = bert_losses(theirs, ours)
    expected.backward(), loss.backward()
    grads = {k: v.grad for k, v in theirs.named_parameters()}
    for name, parameter in ours.named_parameters():
        close(parameter.grad, grads.pop(name))
    assert not grads


@pytest.mark.parametrize("kind", ["ViTForImageClassification", "ViTModel"])
def test_vit_gives_the_same(tmp_path, kind):
    theirs, ours = both(tmp_path, kind, {**VIT, "num_channels": 3})
    expected = theirs(torch.from_numpy(images()))
    got = ours(mg.tensor(images()))
    if kind == "ViTModel":
        close(got, expected.pooler_output)
        close(ours.features(mg.tensor(images())), expected.last_hidden_state)
    else:
        close(got, expected.logits)


def test_vit_without_a_pooler(tmp_path):
    theirs, ours = both(tmp_path, "ViTModel", {**VIT, "pooler_output_size": 7})
    assert ours(mg.tensor(images())).shape == (4, 7)
    theirs, ours = both(tmp_path, "ViTModel", VIT, add_pooling_layer=False)
    close(ours(mg.tensor(images())), theirs(torch.from_numpy(images())).last_hidden_state[:, 0])


def test_vit_gives_the_same_gradients(tmp_path):
    theirs, ours = both(tmp_path, "ViTForImageClassification", VIT)
    expected, loss = vit_losses(theirs, ours)
    expected.backward(), loss.backward()
    layers = theirs.vit.layers
    for block, layer in zip(ours.encoder.layers, layers, strict=True):
        a, b = block.self_attention, layer.attention
        parts = b.q_proj, b.k_proj, b.v_proj
        close(a.in_proj_weight.grad, torch.cat([p.weight.grad for p in parts]))
        close(a.in_proj_bias.grad, torch.cat([p.bias.grad for p in parts]))
        close(a.out_proj.weight.grad, b.o_proj.weight.grad)
        for i, linear in ((0, layer.mlp.fc1), (3, layer.mlp.fc2)):
            close(block.mlp[i].weight.grad, linear.weight.grad)
            close(block.mlp[i].bias.grad, linear.bias.grad)
        close(block.ln_1.weight.grad, layer.layernorm_before.weight.grad)
        close(block.ln_2.bias.grad, layer.layernorm_after.bias.grad)
    embeddings = theirs.vit.embeddings
    close(ours.class_token.grad, embeddings.cls_token.grad)
    close(ours.encoder.pos_embedding.grad, embeddings.position_embeddings.grad)
    close(ours.conv_proj.weight.grad, embeddings.patch_embeddings.projection.weight.grad)
    close(ours.encoder.ln.weight.grad, theirs.vit.layernorm.weight.grad)
    close(ours.heads[0].weight.grad, theirs.classifier.weight.grad)


@pytest.mark.parametrize("optimizer", ["SGD", "AdamW"])
@pytest.mark.parametrize(
    ("kind", "options", "losses"),
    [("BertForMaskedLM", BERT, bert_losses), ("ViTForImageClassification", VIT, vit_losses)],
)
def test_ten_steps_of_training(tmp_path, kind, options, losses, optimizer):
    theirs, ours = both(tmp_path, kind, {**options, **NO_DROPOUT})
    theirs.train(), ours.train()
    how = {"SGD": {"lr": 0.05, "momentum": 0.9}, "AdamW": {"lr": 1e-3, "weight_decay": 0.1}}
    a = getattr(torch.optim, optimizer)(theirs.parameters(), **how[optimizer])
    b = getattr(mg.optim, optimizer)(ours.parameters(), **how[optimizer])
    expected, got = ten_steps(lambda: losses(theirs, ours), (a, b))
    np.testing.assert_allclose(got, expected, atol=1e-4)
    assert expected[-1] < 0.9 * expected[0]

"""T5 against Hugging Face's transformers, which have written folders of random weights."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytestmark = pytest.mark.parity
torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

import safetensors.torch  # noqa: E402
from transformers.models.t5.modeling_t5 import T5Attention, T5LayerNorm  # noqa: E402

import minigrad as mg  # noqa: E402
from minigrad.models import load_pretrained  # noqa: E402
from minigrad.models.t5_layers import buckets  # noqa: E402
from tests.parity.ten_steps import ten_steps  # noqa: E402

# The published kinds: T5, its version 1.1, and what transformers make of 1.1 with tied weights.
KINDS = ["relu, tied", "gated-gelu, untied", "gated-gelu, tied"]
R = np.random.default_rng(0)
SOURCE = R.integers(2, 97, (3, 23))
TARGET = R.integers(2, 97, (3, 17))
THERE = np.arange(23) < np.array([[23], [9], [1]])


def folder(path, kind, **options):
    """Writes a folder; the model that transformers read from it."""
    torch.manual_seed(0)
    feed_forward, tied = kind.split(", ")
    config = transformers.T5Config(
        **{
            "vocab_size": 97, "d_model": 32, "d_kv": 6, "d_ff": 40, "num_layers": 3, "num_heads": 4,
            "num_decoder_layers": 2, "relative_attention_num_buckets": 8,
            "relative_attention_max_distance": 12, "decoder_start_token_id": 0,
            "feed_forward_proj": feed_forward, "tie_word_embeddings": feed_forward == "relu",
        } | options
    )  # fmt: skip
    net = transformers.T5ForConditionalGeneration(config)
    with torch.no_grad():
        for p in net.parameters():
            p += torch.randn_like(p) / p.shape[-1] ** 0.5
        net.shared.weight /= 10  # or each token repeats itself
    net.save_pretrained(path)
    if tied == "untied":  # as published: transformers 5 would not write it
        weights = safetensors.torch.load_file(path / "model.safetensors")
        weights["lm_head.weight"] = torch.randn(97, 32) / 4
        safetensors.torch.save_file(weights, path / "model.safetensors", {"format": "pt"})
        config = json.loads((path / "config.json").read_text())
        del config["scale_decoder_outputs"]
        (path / "config.json").write_text(json.dumps(config | {"tie_word_embeddings": False}))
    return transformers.T5ForConditionalGeneration.from_pretrained(path).eval()


def call(theirs, mask, **options):
    mask = None if mask is None else torch.from_numpy(mask.astype(np.int64))
    source, target = torch.from_numpy(SOURCE), torch.from_numpy(TARGET)
    return theirs(input_ids=source, attention_mask=mask, decoder_input_ids=target, **options)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mask", [None, THERE, THERE[:, ::-1].copy()], ids=["", "right", "left"])
def test_the_same_logits_and_gradients(tmp_path, monkeypatch, kind, mask):
    theirs = folder(tmp_path, kind)
    ours = load_pretrained(tmp_path)
    inputs = mg.tensor(SOURCE), mg.tensor(TARGET), None if mask is None else mg.tensor(mask)
    with mg.no_grad(), torch.no_grad():
        got, expected = ours(*inputs), call(theirs, mask).logits
    np.testing.assert_allclose(got, expected, atol=1e-4, rtol=1e-4)

    monkeypatch.setattr(T5LayerNorm, "forward", rms_norm)  # theirs rounds to float32
    theirs, ours = theirs.double(), ours.double()
    got, expected = ours(*inputs), call(theirs, mask).logits
    np.testing.assert_allclose(got.detach(), expected.detach(), atol=1e-10)
    labels = R.integers(0, 97, (3, 17)).reshape(-1)
    torch.nn.functional.cross_entropy(expected.reshape(-1, 97), torch.from_numpy(labels)).backward()
    mg.nn.functional.cross_entropy(got.reshape(-1, 97), mg.tensor(labels)).backward()
    grads = {name: p.grad.numpy() for name, p in theirs.named_parameters()}
    assert grads.keys() == dict(ours.named_parameters()).keys()
    for name, p in ours.named_parameters():
        np.testing.assert_allclose(p.grad, grads[name], atol=1e-10, err_msg=name)


def rms_norm(self, x):
    return torch.nn.functional.rms_norm(x, x.shape[-1:], self.weight, self.variance_epsilon)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "options", [{}, {"num_beams": 4}, {"num_beams": 3, "length_penalty": 2.0}],
    ids=["greedy", "beams", "beams for long texts"],
)  # fmt: skip
def test_the_same_text(tmp_path, kind, options):
    theirs = folder(tmp_path, kind)
    ours = load_pretrained(tmp_path)
    expected = theirs.generate(
        torch.from_numpy(SOURCE), attention_mask=torch.from_numpy(THERE.astype(np.int64)),
        max_new_tokens=20, do_sample=False, **options,
    ).numpy()  # fmt: skip
    ended = np.cumsum(expected == 1, axis=1) > 0
    expected = np.where(ended, 1, expected)  # they fill up with padding, we with the end token
    assert len({*expected.flat}) > 6
    if not options:
        options = {"temperature": 0}
    got = ours.generate(mg.tensor(SOURCE), mg.tensor(THERE), max_new_tokens=20, **options)
    assert got.tolist() == expected.tolist()


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize(("count", "longest"), [(32, 128), (8, 12), (16, 20), (4, 1000), (64, 100)])
def test_the_same_buckets(causal, count, longest):
    distance = np.arange(-2000, 2000)
    expected = T5Attention._relative_position_bucket(
        torch.from_numpy(distance), not causal, count, longest
    ).numpy()
    np.testing.assert_array_equal(buckets(distance, causal, count, longest), expected)


def test_the_first_files_have_more_names(tmp_path):
    theirs = folder(tmp_path, "relu, tied")
    file = tmp_path / "model.safetensors"
    weights = safetensors.torch.load_file(file)
    for name in ("encoder.embed_tokens", "decoder.embed_tokens", "lm_head"):
        weights[f"{name}.weight"] = weights["shared.weight"].clone()
    unused = "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"
    weights[unused] = torch.randn(8, 4)
    safetensors.torch.save_file(weights, file)
    got = load_pretrained(tmp_path)(mg.tensor(SOURCE), mg.tensor(TARGET))
    expected = call(theirs, None).logits
    np.testing.assert_allclose(got.detach(), expected.detach(), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_ten_steps_of_training(tmp_path, kind):
    theirs = folder(tmp_path, kind)
    ours = load_pretrained(tmp_path)
    a = torch.optim.AdamW(theirs.parameters(), lr=1e-3)
    b = mg.optim.AdamW(ours.parameters(), lr=1e-3)
    labels = R.integers(0, 97, (3, 17)).reshape(-1)

    def losses():
        logits = call(theirs, THERE).logits.reshape(-1, 97)
        expected = torch.nn.functional.cross_entropy(logits, torch.from_numpy(labels))
        logits = ours(mg.tensor(SOURCE), mg.tensor(TARGET), mg.tensor(THERE)).reshape(-1, 97)
        return expected, mg.nn.functional.cross_entropy(logits, mg.tensor(labels))

    expected, got = ten_steps(losses, (a, b))
    np.testing.assert_allclose(got, expected, rtol=1e-4)
    assert expected[-1] < expected[0] - 0.1

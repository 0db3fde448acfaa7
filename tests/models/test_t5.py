"""T5: positions, masks, the cache, its derivatives, what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pytest

import minigrad as mg
from minigrad.models import T5, T5Config, load_pretrained
from minigrad.models.t5_layers import buckets
from minigrad.nn import functional as F
from minigrad.serialization import LoadError
from minigrad.text import generate, stream
from tests.models.directions import check_derivatives

SMALL = T5Config(
    vocab_size=13, d_model=8, d_kv=3, d_ff=10, num_layers=2, num_decoder_layers=3, num_heads=2,
    relative_attention_num_buckets=8, relative_attention_max_distance=12, dropout_rate=0.0,
)  # fmt: skip
KINDS = {
    "first": {},
    "1.1": {
        "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False,
        "scale_decoder_outputs": False,
    },
}  # fmt: skip
SOURCE = mg.tensor([[5, 6, 7, 8, 1], [9, 10, 1, 0, 0]])
TARGET = mg.tensor([[0, 3, 4, 12, 7, 2], [0, 11, 5, 5, 1, 1]])


def model(**options):
    mg.manual_seed(0)
    net = T5(SMALL._replace(**options)).eval()
    with mg.no_grad():
        for p in net.parameters():  # so that every part says something
            p.add_(mg.randn(*p.shape) / p.shape[-1] ** 0.5)
        net.shared.weight.mul_(0.2)
    return net


def test_buckets():
    """Of 8: 0 to 3 exactly, then 4 for [4, 5.66), 5 for [5.66, 8), 6 for [8, 11.3), 7 beyond."""
    distance = -np.array([0, 1, 3, 4, 5, 6, 7, 8, 11, 12, 16, 999])
    assert buckets(distance, True, 8, 16).tolist() == [0, 1, 3, 4, 4, 5, 5, 6, 6, 7, 7, 7]
    assert buckets(np.array([1, 5, 99]), True, 8, 16).tolist() == [0, 0, 0]  # there are no such
    assert buckets(distance, False, 16, 16).tolist() == [0, 1, 3, 4, 4, 5, 5, 6, 6, 7, 7, 7]
    after = [9, 11, 12, 12, 13, 13, 14, 14, 15, 15, 15]
    assert buckets(-distance[1:], False, 16, 16).tolist() == after


def count(c):
    attention = 4 * c.d_model * c.num_heads * c.d_kv
    mlp = (3 if c.feed_forward_proj == "gated-gelu" else 2) * c.d_model * c.d_ff
    encoder = c.num_layers * (attention + mlp + 2 * c.d_model)
    layers = c.num_layers if c.num_decoder_layers is None else c.num_decoder_layers
    decoder = layers * (2 * attention + mlp + 3 * c.d_model)
    ends = 2 * (c.relative_attention_num_buckets * c.num_heads + c.d_model)
    return encoder + decoder + ends + c.vocab_size * c.d_model * (2 - c.tie_word_embeddings)


@pytest.mark.parametrize("kind", KINDS)
def test_the_number_of_parameters(kind):
    net = model(**KINDS[kind])
    assert sum(p.numel() for p in net.parameters()) == count(net.config)


@pytest.mark.parametrize(
    ("layers", "width", "d_ff", "heads", "d_kv", "parameters"),
    [
        (6, 512, 2048, 8, 64, 60_506_624), (12, 768, 3072, 12, 64, 222_903_552),
        (24, 1024, 4096, 16, 64, 737_668_096), (24, 1024, 16384, 32, 128, 2_851_598_336),
        (24, 1024, 65536, 128, 128, 11_307_321_344),
    ],
)  # fmt: skip
def test_the_sizes_of_the_paper(layers, width, d_ff, heads, d_kv, parameters):
    c = T5Config(d_model=width, d_kv=d_kv, d_ff=d_ff, num_layers=layers, num_heads=heads)
    assert count(c) == parameters
    assert f"{parameters:,}" in (mg.models.t5.__doc__ or "")


def test_the_logits_by_hand():
    """The equations in NumPy: one layer each, one source and target, a loop over heads."""
    net = model(num_layers=1, num_decoder_layers=1).double()
    w = {name: p.detach().numpy() for name, p in net.named_parameters()}

    def norm(x, name):
        return x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-6) * w[f"{name}.weight"]

    def attention(x, y, name, bias):
        q, k, v = (z @ w[f"{name}.{c}.weight"].T for z, c in ((x, "q"), (y, "k"), (y, "v")))
        heads = []
        for h in range(2):
            own = slice(3 * h, 3 * h + 3)
            e = np.exp(q[:, own] @ k[:, own].T + bias[..., h])
            heads.append(e / e.sum(-1, keepdims=True) @ v[:, own])
        return np.concatenate(heads, -1) @ w[f"{name}.o.weight"].T

    def mlp(x, name):
        return np.maximum(x @ w[f"{name}.wi.weight"].T, 0) @ w[f"{name}.wo.weight"].T

    def self_attention(x, stack):
        n, name = len(x), f"{stack}.block.0.layer.0"
        numbers = w[f"{name}.SelfAttention.relative_attention_bias.weight"]
        distance = np.arange(n) - np.arange(n)[:, None]
        bias = numbers[buckets(distance, stack == "decoder", 8, 12)]  # (T, S, heads)
        if stack == "decoder":
            bias[distance > 0] = -np.inf
        y = norm(x, f"{name}.layer_norm")
        return x + attention(y, y, f"{name}.SelfAttention", bias)

    def last(x, name, stack):
        x = x + mlp(norm(x, f"{name}.layer_norm"), f"{name}.DenseReluDense")
        return norm(x, f"{stack}.final_layer_norm")

    x = self_attention(w["shared.weight"][SOURCE[0].numpy()], "encoder")
    x = last(x, "encoder.block.0.layer.1", "encoder")
    y = self_attention(w["shared.weight"][TARGET[0].numpy()], "decoder")
    name = "decoder.block.0.layer.1"
    y = y + attention(norm(y, f"{name}.layer_norm"), x, f"{name}.EncDecAttention", np.zeros((1, 2)))
    y = last(y, "decoder.block.0.layer.2", "decoder")
    expected = y @ w["shared.weight"].T / np.sqrt(8)
    got = net(SOURCE[:1], TARGET[:1]).detach()
    np.testing.assert_allclose(got[0], expected, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_padding_changes_nothing(kind):
    net = model(**KINDS[kind])
    other = SOURCE.clone()
    other[1, 3:] = 12
    alone = net(SOURCE[1:, :3], TARGET[1:]).detach()
    for source in (SOURCE, other):
        for mask in (SOURCE != 0, (SOURCE != 0).int()):
            got = net(source, TARGET, mask=mask).detach()
            np.testing.assert_allclose(got[1:], alone, rtol=1e-5, atol=1e-6)
    assert np.abs((net(SOURCE, TARGET).detach()[1:] - alone).numpy()).max() > 1e-3


def test_a_source_of_padding_alone_is_finite():
    net = model()
    loss = net(SOURCE, TARGET, mask=mg.zeros(2, 5, dtype=mg.bool)).square().sum()
    loss.backward()
    assert all(np.isfinite(p.grad).all() for p in net.parameters())


def test_a_target_token_sees_only_those_before():
    net = model()
    other = TARGET.clone()
    other[:, 3] = 1
    a, b = (net(SOURCE, target).detach().numpy() for target in (TARGET, other))
    np.testing.assert_array_equal(a[:, :3], b[:, :3])
    assert (a[:, 3:] != b[:, 3:]).any(axis=-1).all()


def test_every_source_token_is_seen():
    net = model()
    expected = net(SOURCE, TARGET).detach().numpy()
    for place in range(5):
        other = SOURCE.clone()
        other[:, place] = 12
        assert (net(other, TARGET).detach().numpy() != expected).any(axis=-1).all()


@pytest.mark.parametrize("cuts", [[6], [1] * 6, [2, 3, 1], [1, 5]])
def test_the_cache_changes_no_logit(cuts):
    net = model()
    there = SOURCE != 0
    with mg.no_grad():
        expected = net(SOURCE, TARGET, mask=there).numpy()
        reader = net.given(SOURCE, there)
        cache, pieces, start = reader.new_cache(6), [], 0
        for cut in cuts:
            pieces.append(reader(TARGET[:, start : start + cut], cache=cache).numpy())
            start += cut
    np.testing.assert_allclose(np.concatenate(pieces, axis=1), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("options", [{"temperature": 0}, {"seed": 1}, {"num_beams": 3}])
def test_writing(options):
    """With the cache as without it, in a batch (unless it is sampled) as alone, and streamed."""
    net = model().train()
    there = SOURCE != 0
    text = net.generate(SOURCE, there, max_new_tokens=12, stop=(), **options)
    assert text.shape == (2, 13)
    assert text[:, 0].tolist() == [0, 0]
    assert net.training
    slow = net.generate(
        SOURCE, there, max_new_tokens=12, stop=(), use_cache=False, **options
    )  # fmt: skip
    assert slow.tolist() == text.tolist()
    if "seed" not in options:
        alone = net.given(SOURCE[1:, :3])
        twice = generate(alone, mg.tensor([[0], [0]]), 12, **options)
        assert twice.tolist() == 2 * [text[1].tolist()]
    if options == {"temperature": 0}:
        alone = net.given(SOURCE[1:, :3])
        assert list(stream(alone, mg.tensor([0]), 12, **options)) == text[1, 1:].tolist()


def test_writing_ends_with_the_end_token():
    net = model()
    free = net.generate(SOURCE, max_new_tokens=12, temperature=0, stop=())
    net.end_token = int(free[0, 4])
    text = net.generate(SOURCE, max_new_tokens=12, temperature=0).tolist()
    end = free[0].tolist().index(net.end_token, 1)
    assert text[0][: end + 1] == free[0, : end + 1].tolist()
    assert set(text[0][end:]) == {net.end_token}


@pytest.mark.parametrize("kind", KINDS)
def test_derivatives(kind):
    """Of the loss by all parameters at once: first and second order."""
    net = model(**KINDS[kind], num_layers=1, num_decoder_layers=1).double()
    check_derivatives(
        lambda: F.cross_entropy(
            net(SOURCE, TARGET, mask=SOURCE != 0).reshape(-1, 13), TARGET.reshape(-1)
        ),
        list(net.parameters()),
    )


def test_dropout_only_while_training():
    net = model(dropout_rate=0.5)
    assert (net(SOURCE, TARGET) == net(SOURCE, TARGET)).all()
    net.train()
    assert (net(SOURCE, TARGET) != net(SOURCE, TARGET)).any()


def test_what_it_refuses():
    net = model()
    with pytest.raises(ValueError, match="'relu' or 'gated-gelu', got 'gelu'"):
        model(feed_forward_proj="gelu")
    with pytest.raises(ValueError, match=r"num_buckets of at least 4, .* got 7 and 12"):
        model(relative_attention_num_buckets=7)
    with pytest.raises(ValueError, match="num_layers=2, num_decoder_layers=0"):
        model(num_decoder_layers=0)
    with pytest.raises(ValueError, match="got 8 and 4"):
        model(relative_attention_max_distance=4)
    with pytest.raises(ValueError, match=r"expected a source of shape \(B, S\), got int64\[5\]"):
        net(SOURCE[0], TARGET)
    with pytest.raises(ValueError, match=r"expected a target of shape \(B, T\), got int64\[6\]"):
        net(SOURCE, TARGET[0])
    with pytest.raises(ValueError, match=r"shape \(2, 5\), got bool\[2, 4\]"):
        net(SOURCE, TARGET, mask=SOURCE[:, :4] != 0)
    with pytest.raises(ValueError, match=r"mask of booleans, or of 0 and 1, .* got float32"):
        net(SOURCE, TARGET, mask=mg.ones(2, 5))
    with pytest.raises(ValueError, match="2 sources, but 3 targets"):
        net(SOURCE, TARGET[[0, 1, 1]])
    with pytest.raises(IndexError):
        net(SOURCE + 10, TARGET)


# ------------------------------------------------------------------ folders


def folder(path, net, **options):
    config = {**net.config._asdict(), "model_type": "t5", "is_encoder_decoder": True}
    (path / "config.json").write_text(json.dumps(config | options))
    mg.save(net.state_dict(), path / "model.safetensors")


@pytest.mark.parametrize("kind", KINDS)
def test_there_and_back(tmp_path, kind):
    net = model(**KINDS[kind])
    folder(tmp_path, net)
    loaded = load_pretrained(tmp_path)
    assert not loaded.training
    assert loaded.config == net.config
    assert (loaded(SOURCE, TARGET) == net(SOURCE, TARGET)).all()


def test_the_defaults_of_older_files(tmp_path):
    folder(tmp_path, model(**KINDS["1.1"]))
    config = json.loads((tmp_path / "config.json").read_text())
    for name in ("scale_decoder_outputs", "relative_attention_max_distance", "eos_token_id"):
        del config[name]
    config["decoder_start_token_id"] = None
    (tmp_path / "config.json").write_text(json.dumps(config))
    expected = SMALL._replace(**KINDS["1.1"], relative_attention_max_distance=128, dropout_rate=0.0)
    assert load_pretrained(tmp_path).config == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"feed_forward_proj": "gated-silu"}, "'relu' or 'gated-gelu', got 'gated-silu'"),
        ({"is_encoder_decoder": False}, "is_encoder_decoder is False, and only True is supported"),
        ({"num_layers": 4}, r"encoder\.block\.2"),
        ({"d_model": 9}, r"shared\.weight"),
    ],
)
def test_what_cannot_be_loaded(tmp_path, options, message):
    folder(tmp_path, model(), **options)
    with pytest.raises(LoadError, match=message):
        load_pretrained(tmp_path)

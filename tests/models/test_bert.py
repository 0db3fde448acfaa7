"""BERT: what it sees and what it does not, its derivatives, the paper's sizes, what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.models import BERT, BERTConfig, BERTForMaskedLM, BERTForSequenceClassification
from minigrad.nn import functional as F
from minigrad.text import mask_tokens
from tests.nn.nested_call import of_inputs_and_all_parameters

SMALL = BERTConfig(
    vocab_size=11, hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=20,
    max_position_embeddings=8,
)  # fmt: skip
TINY = BERTConfig(
    vocab_size=4, hidden_size=4, num_hidden_layers=1, num_attention_heads=2, intermediate_size=3,
    max_position_embeddings=3,
)  # fmt: skip
TEXT = mg.tensor([[3, 7, 1, 9, 5], [2, 8, 6, 0, 0]])
MASK = mg.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])


def model(made=BERT, config=SMALL, **options):
    """In eval mode, with weights that make a difference."""
    mg.manual_seed(0)
    net = made(config._replace(**options)).eval()
    for i, p in enumerate(net.parameters()):
        p.array[...] += 0.3 * np.random.default_rng(i).standard_normal(p.shape)
    return net


def count(net):
    return sum(p.numel() for p in net.parameters())


def test_shapes():
    hidden, pooled = model()(TEXT, MASK)
    assert hidden.shape == (2, 5, 12)
    assert pooled.shape == (2, 12)
    hidden, pooled = BERT(SMALL, pooler=False)(TEXT)
    assert hidden.shape == (2, 5, 12)
    assert pooled is None
    assert model(BERTForMaskedLM)(TEXT).shape == (2, 5, 11)
    assert BERTForSequenceClassification(SMALL, num_labels=3)(TEXT, MASK).shape == (2, 3)


def test_embeddings_by_hand():
    """Without a layer, what is left is the norm of a sum of three rows."""
    net = model(num_hidden_layers=0)
    hidden, _ = net(mg.tensor([[3, 7]]), token_type_ids=mg.tensor([[0, 1]]))
    word, place, kind, scale, shift = (p.detach().numpy() for p in net.embeddings.parameters())
    total = word[[3, 7]] + place[[0, 1]] + kind[[0, 1]]
    total = total - total.mean(1, keepdims=True)
    expected = total / total.std(1, keepdims=True) * scale + shift
    np.testing.assert_allclose(hidden.detach().numpy()[0], expected, rtol=1e-4, atol=1e-5)


def test_a_block_is_a_layer_of_the_transformer():
    """With its norms after the sums; and the pooler by hand."""
    net = model(num_hidden_layers=1)
    layer = mg.nn.TransformerEncoderLayer(12, 3, 20, activation="gelu", batch_first=True).eval()
    block, own = net.encoder["layer"][0], {}
    heads, end = block.attention["self"], block.attention["output"]
    for kind in ("weight", "bias"):
        parts = [getattr(part, kind) for part in (heads.query, heads.key, heads.value)]
        own[f"self_attn.in_proj_{kind}"] = mg.cat(parts)
        for name, part in {
            "self_attn.out_proj": end.dense, "norm1": end.LayerNorm,
            "linear1": block.intermediate["dense"], "linear2": block.output.dense,
            "norm2": block.output.LayerNorm,
        }.items():  # fmt: skip
            own[f"{name}.{kind}"] = getattr(part, kind)
    layer.load_state_dict(own)
    hidden, pooled = net(TEXT, MASK)
    expected = layer(net.embeddings(TEXT, mg.zeros_like(TEXT)), src_key_padding_mask=MASK == 0)
    np.testing.assert_allclose(hidden.detach(), expected.detach(), rtol=1e-4, atol=1e-5)
    weight, bias = net.pooler["dense"].weight, net.pooler["dense"].bias
    by_hand = mg.tanh(expected[:, 0] @ weight.T + bias)
    np.testing.assert_allclose(pooled.detach(), by_hand.detach(), rtol=1e-4, atol=1e-5)


def test_a_token_sees_those_before_and_after():
    net, other = model(), TEXT.clone()
    other[0, 2] = 4
    changed = net(other)[0] != net(TEXT)[0]
    assert changed[0].any(dim=-1).all()
    assert not changed[1].any()


def test_the_mask_hides_tokens():
    net, other = model(), TEXT.clone()
    other[1, 3:] = mg.tensor([4, 10])
    a, b = net(TEXT, MASK), net(other, MASK)
    assert (a[0][:, :3] == b[0][:, :3]).all()
    assert (a[1] == b[1]).all()
    assert (net(TEXT)[0][1, :3] != net(other)[0][1, :3]).any(dim=-1).all()
    alone, pooled = net(TEXT[1:, :3])
    np.testing.assert_allclose(alone[0].detach(), a[0][1, :3].detach(), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(pooled[0].detach(), a[1][1].detach(), rtol=1e-4, atol=1e-5)
    assert (net(TEXT, MASK == 1)[0] == a[0]).all()
    assert (net(TEXT, mg.ones_like(TEXT))[0] == net(TEXT)[0]).all()


def test_hidden_tokens_have_no_gradient():
    net = model(pad_token_id=None)
    hidden, _ = net(TEXT, MASK)
    hidden[1, :3].square().sum().backward()
    used = (net.embeddings.word_embeddings.weight.grad != 0).any(dim=-1)
    assert used.nonzero().flatten().tolist() == [2, 6, 8]


def test_segments_make_a_difference():
    net = model()
    zero = net(TEXT, token_type_ids=mg.zeros_like(TEXT))[0]
    assert (zero == net(TEXT)[0]).all()
    assert (zero != net(TEXT, token_type_ids=mg.ones_like(TEXT))[0]).any(dim=-1).all()


def test_padding_is_not_trained():
    net = BERT(SMALL)
    weight = net.embeddings.word_embeddings.weight
    assert not weight[0].any()
    assert weight[1:].any(dim=-1).all()
    net(TEXT)[1].sum().backward()
    assert not weight.grad[0].any()
    assert weight.grad[9].any()


def test_the_last_layer_is_the_embeddings():
    net = model(BERTForMaskedLM)
    assert [p.shape for p in net.parameters()].count((11, 12)) == 1
    weight = net.bert.embeddings.word_embeddings.weight
    before = net(TEXT).detach().numpy()
    with mg.no_grad():
        weight[10].add_(1.0)  # a token that is not in the text
    changed = net(TEXT).detach().numpy() != before
    assert changed[..., 10].all()
    assert not changed[..., :10].any()


def loss_of(kind, names=("",)):
    """A loss of a tiny model in float64, as a function of its parameters that end in a name."""
    net = model(kind, TINY).double()
    for name, parameter in net.named_parameters():
        parameter.requires_grad_(name.endswith(names))
    text, mask = mg.tensor([[1, 3, 2], [2, 1, 0]]), mg.tensor([[1, 1, 1], [1, 1, 0]])
    segments = mg.tensor([[0, 0, 1], [0, 1, 1]])

    def loss(net):
        logits = net(text, mask, segments)
        if logits.ndim == 2:
            return F.cross_entropy(logits, mg.tensor([1, 0]))
        return F.cross_entropy(logits.flatten(0, 1), mg.tensor([-100, 3, 0, 2, -100, -100]))

    return of_inputs_and_all_parameters(net, loss)


KINDS = [BERTForMaskedLM, BERTForSequenceClassification]
SOME = "word_embeddings.weight", "query.weight", "key.bias", "output.LayerNorm.weight"


@pytest.mark.parametrize("kind", KINDS)
def test_derivatives(kind):
    assert mg.gradcheck(*loss_of(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_second_derivatives(kind):
    assert mg.gradgradcheck(*loss_of(kind, SOME))


def test_dropout_only_while_training():
    for name in ("hidden_dropout_prob", "attention_probs_dropout_prob"):
        rates = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, name: 0.5}
        net = model(**rates)
        assert (net(TEXT)[0] == net(TEXT)[0]).all()
        net.train()
        assert (net(TEXT)[0] != net(TEXT)[0]).any()


def test_it_learns_to_guess_masked_tokens():
    """In texts that count: any of their tokens tells all others."""
    mg.manual_seed(0)
    config = BERTConfig(11, 16, 1, 2, 32, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    net = BERTForMaskedLM(config)
    adam = mg.optim.AdamW(net.parameters(), lr=0.02)
    losses = []
    for _ in range(120):
        start = mg.randint(2, 6, (32, 1))
        text = start + mg.arange(6)  # tokens 2 to 10; 1 is the mask
        inputs, labels = mask_tokens(text, 1, 11, probability=0.2)
        loss = F.cross_entropy(net(inputs).flatten(0, 1), labels.flatten())
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    without_looking = np.log(4)  # for each place there are four tokens
    assert np.mean(losses[-20:]) < without_looking / 2 < np.log(10) < losses[0]


@pytest.mark.parametrize(
    ("made", "width", "heads", "layers", "parameters"),
    [
        (BERT, 768, 12, 12, 109_482_240),
        (BERT, 1024, 16, 24, 335_141_888),
        (BERTForMaskedLM, 768, 12, 12, 109_514_298),
    ],
)
def test_the_number_of_parameters(made, width, heads, layers, parameters):
    """Another layer and another token always add the same; so no large model is made."""

    def number(vocab_size, num_hidden_layers):
        return count(made(BERTConfig(vocab_size, width, num_hidden_layers, heads, 4 * width)))

    none = number(1, 0)
    token, layer = number(2, 0) - none, number(1, 1) - none
    assert none + (BERTConfig().vocab_size - 1) * token + layers * layer == parameters


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ([mg.tensor([1, 2])], ValueError, r"expected tokens of shape \(B, T\), got int64\[2\]"),
        ([mg.zeros(2, 0, dtype=mg.int64)], ValueError, r"expected tokens of shape \(B, T\)"),
        ([mg.zeros(1, 9, dtype=mg.int64)], ValueError, "9 tokens are too many, this model has 8"),
        ([mg.tensor([[1, 11]])], IndexError, "11 in tokens, expected numbers from 0 to 10"),
        ([mg.tensor([[-1, 1]])], IndexError, "-1 in tokens, expected .* as vocab_size is 11"),
        ([mg.tensor([[1.0]])], TypeError, "expected integers as tokens"),
        ([TEXT, MASK[:1]], ValueError, r"attention_mask of the tokens' shape \(2, 5\)"),
        ([TEXT, MASK.float()], TypeError, "attention_mask of booleans or integers"),
        ([TEXT, None, MASK + 1], IndexError, "2 in token_type_ids, .* type_vocab_size is 2"),
        ([TEXT, None, MASK[:, :4]], ValueError, "expected token_type_ids of the tokens' shape"),
        ([TEXT, None, MASK.float()], TypeError, "expected integers as token_type_ids"),
    ],
)
def test_what_it_refuses(arguments, error, message):
    with pytest.raises(error, match=message):
        model()(*arguments)


def test_sizes_that_do_not_fit():
    with pytest.raises(ValueError, match="hidden_size=10 must be a multiple of num_attention_head"):
        model(hidden_size=10)

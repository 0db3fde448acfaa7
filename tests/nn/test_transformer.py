"""The Transformer's layers and stacks."""

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.nn import functional as F
from minigrad.nn.transformer import (
    Transformer,
    TransformerDecoder,
    TransformerDecoderLayer,
    TransformerEncoder,
    TransformerEncoderLayer,
)
from tests.nn.nested_call import of_inputs_and_all_parameters


def x(*shape, **options):
    return mg.randn(shape, dtype=mg.float64, **options)


def layer(cls, *args, **options):
    """In float64, without dropout, with biases and scales that are not 0 and 1."""
    made = cls(*args, **{"dropout": 0.0, "batch_first": True, **options}).double()
    for i, p in enumerate(made.parameters()):
        p.array[...] += 0.1 * np.random.default_rng(i).standard_normal(p.shape)
    return made


def numbers(t):
    return t.detach().numpy()


def same(a, b):
    np.testing.assert_allclose(numbers(a), numbers(b), rtol=1e-10, atol=1e-12)


CAUSAL = Transformer.generate_square_subsequent_mask(4)
PADDING = mg.tensor([[False, False, False, True, True], [False] * 5])

# ------------------------------------------------------------------ the layers


@pytest.mark.parametrize("norm_first", [False, True])
def test_an_encoder_layer_is_its_formula(norm_first):
    block = layer(TransformerEncoderLayer, 4, 2, 6, activation="gelu", norm_first=norm_first)
    src = x(2, 5, 4)

    def attention(v):
        return block.self_attn(v, v, v, PADDING)[0]

    def feed_forward(v):
        return block.linear2(F.gelu(block.linear1(v)))

    if norm_first:
        v = src + attention(block.norm1(src))
        expected = v + feed_forward(block.norm2(v))
    else:
        v = block.norm1(src + attention(src))
        expected = block.norm2(v + feed_forward(v))
    same(block(src, src_key_padding_mask=PADDING), expected)


@pytest.mark.parametrize("norm_first", [False, True])
def test_a_decoder_layer_is_its_formula(norm_first):
    block = layer(TransformerDecoderLayer, 4, 2, 6, norm_first=norm_first)
    tgt, memory = x(2, 4, 4), x(2, 5, 4)

    def attention(v):
        return block.self_attn(v, v, v, attn_mask=CAUSAL)[0]

    def of_memory(v):
        return block.multihead_attn(v, memory, memory, PADDING)[0]

    def feed_forward(v):
        return block.linear2(F.relu(block.linear1(v)))

    if norm_first:
        v = tgt + attention(block.norm1(tgt))
        v = v + of_memory(block.norm2(v))
        expected = v + feed_forward(block.norm3(v))
    else:
        v = block.norm1(tgt + attention(tgt))
        v = block.norm2(v + of_memory(v))
        expected = block.norm3(v + feed_forward(v))
    same(block(tgt, memory, CAUSAL, memory_key_padding_mask=PADDING), expected)


@pytest.mark.parametrize("activation", ["relu", F.relu, nn.ReLU(), mg.relu])
def test_activations(activation):
    src, block = x(2, 5, 4), layer(TransformerEncoderLayer, 4, 2, 6)
    other = layer(TransformerEncoderLayer, 4, 2, 6, activation=activation)
    other.load_state_dict(block.state_dict())
    same(block(src), other(src))
    other = layer(TransformerEncoderLayer, 4, 2, 6, activation="gelu")
    other.load_state_dict(block.state_dict())
    assert not np.allclose(numbers(block(src)), numbers(other(src)))


def test_an_unknown_activation():
    for cls in (TransformerEncoderLayer, TransformerDecoderLayer):
        with pytest.raises(RuntimeError, match="expected 'relu', 'gelu' or a function, got 'tanh'"):
            cls(4, 2, activation="tanh")


def test_the_layout_does_not_matter():
    options = {"d_model": 4, "nhead": 2, "dim_feedforward": 6}
    a = layer(TransformerDecoderLayer, **options)
    b = layer(TransformerDecoderLayer, **options, batch_first=False)
    b.load_state_dict(a.state_dict())
    tgt, memory = x(2, 4, 4), x(2, 5, 4)
    expected = a(tgt, memory, CAUSAL)
    same(expected, b(tgt.transpose(0, 1), memory.transpose(0, 1), CAUSAL).transpose(0, 1))
    for block in (a, b):
        same(expected[1], block(tgt[1], memory[1], CAUSAL))


def test_without_bias_there_is_none():
    for cls in (TransformerEncoderLayer, TransformerDecoderLayer):
        assert not [n for n, _ in cls(4, 2, 6, bias=False).named_parameters() if "bias" in n]
    names = [n for n, _ in Transformer(4, 2, 1, 1, 6, bias=False).named_parameters()]
    assert "encoder.norm.weight" in names
    assert not [n for n in names if "bias" in n]


@pytest.mark.parametrize("norm_first", [False, True])
def test_dropout_is_everywhere(norm_first):
    block = TransformerEncoderLayer(4, 2, 6, dropout=1.0, norm_first=norm_first)
    src = mg.randn(5, 2, 4)
    expected = src if norm_first else block.norm2(block.norm1(src))
    np.testing.assert_allclose(numbers(block(src)), numbers(expected), rtol=1e-5)
    assert not np.allclose(numbers(block.eval()(src)), numbers(expected))
    kinds = [block.self_attn.dropout, *(getattr(block, f"dropout{i}").p for i in ("", 1, 2))]
    assert kinds == [1.0] * 4
    block = TransformerDecoderLayer(4, 2, 6, dropout=1.0, norm_first=True)
    same(block(src, src), src)


@pytest.mark.parametrize("norm_first", [False, True])
def test_gradients_of_the_encoder_layer(norm_first):
    block = layer(TransformerEncoderLayer, 4, 2, 3, activation="gelu", norm_first=norm_first)
    padding = mg.tensor([[False, False, True], [False] * 3])
    function, args = of_inputs_and_all_parameters(
        block, lambda block, v: block(v, None, padding), x(2, 3, 4, requires_grad=True)
    )
    assert mg.gradcheck(function, args)
    assert mg.gradgradcheck(function, args)


@pytest.mark.parametrize("norm_first", [False, True])
def test_gradients_of_the_decoder_layer(norm_first):
    block = layer(TransformerDecoderLayer, 2, 1, 3, activation=F.tanh, norm_first=norm_first)
    mask = Transformer.generate_square_subsequent_mask(3)
    function, args = of_inputs_and_all_parameters(
        block,
        lambda block, tgt, memory: block(tgt, memory, mask, tgt_is_causal=True),
        x(2, 3, 2, requires_grad=True),
        x(2, 4, 2, requires_grad=True),
    )
    assert mg.gradcheck(function, args)
    assert mg.gradgradcheck(function, args)


# ------------------------------------------------------------------ the stacks


def test_a_stack_is_its_layers_one_after_the_other():
    block, norm = layer(TransformerEncoderLayer, 4, 2, 6), nn.LayerNorm(4).double()
    encoder, src = TransformerEncoder(block, 3, norm), x(2, 5, 4)
    mask = mg.full((5, 5), -math.inf).triu(1)
    expected = src
    for _ in range(3):
        expected = block(expected, mask, PADDING)
    same(encoder(src, mask, PADDING), norm(expected))
    same(TransformerEncoder(block, 3)(src, mask, PADDING), expected)
    block, memory, tgt = layer(TransformerDecoderLayer, 4, 2, 6), x(2, 5, 4), x(2, 4, 4)
    memory_mask = mg.tensor(np.random.default_rng(0).random((4, 5)) < 0.2)
    padding = PADDING[:, 1:]
    expected = tgt
    for _ in range(2):
        expected = block(expected, memory, CAUSAL, memory_mask, padding, PADDING)
    decoder = TransformerDecoder(block, 2)
    same(decoder(tgt, memory, CAUSAL, memory_mask, padding, PADDING), expected)


def test_the_layers_of_a_stack_are_copies_that_begin_alike():
    block = TransformerEncoderLayer(4, 2, 6)
    encoder = TransformerEncoder(block, 2)
    first, second = encoder.layers
    assert len({id(p) for m in (block, first, second) for p in m.parameters()}) == 3 * 12
    np.testing.assert_array_equal(numbers(first.linear1.weight), numbers(second.linear1.weight))
    first.linear1.weight.array[...] = 0
    assert second.linear1.weight.array.all()
    assert block.linear1.weight.array.all()


def test_names_in_the_state():
    layer_names = [
        "self_attn.in_proj_weight", "self_attn.in_proj_bias", "self_attn.out_proj.weight",
        "self_attn.out_proj.bias", "linear1.weight", "linear1.bias", "linear2.weight",
        "linear2.bias", "norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias",
    ]  # fmt: skip
    encoder = TransformerEncoder(TransformerEncoderLayer(4, 2, 6), 2, nn.LayerNorm(4))
    assert list(encoder.state_dict()) == [
        *(f"layers.{i}.{name}" for i in range(2) for name in layer_names),
        "norm.weight",
        "norm.bias",
    ]


def test_a_custom_layer_gets_what_pytorchs_stack_gives_it():
    class Block(nn.Module):
        def forward(self, src, src_mask=None, src_key_padding_mask=None, is_causal=False):
            return src + src_key_padding_mask + is_causal

    encoder = TransformerEncoder(Block(), 2)
    assert encoder(mg.ones(2, 3), None, mg.ones(3), True).tolist() == [[5.0] * 3] * 2


@pytest.mark.parametrize("kind", ["float", "bool"])
@pytest.mark.parametrize("batch_first", [True, False])
def test_a_causal_mask_is_recognised_unless_the_caller_says_what_it_is(batch_first, kind):
    block = TransformerEncoderLayer(4, 2, 6, batch_first=batch_first)
    seen = []
    encoder = TransformerEncoder(block, 1)
    encoder.layers[0].register_forward_pre_hook(
        lambda module, args, kwargs: seen.append(kwargs["is_causal"]), with_kwargs=True
    )

    def causal(mask, hint=None):
        encoder(mg.ones((3, 4, 4) if batch_first else (4, 3, 4)), mask, is_causal=hint)
        return seen.pop()

    mask = CAUSAL if kind == "float" else CAUSAL < 0
    other = mask.clone()
    other[0, 2] = 0
    assert causal(mask) is True
    assert causal(other) is False
    assert causal(None) is False
    assert causal(mask, False) is False
    assert causal(mask, True) is True
    assert causal(mask.expand(6, 4, 4)) is False
    if kind == "float":
        assert causal(CAUSAL - 1) is False
    with pytest.raises(RuntimeError, match=r"expected attn_mask of shape \(4, 4\)"):
        causal(Transformer.generate_square_subsequent_mask(3))


# ------------------------------------------------------------------ the model


def test_the_model_is_a_decoder_of_what_the_encoder_says():
    model = layer(Transformer, 4, 2, 2, 1, 6)
    src, tgt = x(2, 5, 4), x(2, 4, 4)
    memory = model.encoder(src, None, PADDING)
    expected = model.decoder(tgt, memory, CAUSAL, None, None, PADDING)
    masks = {"src_key_padding_mask": PADDING, "memory_key_padding_mask": PADDING}
    same(model(src, tgt, tgt_mask=CAUSAL, **masks), expected)
    same(model(src[1], tgt[1], tgt_mask=CAUSAL), expected[1])
    assert [len(model.encoder.layers), len(model.decoder.layers)] == [2, 1]


def test_every_mask_of_the_model_has_its_effect():
    model = layer(Transformer, 4, 2, 1, 1, 6)
    src, tgt = x(2, 5, 4), x(2, 4, 4)
    hide = {
        "src_mask": (5, 5),
        "tgt_mask": (4, 4),
        "memory_mask": (4, 5),
        "src_key_padding_mask": (2, 5),
        "tgt_key_padding_mask": (2, 4),
        "memory_key_padding_mask": (2, 5),
    }
    results = [numbers(model(src, tgt))]
    for name, shape in hide.items():
        mask = np.random.default_rng(len(name)).random(shape) < 0.5
        mask[..., 0] = False
        results.append(numbers(model(src, tgt, **{name: mg.tensor(mask)})))
    for i, a in enumerate(results):
        for b in results[:i]:
            assert not np.allclose(a, b)


def test_it_predicts_without_looking_ahead():
    model = layer(Transformer, 4, 2, 1, 2, 6)
    src, tgt = x(2, 5, 4), x(2, 4, 4)
    before = numbers(model(src, tgt, tgt_mask=CAUSAL, tgt_is_causal=True))
    tgt.array[:, 2] += 1
    after = numbers(model(src, tgt, tgt_mask=CAUSAL))
    np.testing.assert_allclose(before[:, :2], after[:, :2], rtol=1e-12)
    assert not np.allclose(before[:, 2], after[:, 2])


def test_the_mask():
    mask = Transformer.generate_square_subsequent_mask(3)
    assert mask.tolist() == [[0, -math.inf, -math.inf], [0, 0, -math.inf], [0, 0, 0]]
    assert mask.dtype == mg.float32
    assert Transformer.generate_square_subsequent_mask(2, dtype=mg.float64).dtype == mg.float64
    assert Transformer(4, 2, 1, 1, 6).generate_square_subsequent_mask(0).shape == (0, 0)


def test_custom_parts():
    class Encoder(nn.Module):
        def forward(self, src, mask=None, src_key_padding_mask=None, is_causal=None):
            return src * 2

    class Decoder(nn.Module):
        def forward(self, tgt, memory, **masks):
            assert masks.pop("tgt_mask") is CAUSAL
            assert not any(masks.values())
            return tgt + memory

    model = Transformer(3, 1, custom_encoder=Encoder(), custom_decoder=Decoder())
    assert model(mg.ones(4, 3), mg.ones(4, 3), tgt_mask=CAUSAL).tolist() == [[3.0] * 3] * 4


def test_weights_begin_xavier_uniform_and_differ_from_layer_to_layer():
    model = Transformer(64, 4, 2, 1, 128)
    for name, p in model.named_parameters():
        if p.ndim > 1:
            bound = math.sqrt(6 / sum(p.shape))
            np.testing.assert_allclose(np.abs(p.array).max(), bound, rtol=0.01, err_msg=name)
    first, second = model.encoder.layers
    assert not np.allclose(numbers(first.linear1.weight), numbers(second.linear1.weight))
    before = numbers(first.linear1.weight).copy()
    model._reset_parameters()
    assert not np.allclose(before, numbers(first.linear1.weight))


def test_what_does_not_fit():
    for batch_first, axis in ((True, 0), (False, 1)):
        model = Transformer(4, 2, 1, 1, 6, batch_first=batch_first)
        shape = [5, 5, 4]
        shape[axis] = 2
        with pytest.raises(RuntimeError, match=r"differ in batch: got src float32\[5, 5, 4\], tgt"):
            model(mg.ones(5, 5, 4), mg.ones(shape))
        with pytest.raises(RuntimeError, match=r"expected d_model=4 features in src and tgt: got"):
            model(mg.ones(5, 5, 4), mg.ones(5, 5, 3))


def test_a_small_model_learns_to_copy():
    mg.manual_seed(0)
    embed, model = nn.Embedding(6, 16), Transformer(16, 2, 1, 1, 32, 0.0, batch_first=True)
    head = nn.Linear(16, 6)
    net = nn.ModuleList([embed, model, head])
    optimizer = mg.optim.Adam(net.parameters(), lr=3e-3)
    tokens = mg.tensor(np.random.default_rng(0).integers(1, 6, (32, 5)))
    positions = mg.randn(5, 16)
    mask = model.generate_square_subsequent_mask(5)
    for _ in range(100):
        shifted = F.pad(tokens[:, :-1], (1, 0))
        hidden = model(embed(tokens) + positions, embed(shifted) + positions, tgt_mask=mask)
        loss = F.cross_entropy(head(hidden).flatten(0, 1), tokens.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1

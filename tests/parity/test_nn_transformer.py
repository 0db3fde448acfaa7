"""Attention and Transformer layers against PyTorch: values, gradients, state, masks, training."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.nn import attention, transformer
from minigrad.nn import functional as F
from minigrad.nn.functional_attention import multi_head_attention_forward

torch = pytest.importorskip("torch")

pytestmark = [
    pytest.mark.parity,
    pytest.mark.filterwarnings("ignore:enable_nested_tensor is True"),
    pytest.mark.filterwarnings("ignore:Support for mismatched"),
    pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors"),
]
R = np.random.default_rng(0)
OURS = {
    "MultiheadAttention": attention.MultiheadAttention,
    **{name: getattr(transformer, name) for name in vars(transformer) if "Transformer" in name},
}


def x(*shape):
    return R.standard_normal(shape)


def pair(name, *args, **options):
    """The same layer of both libraries, in float64, with weights that hide no mistake."""
    a, b = OURS[name](*args, **options), getattr(torch.nn, name)(*args, **options)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for p in b.parameters():  # biases of zeros and scales of ones would
            p += 0.1 * torch.randn(p.shape, generator=generator)
    a.load_state_dict(b.state_dict())
    return a.double(), b.double()


def close(p, q, what="value"):
    assert (p is None) == (q is None), what
    if p is not None:
        assert str(p.dtype) == str(q.dtype).removeprefix("torch."), what
        np.testing.assert_allclose(
            p.detach().numpy(), q.detach().numpy(), rtol=1e-8, atol=1e-11, err_msg=what
        )


def compare(a, b, inputs, **masks):
    """Values and gradients of everything: inputs, parameters, masks of numbers."""
    assert repr(a) == repr(b)
    results = []
    for module, make in ((a, mg.tensor), (b, torch.tensor)):
        module.zero_grad()
        leaves = {id(v): make(v).requires_grad_() for v in inputs}  # the same array: one Tensor
        given = {k: make(v) if isinstance(v, np.ndarray) else v for k, v in masks.items()}
        for k, v in masks.items():
            if isinstance(v, np.ndarray) and v.dtype == np.float64 and "is_causal" not in masks:
                given[k].requires_grad_()
        out = module(*[leaves[id(v)] for v in inputs], **given)
        out = out if isinstance(out, tuple) else (out,)
        weights = [np.random.default_rng(0).standard_normal(y.shape) for y in out if y is not None]
        sum((y * make(w)).sum() for y, w in zip(out, weights, strict=False)).backward()
        trained = [g.grad for g in given.values() if getattr(g, "requires_grad", False)]
        results.append((out, [v.grad for v in leaves.values()], trained))
    for what, ours, theirs in zip(("value", "input", "mask"), *results, strict=True):
        for i, (p, q) in enumerate(zip(ours, theirs, strict=True)):
            close(p, q, f"{what} {i}")
    named = list(zip(a.named_parameters(), b.named_parameters(), strict=True))
    for (key, p), (other, q) in named:
        assert key == other
        close(p.grad, q.grad, key)


def causal(n, dtype="f4"):
    above = np.triu(np.ones((n, n), bool), 1)
    return above if dtype == "bool" else np.where(above, -np.inf, 0).astype(dtype)


def hidden(*shape):
    """Booleans, none of whose rows hides everything."""
    mask = R.random(shape) < 0.4
    mask[..., 1] = False
    return mask


def added(*shape):
    return np.where(hidden(*shape), -np.inf, R.standard_normal(shape))


@pytest.mark.parametrize("name", OURS)
def test_signatures(name):
    def arguments(function):
        return [
            (p.name, p.kind, p.default) for p in inspect.signature(function).parameters.values()
        ]

    def same(p, q):  # F.relu is not torch's
        return p == q or (p[0] == "activation" and p[2].__name__ == q[2].__name__ == "relu")

    ours, theirs = OURS[name], getattr(torch.nn, name)
    for method in ("__init__", "forward"):
        both = zip(
            arguments(getattr(ours, method)), arguments(getattr(theirs, method)), strict=True
        )
        assert all(same(p, q) for p, q in both), method
    *args, last = arguments(multi_head_attention_forward)
    assert args == arguments(torch.nn.functional.multi_head_attention_forward)
    assert last[0] == "batch_first"


# ------------------------------------------------------------------ attention

OPTIONS = {
    "plain": {},
    "one head": {"num_heads": 1},
    "no bias": {"bias": False},
    "added keys": {"add_bias_kv": True, "add_zero_attn": True},
    "zero key": {"add_zero_attn": True, "bias": False},
    "other features": {"kdim": 3, "vdim": 5},
    "other values": {"vdim": 5, "add_bias_kv": True},
}
MASKS = {
    "none": {},
    "pairs, booleans": {"attn_mask": hidden(4, 5)},
    "pairs, numbers": {"attn_mask": added(4, 5)},
    "heads, booleans": {"attn_mask": hidden(6, 4, 5)},
    "heads, numbers": {"attn_mask": added(6, 4, 5)},
    "keys, booleans": {"key_padding_mask": hidden(3, 5)},
    "keys, numbers": {"key_padding_mask": added(3, 5)},
    "both, booleans": {"attn_mask": hidden(4, 5), "key_padding_mask": hidden(3, 5)},
    "both, numbers": {"attn_mask": added(6, 4, 5), "key_padding_mask": added(3, 5)},
    "both, mixed": {"attn_mask": hidden(4, 5), "key_padding_mask": added(3, 5)},
    "both, mixed again": {"attn_mask": added(4, 5), "key_padding_mask": hidden(3, 5)},
}


def attentions(options, **more):
    return pair("MultiheadAttention", 6, **{"num_heads": 2, **options, **more})


def by_layout(batch_first, *arrays):
    return arrays if batch_first else tuple(a.swapaxes(0, 1).copy() for a in arrays)


@pytest.mark.parametrize("need_weights", [True, False], ids=["weights", "fused"])
@pytest.mark.parametrize("masks", MASKS)
@pytest.mark.parametrize("options", OPTIONS)
def test_attention(options, masks, need_weights):
    for batch_first in (True, False) if options in ("plain", "added keys") else (False,):
        check_attention(options, masks, batch_first, need_weights)


def check_attention(options, masks, batch_first, need_weights, training=True):
    a, b = attentions(OPTIONS[options], batch_first=batch_first)
    masks = dict(MASKS[masks])
    if a.num_heads == 1 and masks.get("attn_mask", np.zeros(1)).ndim == 3:
        masks["attn_mask"] = masks["attn_mask"][::2]
    inputs = by_layout(batch_first, x(3, 4, 6), x(3, 5, a.kdim), x(3, 5, a.vdim))
    compare(a.train(training), b.train(training), inputs, **masks, need_weights=need_weights)


@pytest.mark.parametrize("need_weights", [True, False], ids=["weights", "fused"])
@pytest.mark.parametrize("masks", ["none", "both, booleans", "heads, numbers"])
def test_attention_in_evaluation(masks, need_weights):
    for batch_first in (True, False):
        check_attention("plain", masks, batch_first, need_weights, training=False)


@pytest.mark.parametrize("need_weights", [True, False], ids=["weights", "fused"])
@pytest.mark.parametrize("batch_first", [True, False], ids=["BT", "TB"])
@pytest.mark.parametrize("options", ["plain", "no bias", "added keys"])
def test_self_attention_and_shared_keys(options, batch_first, need_weights):
    a, b = attentions(OPTIONS[options], batch_first=batch_first)
    query, key = by_layout(batch_first, x(3, 5, 6), x(3, 5, 6))
    more = {"need_weights": need_weights, "average_attn_weights": False}
    for inputs in ((query, query, query), (query, key, key), (query, query, key)):
        compare(a, b, inputs, **more)
        compare(a, b, inputs, **more, attn_mask=causal(5, "f8"))
        if options != "added keys":  # which PyTorch hides too, if it goes by is_causal
            for dtype in ("bool", "f8"):
                mask = causal(5, dtype)
                compare(a, b, inputs, **more, attn_mask=mask, is_causal=True)
                padding = {"key_padding_mask": np.arange(5) >= np.array([[5], [4], [1]])}
                compare(a, b, inputs, **more, attn_mask=mask, is_causal=True, **padding)


@pytest.mark.parametrize("need_weights", [True, False], ids=["weights", "fused"])
@pytest.mark.parametrize("batch_first", [True, False], ids=["BT", "TB"])
def test_a_single_sequence(batch_first, need_weights):
    a, b = attentions({}, batch_first=batch_first)
    inputs = x(4, 6), x(5, 6), x(5, 6)
    for masks in (
        {},
        {"attn_mask": hidden(4, 5)},
        {"attn_mask": added(2, 4, 5), "key_padding_mask": added(5)},
        {"key_padding_mask": hidden(5), "average_attn_weights": False},
    ):
        compare(a, b, inputs, **masks, need_weights=need_weights)


def test_a_query_that_sees_nothing():
    a, b = attentions({}, batch_first=True)
    mask = hidden(4, 5)
    mask[2] = True
    inputs = x(3, 4, 6), x(3, 5, 6), x(3, 5, 6)
    compare(a, b, inputs, attn_mask=mask, need_weights=False)
    ours = a(*map(mg.tensor, inputs), attn_mask=mg.tensor(mask))
    theirs = b(*map(torch.tensor, inputs), attn_mask=torch.tensor(mask))
    for p, q in zip(ours, theirs, strict=True):
        close(p, q)
        assert np.isnan(p.detach().numpy()[:, 2]).all()


def test_no_keys_no_batch_no_query():
    for shape, other in (((0, 4, 6), (0, 5, 6)), ((3, 0, 6), (3, 5, 6))):
        a, b = attentions({}, batch_first=True)
        compare(a, b, (x(*shape), x(*other), x(*other)), need_weights=False)


@pytest.mark.parametrize("need_weights", [True, False], ids=["weights", "fused"])
def test_pooling_by_attention_as_clip_calls_the_function(need_weights):
    weights = [x(6, 6) for _ in range(4)]
    biases, vectors = x(18), x(5, 3, 6)
    out_bias = x(6)

    def call(function, make):
        t = make(vectors).requires_grad_()
        q, k, v, out = map(make, weights)
        y = function(
            query=t[:1], key=t, value=t, embed_dim_to_check=6, num_heads=2, q_proj_weight=q,
            k_proj_weight=k, v_proj_weight=v, in_proj_weight=None, in_proj_bias=make(biases),
            bias_k=None, bias_v=None, add_zero_attn=False, dropout_p=0, out_proj_weight=out,
            out_proj_bias=make(out_bias), use_separate_proj_weight=True, training=True,
            need_weights=need_weights,
        )  # fmt: skip
        y[0].sum().backward()
        return (*y, t.grad)

    ours = call(multi_head_attention_forward, mg.tensor)
    theirs = call(torch.nn.functional.multi_head_attention_forward, torch.tensor)
    for p, q in zip(ours, theirs, strict=True):
        close(p, q)


def test_static_keys_and_values():
    a, b = attentions({"add_zero_attn": True})
    query, k, v = x(4, 3, 6), x(6, 5, 3), x(6, 5, 3)

    def call(function, module, make):
        t = make(query)
        return function(
            t, t, t, 6, 2, module.in_proj_weight, module.in_proj_bias, None, None, True, 0.0,
            module.out_proj.weight, module.out_proj.bias, static_k=make(k), static_v=make(v),
        )  # fmt: skip

    ours = call(multi_head_attention_forward, a, mg.tensor)
    theirs = call(torch.nn.functional.multi_head_attention_forward, b, torch.tensor)
    for p, q in zip(ours, theirs, strict=True):
        close(p, q)


# ------------------------------------------------------------------ layers and stacks

LAYERS = [
    {},
    {"norm_first": True},
    {"bias": False, "activation": "gelu"},
    {"norm_first": True, "bias": False, "layer_norm_eps": 0.1},
]
ENCODER_MASKS = [
    {},
    {"mask": hidden(5, 5)},
    {"mask": added(6, 5, 5)},
    {"mask": causal(5)},
    {"mask": causal(5, "bool"), "is_causal": True},
    {"src_key_padding_mask": hidden(3, 5)},
    {"mask": causal(5), "src_key_padding_mask": added(3, 5).astype("f4")},
    {"mask": added(5, 5), "src_key_padding_mask": hidden(3, 5), "is_causal": False},
]
for _masks in ENCODER_MASKS:  # the first query must see a key where the mask is causal
    if "src_key_padding_mask" in _masks:
        _masks["src_key_padding_mask"][:, 0] = 0
DECODER_MASKS = [
    {},
    {"tgt_mask": causal(4)},
    {"tgt_mask": causal(4), "tgt_is_causal": True, "memory_mask": hidden(4, 5)},
    {"tgt_mask": added(6, 4, 4), "memory_mask": added(6, 4, 5)},
    {"tgt_key_padding_mask": hidden(3, 4), "memory_key_padding_mask": hidden(3, 5)},
    {"tgt_mask": hidden(4, 4), "tgt_key_padding_mask": added(3, 4), "memory_mask": added(4, 5)},
]
ids: dict = {"ids": lambda v: ",".join(v) or "plain"}
modes = pytest.mark.parametrize(
    ("batch_first", "training"),
    [(True, True), (True, False), (False, True)],
    ids=["BT-train", "BT-eval", "TB-train"],
)


@modes
@pytest.mark.parametrize("masks", ENCODER_MASKS, **ids)
@pytest.mark.parametrize("options", LAYERS, **ids)
def test_encoder(options, masks, batch_first, training):
    options = {"dim_feedforward": 7, "dropout": 0.0, "batch_first": batch_first, **options}
    a, b = pair("TransformerEncoderLayer", 6, 2, **options)
    inputs = by_layout(batch_first, x(3, 5, 6))
    masks_of_layer = {("src_mask" if k == "mask" else k): v for k, v in masks.items()}
    compare(a.train(training), b.train(training), inputs, **masks_of_layer)
    stacks = (
        OURS["TransformerEncoder"](a, 2, nn.LayerNorm(6).double()),
        torch.nn.TransformerEncoder(b, 2, torch.nn.LayerNorm(6).double()),
    )
    compare(*stacks, inputs, **masks)


@modes
@pytest.mark.parametrize("masks", DECODER_MASKS, **ids)
@pytest.mark.parametrize("options", LAYERS, **ids)
def test_decoder(options, masks, batch_first, training):
    options = {"dim_feedforward": 7, "dropout": 0.0, "batch_first": batch_first, **options}
    a, b = pair("TransformerDecoderLayer", 6, 2, **options)
    inputs = by_layout(batch_first, x(3, 4, 6), x(3, 5, 6))
    compare(a.train(training), b.train(training), inputs, **masks)
    stacks = OURS["TransformerDecoder"](a, 2), torch.nn.TransformerDecoder(b, 2)
    compare(*stacks, inputs, **masks)


@pytest.mark.parametrize("batch_first", [True, False], ids=["BT", "TB"])
@pytest.mark.parametrize("options", LAYERS, **ids)
def test_transformer(options, batch_first):
    a, b = pair("Transformer", 6, 2, 2, 1, 7, 0.0, batch_first=batch_first, **options)
    for masks in (
        {},
        {"tgt_mask": causal(4), "src_mask": hidden(5, 5)},
        {
            "src_mask": added(5, 5),
            "tgt_mask": causal(4, "bool"),
            "memory_mask": hidden(4, 5),
            "src_key_padding_mask": hidden(3, 5),
            "memory_key_padding_mask": hidden(3, 5),
            "tgt_is_causal": True,
        },
    ):
        compare(a, b, by_layout(batch_first, x(3, 5, 6), x(3, 4, 6)), **masks)
    compare(a, b, (x(5, 6), x(4, 6)), tgt_mask=causal(4), src_key_padding_mask=hidden(5))


def test_activations_that_are_modules_print_as_pytorchs():
    for cls in ("TransformerEncoderLayer", "TransformerDecoderLayer"):
        a = OURS[cls](4, 2, 8, activation=nn.GELU())
        b = getattr(torch.nn, cls)(4, 2, 8, activation=torch.nn.GELU())
        assert repr(a) == repr(b)


def test_pytorchs_fast_path_gives_the_same_but_zeros_for_padding():
    options = {"dim_feedforward": 7, "batch_first": True}
    a, b = (
        stack(layer, 2).eval()
        for stack, layer in zip(
            (OURS["TransformerEncoder"], torch.nn.TransformerEncoder),
            pair("TransformerEncoderLayer", 6, 2, **options),
            strict=True,
        )
    )
    src, padding = x(3, 5, 6), np.arange(5) >= np.array([[5], [3], [2]])
    with mg.no_grad(), torch.no_grad():
        p = a(mg.tensor(src), src_key_padding_mask=mg.tensor(padding)).numpy()
        q = b(torch.tensor(src), src_key_padding_mask=torch.tensor(padding)).numpy()
    np.testing.assert_allclose(p[~padding], q[~padding], rtol=1e-8, atol=1e-10)
    assert not q[padding].any()


# ------------------------------------------------------------------ state and initial values

BUILD = {
    "MultiheadAttention": lambda cls, lib: cls(64, 4, add_bias_kv=True),
    "TransformerEncoderLayer": lambda cls, lib: cls(64, 4, 96),
    "TransformerDecoderLayer": lambda cls, lib: cls(64, 4, 96),
    "TransformerEncoder": lambda cls, lib: cls(lib["TransformerEncoderLayer"](64, 4, 96), 2),
    "TransformerDecoder": lambda cls, lib: cls(lib["TransformerDecoderLayer"](64, 4, 96), 2),
    "Transformer": lambda cls, lib: cls(64, 4, 2, 1, 96),
}


@pytest.mark.parametrize("name", BUILD)
def test_state_both_ways_and_initial_values(name):
    torch.manual_seed(0)
    a = BUILD[name](OURS[name], OURS)
    b = BUILD[name](getattr(torch.nn, name), vars(torch.nn))
    assert repr(a) == repr(b)
    assert [k for k, _ in a.named_modules()] == [k for k, _ in b.named_modules()]
    ours, theirs = a.state_dict(), b.state_dict()
    assert [(k, tuple(v.shape)) for k, v in ours.items()] == [
        (k, tuple(v.shape)) for k, v in theirs.items()
    ]
    for key, p in ours.items():
        u, v = p.numpy().astype(float), theirs[key].numpy().astype(float)
        spread = v.std() + 1e-12
        assert abs(u.mean() - v.mean()) <= 6 * spread * np.sqrt(2 / v.size), key
        assert abs(u.std() - v.std()) <= 6 * spread / np.sqrt(v.size), key
        if u.size > 1000:  # uniform: the ends are sharp
            np.testing.assert_allclose([u.min(), u.max()], [v.min(), v.max()], rtol=0.01)
    kept = {k: v.numpy().copy() for k, v in ours.items()}
    a.load_state_dict(theirs)
    for key, value in a.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), theirs[key].numpy())
    b.load_state_dict({k: torch.tensor(v) for k, v in kept.items()})
    for key, value in b.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), kept[key])


def test_the_mask():
    for n in (0, 1, 4):
        ours = OURS["Transformer"].generate_square_subsequent_mask(n)
        theirs = torch.nn.Transformer.generate_square_subsequent_mask(n)
        close(ours, theirs)


# ------------------------------------------------------------------ training


def classifier(library, layers):
    class Classifier(library.Module):
        def __init__(self):
            super().__init__()
            self.embed = library.Embedding(20, 8, padding_idx=0)
            block = layers["TransformerEncoderLayer"](8, 2, 16, 0.0, "gelu", batch_first=True)
            self.encoder = layers["TransformerEncoder"](block, 2, library.LayerNorm(8))
            self.head = library.Linear(8, 3)

        def forward(self, tokens):
            hidden = self.encoder(self.embed(tokens), src_key_padding_mask=tokens == 0)
            return self.head(hidden.mean(1))

    return Classifier()


def translator(library, layers):
    class Translator(library.Module):
        def __init__(self):
            super().__init__()
            self.source = library.Embedding(20, 8)
            self.target = library.Embedding(15, 8)
            self.model = layers["Transformer"](8, 2, 1, 2, 16, 0.0, norm_first=True)
            self.head = library.Linear(8, 15)

        def forward(self, source, target):
            mask = self.model.generate_square_subsequent_mask(len(target))
            out = self.model(self.source(source), self.target(target), tgt_mask=mask)
            return self.head(out).flatten(0, 1)

    return Translator()


LIBRARIES = ((mg, nn, OURS, F), (torch, torch.nn, vars(torch.nn), torch.nn.functional))


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
@pytest.mark.parametrize("build", [classifier, translator])
def test_ten_steps_of_training(build, optimizer):
    r = np.random.default_rng(5)
    tokens, classes = r.integers(1, 20, (10, 6, 7)), r.integers(0, 3, (10, 6))
    tokens[:, :3, 5:] = 0
    targets = r.integers(0, 15, (10, 5, 6))
    models = [build(library, layers).double() for _, library, layers, _ in LIBRARIES]
    models[0].load_state_dict(models[1].state_dict())
    losses = []
    for model, (package, _, _, functional) in zip(models, LIBRARIES, strict=True):
        step = getattr(package.optim, optimizer)(model.parameters(), lr=0.01)
        curve = []
        for i in range(10):
            source = package.tensor(tokens[i])
            if build is classifier:
                loss = functional.cross_entropy(model(source), package.tensor(classes[i]))
            else:
                target = package.tensor(targets[i])
                logits = model(source.T, target[:-1])
                loss = functional.cross_entropy(logits, target[1:].flatten())
            step.zero_grad()
            loss.backward()
            step.step()
            curve.append(loss.item())
        losses.append(curve)
    np.testing.assert_allclose(*losses, rtol=1e-9)
    assert losses[0][0] != losses[0][-1]
    for (key, p), (_, q) in zip(
        models[0].named_parameters(), models[1].named_parameters(), strict=True
    ):
        np.testing.assert_allclose(
            p.detach().numpy(), q.detach().numpy(), rtol=1e-6, atol=1e-8, err_msg=key
        )

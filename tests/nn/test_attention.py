"""MultiheadAttention and F.multi_head_attention_forward."""

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad.nn.attention import MultiheadAttention
from minigrad.nn.functional_attention import multi_head_attention_forward
from tests.nn.nested_call import of_inputs_and_all_parameters

INF = math.inf


def x(*shape, **options):
    return mg.randn(shape, dtype=mg.float64, **options)


def layer(*args, **options):
    """In float64, with biases that are not zero."""
    made = MultiheadAttention(*args, **options).double()
    for name, p in made.named_parameters():
        if "bias" in name:
            p.array[...] = np.random.default_rng(0).standard_normal(p.shape)
    return made


def numbers(t):
    return t.detach().numpy()


def same(a, b):
    np.testing.assert_allclose(numbers(a), numbers(b), rtol=1e-10, atol=1e-12)


def by_hand(made, query, key, value, mask=0.0):
    """Output and weights of each head for one sequence, head after head; mask is added."""
    w, b = made.in_proj_weight.array, made.in_proj_bias.array
    q, k, v = (
        numbers(t) @ part.T + c
        for t, part, c in zip(
            (query, key, value), np.split(w, 3), np.split(b, 3), strict=True
        )
    )  # fmt: skip
    outs, weights = [], []
    for i in range(made.num_heads):
        head = slice(i * made.head_dim, (i + 1) * made.head_dim)
        e = np.exp(q[:, head] @ k[:, head].T / np.sqrt(made.head_dim) + mask)
        weights.append(e / e.sum(1, keepdims=True))
        outs.append(weights[-1] @ v[:, head])
    out = np.concatenate(outs, 1) @ made.out_proj.weight.array.T + made.out_proj.bias.array
    return out, np.stack(weights)


# ------------------------------------------------------------------ values


def test_one_head_whose_projections_change_nothing():
    attention = MultiheadAttention(2, 1, bias=False)
    attention.in_proj_weight.array[...] = np.tile(np.eye(2), (3, 1))
    attention.out_proj.weight.array[...] = np.eye(2)
    key = mg.tensor([[math.sqrt(2) * math.log(3), 0.0], [0.0, 5.0]])  # scores log 3 and 0
    output, weights = attention(mg.tensor([[1.0, 0.0]]), key, mg.tensor([[4.0, 8.0], [0.0, 4.0]]))
    np.testing.assert_allclose(weights.tolist(), [[0.75, 0.25]], rtol=1e-6)
    np.testing.assert_allclose(output.tolist(), [[3.0, 7.0]], rtol=1e-6)


@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("batch_first", [True, False])
def test_every_head_of_every_sequence_by_hand(batch_first, need_weights):
    attention = layer(6, 3, batch_first=batch_first)
    query, key, value = x(4, 5, 6), x(4, 7, 6), x(4, 7, 6)
    hidden = np.random.default_rng(0).random((5, 7)) < 0.3
    expected = [
        by_hand(attention, *(t[i] for t in (query, key, value)), np.where(hidden, -INF, 0))
        for i in range(4)
    ]
    if not batch_first:
        query, key, value = (t.transpose(0, 1) for t in (query, key, value))
    output, weights = attention(
        query, key, value, None, need_weights, mg.tensor(hidden), average_attn_weights=False
    )
    output = output if batch_first else output.transpose(0, 1)
    np.testing.assert_allclose(numbers(output), [out for out, _ in expected], rtol=1e-10)
    if need_weights:
        np.testing.assert_allclose(numbers(weights), [w for _, w in expected], rtol=1e-10)
        _, average = attention(query, key, value, attn_mask=mg.tensor(hidden))
        np.testing.assert_allclose(numbers(average), numbers(weights).mean(1), rtol=1e-10)
    else:
        assert weights is None


@pytest.mark.parametrize("batch_first", [True, False])
def test_a_single_sequence_is_a_batch_of_one(batch_first):
    attention = layer(6, 2, batch_first=batch_first)
    query, key = x(3, 6), x(4, 6)
    padding = mg.tensor([False, True, False, False])
    output, weights = attention(query, key, key, padding)
    axis = 0 if batch_first else 1
    one = [t.unsqueeze(axis) for t in (query, key)]
    batched, batched_weights = attention(one[0], one[1], one[1], padding.unsqueeze(0))
    same(output, batched.squeeze(axis))
    same(weights, batched_weights[0])
    assert attention(query, key, key, average_attn_weights=False)[1].shape == (2, 3, 4)


def test_one_product_for_equal_inputs_gives_what_three_give():
    attention, a, b = layer(6, 2), x(4, 2, 6, requires_grad=True), x(5, 2, 6, requires_grad=True)
    for query, key in ((a, a), (a, b)):
        results = []
        for k, v in ((key, key), (key * 1, key * 1)):
            attention.zero_grad()
            a.grad = b.grad = None
            output, _ = attention(query, k, v)
            (output * output).sum().backward()
            grads = [p.grad for p in attention.parameters()] + [key.grad, query.grad]
            results.append([output, *grads])
        for p, q in zip(*results, strict=True):
            same(p, q)


def test_keys_and_values_with_other_features():
    attention = layer(6, 2, kdim=3, vdim=5)
    shapes = {name: tuple(p.shape) for name, p in attention.named_parameters()}
    assert shapes == {
        "q_proj_weight": (6, 6),
        "k_proj_weight": (6, 3),
        "v_proj_weight": (6, 5),
        "in_proj_bias": (18,),
        "out_proj.weight": (6, 6),
        "out_proj.bias": (6,),
    }
    wide = layer(6, 2)
    key, value = x(4, 2, 3), x(4, 2, 5)
    w = np.zeros((18, 6))
    w[:6] = attention.q_proj_weight.array
    w[6:12, :3] = attention.k_proj_weight.array
    w[12:, :5] = attention.v_proj_weight.array
    wide.load_state_dict({**attention.state_dict(), "in_proj_weight": w}, strict=False)
    query = x(3, 2, 6)
    padded = mg.nn.functional.pad(key, (0, 3)), mg.nn.functional.pad(value, (0, 1))
    same(attention(query, key, value)[0], wide(query, *padded)[0])


# ------------------------------------------------------------------ masks


@pytest.mark.parametrize("need_weights", [True, False])
def test_a_padded_key_might_as_well_not_be_there(need_weights):
    attention, query, key = layer(6, 2, batch_first=True), x(2, 3, 6), x(2, 5, 6)
    padding = mg.tensor([[False] * 3 + [True] * 2, [False] * 5])
    output, weights = attention(query, key, key, padding, need_weights)
    same(output[0], attention(query[0], key[0, :3], key[0, :3])[0])
    same(output[1], attention(query[1], key[1], key[1])[0])
    if need_weights:
        assert not numbers(weights)[0, :, 3:].any()


@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("ndim", [2, 3])
def test_booleans_numbers_and_mixtures_of_them_hide_the_same(ndim, need_weights):
    attention, query, key = layer(6, 2, batch_first=True), x(3, 4, 6), x(3, 5, 6)
    r = np.random.default_rng(1)
    hidden = r.random((4, 5) if ndim == 2 else (6, 4, 5)) < 0.3
    padded = r.random((3, 5)) < 0.3
    hidden[..., 0] = padded[:, 0] = False
    results = []
    for dtypes in ("bb", "fb", "bf", "ff"):
        masks = [
            mg.tensor(m if dtype == "b" else np.where(m, -INF, 0).astype(kind))
            for m, dtype, kind in zip((padded, hidden), dtypes, ("f8", "f4"), strict=True)
        ]
        results.append(attention(query, key, key, masks[0], need_weights, masks[1])[0])
    for other in results[1:]:
        same(results[0], other)
    by_pair = attention(query, key, key, mg.tensor(padded), need_weights, None)[0]
    assert not np.allclose(numbers(by_pair), numbers(results[0]))


def test_a_mask_for_every_head():
    attention = layer(4, 2, batch_first=True)
    query = x(3, 2, 4)
    hidden = np.zeros((6, 2, 2), bool)
    hidden[3, 0, 1] = True  # of the second sequence the second head
    _, weights = attention(query, query, query, None, True, mg.tensor(hidden), False)
    np.testing.assert_array_equal(np.argwhere(numbers(weights) == 0), [[1, 1, 0, 1]])


@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("options", [{}, {"add_bias_kv": True}, {"add_zero_attn": True}])
@pytest.mark.parametrize("need_weights", [True, False])
def test_is_causal_changes_nothing_but_the_speed(need_weights, options, padded):
    attention, query = layer(6, 2, batch_first=True, **options), x(2, 4, 6)
    mask = mg.full((4, 4), -INF).triu(1)
    padding = mg.tensor([[False, False, True, False], [False] * 4]) if padded else None
    call = query, query, query, padding, need_weights, mask
    same(attention(*call)[0], attention(*call, is_causal=True)[0])


def test_a_mask_that_is_trained_is_read_though_it_is_causal():
    attention, query = layer(6, 2, batch_first=True), x(2, 4, 6)
    mask = mg.full((4, 4), -INF, dtype=mg.float64).triu(1).requires_grad_()
    grads = []
    for is_causal in (False, True):
        mask.grad = None
        output, _ = attention(query, query, query, None, False, mask, is_causal=is_causal)
        output.sum().backward()
        grads.append(mask.grad)
    same(*grads)
    assert numbers(grads[0]).any()


def test_a_causal_query_does_not_see_what_comes_later():
    attention, query = layer(6, 2), x(4, 1, 6)
    mask = mg.full((4, 4), -INF).triu(1)
    before = attention(query, query, query, None, False, mask, is_causal=True)[0]
    query.array[3] += 1
    after = attention(query, query, query, None, False, mask, is_causal=True)[0]
    same(before[:3], after[:3])
    assert not np.allclose(numbers(before[3]), numbers(after[3]))


def test_a_query_that_sees_nothing_gets_zeros_or_nan():
    attention, query = layer(4, 2), x(2, 4)
    hidden = mg.tensor([[True, True], [False, False]])
    output, _ = attention(query, query, query, None, False, hidden)
    same(output[0], attention.out_proj.bias)
    output, weights = attention(query, query, query, None, True, hidden)
    assert np.isnan(numbers(output)[0]).all()
    assert np.isnan(numbers(weights)[0]).all()
    assert np.isfinite(numbers(output)[1]).all()


@pytest.mark.parametrize("need_weights", [True, False])
def test_with_a_key_of_zeros_a_query_need_not_attend_to_anything(need_weights):
    attention, query = layer(4, 2, add_zero_attn=True), x(2, 4)
    hidden = mg.ones(2, 2).bool()
    output, weights = attention(query, query, query, None, need_weights, hidden)
    same(output, attention.out_proj.bias.expand(2, 4))
    if need_weights:
        assert weights.tolist() == [[0, 0, 1]] * 2


def test_the_learned_key_is_the_last():
    attention, query = layer(4, 2, add_bias_kv=True), x(2, 3, 4)
    hidden = mg.ones(2, 2).bool()
    output, weights = attention(query, query, query, None, True, hidden)
    assert weights.tolist() == [[[0, 0, 1]] * 2] * 3
    expected = numbers(attention.bias_v)[0, 0] @ numbers(attention.out_proj.weight).T
    np.testing.assert_allclose(
        numbers(output), np.tile(expected + numbers(attention.out_proj.bias), (2, 3, 1))
    )


# ------------------------------------------------------------------ gradients

MASK = np.array([[0.3, -1.0, 0.0, 0.5], [0.0, -INF, 0.2, 0.1], [-INF, 0.4, -0.2, -INF]])
PADDING = [[False, False, True, False], [False] * 4]
CASES = {
    "self": ({}, {}, True),
    "cross": ({}, {"attn_mask": mg.tensor(MASK)}, False),
    "batch first": (
        {"batch_first": True},
        {"attn_mask": mg.tensor(MASK == -INF), "key_padding_mask": mg.tensor(PADDING)},
        False,
    ),
    "no bias": ({"bias": False}, {}, False),
    "other features": ({"kdim": 3, "vdim": 5}, {"key_padding_mask": mg.tensor(PADDING)}, False),
    "added": ({"add_bias_kv": True, "add_zero_attn": True}, {"attn_mask": mg.tensor(MASK)}, False),
}


@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("case", CASES)
def test_gradients(case, need_weights):
    options, masks, alone = CASES[case]
    attention = layer(4, 2, **options)

    def shape(n, features):
        return (2, n, features) if options.get("batch_first") else (n, 2, features)

    query = x(*shape(3, 4), requires_grad=True)
    key = x(*shape(4, options.get("kdim", 4)), requires_grad=True)
    value = x(*shape(4, options.get("vdim", 4)), requires_grad=True)
    inputs = (query,) if alone else (query, key, value)

    def call(attention, *inputs):
        query, key, value = inputs * 3 if alone else inputs
        out, weights = attention(query, key, value, need_weights=need_weights, **masks)
        return (out, weights) if need_weights else out

    function, args = of_inputs_and_all_parameters(attention, call, *inputs)
    assert mg.gradcheck(function, args)
    if case in ("self", "added"):
        assert mg.gradgradcheck(function, args)


@pytest.mark.parametrize("need_weights", [True, False])
def test_masks_of_numbers_are_trained(need_weights):
    attention, query = layer(4, 2), x(3, 2, 4)
    mask, padding = x(3, 3, requires_grad=True), x(2, 3, requires_grad=True)

    def call(mask, padding):
        return attention(query, query, query, padding, need_weights, mask)[0]

    assert mg.gradcheck(call, (mask, padding))


# ------------------------------------------------------------------ dropout, initial values, errors


@pytest.mark.parametrize("need_weights", [True, False])
def test_dropout_is_of_the_weights_and_in_training_alone(need_weights):
    attention, query = layer(4, 2, dropout=0.5), x(6, 3, 4)

    def call():
        return attention(query, query, query, need_weights=need_weights)

    assert not np.allclose(numbers(call()[0]), numbers(call()[0]))
    if need_weights:
        share = (numbers(attention(query, query, query, average_attn_weights=False)[1]) == 0).mean()
        assert 0.3 < share < 0.7
    attention.eval()
    same(call()[0], call()[0])
    attention.train().dropout = 1.0
    same(call()[0], attention.out_proj.bias.expand(6, 3, 4))


def test_dropout_keeps_the_mean():
    mg.manual_seed(0)
    attention, query = layer(4, 1, dropout=0.3), x(8, 500, 4)
    query.array[...] = query.array[:, :1]
    mean = numbers(attention(query, query, query, need_weights=False)[0]).mean(1)
    expected = numbers(attention.eval()(query, query, query, need_weights=False)[0])[:, 0]
    np.testing.assert_allclose(mean, expected, atol=0.1)


def test_initial_values():
    attention = MultiheadAttention(200, 4, add_bias_kv=True)
    bound = np.sqrt(6 / (600 + 200))  # xavier, of the three matrices as one
    np.testing.assert_allclose(np.abs(attention.in_proj_weight.array).max(), bound, rtol=1e-3)
    np.testing.assert_allclose(attention.in_proj_weight.array.std(), bound / np.sqrt(3), rtol=0.02)
    np.testing.assert_allclose(np.abs(attention.out_proj.weight.array).max(), 200**-0.5, rtol=1e-3)
    assert not attention.in_proj_bias.array.any()
    assert not attention.out_proj.bias.array.any()
    np.testing.assert_allclose(attention.bias_k.array.std(), np.sqrt(2 / 400), rtol=0.3)
    separate = MultiheadAttention(200, 4, kdim=100, vdim=300)
    for p, n in ((separate.k_proj_weight, 100), (separate.v_proj_weight, 300)):
        np.testing.assert_allclose(np.abs(p.array).max(), np.sqrt(6 / (200 + n)), rtol=1e-3)


def test_static_keys_and_values_stand_in_for_the_projected_ones():
    attention, query, key = layer(4, 2), x(3, 2, 4), x(5, 2, 4)
    k, v = (
        (numbers(key) @ w.T + b).reshape(5, 2 * 2, 2).swapaxes(0, 1)  # (B * H, S, D)
        for w, b in zip(
            np.split(attention.in_proj_weight.array, 3)[1:],
            np.split(attention.in_proj_bias.array, 3)[1:],
            strict=True,
        )
    )
    output, _ = multi_head_attention_forward(
        query, query, query, 4, 2, attention.in_proj_weight, attention.in_proj_bias, None, None,
        False, 0.0, attention.out_proj.weight, attention.out_proj.bias,
        static_k=mg.tensor(k), static_v=mg.tensor(v),
    )  # fmt: skip
    same(output, attention(query, key, key)[0])


ATTENTION = MultiheadAttention(4, 2)
Q, K, WIDE = mg.ones(3, 2, 4), mg.ones(5, 2, 4), mg.ones(5, 2, 6)
WRONG = [
    (lambda: MultiheadAttention(0, 1), ValueError, "must be greater than 0, got 0 and 1"),
    (lambda: MultiheadAttention(4, 0), ValueError, "must be greater than 0, got 4 and 0"),
    (lambda: MultiheadAttention(4, 3), AssertionError, "divisible by num_heads, got 4 and 3"),
    (lambda: MultiheadAttention("4", 2), TypeError, "embed_dim must be an integer"),
    (lambda: MultiheadAttention(4, 2, kdim=-1), RuntimeError, "kdim must be an integer of at"),
    (lambda: ATTENTION(Q[0, 0], K, K), AssertionError, "expected a query of 2 dimensions, or of 3"),
    (lambda: ATTENTION(Q, K[0], K), AssertionError, "expected a key and a value of 3 dimensions"),
    (lambda: ATTENTION(Q, K, K[:4]), AssertionError, r"key and value differ in length.*\[4, 2"),
    (lambda: ATTENTION(Q, K[:, :1], K[:, :1]), AssertionError, "query and key differ in batch"),
    (lambda: ATTENTION(WIDE, K, K), AssertionError, "expected 4 features in the query"),
    (lambda: ATTENTION(Q, WIDE, WIDE), RuntimeError, "linear"),
    (
        lambda: ATTENTION(Q, K, K, attn_mask=mg.zeros(5, 3)),
        RuntimeError,
        r"expected attn_mask of shape \(3, 5\) or \(4, 3, 5\), got float32\[5, 3\]",
    ),
    (
        lambda: ATTENTION(Q, K, K, mg.zeros(5, 2)),
        RuntimeError,
        r"expected key_padding_mask of shape \(2, 5\), got float32\[5, 2\]",
    ),
    (
        lambda: ATTENTION(Q, K, K, mg.zeros(2, 5, dtype=mg.int64)),
        AssertionError,
        r"key_padding_mask holds booleans.*got int64\[2, 5\]",
    ),
    (
        lambda: ATTENTION(Q, K, K, attn_mask=mg.zeros(3, 5, dtype=mg.float64)),
        RuntimeError,
        "attn_mask must be boolean, float32 or of the query's dtype, float32, got float64",
    ),
    (lambda: ATTENTION(Q, K, K, is_causal=True), RuntimeError, "but attn_mask is None; give"),
    (
        lambda: multi_head_attention_forward(
            Q, K, K, 4, 2, None, None, mg.ones(1, 1, 4), None, False, 0.0, None, None
        ),
        AssertionError,
        "bias_k and bias_v go together",
    ),
    (
        lambda: multi_head_attention_forward(
            Q, K, K, 4, 3, None, None, None, None, False, 0.0, None, None
        ),
        AssertionError,
        "embed_dim 4 is not divisible by 3 heads",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), WRONG, ids=lambda v: str(v)[:20])
def test_wrong_calls(call, error, message):
    with pytest.raises(error, match=message):
        call()

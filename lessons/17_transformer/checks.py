"""The questions on lesson 17."""

import numpy as np

from minigrad.classroom import gradients_right, holds, question, same
from minigrad.classroom.question import shown


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def attend(q, k, v, mask=None, scale=None):
    scores = np.einsum("...td,...sd->...ts", q, k)
    scores = scores * (q.shape[-1] ** -0.5 if scale is None else scale)
    p = softmax(scores if mask is None else np.where(mask, scores, -1e300))
    return np.einsum("...ts,...sd->...td", p, v), p


def some(rng, *shapes):
    return [rng.standard_normal(shape) for shape in shapes]


def a_tuple_of(n, grads):
    """Demand what a pullback must return; the clinic takes nothing else."""
    asked = f"the pullback returns a tuple of {n}"
    holds(isinstance(grads, (tuple, list)), asked, f"got {shown(grads)}")
    holds(isinstance(grads, tuple), asked, "it is a list: return a, b, c without brackets")
    holds(len(grads) == n, asked, f"these are {len(grads)}")


# ---------------------------------------------------------------------- 17.1


@question(
    "17.1",
    points=2,
    says="the weights are the softmax of q k^T / sqrt(D), over the keys",
    hints=[
        "The score of query t and key s is the sum of their products, entry by entry: q @ k^T.",
        "Divide the scores by the square root of D, the last axis of q.",
        "The softmax goes along the keys, the last axis: the weights of one query sum to 1.",
    ],
)
def the_weights(student, rng):
    for t, s, d in [(1, 2, 4), (2, 3, 4), (3, 3, 9)]:
        q, k, v = some(rng, (t, d), (s, d), (s, 2))
        scores = q @ k.T / np.sqrt(d)
        mistakes = {
            "the scores are not divided by the square root of D": softmax(q @ k.T),
            "this divides by D, not by its square root": softmax(q @ k.T / d),
            "this multiplies by the square root of D": softmax(q @ k.T * np.sqrt(d)),
            "this is the softmax over the queries: each column sums to 1, not each row": softmax(
                scores, 0
            ),
            "these are the scores, without a softmax": scores,
            "this is divided by the sum of everything: each row must sum to 1": np.exp(scores)
            / np.exp(scores).sum(),
        }
        got = student.attention(q, k, v)
        holds(isinstance(got, tuple) and len(got) == 2, "attention gives (output, weights)")
        same(got[1], softmax(scores), f"the weights of {t} queries, {s} keys, D = {d}",
             mistakes=mistakes)  # fmt: skip


@question(
    "17.1",
    says="the output is the mean of the values by these weights, whatever axes are in front",
    hints=[
        "One output for each query: its weights times the values, weights @ v.",
        "k.T turns all axes round. Only the last two are to be exchanged: np.swapaxes(k, -2, -1).",
    ],
)
def the_output(student, rng):
    for front in [(), (2,), (2, 3)]:
        q, k, v = some(rng, (*front, 3, 4), (*front, 5, 4), (*front, 5, 2))
        same(student.attention(q, k, v)[0], attend(q, k, v)[0],
             f"the output for q {q.shape}, k {k.shape}, v {v.shape}")  # fmt: skip


@question(
    "17.1",
    points=2,
    says="a hidden key has the weight 0, and those that are seen share 1 among them",
    hints=[
        "Hide keys before the softmax, so that it never counts them: which score has exp = 0?",
        "np.where(mask, scores, -np.inf), and then the softmax.",
    ],
)
def hidden_keys(student, rng):
    q, k, v = some(rng, (3, 4), (3, 4), (3, 2))
    for mask in (np.tri(3, dtype=bool), np.array([True, True, False])):
        right, scores = attend(q, k, v, mask)[1], q @ k.T / 2
        mistakes = {
            "hidden after the softmax: the rest no longer sums to 1": softmax(scores) * mask,
            "the mask is turned round: True is a key that is seen": (
                attend(q, k, v, ~mask | ~mask.any(-1, keepdims=True))[1]
            ),
            "a score of 0 is not a weight of 0: exp(0) is 1": softmax(scores * mask),
            "the mask is not used": softmax(scores),
            "1 and 0 are added to the scores: that hides nothing": softmax(scores + mask),
        }
        asked = f"the weights with mask = {mask.astype(int).tolist()}"
        same(student.attention(q, k, v, mask)[1], right, asked, mistakes=mistakes)
    q, k, v = some(rng, (2, 2, 3, 4), (2, 2, 3, 4), (2, 2, 3, 2))
    mask = (np.arange(3) < np.array([1, 3])[:, None])[:, None, None, :]
    same(student.attention(q, k, v, mask)[0], attend(q, k, v, mask)[0],
         f"q of shape (2, 2, 3, 4), a mask of shape {mask.shape}")  # fmt: skip


@question(
    "17.1",
    says="scores in the thousands give weights, not NaN",
    hints=[
        "np.exp(1000) is infinite, and inf / inf is NaN.",
        "softmax(x) is softmax(x - c) for every c: take away the largest score of each row.",
    ],
)
def large_scores(student, rng):
    q, k, v = some(rng, (2, 4), (3, 4), (3, 2))
    same(student.attention(1000 * q, 10 * k, v)[1], attend(1000 * q, 10 * k, v)[1],
         "the weights for queries of a size of about 1000")  # fmt: skip
    same(student.attention(np.array([[-2000.0]]), np.array([[1.0], [2.0]]), np.eye(2))[1],
         np.array([[1.0, 0.0]]), "the weights for q = [[-2000]], k = [[1], [2]]")  # fmt: skip


@question(
    "17.1",
    says="a key is hidden, and the others seen, among scores in the thousands",
    hints=[
        "Beside a score of -3000, one of -1000 is no hidden one. Which score always is?",
        "Hide first, then look for the largest score of each row: it must be one that is seen.",
    ],
    hidden=True,
)
def hidden_among_large(student, rng):
    lost = "all weights are 0 / 0: the largest score was looked for among the hidden keys too"
    seen = "a hidden key has a weight: the score it got is larger than those that are seen"
    for keys in ([5000.0, -3000.0, -3001.0], [-3000.0, -3001.0, -3000.0], [9.0, 2000.0, 2001.0]):
        q, k, v = np.ones((1, 1)), np.array(keys)[:, None], np.eye(3)
        mask = np.array([False, True, True])
        got = student.attention(q, k, v, mask)[1]
        asked = f"the weights for the scores {keys} with mask = [0, 1, 1]"
        holds(np.shape(got) == (1, 3), f"{asked} are of the shape (1, 3)")
        holds(not np.isnan(got).any(), asked, lost)
        holds(got[0, 0] == 0, asked, seen)
        same(got, attend(q, k, v, mask)[1], asked)
    q, k, v = some(rng, (2, 5, 4), (2, 5, 4), (2, 5, 3))
    for mask in (np.tri(5, dtype=bool), np.eye(5, dtype=bool)):
        right = attend(3000 * q, k, v, mask)
        same(student.attention(3000 * q, k, v, mask), right, "attention of scores in the thousands "
             f"with mask = {mask.astype(int).tolist()}")  # fmt: skip


# ---------------------------------------------------------------------- 17.2


@question(
    "17.2",
    says="a place sees itself and those before it",
    hints=[
        "Rows are queries, columns keys: row 0 sees column 0 alone.",
        "Number the rows i and the columns j, and compare.",
    ],
)
def the_past(student, rng):
    for t in (2, 1, 4):
        right = np.array([[j <= i for j in range(t)] for i in range(t)])
        mistakes = {
            "this sees what comes after: rows are queries, columns are keys": right.T,
            "a place sees itself too": np.tri(t, k=-1).astype(bool),
            "True means seen, not hidden": ~right,
        }
        got = student.causal_mask(t)
        same(np.asarray(got).astype(bool), right, f"causal_mask({t})", mistakes=mistakes)


@question(
    "17.2",
    points=2,
    says="the keys of a text are its first ones; the axis of the queries has length 1",
    hints=[
        "Which of 0, 1, ..., s - 1 are smaller than the length?",
        "Compare np.arange(s) of shape (s,) with the lengths of shape (B, 1, 1).",
    ],
)
def padding(student, rng):
    for lengths, s in [([1, 3], 3), ([2], 4), ([4, 1, 2], 4)]:
        right = np.array([[[j < n for j in range(s)]] for n in lengths])
        mistakes = {
            "the key number lengths[b] is padding already: they count from 0": np.array(
                [[[j <= n for j in range(s)]] for n in lengths]
            ),
            "True means a key that is seen, not one that is padding": ~right,
            "the padding stands at the end, not at the beginning": right[..., ::-1],
            "an axis for the queries is missing: (B, 1, s)": right[:, 0],
            "the axis of length 1 is that of the queries, the middle one": np.swapaxes(right, 1, 2),
        }
        got = np.asarray(student.padding_mask(np.array(lengths), s)).astype(bool)
        same(got, right, f"padding_mask({lengths}, {s})", mistakes=mistakes)


@question(
    "17.2",
    says="both are booleans, which & joins and ~ turns round",
    hints=["~ of the integer 1 is -2, which counts as true. Make booleans: dtype=bool."],
)
def booleans(student, rng):
    for name, got in [("causal_mask(3)", student.causal_mask(3)),
                      ("padding_mask([1, 3], 3)", student.padding_mask([1, 3], 3))]:  # fmt: skip
        kind = getattr(got, "dtype", type(got).__name__)
        holds(kind == np.bool_, f"{name} is an array of booleans", f"it is one of {kind}")


@question(
    "17.2",
    says="no key is seen of a text of no words, and both masks go together",
    hints=[
        "Of a text of length 0 no key is seen; row -1 of a table is its last one.",
        "causal_mask(t) & padding_mask(lengths, t) is of the shape (B, t, t).",
    ],
    hidden=True,
)
def texts_of_no_words(student, rng):
    for lengths, s in [([0], 2), ([3, 0, 1], 3), ([7, 5, 0, 60], 60)]:
        right = np.array([[[j < n for j in range(s)]] for n in lengths])
        got = np.asarray(student.padding_mask(lengths, s))
        same(got.astype(bool), right, f"padding_mask({lengths}, {s})", mistakes={
            "of a text of length 0 all is seen: it should be nothing":
                right | (np.array(lengths) == 0)[:, None, None],
        })  # fmt: skip
        both = np.asarray(student.causal_mask(s)) & got
        same(both, np.tri(s, dtype=bool) & right, f"both masks, lengths {lengths} of {s}")


# ---------------------------------------------------------------------- 17.3


def pulled(student, q, k, v, g):
    """The student's output and three gradients."""
    output, pullback = student.attention_pullback(q, k, v)
    return output, pullback(g)


def gradients_of_attention(q, k, v, g, scale=None):
    scale = q.shape[-1] ** -0.5 if scale is None else scale
    p = softmax(q @ k.T / np.sqrt(q.shape[-1]))
    dp = g @ v.T
    ds = p * (dp - (p * dp).sum(-1, keepdims=True))
    return scale * ds @ k, scale * ds.T @ q, p.T @ g


@question(
    "17.3",
    says="the derivative by the values",
    hints=[
        "Let p be the weights. The output is p @ v: a matrix product, with p constant here.",
        "Value s goes into every output t with the weight p[t, s]: it gets p[t, s] g[t] from each.",
        "For y = a @ b the derivative by b is a.T @ g.",
    ],
)
def by_the_values(student, rng):
    for t, s in [(1, 2), (2, 3), (3, 3)]:
        q, k, v, g = some(rng, (t, 4), (s, 4), (s, 2), (t, 2))
        output, grads = pulled(student, q, k, v, g)
        same(output, attend(q, k, v)[0], f"the output for T = {t}, S = {s}")
        a_tuple_of(3, grads)
        p = attend(q, k, v)[1]
        mistakes = {"p transposed is needed: value s collects from all queries t": p @ g} if (
            t == s
        ) else {}  # fmt: skip
        same(grads[2], p.T @ g, f"dv for T = {t}, S = {s}", mistakes=mistakes)


@question(
    "17.3",
    points=2,
    says="the derivative by queries and keys, through the softmax and the scale",
    hints=[
        "Go back step by step: g to dp (p @ v), dp to ds (softmax), ds to dq and dk (q @ k^T).",
        "softmax: ds = p * (dp - sum of p * dp along the keys): weights depend on all scores.",
        "The scores were multiplied by 1 / sqrt(D), so dq and dk are too.",
    ],
)
def by_queries_and_keys(student, rng):
    for t, s, d in [(2, 2, 1), (2, 3, 4), (3, 3, 4)]:
        q, k, v, g = some(rng, (t, d), (s, d), (s, 2), (t, 2))
        dq, dk, _ = gradients_of_attention(q, k, v, g)
        wq, wk, _ = gradients_of_attention(q, k, v, g, scale=1.0)
        p = softmax(q @ k.T / np.sqrt(d))
        dp = g @ v.T
        diagonal, bare, queries = p * (1 - p) * dp, p * dp, p * (dp - (p * dp).sum(0))
        mistakes = [{}, {}]
        for i in (0, 1):

            def product(ds, i=i, q=q, k=k, scale=d**-0.5):
                return scale * (ds @ k if i == 0 else ds.T @ q)

            mistakes[i] = {
                "the scale 1 / sqrt(D) is missing on the way back": (wq, wk)[i],
                "p (1 - p) is only how a weight depends on its own score: it depends on the "
                "other scores too": product(diagonal),
                "p dp is half of it: the weights sum to 1, so if one grows the others shrink": (
                    product(bare)
                ),
                "the sum of p dp goes along the keys, for each query": product(queries),
                "this is the way back without the softmax": product(dp),
            }
        _, grads = pulled(student, q, k, v, g)
        case = f"for T = {t}, S = {s}, D = {d}"
        same(grads[0], dq, f"dq {case}", mistakes=mistakes[0])
        same(grads[1], dk, f"dk {case}", mistakes=mistakes[1])


@question(
    "17.3",
    points=2,
    says="it is what differences of the output say",
    hints=[
        "One entry of q was moved a little, and the output followed; your dq says otherwise.",
        "Check dv, then ds, then dq and dk: each is one line.",
    ],
)
def by_differences(student, rng):
    for t, s, d, dv in [(1, 3, 2, 1), (2, 4, 3, 2)]:
        q, k, v = some(rng, (t, d), (s, d), (s, dv))
        gradients_right(student.attention_pullback, [q, k, v], f"attention, T = {t}, S = {s}")


@question(
    "17.3",
    points=2,
    says="it is right for scores in the thousands, more queries than keys, and another g",
    hints=[
        "Are the weights computed once more for the way back? np.exp(1000) is infinite.",
        "`attention` returns the weights, safe from overflow: keep them.",
    ],
    hidden=True,
)
def back_from_large_scores(student, rng):
    for t, s, d, dv in [(2, 1, 1, 1), (3, 2, 4, 1), (6, 4, 4, 3)]:
        for offset in (0, 2000):
            q, k, v = some(rng, (t, d), (s, d), (s, dv))
            q[:, 0], k[:, 0] = offset * np.arange(1, t + 1), 1  # a row's scores are large, and near
            output, pullback = student.attention_pullback(q, k, v)
            case = f"T = {t}, S = {s}, scores about {offset}"
            same(output, attend(q, k, v)[0], f"the output for {case}")
            for _ in range(2):
                g = rng.standard_normal((t, dv))
                found = zip("qkv", pullback(g), gradients_of_attention(q, k, v, g), strict=True)
                for name, got, right in found:
                    same(got, right, f"d{name} for {case}")


# ---------------------------------------------------------------------- 17.4


def by_heads(x, context, wq, wk, wv, wo, heads, mask=None, scale=None):
    q, k, v = x @ wq, context @ wk, context @ wv
    n = q.shape[-1] // heads
    parts = [slice(i * n, (i + 1) * n) for i in range(heads)]
    return (
        np.concatenate([attend(q[:, c], k[:, c], v[:, c], mask, scale)[0] for c in parts], 1) @ wo
    )


@question(
    "17.4",
    says="with one head it is attention between four products",
    hints=[
        "q = x @ wq, k = context @ wk, v = context @ wv, and the output is multiplied by wo.",
        "Queries come from x; keys and values both from context.",
    ],
)
def one_head(student, rng):
    x, context = some(rng, (3, 4), (3, 4))
    wq, wk, wv, wo = w = some(rng, *[(4, 4)] * 4)
    turned = by_heads(context, x, *w, 1)
    mixed = attend(x @ wq, context @ wk, x @ wv)[0] @ wo
    mistakes = {
        "the queries come from x, keys and values from context: here it is the other way": turned,
        "the values come from context too": mixed,
        "this attends to x itself: keys and values come from context": by_heads(x, x, *w, 1),
        "wo is missing at the end": attend(x @ wq, context @ wk, context @ wv)[0],
    }
    same(student.multi_head(x, context, *w, 1), by_heads(x, context, *w, 1),
         "multi_head(x, context, ..., heads=1), T = S = 3, E = 4", mistakes=mistakes)  # fmt: skip
    x = some(rng, (2, 4))[0]
    same(student.multi_head(x, context, *w, 1), by_heads(x, context, *w, 1),
         "multi_head(x, context, ..., heads=1), T = 2, S = 3")  # fmt: skip


@question(
    "17.4",
    points=3,
    says="each head has columns of its own, and weights of its own",
    hints=[
        "With 2 heads and E = 4, head 0 is attention of q[:, :2] to k[:, :2] and v[:, :2].",
        "A reshape cannot exchange axes: (T, E) to (T, heads, D) first, and then transpose.",
        "Back: transpose to (T, heads, D), then reshape to (T, E).",
    ],
)
def own_columns(student, rng):
    for t, heads, e in [(2, 2, 4), (3, 2, 6), (4, 4, 8)]:
        x, *w = some(rng, (t, e), *[(e, e)] * 4)
        wq, wk, wv, wo = w
        q, k, v = x @ wq, x @ wk, x @ wv

        def cut(y, heads=heads, t=t):
            return y.reshape(heads, t, -1)

        def joined(y, t=t):
            return y.transpose(1, 0, 2).reshape(t, -1)

        def split(y, heads=heads, t=t):
            return y.reshape(t, heads, -1).transpose(1, 0, 2)

        def alternating(y, heads=heads, t=t):
            return y.reshape(t, -1, heads).transpose(2, 0, 1)

        parts = attend(split(q), split(k), split(v))[0]
        mistakes = {
            "reshape does not exchange axes: this cuts (T, E) into heads across the rows": (
                joined(attend(cut(q), cut(k), cut(v))[0]) @ wo
            ),
            "the heads are cut across the rows, and put together so: first reshape to "
            "(T, heads, D), then transpose": attend(cut(q), cut(k), cut(v))[0].reshape(t, e) @ wo,
            "the heads must be put side by side: transpose to (T, heads, D) before the reshape": (
                parts.reshape(t, e) @ wo
            ),
            "each head divides by the square root of its own D = E / heads": by_heads(
                x, x, *w, heads, scale=e**-0.5
            ),
            "this is one head: each must have weights of its own": by_heads(x, x, *w, 1),
            "a head has neighbouring columns, not every second one": (
                attend(alternating(q), alternating(k), alternating(v))[0]
                .transpose(1, 2, 0).reshape(t, e) @ wo
            ),
        }  # fmt: skip
        same(student.multi_head(x, x, *w, heads), by_heads(x, x, *w, heads),
             f"multi_head with {heads} heads, T = {t}, E = {e}", mistakes=mistakes)  # fmt: skip


@question(
    "17.4",
    says="the mask holds for every head",
    hints=["Give the mask to `attention`: it broadcasts over the heads."],
)
def mask_in_every_head(student, rng):
    x, *w = some(rng, (3, 6), *[(6, 6)] * 4)
    mask = np.tri(3, dtype=bool)
    mistakes = {"the mask is not used": by_heads(x, x, *w, 3)}
    same(student.multi_head(x, x, *w, 3, mask), by_heads(x, x, *w, 3, mask),
         "multi_head with 3 heads and a causal mask", mistakes=mistakes)  # fmt: skip


@question(
    "17.4",
    points=2,
    says="several heads may look at a longer or shorter context, with a mask",
    hints=[
        "T and S may differ: queries have len(x) rows, keys and values len(context).",
        "A mask may be of the shape (T, S), (1, S) or (S,): `attention` takes it as it is.",
    ],
    hidden=True,
)
def heads_across(student, rng):
    for t, s, heads, e in [(2, 3, 2, 4), (5, 2, 3, 6), (1, 4, 4, 4), (4, 1, 1, 2)]:
        x, context, *w = some(rng, (t, e), (s, e), *[(e, e)] * 4)
        seen = rng.random((t, s)) < 0.5
        seen[:, 0] = True
        for mask in (None, seen, seen[:1], seen[0]):
            shape = None if mask is None else mask.shape
            asked = f"multi_head with {heads} heads, T = {t}, S = {s}, E = {e}, mask {shape}"
            right = by_heads(x, context, *w, heads, mask)
            same(student.multi_head(x, context, *w, heads, mask), right, asked)


# ---------------------------------------------------------------------- 17.5


def table(t, e, base=10000.0, pairs=2.0):
    p, i = np.arange(t)[:, None], np.arange(e // 2)
    angle = p / base ** (pairs * i / e)
    found = np.empty((t, e))
    found[:, 0::2], found[:, 1::2] = np.sin(angle), np.cos(angle)
    return found


@question(
    "17.5",
    points=2,
    says="sine in the even columns, cosine in the odd ones, slower from pair to pair",
    hints=[
        "One angle for each place p and each pair i: p / 10000**(2 i / e), of shape (t, e / 2).",
        "sin of the angles goes into columns 0, 2, 4, ...: found[:, 0::2].",
    ],
)
def sines(student, rng):
    for t, e in [(2, 2), (3, 4), (20, 8)]:
        right = table(t, e)
        sin, cos = right[:, 0::2], right[:, 1::2]
        with np.errstate(all="ignore"):
            fast = np.arange(t)[:, None] * 10000 ** (np.arange(0, e, 2) / e)
        mistakes = {
            "the angles are divided by w, so each pair is slower than the one before": np.stack(
                [np.sin(fast), np.cos(fast)], -1
            ).reshape(t, e),
            "all sines, then all cosines: they should take turns": np.concatenate([sin, cos], 1),
            "sine and cosine are exchanged": np.stack([cos, sin], -1).reshape(t, e),
            "the exponent is 2 i / e, where i counts the pairs": table(t, e, pairs=1.0),
            "the exponent is 2 i / e, where i counts the pairs, not the columns": table(
                t, e, pairs=4.0
            ),
            "places count from 0": table(t + 1, e)[1:],
        }
        same(student.positions(t, e), right, f"positions({t}, {e})", mistakes=mistakes)


@question(
    "17.5",
    says="the product of two rows depends only on how far apart they are",
    hints=[
        "sin a sin b + cos a cos b = cos(a - b): each pair must have one and the same angle.",
    ],
)
def only_the_distance(student, rng):
    rows = np.asarray(student.positions(30, 16))
    holds(rows.shape == (30, 16), "positions(30, 16) has the shape (30, 16)", f"got {rows.shape}")
    products = rows @ rows.T
    for far in (0, 1, 7):
        along = np.diagonal(products, far)
        same(along, np.full(len(along), along[0]),
             f"rows p and p + {far} of positions(30, 16), multiplied, for all p")  # fmt: skip
    off = products[0, 0] - products[0, 1:]
    holds((off > 1e-6).all(), "a row is most like itself", "places 0 and another look the same")


@question(
    "17.5",
    says="it holds for every even width, and for long texts",
    hints=[
        "There are e / 2 pairs. np.arange(0, 1, 2 / e) has sometimes one more: 98 is such an e.",
        "Count in integers, np.arange(e // 2), and divide afterwards. t has no largest value.",
    ],
    hidden=True,
)
def every_width(student, rng):
    for t, e in [(1, 2), (4, 6), (3, 98), (2, 206), (6000, 10)]:
        same(student.positions(t, e), table(t, e), f"positions({t}, {e})")


# ---------------------------------------------------------------------- 17.6


@question(
    "17.6",
    says="the derivatives by gain and bias",
    hints=[
        "y = gain * z + bias. What is the derivative of y by gain?",
        "It is z, the row after it was normalized, not x.",
    ],
)
def by_gain_and_bias(student, rng):
    for t, e in [(1, 3), (4, 3)]:
        x, gain, bias, g = some(rng, (t, e), e, e, (t, e))
        x = 3 * x + 5
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        y, pullback = student.layer_norm(x, gain, bias)
        same(y, gain * z + bias, f"the value for x of shape ({t}, {e})")
        grads = pullback(g)
        a_tuple_of(3, grads)
        _, dgain, dbias = grads
        mistakes = {
            "gain was multiplied by z, the normalized x, not by x": (g * x).sum(0),
            "all rows share one gain: sum over them": g * z,
            "all rows share one gain: sum over them, not take their mean": (g * z).mean(0),
            "this is the derivative by bias": g.sum(0),
        }
        same(dgain, (g * z).sum(0), f"dgain for x of shape ({t}, {e})", mistakes=mistakes)
        same(dbias, g.sum(0), f"dbias for x of shape ({t}, {e})")


@question(
    "17.6",
    points=3,
    says="the derivative by x, which moves the mean and the deviation too",
    hints=[
        "Move one entry of a row: the mean of the row moves, and so do all its entries of z.",
        "If all entries of x grow by the same, y stays. So what must the sum of a row of dx be?",
        "Take from dz its mean, and a multiple of z: the one that makes the sum of dx * z zero.",
    ],
)
def by_x(student, rng):
    for t, e in [(1, 2), (1, 4), (3, 4)]:
        x, gain, bias, g = some(rng, (t, e), e, e, (t, e))
        _, pullback = student.layer_norm(x, gain, bias)
        s = np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        z, dz = (x - x.mean(-1, keepdims=True)) / s, g * gain
        mean, turn = dz.mean(-1, keepdims=True), z * (dz * z).mean(-1, keepdims=True)
        mistakes = {
            "mean and deviation are taken as constants, but they move with x": dz / s,
            "the mean is taken into account, the deviation not yet": (dz - mean) / s,
            "the deviation is taken into account, the mean not yet": (dz - turn) / s,
            "gain is forgotten on the way back": (
                (g - g.mean(-1, keepdims=True) - z * (g * z).mean(-1, keepdims=True)) / s
            ),
            "it is divided by the deviation, not by the variance": (dz - mean - turn) / s**2,
            "the means go along each row, not over the rows": (
                (dz - dz.mean(0) - z * (dz * z).mean(0)) / s
            ),
        }
        same(pullback(g)[0], (dz - mean - turn) / s, f"dx for x of shape ({t}, {e})",
             mistakes=mistakes)  # fmt: skip


@question(
    "17.6",
    points=2,
    says="all three are what differences say, at any size of x",
    hints=["Two bugs: one is in the derivative by x, one in that by gain."],
)
def norm_by_differences(student, rng):
    for size in (1.0, 20.0):
        x, gain, bias = some(rng, (3, 5), 5, 5)
        gradients_right(student.layer_norm, [size * x, gain, bias], f"layer_norm, x about {size}")


@question(
    "17.6",
    points=2,
    says="it is right for another eps, for rows of equal numbers, and for another g",
    hints=[
        "eps is an argument; the deviation has it in it already.",
        "Where all of a row are equal, z is 0 and the deviation is sqrt(eps).",
    ],
    hidden=True,
)
def another_eps(student, rng):
    for t, e, eps in [(1, 2, 0.5), (3, 4, 0.1), (4, 4, 2.0), (2, 1, 1.0)]:
        x, gain, bias = some(rng, (t, e), e, e)
        x[-1] = 3
        y, pullback = student.layer_norm(x, gain, bias, eps)
        s = np.sqrt(x.var(-1, keepdims=True) + eps)
        z = (x - x.mean(-1, keepdims=True)) / s
        case = f"x of shape ({t}, {e}), its last row 3 everywhere, eps = {eps}"
        same(y, gain * z + bias, f"the value for {case}")
        for _ in range(2):
            g = rng.standard_normal((t, e))
            dz = g * gain
            dx = (dz - dz.mean(-1, keepdims=True) - z * (dz * z).mean(-1, keepdims=True)) / s
            right = dx, (g * z).sum(0), g.sum(0)
            for name, got, of in zip(("dx", "dgain", "dbias"), pullback(g), right, strict=True):
                same(got, of, f"{name} for {case}")


# ---------------------------------------------------------------------- 17.7


class Parts:
    """The parts of a layer, which write down what they are given."""

    def __init__(self, rng, e):
        self.maps = [np.round(rng.standard_normal((e, e)), 2) for _ in range(3)]
        self.seen = {}

    def norm(self, x):
        x = np.asarray(x)
        return x / np.sqrt(1 + np.mean(x**2, axis=-1, keepdims=True))

    def attend(self, name, i):
        def attend_to(queries, others, mask=None):
            self.seen.setdefault(name, (np.array(queries), np.array(others), mask))
            return attend(np.asarray(queries), np.asarray(others) @ self.maps[i],
                          np.asarray(others), mask)[0]  # fmt: skip

        return attend_to

    def mlp(self, x):
        self.seen.setdefault("mlp", np.array(x))
        return np.tanh(np.asarray(x) @ self.maps[2])

    def all(self):
        return self.norm, self.attend("self", 0), self.attend("memory", 1), self.mlp


def zero(*args):
    return np.zeros_like(args[0])


def noting(step, given):
    """The step, which puts its arguments on the list `given`."""

    def noted(*args):
        given.append(args)
        return step(*args)

    return noted


@question(
    "17.7",
    points=2,
    says="x goes past every step untouched, and each step adds to it",
    hints=[
        "If every step gives 0, what comes out must be x itself.",
        "Keep x; give norm(x) to the step: x = x + step(norm(x)).",
        "Is there a norm round the last line?",
    ],
)
def untouched(student, rng):
    x, memory = some(rng, (3, 4), (3, 4))
    norm = Parts(rng, 4).norm
    got = student.decoder_block(x, memory, norm, zero, zero, zero)
    mistakes = {
        "norm(x) goes on in the place of x: the step gets norm(x), the sum gets x": norm(x),
        "x was normalized twice on its way: only what a step is given is": norm(norm(x)),
        "x is lost: each step adds to x, it does not take its place": np.zeros_like(x),
    }
    same(got, x, "a layer whose steps all give 0", mistakes=mistakes)
    got = student.decoder_block(x, memory, norm, zero, zero, lambda x: np.ones_like(x))
    same(got, x + 1, "a layer whose mlp gives 1, and the others 0",
         mistakes={"the norm belongs before the step, not round the sum": norm(x + 1)})  # fmt: skip


@question(
    "17.7",
    points=2,
    says="no place sees what comes after it",
    hints=[
        "What is to be predicted at t stands at t + 1. Who may see it?",
        "The third argument of attend_self is the mask: causal_mask(len(x)).",
    ],
)
def no_future(student, rng):
    parts = Parts(rng, 4)
    x, memory = some(rng, (4, 4), (3, 4))
    student.decoder_block(x, memory, *parts.all())
    mask = parts.seen["self"][2]
    holds(mask is not None, "the mask that attend_self is given", "it is None: all is seen")
    same(np.asarray(mask).astype(bool), np.tri(4, dtype=bool), "the mask that attend_self is given")
    whole = parts.seen["memory"][2]
    holds(
        whole is None or bool(np.all(whole)),
        "attend_memory sees the whole input",
        "it was given a mask: the input is no future",
    )


@question(
    "17.7",
    points=2,
    says="what is being written asks, and the input answers",
    hints=[
        "The output has one row for each place of x. So who asks, x or memory?",
        "attend_memory(queries from, keys and values from, mask): what is written asks.",
        "memory is not normalized here: the encoder has done that at its end.",
    ],
)
def who_asks(student, rng):
    parts = Parts(rng, 4)
    x, memory = some(rng, (2, 4), (2, 4))
    student.decoder_block(x, memory, *parts.all())
    after = (
        x + attend(parts.norm(x), parts.norm(x) @ parts.maps[0], parts.norm(x), np.tri(2) > 0)[0]
    )
    queries, others, _ = parts.seen["memory"]
    turned = "queries come from what is written, keys and values from memory: they are exchanged"
    same(others, memory, "the second argument of attend_memory, T = S = 2", mistakes={
        turned: parts.norm(after), "the memory is not normalized again": parts.norm(memory),
    })  # fmt: skip
    same(queries, parts.norm(after), "the first argument of attend_memory", mistakes={
        "the norm of x before attend_self, not after it": parts.norm(x),
        "the queries are not normalized": after, turned: memory,
    })  # fmt: skip


@question(
    "17.7",
    says="the whole layer, for an input longer or shorter than the output",
    hints=["Each of the three steps gets the norm of the result of the one before."],
)
def whole_layer(student, rng):
    for t, s in [(1, 1), (3, 5), (5, 2)]:
        parts = Parts(rng, 6)
        norm, attend_self, attend_memory, mlp = parts.all()
        x, memory = some(rng, (t, 6), (s, 6))
        right = x + attend_self(norm(x), norm(x), np.tri(t, dtype=bool))
        right = right + attend_memory(norm(right), memory)
        right = right + mlp(norm(right))
        got = student.decoder_block(x, memory, *Parts.all(parts))
        same(got, right, f"decoder_block, T = {t}, S = {s}")


@question(
    "17.7",
    says="attention gets three arguments, by their places, and the mask is of booleans",
    hints=[
        "attend_memory takes a mask as well, even if there is nothing to hide: None.",
        "A mask is of booleans, as `causal_mask` makes them, not of numbers.",
    ],
    hidden=True,
)
def three_arguments(student, rng):
    for t, s in [(1, 3), (4, 1), (3, 6)]:
        parts, given = Parts(rng, 4), []
        norm, attend_self, attend_memory, mlp = parts.all()
        x, memory = some(rng, (t, 4), (s, 4))
        right = x + attend_self(norm(x), norm(x), np.tri(t, dtype=bool))
        right = right + attend_memory(norm(right), memory)
        right = right + mlp(norm(right))
        steps = noting(attend_self, given), noting(attend_memory, given)
        got = student.decoder_block(x, memory, norm, *steps, mlp)
        same(got, right, f"decoder_block, T = {t}, S = {s}")
        for name, args in zip(("attend_self", "attend_memory"), given, strict=True):
            holds(len(args) == 3, f"{name} is called with three arguments",
                  f"it got {len(args)}: the mask is left out")  # fmt: skip
            kind = getattr(args[2], "dtype", "no array")
            holds(args[2] is None or kind == np.bool_, f"the mask of {name} is None or of booleans",
                  f"the mask is of {kind}, not of booleans")  # fmt: skip

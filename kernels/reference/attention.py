"""Attention: for each query the average of the values, weighted by how well their keys fit it.

    scores[t, s] = scale * q[t] . k[s] + bias[t, s]
    weights[t]   = softmax(scores[t])
    out[t]       = sum_s weights[t, s] v[s]

Here the T x S scores and weights are arrays. The kernels for CPU and GPU have a tile of them at a
time, and compute them once more in the backward pass, from lse[t] = logsumexp(scores[t]).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kernels.reference import dropout


def attention(
    q: Any, k: Any, v: Any, bias: Any = None, causal: bool = False, scale: float | None = None,
    p: float = 0.0, seed: int = 0, kept: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """(out, lse): softmax(scale * q k^T + bias) v, and the logsumexp of each row of scores.

    q: (B, H, T, D), k: (B, Hk, S, D), v: (B, Hk, S, Dv), of one dtype. H is a multiple of Hk, and
    key head h // (H / Hk) serves query head h: grouped-query attention, Ainslie et al., 2023.
    bias: 4-D, broadcasts to (B, H, T, S); -inf hides a key from a query. causal: query t sees the
    keys 0 to t alone. scale: 1 / sqrt(D) if not given. out: (B, H, T, Dv), lse: (B, H, T).

    p: each weight is dropped with this probability, the others are divided by 1 - p; which, the
    seed decides (`kept_by`), or booleans `kept`, 4-D, which broadcast to (B, H, T, S).

    A query that sees no key, all its scores being -inf, gets zeros, and lse = -inf. One that has a
    score of +inf or NaN gets NaN. (Whether NaN and infinity also get to where `causal` hides them,
    as 0 * inf, is left open: the tiles of the scores that hold zeros alone are not computed.)

    2 B H T S (D + Dv) FLOPs, half of that if causal; q, k, v and out are read or written once at
    the least. Vaswani et al., "Attention is all you need", 2017, section 3.2.1.
    """
    scores = scores_of(q, k, bias, causal, scale)
    e = np.exp(scores - largest(scores))
    total = e.sum(axis=-1, keepdims=True)
    seen = total != 0
    total = np.where(seen, total, 1)
    lse = np.where(seen, np.log(total) + largest(scores), -math.inf)
    weights = dropped(e / total, p, seed, kept)
    return weights @ for_query_heads(v, q), lse[..., 0].astype(q.dtype)


def attention_backward(
    g: Any, q: Any, k: Any, v: Any, out: Any, lse: Any, bias: Any = None, causal: bool = False,
    scale: float | None = None, p: float = 0.0, seed: int = 0, kept: Any = None,
    bias_grad: bool = False,
) -> tuple[Any, Any, Any, Any]:  # fmt: skip
    """(dq, dk, dv, dbias) from g (B, H, T, Dv), the gradient of `attention`'s out.

    With w the weights (in the sums below those that were not dropped, divided by 1 - p):

        dv      = w^T g
        dw      = g v^T
        dscores = w * (dw - delta),  delta[t] = sum_s w[t, s] dw[t, s] = g[t] . out[t]
        dq      = scale * dscores k
        dk      = scale * dscores^T q

    dk and dv are summed over the query heads that share a key head; dbias (None unless bias_grad)
    over the axes that bias was broadcast along. 2 B H T S (3 D + 2 Dv) FLOPs, half if causal.
    Dao et al., "FlashAttention", 2022, appendix B.2.
    """
    scores = scores_of(q, k, bias, causal, scale)
    weights = hide(np.exp(scores - np.where(lse == -math.inf, 0, lse)[..., None]), causal, 0)
    dv = transposed(dropped(weights, p, seed, kept)) @ g
    dweights = dropped(g @ transposed(for_query_heads(v, q)), p, seed, kept)
    dscores = hide(weights * (dweights - (g * out).sum(axis=-1, keepdims=True)), causal, 0)
    dq = scale_of(q, scale) * (dscores @ for_query_heads(k, q))
    dk = scale_of(q, scale) * (transposed(dscores) @ q)
    dbias = None
    if bias_grad:
        axes = tuple(i for i, n in enumerate(bias.shape) if n == 1)
        dbias = dscores.sum(axis=axes, keepdims=True)
    return dq, for_key_heads(dk, k), for_key_heads(dv, k), dbias


# ---------------------------------------------------------------------------- parts


def scores_of(q: Any, k: Any, bias: Any, causal: bool, scale: float | None) -> Any:
    """scale * q k^T + bias (B, H, T, S), and -inf where `causal` hides the key."""
    scores = scale_of(q, scale) * (q @ transposed(for_query_heads(k, q)))
    if bias is not None:
        scores = scores + bias
    return hide(scores, causal, -math.inf)


def hide(x: Any, causal: bool, value: float) -> Any:
    """x (B, H, T, S), if causal with `value` where the key comes after the query."""
    if not causal:
        return x
    t, s = x.shape[-2:]
    return np.where(np.arange(s, like=x) > np.reshape(np.arange(t, like=x), (t, 1)), value, x)


def scale_of(q: Any, scale: float | None) -> float:
    return 1 / math.sqrt(max(q.shape[-1], 1)) if scale is None else scale


def largest(scores: Any) -> Any:
    """The largest score of each row, its axis kept; 0 for a row of -inf, or of nothing."""
    if scores.shape[-1] == 0:
        return np.zeros_like(scores.real, shape=(*scores.shape[:-1], 1))
    top = scores.real.max(axis=-1, keepdims=True)
    return np.where(top == -math.inf, 0, top)


def dropped(weights: Any, p: float, seed: int, kept: Any) -> Any:
    """The weights after dropout, or in the backward pass their gradients."""
    if p == 0:
        return weights
    if kept is None:
        kept = kept_by(seed, p, weights)
    return weights * kept * dropout.scale(p)


def kept_by(seed: int, p: float, like: Any) -> Any:
    """Which weights of (B, H, T, S) are not dropped, by the random bits of `kernels.dropout`.

    Weight (b, h, t, s) is its element ((b H + h) S + s) T' + t, where T' is T rounded up to 64:
    in the kernels the queries lie side by side in a vector.
    """
    b, h, t, s = like.shape
    column = np.reshape(np.arange(b * h * s, dtype=np.uint64, like=like), (b, h, 1, s))
    row = np.reshape(np.arange(t, dtype=np.uint64, like=like), (t, 1))
    return dropout.random_bits(seed, column * (-(-t // 64) * 64) + row) >= dropout.threshold(p)


def for_query_heads(x: Any, q: Any) -> Any:
    """Keys or values (B, Hk, S, D) repeated, so that each query head has its own."""
    group = q.shape[1] // max(x.shape[1], 1)
    return x if group == 1 else np.repeat(x, group, axis=1)


def for_key_heads(gradient: Any, x: Any) -> Any:
    """The gradient of x from that of `for_query_heads(x)`."""
    b, heads, *rest = gradient.shape
    if heads == x.shape[1]:
        return gradient
    return np.reshape(gradient, (b, x.shape[1], heads // x.shape[1], *rest)).sum(axis=2)


def transposed(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)

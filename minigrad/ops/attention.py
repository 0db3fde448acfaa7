"""Scaled dot-product attention: for each query an average of the values, weighted by the keys.

The function with PyTorch's name, which draws the seed, is in `minigrad/nn/functional_attention.py`.
"""

from __future__ import annotations

import math

import numpy as np

import kernels
from kernels.reference import dropout
from kernels.reference.attention import hide, kept_by
from minigrad.autograd import sum_to
from minigrad.graph import describe, op
from minigrad.ops.axes import raw
from minigrad.ops.softmax import softmax

__all__: list[str] = []  # it is in nn.functional alone, as in PyTorch

NAME = "scaled_dot_product_attention"


def _definition(
    query, key, value, attn_mask=None, p=0.0, seed=0, causal=False, scale=None, gqa=False,
    mask_grad=True,
):  # fmt: skip
    """scaled_dot_product_attention, of plain ops."""
    axes = Axes(query, key, value, attn_mask, gqa)
    if scale is None:
        scale = 1 / math.sqrt(max(query.shape[-1], 1))
    scores = scale * (query @ np.swapaxes(axes.repeated(key, axes.heads), -1, -2))
    if attn_mask is not None and attn_mask.dtype == np.bool_:
        scores = np.where(raw(attn_mask), scores, -math.inf)
    elif attn_mask is not None:
        scores = scores + attn_mask
    scores = hide(np.broadcast_to(scores, axes.scores), causal, -math.inf)
    blind = np.all(raw(scores) == -math.inf, axis=-1, keepdims=True)
    weights = np.where(blind, 0, softmax(np.where(blind, 0, scores), -1))
    if p > 0:
        kept = kept_by(seed, p, np.reshape(raw(scores), axes.two(axes.batch) + axes.scores[-2:]))
        weights = weights * np.reshape(kept, axes.scores) * dropout.scale(p)
    return weights @ axes.repeated(value, axes.heads)


@op(definition=_definition)
def scaled_dot_product_attention(
    query, key, value, attn_mask=None, p=0.0, seed=0, causal=False, scale=None, gqa=False,
    mask_grad=True,
):  # fmt: skip
    """softmax(scale * query key^T + attn_mask) value, with a share p of the weights dropped.

    For the arguments see `nn.functional`; the seed decides which weights are dropped. mask_grad:
    whether a mask of numbers gets a gradient. Closes over its arguments, its result, and one number
    a query. The gradients: `kernels/reference/attention.py`.
    """
    axes = Axes(query, key, value, attn_mask, gqa)
    q = axes.merged(query, axes.heads)
    k, v = axes.merged(key, axes.key_heads), axes.merged(value, axes.key_heads)
    bias = axes.bias(attn_mask)
    options = bias, causal, scale, p, seed
    trained = mask_grad and attn_mask is not None and attn_mask.dtype != np.bool_
    out, lse = kernels.attention(q, k, v, *options)

    def pullback(g):
        g = cast(np.reshape(g, out.shape), axes.dtype)
        dq, dk, dv, dbias = kernels.attention_backward(
            g, q, k, v, out, lse, *options, bias_grad=trained
        )
        return (
            axes.split(dq, query, axes.heads),
            axes.split(dk, key, axes.key_heads),
            axes.split(dv, value, axes.key_heads),
            axes.split_bias(dbias, attn_mask) if trained else None,
        )

    return cast(np.reshape(out, (*axes.batch, *out.shape[-2:])), axes.result), pullback


def cast(x, dtype):
    return x if x.dtype == dtype else x.astype(dtype)


class Axes:
    """The shapes and dtypes of one call, checked; and its axes merged into those of the kernels.

    batch: the axes before the last two, broadcast; the last of them are `heads`, of which keys and
    values have `key_heads`. scores: the shape of the scores. The kernels know (B, heads, n, m).
    """

    def __init__(self, query, key, value, attn_mask, gqa):
        shapes = [tuple(x.shape) for x in (query, key, value)]
        if min(map(len, shapes)) < 2:
            raise fault("expected at least 2 dimensions", query, key, value)
        if shapes[0][-1] != shapes[1][-1]:
            raise fault("the last axes of query and key differ", query, key, value)
        if shapes[1][-2] != shapes[2][-2]:
            raise fault("key and value differ in length (axis -2)", query, key, value)
        leads = [shape[:-2] for shape in shapes]
        heads = [lead[-1] if lead else 1 for lead in leads]
        if gqa:
            if min(map(len, leads)) < 1:
                raise fault("enable_gqa needs an axis of heads", query, key, value, IndexError)
            if any(n == 0 or heads[0] % n for n in heads[1:]):
                raise fault("the heads of key and value must divide the query's", query, key, value)
            leads = [(*lead[:-1], heads[0]) for lead in leads]
        try:
            self.batch = np.broadcast_shapes(*leads)
        except ValueError:
            raise fault(
                "the axes before the last two do not broadcast", query, key, value
            ) from None
        self.heads = self.batch[-1] if self.batch else 1
        one_for_a_group = heads[1] == heads[2] and (gqa or heads[1] == 1)
        self.key_heads = heads[1] if one_for_a_group else self.heads
        self.scores = (*self.batch, shapes[0][-2], shapes[1][-2])
        self._check_dtypes(query, key, value, attn_mask)
        if attn_mask is not None and not broadcasts(attn_mask.shape, self.scores):
            raise RuntimeError(
                f"{NAME}: attn_mask {tuple(attn_mask.shape)} does not broadcast to the scores, "
                f"{self.scores}"
            )

    def _check_dtypes(self, query, key, value, attn_mask):
        dtypes = [x.dtype for x in (query, key, value)]
        if len({d for d in dtypes if d.kind != "c"}) > 1:
            raise fault("they must have the same dtype", query, key, value)
        if any(d.kind not in "fc" for d in dtypes):
            raise fault("expected floating dtypes", query, key, value)
        if attn_mask is not None:
            allowed = attn_mask.dtype in (np.bool_, np.float32, *dtypes)
            if not allowed and attn_mask.dtype.kind != "c":
                raise RuntimeError(
                    f"{NAME}: attn_mask must be boolean, float32 or of the query's dtype, "
                    f"{query.dtype}, got {attn_mask.dtype}"
                )
            if attn_mask.dtype.kind == "c":
                dtypes.append(attn_mask.dtype)
        self.result = np.result_type(*dtypes)
        half = self.result == np.float16
        self.dtype = np.dtype(np.float32) if half else self.result  # to compute with

    def two(self, lead):
        """A shape of leading axes as that of two."""
        return (1, 1) if not lead else (math.prod(lead[:-1]), lead[-1])

    def repeated(self, x, heads):
        """x with each of its heads as often as makes `heads` of them, unless that broadcasts."""
        if len(x.shape) < 3 or x.shape[-3] in (1, heads):
            return x
        return np.repeat(x, heads // x.shape[-3], axis=-3)

    def merged(self, x, heads):
        """x as (B, heads, n, m)."""
        lead = (*self.batch[:-1], heads) if self.batch else ()
        x = self.repeated(cast(x, self.dtype), heads)
        if x.shape[:-2] != lead:
            x = np.broadcast_to(x, lead + x.shape[-2:])
        return x if len(lead) == 2 else np.reshape(x, self.two(lead) + x.shape[-2:])

    def split(self, g, x, heads):
        """The gradient of x from that of `merged(x, heads)`."""
        if g.shape != x.shape:
            lead = (*self.batch[:-1], heads) if self.batch else ()
            g = np.reshape(g, lead + g.shape[-2:])
            if len(x.shape) > 2 and x.shape[-3] not in (1, heads):
                n = x.shape[-3]
                g = np.reshape(g, (*lead[:-1], n, heads // n, *g.shape[-2:])).sum(axis=-3)
            g = sum_to(g, x.shape)
        return cast(g, x.dtype)

    def bias(self, attn_mask):
        """The mask as what is added to the scores, 4-D with 1 where it is broadcast."""
        if attn_mask is None:
            return None
        if attn_mask.dtype == np.bool_:
            number = self.dtype.type
            attn_mask = np.where(attn_mask, number(0), number(-math.inf))
        shape = (1,) * (len(self.scores) - len(attn_mask.shape)) + tuple(attn_mask.shape)
        bias = np.reshape(cast(attn_mask, self.dtype), (1,) * (4 - len(shape)) + shape)
        if len(shape) > 4:
            lead = shape[:-3] if math.prod(shape[:-3]) == 1 else self.batch[:-1]
            bias = np.broadcast_to(bias, lead + shape[-3:])
            bias = np.reshape(bias, (math.prod(lead), *shape[-3:]))
        return bias

    def split_bias(self, g, attn_mask):
        """The gradient of the mask from that of `bias(attn_mask)`."""
        if len(self.scores) > 4 and g.shape[0] > 1:
            g = np.reshape(g, self.batch[:-1] + g.shape[1:])
        return cast(sum_to(g, tuple(attn_mask.shape)), attn_mask.dtype)


def broadcasts(shape, to):
    """Whether `shape` broadcasts to the shape `to`, and makes it no larger."""
    pairs = zip(reversed(shape), reversed(to), strict=False)
    return len(shape) <= len(to) and all(n in (1, m) for n, m in pairs)


def fault(what, query, key, value, kind: type[Exception] = RuntimeError) -> Exception:
    return kind(
        f"{NAME}: {what}: got query {describe(query)}, key {describe(key)}, value {describe(value)}"
    )

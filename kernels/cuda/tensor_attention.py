"""Launches `attention.cu` and `attention_backward.cu`, attention on tensor cores.

For float16, bfloat16 and float32 (in full precision, unless `source.tf32` allows less), with heads
of up to 128 numbers (forward 256 in half precision).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.cuda import source
from kernels.cuda.launch import dense
from kernels.reference import dropout

FORWARD, BACKWARD = "attention.cu", "attention_backward.cu"
DTYPES = ("float16", "bfloat16", "float32")
WARPS = 4

TYPES = [("f16", "false"), ("bf16", "false"), ("float", "false"), ("float", "true")]

# How much a block takes on, by the head size: as much as registers hold without spilling. Forward:
# (how many times 16 queries a warp, keys in a tile); backward: the rows of the tiles gone through.
HALVES_FORWARD = {32: (2, 64), 64: (2, 64), 128: (1, 64), 256: (1, 32)}
FLOATS_FORWARD = {32: (1, 64), 64: (1, 64), 128: (1, 32)}
HALVES_BACKWARD = {32: 64, 64: 64, 128: 32}
FLOATS_BACKWARD = {32: 32, 64: 32, 128: 16}
FORWARD_TILES = {"f16": HALVES_FORWARD, "bf16": HALVES_FORWARD, "float": FLOATS_FORWARD}
BACKWARD_TILES = {"f16": HALVES_BACKWARD, "bf16": HALVES_BACKWARD, "float": FLOATS_BACKWARD}


def forward_name(t: str, exact: str, head: int, extras: str) -> str:
    m, keys = FORWARD_TILES[t][head]
    return f"attention<{t}, {exact}, {head}, {m}, {keys}, {extras}>"


def backward_names(t: str, exact: str, head: int, extras: str) -> list[str]:
    """Of dq, and of dk and dv: one kernel, or two where one cannot hold both."""
    part = f"{t}, {exact}, {head}, {BACKWARD_TILES[t][head]}, {extras}"
    outputs = ["true, false", "false, true"] if exact == "true" and head == 128 else ["true, true"]
    return [f"attention_grad_q<{part}>"] + [f"attention_grad_kv<{part}, {o}>" for o in outputs]


FORWARD_VARIANTS = [
    forward_name(t, exact, head, extras)
    for t, exact in TYPES
    for head in FORWARD_TILES[t]
    for extras in ("false", "true")
]
BACKWARD_VARIANTS = [
    name
    for t, exact in TYPES
    for head in BACKWARD_TILES[t]
    for extras in ("false", "true")
    for name in backward_names(t, exact, head, extras)
] + [f"row_dots<{t}>" for t in ("f16", "bf16", "float")]


def fits(q: Any, v: Any, backward: bool = False) -> bool:
    """Whether there is a kernel for heads of this size."""
    tiles = (BACKWARD_TILES if backward else FORWARD_TILES)[source.c_type(q)]
    return max(q.shape[-1], v.shape[-1]) <= max(tiles)


def head_size(q: Any, v: Any) -> int:
    """The power of two that a head is rounded up to."""
    return max(32, 1 << (max(q.shape[-1], v.shape[-1], 1) - 1).bit_length())


def forward(q: Any, k: Any, v: Any, options: Options) -> tuple[Any, Any]:
    q, k, v = dense(q), dense(k), dense(v)
    (b, h, t, _), dv, head = q.shape, v.shape[-1], head_size(q, v)
    out = np.empty_like(q, shape=(b, h, t, dv))
    lse = np.empty_like(q, shape=(b, h, t), dtype=np.float32)
    m, keys = FORWARD_TILES[source.c_type(q)][head]
    queries = 16 * m * WARPS
    source.launch(
        FORWARD,
        forward_name(*kind(q), head, options.extras),
        (-(-t // queries), h, b),
        (32 * WARPS,),
        q, k, v, out, lse, *sizes(q, k, v), *options.arguments(q),
        shared=(queries + 2 * keys) * pitch(head, q),
    )  # fmt: skip
    return out, lse


def backward(
    g: Any, q: Any, k: Any, v: Any, out: Any, lse: Any, options: Options
) -> tuple[Any, Any, Any]:
    g, q, k, v, out = map(dense, (g, q, k, v, out))
    lse = dense(lse.astype(np.float32))
    (b, h, t, _), (_, hk, s, _), dv, head = q.shape, k.shape, v.shape[-1], head_size(q, v)
    delta = np.empty_like(lse)
    rows = np.int64(b * h * t), np.int32(dv)
    name = f"row_dots<{source.c_type(q)}>"
    source.launch(BACKWARD, name, (-(-b * h * t // 4),), (32, 4), g, out, delta, *rows)

    dq, dk, dv_ = np.empty_like(q), np.empty_like(k), np.empty_like(v)
    tile, other = 16 * WARPS, BACKWARD_TILES[source.c_type(q)][head]
    shared = (2 * tile + 4 * other) * pitch(head, q)
    rest = *sizes(q, k, v), *options.arguments(q)
    of_q, *of_kv = backward_names(*kind(q), head, options.extras)
    for name, blocks, outputs in (
        (of_q, (-(-t // tile), h, b), (dq,)),
        *((name, (-(-s // tile), hk, b), (dk, dv_)) for name in of_kv),
    ):
        arguments = g, q, k, v, lse, delta, *outputs, *rest
        source.launch(BACKWARD, name, blocks, (32 * WARPS,), *arguments, shared=shared)
    return dq, dk, dv_


class Options:
    """bias, causal, scale, p, seed and kept of `attention`, as the kernels take them."""

    def __init__(self, bias: Any, causal: bool, scale: float, p: float, seed: int, kept: Any):
        self.bias, self.causal, self.scale = bias, causal, scale
        self.p, self.seed, self.kept = p, seed, kept if p else None
        self.extras = str(bias is not None or p > 0).lower()

    def arguments(self, q: Any) -> tuple:
        bias = None if self.bias is None else self.bias.astype(q.dtype)
        kept = None if self.kept is None else self.kept.astype(np.uint8)
        return (
            np.float32(self.scale), np.int32(self.causal),
            *strided(bias), *strided(kept),
            np.float32(dropout.scale(self.p)), np.uint32(dropout.threshold(self.p)),
            np.uint64(self.seed),
        )  # fmt: skip


def strided(x: Any) -> tuple:
    """The address of x, and how many numbers apart neighbours along each axis are: 0 along the
    axes of size 1, which are broadcast."""
    if x is None:
        return (source.NULL, *[np.int64(0)] * 4)
    steps = [0 if n == 1 else s // x.itemsize for n, s in zip(x.shape, x.strides, strict=True)]
    return (x, *map(np.int64, steps))


def kind(q: Any) -> tuple[str, str]:
    """The type, and whether products are exact: see Multiply in tensor.cuh."""
    return source.c_type(q), source.exactly(q)


def sizes(q: Any, k: Any, v: Any) -> tuple:
    """heads, group, queries, keys, d, dv"""
    (_, h, t, d), (_, hk, s, _), dv = q.shape, k.shape, v.shape[3]
    return tuple(map(np.int32, (h, h // max(hk, 1), t, s, d, dv)))


def pitch(head: int, x: Any) -> int:
    """Bytes from one row of a tile to the next: `pitch` in tensor.cuh."""
    return head * x.itemsize + 16

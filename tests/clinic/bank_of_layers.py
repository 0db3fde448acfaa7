"""More wrong pullbacks, over what layers are made of: convolutions, norms, attention, LSTM, losses.

Every maker is a right op with a switch: `fault=""` is the right one, which must pass.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from minigrad.graph import Op, run
from tests.clinic.bank import Wrong, array, leaf, signed, soft


class Kind(NamedTuple):
    make: Any  # fault -> op
    inputs: tuple
    faults: dict[str, str]  # name of the fault in `make` -> its code


class Fixed(NamedTuple):
    """An argument that is not checked: targets, weights of classes."""

    value: np.ndarray


KINDS: list[Kind] = []


def kind(*inputs: Any, **faults: str) -> Any:
    def keep(make: Any) -> Any:
        KINDS.append(Kind(make, inputs, {k: v.replace("_", "-") for k, v in faults.items()}))
        return make

    return keep


# ------------------------------------------------------------------ convolution and pooling


def taps(shape, kernel, stride, padding, dilation):
    """For each element of a kernel: where in the padded input its outputs read."""
    h, w = (
        (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1
        for n, k in zip(shape[2:], kernel, strict=True)
    )
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            a, b = i * dilation, j * dilation
            yield i, j, (
                slice(None), slice(None),
                slice(a, a + stride * (h - 1) + 1, stride),
                slice(b, b + stride * (w - 1) + 1, stride),
            )  # fmt: skip


def conv(x, w, stride, padding, dilation):
    p = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    terms = [
        np.einsum("nchw,oc->nohw", p[at], w[:, :, i, j])
        for i, j, at in taps(x.shape, w.shape[2:], stride, padding, dilation)
    ]
    return sum(terms)


@kind(signed(1, 2, 5, 6), signed(3, 2, 3, 2), signed(3), 2, 1, 1,
      flip="kernel_not_flipped", shift="padding_shifted", sum_bias="averaged_broadcast",
      first="kept_one_slice", half="missing_factor", sign="wrong_sign", upstream="ignores_upstream",
      flipped_dw="kernel_not_flipped")  # fmt: skip
@kind(signed(2, 2, 5, 5), signed(2, 2, 2, 2), signed(2), 1, 1, 2,
      flip="kernel_not_flipped", shift="padding_shifted", half="missing_factor",
      sum_bias="averaged_broadcast")  # fmt: skip
def conv2d(fault):
    def op(x, w, b, stride, padding, dilation):
        y = conv(x, w, stride, padding, dilation) + b[:, None, None]

        def pull(g):
            p = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
            dp, dw = np.zeros_like(p), np.zeros_like(w)
            for i, j, at in taps(x.shape, w.shape[2:], stride, padding, dilation):
                k = w[:, :, ::-1, ::-1] if fault == "flip" else w
                dp[at] += np.einsum("nohw,oc->nchw", g, k[:, :, i, j])
                dw[:, :, i, j] = np.einsum("nohw,nchw->oc", g, p[at])
            db = g.sum((0, 2, 3))
            start = padding - 1 if fault == "shift" else padding
            dx = dp[:, :, start : start + x.shape[2], start : start + x.shape[3]]
            if fault == "sum_bias":
                db = g.mean((0, 2, 3))
            if fault == "first":
                db = g[0, :, 0, 0]
            if fault == "half":
                dw = dw / 2
            if fault == "sign":
                dx = -dx
            if fault == "upstream":
                db = np.full_like(b, g.size // b.size)
            if fault == "flipped_dw":
                dw = np.flip(dw, (2, 3)).copy()
            return dx, dw, db

        return y, pull

    return op


@kind(signed(2, 2, 3), signed(2, 3, 2), 2, flip="kernel_not_flipped", half="missing_factor",
      dropped="dropped_term")  # fmt: skip
def conv_transpose1d(fault):
    def op(x, w, stride):
        n, _, length = x.shape
        y = np.zeros((n, w.shape[1], stride * (length - 1) + w.shape[2]))
        for k in range(w.shape[2]):
            y[:, :, k : k + stride * (length - 1) + 1 : stride] += np.einsum(
                "ncl,co->nol", x, w[:, :, k]
            )

        def pull(g):
            dx, dw = np.zeros_like(x), np.zeros_like(w)
            for k in range(w.shape[2]):
                part = g[:, :, k : k + stride * (length - 1) + 1 : stride]
                weight = w[:, :, w.shape[2] - 1 - k] if fault == "flip" else w[:, :, k]
                if not (fault == "dropped" and k == 0):
                    dx += np.einsum("nol,co->ncl", part, weight)
                dw[:, :, k] = np.einsum("nol,ncl->co", part, x)
            return dx, dw / 2 if fault == "half" else dw

        return y, pull

    return op


@kind(signed(1, 2, 4, 6), 2, count="wrong_count", first="dropped_term")
def avg_pool(fault):
    def op(x, k):
        n, c, h, w = x.shape
        y = x.reshape(n, c, h // k, k, w // k, k).mean((3, 5))

        def pull(g):
            wide = np.repeat(np.repeat(g, k, 2), k, 3)
            if fault == "first":
                wide[:, :, 1::2] = 0
                wide[:, :, :, 1::2] = 0
            return wide / (k if fault == "count" else k * k)

        return y, pull

    return op


@kind(np.array([[2.0, 2.0, 2.5, 0.5], [3.0, 1.0, 0.2, 0.7]]), every="ties")
def max_pool(fault):
    def op(x):
        pairs = x.reshape(2, 2, 2)
        y = pairs.max(2)
        hit = pairs == y[..., None]
        hot = np.eye(2)[pairs.argmax(2)]

        def pull(g):
            wide = g[..., None] * (hit if fault == "every" else hot)
            return wide.reshape(2, 4)

        return y, pull

    return op


# ------------------------------------------------------------------ normalisation


@kind(signed(2, 3, 5), signed(5), signed(5, seed=3), mean="norm_ignores_one_statistic",
      variance="norm_ignores_one_statistic", both="norm_ignores_statistics",
      swapped="gradients_swapped", first="kept_one_slice", average="averaged_broadcast",
      raw="input_for_output", unweighted="missing_factor")  # fmt: skip
def layer_norm(fault):
    def op(x, w, b):
        mean, std = x.mean(-1, keepdims=True), np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        h = (x - mean) / std

        def pull(g):
            gh = g * w
            dx = gh
            if fault not in ("mean", "both"):
                dx = dx - gh.mean(-1, keepdims=True)
            if fault not in ("variance", "both"):
                dx = dx - h * (gh * h).mean(-1, keepdims=True)
            dw, db = (g * h).sum((0, 1)), g.sum((0, 1))
            if fault == "swapped":
                dw, db = db, dw
            if fault == "first":
                dw = (g * h)[0, 0]
            if fault == "average":
                db = g.mean((0, 1))
            if fault == "raw":
                dw = (g * x).sum((0, 1))
            if fault == "unweighted":
                db = 2 * db
            return dx / std, dw, db

        return h * w + b, pull

    return op


@kind(signed(2, 4, 3), signed(4, 1), 2, mean="norm_ignores_one_statistic",
      variance="norm_ignores_one_statistic", both="norm_ignores_statistics",
      unsummed="not_unbroadcast")  # fmt: skip
def group_norm(fault):
    def op(x, w, groups):
        v = x.reshape(len(x), groups, -1)
        std = np.sqrt(v.var(-1, keepdims=True) + 1e-5)
        h = (v - v.mean(-1, keepdims=True)) / std
        flat = h.reshape(x.shape)

        def pull(g):
            gh = (g * w).reshape(v.shape)
            dx = gh
            if fault not in ("mean", "both"):
                dx = dx - gh.mean(-1, keepdims=True)
            if fault not in ("variance", "both"):
                dx = dx - h * (gh * h).mean(-1, keepdims=True)
            dw = g * flat if fault == "unsummed" else (g * flat).sum((0, 2))[:, None]
            return (dx / std).reshape(x.shape), dw

        return flat * w, pull

    return op


@kind(signed(5, 3), 1, count="wrong_count", mean="input_for_output")
def variance(fault):
    def op(x, ddof):
        d = x - x.mean(0)
        n = len(x)

        def pull(g):
            count = n if fault == "count" else n - ddof
            return 2 * g * (x if fault == "mean" else d) / count

        return np.sum(d * d, 0) / (n - ddof), pull

    return op


@kind(signed(2, 5), signed(5), dropped="norm_ignores_one_statistic")
def rms_norm(fault):
    def op(x, w):
        rms = np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5)
        h = x / rms

        def pull(g):
            gh = g * w
            dx = gh if fault == "dropped" else gh - h * (gh * h).mean(-1, keepdims=True)
            return dx / rms, (g * h).sum(0)

        return h * w, pull

    return op


# ------------------------------------------------------------------ attention and recurrence


@kind(signed(2, 3, 5), signed(2, 3, 5, seed=1), signed(2, 3, 5, seed=2),
      np.tril(np.ones((3, 3), bool)), scale="missing_factor", untransposed="factor_not_transposed",
      swapped="gradients_swapped", rows="softmax_missing_sum", diagonal="diagonal_softmax",
      columns="wrong_axis", sign="wrong_sign", mask="mask", dv="factor_not_transposed",
      upstream="ignores_upstream")  # fmt: skip
def attention(fault):
    def op(q, k, v, mask):
        scale = 1 / np.sqrt(q.shape[-1])
        s = np.where(mask, q @ k.swapaxes(-1, -2) * scale, -1e30)
        p = soft(s)

        def pull(g):
            dp = g @ v.swapaxes(-1, -2)
            axis = -2 if fault == "columns" else -1
            ds = p * (dp - (dp * p).sum(axis, keepdims=True))
            if fault == "rows":
                ds = p * dp
            if fault == "diagonal":
                ds = p * (1 - p) * dp
            if fault == "mask":
                ds = np.where(mask, 0, ds)
            ds = ds * scale
            dq, dk, dv = ds @ k, ds.swapaxes(-1, -2) @ q, p.swapaxes(-1, -2) @ g
            if fault == "scale":
                dq = dq / scale
            if fault == "untransposed":
                dk = ds @ q
            if fault == "swapped":
                dq, dk = dk, dq
            if fault == "sign":
                dk = -dk
            if fault == "dv":
                dv = p @ g
            if fault == "upstream":
                dv = p.swapaxes(-1, -2) @ np.ones_like(g)
            return dq, dk, dv

        return p @ v, pull

    return op


@kind(signed(3, 4), signed(3, 4, seed=1), untransposed="factor_not_transposed",
      swapped="gradients_swapped", dropped="dropped_term", sign="wrong_sign")  # fmt: skip
def scores(fault):
    def op(q, k):
        def pull(g):
            dq, dk = g @ k, g.T @ q
            if fault == "untransposed":
                dk = g @ q
            if fault == "swapped":
                dq, dk = dk, dq
            if fault == "dropped":
                dk = 0 * dk
            if fault == "sign":
                dq = -dq
            return dq, dk

        return q @ k.T, pull

    return op


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@kind(signed(2, 3), signed(2, 2, seed=1), signed(2, 2, seed=2), signed(8, 3), signed(8, 2),
      signed(8, seed=4), tanh="dropped_term", cell="dropped_term", forget="dropped_term",
      transposed="result_transposed", bias="averaged_broadcast", sign="wrong_sign",
      half="missing_factor", first="kept_one_slice")  # fmt: skip
def lstm_cell(fault):
    def op(x, h, c, w, u, b):
        n = c.shape[1]
        z = x @ w.T + h @ u.T + b
        i, f, o = (sigmoid(z[:, k * n : (k + 1) * n]) for k in (0, 1, 3))
        a = np.tanh(z[:, 2 * n : 3 * n])
        new = f * c + i * a
        t = np.tanh(new)

        def pull(dh, dnew):
            through = dh * o if fault == "tanh" else dh * o * (1 - t * t)
            dc = through if fault == "cell" else dnew + through
            df = 0 * dc if fault == "forget" else dc * c * f * (1 - f)
            dz = np.concatenate(
                [dc * a * i * (1 - i), df, dc * i * (1 - a * a), dh * t * o * (1 - o)], 1
            )
            db = dz.mean(0) if fault == "bias" else dz[0] if fault == "first" else dz.sum(0)
            du = dz.T @ h
            dx = dz @ w
            dw = dz.T @ x
            if fault == "sign":
                du = -du
            if fault == "half":
                dw = dw / 2
            if fault == "transposed":
                dw = x.T @ dz
            return dx, dz @ u, dc * f, dw, du, db

        return (o * t, new), pull

    return op


@kind(signed(4, 2, 3), signed(3, 3, seed=1), signed(3, 3, seed=2), time="dropped_term",
      transposed="factor_not_transposed", upstream="ignores_upstream")  # fmt: skip
def rnn(fault):
    """Every step's state, from zeros: h = tanh(x w + h u)."""

    def op(x, w, u):
        states = [np.zeros((x.shape[1], 3))]
        for step in x:
            states.append(np.tanh(step @ w + states[-1] @ u))

        def pull(g):
            dx, dw, du = np.zeros_like(x), np.zeros_like(w), np.zeros_like(u)
            dh = np.zeros_like(states[0])
            for t in reversed(range(len(x))):
                dh = g[t] if fault == "time" else dh + g[t]
                dz = (1 if fault == "upstream" else dh) * (1 - states[t + 1] ** 2)
                dx[t] = dz @ w.T
                dw += x[t].T @ dz
                du += states[t].T @ dz
                dh = dz @ (u if fault == "transposed" else u.T)
            return dx, dw, du

        return np.stack(states[1:]), pull

    return op


# ------------------------------------------------------------------ indexing, order, padding


@kind(signed(4, 3), np.array([1, 3, 1, 0]), assigned="duplicate_index", half="missing_factor")
def embedding(fault):
    def op(w, index):
        def pull(g):
            dw = np.zeros_like(w)
            if fault == "assigned":
                dw[index] += g
            else:
                np.add.at(dw, index, g)
            return dw / 2 if fault == "half" else dw

        return w[index], pull

    return op


@kind(signed(3, 4), np.array([[0, 1, 1], [2, 2, 2], [3, 0, 3]]), assigned="duplicate_index")
def gather(fault):
    def op(x, index):
        rows = np.arange(3)[:, None]

        def pull(g):
            dx = np.zeros_like(x)
            if fault:
                dx[rows, index] = g
            else:
                np.add.at(dx, (rows, index), g)
            return dx

        return x[rows, index], pull

    return op


@kind(signed(5), np.array([3, 0, 4, 1, 2]), uninverted="permutation_not_inverted")
def permuted(fault):
    def op(x, order):
        return x[order], lambda g: g[order] if fault else g[np.argsort(order)]

    return op


@kind(signed(7), uninverted="permutation_not_inverted", same="permutation_not_inverted")
def sort(fault):
    def op(x):
        order = np.argsort(x)

        def pull(g):
            if fault == "same":
                return g
            return g[order] if fault else g[np.argsort(order)]

        return x[order], pull

    return op


@kind(signed(3, 5), 2, first="dropped_term")
def topk(fault):
    def op(x, k):
        index = np.argsort(-x, 1)[:, :k]

        def pull(g):
            dx = np.zeros_like(x)
            kept = k - 1 if fault else k
            np.put_along_axis(dx, index[:, :kept], g[:, :kept], 1)
            return dx

        return np.take_along_axis(x, index, 1), pull

    return op


@kind(signed(3, 4), 1, axis="wrong_axis", half="missing_factor", forward="result_transposed")
def cumsum(fault):
    def op(x, dim):
        def pull(g):
            axis = 0 if fault == "axis" else dim
            if fault == "forward":
                return np.cumsum(g, dim)
            dx = np.flip(np.cumsum(np.flip(g, axis), axis), axis)
            return dx / 2 if fault == "half" else dx

        return np.cumsum(x, dim), pull

    return op


@kind(array(6), zeros="dropped_term", input="input_for_output")
def cumprod(fault):
    def op(x):
        y = np.cumprod(x)

        def pull(g):
            if fault == "zeros":
                return g * y / x
            kept = x if fault == "input" else y
            return np.flip(np.cumsum(np.flip(g * kept))) / x

        return y, pull

    return op


@kind(signed(2, 5), 2, dropped="dropped_term")
def pad_reflect(fault):
    def op(x, k):
        index = np.abs(np.arange(-k, 5 + k))
        index = np.where(index > 4, 8 - index, index)

        def pull(g):
            if fault == "dropped":
                return g[:, k:-k]
            dx = np.zeros_like(x)
            np.add.at(dx, (slice(None), index), g)
            return dx

        return x[:, index], pull

    return op


@kind(signed(2, 3, 4), signed(2, 4, 5), transposed="result_transposed", sign="wrong_sign",
      swapped="factor_not_transposed")  # fmt: skip
def einsum(fault):
    def op(a, b):
        def pull(g):
            da, db = np.einsum("bik,bjk->bij", g, b), np.einsum("bij,bik->bjk", a, g)
            if fault == "transposed":
                db = np.einsum("bij,bik->bkj", a, g)
            if fault == "sign":
                da = -da
            if fault == "swapped":
                da = g @ b
            return da, db

        return np.einsum("bij,bjk->bik", a, b), pull

    return op


# ------------------------------------------------------------------ elementwise with choices


@kind(signed(5), signed(5, seed=2), np.array([True, False, True, True, False]), inverted="mask",
      swapped="gradients_swapped", all="mask")  # fmt: skip
def where(fault):
    def op(x, y, condition):
        def pull(g):
            dx, dy = np.where(condition, g, 0), np.where(condition, 0, g)
            if fault == "inverted":
                dx = np.where(condition, 0, g)
            if fault == "swapped":
                dx, dy = dy, dx
            if fault == "all":
                dx = g
            return dx, dy

        return np.where(condition, x, y), pull

    return op


@kind(np.array([-2.0, -0.4, 0.3, 0.9, 1.7]), ungated="mask", inverted="mask", gradient="mask")
def clip(fault):
    def op(x):
        inside = np.abs(x) < 1

        def pull(g):
            if fault == "ungated":
                return g
            if fault == "gradient":
                return np.where(g > 0, g, 0)
            return np.where(~inside if fault else inside, g, 0)

        return np.clip(x, -1, 1), pull

    return op


@kind(signed(2, 5), np.random.default_rng(0).random((2, 5)) > 0.4, 0.4, scale="mask_redrawn",
      redrawn="mask_redrawn", inverted="mask", unmasked="mask")  # fmt: skip
def dropout(fault):
    rng = np.random.default_rng(3)

    def op(x, keep, p):
        mask = keep / (1 - p)

        def pull(g):
            if fault == "scale":
                return g * keep
            if fault == "redrawn":
                return g * (rng.random(x.shape) > p) / (1 - p)
            if fault == "inverted":
                return g * (~keep) / (1 - p)
            return g / (1 - p) if fault == "unmasked" else g * mask

        return x * mask, pull

    return op


@kind(signed(3, 4), 1, kept="keepdims", uniform="missing_factor", axis="wrong_axis")
def logsumexp(fault):
    def op(x, dim):
        y = np.log(np.exp(x).sum(dim))

        def pull(g):
            p = soft(x, 0) if fault == "axis" else soft(x, dim)
            if fault == "uniform":
                p = 2 * p
            return g * p if fault == "kept" else np.expand_dims(g, dim) * p

        return y, pull

    return op


# ------------------------------------------------------------------ losses


@kind(signed(5, 3), np.array([0, 2, -1, 1, 0]), Fixed(np.ones(3)), count="wrong_count",
      ignored="mask", target="softmax_missing_sum", sign="wrong_sign")  # fmt: skip
def cross_entropy(fault):
    def op(x, t, weight):
        p, kept = soft(x), t >= 0
        w = np.where(kept, weight[t], 0)
        rows = np.arange(len(t))
        hot = np.eye(3)[t]

        def pull(g):
            count = len(t) if fault == "count" else w.sum()
            scale = weight[t] if fault == "ignored" else w
            dx = -hot if fault == "target" else p - hot
            dx = g * scale[:, None] * dx / count
            return (-dx if fault == "sign" else dx, None, None)

        return -np.sum(w * np.log(p[rows, t])) / w.sum(), pull

    return op


@kind(signed(4, 3), np.array([0, 2, 1, 0]), 0.1, smoothing="dropped_term", count="wrong_count",
      upstream="ignores_upstream")  # fmt: skip
def smoothed(fault):
    def op(x, t, eps):
        p = soft(x)
        q = (1 - eps) * np.eye(3)[t] + eps / 3

        def pull(g):
            target = (1 - eps) * np.eye(3)[t] if fault == "smoothing" else q
            g = 1 if fault == "upstream" else g
            return g * (p - target) / (1 if fault == "count" else len(t))

        return -np.sum(q * np.log(p)) / len(t), pull

    return op


@kind(signed(3, 4), Fixed(np.round(array(3, 4)) % 2), count="wrong_count", raw="input_for_output",
      sign="wrong_sign")  # fmt: skip
def bce_with_logits(fault):
    def op(x, t):
        s = sigmoid(x)

        def pull(g):
            d = ((x if fault == "raw" else s) - t) / (len(x) if fault == "count" else x.size)
            return (g * (-d if fault == "sign" else d), None)

        return np.mean(np.log1p(np.exp(x)) - t * x), pull

    return op


@kind(signed(3, 4), signed(3, 4, seed=2), count="wrong_count", outer="missing_factor",
      sign="wrong_sign")  # fmt: skip
def huber(fault):
    def op(x, t):
        d = x - t
        small = np.abs(d) < 1

        def pull(g):
            slope = np.where(small, d, np.sign(d))
            dx = g * slope / (len(x) if fault == "count" else x.size)
            return (2 * dx if fault == "outer" else dx), (dx if fault == "sign" else -dx)

        return np.mean(np.where(small, d * d / 2, np.abs(d) - 0.5)), pull

    return op


def given(a: Any) -> Any:
    return a.value if isinstance(a, Fixed) else leaf(a)


def as_call(make: Any, fault: str) -> Any:
    op = make(fault)
    op.__name__ = f"{make.__name__}_{fault}" if fault else make.__name__
    spec = Op(op)

    def call(*args):
        return run(spec, args, {})

    call.spec = spec  # type: ignore[attr-defined]
    call.__name__ = op.__name__
    return call


LAYERS = [
    Wrong(code, f"{code}-{k.make.__name__}-{fault}-{n}", as_call(k.make, fault),
          tuple(map(given, k.inputs)))
    for n, k in enumerate(KINDS)
    for fault, code in k.faults.items()
]  # fmt: skip
RIGHT = [(as_call(k.make, ""), tuple(map(given, k.inputs))) for k in KINDS]

"""The CTC loss: how likely a sequence of labels is, whenever each of them may have been said.

Graves, Fernández, Gomez and Schmidhuber, "Connectionist temporal classification: labelling
unsegmented sequence data with recurrent neural networks", 2006. Of each of T steps the network
says one of C classes, one of which is a blank. A path, a class for each step, reads as the labels
that are left when repeated classes are merged and blanks are dropped: a a _ a b reads a a b.

The paths that read as S given labels go from left to right through L = 2 S + 1 places,

    _ l1 _ l2 _ ... lS _

where at each step a path stays, goes on by one, or by two over a blank between different labels.
It ends at one of the last two places. All is done in logarithms, -inf being the impossible.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import numpy as np

from minigrad.graph import describe, op
from minigrad.ops.indexing import embed
from minigrad.ops.losses import reduced
from minigrad.ops.padding import pad
from minigrad.ops.places import arange, integers, raw
from minigrad.ops.shape import unsqueeze
from minigrad.ops.softmax import logsumexp
from minigrad.ops.split import unbind

__all__ = ["ctc_loss"]

IMPOSSIBLE = float("-inf")


# ---------------------------------------------------------------------------- the places


class Places:
    """The places of each sample (N, L): which class they say, and which paths may do what."""

    def __init__(self, x, labels, input_lengths, target_lengths, blank):
        steps, n, s = x.shape[0], *labels.shape
        classes = np.full_like(labels, blank, shape=(n, 2 * s + 1))
        classes[:, 1::2] = labels
        self.said = (slice(None), np.expand_dims(arange(n, labels), 1), classes)
        # From the place two before: that one says another label.
        self.over = (classes != blank) & (classes != pad(classes, (2, 0), value=blank)[:, :-2])
        end, place = 2 * np.expand_dims(target_lengths, 1), arange(2 * s + 1, labels)
        self.ends = (place == end) | (place == end - 1)
        step = np.reshape(arange(steps, labels), (steps, 1, 1))
        self.alive = step < np.expand_dims(input_lengths, 1)  # (T, N, 1): a sample may be shorter


def either(a, b, c):
    """log(exp(a) + exp(b) + exp(c)), with a gradient of 0 where all three are impossible."""
    top = np.maximum(np.maximum(raw(a), raw(b)), raw(c))
    top = np.where(top == IMPOSSIBLE, 0, top)
    total = np.exp(a - top) + np.exp(b - top) + np.exp(c - top)
    possible = raw(total) > 0
    return np.where(possible, np.log(np.where(possible, total, 1)) + top, IMPOSSIBLE)


def forward(x, places):
    """For t = 0, ..., T: log-probabilities (N, L) of all paths that are at a place after t steps.

    Before the first step they are at the first place, from which both first places are reached.
    """
    alpha = np.full_like(raw(x), IMPOSSIBLE, shape=places.ends.shape)
    alpha[:, 0] = 0
    alphas = [alpha]
    for said, alive in zip(unbind(x[places.said]), places.alive, strict=True):
        before = pad(alpha, (2, 0), value=IMPOSSIBLE)
        over = np.where(places.over, before[:, :-2], IMPOSSIBLE)
        alpha = np.where(alive, said + either(alpha, before[:, 1:-1], over), alpha)
        alphas.append(alpha)
    return alphas


def visits(x, alphas, loss, places):
    """The probability (T, N, L) that a path which reads as the labels is at a place at a step."""
    said = x[places.said]
    beta = np.where(places.ends, np.zeros_like(alphas[0]), IMPOSSIBLE)
    over = pad(places.over, (0, 2), value=False)[:, 2:]
    found = []
    for t in reversed(range(len(said))):
        # beta: of all that is to come after step t.
        found.append(np.exp(alphas[t + 1] + beta + np.expand_dims(loss, 1)))
        after = pad(said[t] + beta, (0, 2), value=IMPOSSIBLE)
        beyond = np.where(over, after[:, 2:], IMPOSSIBLE)
        beta = np.where(places.alive[t], either(after[:, :-2], after[:, 1:-1], beyond), beta)
    return np.where(places.alive, np.stack(found[::-1]), 0)


def arrived(alpha, places, zero_infinity):
    """Minus the log-probability (N) of the paths that are at an end after the last step."""
    alpha = np.where(places.ends, alpha, IMPOSSIBLE)
    if not zero_infinity:
        return -logsumexp(alpha, 1)
    lost = (raw(alpha) == IMPOSSIBLE).all(axis=1)
    # Away from -inf before the logarithm: its gradient there is NaN, and would stay NaN times 0.
    alpha = np.where(np.expand_dims(lost, 1), 0, alpha)
    return np.where(lost, 0, -logsumexp(alpha, 1))


# ---------------------------------------------------------------------------- the loss


def _ctc_nll(x, labels, input_lengths, target_lengths, blank=0, zero_infinity=False):
    """ctc_nll, of plain ops."""
    places = Places(x, labels, input_lengths, target_lengths, blank)
    return arrived(forward(x, places)[-1], places, zero_infinity)


@op(definition=_ctc_nll)
def ctc_nll(x, labels, input_lengths, target_lengths, blank=0, zero_infinity=False):
    """The CTC losses (N) of x (T, N, C), for labels (N, S) filled up with blanks; see `ctc_loss`.

    The gradient with respect to x[t, n, c] is minus the probability that a path which reads as
    the labels says c at step t (cf. the paper's eq. 15). An infinite loss has none, as in
    PyTorch: NaN for the classes that should be said.
    """
    places = Places(x, labels, input_lengths, target_lengths, blank)
    alphas = forward(x, places)
    loss = arrived(alphas[-1], places, zero_infinity)

    def grad(g):
        visited = visits(x, alphas, loss, places)
        return embed(np.reshape(-g, (-1, 1)) * visited, places.said, x.shape)

    return loss, (grad,)


def ctc_loss(
    log_probs: Any,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Any:
    """-log of the summed probability of all paths that read as the targets; infinite if none does.

    log_probs: (T, N, C) or (T, C), log_softmax over the C classes. targets: integers other than
    blank, (N, S) with anything behind each end, or all samples in one vector. input_lengths and
    target_lengths: of each sample, N integers in a Tensor or a tuple (of (T, C): one).
    reduction "mean" first divides each loss by its target length. zero_infinity: infinite losses,
    of targets too long for their inputs, become 0, with a gradient of 0.

    The gradient is that with respect to log_probs. PyTorch's has exp(log_probs) added, which is
    nothing more once it has passed through log_softmax: at the logits both are the same.

    >>> import minigrad as mg
    >>> log_probs = mg.log(mg.tensor([[[0.5, 0.5]], [[0.5, 0.5]]]))  # T = 2, N = 1, C = 2
    >>> mg.nn.functional.ctc_loss(log_probs, mg.tensor([[1]]), (2,), (1,))  # 1 1, 1 _ or _ 1
    tensor(0.2877)
    """
    shape = tuple(log_probs.shape)
    if len(shape) not in (2, 3) or 0 in shape or log_probs.dtype.kind != "f":
        raise RuntimeError(
            "ctc_loss: expected floating log_probs (T, N, C) or (T, C), none of them 0, got "
            f"{describe(log_probs)}"
        )
    x = log_probs if len(shape) == 3 else unsqueeze(log_probs, 1)
    steps, n, classes = x.shape
    if not 0 <= blank < classes:
        raise RuntimeError(f"ctc_loss: blank {blank} is not one of the {classes} classes")
    inputs = lengths_of("input_lengths", input_lengths, n)
    sizes = lengths_of("target_lengths", target_lengths, n)
    if max(inputs) > steps:
        raise RuntimeError(
            f"ctc_loss: input_lengths has {max(inputs)}, but log_probs has {steps} steps"
        )
    labels = padded(targets, sizes, classes, blank)
    input_sizes, target_sizes = integers(inputs, labels), integers(sizes, labels)
    loss = ctc_nll(x, labels, input_sizes, target_sizes, blank, zero_infinity)
    if reduction == "mean":
        loss = loss / np.maximum(target_sizes, 1).astype(loss.dtype)
    return reduced(loss if len(shape) == 3 else loss[0], reduction)


def lengths_of(what: str, lengths: Any, n: int) -> list[int]:
    """A Tensor, an array, a list or a tuple as a list of n integers."""
    values = raw(lengths).tolist() if hasattr(lengths, "tolist") else lengths
    values = list(values) if isinstance(values, (list, tuple)) else [values]
    if len(values) != n or not all(isinstance(v, (int, np.integer)) for v in values):
        raise RuntimeError(
            f"ctc_loss: expected {what} as {n} integers, one for each sample, got "
            f"{describe(lengths)}"
        )
    if min(values) < 0:
        raise RuntimeError(f"ctc_loss: {what} must not be negative, got {min(values)}")
    return [int(v) for v in values]


def padded(targets: Any, sizes: list[int], classes: int, blank: int) -> Any:
    """The labels as (N, S), with blanks behind each end; checked to be classes other than it."""
    given = raw(targets)
    whole = hasattr(given, "dtype") and (given.dtype.kind in "iu" or 0 in given.shape)
    if not whole or given.ndim not in (1, 2):
        raise RuntimeError(
            f"ctc_loss: expected integer targets (N, S) or (sum of lengths), got {describe(given)}"
        )
    n, longest, total = len(sizes), max(sizes), sum(sizes)
    if given.ndim == 1 and given.shape[0] != total:
        raise RuntimeError(
            f"ctc_loss: target_lengths add up to {total}, but the targets are {given.shape[0]}"
        )
    if given.ndim == 2 and (given.shape[0] != n or given.shape[1] < longest):
        raise RuntimeError(
            f"ctc_loss: for {n} samples and target_lengths up to {longest}, expected targets "
            f"({n}, {longest}) or wider, got {tuple(given.shape)}"
        )
    inside = arange(longest, given) < np.expand_dims(integers(sizes, given), 1)
    if given.ndim == 1:
        starts = integers([0, *accumulate(sizes[:-1])], given)
        place = np.expand_dims(starts, 1) + arange(longest, given)
        given = given[np.where(inside, place, 0)]
    labels = np.where(inside, given[:, :longest].astype(np.int64), blank)
    check_labels(labels, inside, classes, blank)
    return labels


def check_labels(labels: Any, inside: Any, classes: int, blank: int) -> None:
    wrong = (labels < 0) | (labels >= classes)
    if wrong.any():
        culprit = labels[wrong][0].item()
        raise IndexError(
            f"ctc_loss: target {culprit} is out of bounds for {classes} classes; expected 0 to "
            f"{classes - 1}, without the blank {blank}"
        )
    if (inside & (labels == blank)).any():
        raise ValueError(
            f"ctc_loss: the targets have the blank, {blank}, in them; leave it out: it stands for "
            "no label, and may be said between any two of them"
        )

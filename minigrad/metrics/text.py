"""How good text is: perplexity, BLEU, edit distance and error rates."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.metrics.checks import host


def perplexity(logits: Any, labels: Any = None, ignore_index: int = -100) -> float:
    """exp(-mean log p(label)): among how many equally likely tokens the model seems to choose.

    logits: (..., V), labels: (...) integers; those that are ignore_index do not count. Without
    labels: a number in the place of logits is that mean negative log-likelihood itself, the
    cross-entropy loss. A ValueError names labels out of range, and shapes that do not fit. Jelinek
    et al., "Perplexity, a measure of the difficulty of speech recognition tasks", 1977.

    >>> round(perplexity(np.zeros((3, 8)), [0, 5, 7]), 6)
    8.0
    >>> round(perplexity(math.log(8)), 6)
    8.0
    """
    x = host(logits, np.float64)
    if labels is None:
        if x.shape:
            raise ValueError(
                f"perplexity: expected labels, or the mean loss as one number, got {x.shape}"
            )
        return float(np.exp(x))
    y = host(labels)
    if x.shape[:-1] != y.shape:
        raise ValueError(f"perplexity: logits {x.shape} need labels {x.shape[:-1]}, got {y.shape}")
    counted = y != ignore_index
    x, y = x[counted], y[counted]
    if y.size == 0:
        raise ValueError("perplexity: there is no label to measure")
    wrong = y[(y < 0) | (y >= x.shape[-1])]
    if wrong.size:
        raise ValueError(f"perplexity: label {wrong[0]} is not in a vocabulary of {x.shape[-1]}")
    top = x.max(axis=-1, keepdims=True)
    log_total = np.log(np.exp(x - top).sum(axis=-1)) + top[..., 0]
    return float(np.exp(np.mean(log_total - np.take_along_axis(x, y[..., None], -1)[..., 0])))


def bleu(
    candidates: Sequence[Sequence[Any]],
    references: Sequence[Sequence[Sequence[Any]]],
    max_n: int = 4,
    smooth: bool = False,
) -> float:
    """BLEU of a corpus: candidates are lists of tokens, references lists of several for each.

    The geometric mean over n of how many n-grams occur in a reference, each as often as in one of
    them at the most; times exp(1 - r / c) if all candidates together, c tokens, are shorter than
    the references of nearest length, r. smooth: 1 is added to both counts of n > 1. A ValueError
    if a candidate has no reference. Papineni et al., "BLEU: a method for automatic evaluation of
    machine translation", 2002; Lin and Och, "ORANGE", 2004.

    >>> bleu(["the cat is on the mat".split()], [["the cat is on the mat".split()]])
    1.0
    """
    if len(candidates) != len(references):
        raise ValueError(f"bleu: {len(candidates)} candidates for {len(references)} references")
    if not candidates or not all(references):
        raise ValueError("bleu: expected candidates, and at least one reference for each")
    hits, totals = np.zeros(max_n), np.zeros(max_n)
    length = reference_length = 0
    for candidate, several in zip(candidates, references, strict=True):
        length += len(candidate)
        sizes = [len(r) for r in several]
        reference_length += min(sizes, key=lambda size: (abs(size - len(candidate)), size))
        for n in range(1, max_n + 1):
            grams = ngrams(candidate, n)
            most = Counter[tuple]()
            for reference in several:
                most |= ngrams(reference, n)
            hits[n - 1] += (grams & most).total()
            totals[n - 1] += grams.total()
    if smooth:
        hits[1:] += 1
        totals[1:] += 1
    if length == 0 or (hits == 0).any():
        return 0.0
    brevity = min(0.0, 1 - reference_length / length)
    return math.exp(brevity + float(np.mean(np.log(hits / totals))))


def ngrams(tokens: Sequence[Any], n: int) -> Counter:
    return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))


def edit_distance(a: Sequence[Any], b: Sequence[Any]) -> int:
    """How many insertions, deletions and substitutions make b of a.

    a, b: strings, or lists of words. Levenshtein, "Binary codes capable of correcting deletions,
    insertions, and reversals", 1966; the table, a row at a time: Wagner and Fischer, 1974.

    >>> edit_distance("kitten", "sitting")
    3
    """
    row = list(range(len(b) + 1))  # from a[:i] to b[:j]
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(diagonal + (x != y), row[j] + 1, row[j - 1] + 1)
    return row[-1]


def error_rate(candidates: Sequence[Sequence[Any]], references: Sequence[Sequence[Any]]) -> float:
    """All edits, divided by the length of all references: of strings the character error rate, of
    lists of words the word error rate. It may be above 1.

    A ValueError if the numbers of both differ, or the references are empty.

    >>> error_rate(["abd", "x"], ["abc", "xy"])
    0.4
    >>> error_rate(["on a mat".split()], ["on the mat".split()])
    0.3333333333333333
    """
    if len(candidates) != len(references):
        raise ValueError(f"error_rate: {len(candidates)} candidates, {len(references)} references")
    total = sum(map(len, references))
    if total == 0:
        raise ValueError("error_rate: the references are empty, there is nothing to measure")
    return sum(map(edit_distance, candidates, references)) / total

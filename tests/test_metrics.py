"""Metrics by hand; against scikit-learn under parity."""

from __future__ import annotations

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad import metrics
from tests.strict_array import StrictArray

LABELS, PREDICTIONS = [0, 0, 0, 1, 1, 2], [0, 1, 0, 1, 2, 2]


@pytest.mark.parametrize("kind", [list, np.array, mg.tensor])
def test_classes_by_hand(kind):
    p, y = kind(PREDICTIONS), kind(LABELS)
    assert metrics.accuracy(p, y) == pytest.approx(4 / 6)
    assert metrics.confusion_matrix(p, y).tolist() == [[2, 1, 0], [0, 1, 1], [0, 0, 1]]
    np.testing.assert_allclose(metrics.precision(p, y, None), [1, 1 / 2, 1 / 2])
    np.testing.assert_allclose(metrics.recall(p, y, None), [2 / 3, 1 / 2, 1])
    np.testing.assert_allclose(metrics.f1(p, y, None), [4 / 5, 1 / 2, 2 / 3])
    assert metrics.precision(p, y, "macro") == pytest.approx(2 / 3)
    assert metrics.recall(p, y, "micro") == pytest.approx(4 / 6)
    assert metrics.recall(p, y, "weighted") == pytest.approx(4 / 6)


def test_the_best_k():
    scores = mg.tensor([[0.1, 0.5, 0.4], [0.6, 0.3, 0.1], [0.2, 0.3, 0.5]])
    labels = [2, 1, 0]
    assert [metrics.accuracy(scores, labels, k) for k in (1, 2, 3)] == [0.0, 2 / 3, 1.0]


def test_nothing_by_nothing():
    assert metrics.precision([0, 0], [1, 1]) == 0.0
    assert metrics.precision([0, 0], [1, 1], zero_division=1.0) == 1.0
    assert metrics.f1([0, 0], [0, 0]) == 0.0


def test_ranking_by_hand():
    false, true, thresholds = metrics.roc_curve([0.1, 0.4, 0.4, 0.8], [0, 0, 1, 1])
    assert false.tolist() == [0, 0, 0.5, 1]
    assert true.tolist() == [0, 0.5, 1, 1]
    assert thresholds.tolist() == [np.inf, 0.8, 0.4, 0.1]
    assert metrics.roc_auc([0.1, 0.4, 0.4, 0.8], [0, 0, 1, 1]) == pytest.approx(0.875)
    assert metrics.roc_auc([1, 1, 1], [0, 1, 0]) == 0.5
    assert metrics.roc_auc(np.eye(3), [0, 1, 2]) == 1.0


def test_perplexity():
    p = np.array([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]])
    expected = math.exp(-(math.log(0.25) + math.log(0.8)) / 2)
    assert metrics.perplexity(np.log(p) + 7, [1, 1]) == pytest.approx(expected)
    assert metrics.perplexity(np.log(p), [1, -100]) == pytest.approx(4.0)
    loss = mg.nn.functional.cross_entropy(mg.tensor(np.log(p)), mg.tensor([1, 1]))
    assert metrics.perplexity(loss) == pytest.approx(expected)
    assert metrics.perplexity(1e4) == math.inf
    apart = [[0.0, 1e4]]
    assert metrics.perplexity(apart, [0]) == math.inf


def test_bleu_by_hand():
    """The example of the paper's section 2.1, and brevity of section 2.2."""
    the = ["the", "the", "the", "the", "the", "the", "the"]
    references = [
        ["the", "cat", "is", "on", "the", "mat"],
        ["there", "is", "a", "cat", "on", "the", "mat"],
    ]
    assert metrics.bleu([the], [references], max_n=1) == pytest.approx(2 / 7)
    assert metrics.bleu([["the", "cat"]], [references], max_n=2) == pytest.approx(math.exp(1 - 3))
    candidate = ["the", "cat", "sat", "on", "the", "mat"]
    grams = [5 / 6, 3 / 5, 1 / 4]
    assert metrics.bleu([candidate], [references[:1]], max_n=3) == pytest.approx(
        math.prod(grams) ** (1 / 3)
    )
    assert metrics.bleu([candidate], [references[:1]]) == 0.0
    smooth = [5 / 6, 4 / 6, 2 / 5, 1 / 4]
    assert metrics.bleu([candidate], [references[:1]], smooth=True) == pytest.approx(
        math.prod(smooth) ** (1 / 4)
    )
    assert metrics.bleu([[]], [[["a"]]]) == 0.0
    nearest = metrics.bleu(["abcd"], [["a", "abcde"]], max_n=1)
    assert nearest == pytest.approx(math.exp(1 - 5 / 4))


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [
        ("", "", 0), ("abc", "", 3), ("", "ab", 2), ("abc", "abc", 0), ("flaw", "lawn", 2),
        ("intention", "execution", 5), ([1, 2, 3], [2, 3], 1),
    ],
)  # fmt: skip
def test_edit_distance(a, b, distance):
    assert metrics.edit_distance(a, b) == metrics.edit_distance(b, a) == distance


def test_regression_by_hand():
    p, y = mg.tensor([1.0, 2.0, 5.0]), [1, 3, 5]
    assert metrics.mean_absolute_error(p, y) == pytest.approx(1 / 3)
    assert metrics.r2(p, y) == pytest.approx(1 - 1 / 8)
    assert metrics.r2([3, 3, 3], y) == 0.0
    assert metrics.r2([5, 3, 1], y) == -3.0
    both = [[1, 2], [2, 2], [5, 2]], [[1, 2], [3, 2], [5, 2]]
    assert metrics.r2(*both) == pytest.approx((7 / 8 + 1) / 2)
    assert metrics.mean_absolute_error(*both) == pytest.approx(1 / 6)
    assert metrics.r2([1, 2], [2, 2]) == 0.0


def test_mean():
    mean = metrics.Mean()
    assert repr(mean) == "Mean()"
    for value, weight in ((mg.tensor(2.0, requires_grad=True), 3), (np.float32(4), 1), (7, 0)):
        mean.update(value, weight)
    assert (mean.value, repr(mean)) == (2.5, "Mean(2.5)")
    mean.reset()
    with pytest.raises(ValueError, match="no value has come in yet"):
        _ = mean.value
    mean.update(1)
    mean.update(2)
    assert mean.value == 1.5


def test_arrays_of_a_gpu():
    scores = StrictArray(np.array([[0.1, 0.9], [0.8, 0.2]]))
    labels = StrictArray(np.array([1, 1]))
    assert metrics.accuracy(scores, labels) == 0.5
    assert metrics.accuracy(mg.graph.wrap(scores), mg.graph.wrap(labels)) == 0.5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.accuracy([], []), "the dataset is empty"),
        (lambda: metrics.accuracy([1, 2], [1]), "2 predictions for 1 labels"),
        (lambda: metrics.accuracy([0.5], [1]), "expected integers"),
        (lambda: metrics.accuracy(np.zeros((1, 3)), [3]), "label 3 is not one of 3 classes"),
        (lambda: metrics.accuracy(np.zeros((1, 3)), [0], k=4), "1 <= k <= 3"),
        (lambda: metrics.accuracy([1], [1], k=2), "k=2 needs scores"),
        (lambda: metrics.confusion_matrix([0], [5], 3), "label 5 is not one of 3 classes"),
        (lambda: metrics.f1([0, 1], [0, 2]), "average='binary' is for classes 0 and 1"),
        (lambda: metrics.f1([0], [0], "mean"), "average is one of"),
        (lambda: metrics.roc_auc([0.1, 0.2], [1, 1]), "all 2 labels are 1; both classes"),
        (lambda: metrics.roc_auc(np.eye(3), [0, 1, 1]), "class 2 does not occur"),
        (lambda: metrics.roc_curve([0.1], [0, 1]), "1 predictions for 2 labels"),
        (lambda: metrics.perplexity(np.zeros((2, 3)), [0]), r"need labels \(2,\)"),
        (lambda: metrics.perplexity(np.zeros((1, 3)), [3]), "label 3 is not in a vocabulary of 3"),
        (lambda: metrics.perplexity(np.zeros((1, 3)), [-100]), "no label to measure"),
        (lambda: metrics.perplexity(np.zeros((1, 3))), "expected labels, or the mean loss"),
        (lambda: metrics.mean_absolute_error([], []), "mean_absolute_error: the dataset is empty"),
        (lambda: metrics.mean_absolute_error([1], [1, 2]), r"got \(1,\) and \(2,\)"),
        (lambda: metrics.r2([[1], [2]], [1, 2]), r"got \(2, 1\) and \(2,\)"),
        (lambda: metrics.r2([1], [1]), "one sample has no variance"),
        (lambda: metrics.Mean().update([1, 2]), r"got shape \(2,\)"),
        (lambda: metrics.Mean().update(1, -1), "weight -1"),
        (lambda: metrics.roc_auc([], []), "the dataset is empty"),
        (lambda: metrics.roc_auc(np.eye(3), [0, 1]), "3 predictions for 2 labels"),
        (lambda: metrics.bleu([["a"]], []), "1 candidates for 0 references"),
        (lambda: metrics.bleu([["a"]], [[]]), "at least one reference"),
        (lambda: metrics.error_rate(["a"], [""]), "references are empty"),
        (lambda: metrics.error_rate(["a"], []), "1 candidates, 0 references"),
    ],
)
def test_what_makes_no_sense(call, message):
    with pytest.raises(ValueError, match=message):
        call()

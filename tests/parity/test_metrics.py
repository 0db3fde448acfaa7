"""Metrics against scikit-learn; BLEU and edits against NLTK."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.parity
sk = pytest.importorskip("sklearn.metrics")

from minigrad import metrics  # noqa: E402


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("classes", [2, 3, 7])
def test_classes(seed, classes):
    R = np.random.default_rng(seed)
    n = int(R.integers(1, 40))
    y, p = R.integers(0, classes, n), R.integers(0, classes, n)
    c = int(max(y.max(), p.max())) + 1
    expected = sk.confusion_matrix(y, p, labels=range(c))
    np.testing.assert_array_equal(metrics.confusion_matrix(p, y), expected)
    assert metrics.accuracy(p, y) == pytest.approx(sk.accuracy_score(y, p))
    got, expected = (
        metrics.f1(p, y, None),
        sk.f1_score(y, p, average=None, labels=range(c), zero_division=0.0),
    )
    np.testing.assert_allclose(got, expected)
    for average in ("micro", "macro", "weighted", *(["binary"] if classes == 2 else [])):
        for zero in (0.0, 1.0):
            for ours, theirs in (
                (metrics.precision, sk.precision_score), (metrics.recall, sk.recall_score),
                (metrics.f1, sk.f1_score),
            ):  # fmt: skip
                got = ours(p, y, average, zero_division=zero)
                assert got == pytest.approx(theirs(y, p, average=average, zero_division=zero))


@pytest.mark.parametrize("seed", range(20))
def test_ranking(seed):
    R = np.random.default_rng(seed)
    y = np.r_[0, 1, R.integers(0, 2, 30)]
    s = R.integers(0, 6, 32) / 5 if seed % 2 else R.random(32)
    expected = sk.roc_curve(y, s, drop_intermediate=False)
    for a, b in zip(metrics.roc_curve(s, y), expected, strict=True):
        np.testing.assert_allclose(a, b)
    assert metrics.roc_auc(s, y) == pytest.approx(sk.roc_auc_score(y, s))
    many = np.r_[0, 1, 2, R.integers(0, 3, 30)]
    scores = R.dirichlet(np.ones(3), 33)
    expected = sk.roc_auc_score(many, scores, multi_class="ovr")
    assert metrics.roc_auc(scores, many) == pytest.approx(expected)
    for k in (1, 2):
        expected = sk.top_k_accuracy_score(many, scores, k=k)
        assert metrics.accuracy(scores, many, k) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(10))
def test_regression(seed):
    R = np.random.default_rng(seed)
    shape = (int(R.integers(2, 30)), 3) if seed % 2 else (int(R.integers(2, 30)),)
    y = R.integers(0, 2, shape).astype(float) if seed % 3 == 0 else R.standard_normal(shape)
    p = y.copy() if seed % 4 == 0 else R.standard_normal(shape)
    expected = sk.mean_absolute_error(y, p)
    assert metrics.mean_absolute_error(p, y) == pytest.approx(expected)
    assert metrics.r2(p, y) == pytest.approx(sk.r2_score(y, p))
    constant = np.full(shape, 2.0)
    assert metrics.r2(p, constant) == pytest.approx(sk.r2_score(constant, p))
    assert metrics.r2(constant, constant) == sk.r2_score(constant, constant) == 1.0


@pytest.mark.filterwarnings(r"ignore:\s*The hypothesis contains 0 counts")
@pytest.mark.parametrize("seed", range(20))
def test_text(seed):
    scores = pytest.importorskip("nltk.translate.bleu_score")
    distance = pytest.importorskip("nltk.metrics.distance")
    R = np.random.default_rng(seed)

    def sentence(least):
        return R.integers(0, 4, int(R.integers(least, 15))).tolist()

    candidates = [sentence(4) for _ in range(3)]
    references = [[sentence(1) for _ in range(int(R.integers(1, 4)))] for _ in candidates]
    for n in (1, 2, 3, 4):
        weights = [1 / n] * n
        expected = scores.corpus_bleu(references, candidates, weights)
        assert metrics.bleu(candidates, references, n) == pytest.approx(expected)
        smooth = scores.SmoothingFunction().method2
        expected = scores.corpus_bleu(references, candidates, weights, smooth)
        assert metrics.bleu(candidates, references, n, smooth=True) == pytest.approx(expected)
    a, b = candidates[:2]
    assert metrics.edit_distance(a, b) == distance.edit_distance(a, b)

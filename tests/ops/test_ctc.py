"""The CTC loss: against a sum over all paths, by hand, what is impossible, messages."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import minigrad as mg
from minigrad.nn.ctc_loss import CTCLoss
from minigrad.ops.ctc import ctc_loss, ctc_nll
from tests.ops.agreement import assert_agrees


def reading(path, blank):
    """What a path reads as: repeated classes merged, blanks dropped."""
    return [c for c, _ in itertools.groupby(path) if c != blank]


def over_all_paths(log_probs, labels, blank=0):
    """The loss of one sample (T, C), by its definition."""
    steps, classes = log_probs.shape
    total = sum(
        math.exp(log_probs[range(steps), path].sum())
        for path in itertools.product(range(classes), repeat=steps)
        if reading(path, blank) == list(labels)
    )
    return -math.log(total) if total else math.inf


def log_probs(*shape, seed=0):
    x = np.random.default_rng(seed).standard_normal(shape)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


LABELS = [[], [1], [2, 1], [1, 1], [1, 2, 1], [2, 2, 1], [1, 2, 1, 2, 1], [1, 1, 1]]


@pytest.mark.parametrize("blank", [0, 2])
def test_the_sum_over_all_paths(blank):
    """Of samples of different lengths in one batch, given in both forms."""
    x, lengths = log_probs(5, 8, 3), (5, 5, 4, 3, 5, 4, 5, 5)
    swap = {1: 1, 2: 2} if blank == 0 else {1: 1, 2: 0}
    labels = [[swap[c] for c in sample] for sample in LABELS]
    sizes = tuple(map(len, labels))
    expected = [
        over_all_paths(x[:t, i], sample, blank)
        for i, (t, sample) in enumerate(zip(lengths, labels, strict=True))
    ]
    rows = np.full((8, 6), -7)  # what stands behind the end does not matter
    for row, sample in zip(rows, labels, strict=True):
        row[: len(sample)] = sample
    for targets in (rows, np.array([c for sample in labels for c in sample])):
        got = ctc_loss(mg.tensor(x), mg.tensor(targets), lengths, sizes, blank, "none")
        np.testing.assert_allclose(got.array, expected, rtol=1e-12)
    np.testing.assert_allclose(ctc_loss(x, rows, lengths, sizes, blank, "none"), expected)


def test_the_gradient_is_how_often_a_class_is_said():
    """Minus the probability, among the paths that read as the labels, of a class at a step."""
    x, labels = log_probs(4, 3), [1, 2]
    weights = np.zeros((4, 3))
    for path in itertools.product(range(3), repeat=4):
        if reading(path, 0) == labels:
            weights[range(4), path] += math.exp(x[range(4), path].sum())
    leaf = mg.tensor(x, requires_grad=True)
    ctc_loss(leaf, mg.tensor(labels), (4,), (2,), reduction="sum").backward()
    np.testing.assert_allclose(leaf.grad.array, -weights / weights[0].sum(), rtol=1e-12)


def test_reductions():
    x, targets = mg.tensor(log_probs(5, 3, 3)), mg.tensor([[1, 2], [1, 0], [0, 0]])
    args = x, targets, (5, 5, 5), (2, 1, 0)
    each = CTCLoss(reduction="none")(*args)
    assert each.shape == (3,)
    assert CTCLoss(reduction="sum")(*args).item() == pytest.approx(each.array.sum())
    mean = (each.array / [2, 1, 1]).mean()
    assert CTCLoss()(*args).item() == pytest.approx(mean)


@pytest.mark.parametrize("targets", [[1, 2], [[1, 2]]])
@pytest.mark.parametrize("lengths", [((4,), (2,)), (mg.tensor(4), mg.tensor(2)), ([4], (2,))])
def test_without_a_batch(targets, lengths):
    x = log_probs(4, 3)
    loss = ctc_loss(mg.tensor(x), mg.tensor(targets), *lengths, reduction="none")
    assert loss.shape == ()
    assert loss.item() == pytest.approx(over_all_paths(x, [1, 2]))


def test_a_target_that_is_too_long():
    """Two equal labels need a blank between them: three steps."""
    x = mg.tensor(log_probs(2, 2, 3), requires_grad=True)
    args = x, mg.tensor([[1, 1], [1, 2]]), (2, 2), (2, 2)
    loss = CTCLoss(reduction="none")(*args)
    assert loss.tolist()[0] == math.inf
    loss.sum().backward()
    assert np.isnan(x.grad.array[:, 0, :2]).all()  # as in PyTorch
    assert np.isfinite(x.grad.array[:, 1]).all()
    x.grad = None
    zeroed = CTCLoss(reduction="none", zero_infinity=True)(*args)
    assert zeroed.tolist() == [0, loss.tolist()[1]]
    zeroed.sum().backward()
    assert (x.grad.array[:, 0] == 0).all()
    assert (x.grad.array[:, 1] < 0).any()


def test_nothing_said_in_no_time():
    x = mg.tensor(log_probs(2, 2, 3), requires_grad=True)
    loss = ctc_loss(x, mg.tensor([[], []], dtype=mg.int64), (0, 2), (0, 0), reduction="none")
    assert loss.tolist() == [0, pytest.approx(-x.array[:, 1, 0].sum())]
    loss.sum().backward()
    assert x.grad.array[:, 0].tolist() == [[0, 0, 0]] * 2
    assert x.grad.array[:, 1].tolist() == [[-1, 0, 0]] * 2


def test_classes_that_are_impossible_at_a_step():
    x = log_probs(4, 3)
    x[1, 1] = x[2, 0] = -np.inf
    leaf = mg.tensor(x, requires_grad=True)
    loss = ctc_loss(leaf, mg.tensor([1, 2]), (4,), (2,), reduction="sum")
    assert loss.item() == pytest.approx(over_all_paths(x, [1, 2]))
    for create_graph in (False, True):
        (grad,) = mg.autograd.grad(loss, leaf, retain_graph=True, create_graph=create_graph)
        assert np.isfinite(grad.array).all()
        assert grad.array[1, 1] == grad.array[2, 0] == 0


def test_the_op_is_its_definition():
    labels = np.array([[1, 1, 2], [3, 1, 0], [2, 0, 0]])
    lengths = np.array([20, 17, 9]), np.array([3, 2, 1])
    assert_agrees(ctc_nll, log_probs(20, 3, 5), labels, *lengths)


def test_long_inputs_underflow_nothing():
    x = mg.log_softmax(mg.randn(2000, 1, 50), -1)
    targets = mg.arange(1, 41).reshape(1, 40)
    assert 100 < ctc_loss(x, targets, (2000,), (40,), reduction="sum").item() < 1e5


def test_what_a_network_learns():
    """From labels without times: at which steps the classes are said."""
    mg.manual_seed(0)
    logits = mg.zeros(12, 2, 4, requires_grad=True)
    targets = mg.tensor([[1, 2, 3], [3, 3, 1]])
    optimizer, loss = mg.optim.Adam([logits], lr=0.3), CTCLoss()
    for _ in range(60):
        optimizer.zero_grad()
        loss(mg.log_softmax(logits, -1), targets, (12, 12), (3, 3)).backward()
        optimizer.step()
    best = logits.array.argmax(-1).T
    assert [reading(path, 0) for path in best.tolist()] == targets.tolist()


X, TARGETS = mg.zeros(4, 2, 3), mg.tensor([[1, 2], [1, 1]])


@pytest.mark.parametrize(
    ("args", "error", "message"),
    [
        ((X[0, 0], TARGETS, (4, 4), (2, 2)), RuntimeError, r"\(T, N, C\) or \(T, C\)"),
        ((X[:0], TARGETS, (0, 0), (0, 0)), RuntimeError, "none of them 0"),
        ((X.long(), TARGETS, (4, 4), (2, 2)), RuntimeError, "expected floating log_probs"),
        ((X, TARGETS, (4, 5), (2, 2)), RuntimeError, "input_lengths has 5, .* has 4 steps"),
        ((X, TARGETS, (4,), (2, 2)), RuntimeError, "input_lengths as 2 integers"),
        ((X, TARGETS, (4, 4), (2, -1)), RuntimeError, "target_lengths must not be negative"),
        ((X, TARGETS, (4, 4), mg.tensor([2.0, 2.0])), RuntimeError, "target_lengths as 2 integers"),
        ((X, TARGETS, (4, 4), (2, 3)), RuntimeError, r"expected targets \(2, 3\) or wider"),
        ((X, TARGETS[:1], (4, 4), (2, 2)), RuntimeError, r"got \(1, 2\)"),
        ((X, mg.tensor([1, 2, 1]), (4, 4), (2, 2)), RuntimeError, "add up to 4, .* are 3"),
        ((X, mg.ones(2, 2), (4, 4), (2, 2)), RuntimeError, "expected integer targets"),
        ((X, TARGETS + 1, (4, 4), (2, 2)), IndexError, "target 3 is out of bounds for 3 classes"),
        ((X, TARGETS - 2, (4, 4), (2, 2)), IndexError, "target -1 is out of bounds"),
        ((X, TARGETS, (4, 4), (2, 2), 1), ValueError, "have the blank, 1, in them"),
        ((X, TARGETS, (4, 4), (2, 2), 3), RuntimeError, "blank 3 is not one of the 3 classes"),
        ((X, TARGETS, (4, 4), (2, 2), 0, "most"), ValueError, "'mean', 'sum' or 'none'"),
    ],
)
def test_what_makes_no_sense(args, error, message):
    with pytest.raises(error, match=message):
        ctc_loss(*args)

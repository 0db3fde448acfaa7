"""The CTC loss against PyTorch's: values, and gradients at the logits."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import minigrad as mg
from minigrad.nn import functional as F

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.parity


def compare(logits, targets, lengths, sizes, dtype=np.float64, **options):
    """The gradient with respect to the logits: that of PyTorch with respect to log_probs has
    exp(log_probs) added, which log_softmax takes away again."""
    ours = mg.tensor(logits.astype(dtype), requires_grad=True)
    theirs = torch.tensor(logits.astype(dtype), requires_grad=True)
    a = F.ctc_loss(mg.log_softmax(ours, -1), mg.tensor(targets), lengths, sizes, **options)
    b = torch.nn.functional.ctc_loss(
        theirs.log_softmax(-1), torch.tensor(targets), lengths, sizes, **options
    )
    assert tuple(a.shape) == tuple(b.shape)
    rtol = 1e-9 if dtype == np.float64 else 1e-4
    np.testing.assert_allclose(a.numpy(force=True), b.detach().numpy(), rtol=rtol)
    weights = np.random.default_rng(1).standard_normal(a.shape)
    (a * mg.tensor(weights)).sum().backward()
    (b * torch.tensor(weights)).sum().backward()
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=rtol, atol=rtol / 10)


@pytest.mark.parametrize("seed", range(40))
def test_any_sizes(seed):
    """Feasible and infeasible ones, empty targets and inputs, any blank, both forms of targets."""
    R = np.random.default_rng(seed)
    t, n, c, s = R.integers(1, 12), R.integers(1, 5), R.integers(2, 6), R.integers(0, 5)
    blank = int(R.integers(0, c))
    targets = R.integers(0, c - 1, (n, s))
    targets += targets >= blank
    lengths = tuple(R.integers(1 if seed % 4 else 0, t + 1, n).tolist())
    sizes = tuple(R.integers(0, s + 1, n).tolist())
    if seed % 2:
        targets = np.concatenate([row[:size] for row, size in zip(targets, sizes, strict=True)])
    compare(
        R.standard_normal((t, n, c)), targets, lengths, sizes, blank=blank,
        reduction=("none", "mean", "sum")[seed % 3], zero_infinity=bool(seed % 5),
        dtype=np.float32 if seed % 7 == 0 else np.float64,
    )  # fmt: skip


@pytest.mark.parametrize("zero_infinity", [False, True])
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_alignments_that_there_are_not(reduction, zero_infinity):
    logits = np.random.default_rng(0).standard_normal((2, 3, 3))
    targets = np.array([[1, 1], [1, 2], [2, 0]])
    compare(logits, targets, (2, 2, 1), (2, 2, 1), reduction=reduction, zero_infinity=zero_infinity)


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_without_a_batch(reduction):
    logits = np.random.default_rng(0).standard_normal((6, 4))
    compare(logits, np.array([1, 3, 3]), (6,), (3,), reduction=reduction)


def test_long_inputs():
    R = np.random.default_rng(0)
    compare(R.standard_normal((300, 4, 30)), R.integers(1, 30, (4, 40)), (300,) * 4, (40,) * 4)


def test_signatures():
    for ours, theirs in (
        (mg.nn.CTCLoss, torch.nn.CTCLoss), (F.ctc_loss, torch.nn.functional.ctc_loss)
    ):  # fmt: skip
        a, b = (inspect.signature(f).parameters.values() for f in (ours, theirs))
        assert [(p.name, p.default) for p in a] == [(p.name, p.default) for p in b]

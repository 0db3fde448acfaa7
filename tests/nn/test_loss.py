"""Losses as Modules: values worked out by hand, what the arguments mean, gradients."""

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn

t = mg.tensor
X, Y = t([1.0, 2.0, 4.0]), t([1.0, 4.0, 1.0])
P, Q = t([[0.25, 0.75]]), t([[0.5, 0.5]])
CASES = [
    (nn.L1Loss(), (X, Y), 5 / 3),
    (nn.MSELoss(), (X, Y), 13 / 3),
    (nn.SmoothL1Loss(), (X, Y), (1.5 + 2.5) / 3),
    (nn.SmoothL1Loss(beta=4.0), (X, Y), (4 / 8 + 9 / 8) / 3),
    (nn.HuberLoss(delta=2.5), (X, Y), (2 + 2.5 * (3 - 1.25)) / 3),
    (nn.CrossEntropyLoss(), (mg.zeros(2, 4), t([0, 3])), math.log(4)),
    (nn.CrossEntropyLoss(ignore_index=3), (mg.zeros(2, 4), t([0, 3])), math.log(4)),
    (nn.CrossEntropyLoss(label_smoothing=0.5), (t([[0.0, math.log(3)]]), t([1])),
     0.75 * math.log(4 / 3) + 0.25 * math.log(4)),
    (nn.NLLLoss(weight=t([1.0, 3.0])), (t([[-1.0, -2.0], [-3.0, -4.0]]), t([0, 1])), 13 / 4),
    (nn.BCELoss(), (P, Q), -0.5 * math.log(0.25 * 0.75)),
    (nn.BCEWithLogitsLoss(), (mg.zeros(3), Y), math.log(2)),
    (nn.BCEWithLogitsLoss(pos_weight=t([3.0])), (mg.zeros(1), mg.ones(1)), 3 * math.log(2)),
    (nn.KLDivLoss(reduction="batchmean"), (mg.log(P), Q), 0.5 * math.log(4 / 3)),
    (nn.PoissonNLLLoss(), (mg.zeros(1), t([2.0])), 1.0),
    (nn.GaussianNLLLoss(), (t([1.0]), t([3.0]), t([4.0])), (math.log(4) + 1) / 2),
    (nn.SoftMarginLoss(), (mg.zeros(2), t([1.0, -1.0])), math.log(2)),
    (nn.HingeEmbeddingLoss(), (t([0.5, 0.25]), t([1.0, -1.0])), (0.5 + 0.75) / 2),
    (nn.CosineEmbeddingLoss(), (t([[1.0, 0.0]]), t([[3.0, 4.0]]), t([1.0])), 0.4),
    (nn.CosineEmbeddingLoss(0.1), (t([[1.0, 0.0]]), t([[3.0, 4.0]]), t([-1.0])), 0.5),
    (nn.MarginRankingLoss(1.0), (t([2.0]), t([1.5]), t([1.0])), 0.5),
    (nn.MultiMarginLoss(), (t([[0.1, 0.2, 0.9]]), t([2])), (0.2 + 0.3) / 3),
    (nn.MultiLabelMarginLoss(), (t([[0.1, 0.2, 0.4, 0.8]]), t([[3, 0, -1, 1]])), 0.85),
    (nn.MultiLabelSoftMarginLoss(), (mg.zeros(1, 3), t([[1.0, 0.0, 1.0]])), math.log(2)),
    (nn.TripletMarginLoss(eps=0.0), (t([[0.0, 0.0]]), t([[3.0, 4.0]]), t([[0.0, 1.0]])), 5.0),
    (nn.TripletMarginWithDistanceLoss(distance_function=lambda a, b: mg.sum(mg.abs(a - b), -1)),
     (t([[0.0, 0.0]]), t([[3.0, 4.0]]), t([[0.0, 1.0]])), 7.0),
]  # fmt: skip


def name_of(v):
    return type(v).__name__ if isinstance(v, nn.Module) else ""


@pytest.mark.parametrize(("loss", "args", "value"), CASES, ids=name_of)
def test_values(loss, args, value):
    np.testing.assert_allclose(loss(*args).item(), value, rtol=1e-6)


@pytest.mark.parametrize(("loss", "args", "value"), CASES, ids=name_of)
def test_gradients(loss, args, value):
    loss = loss.double()
    first = mg.tensor(args[0].numpy() + 0.0123, dtype=mg.float64, requires_grad=True)
    rest = [a.double() if a.dtype.kind == "f" else a for a in args[1:]]
    assert mg.gradcheck(lambda x: loss(x, *rest), (first,))


def test_reductions():
    assert nn.MSELoss(reduction="none")(X, Y).tolist() == [0, 4, 9]
    assert nn.MSELoss(reduction="sum")(X, Y).item() == 13
    with pytest.raises(ValueError, match="average"):
        nn.MSELoss(reduction="average")(X, Y)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"size_average": False}, "sum"),
        ({"size_average": True}, "mean"),
        ({"reduce": False}, "none"),
        ({"reduce": True}, "mean"),
        ({"size_average": False, "reduce": False}, "none"),
    ],
)
def test_the_old_way_of_saying_it(old, new):
    with pytest.warns(UserWarning, match=f"use reduction='{new}'"):
        assert nn.MSELoss(**old).reduction == new


def test_class_weights_are_a_buffer_that_moves_and_is_saved():
    loss = nn.CrossEntropyLoss(weight=mg.tensor([1.0, 2.0])).double()
    assert loss.weight.dtype == mg.float64
    assert list(loss.state_dict()) == ["weight"]
    assert not list(loss.parameters())


def test_margins_and_powers_that_cannot_be():
    for form in (nn.TripletMarginLoss, nn.TripletMarginWithDistanceLoss):
        with pytest.raises(ValueError, match="expected margin > 0, got 0"):
            form(margin=0)
    with pytest.raises(ValueError, match="expected p = 1 or p = 2, got 3"):
        nn.MultiMarginLoss(p=3)
    with pytest.raises(ValueError, match="a weight for each class"):
        nn.MultiMarginLoss(weight=mg.ones(2, 2))
    with pytest.raises(TypeError, match="delta must be a number"):
        nn.HuberLoss(delta="1")


def test_distances():
    a, b = t([[3.0, 4.0]]), t([[0.0, 0.0]])
    np.testing.assert_allclose(nn.PairwiseDistance(eps=0.0)(a, b).tolist(), [5])
    assert nn.PairwiseDistance(1.0, 0.0, keepdim=True)(a, b).tolist() == [[7]]
    np.testing.assert_allclose(nn.CosineSimilarity()(a, t([[1.0, 0.0]])).tolist(), [0.6], rtol=1e-6)

"""Averages of weights."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.optim.swa_utils import (
    AveragedModel,
    get_ema_avg_fn,
    get_ema_multi_avg_fn,
    get_swa_multi_avg_fn,
    update_bn,
)

VALUES = [1.0, 2.0, 6.0, -3.0]
EMA = 0.9 * (0.9 * (0.9 * 1 + 0.1 * 2) + 0.1 * 6) + 0.1 * -3


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, 1.5),
        ({"multi_avg_fn": get_swa_multi_avg_fn()}, 1.5),
        ({"avg_fn": get_ema_avg_fn(0.9)}, EMA),
        ({"multi_avg_fn": get_ema_multi_avg_fn(0.9)}, EMA),
        ({"avg_fn": lambda average, value, count: average + value * count}, 1 + 2 + 12 - 9),
    ],
)
def test_averages(options, expected):
    model = nn.Linear(2, 1)
    average = AveragedModel(model, **options)
    for value in VALUES:
        nn.init.constant_(model.weight, value)
        average.update_parameters(model)
    np.testing.assert_allclose(average.module.weight.detach().numpy(), expected, rtol=1e-6)
    assert average.n_averaged == len(VALUES)
    assert list(average.state_dict()) == ["n_averaged", "module.weight", "module.bias"]
    x = mg.ones(3, 2)
    assert (average(x) == average.module(x)).all()


def test_it_is_a_copy():
    model = nn.Linear(2, 1)
    average = AveragedModel(model)
    average.update_parameters(model)
    before = average.module.weight.detach().clone()
    nn.init.zeros_(model.weight)
    assert (average.module.weight == before).all()
    assert average.module.weight.grad_fn is None


@pytest.mark.parametrize(("use_buffers", "expected"), [(False, 4.0), (True, 2.0)])
def test_buffers(use_buffers, expected):
    model = nn.BatchNorm1d(1)
    average = AveragedModel(model, use_buffers=use_buffers)
    for value in (0.0, 4.0):
        model.running_mean.fill_(value)
        average.update_parameters(model)
    assert average.module.running_mean.item() == expected


def test_statistics_of_batch_normalization_are_measured_anew():
    model = nn.Sequential(nn.BatchNorm1d(1), nn.Dropout(0.5))
    model.eval()
    model[0].running_mean.fill_(100)
    batches = [mg.tensor([[1.0], [3.0]]), mg.tensor([[5.0], [7.0]])]
    update_bn([(x, None) for x in batches], model)
    assert model[0].running_mean.item() == 4.0
    assert model[0].momentum == 0.1
    assert [m.training for m in model.modules()] == [False] * 3
    update_bn(batches, nn.Linear(1, 1))  # none: nothing to do


def test_what_makes_no_sense():
    with pytest.raises(ValueError, match=r"decay must be in \[0, 1\], got 1.5"):
        get_ema_multi_avg_fn(1.5)
    with pytest.raises(ValueError, match="not both"):
        AveragedModel(nn.Linear(1, 1), avg_fn=len, multi_avg_fn=len)

"""The learning-rate finder, folds, penalties, averages, logs."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn, optim
from minigrad.data import DataLoader, TensorDataset
from minigrad.nn import functional as F
from minigrad.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from minigrad.train import (
    Averaging,
    TensorBoard,
    find_lr,
    fit,
    k_folds,
    l1_penalty,
    l2_penalty,
)


def line(n=40, batch_size=8):
    x = mg.linspace(-1, 1, n).reshape(-1, 1)
    return DataLoader(TensorDataset(x, 3 * x), batch_size=batch_size, shuffle=True)


def bytes_of(state):
    return {k: v.numpy().tobytes() for k, v in state.items()}


# ---------------------------------------------------------------------------- learning rates


def test_the_finder_finds_where_the_loss_falls():
    mg.manual_seed(0)
    net = nn.Linear(1, 1)
    curve = find_lr(net, line(), optim.SGD(net.parameters(), lr=0.1), loss=F.mse_loss)
    assert 0.01 < curve.suggestion < 3
    assert len(curve.rates) == len(curve.losses) < 100  # it broke off when the loss exploded
    assert curve.rates[0] == pytest.approx(1e-6)
    figure = curve.plot()
    assert figure.axes[0].get_xscale() == "log"


def test_the_finder_leaves_no_trace():
    net = nn.Sequential(nn.Linear(1, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 1))
    net[2].eval()
    adam = optim.Adam(net.parameters(), lr=0.1)
    loader = line()
    fit(net, loader, adam, 1, loss=F.mse_loss, progress=False)
    net[2].eval()
    before = bytes_of(net.state_dict()), adam.state_dict()["param_groups"], mg.get_rng_state()
    moments = [s["exp_avg"].numpy().copy() for s in adam.state_dict()["state"].values()]
    modes = [m.training for m in net.modules()]
    find_lr(net, loader, adam, loss=F.mse_loss, steps=10)
    assert before == (
        bytes_of(net.state_dict()), adam.state_dict()["param_groups"], mg.get_rng_state()
    )  # fmt: skip
    for old, new in zip(moments, adam.state_dict()["state"].values(), strict=True):
        np.testing.assert_array_equal(old, new["exp_avg"].numpy())
    assert [m.training for m in net.modules()] == modes


def test_what_the_finder_refuses():
    net = nn.Linear(1, 1)
    sgd = optim.SGD(net.parameters())
    with pytest.raises(ValueError, match="0 < lowest < highest and steps >= 2, got lowest=1"):
        find_lr(net, line(), sgd, lowest=1, highest=0.5)
    with pytest.raises(ValueError, match="gave no batch"):
        find_lr(net, [], sgd)
    with pytest.raises(ValueError, match=r"at lowest=1e-06 already"):
        find_lr(net, line(), sgd, step=lambda m, b: m(b[0]).sum() * np.nan)


# ---------------------------------------------------------------------------- folds


@pytest.mark.parametrize(("n", "k"), [(5, 5), (7, 3), (100, 10), (2, 2)])
@pytest.mark.parametrize("shuffle", [True, False])
def test_every_sample_is_held_out_once(n, k, shuffle):
    folds = k_folds(TensorDataset(mg.arange(n)), k, shuffle=shuffle)
    held_out = [i for _, part in folds for i in part.indices]
    assert sorted(held_out) == list(range(n))
    assert shuffle or held_out == list(range(n))
    sizes = [len(part) for _, part in folds]
    assert max(sizes) - min(sizes) <= 1
    for training, part in folds:
        assert sorted([*training.indices, *part.indices]) == list(range(n))


@pytest.mark.parametrize("convert", [list, mg.tensor, np.array])
def test_classes_are_shared_out_evenly(convert):
    labels = [0] * 17 + [1] * 5 + [2] * 8
    folds = k_folds(TensorDataset(mg.arange(30)), 4, labels=convert(labels))
    counts = np.array([np.bincount([labels[i] for i in part.indices]) for _, part in folds])
    assert (counts.max(0) - counts.min(0) <= 1).all()
    assert np.ptp(counts.sum(1)) <= 1


def test_folds_follow_the_generator():
    data = TensorDataset(mg.arange(20))
    draws = [
        [part.indices for _, part in k_folds(data, generator=mg.Generator().manual_seed(s))]
        for s in (0, 0, 1)
    ]
    assert draws[0] == draws[1] != draws[2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 1}, "2 <= k <= 6"),
        ({"k": 7}, "the number of samples; got k=7"),
        ({"labels": [1, 2]}, "a label for each of 6 samples"),
    ],
)
def test_folds_that_make_no_sense(options, message):
    with pytest.raises(ValueError, match=message):
        k_folds(TensorDataset(mg.arange(6)), **options)


# ---------------------------------------------------------------------------- penalties


def test_penalties_and_their_gradients():
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))
    w = np.concatenate([net[0].weight.detach().numpy().ravel(), net[2].weight.detach().numpy()[0]])
    l1_penalty(net, 0.1).backward()
    np.testing.assert_allclose(net[0].weight.grad.numpy().ravel(), 0.1 * np.sign(w[:6]))
    assert net[0].bias.grad is None
    assert net[1].weight.grad is None
    assert l1_penalty(net, 0.1).item() == pytest.approx(0.1 * np.abs(w).sum(), rel=1e-6)
    net.zero_grad()
    l2_penalty(net, 0.1).backward()
    np.testing.assert_allclose(net[0].weight.grad.numpy().ravel(), 0.1 * w[:6], rtol=1e-6)
    assert l2_penalty(net, 0.1).item() == pytest.approx(0.05 * (w**2).sum(), rel=1e-6)


def test_penalties_that_make_no_sense():
    with pytest.raises(ValueError, match="l1_penalty: expected strength >= 0, got -1"):
        l1_penalty(nn.Linear(1, 1), -1)
    with pytest.raises(ValueError, match="l2_penalty: there are no weights"):
        l2_penalty(nn.ReLU(), 1)


# ---------------------------------------------------------------------------- averages


@pytest.mark.parametrize("decay", [0.9, None])
def test_the_model_gets_the_average(decay, tmp_path):
    """The same as with AveragedModel in a loop; and when the run is broken off in between."""

    def run(epochs, path=None, seed=0):
        mg.manual_seed(seed)
        net = nn.Linear(1, 1)
        nn.init.zeros_(net.weight)
        nn.init.zeros_(net.bias)
        sgd = optim.SGD(net.parameters(), lr=0.1)
        loader = DataLoader(TensorDataset(*line().dataset.tensors), batch_size=8)
        fit(net, loader, sgd, epochs, loss=F.mse_loss, progress=False, checkpoint=path,
            callbacks=[Averaging(decay)])  # fmt: skip
        return bytes_of(net.state_dict())

    net = nn.Linear(1, 1)
    nn.init.zeros_(net.weight)
    nn.init.zeros_(net.bias)
    sgd = optim.SGD(net.parameters(), lr=0.1)
    update = None if decay is None else get_ema_multi_avg_fn(decay)
    average = AveragedModel(net, multi_avg_fn=update)
    for _ in range(3):
        for x, y in DataLoader(line().dataset, batch_size=8):
            sgd.zero_grad()
            F.mse_loss(net(x), y).backward()
            sgd.step()
            if decay is not None:
                average.update_parameters(net)
        if decay is None:
            average.update_parameters(net)
    expected = bytes_of(average.module.state_dict())
    assert run(3) == expected
    run(2, tmp_path / "a")
    assert run(3, tmp_path / "a", seed=9) == expected


# ---------------------------------------------------------------------------- logs


def test_tensorboard(tmp_path):
    pytest.importorskip("tensorboardX", reason="tensorboardX is not installed")
    net = nn.Linear(1, 1)
    sgd = optim.SGD(net.parameters(), lr=0.1)
    fit(net, line(), sgd, 2, loss=F.mse_loss, validation=line(), progress=False,
        callbacks=[TensorBoard(tmp_path / "logs")])  # fmt: skip
    (file,) = (tmp_path / "logs").iterdir()
    content = file.read_bytes()
    for name in (b"step/loss", b"step/lr", b"loss/train", b"loss/held_out"):
        assert name in content


def test_without_tensorboard_it_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    net = nn.Linear(1, 1)
    with pytest.raises(ImportError, match=r"pip install .minigrad\[tensorboard"):
        fit(net, line(), optim.SGD(net.parameters()), 1, loss=F.mse_loss, progress=False,
            callbacks=[TensorBoard(tmp_path)])  # fmt: skip

"""The loop: what it computes, what it records, what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn, optim
from minigrad.data import DataLoader, TensorDataset
from minigrad.nn import functional as F
from minigrad.train import evaluate, fit


def data(n=20, batch_size=5, **options):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n, 3), dtype=np.float32)
    y = (x[:, 0] > 0).astype(np.int64)
    return DataLoader(TensorDataset(mg.tensor(x), mg.tensor(y)), batch_size=batch_size, **options)


def model(*extra):
    mg.manual_seed(1)
    return nn.Sequential(nn.Linear(3, 8), *extra, nn.Tanh(), nn.Linear(8, 2))


def weights(net):
    return {name: value.numpy().copy() for name, value in net.state_dict().items()}


def assert_same(a, b, **close):
    assert a.keys() == b.keys()
    for name in a:
        if close:
            np.testing.assert_allclose(a[name], b[name], **close)
        else:
            np.testing.assert_array_equal(a[name], b[name])


def accuracy(scores, labels):
    return (scores.argmax(1) == labels).float().mean()


def run(net, epochs=3, loader=None, **options):
    sgd = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    return fit(net, loader or data(), sgd, epochs, progress=False, **options)


def test_it_is_the_loop_that_one_writes():
    net, own = model(), model()
    history = run(net)
    sgd = optim.SGD(own.parameters(), lr=0.1, momentum=0.9)
    means = []
    for _ in range(3):
        losses = []
        for x, y in data():
            loss = F.cross_entropy(own(x), y)
            sgd.zero_grad()
            loss.backward()
            sgd.step()
            losses.append(loss.item())
        means.append(np.mean(losses))
    assert_same(weights(net), weights(own))
    np.testing.assert_allclose(history["loss"], means, rtol=1e-6)


def test_means_are_over_samples_not_batches():
    net = nn.Linear(1, 1)
    with mg.no_grad():
        net.weight.zero_()
        net.bias.zero_()
    x = mg.tensor([[0.0], [0.0], [0.0]])
    loader = DataLoader(TensorDataset(x, mg.tensor([[0.0], [0.0], [3.0]])), batch_size=2)
    assert evaluate(net, loader, loss=F.mse_loss) == {"loss": 3.0}
    sgd = optim.SGD(net.parameters(), lr=0)
    history = fit(net, loader, sgd, 1, loss=F.mse_loss, progress=False)
    assert history["loss"] == [3.0]


def test_validation_and_metrics():
    net = model(nn.Dropout(0.5))
    history = run(net, metrics={"accuracy": accuracy}, validation=data(12))
    assert history.names == ["loss", "accuracy", "val_loss", "val_accuracy"]
    measured = evaluate(net, data(12), metrics={"accuracy": accuracy})
    assert measured == {"loss": history["val_loss"][-1], "accuracy": history["val_accuracy"][-1]}
    assert (
        history.best("val_loss") == min((v, i + 1) for i, v in enumerate(history["val_loss"]))[::-1]
    )
    assert all(module.training for module in net.modules())


def test_evaluate_leaves_modes_and_gradients_alone():
    net = model(nn.Dropout(0.5))
    net[1].eval()
    evaluate(net, data())
    assert [m.training for m in net] == [True, False, True, True]
    assert all(p.grad is None for p in net.parameters())


def test_accumulating_is_a_larger_batch():
    small, large = model(), model()
    run(small, loader=data(20, 5), accumulate=2)
    run(large, loader=data(20, 10))
    assert_same(weights(small), weights(large), rtol=1e-5, atol=1e-7)


def test_what_is_left_over_makes_a_step_too():
    steps = []
    seen = type("Seen", (), {"on_step": lambda self, run: steps.append(run.waiting)})()
    run(model(), epochs=1, loader=data(15, 5), accumulate=2, callbacks=[seen])
    assert steps == [0, 0]


@pytest.mark.parametrize("options", [{"clip_norm": 1e-3}, {"clip_value": 1e-4}])
def test_clipping(options):
    net = model()
    before = weights(net)
    sgd = optim.SGD(net.parameters(), lr=1.0)
    fit(net, data(5, 5), sgd, 1, progress=False, **options)
    moved = np.concatenate([(before[k] - v).ravel() for k, v in weights(net).items()])
    if "clip_norm" in options:
        assert np.linalg.norm(moved) == pytest.approx(1e-3, rel=1e-2)
    else:
        assert np.abs(moved).max() == pytest.approx(1e-4, rel=1e-2)


@pytest.mark.parametrize(("schedule", "steps"), [("epoch", 3), ("step", 12)])
def test_schedulers(schedule, steps):
    net = model()
    sgd = optim.SGD(net.parameters(), lr=1.0)
    scheduler = optim.lr_scheduler.ExponentialLR(sgd, 0.5)
    fit(net, data(), sgd, 3, scheduler=scheduler, schedule=schedule, progress=False)
    assert sgd.param_groups[0]["lr"] == 0.5**steps


def test_a_scheduler_that_asks_for_a_metric():
    net = model()
    sgd = optim.SGD(net.parameters(), lr=0.0)
    plateau = optim.lr_scheduler.ReduceLROnPlateau(sgd, patience=0)
    fit(net, data(), sgd, 3, scheduler=plateau, validation=data(), progress=False)
    assert plateau.num_bad_epochs == 0
    assert plateau.best == pytest.approx(evaluate(net, data())["loss"])


def test_a_step_of_ones_own():
    net = nn.Linear(3, 3)

    def reconstruct(model, batch):
        out = model(batch[0])
        return {"loss": ((out - batch[0]) ** 2).mean(), "size": out.abs().mean()}

    history = run(net, step=reconstruct, validation=data())
    assert history.names == ["loss", "size", "val_loss", "val_size"]
    assert history["loss"][-1] < history["loss"][0]
    assert run(net, epochs=1, step=lambda m, b: m(b[0]).pow(2).mean()).names == ["loss"]


def test_callbacks_are_told_in_order():
    told = []
    events = ("on_start", "on_step", "on_epoch", "on_end", "on_close")
    spy = type("Spy", (), {e: lambda self, run, e=e: told.append(e) for e in events})()
    run(model(), epochs=2, loader=data(10, 5), callbacks=[spy])
    epoch = ["on_step", "on_step", "on_epoch"]
    assert told == ["on_start", *epoch, *epoch, "on_end", "on_close"]
    told.clear()
    with pytest.raises(FloatingPointError):
        run(model(), step=lambda m, b: m(b[0]).sum() * np.nan, callbacks=[spy])
    assert told == ["on_start", "on_close"]


def test_a_nan_is_traced_to_its_op_and_the_weights_are_safe():
    class Root(nn.Module):
        def forward(self, x):
            return mg.sqrt(x - 100)

    net = model(Root())
    before = weights(net)
    with pytest.raises(FloatingPointError, match=r"the loss is nan, in epoch 1 .*sqrt: made the"):
        run(net)
    assert_same(weights(net), before)


def test_a_nan_in_the_gradient_alone_is_found_before_it_is_used():
    net = model()
    before = weights(net)

    def step(model, batch):  # sqrt(0) = 0, with an infinite slope; 0 * inf is NaN
        zero = model(batch[0]) * 0
        return mg.sqrt(zero).sum() + model(batch[0]).mean()

    with pytest.raises(FloatingPointError, match=r"the gradient is not finite.*pullback"):
        run(net, step=step)
    assert_same(weights(net), before)


def test_an_infinite_loss():
    net = model()
    with pytest.raises(FloatingPointError, match=r"the loss is inf.*no op made a NaN"):
        run(net, step=lambda m, b: m(b[0]).sum() + np.inf)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": -1}, "epochs >= 0"),
        ({"schedule": "batch"}, "'epoch' or 'step', got 'batch'"),
        ({"accumulate": 0}, "accumulate >= 1"),
        ({"save_every": 5}, "needs a checkpoint"),
        ({"save_every": 5, "checkpoint": "a", "loader": [1]}, "a list has none"),
        ({"loader": []}, "gave no batch"),
        ({"loader": [(1, 2, 3)]}, "tuple of 3; for others give step="),
        ({"loader": [mg.ones(3)]}, "expected batches .inputs, targets., got Tensor"),
        ({"step": lambda m, b: {"accuracy": 1}}, "without 'loss', only 'accuracy'"),
    ],
)
def test_what_makes_no_sense_is_refused(options, message):
    net = model()
    options = {"loader": data(), "epochs": 1, "progress": False} | options
    with pytest.raises(ValueError, match=message):
        fit(net, optimizer=optim.SGD(net.parameters()), **options)


def test_nothing_to_evaluate():
    with pytest.raises(ValueError, match="evaluate: the loader gave no batch"):
        evaluate(model(), [])


def test_history_says_what_it_has():
    history = run(model(), epochs=1)
    with pytest.raises(KeyError, match="'accuracy' was not measured, only loss"):
        history["accuracy"]
    assert repr(history).startswith("History(1 epochs; loss 0.")
    figure = history.plot()
    assert len(figure.axes) == 1
    with pytest.raises(ValueError, match="nothing to draw"):
        type(history)().plot()


def test_what_one_sees_without_a_terminal(capsys):
    net = model()
    fit(net, data(), optim.SGD(net.parameters()), 2, metrics={"accuracy": accuracy})
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  loss")[0] for line in lines] == ["epoch 1/2", "epoch 2/2"]
    assert "accuracy" in lines[0]

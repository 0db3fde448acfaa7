"""`diagnose` with a function and an optimizer: steps on copies, and nothing that they leave."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim
from minigrad.diagnosis import Doctor
from tests.diagnosis.runs import OPTIMIZERS, TASKS, train


def diagnosed(task, optimizer, **options):
    x, y = task.batch(0)
    return mg.diagnose(task.model, lambda: task.loss(task.model(x), y), optimizer=optimizer,
                       **options)  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["mlp", "regression"])
def test_a_rate_that_is_too_high_and_one_that_is_too_low(name, seed):
    mg.manual_seed(seed)
    task = TASKS[name](seed)
    for lr, code, better in (
        (1.0, "learning-rate-too-high", 0.1),
        (1e-8, "learning-rate-too-low", 0),
    ):
        report = diagnosed(task, optim.Adam(task.model.parameters(), lr=lr))
        assert code in report.codes, str(report)
        evidence = report.findings[report.codes.index(code)].evidence
        assert any("the loss falls by" in str(value) for value in evidence.values()) or not better


@pytest.mark.parametrize("name", ["mlp", "regression"])
def test_a_rate_of_zero_and_a_decay_that_dominates(name):
    task = TASKS[name](0)
    zero = optim.SGD(task.model.parameters(), lr=0.0)
    assert diagnosed(task, zero).codes == ["learning-rate-zero"]
    decay = optim.AdamW(task.model.parameters(), lr=1e-3, weight_decay=100.0)
    assert diagnosed(task, decay).codes == ["weight-decay-dominates"]


def test_a_usual_rate_and_no_steps_if_none_are_wanted():
    task = TASKS["mlp"](0)
    adam = optim.Adam(task.model.parameters(), lr=1e-3)
    report = diagnosed(task, adam)
    assert report.ok
    assert report.of == "one step, and 20 more on a copy"
    assert diagnosed(task, optim.SGD(task.model.parameters(), lr=0.0), steps=0).ok


def test_it_may_take_the_next_batch_each_time_until_there_is_none():
    task = TASKS["mlp"](0)
    batches = iter([task.batch(i) for i in range(8)])

    def loss():
        x, y = next(batches)
        return task.loss(task.model(x), y)

    assert mg.diagnose(task.model, loss, optimizer=optim.Adam(task.model.parameters())).ok
    assert next(batches, None) is None


def test_lbfgs_which_needs_a_closure():
    task = TASKS["regression"](0)
    assert diagnosed(task, optim.LBFGS(task.model.parameters(), lr=0.1), steps=3).ok


@pytest.mark.parametrize("name", ["cnn", "mlp"])  # batch norm, dropout
def test_it_changes_nothing(name):
    task = TASKS[name](0)
    adam = optim.Adam(task.model.parameters(), lr=1e-3)
    train(task, adam, 2)
    x, y = task.batch(5)
    loss = task.loss(task.model(x), y)  # its graph must stay usable
    grads = [p.grad for p in task.model.parameters()]
    weights = {name: t.numpy().copy() for name, t in task.model.state_dict().items()}
    moments = {i: s["exp_avg"].numpy().copy() for i, s in adam.state_dict()["state"].items()}
    mg.manual_seed(3)
    expected = mg.randn(4).numpy()
    mg.manual_seed(3)
    assert diagnosed(task, adam).ok
    np.testing.assert_array_equal(mg.randn(4).numpy(), expected)
    assert all(p.grad is g for p, g in zip(task.model.parameters(), grads, strict=True))
    for name, t in task.model.state_dict().items():
        np.testing.assert_array_equal(t.numpy(), weights[name])
    for i, state in adam.state_dict()["state"].items():
        np.testing.assert_array_equal(state["exp_avg"].numpy(), moments[i])
        assert state["step"] == 2
    assert adam.param_groups[0]["lr"] == 1e-3
    assert "step" not in adam.__dict__
    loss.backward()


def test_a_doctor_who_looks_on_does_not_see_the_steps_that_are_tried():
    task = TASKS["mlp"](0)
    adam = optim.Adam(task.model.parameters(), lr=1e-3)
    with Doctor(task.model, adam) as doctor:
        train(task, adam, 3)
        assert diagnosed(task, adam).ok
        train(task, adam, 3)
    assert len(doctor.steps) == doctor.loop.steps == 6
    assert doctor.report().ok


@pytest.mark.nightly
def test_healthy_runs_at_their_beginning_middle_and_end():
    runs, alarms = 0, []
    for name, make in TASKS.items():
        for which in ("SGD", "momentum", "Adam", "Adam 1e-2", "AdamW", "fine-tuning", "Lion"):
            mg.manual_seed(0)
            task, done = make(0), 0
            optimizer = OPTIMIZERS[which](task.model.parameters())
            for at in (0, 10, 150):
                train(task, optimizer, at - done, first=done)
                done, runs = at, runs + 1
                report = diagnosed(task, optimizer)
                alarms += [] if report.ok else [(name, which, at, report.codes)]
    print(f"\n{runs} healthy steps diagnosed, {len(alarms)} false alarms {alarms}")
    assert not alarms

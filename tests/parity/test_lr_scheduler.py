"""Every schedule beside PyTorch's, for 60 steps: rates, momentum, saved state."""

import copy
import inspect
import json
import math

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.parity

mine_ns, torch_ns = optim.lr_scheduler, torch.optim.lr_scheduler


def optimizers(name="SGD", groups=(0.1, 0.03)):
    options = {"momentum": 0.9} if name in ("SGD", "RMSprop") else {}
    made = []
    for library, tensor in ((optim, mg.tensor), (torch.optim, torch.tensor)):
        params = [{"params": [tensor(1.0, requires_grad=True)], "lr": lr} for lr in groups]
        made.append(getattr(library, name)(params, **options))
        made[-1].step()
    made[1]._opt_called = True  # no warning: PyTorch only sees steps after the schedule is made
    return made


SIMPLE = [
    ("LambdaLR", {"lr_lambda": lambda t: 0.9**t / (1 + t)}),
    ("LambdaLR", {"lr_lambda": [lambda t: t // 3, lambda t: 0.9**t]}),
    ("MultiplicativeLR", {"lr_lambda": lambda t: 0.9 + 0.01 * (t % 3)}),
    ("MultiplicativeLR", {"lr_lambda": [lambda t: 0.9, lambda t: 1.01]}),
    ("StepLR", {"step_size": 7}),
    ("StepLR", {"step_size": 1, "gamma": 0.97}),
    ("MultiStepLR", {"milestones": [3, 3, 20, 41], "gamma": 0.5}),
    ("MultiStepLR", {"milestones": [0, 5]}),
    ("ConstantLR", {}),
    ("ConstantLR", {"factor": 0.7, "total_iters": 11}),
    ("LinearLR", {}),
    ("LinearLR", {"start_factor": 1.0, "end_factor": 0.1, "total_iters": 40}),
    ("ExponentialLR", {"gamma": 0.93}),
    ("PolynomialLR", {}),
    ("PolynomialLR", {"total_iters": 50, "power": 2.5}),
    ("CosineAnnealingLR", {"T_max": 50}),
    ("CosineAnnealingLR", {"T_max": 7, "eta_min": 0.01}),
    ("CosineAnnealingWarmRestarts", {"T_0": 9}),
    ("CosineAnnealingWarmRestarts", {"T_0": 4, "T_mult": 2, "eta_min": 0.001}),
    ("CyclicLR", {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 5}),
    (
        "CyclicLR",
        {
            "base_lr": [0.01, 0.02],
            "max_lr": [0.1, 0.3],
            "step_size_up": 4,
            "step_size_down": 9,
            "mode": "triangular2",
        },
    ),
    (
        "CyclicLR",
        {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 6, "mode": "exp_range", "gamma": 0.98},
    ),
    (
        "CyclicLR",
        {
            "base_lr": 0.01,
            "max_lr": 0.1,
            "step_size_up": 6,
            "scale_fn": lambda x: 1 / (1 + 0.1 * x),
            "scale_mode": "iterations",
            "base_momentum": 0.5,
            "max_momentum": 0.99,
        },
    ),
    ("CyclicLR", {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 6, "cycle_momentum": False}),
    ("OneCycleLR", {"max_lr": 0.5, "total_steps": 61}),
    ("OneCycleLR", {"max_lr": [0.5, 0.2], "epochs": 7, "steps_per_epoch": 9}),
    (
        "OneCycleLR",
        {
            "max_lr": 0.5,
            "total_steps": 65,
            "pct_start": 0.4,
            "anneal_strategy": "linear",
            "three_phase": True,
            "div_factor": 10.0,
            "final_div_factor": 100.0,
            "base_momentum": [0.6, 0.7],
        },
    ),
    ("OneCycleLR", {"max_lr": 0.5, "total_steps": 80, "cycle_momentum": False}),
]


def same_rates(mine, reference, one, other):
    assert one.get_last_lr() == pytest.approx(other.get_last_lr(), rel=1e-12, abs=1e-15)
    for g, h in zip(mine.param_groups, reference.param_groups, strict=True):
        for key in ("lr", "momentum", "betas", "initial_lr"):
            assert (key in g) == (key in h)
            if key in g:
                assert g[key] == pytest.approx(h[key], rel=1e-12, abs=1e-15), key


@pytest.mark.parametrize(("name", "options"), SIMPLE)
@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
def test_follows_pytorch(name, options, optimizer):
    mine, reference = optimizers(optimizer)
    one = getattr(mine_ns, name)(mine, **options)
    other = getattr(torch_ns, name)(reference, **options)
    for _ in range(60):
        same_rates(mine, reference, one, other)
        mine.step()
        reference.step()
        one.step()
        other.step()
    same_rates(mine, reference, one, other)


@pytest.mark.parametrize(("name", "options"), SIMPLE)
def test_a_rate_changed_by_hand_lasts_as_in_pytorch(name, options):
    mine, reference = optimizers()
    one = getattr(mine_ns, name)(mine, **options)
    other = getattr(torch_ns, name)(reference, **options)
    for t in range(60):
        if t in (6, 30):
            for o in (mine, reference):
                o.param_groups[0]["lr"] *= 3.0
                o.param_groups[1]["lr"] = 0.02
        one.step()
        other.step()
        same_rates(mine, reference, one, other)


@pytest.mark.parametrize(("name", "options"), SIMPLE)
def test_resumes_at_an_epoch_as_in_pytorch(name, options):
    mine, reference = optimizers()
    one = getattr(mine_ns, name)(mine, **options)
    other = getattr(torch_ns, name)(reference, **options)
    for _ in range(5):
        one.step()
        other.step()
    one = getattr(mine_ns, name)(mine, last_epoch=5, **options)
    other = getattr(torch_ns, name)(reference, last_epoch=5, **options)
    same_rates(mine, reference, one, other)
    for _ in range(20):
        one.step()
        other.step()
        same_rates(mine, reference, one, other)


@pytest.mark.parametrize(("name", "options"), SIMPLE)
def test_state_goes_over_from_pytorch(name, options):
    mine, reference = optimizers()
    one = getattr(mine_ns, name)(mine, **options)
    other = getattr(torch_ns, name)(reference, **options)
    for _ in range(13):
        other.step()
    state = copy.deepcopy(other.state_dict())
    assert one.state_dict().keys() >= state.keys() - {"_get_lr_called_within_step", "_is_initial"}
    one.load_state_dict(state)
    mine.load_state_dict(reference.state_dict())
    for _ in range(20):
        one.step()
        other.step()
        same_rates(mine, reference, one, other)


@pytest.mark.parametrize(("name", "options"), SIMPLE)
def test_state_is_plain_data(name, options):
    mine, _ = optimizers()
    one = getattr(mine_ns, name)(mine, **options)
    json.dumps(one.state_dict())


CLOSED = [
    (name, options)
    for name, options in SIMPLE
    if hasattr(getattr(torch_ns, name), "_get_closed_form_lr")
]


@pytest.mark.parametrize(("name", "options"), CLOSED)
def test_closed_forms(name, options):
    mine, reference = optimizers()
    one = getattr(mine_ns, name)(mine, **options)
    other = getattr(torch_ns, name)(reference, **options)
    for t in (0, 3, 17, 60):
        with pytest.warns(UserWarning, match="deprecated"):
            one.step(t)
        with pytest.warns(UserWarning, match="deprecated"):
            other.step(t)
        same_rates(mine, reference, one, other)


def test_warm_restarts_take_fractions_of_epochs():
    for options in ({"T_0": 3}, {"T_0": 2, "T_mult": 2}, {"T_0": 1, "T_mult": 3, "eta_min": 0.01}):
        mine, reference = optimizers()
        one = mine_ns.CosineAnnealingWarmRestarts(mine, **options)
        other = torch_ns.CosineAnnealingWarmRestarts(reference, **options)
        for i in range(60):
            one.step(i * 0.3)
            other.step(i * 0.3)
            same_rates(mine, reference, one, other)
            assert one.last_epoch == other.last_epoch


def chains(ns, o):
    """Schedules of schedules, made in one library or the other."""
    return {
        "warmup, cosine": lambda: ns.SequentialLR(
            o,
            [ns.LinearLR(o, 0.1, total_iters=5), ns.CosineAnnealingLR(o, T_max=50)],
            milestones=[5],
        ),
        "constant, exponential, step": lambda: ns.SequentialLR(
            o,
            [
                ns.ConstantLR(o, 0.1, total_iters=20),
                ns.ExponentialLR(o, 0.9),
                ns.StepLR(o, 4, 0.5),
            ],
            milestones=[20, 31],
        ),
        "restarts": lambda: ns.SequentialLR(
            o,
            [ns.LinearLR(o, 0.1), ns.CosineAnnealingWarmRestarts(o, 6, 2)],
            milestones=[7],
        ),
        "nested": lambda: ns.SequentialLR(
            o,
            [
                ns.SequentialLR(o, [ns.LinearLR(o), ns.StepLR(o, 3)], milestones=[4]),
                ns.PolynomialLR(o, 30),
            ],
            milestones=[11],
        ),
        "from the start": lambda: ns.SequentialLR(
            o, [ns.ConstantLR(o, 0.5), ns.ExponentialLR(o, 0.9)], milestones=[0]
        ),
        "chained": lambda: ns.ChainedScheduler(
            [ns.ConstantLR(o, 0.1, 4), ns.ExponentialLR(o, 0.95), ns.StepLR(o, 9, 0.5)]
        ),
        "chained, given": lambda: ns.ChainedScheduler(
            [ns.MultiplicativeLR(o, lambda t: 0.99), ns.LinearLR(o, 0.2, 0.7, 12)], optimizer=o
        ),
    }


@pytest.mark.parametrize("name", list(chains(None, None)))
def test_schedules_of_schedules(name):
    mine, reference = optimizers()
    one, other = chains(mine_ns, mine)[name](), chains(torch_ns, reference)[name]()
    for t in range(60):
        same_rates(mine, reference, one, other)
        one.step()
        other.step()
        if t == 24:  # go on in new ones
            states = one.state_dict(), other.state_dict()
            rates = [g["lr"] for g in mine.param_groups]
            json.dumps(states[0])
            one, other = chains(mine_ns, mine)[name](), chains(torch_ns, reference)[name]()
            one.load_state_dict(states[0])
            other.load_state_dict(states[1])
            for o in (mine, reference):
                for g, lr in zip(o.param_groups, rates, strict=True):
                    g["lr"] = lr


PLATEAU = [
    {},
    {"patience": 2, "factor": 0.5, "cooldown": 3},
    {"mode": "max", "patience": 1, "threshold": 0.1, "threshold_mode": "abs"},
    {"mode": "max", "patience": 3, "threshold": 0.05},
    {"patience": 0, "threshold": 0.01, "threshold_mode": "abs", "min_lr": [0.01, 0.001]},
    {"patience": 0, "factor": 0.3, "min_lr": 1e-3, "eps": 1e-3},
]


@pytest.mark.parametrize("options", PLATEAU)
def test_plateau(options):
    mine, reference = optimizers()
    one = mine_ns.ReduceLROnPlateau(mine, **options)
    other = torch_ns.ReduceLROnPlateau(reference, **options)
    for t in range(60):
        metric = math.sin(t * 0.7) + 1 / (1 + t) if t % 17 else math.nan
        one.step(mg.tensor(np.float64(metric)) if t % 2 else metric)
        other.step(metric)
        same_rates(mine, reference, one, other)
        assert (one.best, one.num_bad_epochs) == (other.best, other.num_bad_epochs)
        assert (one.in_cooldown, one.last_epoch) == (other.in_cooldown, other.last_epoch)
        if t == 20:
            json.dumps(one.state_dict())
            one = mine_ns.ReduceLROnPlateau(mine)
            one.load_state_dict(copy.deepcopy(other.state_dict()))


@pytest.mark.parametrize("name", mine_ns.__all__)
def test_arguments_and_defaults(name):
    mine = inspect.signature(getattr(mine_ns, name).__init__).parameters
    reference = inspect.signature(getattr(torch_ns, name).__init__).parameters
    assert list(mine) == list(reference)
    for p in mine:
        assert mine[p].default == reference[p].default, p


def test_all_of_pytorchs_schedules_are_here():
    assert set(mine_ns.__all__) == set(torch_ns.__all__)


WRONG = [
    ("LambdaLR", {"lr_lambda": [lambda t: 1.0]}, ValueError),
    ("MultiplicativeLR", {"lr_lambda": 3}, TypeError),
    ("ConstantLR", {"factor": 1.5}, ValueError),
    ("LinearLR", {"start_factor": 0.0}, ValueError),
    ("LinearLR", {"end_factor": 1.5}, ValueError),
    ("StepLR", {"step_size": 3, "last_epoch": 4}, KeyError),
    ("CosineAnnealingWarmRestarts", {"T_0": 0}, ValueError),
    ("CosineAnnealingWarmRestarts", {"T_0": 2, "T_mult": 0}, ValueError),
    ("CosineAnnealingWarmRestarts", {"T_0": 2, "eta_min": "0"}, ValueError),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 1.0, "mode": "square"}, ValueError),
    ("CyclicLR", {"base_lr": [0.1], "max_lr": 1.0}, ValueError),
    ("OneCycleLR", {"max_lr": 1.0}, ValueError),
    ("OneCycleLR", {"max_lr": 1.0, "total_steps": -1}, ValueError),
    ("OneCycleLR", {"max_lr": 1.0, "epochs": 3, "steps_per_epoch": 0}, ValueError),
    ("OneCycleLR", {"max_lr": 1.0, "total_steps": 9, "pct_start": 2.0}, ValueError),
    ("OneCycleLR", {"max_lr": 1.0, "total_steps": 9, "anneal_strategy": "sin"}, ValueError),
    ("ReduceLROnPlateau", {"factor": 1.0}, ValueError),
    ("ReduceLROnPlateau", {"mode": "mean"}, ValueError),
    ("ReduceLROnPlateau", {"threshold_mode": "both"}, ValueError),
    ("ReduceLROnPlateau", {"min_lr": [0.1]}, ValueError),
    ("SequentialLR", {"schedulers": [], "milestones": []}, ValueError),
]


@pytest.mark.parametrize(("name", "options", "error"), WRONG)
def test_wrong_options_raise_as_in_pytorch(name, options, error):
    mine, reference = optimizers()
    with pytest.raises(error):
        getattr(torch_ns, name)(reference, **options)
    with pytest.raises(error):
        getattr(mine_ns, name)(mine, **options)


@pytest.mark.parametrize("name", ["StepLR", "CyclicLR", "OneCycleLR", "ReduceLROnPlateau"])
def test_what_is_not_an_optimizer(name):
    options = {"StepLR": (3,), "CyclicLR": (0.1, 1.0), "OneCycleLR": (1.0, 9)}.get(name, ())
    for ns in (mine_ns, torch_ns):
        with pytest.raises(TypeError, match="str is not an Optimizer"):
            getattr(ns, name)("SGD", *options)


@pytest.mark.parametrize(
    "options",
    [
        {"swa_lr": 0.05},
        {"swa_lr": [0.05, 0.01], "anneal_epochs": 5},
        {"swa_lr": 0.5, "anneal_epochs": 7, "anneal_strategy": "linear"},
        {"swa_lr": 0.05, "anneal_epochs": 0},
        {"swa_lr": 0.05, "anneal_epochs": 1},
    ],
)
def test_swalr(options):
    ours, theirs = optimizers()
    schedules = [optim.swa_utils.SWALR(ours, **options)]
    schedules.append(torch.optim.swa_utils.SWALR(theirs, **options))
    for step in range(15):
        for optimizer, schedule in zip((ours, theirs), schedules, strict=True):
            if step == 4:  # another schedule, or somebody, changes the rate
                optimizer.param_groups[0]["lr"] *= 0.5
            optimizer.step()
            schedule.step()
        np.testing.assert_allclose(schedules[0].get_last_lr(), schedules[1].get_last_lr())
    assert [g["swa_lr"] for g in ours.param_groups] == [g["swa_lr"] for g in theirs.param_groups]


def test_swalr_refuses_what_makes_no_sense():
    ours, _ = optimizers()
    for wrong, message in (
        ({"swa_lr": [0.1]}, "swa_lr: got 1 values for 2 parameter groups"),
        ({"swa_lr": 0.1, "anneal_strategy": "step"}, "anneal_strategy is 'cos' or 'linear'"),
        ({"swa_lr": 0.1, "anneal_epochs": -1}, "expected anneal_epochs >= 0, got -1"),
    ):
        with pytest.raises(ValueError, match=message):
            optim.swa_utils.SWALR(ours, **wrong)

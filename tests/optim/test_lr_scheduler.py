"""Schedules: rates worked out by hand, and what holds for each of them."""

import inspect
import math

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim
from minigrad.optim import lr_scheduler as ls

SCHEDULES = {
    name: cls
    for name, cls in vars(ls).items()
    if inspect.isclass(cls) and issubclass(cls, ls.LRScheduler) and cls is not ls.LRScheduler
}

# One way to make each of them, of an optimizer.
MAKE = {
    "LambdaLR": lambda o: ls.LambdaLR(o, lambda t: 0.9**t),
    "MultiplicativeLR": lambda o: ls.MultiplicativeLR(o, lambda t: 0.9),
    "StepLR": lambda o: ls.StepLR(o, 3),
    "MultiStepLR": lambda o: ls.MultiStepLR(o, [2, 5]),
    "ConstantLR": lambda o: ls.ConstantLR(o),
    "LinearLR": lambda o: ls.LinearLR(o),
    "ExponentialLR": lambda o: ls.ExponentialLR(o, 0.9),
    "PolynomialLR": lambda o: ls.PolynomialLR(o, 9, 2.0),
    "CosineAnnealingLR": lambda o: ls.CosineAnnealingLR(o, 7),
    "CosineAnnealingWarmRestarts": lambda o: ls.CosineAnnealingWarmRestarts(o, 2, 2),
    "CyclicLR": lambda o: ls.CyclicLR(o, 0.1, 1.0, 3, mode="triangular2"),
    "OneCycleLR": lambda o: ls.OneCycleLR(o, 1.0, 20),
    "ReduceLROnPlateau": lambda o: ls.ReduceLROnPlateau(o, patience=1),
    "SequentialLR": lambda o: ls.SequentialLR(
        o, [ls.LinearLR(o), ls.CosineAnnealingLR(o, 9)], milestones=[4]
    ),
    "ChainedScheduler": lambda o: ls.ChainedScheduler([ls.LinearLR(o), ls.ExponentialLR(o, 0.9)]),
}
every = pytest.mark.parametrize("name", sorted(SCHEDULES))


def sgd(lr=1.0, momentum=0.9):
    optimizer = optim.SGD([mg.tensor(1.0, requires_grad=True)], lr=lr, momentum=momentum)
    optimizer.step()
    return optimizer


def step(scheduler):
    if isinstance(scheduler, ls.ReduceLROnPlateau):
        scheduler.step(1.0)
    else:
        scheduler.step()


def rates(make, steps, lr=1.0):
    optimizer = sgd(lr)
    scheduler = make(optimizer)
    seen = [optimizer.param_groups[0]["lr"]]
    for _ in range(steps - 1):
        scheduler.step()
        seen.append(optimizer.param_groups[0]["lr"])
    return seen


def test_every_schedule_is_public_and_made_here():
    assert set(SCHEDULES) == set(MAKE)
    assert set(SCHEDULES) <= set(ls.__all__)
    assert optim.lr_scheduler is ls


@every
def test_goes_on_from_a_saved_state(name, tmp_path):
    optimizer, other = sgd(), sgd()
    one, two = MAKE[name](optimizer), MAKE[name](other)
    for _ in range(4):
        step(one)
    mg.save({"o": optimizer.state_dict(), "s": one.state_dict()}, tmp_path / "x.safetensors")
    saved = mg.load(tmp_path / "x.safetensors")
    other.load_state_dict(saved["o"])
    two.load_state_dict(saved["s"])
    for _ in range(9):
        step(one)
        step(two)
        for g, h in zip(optimizer.param_groups, other.param_groups, strict=True):
            assert {**g, "params": None} == {**h, "params": None}
        assert one.get_last_lr() == two.get_last_lr()


@every
def test_last_lr_is_the_optimizers(name):
    optimizer = sgd()
    scheduler = MAKE[name](optimizer)
    for _ in range(10):
        assert scheduler.get_last_lr() == [g["lr"] for g in optimizer.param_groups]
        step(scheduler)


@every
def test_rates_are_pythons_numbers(name):
    """NumPy's would make float64 of a float32 update."""
    optimizer = sgd(lr=np.float32(1.0))
    scheduler = MAKE[name](optimizer)
    for _ in range(3):
        step(scheduler)
        assert type(optimizer.param_groups[0]["lr"]) is float


@every
def test_each_explains_itself(name):
    assert SCHEDULES[name].__doc__


HAND = [
    (lambda o: ls.StepLR(o, 2), [1, 1, 0.1, 0.1, 0.01]),
    (lambda o: ls.MultiStepLR(o, [1, 3, 3], 0.5), [1, 0.5, 0.5, 0.125, 0.125]),
    (lambda o: ls.ExponentialLR(o, 0.5), [1, 0.5, 0.25, 0.125]),
    (lambda o: ls.ConstantLR(o, 0.5, 2), [0.5, 0.5, 1, 1]),
    (lambda o: ls.LinearLR(o, 0.2, 1.0, 4), [0.2, 0.4, 0.6, 0.8, 1, 1]),
    (lambda o: ls.PolynomialLR(o, 4, 2.0), [1, 9 / 16, 4 / 16, 1 / 16, 0, 0]),
    (lambda o: ls.LambdaLR(o, lambda t: 1 / (1 + t)), [1, 1 / 2, 1 / 3]),
    (lambda o: ls.MultiplicativeLR(o, lambda t: t / 10), [1, 0.1, 0.02, 0.006]),
    (lambda o: ls.CosineAnnealingLR(o, 2), [1, 0.5, 0, 0.5, 1, 0.5]),
    (lambda o: ls.CosineAnnealingLR(o, 2, 0.5), [1, 0.75, 0.5, 0.75, 1]),
    (
        lambda o: ls.CosineAnnealingWarmRestarts(o, 1, 2),
        [1, 1, 0.5, 1, (1 + math.sqrt(0.5)) / 2, 0.5, (1 - math.sqrt(0.5)) / 2, 1],
    ),
    (lambda o: ls.CyclicLR(o, 1.0, 3.0, 2, 1), [1, 2, 3, 1, 2, 3, 1]),
    (lambda o: ls.CyclicLR(o, 1.0, 3.0, 1, mode="triangular2"), [1, 3, 1, 2, 1, 1.5, 1]),
    (lambda o: ls.CyclicLR(o, 1.0, 3.0, 1, mode="exp_range", gamma=0.5), [1, 2, 1, 1.25]),
    (
        lambda o: ls.OneCycleLR(o, 1.0, 5, pct_start=0.6, anneal_strategy="linear", div_factor=2.0,
                                final_div_factor=5.0),
        [0.5, 0.75, 1, 0.55, 0.1],
    ),
    (
        lambda o: ls.SequentialLR(o, [ls.ConstantLR(o, 0.1, 9), ls.ExponentialLR(o, 0.5)], [2]),
        [0.1, 0.1, 1, 0.5, 0.25],
    ),
    (
        lambda o: ls.ChainedScheduler([ls.ConstantLR(o, 0.1, 2), ls.ExponentialLR(o, 0.5)]),
        [0.1, 0.05, 0.25, 0.125],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("make", "expected"), HAND)
def test_by_hand(make, expected):
    assert rates(make, len(expected)) == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_momentum_goes_the_other_way():
    optimizer = sgd()
    scheduler = ls.OneCycleLR(optimizer, 1.0, 9)
    pairs = []
    for _ in range(8):
        group = optimizer.param_groups[0]
        pairs.append((group["lr"], group["momentum"]))
        scheduler.step()
    by_rate = sorted(pairs[2:])
    assert [m for _, m in by_rate] == sorted((m for _, m in by_rate), reverse=True)

    adam = optim.Adam([mg.tensor(1.0, requires_grad=True)])
    ls.CyclicLR(adam, 0.1, 1.0, 3)
    assert adam.param_groups[0]["betas"] == (0.9, 0.999)
    plain = optim.Adagrad([mg.tensor(1.0, requires_grad=True)])
    with pytest.raises(ValueError, match="Adagrad has neither: pass cycle_momentum=False"):
        ls.CyclicLR(plain, 0.1, 1.0)


def test_plateau():
    optimizer = sgd()
    scheduler = ls.ReduceLROnPlateau(optimizer, factor=0.5, patience=2, cooldown=1)
    seen = []
    for metric in (3.0, 2.0, 2.0, 2.0, mg.tensor(2.0), 2.0, 2.0, 2.0, 2.0):
        scheduler.step(metric)
        seen.append(optimizer.param_groups[0]["lr"])
    assert seen == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25]


def test_plateau_after_a_group_was_added():
    for min_lr, works in ((0.1, True), ([0.1], False)):
        optimizer = sgd()
        scheduler = ls.ReduceLROnPlateau(optimizer, patience=0, min_lr=min_lr)
        optimizer.add_param_group({"params": [mg.tensor(1.0, requires_grad=True)], "lr": 1.0})
        scheduler.step(1.0)
        if works:
            scheduler.step(1.0)
            assert [g["lr"] for g in optimizer.param_groups] == [0.1, 0.1]
        else:
            with pytest.raises(RuntimeError, match=r"make scheduler\.min_lrs as long"):
                scheduler.step(1.0)


def test_callables_keep_their_state_and_functions_do_not():
    class Decay:
        def __init__(self, rate):
            self.rate = rate

        def __call__(self, t):
            return self.rate**t

    def make(rate):
        return ls.LambdaLR(sgd(), Decay(rate))

    saved = make(0.5).state_dict()
    assert saved["lr_lambdas"] == [{"rate": 0.5}]
    other = make(0.9)
    other.load_state_dict(saved)
    other.step()
    assert other.get_last_lr() == [0.5]
    assert ls.LambdaLR(sgd(), lambda t: 1.0).state_dict()["lr_lambdas"] == [None]


def test_the_wrong_order_is_warned_of():
    optimizer = optim.SGD([mg.tensor(1.0, requires_grad=True)], lr=1.0)
    scheduler = ls.StepLR(optimizer, 1)
    with pytest.warns(UserWarning, match="before `optimizer.step"):
        scheduler.step()
    optimizer = optim.SGD([mg.tensor(1.0, requires_grad=True)], lr=1.0)
    scheduler = ls.StepLR(optimizer, 1)
    optimizer.step()
    scheduler.step()


def test_an_optimizer_with_a_step_of_its_own_is_not_warned_of():
    class Mine(optim.Optimizer):
        def step(self, closure=None):
            pass

    scheduler = ls.StepLR(Mine([mg.tensor(1.0, requires_grad=True)], {"lr": 1.0}), 1)
    scheduler.step()
    assert scheduler.get_last_lr() == [0.1]


def test_a_schedule_of_ones_own():
    class Halve(ls.LRScheduler):
        def get_lr(self):
            return [group["lr"] * (0.5 if self.last_epoch else 1.0)
                    for group in self.optimizer.param_groups]  # fmt: skip

    assert rates(Halve, 3) == [1.0, 0.5, 0.25]
    with pytest.raises(NotImplementedError, match="a subclass writes get_lr"):
        ls.LRScheduler(sgd())


def test_one_cycle_ends():
    scheduler = ls.OneCycleLR(sgd(), 1.0, 3)
    for _ in range(3):
        scheduler.step()
    with pytest.raises(ValueError, match="Tried to step 4 times"):
        scheduler.step()


WRONG = [
    (lambda o: ls.StepLR("SGD", 3), TypeError, "str is not an Optimizer"),
    (lambda o: ls.StepLR(o, 3, last_epoch=4), KeyError, "initial_lr"),
    (lambda o: ls.LambdaLR(o, [lambda t: 1.0] * 2), ValueError, "2 values for 1 parameter"),
    (lambda o: ls.LambdaLR(o, 0.5), TypeError, "should be a function, but got float"),
    (lambda o: ls.ConstantLR(o, 2.0), ValueError, "between 0 and 1, got 2.0"),
    (lambda o: ls.LinearLR(o, 0.0), ValueError, "greater than 0"),
    (lambda o: ls.CosineAnnealingWarmRestarts(o, 0), ValueError, "positive integer T_0"),
    (lambda o: ls.CosineAnnealingWarmRestarts(o, 3).step(-1), ValueError, "non-negative epoch"),
    (lambda o: ls.CyclicLR(o, 0.1, 1.0, mode="up"), ValueError, "mode 'up' is invalid"),
    (lambda o: ls.OneCycleLR(o, 1.0), ValueError, r"total_steps OR \(epochs AND"),
    (lambda o: ls.OneCycleLR(o, 1.0, 0), ValueError, "positive integer total_steps, but got 0"),
    (lambda o: ls.ReduceLROnPlateau(o, "least"), ValueError, "mode least is unknown"),
    (lambda o: ls.SequentialLR(o, [], []), ValueError, "at least one scheduler"),
    (lambda o: ls.ChainedScheduler([]), ValueError, "at least one scheduler"),
    (
        lambda o: ls.SequentialLR(o, [ls.ConstantLR(o)], [3]),
        ValueError,
        "number of schedulers 1 and the number of milestones to be equal to 1",
    ),
    (
        lambda o: ls.SequentialLR(o, [ls.ConstantLR(o), ls.ConstantLR(sgd())], [3]),
        ValueError,
        r"schedulers\[1\] \(ConstantLR\) belongs to another",
    ),
    (
        lambda o: ls.ChainedScheduler([ls.ConstantLR(o), ls.ReduceLROnPlateau(o)]),
        ValueError,
        r"does not support `ReduceLROnPlateau` \(schedulers\[1\]\)",
    ),
    (lambda o: ls.SequentialLR(o, [3], []), TypeError, r"schedulers\[0\] is a int"),
]


@pytest.mark.parametrize(("call", "error", "message"), WRONG)
def test_wrong_calls(call, error, message):
    with pytest.raises(error, match=message):
        call(sgd())

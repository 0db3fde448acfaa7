"""Every optimizer that PyTorch has, step by step beside PyTorch's."""

import copy
import inspect

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.parity

# What PyTorch's constructors have only to choose between its own implementations.
IMPLEMENTATION = {"foreach", "fused", "capturable", "differentiable"}


@pytest.fixture(autouse=True)
def double_precision():
    """PyTorch keeps step counts and the like in its default dtype."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


CASES = [
    ("SGD", {}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.5, "maximize": True}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.3, "lr_decay": 0.1, "weight_decay": 0.1, "eps": 1e-3}),
    ("Adagrad", {"lr": 0.3, "initial_accumulator_value": 0.5, "maximize": True}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.5, "eps": 1e-2, "weight_decay": 0.1}),
    ("Adadelta", {"maximize": True}),
    ("RMSprop", {}),
    ("RMSprop", {"alpha": 0.6, "eps": 1e-3, "weight_decay": 0.1}),
    ("RMSprop", {"momentum": 0.9, "centered": True}),
    ("RMSprop", {"momentum": 0.5, "weight_decay": 0.2, "maximize": True}),
    ("RMSprop", {"centered": True, "weight_decay": 0.1, "alpha": 0.9}),
    ("Rprop", {}),
    ("Rprop", {"lr": 0.1, "etas": (0.3, 1.7), "step_sizes": (1e-3, 0.2)}),
    ("Rprop", {"lr": 0.1, "maximize": True}),
    ("Adam", {}),
    ("Adam", {"lr": 0.1, "betas": (0.5, 0.7), "eps": 1e-2, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.1, "betas": (0.0, 0.0), "amsgrad": True}),
    ("Adam", {"lr": 0.1, "amsgrad": True, "weight_decay": 0.1, "maximize": True}),
    ("Adam", {"lr": 0.1, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.1, "betas": (0.6, 0.9), "weight_decay": 0.3, "amsgrad": True}),
    ("AdamW", {"lr": 0.1, "maximize": True, "weight_decay": 0.0}),
    ("Adamax", {}),
    ("Adamax", {"lr": 0.1, "betas": (0.6, 0.7), "eps": 1e-2, "weight_decay": 0.1}),
    ("Adamax", {"maximize": True}),
    ("NAdam", {}),
    ("NAdam", {"lr": 0.1, "betas": (0.6, 0.7), "eps": 1e-2, "weight_decay": 0.1}),
    ("NAdam", {"momentum_decay": 0.3, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("NAdam", {"maximize": True, "momentum_decay": 0.0}),
    ("RAdam", {}),
    ("RAdam", {"lr": 0.1, "betas": (0.6, 0.7), "eps": 1e-2, "weight_decay": 0.1}),
    ("RAdam", {"lr": 0.1, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("RAdam", {"betas": (0.9, 0.99), "maximize": True}),
    ("ASGD", {}),
    ("ASGD", {"lr": 0.1, "lambd": 0.1, "alpha": 0.5, "t0": 5, "weight_decay": 0.1}),
    ("ASGD", {"lr": 0.1, "t0": 0, "maximize": True}),
    ("Adafactor", {}),
    ("Adafactor", {"lr": 0.1, "beta2_decay": -0.3, "eps": (1e-3, 0.1), "weight_decay": 0.2}),
    ("Adafactor", {"lr": 0.5, "d": 2.0, "maximize": True}),
]
SHAPES = [(3, 4), (5,), (), (2, 3, 4), (0, 3), (1, 1)]


def pair(shapes, seed=0, dtype=np.float64):
    """The same random parameters in both libraries."""
    rng = np.random.default_rng(seed)
    arrays = [np.asarray(rng.standard_normal(s), dtype=dtype) for s in shapes]
    ours = [mg.tensor(a, requires_grad=True) for a in arrays]
    theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
    return ours, theirs


def give_gradients(ours, theirs, rng, skip=()):
    """Gradients of waves plus noise; the same for both, each at its own parameters."""
    for i, (p, q) in enumerate(zip(ours, theirs, strict=True)):
        if i in skip:
            p.grad = q.grad = None
            continue
        noise = np.asarray(0.3 * rng.standard_normal(p.shape), dtype=p.dtype)
        with np.errstate(invalid="ignore"):  # of infinity
            wave = np.sin(2 * p.array)
        p.grad = mg.tensor(np.asarray(wave + noise, dtype=p.dtype))
        with torch.no_grad():
            q.grad = (2 * q).sin() + torch.tensor(noise)


def check(ours, theirs, rtol=1e-9):
    for p, q in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p.array, q.detach().numpy(), rtol=rtol, atol=rtol)


def shapes_for(name):
    # PyTorch's Adafactor divides by the number of elements, which must not be 0.
    return [s for s in SHAPES if 0 not in s] if name == "Adafactor" else SHAPES


@pytest.mark.parametrize(("name", "options"), CASES)
def test_follows_pytorch(name, options):
    ours, theirs = pair(shapes_for(name))
    mine = getattr(optim, name)(ours, **options)
    reference = getattr(torch.optim, name)(theirs, **options)
    rng = np.random.default_rng(1)
    for step in range(40):
        give_gradients(ours, theirs, rng, skip=(1,) if step in (0, 7) else ())
        mine.step()
        reference.step()
        check(ours, theirs)
    for p, q in zip(ours, theirs, strict=True):
        assert mine.state[p].keys() == reference.state[q].keys()
        for key, value in reference.state[q].items():
            got = mine.state[p][key]
            got = got.array if isinstance(got, mg.Tensor) else got
            np.testing.assert_allclose(got, value.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("name", "options"), CASES)
def test_large_parameters_are_updated_in_pieces(name, options, monkeypatch):
    monkeypatch.setattr(optim.optimizer, "PIECE", 8)
    test_follows_pytorch(name, options)


@pytest.mark.parametrize(("name", "options"), CASES)
def test_state_goes_over_from_pytorch(name, options):
    ours, theirs = pair(shapes_for(name))
    reference = getattr(torch.optim, name)(theirs, **options)
    rng = np.random.default_rng(1)
    for _ in range(12):
        give_gradients(ours, theirs, rng)
        reference.step()
    mine = getattr(optim, name)(ours)
    mine.load_state_dict(reference.state_dict())
    for p, q in zip(ours, theirs, strict=True):
        p.array[...] = q.detach().numpy()
    for _ in range(12):
        give_gradients(ours, theirs, rng)
        mine.step()
        reference.step()
    check(ours, theirs)


def to_torch(x):
    if isinstance(x, mg.Tensor):
        return torch.tensor(x.array)
    if isinstance(x, dict):
        return {k: to_torch(v) for k, v in x.items()}
    return [to_torch(v) for v in x] if isinstance(x, list) else x


NUMBERS_AS_TENSORS = {"ASGD", "Adafactor", "NAdam"}  # PyTorch leaves a number a number here


@pytest.mark.parametrize(("name", "options"), CASES)
def test_state_goes_over_to_pytorch(name, options):
    ours, theirs = pair(shapes_for(name))
    mine = getattr(optim, name)(ours, **options)
    rng = np.random.default_rng(1)
    for _ in range(12):
        give_gradients(ours, theirs, rng)
        mine.step()
    reference = getattr(torch.optim, name)(theirs, **options)
    state = to_torch(copy.deepcopy(mine.state_dict()))
    if name in NUMBERS_AS_TENSORS:
        for values in state["state"].values():
            for key in ("step", "eta", "mu", "mu_product"):
                if key in values:
                    values[key] = torch.tensor(float(values[key]))
    reference.load_state_dict(state)
    for p, q in zip(ours, theirs, strict=True):
        q.data.copy_(torch.tensor(p.array))
    for _ in range(12):
        give_gradients(ours, theirs, rng)
        mine.step()
        reference.step()
    check(ours, theirs)


@pytest.mark.parametrize("name", sorted({name for name, _ in CASES} | {"Muon", "LBFGS"}))
def test_state_has_pytorch_layout(name):
    shapes = [(3, 4)] if name in ("Muon", "LBFGS") else shapes_for(name)
    ours, theirs = pair(shapes)
    mine, reference = getattr(optim, name)(ours), getattr(torch.optim, name)(theirs)
    give_gradients(ours, theirs, np.random.default_rng(0))
    closure = (lambda: 1.0,) if name == "LBFGS" else ()
    mine.step(*closure)
    reference.step(*closure)
    a, b = mine.state_dict(), reference.state_dict()
    assert a["state"].keys() == b["state"].keys()
    for i in a["state"]:
        assert a["state"][i].keys() == b["state"][i].keys()
    for one, other in zip(a["param_groups"], b["param_groups"], strict=True):
        assert one["params"] == other["params"]
        assert one.keys() == other.keys() - IMPLEMENTATION


@pytest.mark.parametrize(("name", "options"), CASES)
def test_float32(name, options):
    """Within float32's precision of PyTorch, and still float32."""
    ours, theirs = pair([(4, 3), (3,)], dtype=np.float32)
    mine = getattr(optim, name)(ours, **options)
    reference = getattr(torch.optim, name)(theirs, **options)
    rng = np.random.default_rng(1)
    for _ in range(5):
        give_gradients(ours, theirs, rng)
        mine.step()
        reference.step()
    assert all(p.dtype == np.float32 for p in ours)
    check(ours, theirs, rtol=2e-4)


@pytest.mark.parametrize(("name", "options"), CASES)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_gradients_that_are_not_finite(name, options, bad):
    ours, theirs = pair([(2, 3), (3,)])
    mine = getattr(optim, name)(ours, **options)
    reference = getattr(torch.optim, name)(theirs, **options)
    rng = np.random.default_rng(1)
    for step in range(4):
        give_gradients(ours, theirs, rng)
        if step == 1:
            ours[0].grad.array[0, 1] = ours[1].grad.array[2] = bad
            theirs[0].grad[0, 1] = theirs[1].grad[2] = bad
        mine.step()
        reference.step()
    check(ours, theirs)


@pytest.mark.parametrize(("name", "options"), CASES)
def test_options_changed_between_steps(name, options):
    """As schedules do it: the rate of one group and the first beta."""
    ours, theirs = pair([(4, 3), (3,)])
    groups = [[{"params": [a]}, {"params": [b], "lr": 0.07}] for a, b in (ours, theirs)]
    mine = getattr(optim, name)(groups[0], **options)
    reference = getattr(torch.optim, name)(groups[1], **options)
    rng = np.random.default_rng(1)
    for step in range(10):
        for o in (mine, reference):
            o.param_groups[1]["lr"] *= 0.9
            if "betas" in o.defaults:
                o.param_groups[0]["betas"] = (0.5 + 0.04 * step, o.defaults["betas"][1])
        give_gradients(ours, theirs, rng)
        mine.step()
        reference.step()
    check(ours, theirs)


# ---------------------------------------------------------------------------- Muon

MUON = [
    {},
    {"lr": 0.1, "weight_decay": 0.0, "momentum": 0.5, "nesterov": False},
    {"lr": 0.1, "adjust_lr_fn": "original", "ns_steps": 3, "eps": 0.1},
    {"lr": 0.1, "adjust_lr_fn": "match_rms_adamw", "ns_coefficients": (2.0, -1.5, 0.5)},
]


def run_muon(options, rtol):
    ours, theirs = pair([(3, 5), (6, 2), (4, 4), (1, 3)])
    mine, reference = optim.Muon(ours, **options), torch.optim.Muon(theirs, **options)
    rng = np.random.default_rng(1)
    for _ in range(25):
        give_gradients(ours, theirs, rng)
        mine.step()
        reference.step()
        check(ours, theirs, rtol)


@pytest.mark.parametrize("options", MUON)
def test_muon_follows_pytorch(options, monkeypatch):
    """PyTorch rounds to bfloat16 before it orthogonalizes; without that the two agree."""
    monkeypatch.setattr(torch.Tensor, "bfloat16", lambda self: self.clone())
    run_muon(options, 1e-9)


@pytest.mark.parametrize("options", MUON[:1])
def test_muon_agrees_with_bfloat16(options):
    run_muon(options, 3e-2)


# ---------------------------------------------------------------------------- L-BFGS

LBFGS = [
    {},
    {"lr": 0.3, "max_iter": 7, "history_size": 2},
    {"line_search_fn": "strong_wolfe"},
    {"lr": 3.0, "line_search_fn": "strong_wolfe", "max_iter": 5, "history_size": 3},
    {"line_search_fn": "strong_wolfe", "max_iter": 10, "max_eval": 4},
    {"lr": 1e-3, "line_search_fn": "strong_wolfe", "max_iter": 4},
    {"lr": 0.2, "tolerance_grad": 1e-2, "tolerance_change": 1e-3},
]


@pytest.mark.parametrize("options", LBFGS)
@pytest.mark.parametrize("problem", ["rosenbrock", "bowl", "wavy"])
def test_lbfgs_follows_pytorch(options, problem):
    start = [np.array([-1.2, 1.0, 0.3]), np.array([[0.5, -0.7]])]
    ours = [mg.tensor(a, requires_grad=True) for a in start]
    theirs = [torch.tensor(a, requires_grad=True) for a in start]
    mine, reference = optim.LBFGS(ours, **options), torch.optim.LBFGS(theirs, **options)

    def loss(x, y):
        if problem == "rosenbrock":
            d = x[1:] - x[:-1] * x[:-1]
            return (100.0 * d * d).sum() + ((1 - x) * (1 - x)).sum() + (y * y).sum()
        if problem == "bowl":
            z = (y - 2) * (y - 2)
            return (x * x).sum() * 3.0 + (z + 0.1 * z * z).sum()
        return (x * x).sum() + x.sin().sum() * 2.0 + (y * 3.0).cos().sum() + (y * y).sum()

    calls = [0, 0]

    def closure(which, optimizer, params):
        def run():
            calls[which] += 1
            optimizer.zero_grad()
            value = loss(*params)
            value.backward()
            return value

        return run

    for _ in range(4):
        a = mine.step(closure(0, mine, ours))
        b = reference.step(closure(1, reference, theirs))
        if not np.isfinite(b.item()) or b.item() > 1e6:
            break  # a fixed step on this problem explodes, and rounding with it
        assert a.item() == pytest.approx(b.item(), rel=1e-9, abs=1e-12)
        assert calls[0] == calls[1]
        check(ours, theirs)


def test_lbfgs_goes_on_from_pytorch_state():
    start = np.array([-1.2, 1.0])
    p, q = mg.tensor(start, requires_grad=True), torch.tensor(start, requires_grad=True)
    options = {"max_iter": 4, "line_search_fn": "strong_wolfe"}
    mine, reference = optim.LBFGS([p], **options), torch.optim.LBFGS([q], **options)

    def closure(optimizer, x):
        def run():
            optimizer.zero_grad()
            d = x[1:] - x[:1] * x[:1]
            value = (100.0 * d * d + (1 - x[:1]) * (1 - x[:1])).sum()
            value.backward()
            return value

        return run

    reference.step(closure(reference, q))
    p.array[...] = q.detach().numpy()
    mine.load_state_dict(reference.state_dict())
    for _ in range(3):
        mine.step(closure(mine, p))
        reference.step(closure(reference, q))
    check([p], [q], 1e-8)


# ---------------------------------------------------------------------------- signatures


def optimizers():
    return [
        name
        for name in optim.__all__
        if hasattr(torch.optim, name) and inspect.isclass(getattr(optim, name))
    ]


@pytest.mark.parametrize("name", optimizers())
def test_arguments_and_defaults(name):
    mine = inspect.signature(getattr(optim, name).__init__).parameters
    reference = inspect.signature(getattr(torch.optim, name).__init__).parameters
    expected = [p for p in reference if p not in IMPLEMENTATION]
    got = [p for p in mine if mine[p].kind is not inspect.Parameter.VAR_KEYWORD]
    if name == "Optimizer":
        got = [p for p in got if p not in IMPLEMENTATION]
    assert got == expected
    for p in expected:
        assert mine[p].default == reference[p].default, p


WRONG = [
    ("SGD", {"lr": -1}),
    ("SGD", {"momentum": -1}),
    ("SGD", {"weight_decay": -1}),
    ("SGD", {"nesterov": True}),
    ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}),
    ("Adam", {"lr": -1.0}),
    ("Adam", {"betas": (1.0, 0.9)}),
    ("Adam", {"betas": (0.9, -0.1)}),
    ("Adam", {"eps": -1.0}),
    ("AdamW", {"weight_decay": -1.0}),
    ("Adamax", {"betas": (0.9, 1.0)}),
    ("NAdam", {"momentum_decay": -1.0}),
    ("RAdam", {"lr": float("nan")}),
    ("Adagrad", {"lr_decay": -1}),
    ("Adagrad", {"initial_accumulator_value": -1}),
    ("Adadelta", {"rho": 1.1}),
    ("RMSprop", {"alpha": -0.1}),
    ("RMSprop", {"momentum": -0.1}),
    ("Rprop", {"etas": (1.2, 0.5)}),
    ("ASGD", {"weight_decay": -1}),
    ("Adafactor", {"beta2_decay": 0.1}),
    ("Adafactor", {"d": 0.5}),
    ("Adafactor", {"eps": (-1.0, 1e-3)}),
    ("LBFGS", {"lr": -1.0}),
    ("Muon", {"adjust_lr_fn": "other"}),
    ("Muon", {"momentum": -1.0}),
]


@pytest.mark.parametrize(("name", "options"), WRONG)
def test_wrong_options_raise_as_in_pytorch(name, options):
    ours, theirs = pair([(2, 2)])
    with pytest.raises(ValueError):  # noqa: PT011 (PyTorch's own words)
        getattr(torch.optim, name)(theirs, **options)
    with pytest.raises(ValueError, match=name):
        getattr(optim, name)(ours, **options)

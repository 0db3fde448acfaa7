"""What holds for every optimizer. A new one is found and tested the day it is written."""

import copy
import inspect
import re

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim
from minigrad.graph import wrap
from tests.strict_array import StrictArray

OPTIMIZERS = {
    name: cls
    for name, cls in vars(optim).items()
    if inspect.isclass(cls) and issubclass(cls, optim.Optimizer) and cls is not optim.Optimizer
}

# Options that let 300 steps find the bottom of a small bowl; the defaults are made for networks.
FAST = {
    "SGD": {"lr": 0.1},
    "Adagrad": {"lr": 0.5},
    "Adadelta": {"eps": 1e-2},
    "RMSprop": {"lr": 0.01},
    "Rprop": {"lr": 0.1},
    "Adam": {"lr": 0.05},
    "AdamW": {"lr": 0.05, "weight_decay": 0.0},
    "Adamax": {"lr": 0.05},
    "NAdam": {"lr": 0.05},
    "RAdam": {"lr": 0.05},
    "ASGD": {"lr": 0.1},
    "LBFGS": {},
    "Lion": {"lr": 0.02},
    "LAMB": {"lr": 0.01, "weight_decay": 0.0},
    "LARS": {"trust_coefficient": 0.01, "weight_decay": 0.0},
    "Muon": {"lr": 0.02, "weight_decay": 0.0},
    "Adafactor": {"lr": 0.05},
}
CENTER = np.array([[1.0, -2.0, 0.5], [2.0, 1.5, -1.0]])

every = pytest.mark.parametrize("name", sorted(OPTIMIZERS))


def make(name, params, **options):
    return OPTIMIZERS[name](params, **{**FAST[name], **options})


def start(dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    return mg.tensor(rng.standard_normal(CENTER.shape).astype(dtype), requires_grad=True)


def closure(optimizer, params, sign=1.0):
    """The loss sum((p - center)^2), of all parameters."""

    def run():
        optimizer.zero_grad()
        loss = sum(((p - CENTER.astype(p.dtype)) * (p - CENTER.astype(p.dtype))).sum() * sign
                   for p in params)  # fmt: skip
        loss.backward()
        return loss

    return run


def descend(optimizer, params, steps, sign=1.0):
    for _ in range(steps):
        loss = optimizer.step(closure(optimizer, params, sign))
    return float(loss)


def test_every_optimizer_is_public():
    assert set(OPTIMIZERS) <= set(optim.__all__)
    assert set(OPTIMIZERS) == set(FAST)
    assert len(OPTIMIZERS) == 17


@every
def test_finds_the_bottom_of_a_bowl(name):
    p = start()
    before = float(closure(make(name, [p]), [p])())
    after = descend(make(name, [p]), [p], 300)
    assert after < 0.01 * before
    assert after < 0.05


@every
def test_returns_the_loss_of_its_closure(name):
    p = start()
    optimizer = make(name, [p])
    expected = float(closure(optimizer, [p])())
    assert float(optimizer.step(closure(optimizer, [p]))) == expected


@every
def test_goes_on_from_a_saved_state_bit_by_bit(name):
    p = start()
    optimizer = make(name, [p])
    descend(optimizer, [p], 5)
    q = mg.tensor(p.array, requires_grad=True)
    other = OPTIMIZERS[name]([q])
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    descend(optimizer, [p], 5)
    descend(other, [q], 5)
    assert np.array_equal(p.array, q.array)
    one, two = optimizer.state_dict(), other.state_dict()
    assert one["param_groups"] == two["param_groups"]
    assert flat(one["state"]) == flat(two["state"])


def flat(x):
    """Nested state as something that == compares bit by bit."""
    if isinstance(x, mg.Tensor):
        return str(x.dtype), x.array.shape, x.array.tobytes()
    if isinstance(x, dict):
        return {k: flat(v) for k, v in x.items()}
    return [flat(v) for v in x] if isinstance(x, list) else x


@every
def test_a_loaded_state_is_a_copy(name):
    p = start()
    optimizer = make(name, [p])
    descend(optimizer, [p], 3)
    saved = optimizer.state_dict()
    kept = flat(copy.deepcopy(saved))
    q = mg.tensor(p.array, requires_grad=True)
    other = OPTIMIZERS[name]([q])
    other.load_state_dict(saved)
    descend(other, [q], 3)
    assert flat(saved) == kept


@every
def test_state_holds_only_plain_data(name):
    p = start()
    optimizer = make(name, [p])
    descend(optimizer, [p], 3)

    def plain(x):
        if isinstance(x, dict):
            return all(isinstance(k, (str, int)) and plain(v) for k, v in x.items())
        if isinstance(x, (list, tuple)):
            return all(plain(v) for v in x)
        return x is None or type(x) in (int, float, bool, str) or type(x) is mg.Tensor

    assert plain(optimizer.state_dict())


@every
def test_maximize_is_minimize_of_the_negative(name):
    if "maximize" not in inspect.signature(OPTIMIZERS[name].__init__).parameters:
        pytest.skip(f"{name} has no maximize, as in PyTorch")
    p, q = start(), start()
    descend(make(name, [p]), [p], 10, sign=1.0)
    descend(make(name, [q], maximize=True), [q], 10, sign=-1.0)
    assert np.array_equal(p.array, q.array)


@every
def test_groups_have_their_own_rates(name):
    if name == "LBFGS":
        with pytest.raises(ValueError, match="parameter groups"):
            optim.LBFGS([{"params": [start()]}, {"params": [start(seed=1)]}])
        return
    p, still, q = start(), start(seed=1), start()
    before = still.array.copy()
    optimizer = make(name, [{"params": [p]}, {"params": still, "lr": 0.0}])
    descend(optimizer, [p, still], 5)
    descend(make(name, [q]), [q], 5)
    assert np.array_equal(p.array, q.array)  # as if alone
    # Rprop's lr only begins its step sizes.
    assert np.array_equal(still.array, before) == (name != "Rprop")


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_keeps_dtype_shape_and_memory(name, dtype):
    p = start(dtype)
    memory = p.array
    optimizer = make(name, [p])
    descend(optimizer, [p], 3)
    assert p.array is memory
    assert p.dtype == dtype
    assert p.requires_grad
    assert p.node is None
    for value in optimizer.state[p].values():
        if isinstance(value, mg.Tensor):
            assert value.dtype == dtype


@every
def test_the_same_seed_gives_the_same_run(name):
    runs = []
    for _ in range(2):
        p = start(seed=3)
        descend(make(name, [p]), [p], 7)
        runs.append(p.array.tobytes())
    assert runs[0] == runs[1]


@every
def test_leaves_gradients_as_they_are(name):
    p = start()
    optimizer = make(name, [p])
    for _ in range(2):
        closure(optimizer, [p])()
        g = p.grad.array.copy()
        if name == "LBFGS":
            return
        optimizer.step()
        assert np.array_equal(p.grad.array, g)


@every
def test_skips_parameters_without_gradient(name):
    p, unused = start(), start(seed=1)
    before = unused.array.copy()
    optimizer = make(name, [p, unused])
    descend(optimizer, [p], 3)
    assert np.array_equal(unused.array, before)
    assert unused not in optimizer.state


@every
def test_other_shapes(name):
    """0-d, empty, transposed, many axes: the same numbers as each one's elements alone."""
    shapes = [(2, 3), (0, 2), (1, 1)] if name == "Muon" else [(), (0,), (1,), (2, 1, 3), (0, 2)]
    params = [mg.tensor(np.ones(s), requires_grad=True) for s in shapes]
    params.append(wrap(np.arange(6.0).reshape(2, 3).T).requires_grad_())
    optimizer = make(name, params)

    def run():
        for p in params:
            p.grad = mg.tensor(np.ones(p.shape))
        return 1.0

    for _ in range(3):
        optimizer.step(run)
    for p, s in zip(params, [*shapes, (3, 2)], strict=True):
        assert p.shape == s
        assert np.isfinite(p.array).all()


@every
def test_a_transposed_parameter_in_pieces(name, monkeypatch):
    monkeypatch.setattr(optim.optimizer, "PIECE", 2)
    p, q = start(), start()
    q = wrap(np.asfortranarray(q.array)).requires_grad_()
    descend(make(name, [p]), [p], 5)
    monkeypatch.undo()
    descend(make(name, [q]), [q], 5)
    np.testing.assert_allclose(p.array, q.array, rtol=1e-12)


@every
def test_a_step_makes_graphs_stale(name):
    p = start()
    optimizer = make(name, [p])
    stale = (p * p).sum()
    optimizer.step(closure(optimizer, [p]))
    with pytest.raises(RuntimeError, match="written to it in place"):
        stale.backward()


@every
def test_the_update_names_its_source(name):
    text = inspect.getdoc(OPTIMIZERS[name])
    assert re.search(r"\((19|20)\d\d\)", text), "no paper"
    assert re.search(r"p = ", text), "no equation"


@every
def test_names_pytorchs_implementation_choices_change_nothing(name):
    p, q = start(), start()
    descend(make(name, [p]), [p], 3)
    descend(make(name, [q], foreach=True, fused=None, capturable=False), [q], 3)
    assert np.array_equal(p.array, q.array)
    with pytest.raises(TypeError, match="unexpected keyword argument 'momentun'"):
        make(name, [start()], momentun=0.9)


@every
def test_runs_on_arrays_that_are_not_numpys(name):
    """As on CuPy's: no array is turned into NumPy's by accident, and the numbers are the same."""
    p = start()
    q = wrap(StrictArray(p.array.copy())).requires_grad_()

    def run(x, gradient):
        optimizer = make(name, [x])

        def closure():
            x.grad = wrap(gradient(x.array))
            return 1.0

        for _ in range(4):
            optimizer.step(closure)

    run(p, lambda x: 2 * x + 1)
    run(q, lambda x: 2 * x + 1)
    assert isinstance(q.array, StrictArray)
    np.testing.assert_allclose(q.array.get(), p.array, rtol=1e-12)


@every
def test_new_data_in_a_parameter_is_what_is_updated(name):
    p = start()
    optimizer = make(name, [p])
    descend(optimizer, [p], 2)
    p.array = np.zeros_like(p.array)
    descend(optimizer, [p], 1)
    if name != "LARS":  # whose step is in proportion to the norm
        assert (p.array != 0).any()

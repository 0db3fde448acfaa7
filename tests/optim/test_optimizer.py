"""The base class: groups, gradients, saved state, and what it says when called wrongly."""

import copy

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim
from minigrad.optim import SGD, Adam, Optimizer


def leaf(*values):
    return mg.tensor(list(values), requires_grad=True)


def test_groups_take_the_defaults_and_their_own():
    a, b, c = leaf(1.0), leaf(2.0), leaf(3.0)
    optimizer = SGD([{"params": [a, b], "lr": 0.5}, {"params": c}], lr=0.1, momentum=0.9)
    assert [g["lr"] for g in optimizer.param_groups] == [0.5, 0.1]
    assert [g["momentum"] for g in optimizer.param_groups] == [0.9, 0.9]
    assert optimizer.param_groups[1]["params"] == [c]
    d = leaf(4.0)
    optimizer.add_param_group({"params": (x for x in [d]), "weight_decay": 0.1})
    assert optimizer.param_groups[2]["params"] == [d]
    assert optimizer.param_groups[2]["weight_decay"] == 0.1


def test_the_users_dict_of_a_group_is_left_alone():
    group = {"params": [leaf(1.0)]}
    SGD([group], lr=0.1)
    assert list(group) == ["params"]


def test_named_parameters():
    a, b = leaf(1.0), leaf(2.0)
    optimizer = SGD([("a", a), ("b", b)], lr=0.1)
    assert optimizer.param_groups[0]["params"] == [a, b]
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["a", "b"]
    with pytest.raises(ValueError, match="have a name"):
        SGD([("a", a), b], lr=0.1)
    with pytest.raises(ValueError, match="have parameter names"):
        optimizer.add_param_group({"params": [leaf(3.0)]})


def test_a_rate_may_be_a_tensor_or_a_numpy_number():
    for lr in (mg.tensor(0.5), np.float32(0.5), np.float64(0.5)):
        p = leaf(1.0)
        p.grad = mg.tensor([1.0])
        optimizer = SGD([p], lr=lr)
        optimizer.step()
        assert type(optimizer.param_groups[0]["lr"]) is float
        assert p.dtype == np.float32
        assert p.item() == 0.5


def test_zero_grad():
    a, b = leaf(1.0), leaf(2.0)
    optimizer = SGD([a, b], lr=0.1)
    (a * 3.0).sum().backward()
    memory = a.grad.array
    optimizer.zero_grad(set_to_none=False)
    assert a.grad.array is memory
    assert memory.tolist() == [0.0]
    assert b.grad is None
    optimizer.zero_grad()
    assert a.grad is None


def test_zero_grad_cuts_the_graph_of_a_gradient():
    a = leaf(2.0)
    (a * a * a).sum().backward(create_graph=True)
    assert a.grad.requires_grad
    SGD([a], lr=0.1).zero_grad(set_to_none=False)
    assert not a.grad.requires_grad


def test_step_is_not_recorded_and_its_closure_is():
    a = leaf(1.0)
    optimizer = SGD([a], lr=0.25)

    def closure():
        optimizer.zero_grad()
        loss = (a * a).sum()
        loss.backward()
        return loss

    with mg.no_grad():
        assert optimizer.step(closure).item() == 1.0
    assert a.item() == 0.5
    assert a.node is None
    assert optimizer.step() is None


def test_repr_shows_the_options():
    text = repr(SGD([leaf(1.0)], lr=0.1, momentum=0.9))
    assert text.startswith("SGD (\nParameter Group 0\n")
    assert "    lr: 0.1\n" in text
    assert "    momentum: 0.9\n" in text


def test_an_optimizer_of_ones_own():
    class SignSGD(Optimizer):
        """By update."""

        def __init__(self, params, lr):
            super().__init__(params, {"lr": lr})

        def update(self, param, grad, state, group):
            param -= group["lr"] * np.sign(grad)

    class Plain(Optimizer):
        """By step, as in PyTorch."""

        def __init__(self, params, lr):
            super().__init__(params, {"lr": lr})

        def step(self, closure=None):
            with mg.no_grad():
                for group in self.param_groups:
                    for p in group["params"]:
                        state = self.state[p]
                        state["seen"] = state.get("seen", mg.zeros(p.shape)) + p.grad
                        p -= group["lr"] * p.grad

    a = leaf(1.0, 2.0)
    a.grad = mg.tensor([3.0, -4.0])
    SignSGD([a], lr=0.5).step()
    assert a.tolist() == [0.5, 2.5]
    plain = Plain([a], lr=0.5)
    plain.step()
    assert a.tolist() == [-1.0, 4.5]
    other = Plain([a], lr=0.5)
    other.load_state_dict(plain.state_dict())
    assert other.state[a]["seen"].tolist() == [3.0, -4.0]

    class Neither(Optimizer):
        pass

    with pytest.raises(NotImplementedError, match="Neither: a subclass writes update"):
        Neither([a], {}).step()


# ---------------------------------------------------------------------------- state


def trained(steps=3):
    a, b = leaf(1.0, 2.0), leaf(3.0)
    optimizer = Adam([{"params": [a]}, {"params": [b], "lr": 0.1}])
    for _ in range(steps):
        a.grad, b.grad = mg.tensor([1.0, -1.0]), mg.tensor([0.5])
        optimizer.step()
    return optimizer, (a, b)


def test_state_dict_has_pytorchs_layout():
    optimizer, _ = trained()
    state = optimizer.state_dict()
    assert list(state) == ["state", "param_groups"]
    assert list(state["state"]) == [0, 1]
    assert set(state["state"][0]) == {"step", "exp_avg", "exp_avg_sq"}
    assert [g["params"] for g in state["param_groups"]] == [[0], [1]]
    assert [g["lr"] for g in state["param_groups"]] == [1e-3, 0.1]


def test_state_of_plain_sgd_is_empty():
    a = leaf(1.0)
    a.grad = mg.tensor([1.0])
    optimizer = SGD([a], lr=0.1)
    optimizer.step()
    assert optimizer.state_dict()["state"] == {}


def test_state_survives_a_file(tmp_path):
    optimizer, (a, b) = trained()
    mg.save(optimizer.state_dict(), tmp_path / "adam.safetensors")
    c, d = leaf(*a.tolist()), leaf(*b.tolist())
    other = Adam([{"params": [c]}, {"params": [d]}])
    other.load_state_dict(mg.load(tmp_path / "adam.safetensors"))
    for p in (a, b, c, d):
        p.grad = mg.tensor(np.full(p.shape, 0.3, np.float32))
    optimizer.step()
    other.step()
    assert np.array_equal(a.array, c.array)
    assert np.array_equal(b.array, d.array)


def test_loading_takes_the_parameters_dtype_and_keeps_the_step():
    optimizer, _ = trained()
    c = mg.tensor(np.array([1.0, 2.0]), requires_grad=True)
    d = mg.tensor(np.array([3.0]), requires_grad=True)
    other = Adam([{"params": [c]}, {"params": [d]}])
    other.load_state_dict(optimizer.state_dict())
    assert other.state[c]["exp_avg"].dtype == np.float64
    assert other.state[c]["step"] == 3
    assert other.param_groups[1]["lr"] == 0.1


def test_loading_what_does_not_fit():
    optimizer, _ = trained()
    saved = optimizer.state_dict()
    with pytest.raises(ValueError, match=r"different number of parameter groups: 2, .* has 1"):
        Adam([leaf(1.0)]).load_state_dict(saved)
    with pytest.raises(ValueError, match="group 1: 1 parameters, this optimizer has 2"):
        Adam(
            [{"params": [leaf(1.0)]}, {"params": [leaf(1.0), leaf(2.0)]}],
        ).load_state_dict(saved)
    other = Adam([{"params": [leaf(1.0, 2.0, 3.0)]}, {"params": [leaf(1.0)]}], lr=0.5)
    with pytest.raises(ValueError, match=r"exp_avg of shape \[2\] for parameter 0, .* \[3\]"):
        other.load_state_dict(saved)
    assert not other.state  # and nothing was changed
    assert other.param_groups[0]["lr"] == 0.5


def test_an_optimizer_can_be_copied_with_its_model():
    optimizer, (a, b) = trained()
    twin = copy.deepcopy(optimizer)
    c, d = (g["params"][0] for g in twin.param_groups)
    assert c is not a
    for p in (a, b, c, d):
        p.grad = mg.tensor(np.full(p.shape, 0.3, np.float32))
    optimizer.step()
    twin.step()
    assert np.array_equal(a.array, c.array)


# ---------------------------------------------------------------------------- wrong calls

WRONG = [
    (lambda: SGD([], lr=0.1), ValueError, "SGD: optimizer got an empty parameter list"),
    (lambda: SGD(leaf(1.0), lr=0.1), TypeError, "got one Tensor"),
    (lambda: SGD([leaf(1.0) * 2], lr=0.1), ValueError, "can't optimize a non-leaf .* by mul"),
    (lambda: SGD([leaf(1.0), 3.0], lr=0.1), TypeError, "parameter 1 is 3.0"),
    (lambda: SGD([np.ones(3)], lr=0.1), TypeError, r"parameter 0 is float64\[3\]"),
    (lambda: SGD([leaf(1.0)] * 2, lr=0.1), ValueError, "parameter 1 .* appears twice"),
    (lambda: SGD([{"params": {leaf(1.0)}}], lr=0.1), TypeError, "a set has none"),
    (lambda: SGD([leaf(1.0)], lr=-0.1), ValueError, "Invalid learning rate: -0.1; expected 0"),
    (lambda: SGD([leaf(1.0)], nesterov=True), ValueError, "Nesterov momentum requires"),
    (lambda: SGD([{"params": [leaf(1.0)], "lr": -1}]), ValueError, "Invalid learning rate: -1"),
    (lambda: SGD([leaf(1.0)], learning_rate=0.1), TypeError, "unexpected keyword argument"),
    (lambda: Adam([leaf(1.0)], betas=(0.9, 1.0)), ValueError, "Invalid beta parameters"),
    (lambda: SGD([leaf(1.0)]).add_param_group([leaf(1.0)]), TypeError, "must be a dict, got list"),
    (lambda: optim.Muon([leaf(1.0)]), ValueError, r"only supports 2D .* 0 is float32\[1\]"),
    (lambda: optim.LBFGS([leaf(1.0)]).step(), TypeError, "step needs a closure"),
    (lambda: optim.LBFGS([leaf(1.0)], line_search_fn="x"), RuntimeError, "only 'strong_wolfe'"),
]


@pytest.mark.parametrize(("call", "error", "message"), WRONG)
def test_wrong_calls(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_generator_that_is_used_up():
    params = (p for p in [leaf(1.0), leaf(2.0)])
    SGD(params, lr=0.1)
    with pytest.raises(ValueError, match="used up after one pass"):
        Adam(params)


def test_a_parameter_in_two_groups():
    a = leaf(1.0)
    optimizer = SGD([a], lr=0.1)
    with pytest.raises(ValueError, match="appears twice"):
        optimizer.add_param_group({"params": [a]})
    assert len(optimizer.param_groups) == 1


def test_a_gradient_of_another_shape():
    a = leaf(1.0, 2.0)
    a.grad = mg.tensor([1.0, 2.0])
    a.data = mg.tensor([[1.0]])
    with pytest.raises(ValueError, match=r"shape \[1, 1\] has a gradient of shape \[2\]"):
        SGD([a], lr=0.1).step()

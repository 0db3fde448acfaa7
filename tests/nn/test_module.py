"""Module: registration, walking, modes, moving, repr, copies. Its hooks and state: test_hooks,
test_state."""

import copy
import pickle

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(2, 3)
        self.scale = nn.Parameter(mg.tensor([1.0, 2.0, 3.0]))
        self.register_buffer("offset", mg.tensor([0.5]))
        self.out = nn.Sequential(nn.Tanh(), nn.Linear(3, 1, bias=False))
        self.factor = 2

    def forward(self, x):
        return self.out(self.scale * self.hidden(x)) * self.factor + self.offset


def names(pairs):
    return [name for name, _ in pairs]


# ------------------------------------------------------------------ Parameter and Buffer


def test_a_parameter_wants_a_gradient_and_shares_its_memory():
    data = mg.tensor([1.0, 2.0])
    p = nn.Parameter(data)
    assert p.requires_grad
    assert not nn.Parameter(data, requires_grad=False).requires_grad
    assert p.array is data.array
    assert repr(p) == "Parameter containing:\ntensor([1., 2.], requires_grad=True)"


def test_what_is_computed_of_a_parameter_is_a_tensor():
    y = nn.Parameter(mg.tensor([1.0])) * 2
    assert type(y) is mg.Tensor
    assert y.requires_grad


def test_an_integer_parameter_is_refused_unless_it_wants_no_gradient():
    with pytest.raises(RuntimeError, match="only floating"):
        nn.Parameter(mg.tensor([1, 2]))
    assert nn.Parameter(mg.tensor([1, 2]), requires_grad=False).dtype == mg.int64


def test_a_parameter_may_carry_attributes_through_copies_and_pickles():
    p = nn.Parameter(mg.tensor([1.0]), requires_grad=False)
    p.no_decay = True
    for twin in (copy.deepcopy(p), pickle.loads(pickle.dumps(p))):
        assert type(twin) is nn.Parameter
        assert twin.no_decay
        assert not twin.requires_grad
        assert twin.array is not p.array


def test_a_buffer_says_whether_it_is_saved():
    m = nn.Module()
    m.a = nn.Buffer(mg.tensor([1.0]))
    m.b = nn.Buffer(mg.tensor([2.0]), persistent=False)
    assert names(m.named_buffers()) == ["a", "b"]
    assert list(m.state_dict()) == ["a"]
    assert not pickle.loads(pickle.dumps(m.b)).persistent


# ------------------------------------------------------------------ registration


def test_order_is_that_of_assignment():
    net = Net()
    assert names(net.named_parameters()) == [
        "scale",
        "hidden.weight",
        "hidden.bias",
        "out.1.weight",
    ]
    assert names(net.named_buffers()) == ["offset"]
    assert names(net.named_children()) == ["hidden", "out"]
    assert names(net.named_modules()) == ["", "hidden", "out", "out.0", "out.1"]
    assert next(net.parameters()) is net.scale
    assert next(net.modules()) is net
    assert names(net.named_parameters(prefix="net", recurse=False)) == ["net.scale"]


@pytest.mark.parametrize(
    ("value", "kind"),
    [(lambda: nn.Parameter(mg.ones(1)), "parameter"), (nn.Tanh, "module"),
     (lambda: nn.Buffer(mg.ones(1)), "buffer")],
)  # fmt: skip
def test_assigning_before_init_is_an_error_that_says_what_to_do(value, kind):
    class Early(nn.Module):
        def __init__(self):
            self.first = value()
            super().__init__()

    with pytest.raises(AttributeError, match=f"Early: cannot assign {kind} 'first' before"):
        Early()


def test_forgetting_init_is_explained_at_the_first_miss():
    class Forgot(nn.Module):
        def __init__(self):
            self.size = 3

    with pytest.raises(AttributeError, match=r"has not called super\(\).__init__\(\)"):
        _ = Forgot().training


@pytest.mark.parametrize("method", ["register_parameter", "register_buffer", "add_module"])
def test_names_that_cannot_be(method):
    net = Net()
    for name in ("", "a.b"):
        with pytest.raises(KeyError, match="cannot be empty or contain"):
            getattr(net, method)(name, None)
    with pytest.raises(KeyError, match="attribute 'factor' already exists"):
        getattr(net, method)("factor", None)
    with pytest.raises(KeyError, match="attribute 'forward' already exists"):
        getattr(net, method)("forward", None)
    with pytest.raises(TypeError, match="should be a string, got int"):
        getattr(net, method)(3, None)
    with pytest.raises(TypeError, match=r"cannot assign 'list' object to \w+ 'new'"):
        getattr(net, method)("new", [1])


def test_a_name_keeps_its_kind():
    net = Net()
    with pytest.raises(TypeError, match="cannot assign 'Tensor' object to parameter 'scale'"):
        net.scale = mg.ones(3)
    with pytest.raises(TypeError, match="cannot assign 'Tensor' object to module 'hidden'"):
        net.hidden = mg.ones(3)
    with pytest.raises(TypeError, match="cannot assign 'int' object to buffer 'offset'"):
        net.offset = 3
    with pytest.raises(TypeError, match="cannot assign 'Tanh' object to parameter 'scale'"):
        net.scale = nn.Tanh()
    net.scale = net.hidden = net.offset = None
    assert names(net.named_parameters()) == ["out.1.weight"]
    net.scale = nn.Parameter(mg.ones(3))  # the place was kept
    net.offset = mg.zeros(1)
    assert names(net.named_parameters())[0] == "scale"
    assert names(net.named_buffers()) == ["offset"]


def test_a_parameter_takes_the_place_of_what_was_there():
    net = Net()
    net.factor = nn.Parameter(mg.ones(1))
    net.offset = nn.Parameter(mg.ones(1))
    assert names(net.named_parameters(recurse=False)) == ["scale", "factor", "offset"]
    assert not list(net.buffers())


def test_a_computed_tensor_is_no_parameter():
    p = nn.Parameter(mg.ones(1))
    p.node = (p * 2).node
    with pytest.raises(ValueError, match=r"non-leaf.*do so in forward"):
        nn.Module().register_parameter("w", p)


def test_an_attribute_that_is_not_there():
    net = Net()
    with pytest.raises(AttributeError, match=r"'hiden'\. Did you mean: 'hidden'"):
        _ = net.hiden
    with pytest.raises(AttributeError, match=r"no attribute 'xyzzy'$"):
        _ = net.xyzzy


def test_deleting():
    net = Net()
    net.register_buffer("temporary", mg.ones(1), persistent=False)
    del net.hidden, net.scale, net.offset, net.factor, net.temporary
    assert names(net.named_parameters()) == ["out.1.weight"]
    assert not list(net.buffers())
    assert not hasattr(net, "factor")
    with pytest.raises(AttributeError):
        del net.hidden
    net.register_buffer("temporary", mg.ones(1))
    assert "temporary" in net.state_dict()  # what it was before is forgotten


def test_dir_lists_what_is_registered_and_no_numbers():
    assert {"hidden", "scale", "offset", "factor", "forward"} <= set(dir(Net()))
    assert not [name for name in dir(nn.Sequential(nn.Tanh())) if name[0].isdigit()]


def test_the_views_of_what_is_registered_cannot_be_written_to():
    net = Net()
    assert list(net._modules) == ["hidden", "out"]
    assert list(net._parameters) == ["scale"]
    assert list(net._buffers) == ["offset"]
    with pytest.raises(TypeError, match="does not support item assignment"):
        net._modules["hidden"] = nn.Tanh()


# ------------------------------------------------------------------ sharing and paths


def test_what_is_shared_comes_once():
    a, b = nn.Linear(2, 2), nn.Linear(2, 2)
    b.weight = a.weight
    both = nn.Sequential(a, b, a)
    assert names(both.named_parameters()) == ["0.weight", "0.bias", "1.bias"]
    assert names(both.named_parameters(remove_duplicate=False)) == [
        "0.weight", "0.bias", "1.weight", "1.bias", "2.weight", "2.bias",
    ]  # fmt: skip
    assert names(both.named_modules()) == ["", "0", "1"]
    assert len(list(both.modules(remove_duplicate=False))) == 4
    assert names(both.named_children()) == ["0", "1"]
    assert list(both.state_dict()) == [
        "0.weight", "0.bias", "1.weight", "1.bias", "2.weight", "2.bias",
    ]  # fmt: skip


def test_a_shared_parameter_gathers_both_gradients_and_stays_shared_in_a_copy():
    a, b = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    b.weight = a.weight
    net = copy.deepcopy(nn.Sequential(a, b))
    assert net[0].weight is net[1].weight
    assert net[0].weight is not a.weight
    net.double()
    net[0].weight.array[...] = 3.0
    net(mg.tensor([[2.0]], dtype=mg.float64)).sum().backward()
    assert net[0].weight.grad.item() == 2 * 3.0 * 2.0  # d(w^2 x)/dw


def test_paths():
    net = Net()
    assert net.get_submodule("") is net
    assert net.get_submodule("out.1") is net.out[1]
    assert net.get_parameter("out.1.weight") is net.out[1].weight
    assert net.get_buffer("offset") is net.offset
    with pytest.raises(AttributeError, match="'Sequential' object has no attribute '7'"):
        net.get_submodule("out.7")
    with pytest.raises(AttributeError, match="Net: 'scale' is not a module"):
        net.get_submodule("scale")
    with pytest.raises(AttributeError, match="Net: 'hidden' is not a parameter"):
        net.get_parameter("hidden")
    with pytest.raises(AttributeError, match="Linear: 'weight' is not a buffer"):
        net.get_buffer("hidden.weight")


def test_set_submodule():
    net = Net()
    new = nn.ReLU()
    net.set_submodule("out.0", new)
    assert net.out[0] is new
    net.set_submodule("extra", new)
    assert net.extra is new
    with pytest.raises(AttributeError, match="no attribute 'more'"):
        net.set_submodule("more", new, strict=True)
    with pytest.raises(AttributeError, match="'scale' is not a module"):
        net.set_submodule("scale", new)
    with pytest.raises(ValueError, match="expected a Module, got int"):
        net.set_submodule("hidden", 3)
    with pytest.raises(ValueError, match="empty name"):
        net.set_submodule("", new)


# ------------------------------------------------------------------ what is done to it


def test_call_runs_forward_with_its_arguments():
    class Add(nn.Module):
        def forward(self, x, *, y):
            return x + y

    assert Add()(1, y=2) == 3
    with pytest.raises(NotImplementedError, match=r"Module \[Module\] is missing the required"):
        nn.Module()(1)


def test_apply_goes_through_the_inner_ones_first():
    seen = []
    net = Net()
    assert net.apply(lambda m: seen.append(type(m).__name__)) is net
    assert seen == ["Linear", "Tanh", "Linear", "Sequential", "Net"]


def test_train_and_eval_reach_everything():
    net = Net()
    assert net.eval() is net
    assert not any(m.training for m in net.modules())
    assert all(m.training for m in net.train().modules())
    with pytest.raises(ValueError, match="expected True or False"):
        net.train("yes")


def test_freezing():
    net = Net()
    assert net.requires_grad_(False) is net
    assert not any(p.requires_grad for p in net.parameters())
    assert not net(mg.ones(1, 2)).requires_grad


def test_zero_grad():
    net = Net()
    net(mg.ones(4, 2)).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    net.zero_grad(set_to_none=False)
    assert all(p.grad.array.shape == p.shape and not p.grad.array.any() for p in net.parameters())
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())


def test_casting_changes_the_same_parameters_and_their_gradients():
    net = Net()
    net.register_buffer("count", mg.tensor(3))
    net(mg.ones(4, 2)).sum().backward()
    before = list(net.parameters())
    assert net.double() is net
    assert all(a is b for a, b in zip(before, net.parameters(), strict=True))
    assert all(p.dtype == mg.float64 == p.grad.dtype for p in net.parameters())
    assert net.offset.dtype == mg.float64
    assert net.count.dtype == mg.int64  # integers stay integers
    net(mg.ones(4, 2, dtype=mg.float64)).sum().backward()
    assert next(net.half().parameters()).dtype == mg.float16
    assert next(net.float().parameters()).dtype == mg.float32
    assert next(net.to(mg.float64).parameters()).dtype == mg.float64
    assert next(net.to("cpu", mg.float32).parameters()).dtype == mg.float32
    assert next(net.to(mg.ones(1, dtype=mg.float64)).parameters()).dtype == mg.float64
    assert next(net.to(device="cpu", dtype=np.float32).cpu().parameters()).dtype == mg.float32


def test_casting_that_cannot_be():
    with pytest.raises(TypeError, match="expected a floating dtype, got int64"):
        Net().to(mg.int64)
    with pytest.raises(TypeError, match="expected a device, a dtype or a Tensor"):
        Net().to([1])
    with pytest.raises(TypeError, match="unexpected argument 'speed'"):
        Net().to(speed=3)
    with pytest.raises(RuntimeError, match="device"):
        Net().to("tpu")


def test_repr_nests():
    assert repr(Net()) == (
        "Net(\n"
        "  (hidden): Linear(in_features=2, out_features=3, bias=True)\n"
        "  (out): Sequential(\n"
        "    (0): Tanh()\n"
        "    (1): Linear(in_features=3, out_features=1, bias=False)\n"
        "  )\n"
        ")"
    )


def test_repr_of_extra_lines():
    class Extra(nn.Module):
        def __init__(self, text):
            super().__init__()
            self.text = text

        def extra_repr(self):
            return self.text

    assert repr(Extra("a")) == "Extra(a)"
    assert repr(Extra("a\nb")) == "Extra(\n  a\n  b\n)"
    parent = Extra("a")
    parent.child = Extra("")
    assert repr(parent) == "Extra(\n  a\n  (child): Extra()\n)"


@pytest.mark.parametrize("twin_of", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_a_copy_computes_the_same_and_shares_nothing(twin_of):
    net = Net().eval()
    x = mg.randn(4, 2)
    twin = twin_of(net)
    assert not twin.training
    np.testing.assert_array_equal(twin(x).detach().numpy(), net(x).detach().numpy())
    twin.scale.array[...] = 0
    assert net.scale.array.all()
    assert repr(twin) == repr(net)
    twin.extra = nn.Parameter(mg.ones(1))  # its registry works, and is its own
    assert len(list(twin.parameters())) == len(list(net.parameters())) + 1


def test_no_garbage_collector_is_needed():
    import gc
    import weakref

    gc.disable()
    try:
        net = Net()
        gone = weakref.ref(net.scale)
        net(mg.ones(1, 2)).sum().backward()
        del net
        assert gone() is None
    finally:
        gc.enable()

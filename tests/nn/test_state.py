"""state_dict and load_state_dict."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn


def net():
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2, bias=False))


def test_keys_and_shapes():
    shapes = {key: tuple(value.shape) for key, value in net().state_dict().items()}
    assert shapes == {
        "0.weight": (4, 3), "0.bias": (4,),
        "1.weight": (4,), "1.bias": (4,),
        "1.running_mean": (4,), "1.running_var": (4,), "1.num_batches_tracked": (),
        "2.weight": (2, 4),
    }  # fmt: skip


def test_its_tensors_are_detached_and_share_memory():
    m = net()
    state = m.state_dict()
    assert type(state) is dict
    assert not state["0.weight"].requires_grad
    assert state["0.weight"].array is m[0].weight.array
    assert m.state_dict(keep_vars=True)["0.weight"] is m[0].weight
    assert list(m[0].state_dict(prefix="first.")) == ["first.weight", "first.bias"]
    into = {"before": 1}
    assert m[2].state_dict(destination=into) is into
    assert list(into) == ["before", "weight"]


@pytest.mark.parametrize("form", [lambda t: t, lambda t: t.numpy()], ids=["Tensor", "array"])
def test_loading_copies_into_the_parameters(form):
    a, b = net(), net()
    before = list(b.parameters())
    result = b.load_state_dict({key: form(value) for key, value in a.state_dict().items()})
    assert repr(result) == "<All keys matched successfully>"
    assert all(p is q for p, q in zip(before, b.parameters(), strict=True))
    for key, value in a.state_dict().items():
        assert b.state_dict()[key].array is not value.array
        np.testing.assert_array_equal(b.state_dict()[key].numpy(), value.numpy())


def test_loading_keeps_the_dtype_of_the_model():
    a, b = net().double(), net()
    b.load_state_dict(a.state_dict())
    assert b[0].weight.dtype == mg.float32


def test_assign_takes_the_tensors_over():
    a, b = net().double(), net()
    b[0].weight.requires_grad_(False)
    state = a.state_dict()
    b.load_state_dict(state, assign=True)
    assert b[0].weight.dtype == mg.float64
    assert b[0].weight.array is state["0.weight"].array
    assert isinstance(b[0].weight, nn.Parameter)
    assert not b[0].weight.requires_grad  # as it was
    assert b[0].bias.requires_grad
    assert b[1].running_mean is state["1.running_mean"]
    own = a.state_dict(keep_vars=True)
    b.load_state_dict(own, assign=True)
    assert b[0].weight is own["0.weight"]
    assert not b[0].weight.requires_grad


def test_every_problem_is_named_at_once_and_nothing_is_changed():
    m = net()
    state = {key: value.clone() + 1 for key, value in m.state_dict().items()}
    before = {key: value.numpy().copy() for key, value in m.state_dict().items()}
    del state["0.bias"], state["1.running_var"]
    state["3.weight"] = mg.ones(2)
    state["0.wieght"] = mg.ones(2)
    state["2.weight"] = mg.ones(4, 2)
    state["1.bias"] = "zeros"
    with pytest.raises(RuntimeError) as caught:
        m.load_state_dict(state)
    text = str(caught.value)
    assert "Error(s) in loading state_dict for Sequential" in text
    assert 'Missing key(s) in state_dict: "0.bias", "1.running_var".' in text
    assert 'Unexpected key(s) in state_dict: "3.weight", "0.wieght".' in text
    assert (
        "size mismatch for 2.weight: the state_dict has shape [4, 2], the model has [2, 4]" in text
    )
    assert "1.bias: expected a Tensor or an array, got str" in text
    for key, value in m.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), before[key])


def test_not_strict_loads_what_fits_the_keys():
    m = net()
    result = m.load_state_dict({"0.bias": mg.ones(4), "more": mg.ones(1)}, strict=False)
    assert m[0].bias.array.tolist() == [1, 1, 1, 1]
    assert result.unexpected_keys == ["more"]
    assert "0.weight" in result.missing_keys
    assert "0.weight" in repr(result)
    with pytest.raises(RuntimeError, match=r"size mismatch for 0\.bias"):  # even so
        m.load_state_dict({"0.bias": mg.ones(5)}, strict=False)


def test_a_number_may_come_with_one_dimension():
    m = nn.Module()
    m.register_buffer("count", mg.tensor(0))
    m.load_state_dict({"count": mg.tensor([7])})
    assert m.count.item() == 7
    assert m.count.shape == ()


def test_only_a_dict_can_be_loaded():
    with pytest.raises(TypeError, match="expected a dict, got list"):
        net().load_state_dict([1])


def test_loading_is_a_write_that_backward_notices():
    m = nn.Linear(2, 2)
    y = m(mg.ones(1, 2, requires_grad=True)).sum()
    m.load_state_dict(nn.Linear(2, 2).state_dict())
    with pytest.raises(RuntimeError, match="in place"):
        y.backward()


def test_extra_state():
    class Vocabulary(nn.Module):
        def __init__(self, words):
            super().__init__()
            self.words = words

        def get_extra_state(self):
            return {"words": self.words}

        def set_extra_state(self, state):
            self.words = state["words"]

    a, b = nn.Sequential(Vocabulary(["x"])), nn.Sequential(Vocabulary([]))
    assert a.state_dict() == {"0._extra_state": {"words": ["x"]}}
    b.load_state_dict(a.state_dict())
    assert b[0].words == ["x"]
    with pytest.raises(RuntimeError, match=r'Missing key.*"0._extra_state"'):
        b.load_state_dict({})

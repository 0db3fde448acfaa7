"""Wrong calls and the errors they get, and that a call that is refused changes nothing.

The table is tests/bad_input.txt: a call, and below it the error, as Python would print it. `...`
in a message stands for what is not pinned. A good message says who complains, what was expected
and what came.
"""

from __future__ import annotations

import copy
import re
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
from minigrad.cli import main
from minigrad.nn import functional as F

nn, S = mg.nn, mg.optim.lr_scheduler


# ------------------------------------------------------------------ what the calls are made of


def x(*shape: int) -> mg.Tensor:
    """A Tensor that requires grad."""
    return mg.ones(*shape, requires_grad=True)


def opt() -> mg.optim.Optimizer:
    return mg.optim.SGD([x(1)], lr=0.1, momentum=0.9)


@mg.op
def wrong_sin(x):
    return np.sin(x), lambda g: g


class Cut(mg.autograd.Function):
    """A Function whose backward returns a gradient of the wrong shape."""

    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, g):
        return g[0]


class Empty(mg.autograd.Function):
    """A Function that says nothing."""


def again(y: mg.Tensor) -> None:
    y.backward()
    y.backward()


def overwritten(a: mg.Tensor) -> None:
    a = a * 1
    loss = (a * a).sum()
    a.mul_(2)
    loss.backward()


def run(*arguments: str) -> int:
    """The command line: argparse prints what is wrong and exits with 2."""
    return main(arguments)


# ------------------------------------------------------------------ the table


def rows() -> list:
    text = Path(__file__).with_name("bad_input.txt").read_text(encoding="utf-8")
    blocks = re.findall(r"^([^#\s].*)\n((?: {4}.*\n?)+)", text, flags=re.MULTILINE)
    return [pytest.param(call, " ".join(error.split()), id=call) for call, error in blocks]


@pytest.mark.parametrize(("call", "expected"), rows())
@pytest.mark.filterwarnings("ignore:.*differ in shape and are broadcast")
def test_wrong_call(call, expected):
    with pytest.raises(Exception) as caught:  # noqa: PT011
        eval(call, dict(globals()))
    got = " ".join(f"{caught.type.__name__}: {caught.value}".split())
    pattern = ".*".join(re.escape(part) for part in expected.split("..."))
    assert re.fullmatch(pattern, got), f"expected {expected}\n     got {got}"


def test_the_table_is_long():
    assert len(rows()) >= 200
    assert len({row.id for row in rows()}) == len(rows())


# ------------------------------------------------------------------ what is not in Python alone


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["learn"], "argument COMMAND: invalid choice: 'learn' (choose from"),
        (["demo", "--epochs", "many"], "argument --epochs: "),
        (["demo", "--bogus"], "unrecognized arguments: --bogus"),
        (["doctor", "extra"], "unrecognized arguments: extra"),
    ],
)
def test_wrong_arguments_of_the_command(arguments, message, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert message in capsys.readouterr().err


# ------------------------------------------------------------------ nothing is corrupted

IN_PLACE = [
    "t.add_(mg.ones(4))",
    "t.add_('a')",
    "t.mul_(mg.ones(2, 3))",
    "t.copy_(mg.ones(2))",
    "t.copy_('a')",
    "t.fill_('a')",
    "t.clamp_()",
    "t.exp_(1)",
    "t.cumsum_(4)",
    "t.masked_fill_(mg.ones(3), 1)",
    "t.index_add_(0, mg.tensor([0, 5]), mg.ones(2))",
    "t.index_copy_(0, mg.tensor([0, 5]), mg.ones(2))",
    "t.index_fill_(0, mg.tensor([0, 5]), 1.0)",
    "t.index_put_((mg.tensor([0, 5]),), mg.ones(2))",
    "t.scatter_(0, mg.tensor([0, 5]), mg.ones(2))",
    "t.masked_scatter_(mg.tensor([True] * 3), mg.ones(2))",
    "t.normal_(0, -1)",
    "t.uniform_(1, 0)",
    "t.__setitem__(5, 1.0)",
    "t.__setitem__(slice(0, 2), mg.ones(3))",
    "t.__setitem__(slice(0, 2), ['1', 'x'])",
    "t.__setitem__(0, 'a')",
    "setattr(t, 'data', 'a')",
    "nn.init.normal_(t, 0, -1)",
    "nn.init.uniform_(t, 1, 0)",
    "nn.init.orthogonal_(t)",
    "nn.init.eye_(t)",
    "nn.init.trunc_normal_(t, 0, -1)",
    "nn.init.constant_(t, 'a')",
    "nn.utils.vector_to_parameters(mg.ones(2), [t])",
    "F.elu(t, 'a', inplace=True)",
]


@pytest.mark.parametrize("call", IN_PLACE)
@pytest.mark.parametrize("recording", [False, True])
def test_a_refused_write_leaves_the_tensor(call, recording):
    leaf = mg.tensor([1.0, 2.0, 3.0], requires_grad=recording)
    t = leaf * 1
    node = t.grad_fn
    with pytest.raises((TypeError, ValueError, IndexError, RuntimeError)):
        eval(call, dict(globals()), {"t": t})
    assert t.tolist() == [1.0, 2.0, 3.0]
    assert t.grad_fn is node
    if recording:
        t.sum().backward()
        assert leaf.grad.tolist() == [1.0, 1.0, 1.0]


def model() -> nn.Module:
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))


def values(state: dict) -> dict:
    return {key: t.tolist() for key, t in state.items()}


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    "wrong", [mg.ones(7), np.array([["a", "b", "c"]]), np.array([[1j, 2, 3]]), "x", 3, None]
)
def test_a_refused_state_dict_leaves_the_module(wrong, strict):
    net = model()
    before = values(net.state_dict())
    state = {key: t + 1 for key, t in net.state_dict().items()}
    state["2.weight"] = wrong  # the last but one: all before it could be loaded
    with pytest.raises(RuntimeError, match=r"Sequential \(nothing was changed\):\s+.*2.weight"):
        net.load_state_dict(state, strict=strict)
    assert values(net.state_dict()) == before


def test_a_refused_batch_leaves_the_running_statistics():
    norm = nn.BatchNorm1d(3)
    norm(mg.randn(4, 3))
    before = values(norm.state_dict())
    for batch in (mg.ones(4, 5), mg.ones(1, 3), mg.ones(3)):
        with pytest.raises((RuntimeError, ValueError)):
            norm(batch)
    assert values(norm.state_dict()) == before
    mean, var = mg.zeros(3), mg.ones(2)
    for function in (F.batch_norm, F.instance_norm):
        with pytest.raises(RuntimeError, match="running_var"):
            function(mg.randn(4, 3, 2), mean, var, None, None, True)
        assert mean.tolist() == [0.0] * 3


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: s.pop("state"),
        lambda s: s.pop("param_groups"),
        lambda s: s["param_groups"].append(s["param_groups"][0]),
        lambda s: s["param_groups"][0]["params"].append(7),
        lambda s: s["state"][1].update(exp_avg=mg.ones(5)),
        lambda s: s["state"][1].update(exp_avg_sq=mg.ones(3, 2)),
    ],
)
def test_a_refused_state_dict_leaves_the_optimizer(spoil):
    params = [x(2), x(3)]
    optimizer = mg.optim.Adam(params, lr=0.1)
    for p in params:
        p.grad = mg.ones(*p.shape)
    optimizer.step()
    state = copy.deepcopy(optimizer.state_dict())
    state["param_groups"][0]["lr"] = 7.0
    state["state"][0]["exp_avg"] = mg.ones(2) * 9
    spoil(state)
    before = str(optimizer.state_dict())
    with pytest.raises((KeyError, ValueError)):
        optimizer.load_state_dict(state)
    assert str(optimizer.state_dict()) == before


def test_a_refused_group_is_not_added():
    optimizer = opt()
    for group in ({"params": ["a"]}, {"params": [x(1)], "lr": -1}, {"lr": 1}, [x(1)]):
        with pytest.raises((TypeError, ValueError, KeyError)):
            optimizer.add_param_group(group)
    assert len(optimizer.param_groups) == 1


@pytest.mark.parametrize("state", [None, "a", {}, {"seed": 3}, {"seed": 3, "stream": {"a": 1}}])
def test_a_refused_state_leaves_the_generator(state):
    generator = mg.Generator().manual_seed(5)
    before = generator.get_state()
    with pytest.raises(TypeError, match="set_state: expected what get_state returned, got"):
        generator.set_state(state)
    assert generator.get_state() == before
    assert generator.initial_seed() == 5


@pytest.mark.parametrize("wrong", [{"a": object()}, {"a": {1, 2}}, [lambda: 1]])
def test_a_refused_save_leaves_the_file(wrong, tmp_path):
    path = tmp_path / "old.safetensors"
    mg.save({"a": mg.ones(2)}, path)
    with pytest.raises(TypeError, match="save: the object"):
        mg.save(wrong, path)
    with pytest.raises(TypeError, match="save: metadata holds strings only, got 'a': 3"):
        mg.save({"a": mg.zeros(2)}, path, metadata={"a": 3})
    assert mg.load(path)["a"].tolist() == [1.0, 1.0]
    assert [p.name for p in tmp_path.iterdir()] == ["old.safetensors"]


def test_refused_modules_leave_the_containers():
    layers = nn.ModuleList([nn.ReLU(), nn.Tanh()])
    with pytest.raises(TypeError, match="ModuleList: expected Modules, got str at 1"):
        layers.insert(1, "x")
    assert [type(layer) for layer in layers] == [nn.ReLU, nn.Tanh]
    parameters = nn.ParameterList([mg.ones(1)])
    with pytest.raises(RuntimeError, match="only floating Tensors"):
        parameters.append(mg.tensor([1]))
    assert len(parameters) == len(list(parameters)) == 1
    named = nn.ParameterDict({"a": mg.ones(1)})
    with pytest.raises(RuntimeError, match="only floating Tensors"):
        named["b"] = mg.tensor([1])
    assert list(named) == ["a"]
    assert len(named) == 1


def test_refused_clipping_leaves_the_gradients():
    w = x(2)
    w.grad = mg.tensor([3.0, 4.0])
    for clip in (nn.utils.clip_grad_norm_, nn.utils.clip_grad_value_):
        for limit in (-1, "a"):
            with pytest.raises((TypeError, ValueError)):
                clip([w], limit)
    assert w.grad.tolist() == [3.0, 4.0]

"""Buckets and the order in which they leave: without MPI, with ranks that are only pretended."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import nn
from minigrad.distributed.buckets import MB, plan
from minigrad.distributed.reducer import Reducer


@pytest.mark.parametrize(
    ("sizes", "kinds", "cap", "expected"),
    [
        ([1, 1, 1, 1], "aaaa", 2, [[3], [2, 1], [0]]),  # the first bucket has 1 MB at most
        ([1, 1, 1, 1], "aaaa", 0.5, [[3], [2], [1], [0]]),
        ([0.1, 9, 0.1, 0.1], "aaaa", 2, [[3, 2], [1], [0]]),  # one that is larger goes alone
        ([0.1, 0.1, 0.1, 0.1], "abab", 2, [[3, 1], [2, 0]]),  # dtypes do not mix
        ([], "", 2, []),
    ],
)
def test_plan(sizes, kinds, cap, expected):
    assert plan([int(size * MB) for size in sizes], kinds, cap) == expected


@given(st.lists(st.tuples(st.integers(0, 3 * MB), st.sampled_from("ab"))), st.floats(0.01, 8))
def test_every_parameter_is_in_one_bucket_that_is_not_too_large(parameters, cap):
    sizes, kinds = [size for size, _ in parameters], [kind for _, kind in parameters]
    buckets = plan(sizes, kinds, cap)
    assert sorted(i for bucket in buckets for i in bucket) == list(range(len(sizes)))
    for bucket in buckets:
        assert len({kinds[i] for i in bucket}) == 1
        assert len(bucket) == 1 or sum(sizes[i] for i in bucket) <= cap * MB
        assert bucket == sorted(bucket, reverse=True)


class Request:
    def __init__(self, log, number):
        self.log, self.number = log, number

    def Test(self):
        self.log.append(f"push {self.number}")

    def Wait(self):
        self.log.append(f"wait {self.number}")


class Twice:
    """Two ranks that always have the same: what comes back is twice what was sent."""

    rank, size = 0, 2

    def __init__(self):
        self.log, self.sent = [], 0

    def start_reduce(self, array, op):
        assert op == "sum"
        array *= 2
        self.sent += 1
        self.log.append(f"send {self.sent}")
        return Request(self.log, self.sent)


def chain(ranks, cap=1e-9):
    """Three layers, each in a bucket of its own; the log says when its pullback runs."""
    layers = [nn.Linear(1, 1, bias=False) for _ in range(3)]

    @mg.op
    def note(x, name):
        return x * 1, lambda g: (ranks.log.append(f"pass {name}"), g * 1)[1]

    def forward(x):
        for i, layer in enumerate(layers):
            x = note(layer(x), i)
        return x

    parameters = [layer.weight for layer in layers]
    return forward, parameters, Reducer(parameters, ranks, cap)


def test_buckets_leave_while_backward_goes_on():
    ranks = Twice()
    forward, _, _ = chain(ranks)
    forward(mg.ones(1, 1)).sum().backward()
    assert [event for event in ranks.log if not event.startswith("push")] == [
        "pass 2", "send 1", "pass 1", "send 2", "pass 0", "send 3", "wait 1", "wait 2", "wait 3",
    ]  # fmt: skip
    assert "push 1" in ranks.log[: ranks.log.index("pass 0")]


def test_the_mean_of_equal_gradients_is_the_gradient():
    ranks = Twice()
    forward, parameters, reducer = chain(ranks, cap=25)
    assert len(reducer.buckets) == 1
    for _ in range(2):
        for p in parameters:
            p.grad = None
        forward(mg.ones(1, 1)).sum().backward()
        a, b, c = (p.item() for p in parameters)
        assert [p.grad.item() for p in parameters] == pytest.approx([b * c, a * c, a * b])


def test_a_parameter_that_nobody_used_has_no_gradient():
    ranks = Twice()
    used, unused = nn.Linear(2, 1), nn.Linear(2, 1)
    Reducer([*used.parameters(), *unused.parameters()], ranks)
    used(mg.ones(3, 2)).sum().backward()
    assert unused.weight.grad is None
    assert unused.bias.grad is None
    assert used.weight.grad.tolist() == [[3, 3]]
    assert ranks.log == ["send 1", "wait 1"]  # the last bucket too, which nothing has filled


def test_the_order_of_buckets_is_that_of_the_parameters():
    """The layers are used in another order than they were made: nobody may leave too early."""
    ranks = Twice()
    first, second = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    Reducer([first.weight, second.weight], ranks, 1e-9)
    first(second(mg.ones(1, 1))).sum().backward()
    sent = [event for event in ranks.log if event.startswith("send")]
    assert sent == ["send 1", "send 2"]
    assert first.weight.grad.item() == pytest.approx(second.weight.item())
    assert second.weight.grad.item() == pytest.approx(first.weight.item())


def test_no_sync_and_synchronize():
    ranks = Twice()
    forward, parameters, reducer = chain(ranks)
    with reducer.no_sync():
        forward(mg.ones(1, 1)).sum().backward()
    assert ranks.sent == 0
    before = [p.grad.item() for p in parameters]
    reducer.synchronize()
    assert ranks.sent == 3
    assert [p.grad.item() for p in parameters] == before


def test_a_shared_parameter_travels_once():
    ranks = Twice()
    layer = nn.Linear(1, 1, bias=False)
    Reducer([layer.weight, layer.weight], ranks)
    layer(layer(mg.ones(1, 1))).sum().backward()
    assert ranks.sent == 1
    assert layer.weight.grad.item() == pytest.approx(2 * layer.weight.item())


def test_after_a_backward_that_failed():
    ranks = Twice()
    forward, parameters, _ = chain(ranks)

    @mg.op
    def broken(x):
        def pullback(g):
            raise ArithmeticError

        return x * 1, pullback

    with pytest.raises(ArithmeticError):
        forward(broken(parameters[0] * mg.ones(1, 1))).sum().backward()
    ranks.log.clear()
    for p in parameters:
        p.grad = None
    forward(mg.ones(1, 1)).sum().backward()
    assert [event[:4] for event in ranks.log if event[:4] != "push"][-3:] == ["wait"] * 3
    assert parameters[2].grad.item() == pytest.approx(parameters[0].item() * parameters[1].item())


def test_a_gradient_with_a_graph_is_refused():
    forward, _, _ = chain(Twice())
    with pytest.raises(RuntimeError, match=r"create_graph=True.*no_sync"):
        forward(mg.ones(1, 1)).pow(2).sum().backward(create_graph=True)


def test_close():
    ranks = Twice()
    forward, _, reducer = chain(ranks)
    reducer.close()
    forward(mg.ones(1, 1)).sum().backward()
    assert ranks.sent == 0

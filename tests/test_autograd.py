"""The backward pass: order, accumulation, graphs of gradients, hooks, and what must not leak."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import subprocess
import sys
import threading
import weakref

import numpy as np
import pytest

import minigrad as mg
from minigrad import autograd
from minigrad.hooks import owns_memory
from minigrad.mode import MODE


def leaf(*values, shape=None):
    x = mg.tensor(list(values), dtype=mg.float64)
    return (x if shape is None else x.reshape(shape)).requires_grad_()


def test_gradient_of_a_product():
    x, y = leaf(2.0, 3.0), leaf(5.0, 7.0)
    (x * y).sum().backward()
    assert x.grad.tolist() == [5, 7]
    assert y.grad.tolist() == [2, 3]


def test_a_chain_of_100_000_nodes():
    x = leaf(1.0)
    y = x
    for _ in range(100_000):
        y = y + 1.0
    y.sum().backward()
    assert x.grad.tolist() == [1]


def test_a_long_graph_is_freed_without_recursion():
    y = leaf(1.0)
    for _ in range(100_000):
        y = y * 1.0
    del y


@pytest.mark.parametrize("create_graph", [False, True])
def test_diamonds_are_walked_once_a_node(create_graph):
    # 40 stacked diamonds: 2^40 paths, which only a topological order gets through.
    x = leaf(1.0)
    y = x
    for _ in range(40):
        y = y * 0.5 + y * 0.5
    y = y + y * y
    (g,) = autograd.grad(y.sum(), x, create_graph=create_graph)
    assert g.tolist() == [3]


def test_gradients_accumulate_over_backwards():
    x = leaf(1.0, 2.0)
    for n in (1, 2, 3):
        (x * x).sum().backward()
        np.testing.assert_allclose(x.grad.numpy(), n * 2 * x.detach().numpy())


def test_a_gradient_given_to_two_leaves_is_not_shared_memory():
    x, y = leaf(1.0), leaf(2.0)
    (x + y).backward()
    with mg.no_grad():
        x.grad.mul_(10)
    assert y.grad.tolist() == [1]


def test_the_same_tensor_twice():
    x = leaf(3.0)
    (x * x).backward()
    assert x.grad.tolist() == [6]


def test_backward_of_a_leaf_itself():
    x = leaf(3.0)
    x.backward()
    assert x.grad.tolist() == [1]


def test_second_backward_is_an_error_that_says_what_to_do():
    x = leaf(2.0)
    y = x * x
    y.backward()
    with pytest.raises(RuntimeError, match=r"mul.*retain_graph=True"):
        y.backward()


def test_retain_graph_allows_it():
    x = leaf(2.0)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [8]


def test_not_a_scalar():
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match=r"expected a scalar.*\(2,\)"):
        (x * x).backward()
    (x * x).backward(mg.tensor([1.0, 10.0], dtype=mg.float64))
    assert x.grad.tolist() == [2, 40]


def test_wrong_shape_of_the_starting_gradient():
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match=r"\(3,\).*\(2,\)"):
        (x * x).backward(mg.ones(3))


@pytest.mark.parametrize(
    "sever",
    [
        lambda x: x.detach() * 2,
        lambda x: mg.tensor(x.tolist()),
        lambda x: x.data * 2,
        lambda x: mg.no_grad()(lambda: x * 2)(),
    ],
    ids=["detach", "tolist", "data", "no_grad"],
)
def test_a_severed_graph(sever):
    with pytest.raises(RuntimeError, match="does not require grad and has no graph"):
        sever(leaf(1.0)).sum().backward()


def test_unused_input():
    x, y = leaf(1.0), leaf(1.0)
    with pytest.raises(RuntimeError, match="do not depend on input 1"):
        autograd.grad((x * x).sum(), [x, y])
    assert autograd.grad((x * x).sum(), [x, y], allow_unused=True)[1] is None
    assert autograd.grad((x * x).sum(), [x, y], materialize_grads=True)[1].tolist() == [0]


def test_grad_leaves_grad_alone():
    x = leaf(1.0)
    autograd.grad((x * x).sum(), x)
    assert x.grad is None


def test_grad_of_an_intermediate_result():
    x = leaf(3.0)
    y = x * x
    z = y * y
    assert autograd.grad(z, y, retain_graph=True)[0].tolist() == [18]
    assert autograd.grad(z, [x, y])[0].tolist() == [108]


def test_inputs_restricts_backward():
    x, y = leaf(2.0), leaf(3.0)
    (x * y).backward(inputs=[x])
    assert x.grad.tolist() == [3]
    assert y.grad is None


def test_nobody_s_gradient_is_not_computed():
    calls = []

    @mg.op
    def watched(x, w):
        return x * w, (lambda g: calls.append("x") or g * w, lambda g: calls.append("w") or g * x)

    x, w = mg.ones(2), mg.ones(2, requires_grad=True)
    watched(x, w).sum().backward()
    assert calls == ["w"]


def test_an_op_of_ones_own_leaves_the_library_s_of_the_same_name():
    @mg.op
    def tanh(x):
        return x * 0, lambda g: g * 0

    assert mg.graph.OPS["tanh"] is mg.ops.tanh


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_derivatives_of_every_order(n):
    x = leaf(0.7)
    y = x * x * x * x * x
    expected = 0.7**5
    for k in range(n):
        (y,) = autograd.grad(y.sum(), x, create_graph=True)
        expected = expected / 0.7 * (5 - k)
    np.testing.assert_allclose(y.item(), expected)


def test_second_derivative_with_respect_to_an_intermediate_that_is_alive():
    x = leaf(2.0)
    y = x * x
    z = y * y * y
    (g,) = autograd.grad(z, y, create_graph=True)
    assert autograd.grad(g, y, retain_graph=True)[0].tolist() == [24]  # 6y
    assert autograd.grad(g, x)[0].tolist() == [96]  # 6y * 2x


def test_create_graph_in_backward_accumulates_a_graph():
    x = leaf(2.0)
    (x * x * x).backward(create_graph=True)
    g = x.grad
    assert g.requires_grad
    assert autograd.grad(g, x)[0].tolist() == [12]


def test_gradient_penalty():
    w = leaf(1.0, -2.0)
    x = leaf(0.5, 0.25)
    (g,) = autograd.grad((w * x * x).sum(), x, create_graph=True)  # 2 w x
    (g * g).sum().backward()  # 4 w^2 x^2
    np.testing.assert_allclose(w.grad.tolist(), [8 * 1 * 0.25, 8 * -2 * 0.0625])


def test_a_kernel_op_is_differentiated_through_its_definition():
    def definition(q, k):
        return q * k * k

    @mg.op(definition=definition)
    def kernel(q, k):
        q_, k_ = q.copy(), k.copy()  # raw arrays only: a Tensor has no copy()
        return q_ * k_ * k_, lambda g: (g * k_ * k_, g * 2 * q_ * k_)

    x = leaf(2.0)
    (g,) = autograd.grad(kernel(x, x), x, create_graph=True)  # x^3, with one Tensor given twice
    assert g.tolist() == [12]
    assert autograd.grad(g, x)[0].tolist() == [12]
    mg.gradgradcheck(kernel, (leaf(0.3), leaf(0.7)))


def test_several_values():
    @mg.op
    def both(x):
        return (x * 2, x * x), lambda g, h: 2 * g + 2 * x * h

    x = leaf(3.0)
    a, b = both(x)
    (a * b).backward()  # 2 x^3
    assert x.grad.tolist() == [54]
    a, b = both(x)
    assert autograd.grad(b, x)[0].tolist() == [6]  # the other's gradient is zeros
    mg.gradgradcheck(both, leaf(0.3, 1.2))


def test_pullback_with_too_few_gradients():
    @mg.op
    def forgetful(x, y):
        return x * y, lambda g: g * y

    with pytest.raises(RuntimeError, match=r"forgetful.*1 gradient.*argument 1"):
        forgetful(leaf(1.0), leaf(2.0)).backward()


def test_pullback_with_a_gradient_of_the_wrong_shape():
    @mg.op
    def sloppy(x, y):
        return x * y, lambda g: (g * y, g * x)

    with pytest.raises(RuntimeError, match=r"sloppy.*\(3,\).*argument 0.*\(1,\)"):
        sloppy(leaf(1.0), leaf(1.0, 2.0, 3.0)).sum().backward()


def test_pullback_that_returns_a_number():
    @mg.op
    def numeric(x):
        return x * 2, lambda g: 2.0

    with pytest.raises(TypeError, match=r"numeric.*float 2.0.*expected an array"):
        numeric(leaf(1.0)).backward()


# ---------------------------------------------------------------------------- hooks


def test_hooks_see_and_replace_gradients():
    x = leaf(2.0)
    seen = []
    y = x * x
    y.register_hook(lambda g: seen.append(g.item()))
    handle = y.register_hook(lambda g: g * 10)
    x.register_hook(lambda g: g + 1)
    (y * 3).backward()
    assert seen == [3]
    assert x.grad.tolist() == [2 * 2 * 30 + 1]
    handle.remove()
    x.grad = None
    y = x * x
    (y * 3).backward()
    assert x.grad.tolist() == [13]


def test_retain_grad():
    x = leaf(2.0)
    y = x * x
    y.retain_grad()
    (y * 5).backward()
    assert y.grad.tolist() == [5]


def test_a_hook_for_the_gradient_that_is_complete():
    """It is called as soon as the leaf has got its last part, before backward goes on."""
    events = []

    @mg.op
    def note(x, name):
        return x * 1, lambda g: (events.append(name), g * 1)[1]

    first, second = leaf(2.0), leaf(3.0)
    for name, x in (("first", first), ("second", second)):
        x.register_post_accumulate_grad_hook(lambda x, n=name: events.append((n, x.grad.item())))
    y = note(first * 1, "pass 1")
    z = note(y * second, "pass 2") + second
    z.sum().backward()
    assert events == ["pass 2", ("second", 3.0), "pass 1", ("first", 3.0)]
    events.clear()
    (note(first * 1, "again") * 2).sum().backward()
    assert events == ["again", ("first", 5.0)]  # .grad as a whole
    autograd.grad((first * 1).sum(), first)
    assert events == ["again", ("first", 5.0)]
    (first * second).sum().backward(inputs=[first])
    assert events[2:] == [("first", 8.0)]


def test_such_a_hook_may_change_the_gradient_and_be_removed():
    x = leaf(1.0, 2.0)
    x.register_hook(lambda g: g * 10)  # runs before
    handle = x.register_post_accumulate_grad_hook(lambda x: x.grad.mul_(2))
    (x * x).sum().backward()
    assert x.grad.tolist() == [40, 80]
    x.grad = None
    handle.remove()
    (x * x).sum().backward()
    assert x.grad.tolist() == [20, 40]


def test_a_hook_for_the_gradient_of_a_leaf_that_is_the_loss_itself():
    x = leaf(1.0)
    x.register_post_accumulate_grad_hook(lambda x: x.grad.mul_(3))
    x.backward()
    assert x.grad.tolist() == [3]


def test_a_complete_gradient_shares_no_memory():
    """x + y hands one array to both; the first one is written to before the second one is given."""
    x, y = leaf(1.0), leaf(1.0)
    x.register_post_accumulate_grad_hook(lambda x: x.grad.zero_())
    y.register_post_accumulate_grad_hook(lambda y: y.grad.mul_(2))
    (x + y).sum().backward()
    assert x.grad.tolist() == [0]
    assert y.grad.tolist() == [2]


def test_only_leaves_have_complete_gradients():
    for x, what in ((leaf(1.0) * 2, "computed by mul"), (mg.ones(1), "one without")):
        with pytest.raises(RuntimeError, match=f"expected a leaf that requires grad.*{what}"):
            x.register_post_accumulate_grad_hook(print)


# ---------------------------------------------------------------------------- memory


def test_no_tensor_outlives_its_last_reference():
    gc.collect()
    gc.disable()
    try:
        x = leaf(0.5, 1.5)
        h = mg.tanh(x * 2.0)
        h.retain_grad()
        y = (h.exp() + h[0:1]).sum()
        (g,) = autograd.grad(y, x, create_graph=True)
        (g * g).sum().backward()
        h2 = mg.split(x * 1, 1)[0]
        refs = [weakref.ref(t) for t in (h, y, g, h2)]
        del h, y, g, h2
        assert [r() for r in refs] == [None] * 4
        ref = weakref.ref(x)
        del x
        assert ref() is None
    finally:
        gc.enable()


def test_a_graph_keeps_only_what_its_pullbacks_close_over():
    x = mg.ones(1000, requires_grad=True)
    first = x + 1
    array = weakref.ref(first.array)
    y = first + 1  # addition needs neither of its arguments
    del first
    assert array() is None
    assert autograd.grad(y.sum(), x, create_graph=True)[0].sum().item() == 1000


# ---------------------------------------------------------------------------- modes


def test_no_grad_and_enable_grad():
    x = leaf(1.0)
    with mg.no_grad():
        assert not mg.is_grad_enabled()
        assert not (x * 2).requires_grad
        with mg.enable_grad():
            assert (x * 2).requires_grad
    assert (x * 2).requires_grad
    before = mg.set_grad_enabled(False)
    assert not (x * 2).requires_grad
    mg.set_grad_enabled(True)
    assert before is not None
    with mg.set_grad_enabled(False):
        assert not (x * 2).requires_grad
    assert mg.is_grad_enabled()


def test_no_grad_as_a_decorator_with_and_without_parentheses():
    x = leaf(1.0)

    @mg.no_grad
    def f():
        return x * 2

    @mg.no_grad()
    def g():
        return x * 2

    assert not f().requires_grad
    assert not g().requires_grad
    assert mg.is_grad_enabled()


@pytest.mark.parametrize(
    "make", [mg.no_grad, mg.inference_mode, lambda: mg.set_grad_enabled(False)]
)
def test_a_decorated_generator_leaves_its_caller_alone(make):
    @make()
    def numbers(closed):
        try:
            got = yield mg.is_grad_enabled()
            while got is not None:
                try:
                    got = yield got, mg.is_grad_enabled()
                except KeyError:
                    got = yield "caught", mg.is_grad_enabled()
        finally:
            closed.append(mg.is_grad_enabled())
        return "done", mg.is_grad_enabled()

    def delegating(closed):
        return (yield from numbers(closed))

    closed: list = []
    g = delegating(closed)
    assert mg.is_grad_enabled()
    assert next(g) is False
    assert mg.is_grad_enabled()
    assert g.send(5) == (5, False)
    assert g.throw(KeyError) == ("caught", False)
    assert mg.is_grad_enabled()
    with pytest.raises(StopIteration) as stop:
        g.send(None)
    assert stop.value.value == ("done", False)
    g = numbers(closed)
    next(g)
    g.close()
    assert closed == [False, False]
    g = numbers(closed)
    next(g)
    with pytest.raises(ValueError, match="mine"):
        g.throw(ValueError("mine"))
    assert mg.is_grad_enabled()


def test_a_decorated_coroutine():
    @mg.no_grad()
    async def slow():
        await asyncio.sleep(0)
        return mg.is_grad_enabled()

    async def main():
        results = asyncio.gather(slow(), slow())
        return await results, mg.is_grad_enabled()

    assert asyncio.run(main()) == ([False, False], True)


def test_a_block_restores_what_it_changed_and_nothing_else():
    with mg.no_grad():
        outer = mg.detect_anomaly()
        outer.__enter__()
    assert (MODE.get().grad, MODE.get().anomaly) == (True, True)
    outer.__exit__()
    assert not MODE.get().anomaly


def test_set_grad_enabled_as_a_decorator_and_entered_twice():
    @mg.set_grad_enabled(False)
    def f():
        return mg.is_grad_enabled()

    assert mg.is_grad_enabled()
    assert f() is False
    off = mg.set_grad_enabled(False)
    for _ in range(2):
        with off:
            assert not mg.is_grad_enabled()
        assert mg.is_grad_enabled()


def test_inference_mode_takes_a_mode():
    x = leaf(1.0)
    with mg.inference_mode():
        assert not (x * 2).requires_grad
    with mg.inference_mode(False):
        assert (x * 2).requires_grad
    assert not mg.inference_mode(lambda: x * 2)().requires_grad
    with mg.no_grad():
        assert mg.enable_grad(lambda: x * 2)().requires_grad


def test_an_exception_restores_the_mode():
    with pytest.raises(KeyError), mg.no_grad():
        raise KeyError
    assert mg.is_grad_enabled()


def test_threads_do_not_see_each_other_s_mode():
    x = leaf(1.0)
    inside, go = threading.Event(), threading.Event()
    seen = {}

    def off():
        with mg.no_grad():
            inside.set()
            go.wait(5)
            seen["off"] = (x * 2).requires_grad

    def on():
        inside.wait(5)
        seen["on"] = (x * 2).requires_grad
        go.set()

    threads = [threading.Thread(target=f) for f in (off, on)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert seen == {"off": False, "on": True}


def test_contexts_do_not_see_each_other_s_mode():
    def turn_off():
        mg.set_grad_enabled(False)

    contextvars.copy_context().run(turn_off)
    assert mg.is_grad_enabled()


def test_many_threads_differentiate_at_once():
    w = leaf(1.0, 2.0, 3.0)
    results = {}

    def work(n):
        total = 0.0
        for i in range(50):
            (g,) = autograd.grad((w * w * float(n)).sum(), w, create_graph=i % 2 == 0)
            total += g.sum().item()
        results[n] = total

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results == {n: 50 * 12.0 * n for n in range(4)}


PROGRAM = """
import minigrad as mg
mg.manual_seed(7)
x = mg.randn(20, 5)
w = mg.randn(5, 3).requires_grad_()
for _ in range(10):
    w.grad = None
    ((x @ w).tanh() * mg.rand(20, 3)).sum().backward()
    with mg.no_grad():
        w -= 0.1 * w.grad
print(w.detach().numpy().tobytes().hex())
"""


def test_two_processes_with_one_seed_agree_to_the_bit():
    runs = [
        subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert runs[0].stdout == runs[1].stdout
    assert len(runs[0].stdout) > 50


# ---------------------------------------------------------------------------- anomalies


def test_first_nan_forward_names_op_and_line():
    x = leaf(-1.0, 1.0)
    with mg.detect_anomaly(), pytest.raises(RuntimeError, match=r"log: .*test_autograd.py:\d+"):
        (x.log() * 2).sum()


def test_first_nan_backward_names_op_and_line():
    x = leaf(0.0, 1.0)
    with mg.detect_anomaly():
        y = (x.sqrt() * 0.0).sum()  # the value is fine; 0 * infinity is not
        with pytest.raises(RuntimeError, match=r"sqrt: its pullback.*test_autograd.py:\d+"):
            y.backward()


def test_set_detect_anomaly():
    switch = mg.autograd.set_detect_anomaly(True)
    with switch, pytest.raises(RuntimeError, match="log: made the first NaN"):
        leaf(-1.0).log()
    leaf(-1.0).log()


def test_the_line_named_is_the_user_s_through_numpy_too():
    with mg.detect_anomaly(), pytest.raises(RuntimeError, match=r"test_autograd.py:\d+"):
        np.log(leaf(-1.0))


def test_a_nan_that_was_given_is_not_the_op_s_fault():
    x = leaf(float("nan"))
    with mg.detect_anomaly():
        (x * 2).sum().backward()


def test_infinity_and_nan_make_no_warnings():
    x = leaf(0.0, -1.0)
    (x.log() + 1 / x).sum().backward()


# ---------------------------------------------------------------------------- .grad, .requires_grad


def test_grad_must_fit():
    x = leaf(1.0, 2.0)
    with pytest.raises(TypeError, match=r"grad: expected a Tensor or None, got \[1.0\]"):
        x.grad = [1.0]
    with pytest.raises(RuntimeError, match=r"float64\[2\]; got float64\[1\]"):
        x.grad = mg.ones(1, dtype=mg.float64)
    with pytest.raises(RuntimeError, match=r"float64\[2\]; got float32\[2\]"):
        x.grad = mg.ones(2)
    x.grad = mg.ones(2, dtype=mg.float64)
    x.sum().backward()
    assert x.grad.tolist() == [2, 2]


def test_grad_of_what_is_not_a_leaf_warns():
    x = leaf(2.0)
    y = x * 3
    y.backward()
    with pytest.warns(UserWarning, match=r"grad: .*computed, by mul.*retain_grad"):
        assert y.grad is None


def test_requires_grad_can_be_assigned_where_it_makes_sense():
    x = mg.ones(2)
    x.requires_grad = True
    y = x * 2
    with pytest.raises(RuntimeError, match=r"only a leaf can be switched off.*mul.*detach"):
        y.requires_grad = False
    with pytest.raises(RuntimeError, match="only floating Tensors have gradients"):
        mg.tensor([1]).requires_grad = True
    x.requires_grad = False
    assert not (x * 2).requires_grad


def test_data_assigned_while_a_graph_is_pending():
    x = leaf(2.0)
    z = x * x
    x.data = mg.tensor([5.0], dtype=mg.float64)
    assert mg.autograd.grad(z, x, retain_graph=True)[0].tolist() == [4]  # of what it was then
    with pytest.raises(RuntimeError, match="in place"):
        mg.autograd.grad(z, x, create_graph=True)
    with pytest.raises(TypeError, match="data: expected a Tensor or an array"):
        x.data = [1.0]
    with pytest.raises(RuntimeError, match="requires grad cannot hold int64"):
        x.data = mg.tensor([1])


# ---------------------------------------------------------------------------- more of backward


def test_a_freed_part_of_a_graph_is_an_error_and_no_wrong_gradient():
    x = leaf(2.0)
    y = x * x
    autograd.grad(y, x)
    for options in ({}, {"allow_unused": True}):
        z = y + x  # its derivative is 5, but the part of its graph through y is gone
        with pytest.raises(RuntimeError, match="mul: backward ran through this graph before"):
            autograd.grad(z, x, **options)
    w = leaf(3.0)
    assert autograd.grad(y * w, w)[0].tolist() == [4]  # no need of what is gone


def test_gradients_to_start_from():
    x = leaf(1.0, 2.0)
    with pytest.raises(TypeError, match=r"backward: expected a Tensor as the gradient .* 2.0"):
        (x * 3).backward(2.0)
    seen = []
    y = x * 3
    y.register_hook(lambda g: seen.append(g.dtype))
    y.backward(mg.ones(2))  # float32, for a Tensor of float64
    assert seen == [mg.float64]


def test_inputs_are_checked():
    x, plain = leaf(2.0), mg.ones(1)
    for inputs, error in (([], RuntimeError), ([plain], RuntimeError), ([3], TypeError)):
        with pytest.raises(error, match=r"backward: (expected|input 0)"):
            (x * 3).backward(inputs=inputs)
        with pytest.raises(error, match=r"grad: (expected|input 0)"):
            autograd.grad(x * 3, inputs)
    (x * 3).backward(inputs=[x, x])
    assert x.grad.tolist() == [3]


def test_inputs_may_be_views_whose_base_was_written_to():
    x = leaf(1.0, 2.0)
    y = x * 1
    v = y[0:1]
    y.mul_(2)
    (v * 3).backward(inputs=[v])
    assert v.grad.tolist() == [3]


def test_the_same_gradient_given_out_twice_is_not_shared():
    x = leaf(1.0, 2.0)
    a, b = autograd.grad((x * 2).sum(), [x, x])
    a.mul_(10)
    assert b.tolist() == [2, 2]


def test_a_gradient_given_by_the_user_is_not_shared():
    x, g = leaf(1.0), mg.ones(1, dtype=mg.float64)
    x.backward(g)
    x.backward(g)
    assert g.tolist() == [1]
    assert x.grad.tolist() == [2]


def test_the_derivative_of_a_gradient_with_respect_to_a_result():
    x = leaf(0.3, 0.7)
    y = x.tanh()
    (g,) = autograd.grad(y.sum(), x, create_graph=True)  # 1 - y^2
    np.testing.assert_allclose(autograd.grad(g.sum(), y)[0].tolist(), -2 * np.tanh([0.3, 0.7]))


def test_a_graph_of_a_gradient_runs_only_the_ops_it_passes():
    runs = []

    @mg.op
    def counted(x):
        runs.append(1)
        return x * 2, lambda g: g * 2

    x, w = leaf(1.0), leaf(2.0)
    y = counted(x)
    autograd.grad(y * w * w, w, create_graph=True)
    assert len(runs) == 1


def test_pullbacks_of_0_d_gradients_get_arrays():
    @mg.op
    def watched(x):
        def pullback(g):
            assert isinstance(g, np.ndarray)
            return g

        return x * 1, pullback

    x = mg.tensor(2.0, requires_grad=True)
    y = watched(x)
    (y + y * 2).backward()
    assert x.grad.item() == 3


def test_iteration_is_one_op():
    x = leaf(1.0, 2.0, 3.0)
    a, b, c = x * 1
    assert a.grad_fn.name == "unbind"
    (a * b * c).backward()
    assert x.grad.tolist() == [6, 3, 2]


# ---------------------------------------------------------------------------- more of hooks


def test_retain_grad_sees_what_the_hooks_left():
    x = leaf(2.0)
    y = x * 1
    y.retain_grad()
    y.register_hook(lambda g: g * 10)
    assert y.retains_grad
    assert not x.retains_grad
    (y * 3).backward()
    assert y.grad.tolist() == x.grad.tolist() == [30]


def test_retain_grad_follows_a_write_in_place():
    x = leaf(2.0)
    y = x * 1
    y.retain_grad()
    y.mul_(3)
    (y * 5).backward()
    assert y.grad.tolist() == [5]
    assert x.grad.tolist() == [15]


def test_retained_gradients_are_not_shared():
    x = leaf(2.0)
    y = x * 1
    y.retain_grad()
    (y + 1).backward()
    y.grad.mul_(7)
    assert x.grad.tolist() == [1]


def test_hooks_of_leaves_run_in_grad_too():
    x = leaf(2.0)
    seen = []
    x.register_hook(lambda g: seen.append(g.item()) or g * 10)
    assert autograd.grad(x * 3, x)[0].tolist() == [30]
    assert seen == [3]


def test_what_a_hook_returns_must_fit():
    def bad(g):
        return 2.0

    def worse(g):
        return mg.ones(3)

    number = TypeError, r"hook 'bad': expected a Tensor or None, it returned 2.0"
    shape = RuntimeError, r"hook 'worse': .*float64\[1\].*float32\[3\]"
    for hook, (error, match) in ((bad, number), (worse, shape)):
        x = leaf(2.0)
        x.register_hook(hook)
        with pytest.raises(error, match=match):
            (x * 3).backward()
        assert x.grad is None
        assert mg.is_grad_enabled()


def test_a_handle_removes_its_own_hook_only_once():
    x, calls = leaf(2.0), []

    def hook(g):
        calls.append(1)

    first = x.register_hook(hook)
    x.register_hook(hook)
    first.remove()
    first.remove()
    x.sum().backward()
    assert len(calls) == 1


def test_hooks_are_called_in_the_graph_of_the_gradient_too():
    x, seen = leaf(0.5), []

    def f(x):
        y = x.tanh()
        y.register_hook(lambda g: seen.append(g.item()))
        return y  # and dies

    (g,) = autograd.grad(f(x) * 2, x, create_graph=True)
    assert len(seen) == 1
    autograd.grad(g, x)
    assert len(seen) == 2


def test_backward_inside_a_hook():
    x, w = leaf(2.0), leaf(3.0)

    def hook(g):
        with mg.enable_grad():
            (w * g).sum().backward()

    y = x * 5
    y.register_hook(hook)
    (y * 7).backward()
    assert w.grad.tolist() == [7]
    assert x.grad.tolist() == [35]


def test_an_error_in_a_pullback_leaves_all_as_it_was():
    @mg.op
    def broken(x):
        def pullback(g):
            raise KeyboardInterrupt

        return x * 1, pullback

    x = leaf(2.0)
    with pytest.raises(KeyboardInterrupt):
        broken(x * 1).backward()
    assert x.grad is None
    assert mg.is_grad_enabled()
    (x * 3).backward()
    assert x.grad.tolist() == [3]


def test_threads_that_send_gradients_to_one_leaf():
    w = mg.zeros(20_000, dtype=mg.float64, requires_grad=True)
    y = (w * 1).sum()

    def work():
        for _ in range(50):
            y.backward(retain_graph=True)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert w.grad.min().item() == w.grad.max().item() == 200


def test_only_a_gradient_whose_memory_is_held_elsewhere_is_copied():
    """What a pullback has reshaped is as good as new; a part, and what somebody holds, is not."""
    held = np.ones((2, 3))
    reshaped, part = np.ones((2, 3)).reshape(6), np.ones((2, 3))[0]
    frozen = np.broadcast_to(np.ones(1), (1,))
    found = [owns_memory(g) for g in (held, reshaped, held.reshape(6), part, frozen)]
    assert found == [True, True, False, False, False]

    seed = mg.ones(6, dtype=mg.float64)
    x = leaf(*range(6), shape=(2, 3))
    (g,) = autograd.grad(x.reshape(6), x, seed)
    g += 1
    assert seed.tolist() == [1] * 6

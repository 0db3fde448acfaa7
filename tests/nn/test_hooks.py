"""Hooks around forward and backward."""

import warnings

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn


class Scale(nn.Module):
    def __init__(self, by=2.0):
        super().__init__()
        self.by = nn.Parameter(mg.tensor(by))

    def forward(self, x, extra=0.0):
        return x * self.by + extra


def test_forward_hooks_see_and_replace():
    m = Scale()
    seen = []
    pre = m.register_forward_pre_hook(lambda mod, args: seen.append((mod, args)))
    post = m.register_forward_hook(lambda mod, args, out: out + 1)
    x = mg.tensor([3.0])
    assert m(x).item() == 7.0
    assert seen[0][0] is m
    assert seen[0][1] == (x,)
    post.remove()
    pre.remove()
    assert m(x).item() == 6.0
    assert len(seen) == 1
    post.remove()  # a second time: nothing happens


def test_a_pre_hook_replaces_the_arguments():
    m = Scale()
    m.register_forward_pre_hook(lambda mod, args: args[0] * 10)  # one value stands for its tuple
    assert m(mg.tensor(1.0)).item() == 20.0


def test_order_and_prepend():
    m, order = Scale(), []
    m.register_forward_hook(lambda *a: order.append("first"))
    m.register_forward_hook(lambda *a: order.append("second"))
    m.register_forward_hook(lambda *a: order.append("before both"), prepend=True)
    m(mg.tensor(1.0))
    assert order == ["before both", "first", "second"]


def test_hooks_with_kwargs():
    m = Scale()
    m.register_forward_pre_hook(
        lambda mod, args, kwargs: (args, {"extra": kwargs["extra"] + 1}), with_kwargs=True
    )
    m.register_forward_hook(lambda mod, args, kwargs, out: out + kwargs["extra"], with_kwargs=True)
    assert m(mg.tensor(1.0), extra=10.0).item() == 2.0 + 11.0 + 11.0
    m.register_forward_pre_hook(lambda mod, args, kwargs: 3, with_kwargs=True)
    with pytest.raises(RuntimeError, match=r"expected None or \(new_args, new_kwargs\), got 3"):
        m(mg.tensor(1.0), extra=1.0)


def test_always_call_runs_after_an_error_too_and_does_not_hide_it():
    m, seen = Scale(), []
    m.register_forward_hook(lambda mod, args, out: seen.append(out), always_call=True)
    m.register_forward_hook(lambda mod, args, out: seen.append("never"))
    with pytest.raises(TypeError):
        m()
    assert seen == [None]
    m.register_forward_hook(lambda mod, args, out: 1 / 0, always_call=True)
    with pytest.warns(UserWarning, match="ZeroDivisionError"), pytest.raises(TypeError):
        m()


def test_always_call_runs_once_if_a_later_hook_raises():
    m, seen = Scale(), []
    m.register_forward_hook(lambda mod, args, out: seen.append(out.item()), always_call=True)
    m.register_forward_hook(lambda mod, args, out: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        m(mg.tensor(1.0))
    assert seen == [2.0]


def test_a_hook_may_be_used_as_a_context():
    m = Scale()
    with m.register_forward_hook(lambda mod, args, out: out * 0):
        assert m(mg.tensor(1.0)).item() == 0
    assert m(mg.tensor(1.0)).item() == 2


def test_backward_hooks_see_both_ends_and_replace_the_gradient():
    m, seen = Scale(3.0), {}

    def look(mod, grad_input, grad_output):
        seen.update(module=mod, grad_input=grad_input, grad_output=grad_output)
        return (grad_input[0] * 100,)

    m.register_full_backward_hook(look)
    x = mg.tensor([1.0, 2.0], requires_grad=True)
    (m(x) * mg.tensor([1.0, 10.0])).sum().backward()
    assert seen["module"] is m
    np.testing.assert_array_equal(seen["grad_output"][0].numpy(), [1, 10])
    np.testing.assert_array_equal(seen["grad_input"][0].numpy(), [3, 30])
    np.testing.assert_array_equal(x.grad.numpy(), [300, 3000])
    assert m.by.grad.item() == 1 * 1 + 10 * 2  # the parameters' gradients are as before


def test_a_backward_pre_hook_replaces_the_gradient_of_the_output():
    m = Scale(3.0)
    m.register_full_backward_pre_hook(lambda mod, grad_output: (grad_output[0] * 2,))
    x = mg.tensor(1.0, requires_grad=True)
    m(x).backward()
    assert x.grad.item() == 6
    assert m.by.grad.item() == 2


def test_backward_hooks_of_a_first_layer_get_none_for_data():
    m, seen = Scale(3.0), []
    m.register_full_backward_hook(lambda mod, gi, go: seen.append((gi, go[0].item())))
    m(mg.tensor(1.0), 5.0).backward()
    assert seen == [((None, None), 1.0)]
    assert m.by.grad.item() == 1


def test_backward_hooks_with_several_inputs_and_outputs():
    class Both(nn.Module):
        def forward(self, x, n, y):
            return x * y, n, x + y

    m, seen = Both(), []
    m.register_full_backward_hook(lambda mod, gi, go: seen.append((gi, go)))
    x, y = mg.tensor(2.0, requires_grad=True), mg.tensor(3.0, requires_grad=True)
    a, n, b = m(x, 7, y)
    assert n == 7
    (a + 10 * b).backward()
    ((gx, none, gy), (ga, none_out, gb)) = seen[0]
    assert (gx.item(), none, gy.item()) == (13, None, 12)
    assert (ga.item(), none_out, gb.item()) == (1, None, 10)
    assert (x.grad.item(), y.grad.item()) == (13, 12)


def test_second_derivatives_go_through_backward_hooks():
    m = nn.Sequential(nn.Tanh())
    m.register_full_backward_hook(lambda mod, gi, go: (gi[0] * 2,))
    x = mg.tensor(0.5, requires_grad=True, dtype=mg.float64)
    (dx,) = mg.autograd.grad(m(x), x, create_graph=True)
    (ddx,) = mg.autograd.grad(dx, x)
    t = np.tanh(0.5)
    np.testing.assert_allclose(dx.item(), 2 * (1 - t * t))
    np.testing.assert_allclose(ddx.item(), 2 * 2 * -2 * t * (1 - t * t) / 2)


def test_a_backward_hook_that_returns_the_wrong_number():
    m = Scale()
    m.register_full_backward_hook(lambda mod, gi, go: (gi[0], gi[0]))
    with pytest.raises(RuntimeError, match="backward hook of Scale: expected 1 gradient, got 2"):
        m(mg.tensor(1.0, requires_grad=True)).backward()


def test_an_output_that_backward_hooks_cannot_follow_is_told():
    class Named(nn.Module):
        def forward(self, x):
            return {"y": x * 2}

    m = Named()
    m.register_full_backward_hook(lambda mod, gi, go: None)
    with pytest.warns(UserWarning, match="a tuple of Tensors, got dict"):
        m(mg.tensor(1.0, requires_grad=True))


def test_nothing_is_recorded_without_need():
    m = Scale()
    m.register_full_backward_hook(lambda mod, gi, go: None)
    with mg.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert m(mg.tensor(1.0)).node is None

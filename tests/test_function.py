"""autograd.Function: both of PyTorch's forms, what ctx can do, and second derivatives."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

import minigrad as mg
from minigrad import autograd
from minigrad.function import once_differentiable


def leaf(*values):
    return mg.tensor(list(values), dtype=mg.float64, requires_grad=True)


class Exp(autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return g * y


class Scale(autograd.Function):
    @staticmethod
    def forward(ctx, x, w, times):
        ctx.save_for_backward(x, w)
        ctx.times = times
        return x * w * times, x + w

    @staticmethod
    def backward(ctx, g, h):
        x, w = ctx.saved_tensors
        assert ctx.needs_input_grad == (True, True, False)
        return g * w * ctx.times + h, g * x * ctx.times + h, None


def test_function_first_and_second_order():
    mg.gradcheck(Exp.apply, leaf(0.1, -0.4))
    mg.gradgradcheck(Exp.apply, leaf(0.1, -0.4))

    def scale(x, w):
        return Scale.apply(x, w, 3)

    mg.gradcheck(scale, (leaf(0.1, -0.4), leaf(2.0, 1.0)))
    mg.gradgradcheck(scale, (leaf(0.1, -0.4), leaf(2.0, 1.0)))


def test_function_without_backward():
    class Half(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 0.5

    with pytest.raises(NotImplementedError, match="backward"):
        Half.apply(leaf(1.0)).backward()


class Power(autograd.Function):
    """In the form with setup_context, with an argument and an output that are no Tensors."""

    @staticmethod
    def forward(x, n):
        return x**n, "more"

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, ctx.n = inputs
        assert output[1] == "more"
        ctx.save_for_backward(x)

    @staticmethod
    def backward(ctx, g, none):
        assert none is None
        (x,) = ctx.saved_tensors
        return g * ctx.n * x ** (ctx.n - 1), None


def test_setup_context_and_what_is_no_tensor():
    x = leaf(2.0, 3.0)
    y, more = Power.apply(x, 3)
    assert more == "more"
    assert y.grad_fn.name == "Power"
    y.sum().backward()
    assert x.grad.tolist() == [12, 27]
    mg.gradgradcheck(lambda x: Power.apply(x, 3)[0], leaf(0.3, 1.2))


class Noisy(autograd.Function):
    """Its forward draws a random number, which must be the same in every derivative."""

    @staticmethod
    def forward(ctx, x):
        ctx.r = mg.rand(1, dtype=mg.float64)
        ctx.x = x  # as an attribute, which PyTorch's users do as well
        return x * x * x * ctx.r

    @staticmethod
    def backward(ctx, g):
        return 3 * ctx.x * ctx.x * ctx.r * g


def test_forward_runs_once():
    x = leaf(2.0)
    y = Noisy.apply(x * 1)
    r = y.item() / 8
    z = y * 1
    del y  # nobody holds the output when the graph of the gradient is made
    (g,) = autograd.grad(z.sum(), x, create_graph=True)
    (h,) = autograd.grad(g, x, create_graph=True)
    (third,) = autograd.grad(h, x)
    np.testing.assert_allclose([g.item(), h.item(), third.item()], [12 * r, 12 * r, 6 * r])


def test_a_saved_output_is_part_of_the_graph():
    x = leaf(0.3)
    y = Exp.apply(x * 2)
    (g,) = autograd.grad(y, x, create_graph=True)  # 2 exp(2x)
    np.testing.assert_allclose(autograd.grad(g, y, retain_graph=True)[0].item(), 2)
    del y
    np.testing.assert_allclose(autograd.grad(g, x)[0].item(), 4 * np.exp(0.6))


def test_outputs_without_a_gradient():
    class Sorted(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            values = x.sort()[0]
            ctx.mark_non_differentiable(values)
            return x * 2, values, x.argsort()

        @staticmethod
        def backward(ctx, g, values, places):
            assert values.tolist() == [0, 0]
            assert places is None
            return g * 2

    x = leaf(2.0, 1.0)
    y, values, places = Sorted.apply(x)
    assert (y.requires_grad, values.requires_grad, places.requires_grad) == (True, False, False)
    assert values.is_leaf
    y.sum().backward()
    assert x.grad.tolist() == [2, 2]


@pytest.mark.parametrize("materialize", [True, False])
def test_gradients_that_did_not_arrive(materialize):
    class Two(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(materialize)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, g, h):
            assert (h is not None) == materialize
            return g * 2

    x = leaf(1.0)
    Two.apply(x)[0].backward()
    assert x.grad.tolist() == [2]


def test_an_input_returned_as_it_is():
    class Reversed(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x

        @staticmethod
        def backward(ctx, g):
            return -g

    x = leaf(2.0)
    y = x * 1
    z = Reversed.apply(y)
    assert z is not y
    with pytest.raises(RuntimeError, match="mul_: the Function Reversed returned a view"):
        z.mul_(2)
    z.backward()
    assert x.grad.tolist() == [-1]
    z = Reversed.apply(y)
    y.mul_(2)
    with pytest.raises(RuntimeError, match="Reversed: this Function returned a view"):
        z * 2


class Double(autograd.Function):
    """In place."""

    @staticmethod
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x.mul_(2)

    @staticmethod
    def backward(ctx, g):
        return g * 2


def test_an_input_written_in_place():
    x = leaf(3.0)
    y = x * x
    z = Double.apply(y)
    assert z is y
    assert y.tolist() == [18]
    (g,) = autograd.grad(y, x, create_graph=True)
    assert g.tolist() == [12]
    assert autograd.grad(g, x)[0].tolist() == [4]
    with pytest.raises(RuntimeError, match="Double: this Tensor is a leaf"):
        Double.apply(x)


def test_needs_input_grad():
    seen = []

    class Both(autograd.Function):
        @staticmethod
        def forward(ctx, x, n, y):
            ctx.save_for_backward(x, y)
            return x * y * n

        @staticmethod
        def backward(ctx, g):
            seen.append(ctx.needs_input_grad)
            x, y = ctx.saved_tensors
            return g * y * 3, None, (g * x * 3 if ctx.needs_input_grad[2] else None)

    x, y = leaf(2.0), mg.tensor([5.0], dtype=mg.float64)
    (g,) = autograd.grad(Both.apply(x, 3, y), x, create_graph=True)
    assert not g.requires_grad
    Both.apply(x, 3, y.requires_grad_()).backward()
    assert seen == [(True, False, False), (True, False, True)]
    assert y.grad.tolist() == [6]


def test_what_backward_returns_is_checked():
    def function(result):
        class Product(autograd.Function):
            @staticmethod
            def forward(ctx, x, y):
                return x * y

            @staticmethod
            def backward(ctx, g):
                return result

        return Product.apply(leaf(1.0, 2.0), leaf(3.0, 4.0))

    g = mg.ones(2, dtype=mg.float64)
    for result, n in ((g, 1), ((g, g, g), 3)):
        with pytest.raises(RuntimeError, match=rf"Product: backward must return 2 .* got {n}"):
            function(result).sum().backward()
    function((g, g, None)).sum().backward()
    with pytest.raises(RuntimeError, match=r"Product: .*\(3,\) for argument 1, .* \(2,\)"):
        function((g, mg.ones(3))).sum().backward()
    with pytest.raises(TypeError, match=r"Product: .*float 1.0 for argument 0"):
        function((1.0, g)).sum().backward()


def test_a_gradient_is_summed_over_what_forward_broadcast():
    class Add(autograd.Function):
        @staticmethod
        def forward(ctx, x, y):
            return x + y

        @staticmethod
        def backward(ctx, g):
            return g, g

    x, y = leaf(1.0), leaf(1.0, 2.0, 3.0)
    Add.apply(x, y).sum().backward()
    assert x.grad.tolist() == [3]


def test_once_differentiable():
    class Square(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @once_differentiable
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return mg.from_numpy(2 * x.detach().numpy() * g.detach().numpy())

    x = leaf(3.0)
    Square.apply(x).backward()
    assert x.grad.tolist() == [6]
    (g,) = autograd.grad(Square.apply(x) ** 2, x, create_graph=True)
    assert g.tolist() == [108]
    with pytest.raises(RuntimeError, match=r"Square.backward: .*once_differentiable"):
        autograd.grad(g, x)


def test_what_is_saved_is_watched():
    x = leaf(2.0)
    y = Exp.apply(x)
    with mg.no_grad():
        y.mul_(2)
    with pytest.raises(RuntimeError, match=r"Exp: .*in place"):
        y.backward()

    class Number(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x, 3)

    with pytest.raises(TypeError, match=r"save_for_backward: .*argument 1 is 3.*ctx.n = n"):
        Number.apply(x)


def test_forward_must_return_a_tensor():
    class Number(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.item()

    with pytest.raises(TypeError, match=r"Number: forward must return a Tensor, got 2.0"):
        Number.apply(leaf(2.0))


def test_a_function_leaves_no_reference_cycle():
    gc.collect()
    gc.disable()
    try:
        x = leaf(0.5)
        y = Exp.apply(x * 1)
        (g,) = autograd.grad(y, x, create_graph=True)
        (g * g).backward()
        refs = [weakref.ref(t) for t in (y, g)]
        del y, g
        x.grad = None
        assert [r() for r in refs] == [None, None]
    finally:
        gc.enable()

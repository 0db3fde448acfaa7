"""Function transforms, against known derivatives."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import func


def rosenbrock(x):
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def beale(x):
    a, b = x[0], x[1]
    return (1.5 - a + a * b) ** 2 + (2.25 - a + a * b**2) ** 2 + (2.625 - a + a * b**3) ** 2


def test_rosenbrock():
    x = np.array([-1.2, 1.0])
    value, g = func.value_and_grad(rosenbrock)(x)
    np.testing.assert_allclose(value, 24.2)
    np.testing.assert_allclose(g, [-215.6, -88])
    np.testing.assert_allclose(func.hessian(rosenbrock)(x), [[1330, 480], [480, 200]])
    np.testing.assert_allclose(func.hvp(rosenbrock, (x,), (np.array([1.0, 2.0]),))[1], [2290, 880])


def test_beale():
    value, g = func.value_and_grad(beale)(np.array([1.0, 1.0]))
    np.testing.assert_allclose(value, 14.203125)
    np.testing.assert_allclose(g, [0, 27.75])


def test_numpy_code_is_differentiable_as_it_stands():
    x = np.array([0.1, 0.7, -0.4])
    np.testing.assert_allclose(func.grad(lambda x: np.sum(np.tanh(x)))(x), 1 - np.tanh(x) ** 2)
    np.testing.assert_allclose(
        func.grad(lambda x: np.mean(np.exp(x) * np.sin(x)))(x),
        np.exp(x) * (np.sin(x) + np.cos(x)) / 3,
    )

    def forward(w, x):
        h = np.maximum(x @ w, 0)
        return -np.log(np.sum(np.concatenate([h, np.ones((2, 1))], axis=1) ** 2))

    w = np.arange(6.0).reshape(3, 2) / 7 - 0.2
    x = np.arange(6.0).reshape(2, 3) / 5
    g = func.grad(forward)(w, x)
    numeric = np.zeros_like(w)
    for i in np.ndindex(w.shape):
        e = np.zeros_like(w)
        e[i] = 1e-6
        numeric[i] = (forward(w + e, x) - forward(w - e, x)) / 2e-6
    np.testing.assert_allclose(g, numeric, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("kind", [float, np.array, mg.tensor], ids=["number", "array", "tensor"])
def test_results_are_of_the_kind_of_the_arguments(kind):
    x = kind(3.0)
    g = func.grad(lambda x: x**2)(x)
    assert type(g) is type(x)
    assert float(g) == 6
    second = func.grad(func.grad(lambda x: x**3))(x)
    assert type(second) is type(x)
    assert float(second) == 18


def test_argnums_and_aux():
    def f(x, y):
        return x * y**2, "more"

    (gx, gy), aux = func.grad(f, argnums=(0, 1), has_aux=True)(2.0, 3.0)
    assert (gx, gy, aux) == (9, 12, "more")
    assert func.grad(f, argnums=1, has_aux=True)(2.0, 3.0) == (12.0, "more")
    g, (value, aux) = func.grad_and_value(f, has_aux=True)(2.0, 3.0)
    assert (g, value, aux) == (9, 18, "more")


def test_vjp():
    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    value, pullback = func.vjp(lambda x, y: x * y, x, y)
    np.testing.assert_allclose(value, [3, 8])
    for g in (np.array([1.0, 0.0]), np.array([1.0, 10.0])):  # it may be called more than once
        gx, gy = pullback(g)
        np.testing.assert_allclose(gx, g * y)
        np.testing.assert_allclose(gy, g * x)


def test_jvp_is_the_directional_derivative():
    x, t = np.array([1.0, 2.0, 0.5]), np.array([0.3, -1.0, 2.0])
    value, push = func.jvp(lambda x: np.tanh(x) * x[0], (x,), (t,))
    h = 1e-6

    def f(x):
        return np.tanh(x) * x[0]

    np.testing.assert_allclose(value, f(x))
    np.testing.assert_allclose(push, (f(x + h * t) - f(x - h * t)) / (2 * h), rtol=1e-7)


def test_jvp_of_a_function_that_does_not_depend_on_its_argument():
    value, push = func.jvp(lambda x: x * 0 + 1, (2.0,), (1.0,))
    assert (value, push) == (1, 0)
    assert func.jvp(lambda x: mg.ones(2), (np.ones(2),), (np.ones(2),))[1].tolist() == [0, 0]


def test_jvp_shape_error():
    with pytest.raises(ValueError, match=r"tangent 0 has shape \(3,\), its primal \(2,\)"):
        func.jvp(lambda x: x, (np.ones(2),), (np.ones(3),))


def test_jacrev_shapes():
    def f(x, y):
        return (x @ y, x.sum())

    x, y = np.ones((2, 3)), np.ones(3)
    (a, b), (c, d) = func.jacrev(f, argnums=(0, 1))(x, y)
    assert (a.shape, b.shape, c.shape, d.shape) == ((2, 2, 3), (2, 3), (2, 3), (3,))
    np.testing.assert_allclose(b, x)
    np.testing.assert_allclose(d, 0)


def test_hvp_is_the_hessian_times_a_vector():
    x, v = np.array([0.3, -0.7, 1.1]), np.array([1.0, 2.0, -1.0])

    def f(x):
        return np.sum(np.sin(x) * x) + x[0] * x[1] * x[2]

    value, product = func.hvp(f, (x,), (v,))
    np.testing.assert_allclose(value, f(x))
    np.testing.assert_allclose(product, func.hessian(f)(x) @ v)


def test_a_derivative_can_be_trained_through():
    w = mg.tensor(2.0, requires_grad=True)
    g = func.grad(lambda x: w * x**3)(mg.tensor(3.0))  # 3 w x^2; w is closed over
    g.backward()
    assert w.grad.item() == 27


def test_errors():
    with pytest.raises(RuntimeError, match=r"scalar.*jacrev"):
        func.grad(lambda x: x)(np.ones(2))
    with pytest.raises(TypeError, match="floating"):
        func.grad(lambda x: x)(3)
    with pytest.raises(ValueError, match="argnums: 2"):
        func.grad(lambda x: x, argnums=2)(1.0)


# ---------------------------------------------------------------------------- nested


def array(*values):
    return np.array(values)


def test_no_confusion_of_an_inner_with_an_outer_variable():
    # d/dx [x * d/dy (x + y)] = d/dx [x * 1] = 1, not 2.
    assert func.grad(lambda x: x * func.grad(lambda y: x + y)(2.0))(3.0) == 1
    assert func.grad(lambda x: x * func.grad(lambda y: x * y)(2.0))(3.0) == 6
    assert func.grad(lambda x: func.grad(lambda y: x * y**3)(x * x))(2.0) == 15 * 2**4


def test_tangents_and_cotangents_may_depend_on_an_outer_variable():
    x = array(1.0, 2.0)
    g = func.grad(lambda t: func.jvp(lambda y: np.sum(np.sin(y)), (x,), (t,))[1])(x)
    np.testing.assert_allclose(g, np.cos(x))
    w = mg.tensor(x, requires_grad=True)
    (pulled,) = func.vjp(lambda y: y**3, mg.tensor(x))[1](w)
    pulled.sum().backward()
    np.testing.assert_allclose(w.grad.numpy(), 3 * x**2)
    w.grad = None
    func.hvp(lambda y: (y**3).sum(), (mg.tensor(x),), (w,))[1].sum().backward()
    np.testing.assert_allclose(w.grad.numpy(), 6 * x)


def test_forward_over_reverse_and_the_other_way():
    x, t = array(1.0, 2.0), array(0.5, 1.0)
    _, pushed = func.jvp(func.grad(lambda x: np.sum(x**3)), (x,), (t,))
    np.testing.assert_allclose(pushed, 6 * x * t)
    g = func.grad(lambda x: func.jvp(lambda y: np.sum(y**3), (x,), (t,))[1])(x)
    np.testing.assert_allclose(g, 6 * x * t)
    np.testing.assert_allclose(func.jacrev(func.jacrev(lambda x: x**3))(x)[1], [[0, 0], [0, 12]])


def test_functions_that_write_in_place():
    def f(x):
        y = x * 1
        y[0] = x[1] * x[0]
        y[1:].mul_(x[0])
        y.mul_(2)
        return (y**2).sum()  # 8 x0^2 x1^2

    x = array(1.5, 2.0)
    np.testing.assert_allclose(func.grad(f)(x), [16 * 1.5 * 4, 16 * 2.25 * 2])
    np.testing.assert_allclose(func.hessian(f)(x), [[16 * 4, 32 * 3], [32 * 3, 16 * 2.25]])


def test_within_no_grad():
    w = mg.ones((), dtype=mg.float64, requires_grad=True)
    with mg.no_grad():
        g = func.grad(lambda x: w * x**3)(mg.tensor(2.0, dtype=mg.float64))
    assert g.item() == 12
    assert not g.requires_grad

    def f(x):
        with mg.no_grad():
            c = func.grad(lambda y: y**3)(x)  # a constant
        return c * x

    assert func.grad(f)(2.0) == 12


# ---------------------------------------------------------------------------- structures


def test_arguments_in_dicts_lists_and_tuples():
    p = {"a": [array(1.0, 2.0), 3.0], "b": (array(3.0, 4.0),)}
    g = func.grad(lambda p: np.sum(p["a"][0] * p["b"][0]) * p["a"][1])(p)
    assert list(g) == ["a", "b"]
    np.testing.assert_allclose(g["a"][0], [9, 12])
    np.testing.assert_allclose(g["a"][1], 11)
    assert isinstance(g["b"], tuple)
    np.testing.assert_allclose(g["b"][0], [3, 6])
    j = func.jacrev(lambda p: {"y": p["x"] * 2})({"x": array(1.0, 2.0)})
    np.testing.assert_allclose(j["y"]["x"], [[2, 0], [0, 2]])
    assert func.jvp(lambda p: p[0] * p[1], ([2.0, 3.0],), ([1.0, 10.0],)) == (6, 23)


def test_a_function_of_a_module_s_parameters():
    from collections import OrderedDict

    x, y = mg.tensor([[1.0, 2.0]]), mg.tensor([[3.0]])

    def loss(p):
        return ((x @ p["weight"].T + p["bias"] - y) ** 2).sum()

    layer = mg.nn.Linear(2, 1)
    p = OrderedDict((k, v.detach()) for k, v in layer.named_parameters())
    g = func.grad(loss)(p)
    assert type(g) is OrderedDict
    ((layer(x) - y) ** 2).sum().backward()
    for name, parameter in layer.named_parameters():
        np.testing.assert_allclose(g[name].numpy(), parameter.grad.numpy(), rtol=1e-6)


def test_argnums_keep_their_order():
    def f(x, y):
        return x * y**2

    assert func.grad(f, argnums=(1, 0))(2.0, 3.0) == (12, 9)
    assert func.grad(f, argnums=-1)(2.0, 3.0) == 12
    x = array(2.0)
    a, b = func.grad(lambda x, y: np.sum(x * y * y), argnums=(0, 1))(x, x)
    assert (a.item(), b.item()) == (4, 8)


def test_cotangents_of_several_outputs():
    value, pullback = func.vjp(lambda x: (x * 2, x * x), 3.0)
    assert value == (6, 9)
    assert pullback((1.0, 10.0)) == pullback(1.0, 10.0) == (62,)
    with pytest.raises(ValueError, match="vjp: got 1 cotangents for 2 outputs"):
        pullback(1.0)


def test_what_else_a_function_returns():
    x = mg.tensor([2.0, 3.0])

    def f(x):
        return x**2, x * 3

    _, pullback, aux = func.vjp(f, x, has_aux=True)
    assert aux.tolist() == [6, 9]
    assert not aux.requires_grad  # it would keep the graph
    assert pullback(mg.ones(2))[0].tolist() == [4, 6]
    assert func.jvp(f, (x,), (mg.ones(2),), has_aux=True)[2].tolist() == [6, 9]
    jacobian, aux = func.jacrev(f, has_aux=True)(x)
    assert (jacobian.tolist(), aux.tolist()) == ([[4, 0], [0, 6]], [6, 9])


def test_outputs_that_are_integers():
    value, pushed = func.jvp(lambda x: (x**2, x.long()), (mg.tensor(3.0),), (mg.tensor(1.0),))
    assert [v.item() for v in value] == [9, 3]
    assert [v.item() for v in pushed] == [6, 0]

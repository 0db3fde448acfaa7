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

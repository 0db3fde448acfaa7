"""gradcheck finds what is wrong, says where, and does not cry wolf."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg


def x64(*values):
    return mg.tensor(list(values), dtype=mg.float64, requires_grad=True)


@mg.op
def wrong_factor(x):
    return x * x, lambda g: g * x


@mg.op
def wrong_in_one_place(x, y):
    def pull(g):
        wrong = np.zeros_like(g)
        wrong[1] = 0.5
        return g * y, g * x + wrong

    return x * y, pull


@mg.op
def wrong_second(x):
    # Right in first order only: the cube's derivative is hidden from the graph.
    return x**3, lambda g: 3 * g * (x.detach() ** 2 if hasattr(x, "detach") else x**2)


@pytest.mark.parametrize("method", ["central", "complex"])
def test_finds_a_wrong_factor(method):
    with pytest.raises(mg.GradcheckError, match="2 of 4 entries wrong"):
        mg.gradcheck(wrong_factor, x64(1.0, 2.0), method=method)
    assert not mg.gradcheck(wrong_factor, x64(1.0, 2.0), method=method, raise_exception=False)


def test_names_argument_entry_values_and_tolerance():
    with pytest.raises(mg.GradcheckError) as info:
        mg.gradcheck(wrong_in_one_place, (x64(1.0, 2.0, 3.0), x64(4.0, 5.0, 6.0)))
    text = str(info.value)
    assert "argument 1, y (float64[3])" in text
    assert "3 of 9 entries wrong" in text
    assert "d y[1]\n  backward gives 0.5" in text or "d y[1]\n  backward gives 2.5" in text
    assert "atol 1e-05" in text


def test_second_order_is_checked_for_itself():
    assert mg.gradcheck(wrong_second, x64(1.0, 2.0))
    with pytest.raises(mg.GradcheckError, match="second derivative"):
        mg.gradgradcheck(wrong_second, x64(1.0, 2.0))


def test_complex_step_is_exact():
    x = x64(0.3, -1.2, 2.0)
    assert mg.gradcheck(
        lambda x: mg.exp(mg.sin(x)) / x, x, method="complex", rtol=1e-14, atol=1e-14
    )
    assert not mg.gradcheck(
        lambda x: mg.exp(mg.sin(x)) / x, x, rtol=1e-14, atol=1e-14, raise_exception=False
    )


def test_a_severed_graph_is_found():
    with pytest.raises(mg.GradcheckError, match="severed"):
        mg.gradcheck(lambda x: x.detach() * 2, x64(1.0))


def test_a_partly_severed_graph_is_found():
    with pytest.raises(mg.GradcheckError, match="backward gives 0"):
        mg.gradcheck(lambda x, y: x.detach() * y, (x64(1.0), x64(2.0)))


def test_several_outputs_and_arguments_without_gradient():
    def f(x, n, y):
        return x * n, (x * y).sum(), mg.tensor([1, 2])

    assert mg.gradcheck(f, (x64(1.0, 2.0), 3, x64(0.5, 0.7)))
    assert mg.gradgradcheck(f, (x64(1.0, 2.0), 3, x64(0.5, 0.7)))


def test_non_contiguous_zero_dim_and_empty_inputs():
    x = mg.tensor(np.arange(6.0).reshape(2, 3) + 1, dtype=mg.float64).T.requires_grad_()
    assert mg.gradcheck(lambda x: x * x, x)
    assert mg.gradcheck(lambda x: x * x, mg.tensor(2.0, dtype=mg.float64, requires_grad=True))
    assert mg.gradcheck(lambda x: x * x, mg.zeros(0, 3, dtype=mg.float64, requires_grad=True))


def test_inputs_are_left_as_they_were():
    x = x64(1.0, 2.0)
    mg.gradcheck(lambda x: x * x, x)
    assert x.tolist() == [1, 2]
    assert x.grad is None


def test_float32_is_refused_with_the_reason():
    with pytest.raises(TypeError, match=r"float32\[2\].*float64.*double"):
        mg.gradcheck(mg.tanh, mg.ones(2, requires_grad=True))


def test_nothing_to_check():
    with pytest.raises(ValueError, match="requires_grad"):
        mg.gradcheck(mg.tanh, mg.ones(2))
    with pytest.raises(ValueError, match="'central' or 'complex'"):
        mg.gradcheck(mg.tanh, x64(1.0), method="forward")


def test_a_nan_gradient_is_wrong():
    @mg.op
    def broken(x):
        return x * 1, lambda g: g * float("nan")

    with pytest.raises(mg.GradcheckError, match="backward gives nan"):
        mg.gradcheck(broken, x64(1.0))


def test_the_same_tensor_as_two_arguments():
    x = x64(0.3, 0.7)
    assert mg.gradcheck(lambda a, b: a * b * b, (x, x))
    assert mg.gradgradcheck(lambda a, b: a * b * b, (x, x))


def test_inputs_that_share_memory():
    x = mg.tensor([1.0, 2.0], dtype=mg.float64)
    assert mg.gradcheck(lambda a: a * a, x.expand(3, 2).requires_grad_())
    assert mg.gradcheck(lambda a, b: a * b, (x.requires_grad_(), (x * 1)[:1]))


def test_a_function_that_returns_or_ignores_its_input():
    x, y = x64(0.3, 0.7), x64(1.0)
    assert mg.gradcheck(lambda a: a, x)
    assert mg.gradcheck(lambda a, b: a * 2, (x, y))
    assert mg.gradcheck(lambda a: (a * 1).mul_(3).T, x)


def test_under_no_grad():
    with mg.no_grad():
        assert mg.gradcheck(mg.tanh, x64(0.3))


def test_the_complex_step_of_what_is_not_analytic_says_so():
    with pytest.raises(mg.GradcheckError, match=r"analytic functions only.*method='central'"):
        mg.gradcheck(mg.abs, x64(0.3), method="complex")

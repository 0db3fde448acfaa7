"""L-BFGS and its line search."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.optim import LBFGS
from minigrad.optim.line_search import C1, C2, Point, cubic_minimum, strong_wolfe


def minimize(function, start, steps=20, **options):
    p = mg.tensor(np.array(start), requires_grad=True)
    optimizer = LBFGS([p], **options)
    calls = 0

    def closure():
        nonlocal calls
        calls += 1
        optimizer.zero_grad()
        loss = function(p)
        loss.backward()
        return loss

    for _ in range(steps):
        optimizer.step(closure)
    return p.array, calls, optimizer


def rosenbrock(x):
    a, b = x[0], x[1]
    return (1 - a) * (1 - a) + 100 * (b - a * a) * (b - a * a)


def test_rosenbrock():
    """The valley whose bottom, (1, 1), SGD needs thousands of steps to find."""
    x, calls, _ = minimize(
        rosenbrock, [-1.2, 1.0], line_search_fn="strong_wolfe", tolerance_change=1e-16
    )
    np.testing.assert_allclose(x, [1.0, 1.0], atol=1e-8)
    assert calls < 120


def test_a_quadratic_takes_few_iterations():
    """Four curvatures: a few iterations after four have been seen."""
    scales = mg.tensor(np.array([1.0, 3.0, 10.0, 30.0]))
    x, _, optimizer = minimize(
        lambda p: (scales * p * p).sum(),
        [1.0, -1.0, 2.0, 0.5],
        steps=1,
        max_iter=30,
        line_search_fn="strong_wolfe",
        tolerance_change=1e-16,
    )
    np.testing.assert_allclose(x, 0, atol=1e-6)
    assert optimizer.state[optimizer.param_groups[0]["params"][0]]["n_iter"] < 20


def test_one_that_is_at_the_bottom_stays_there():
    x, calls, _ = minimize(lambda p: (p * p).sum(), [0.0, 0.0], steps=1)
    assert x.tolist() == [0.0, 0.0]
    assert calls == 1


def test_no_more_evaluations_than_allowed():
    _, calls, optimizer = minimize(
        rosenbrock, [-1.2, 1.0], steps=1, max_eval=6, line_search_fn="strong_wolfe"
    )
    assert calls <= 7  # a line search tries one step at least
    assert optimizer.state[optimizer.param_groups[0]["params"][0]]["func_evals"] == calls


def test_history_is_limited():
    _, _, optimizer = minimize(rosenbrock, [-1.2, 1.0], steps=2, history_size=3, lr=0.1)
    state = optimizer.state[optimizer.param_groups[0]["params"][0]]
    assert len(state["old_dirs"]) == len(state["old_stps"]) == len(state["ro"]) == 3


def test_parameters_without_a_gradient_stay():
    a = mg.tensor(np.array([1.0]), requires_grad=True)
    b = mg.tensor(np.array([[2.0, 3.0]]), requires_grad=True)
    optimizer = LBFGS([a, b], line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = (b * b).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    assert a.item() == 1.0
    np.testing.assert_allclose(b.array, 0, atol=1e-8)


def test_a_stop_after_nan():
    p = mg.tensor(np.array([1.0]), requires_grad=True)
    optimizer = LBFGS([p], max_iter=3)

    def closure():
        optimizer.zero_grad()
        loss = (p * float("nan")).sum()
        loss.backward()
        return loss

    assert np.isnan(optimizer.step(closure).item())


FUNCTIONS = {
    "parabola": (lambda t: (t - 3.0) ** 2, lambda t: 2 * (t - 3.0)),
    "steep": (lambda t: (t - 0.01) ** 2 * 1e4, lambda t: 2e4 * (t - 0.01)),
    "far": (lambda t: 1e-4 * (t - 200.0) ** 2, lambda t: 2e-4 * (t - 200.0)),
    "wavy": (lambda t: np.cos(3 * t) - 0.1 * t, lambda t: -3 * np.sin(3 * t) - 0.1),
    "quartic": (lambda t: (t - 2) ** 4 - t, lambda t: 4 * (t - 2) ** 3 - 1),
}


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@pytest.mark.parametrize("first", [1e-3, 1.0, 50.0])
def test_the_line_search_finds_a_point_of_the_strong_wolfe_conditions(name, first):
    f, slope = FUNCTIONS[name]

    def at(t):
        return Point(t, float(f(t)), None, float(slope(t)))

    start = at(0.0)
    assert start.slope < 0
    found = strong_wolfe(at, start, first, 1e-12, 50)
    assert found.loss <= start.loss + C1 * found.t * start.slope
    assert abs(found.slope) <= C2 * abs(start.slope)


def test_cubic_minimum_is_exact_for_a_cubic():
    """t^3 - 3 t has its minimum at 1."""

    def at(t):
        return Point(t, t**3 - 3 * t, None, 3 * t * t - 3)

    assert cubic_minimum(at(0.0), at(3.0), 0.0, 3.0) == pytest.approx(1.0, rel=1e-12)
    assert cubic_minimum(at(3.0), at(0.0), 0.0, 3.0) == pytest.approx(1.0, rel=1e-12)
    assert cubic_minimum(at(0.0), at(3.0), 2.0, 3.0) == 2.0  # within its bounds

"""Updates worked out apart from the library: the papers' pseudo-code in plain Python, numbers by
hand, and SGD's and Adam's first steps on paper."""

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim

LAYERS = [[0.5, -1.2, 3.0, 0.7], [2.0, -0.3]]


def gradient(layer, step):
    """Some gradient, different at each step; no sign that rounding could turn."""
    return [math.cos(1 + 3 * i + step) * 0.5 + 0.4 * w for i, w in enumerate(layer)]


def run(optimizer_class, steps=25, **options):
    params = [mg.tensor(np.array(layer), requires_grad=True) for layer in LAYERS]
    optimizer = optimizer_class(params, **options)
    for step in range(steps):
        for p in params:
            p.grad = mg.tensor(np.array(gradient(p.array.tolist(), step)))
        optimizer.step()
    return [p.array.tolist() for p in params]


def agree(got, expected):
    for a, b in zip(got, expected, strict=True):
        assert a == pytest.approx(b, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("decay", [0.0, 0.3])
@pytest.mark.parametrize("betas", [(0.9, 0.99), (0.3, 0.6)])
def test_lion(decay, betas):
    """Chen et al. (2023), algorithm 2."""
    lr, (beta1, beta2) = 0.03, betas
    layers = [list(layer) for layer in LAYERS]
    momenta = [[0.0] * len(layer) for layer in layers]
    for step in range(25):
        for theta, m in zip(layers, momenta, strict=True):
            g = gradient(theta, step)
            for i in range(len(theta)):
                c = beta1 * m[i] + (1 - beta1) * g[i]
                theta[i] -= lr * ((c > 0) - (c < 0) + decay * theta[i])
                m[i] = beta2 * m[i] + (1 - beta2) * g[i]
    agree(run(optim.Lion, lr=lr, betas=betas, weight_decay=decay), layers)


@pytest.mark.parametrize("decay", [0.0, 0.3])
@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.0, 0.5)])
def test_lamb(decay, betas):
    """You et al. (2020), algorithm 2, with phi(z) = z."""
    lr, eps, (beta1, beta2) = 0.05, 1e-3, betas
    layers = [list(layer) for layer in LAYERS]
    firsts = [[0.0] * len(layer) for layer in layers]
    seconds = [[0.0] * len(layer) for layer in layers]
    for step in range(25):
        for x, m, v in zip(layers, firsts, seconds, strict=True):
            g = gradient(x, step)
            u = []
            for i in range(len(x)):
                m[i] = beta1 * m[i] + (1 - beta1) * g[i]
                v[i] = beta2 * v[i] + (1 - beta2) * g[i] ** 2
                m_hat = m[i] / (1 - beta1 ** (step + 1))
                v_hat = v[i] / (1 - beta2 ** (step + 1))
                u.append(m_hat / (math.sqrt(v_hat) + eps) + decay * x[i])
            ratio = math.sqrt(sum(w * w for w in x)) / math.sqrt(sum(r * r for r in u))
            for i in range(len(x)):
                x[i] -= lr * ratio * u[i]
    agree(run(optim.LAMB, lr=lr, betas=betas, eps=eps, weight_decay=decay), layers)


@pytest.mark.parametrize("decay", [0.0, 0.3])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_lars(decay, momentum):
    """You, Gitman & Ginsburg (2017), algorithm 1, at a global rate that does not decay."""
    lr, eta = 0.7, 0.02
    layers = [list(layer) for layer in LAYERS]
    velocities = [[0.0] * len(layer) for layer in layers]
    for step in range(25):
        for w, v in zip(layers, velocities, strict=True):
            g = gradient(w, step)
            size_w, size_g = (math.sqrt(sum(a * a for a in x)) for x in (w, g))
            local = eta * size_w / (size_g + decay * size_w)
            for i in range(len(w)):
                v[i] = momentum * v[i] + lr * local * (g[i] + decay * w[i])
            for i in range(len(w)):
                w[i] -= v[i]
    options = {"lr": lr, "momentum": momentum, "trust_coefficient": eta, "weight_decay": decay}
    agree(run(optim.LARS, **options), layers)


@pytest.mark.parametrize("cls", [optim.LARS, optim.LAMB])
def test_a_layer_of_zeros_moves_and_one_without_gradient_does_not(cls):
    zeros = mg.tensor([0.0, 0.0], requires_grad=True)
    ones = mg.tensor([1.0, 1.0], requires_grad=True)
    optimizer = cls([zeros, ones], weight_decay=0.0)
    zeros.grad, ones.grad = mg.tensor([0.5, -0.5]), mg.tensor([0.0, 0.0])
    optimizer.step()
    assert zeros.array[0] == -zeros.array[1] < 0
    assert ones.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("cls", [optim.LARS, optim.LAMB])
def test_steps_do_not_depend_on_the_gradients_size(cls):
    """What layer-wise rates are for."""
    ends = []
    for scale in (1.0, 1000.0):
        p = mg.tensor(np.array([3.0, 4.0]), requires_grad=True)
        optimizer = cls([p], weight_decay=0.0, **({"eps": 0.0} if cls is optim.LAMB else {}))
        for g in ([1.0, 2.0], [-2.0, 0.5]):
            p.grad = mg.tensor(np.array(g) * scale)
            optimizer.step()
        ends.append(p.tolist())
    assert ends[0] == pytest.approx(ends[1], rel=1e-12)


def test_sgd_by_hand():
    p = mg.tensor([1.0], requires_grad=True)
    optimizer = optim.SGD([p], lr=0.5, momentum=0.5)
    positions = []
    for g in (1.0, 2.0, -1.0):  # velocities 1, 2.5, 0.25
        p.grad = mg.tensor([g])
        optimizer.step()
        positions.append(p.item())
    assert positions == [0.5, -0.75, -0.875]


def test_adam_by_hand():
    """beta1 = 1/2, beta2 = 3/4, gradients 2 and then 4, from 0.

    t = 1: m = 1, v = 1; corrected 2 and 4: the step is lr * 2 / 2.
    t = 2: m = 2.5, v = 4.75; corrected 2.5 / 0.75 and 4.75 / 0.4375.
    """
    p = mg.tensor(np.array([0.0]), requires_grad=True)
    optimizer = optim.Adam([p], lr=0.1, betas=(0.5, 0.75), eps=0.0)
    p.grad = mg.tensor(np.array([2.0]))
    optimizer.step()
    assert p.item() == pytest.approx(-0.1, rel=1e-14)
    p.grad = mg.tensor(np.array([4.0]))
    optimizer.step()
    second = 0.1 * (2.5 / 0.75) / math.sqrt(4.75 / 0.4375)
    assert p.item() == pytest.approx(-0.1 - second, rel=1e-14)
    state = optimizer.state[p]
    assert (state["step"], state["exp_avg"].item(), state["exp_avg_sq"].item()) == (2, 2.5, 4.75)


def test_adams_first_step_is_the_learning_rate():
    p = mg.tensor(np.array([1.0, 1.0, 1.0]), requires_grad=True)
    p.grad = mg.tensor(np.array([1e-4, -3.0, 2e5]))
    optim.Adam([p], lr=0.01).step()
    assert p.tolist() == pytest.approx([0.99, 1.01, 0.99], rel=1e-5)


def test_an_infinite_second_moment_stays_infinite():
    """A gradient whose square is too large for float32 stops its element, and makes no NaN."""
    p = mg.tensor([1.0], requires_grad=True)
    optimizer = optim.Adam([p], lr=0.1)
    for g in (1e30, 1.0, 1.0):
        p.grad = mg.tensor([g])
        optimizer.step()
    assert p.item() == 1.0


@pytest.mark.parametrize("shape", [(4, 4), (3, 7), (9, 2), (1, 5)])
def test_muon_steps_are_nearly_orthogonal(shape):
    x = np.random.default_rng(0).standard_normal(shape)
    y = optim.muon.orthogonalize(x, (3.4445, -4.7750, 2.0315), 5)
    u, _, v = np.linalg.svd(x, full_matrices=False)
    assert np.linalg.svd(u.T @ y @ v.T)[1] == pytest.approx(np.ones(min(shape)), abs=0.35)
    off = u.T @ y @ v.T
    np.testing.assert_allclose(off - np.diag(np.diag(off)), 0, atol=1e-9)  # the same vectors


def test_adafactor_remembers_a_row_and_a_column():
    p = mg.tensor(np.ones((2, 30, 40)), requires_grad=True)
    p.grad = mg.tensor(np.ones((2, 30, 40)))
    optimizer = optim.Adafactor([p])
    optimizer.step()
    state = optimizer.state[p]
    assert (state["row_var"].shape, state["col_var"].shape) == ((2, 30, 1), (2, 1, 40))
    assert "variance" not in state


def test_rprop_by_hand():
    """Step sizes 0.1; * 1.2 while the sign stays, * 0.5 and no step when it turns."""
    p = mg.tensor(np.array([0.0]), requires_grad=True)
    optimizer = optim.Rprop([p], lr=0.1)
    positions = []
    for g in (3.0, 1.0, -1.0, -1.0, -5.0):
        p.grad = mg.tensor(np.array([g]))
        optimizer.step()
        positions.append(p.item())
    assert positions == pytest.approx([-0.1, -0.22, -0.22, -0.16, -0.088])


def test_asgd_averages_from_t0_on():
    p = mg.tensor(np.array([0.0]), requires_grad=True)
    optimizer = optim.ASGD([p], lr=1.0, lambd=0.0, t0=1)
    positions = []
    for g in (-1.0, -2.0, 3.0, -5.0):
        p.grad = mg.tensor(np.array([g]))
        optimizer.step()
        positions.append(p.item())
    assert positions == [1.0, 3.0, 0.0, 5.0]
    # mu = 1, 1, 1, 1/2 in the four steps: the average of the last two positions.
    assert optimizer.state[p]["ax"].item() == 2.5

"""Scripts of somebody's first week with PyTorch: curves fitted by hand, by autograd, by a module.

Each is a function of the library `T`, torch or minigrad, and yields the loss of every step.
`start(T, net)` gives a network the same initial weights in both.
"""

import math
import random

import numpy as np


def start(T, net, seed=0):
    """Load the same random numbers into every parameter of `net`, whichever library it is of."""
    rng = np.random.default_rng(seed)
    state = {
        name: T.from_numpy(rng.normal(0, 0.3, tuple(value.shape))).to(value.dtype)
        for name, value in net.state_dict().items()
        if value.is_floating_point() and "running" not in name
    }
    net.load_state_dict(state, strict=False)
    return net


def cubic_by_hand(T):
    """y = a + b x + c x^2 + d x^3, gradients written out."""
    device, dtype = T.device("cpu"), T.float64
    x = T.linspace(-math.pi, math.pi, 200, device=device, dtype=dtype)
    y = T.sin(x)
    a, b, c, d = (T.full((), v, device=device, dtype=dtype) for v in (0.1, -0.2, 0.05, 0.3))
    learning_rate = 1e-5
    for _ in range(20):
        y_pred = a + b * x + c * x**2 + d * x**3
        yield (y_pred - y).pow(2).sum().item()
        grad_y_pred = 2.0 * (y_pred - y)
        a -= learning_rate * grad_y_pred.sum()
        b -= learning_rate * (grad_y_pred * x).sum()
        c -= learning_rate * (grad_y_pred * x**2).sum()
        d -= learning_rate * (grad_y_pred * x**3).sum()


def cubic_by_autograd(T):
    """The same, with requires_grad, backward and updates under no_grad."""
    x = T.linspace(-math.pi, math.pi, 200)
    y = T.sin(x)
    a = T.tensor(0.1, requires_grad=True)
    b = T.tensor(-0.2, requires_grad=True)
    c = T.tensor(0.05, requires_grad=True)
    d = T.tensor(0.3, requires_grad=True)
    for step in range(20):
        loss = (a + b * x + c * x**2 + d * x**3 - y).pow(2).sum()
        yield loss.item()
        loss.backward()
        with T.no_grad():
            for p in (a, b, c, d):
                p -= 1e-5 * p.grad
                if step % 2:
                    p.grad = None
                else:
                    p.grad.zero_()


def legendre_by_function(T):
    """y = a + b P3(c + d x): P3 is an autograd.Function with a backward of its own."""

    class LegendrePolynomial3(T.autograd.Function):
        @staticmethod
        def forward(ctx, input):
            ctx.save_for_backward(input)
            return 0.5 * (5 * input**3 - 3 * input)

        @staticmethod
        def backward(ctx, grad_output):
            (input,) = ctx.saved_tensors
            return grad_output * 1.5 * (5 * input**2 - 1)

    x = T.linspace(-math.pi, math.pi, 200)
    y = T.sin(x)
    a, b, c, d = (T.full((), v, requires_grad=True) for v in (0.0, -1.0, 0.0, 0.3))
    P3 = LegendrePolynomial3.apply
    for _ in range(20):
        loss = (a + b * P3(c + d * x) - y).pow(2).sum()
        yield loss.item()
        loss.backward()
        with T.no_grad():
            for p in [a, b, c, d]:
                p.sub_(5e-6 * p.grad)
                p.grad.zero_()


def cubic_module(T):
    """The cubic as an nn.Module of four nn.Parameters, with MSELoss and SGD."""

    class Polynomial3(T.nn.Module):
        def __init__(self):
            super().__init__()
            self.a = T.nn.Parameter(T.randn(()))
            self.b = T.nn.Parameter(T.randn(()))
            self.c = T.nn.Parameter(T.randn(()))
            self.d = T.nn.Parameter(T.randn(()))

        def forward(self, x):
            return self.a + self.b * x + self.c * x**2 + self.d * x**3

        def string(self):
            return f"{self.a.item():.6f} + {self.b.item():.6f} x"

    x = T.linspace(-math.pi, math.pi, 200)
    y = T.sin(x)
    model = start(T, Polynomial3())
    criterion = T.nn.MSELoss(reduction="sum")
    optimizer = T.optim.SGD(model.parameters(), lr=1e-5)
    for _ in range(20):
        y_pred = model(x)
        loss = criterion(y_pred, y)
        yield loss.item()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert "x" in model.string()


def cubic_sequential(T):
    """Powers of x as features, nn.Sequential, Flatten, RMSprop."""
    x = T.linspace(-math.pi, math.pi, 200)
    xx = x.unsqueeze(-1).pow(T.tensor([1, 2, 3]))
    model = start(T, T.nn.Sequential(T.nn.Linear(3, 1), T.nn.Flatten(0, 1)))
    loss_fn = T.nn.MSELoss(reduction="sum")
    optimizer = T.optim.RMSprop(model.parameters(), lr=1e-3)
    for _ in range(20):
        loss = loss_fn(model(xx), T.sin(x))
        yield loss.item()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    linear = model[0]
    assert linear.bias.shape == (1,)
    assert tuple(linear.weight[:, 0].size()) == (1,)


def control_flow(T):
    """A polynomial whose last weight is used a random number of times, with momentum."""

    class DynamicNet(T.nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.e = (T.nn.Parameter(T.zeros(())) for _ in range(3))

        def forward(self, x):
            y = self.a + self.b * x
            for exponent in range(4, random.randint(4, 6)):
                y = y + self.e * x**exponent
            return y

    random.seed(0)
    x = T.linspace(-1, 1, 100)
    model = start(T, DynamicNet())
    optimizer = T.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
    for _ in range(20):
        loss = T.nn.functional.mse_loss(model(x), T.sin(3 * x), reduction="sum")
        yield loss.item()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()


def second_derivative(T):
    """Solve u'' = -u, u(0) = 0, u'(0) = 1 by a network whose loss has its second derivative."""
    net = start(T, T.nn.Sequential(T.nn.Linear(1, 16), T.nn.Tanh(), T.nn.Linear(16, 1)))
    optimizer = T.optim.Adam(net.parameters(), lr=1e-2)
    x = T.linspace(0, 3, 30).reshape(-1, 1).requires_grad_(True)

    def derivative(u, x):
        return T.autograd.grad(u, x, grad_outputs=T.ones_like(u), create_graph=True)[0]

    for _ in range(20):
        u = net(x)
        du = derivative(u, x)
        ddu = derivative(du, x)
        loss = T.mean((ddu + u) ** 2) + u[0].square().squeeze() + (du[0, 0] - 1.0) ** 2
        yield loss.item()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def jacobian_and_hessian(T):
    """Both by loops over autograd.grad; what is yielded are their entries."""
    x = T.tensor([0.3, -0.5, 1.2], requires_grad=True)
    y = T.stack([x[0] * x[1], x.sin().prod(), T.exp(-x.norm())])
    rows = [T.autograd.grad(y[i], x, retain_graph=True)[0] for i in range(len(y))]
    yield from T.stack(rows).flatten().tolist()

    def f(x):
        return (x.prod() ** 2).log() + T.dot(x, x) ** 2

    (g,) = T.autograd.grad(f(x), x, create_graph=True)
    for i in range(x.numel()):
        (row,) = T.autograd.grad(g[i], [x], retain_graph=True)
        yield from row.tolist()
    yield from T.func.hessian(f)(x.detach()).flatten().tolist()
    yield from T.func.jacrev(lambda x: T.outer(x, x)[0])(x.detach()).view(-1)


def lbfgs_closure(T):
    """The Rosenbrock function by L-BFGS with a closure and a line search."""
    xy = T.nn.Parameter(T.tensor([-1.0, 1.5]))
    optimizer = T.optim.LBFGS([xy], lr=1, max_iter=4, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = (1 - xy[0]) ** 2 + 100 * (xy[1] - xy[0] ** 2) ** 2
        loss.backward()
        return loss

    for _ in range(8):
        yield optimizer.step(closure).item()


SCRIPTS = [
    cubic_by_hand,
    cubic_by_autograd,
    legendre_by_function,
    cubic_module,
    cubic_sequential,
    control_flow,
    second_derivative,
    jacobian_and_hessian,
    lbfgs_closure,
]

"""Random programs on Tensors, run by minigrad and by PyTorch: the same values, the same gradients.

A program is drawn from a seed, step by step: ops, views of views, writes through them, every kind
of index, no_grad, hooks, several backwards, gradients of gradients. What can be drawn depends only
on shapes and dtypes, so both libraries draw the same program as long as they agree, and the first
step at which their traces differ is the one to look at: `explain(seed)` prints them.

    python -c "from tests.parity.test_autograd import explain; explain(7)"
"""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

import minigrad as mg

torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.parity,
    # What PyTorch thinks of some random programs.
    pytest.mark.filterwarnings(r"ignore:var\(\).*degrees of freedom is <= 0:UserWarning"),
    pytest.mark.filterwarnings("ignore:Use of .* on expanded tensors is deprecated:UserWarning"),
]

ERRORS = (RuntimeError, ValueError, IndexError, TypeError, StopIteration)

# Where PyTorch refuses what is done here, and right: it wants equal dtypes, no overlap of source
# and destination, and nothing done to one of several views; it saves other arrays than minigrad.
ONLY_THEY_REFUSE = (
    "dtypes match", "single memory location", "modified by an inplace", "multiple views",
    "a leaf Variable that requires grad",
)  # fmt: skip
# And the other way: NumPy's expanded memory is read-only, and a graph of a gradient computes
# again what it has not kept, for which its inputs must be as they were.
ONLY_WE_REFUSE = ("lie in one place", "read-only", "has since written to it")


class Program:
    """One random program, run by `lib`. `trace` is what it did and what came of it."""

    def __init__(self, seed: int, lib):
        self.dice = random.Random(seed)
        self.numbers = np.random.default_rng(seed)
        self.lib = lib
        self.trace: list[tuple] = []  # (what was done, state, state, ...)
        self.seen: list[tuple] = []  # by hooks
        self.handles: list = []
        self.replacing = False  # is there a hook that replaces the gradient?
        self.pool = [
            self.leaf((2, 3)), self.leaf((3,)), self.leaf(()), self.leaf((3, 3)),
            self.leaf((2, 2), grad=False), self.leaf((3,), np.float32),
            self.leaf((), np.float32, grad=False), self.leaf((0, 3)), self.leaf((2, 3), grad=False),
        ]  # fmt: skip
        self.leaves = [t for t in self.pool if t.requires_grad]

    def leaf(self, shape, dtype=np.float64, grad=True):
        x = self.lib.tensor(self.numbers.uniform(0.2, 1.4, shape).astype(dtype))
        return x.requires_grad_() if grad else x

    def zeros(self, x):
        return self.lib.zeros(tuple(x.shape), dtype=x.dtype)

    # ---------------------------------------------------------------- what is drawn

    def pick(self):
        """A Tensor; one of the latest most often, so that chains grow long."""
        return self.dice.choice(self.pool[-4:] if self.dice.random() < 0.6 else self.pool)

    def axis(self, x):
        return self.dice.randrange(-x.ndim, x.ndim) if x.ndim else 0

    def index(self, x):
        """An index into x: integers, slices, None, ellipsis, arrays, masks, and mixtures."""
        d, shape = self.dice, tuple(x.shape)
        n, last = (shape[0], shape[-1]) if shape else (1, 1)
        kind = d.choice(["basic", "basic", "basic", "rows", "mask", "row mask", "pair", "0-d"])
        if kind == "rows":
            return self.lib.tensor(np.array(d.sample(range(n), d.randint(0, n)), np.int64))
        if kind == "mask":
            mask = [d.random() < 0.5 for _ in range(math.prod(shape))]
            return self.lib.tensor(np.array(mask, bool).reshape(shape))
        if kind == "row mask":
            return self.lib.tensor(np.array([d.random() < 0.5 for _ in range(n)], bool))
        if kind == "pair":
            k = self.lib.tensor(np.array([0, 1]))
            return k % max(n, 1), k % max(last, 1)
        if kind == "0-d":
            return self.lib.tensor(np.array(1)) % max(n, 1)
        parts = []
        for size in shape[: d.randint(0, len(shape))]:
            which = d.randrange(4)
            if which == 0 and size:
                parts.append(d.randrange(-size, size))
            elif which == 1:
                parts.append(slice(d.choice([None, 0, 1]), d.choice([None, 2, -1])))
            else:
                parts.append(slice(None))
        if d.random() < 0.2:
            parts.insert(d.randint(0, len(parts)), None)
        if d.random() < 0.3:
            parts.append(...)
        return tuple(parts) if len(parts) != 1 or d.random() < 0.5 else parts[0]

    # ---------------------------------------------------------------- the kinds of step
    # Each draws everything first and returns (its name, the function that does it).

    def unary(self):
        x = self.pick()
        name = self.dice.choice(["tanh", "sin", "neg", "relu", "abs", "sigmoid", "square", "clone",
                                 "exp", "sum", "double", "float"])  # fmt: skip
        return name, lambda: getattr(x.clamp(-3, 3) if name == "exp" else x, name)()

    def binary(self):
        x, y = self.pick(), self.pick()
        name = self.dice.choice(["add", "sub", "mul", "maximum", "minimum", "where", "matmul"])
        if name == "where":
            return name, lambda: self.lib.where(x > 0.5, x, y)
        if name in ("add", "sub", "mul") and self.dice.random() < 0.2:
            y = self.dice.choice([2, 0.5])
        return name, lambda: getattr(x, name)(y)

    def reduce(self):
        x = self.pick()
        dim = self.axis(x)
        name = self.dice.choice(["sum", "mean", "max", "min", "sort", "topk", "cumsum", "prod",
                                 "amax", "logsumexp", "softmax", "var"])  # fmt: skip
        if name in ("max", "min", "sort"):
            return name, lambda: getattr(self.untied(x), name)(dim=dim)[0]
        if name == "topk":
            k = min(2, x.shape[dim] if x.ndim else 1)
            return name, lambda: self.untied(x).topk(k, dim=dim)[0]
        if name == "var":
            return name, lambda: x.var(dim=dim, unbiased=False)
        return name, lambda: getattr(x, name)(dim=dim)

    def untied(self, x):
        """x with no two elements equal: which of them is the largest is not for us to compare."""
        ramp = np.arange(math.prod(x.shape)).reshape(tuple(x.shape)) * 0.01
        return x + self.lib.tensor(ramp).to(x.dtype)

    def view(self):
        x = self.pick()
        dim = self.axis(x)
        n = x.shape[dim] if x.ndim else 1
        index = self.index(x)
        cuts = {
            "transpose": lambda: x.transpose(dim, -1 if x.ndim else 0),
            "reshape": lambda: x.reshape(-1),
            "view": lambda: x.view(tuple(x.shape[::-1])),
            "expand": lambda: x.expand(2, *x.shape),
            "diagonal": lambda: x.diagonal(),
            "unbind": lambda: x.unbind(dim)[0],
            "split": lambda: x.split(1, dim)[-1],
            "chunk": lambda: x.chunk(2, dim)[0],
            "narrow": lambda: x.narrow(dim, 0, max(n - 1, 0)),
            "select": lambda: x.select(dim, n - 1),
            "unsqueeze": lambda: x.unsqueeze(dim),
            "squeeze": lambda: x.squeeze(),
            "flatten": lambda: x[None].flatten(),
            "mT": lambda: x.mT if x.ndim else x[None],
            "detach": lambda: x.detach(),
            "iterate": lambda: next(iter(x)),
            f"[{show(index)}]": lambda: x[index],
        }
        name = self.dice.choice([*cuts, list(cuts)[-1]])
        return name, cuts[name]

    def write(self):
        x, y = self.pick(), self.pick()
        index = self.index(x)
        value = self.dice.choice([y, 0.125, self.pool[2]])
        factor = self.dice.choice([y, y, 2.0])

        def assign():
            x[index] = value

        def zero_part():
            x[index].zero_()

        writes = {
            "add_": lambda: x.add_(factor),
            "mul_": lambda: x.mul_(factor),
            "sub_": lambda: x.sub_(factor),
            "zero_": lambda: x.zero_(),
            "relu_": lambda: x.relu_(),
            "tanh_": lambda: x.tanh_(),
            "fill_": lambda: x.fill_(0.25),
            "fill_ with a tensor": lambda: x.fill_(self.pool[2] * 2),
            "copy_": lambda: x.copy_(y),
            "clamp_": lambda: x.clamp_(0.3, 0.9),
            "masked_fill_": lambda: x.masked_fill_(y > 0.7, 0.5),
            f"[{show(index)}].zero_": zero_part,
            f"[{show(index)}] = {value if isinstance(value, float) else 'tensor'}": assign,
        }
        name = self.dice.choice([*writes, *[list(writes)[-1]] * 3])
        return name, lambda: (writes[name](), x)[1]

    def silent(self):
        """A computation or a write under no_grad."""
        name, run = self.dice.choice([self.unary, self.write])()

        def under():
            with self.lib.no_grad():
                return run()

        return f"no_grad: {name}", under

    def hook(self):
        x, mark = self.pick(), len(self.trace)
        kind = self.dice.choice(["observe", "replace", "retain_grad", "remove a hook"])

        def attach():
            if kind == "retain_grad":
                x.retain_grad()
            elif kind == "observe":
                self.handles.append(x.register_hook(lambda g: self.saw(mark, g)))
            elif kind == "replace":
                self.replacing = True
                self.handles.append(x.register_hook(lambda g: g * 1.5))
            elif self.handles:
                self.handles[-1].remove()
            return x

        return kind, attach

    def saw(self, mark, g):
        self.seen.append((mark, to_numpy(g)))

    def differentiate(self):
        """Gradients with respect to some of the pool, which may be part of the program's rest."""
        y, xs = self.pick(), [self.pick() for _ in range(self.dice.randint(1, 2))]
        how = self.dice.choice(["grad", "create_graph", "backward", "inputs"])
        weight = self.lib.tensor(np.full(tuple(y.shape), 0.75))

        def grad():
            ws = weight.to(y.dtype)
            if how in ("backward", "inputs"):
                y.backward(ws, retain_graph=True, inputs=xs if how == "inputs" else None)
                return []
            gs = self.lib.autograd.grad(
                y, xs, ws, retain_graph=True, create_graph=how == "create_graph", allow_unused=True
            )
            gs = [self.zeros(x) if g is None else g for x, g in zip(xs, gs, strict=True)]
            self.pool += gs
            return gs

        return how, grad

    def run(self, steps: int):
        for _ in range(steps):
            kind = self.dice.choice(
                [self.unary] * 4 + [self.binary] * 5 + [self.reduce] * 3 + [self.view] * 6
                + [self.write] * 5 + [self.silent, self.hook, self.differentiate]
            )  # fmt: skip
            name, run = kind()
            try:
                out = run()
                states = [state(t) for t in (out if isinstance(out, list) else [out])]
            except ERRORS as error:
                self.trace.append((name, error))
                if kind == self.differentiate:
                    break
                continue
            self.trace.append((name, *states))
            if not isinstance(out, list) and not any(out is t for t in self.pool):
                self.pool.append(out)
        self.at_the_end()
        return self

    def at_the_end(self):
        """Derivatives of everything with respect to the leaves."""
        y = None
        for order in ("first", "first, create_graph", "second", "third"):
            try:
                if y is None:
                    y = sum((t.double() * 1.25).sum() for t in self.pool if t.requires_grad)
                gs = self.lib.autograd.grad(
                    y, self.leaves, create_graph=order != "first", retain_graph=True,
                    allow_unused=True,
                )  # fmt: skip
            except ERRORS as error:
                self.trace.append((order, error))
                break
            self.trace.append((order, *[state(g) for g in gs]))
            if order != "first":
                # A higher derivative passes x or f(x), whichever an op has saved: so its way by
                # the hooks is no two libraries' same.
                if self.replacing:
                    break
                while self.handles:
                    self.handles.pop().remove()
                # Something is added, so that what is constant has a derivative too: 0.
                y = sum((g.double() ** 2).sum() for g in gs if g is not None)
                y = y + sum((0 * x).sum() for x in self.leaves)
        self.trace.append((".grad", *[state(t.grad) for t in self.leaves]))
        self.trace.append(("values", *[(to_numpy(t),) for t in self.pool]))


def show(index) -> str:
    if isinstance(index, tuple):
        return ", ".join(map(show, index))
    return str(to_numpy(index).tolist()) if hasattr(index, "detach") else str(index)


def to_numpy(t):
    return t.numpy(force=True).copy()


def state(t):
    """(values, requires_grad, is_leaf)"""
    return None if t is None else (to_numpy(t), bool(t.requires_grad), bool(t.is_leaf))


def difference(a, b, flags):
    """What is different between two states, or None. No gradient is as good as zeros."""
    if a is None or b is None:
        return None if a is b or np.allclose((a or b)[0], 0) else f"{a} | {b}"
    if a[0].shape != b[0].shape or a[0].dtype != b[0].dtype:
        return f"{a[0].dtype}{a[0].shape} | {b[0].dtype}{b[0].shape}"
    if flags and a[1:] != b[1:]:
        return f"(requires_grad, is_leaf): {a[1:]} | {b[1:]}"
    if not np.allclose(a[0], b[0], rtol=1e-4, atol=1e-4, equal_nan=True):  # some is float32
        return f"{a[0]} | {b[0]}"
    return None


def compare(seed, steps=14):
    """The first difference between minigrad and PyTorch in program `seed`, or None."""
    with np.errstate(all="ignore"):
        ours, theirs = Program(seed, mg).run(steps), Program(seed, torch).run(steps)
    flags = True
    for n, ((what, *a), (what_they_did, *b)) in enumerate(
        zip(ours.trace, theirs.trace, strict=False)
    ):
        at = f"program {seed}, step {n}: {what}: "
        if what != what_they_did:
            return f"{at}{what_they_did}"
        we_raised, they_raised = (bool(s) and isinstance(s[0], Exception) for s in (a, b))
        if they_raised and any(text in str(b[0]) for text in ONLY_THEY_REFUSE):
            return None  # from here on they are different programs
        if we_raised and any(text in str(a[0]) for text in ONLY_WE_REFUSE):
            return None
        if we_raised != they_raised:
            return f"{at}{a[0] if we_raised else 'fine'} | {b[0] if they_raised else 'fine'}"
        if we_raised:
            continue
        # Whether a derivative that is constant requires grad is an accident of its formula.
        flags = flags and what not in ("create_graph", "first")
        for s, t in zip(a, b, strict=True):
            why = difference(s, t, flags)
            if why:
                return at + why
    saw, they_saw = (sorted(((m, g.tolist()) for m, g in p.seen if np.any(g)), key=str)
                     for p in (ours, theirs))  # fmt: skip
    if [m for m, _ in saw] != [m for m, _ in they_saw] or any(
        not np.allclose(g, h, rtol=1e-4, atol=1e-4)
        for (_, g), (_, h) in zip(saw, they_saw, strict=True)
    ):
        return f"program {seed}: hooks saw {saw} | {they_saw}"
    return None


def explain(seed, steps=14):
    """Print program `seed` step by step, as both run it."""
    ours, theirs = Program(seed, mg).run(steps), Program(seed, torch).run(steps)
    for (what, *a), (_, *b) in zip(ours.trace, theirs.trace, strict=False):
        print(what, *[s[0] if isinstance(s, tuple) else s for s in [*a, "|", *b]])
    print(compare(seed, steps))


@pytest.mark.parametrize("seed", range(400))
def test_short_programs(seed):
    assert compare(seed) is None


@pytest.mark.parametrize("seed", range(100))
def test_long_programs(seed):
    assert compare(seed, steps=40) is None


def test_post_accumulate_grad_hooks():
    """Which leaves are told of their gradient, in which order, with what in .grad."""

    def told(lib):
        events = []
        a, b, c = (lib.tensor(float(i), requires_grad=True) for i in (2, 3, 5))
        for name, x in (("a", a), ("b", b), ("c", c)):
            x.register_post_accumulate_grad_hook(
                lambda x, name=name: events.append((name, x.grad.item()))
            )
        ((a * b).sin() * c + b).backward()
        (a * c).backward()
        (a * c).backward(inputs=[a])
        lib.autograd.grad(a * c, [a, c])
        return sorted(events[:3]), sorted(events[3:5]), events[5:]

    ours, theirs = told(mg), told(torch)
    for one, other in zip(ours, theirs, strict=True):
        assert [name for name, _ in one] == [name for name, _ in other]
        for (_, x), (_, y) in zip(one, other, strict=True):
            assert x == pytest.approx(y, rel=1e-6)

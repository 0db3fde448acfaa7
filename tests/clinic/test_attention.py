"""Someone plants a fault in attention: gradcheck says which line, in one step."""

from __future__ import annotations

import linecache
import math

import numpy as np
import pytest

import minigrad as mg
from minigrad.graph import Op, run

OP = """
def attention(q, k, v):
    scale = 1 / math.sqrt(q.shape[-1])
    s = q @ k.T * scale
    e = np.exp(s - s.max(-1, keepdims=True))
    p = e / e.sum(-1, keepdims=True)

    def pull(g):
        dv = p.T @ g
        dp = g @ v.T
        ds = p * (dp - (dp * p).sum(-1, keepdims=True))
        dq = ds @ k * scale
        dk = ds.T @ q * scale
        return dq, dk, dv

    return p @ v, pull
"""
OP_FAULTS = {
    "factor-not-transposed": ("dk = ds.T @ q * scale", "dk = ds @ q * scale"),
    "softmax-missing-sum": ("ds = p * (dp - (dp * p).sum(-1, keepdims=True))", "ds = p * dp"),
    "wrong-axis": ("(dp * p).sum(-1, keepdims=True)", "(dp * p).sum(0, keepdims=True)"),
    "missing-factor": ("dq = ds @ k * scale", "dq = ds @ k"),
    "wrong-sign": ("dp - (dp * p)", "dp + (dp * p)"),
}
COMPOSED = """
def attention(q, k, v):
    scale = 1 / math.sqrt(q.shape[-1])
    s = matmul(q, k.T) * scale
    s = s - s.amax(-1, keepdim=True).detach()
    e = s.exp()
    p = e / e.sum(-1, keepdim=True)
    return matmul(p, v)
"""
COMPOSED_FAULTS = {
    "a detached sum": ("e.sum(-1, keepdim=True)", "e.sum(-1, keepdim=True).detach()"),
    "detached scores": ("e = s.exp()", "e = s.detach().exp()"),
    "detached keys": ("matmul(q, k.T)", "matmul(q, k.detach().T)"),
    "a sum under no_grad": (
        "p = e / e.sum(-1, keepdim=True)",
        "with mg.no_grad():\n        total = e.sum(-1, keepdim=True)\n    p = e / total",
    ),
    "an op of one's own": ("return matmul(p, v)", "return careless_matmul(p, v)"),
}


@mg.op
def careless_matmul(x, w):
    return x @ w, lambda g: (g @ w.T, (g.T @ x).T * 2)


def made(source: str, name: str):
    """The function, with a source that can be looked up, as a student's file has."""
    assert "attention" in source
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    scope = {"np": np, "mg": mg, "math": math, "matmul": mg.matmul,
             "careless_matmul": careless_matmul}  # fmt: skip
    exec(compile(source, name, "exec"), scope)
    return scope["attention"]


def line_of(source: str, text: str) -> int:
    return next(i for i, line in enumerate(source.splitlines(), 1) if text in line)


def inputs():
    rng = np.random.default_rng(0)
    return [mg.tensor(rng.standard_normal((3, 3)), requires_grad=True) for _ in range(3)]


def test_both_are_right_without_a_fault():
    spec = Op(made(OP, "student_op.py"))
    assert mg.gradcheck(lambda *args: run(spec, args, {}), inputs())
    assert mg.gradcheck(made(OP, "student_op.py"), inputs())  # undecorated
    assert mg.gradcheck(made(COMPOSED, "student.py"), inputs())


@pytest.mark.parametrize("code", OP_FAULTS)
def test_a_fault_in_the_op(code):
    right, wrong = OP_FAULTS[code]
    source = OP.replace(right, wrong)
    assert source != OP
    report = mg.gradcheck(made(source, "student_op.py"), inputs(), raise_exception=False)
    assert report.diagnoses[0].code == code
    first = str(report).split("  2. ")[0]
    assert f"student_op.py:{line_of(source, wrong)}: " in first


@pytest.mark.parametrize("name", COMPOSED_FAULTS)
def test_a_fault_in_the_composition(name):
    right, wrong = COMPOSED_FAULTS[name]
    source = COMPOSED.replace(right, wrong)
    assert source != COMPOSED
    report = mg.gradcheck(made(source, "student.py"), inputs(), raise_exception=False)
    first = str(report).split("  2. ")[0]
    line = line_of(source, "total = " if "total" in wrong else wrong)
    assert f"student.py:{line}" in first
    best = report.diagnoses[0]
    assert best.code == ("missing-factor" if name == "an op of one's own" else "dropped-term")


def test_the_repair_is_written_out():
    right, wrong = OP_FAULTS["factor-not-transposed"]
    report = mg.gradcheck(made(OP.replace(right, wrong), "student_op.py"), inputs(),
                          raise_exception=False)  # fmt: skip
    assert (
        "With `ds.swapaxes(-1, -2) @ q` for `ds @ q` in this line the gradients of all arguments "
        "that were checked agree with the differences." in str(report)
    )


def test_the_missing_factor_is_called_by_its_name():
    """`ds * 0.5` would put dk right too, but dq wrong: it is not offered."""
    wrong = OP.replace("dk = ds.T @ q * scale", "dk = ds.T @ q")
    report = mg.gradcheck(made(wrong, "student_op.py"), inputs(), raise_exception=False)
    best = report.diagnoses[0]
    assert (best.code, best.argument) == ("missing-factor", 1)
    assert "With `ds.T @ q * scale` for `ds.T @ q` in this line" in best.repair
    assert "times what it should be" in str(report)
    assert str(report).count("`ds.T @ q * scale`") == 1


def test_of_two_faults_neither_is_offered_as_the_repair():
    """Each change puts one gradient right, but not all that were checked."""

    def linear(x, w):
        return x @ w, lambda g: (g @ w, x @ g)

    a = np.random.default_rng(1).standard_normal((3, 3))
    report = mg.gradcheck(linear, (a, a @ a), raise_exception=False)
    assert report.diagnoses[0].code == "factor-not-transposed"
    assert [d.repair for d in report.diagnoses if d.repair] == []

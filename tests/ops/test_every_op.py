"""Every op there is, found by itself, on every sample of its inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad import autograd, ops
from minigrad.graph import OPS, Value, wrap
from tests.ops.samples import SAMPLES, Sample, load_all
from tests.strict_array import StrictArray

load_all()
CASES = [
    pytest.param(name, sample, id=f"{name}{sample}")
    for name, entry in sorted(SAMPLES.items())
    for sample in entry.make(np.random.default_rng(0))
]
COVERED = set(SAMPLES) | {c for entry in SAMPLES.values() for c in entry.covers}
# Ops that this test session itself has made (in doctests, say) are no business of the library's.
LIBRARY = {n for n, call in OPS.items() if call.spec.fn.__module__.startswith("minigrad.")}


ELSEWHERE = {"to_device"}  # tests/test_device.py: its results are on another device by purpose


def test_every_op_has_samples():
    missing = sorted(LIBRARY - COVERED - ELSEWHERE)
    assert not missing, "ops without sample inputs in tests/ops/samples/"


def test_no_samples_of_ops_that_do_not_exist():
    missing = {n for n in COVERED if n not in OPS and not hasattr(ops, n)}
    assert not missing, "samples of names that minigrad.ops does not have"


def function_of(name: str) -> Any:
    return getattr(ops, name, None) or OPS[name]


def flatten(x: Any) -> list:
    """The arrays in nested lists and tuples."""
    if isinstance(x, (list, tuple)):
        return [leaf for item in x for leaf in flatten(item)]
    return [x] if isinstance(x, (np.ndarray, Value, StrictArray)) else []


def rebuild(x: Any, leaves: Any) -> Any:
    """x with its arrays replaced, in order, by those of the iterator `leaves`."""
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*(rebuild(item, leaves) for item in x))
    if isinstance(x, (list, tuple)):
        return type(x)(rebuild(item, leaves) for item in x)
    return next(leaves) if isinstance(x, np.ndarray) else x


class Call:
    """One sample as a function of its differentiable arrays alone."""

    def __init__(self, name: str, sample: Sample):
        self.fn = function_of(name)
        self.sample = sample
        self.structure = (tuple(sample.args), dict(sample.kwargs))
        constants = {id(a) for i in sample.constant for a in flatten(sample.args[i])}
        self.leaves = flatten(sample.args) + flatten(list(sample.kwargs.values()))
        self.places = [
            i for i, a in enumerate(self.leaves) if a.dtype == np.float64 and id(a) not in constants
        ]

    def run(self, leaves: list) -> Any:
        args, kwargs = self.structure
        source = iter(leaves)
        args = rebuild(args, source)
        kwargs = {k: rebuild(v, source) for k, v in kwargs.items()}
        return self.fn(*args, **kwargs)

    def __call__(self, *inputs: Any) -> tuple:
        """The floating results, of Tensors in the differentiable places."""
        leaves = [wrap(a) if isinstance(a, np.ndarray) else a for a in self.leaves]
        for place, x in zip(self.places, inputs, strict=True):
            leaves[place] = x
        outs = flatten(self.run(leaves))
        return tuple(y for y in outs if y.dtype.kind in "fc")

    def inputs(self) -> list:
        return [wrap(self.leaves[i].copy()).requires_grad_() for i in self.places]


@pytest.mark.parametrize(("name", "sample"), CASES)
def test_first_derivative(name, sample):
    call = Call(name, sample)
    if not call.places:
        assert all(not y.requires_grad for y in flatten(call.run(tensors(call.leaves))))
        return
    if any(y.requires_grad for y in call(*call.inputs())):
        mg.gradcheck(call, call.inputs(), atol=1e-6, rtol=1e-5)
    else:
        # Nothing floating comes out, or it comes with no gradient at all: then it must be flat.
        assert_flat(call)


def assert_flat(call: Call) -> None:
    inputs = call.inputs()
    before = [y.array.copy() for y in call(*inputs)]
    for x in inputs:
        x.array += 1e-7
    for b, y in zip(before, call(*inputs), strict=True):
        np.testing.assert_array_equal(b, y.array)


@pytest.mark.parametrize(("name", "sample"), CASES)
def test_second_derivative(name, sample):
    call = Call(name, sample)
    if not call.places or not any(y.requires_grad for y in call(*call.inputs())):
        pytest.skip("has no first derivative")
    if not SAMPLES[name].second_order:
        pytest.skip("PyTorch has no second derivative of it either")
    mg.gradgradcheck(call, call.inputs(), atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize(
    ("name", "sample"), [c for c in CASES if SAMPLES[str(c.values[0])].complex_step]
)
def test_complex_step(name, sample):
    call = Call(name, sample)
    if call.places:
        mg.gradcheck(call, call.inputs(), method="complex", atol=1e-13, rtol=1e-11)


def tensors(leaves: list) -> list:
    return [wrap(a.copy()) for a in leaves]


def gradients(call: Call, leaves: list) -> tuple[list, list]:
    """Values and gradients, with a fixed upstream gradient, as raw arrays."""
    for i in call.places:
        leaves[i].requires_grad_()
    outs = flatten(call.run(leaves))
    recorded = [y for y in outs if y.requires_grad]
    grads: Any = ()
    if recorded:
        random = np.random.default_rng(1)
        seeds = [random.standard_normal(y.shape) for y in recorded]
        pairs = zip(recorded, seeds, strict=True)
        seeds = [type_like(y.array, s.astype(y.dtype)) for y, s in pairs]
        grads = autograd.grad(
            recorded, [leaves[i] for i in call.places], [wrap(s) for s in seeds],
            materialize_grads=True,
        )  # fmt: skip
    return [y.array for y in outs], [g.array for g in grads]


def type_like(array: Any, values: Any) -> Any:
    return StrictArray(np.asarray(values)) if isinstance(array, StrictArray) else values


def assert_same(got: list, expected: list) -> None:
    assert len(got) == len(expected)
    for a, b in zip(got, expected, strict=True):
        a = a.get() if isinstance(a, StrictArray) else a
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("name", "sample"), CASES)
def test_arrays_in_arrays_out_and_nothing_written(name, sample):
    call = Call(name, sample)
    leaves = tensors(call.leaves)
    kept = [t.array.copy() for t in leaves]
    values, _ = gradients(call, leaves)
    for before, t in zip(kept, leaves, strict=True):
        np.testing.assert_array_equal(before, t.array)
    if not hasattr(call.fn, "spec"):
        return  # a function of ops; what it calls is checked by itself
    raw = flatten(call.run([a.copy() for a in call.leaves]))
    if raw:
        assert_same(raw, values)


@pytest.mark.parametrize(("name", "sample"), CASES)
def test_strided_inputs(name, sample):
    call = Call(name, sample)
    expected = gradients(call, tensors(call.leaves))
    strided = []
    for a in call.leaves:
        # The same numbers, in memory with gaps between them and the axes in another order.
        wide = np.zeros(tuple(2 * n for n in a.shape[::-1]), a.dtype).T
        view = wide[(*(slice(None, None, 2) for _ in a.shape), ...)]  # `...`: a view of 0-d too
        view[...] = a
        strided.append(wrap(view))
    got = gradients(call, strided)
    assert_same(got[0], expected[0])
    assert_same(got[1], expected[1])


@pytest.mark.parametrize(("name", "sample"), CASES)
def test_on_an_array_type_that_is_not_numpys(name, sample):
    call = Call(name, sample)
    expected = gradients(call, tensors(call.leaves))
    strict = [wrap(StrictArray(a.copy())) for a in call.leaves]
    got = gradients(call, strict)
    assert all(isinstance(a, StrictArray) for a in got[0] + got[1])
    assert_same(got[0], expected[0])
    assert_same(got[1], expected[1])

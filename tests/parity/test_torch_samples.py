"""PyTorch's own operator samples, run by name: same arguments, same results, same gradients."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest

torch = pytest.importorskip("torch")
samples = pytest.importorskip("tests.parity.torch_samples", exc_type=ImportError)

pytestmark = pytest.mark.parity
NAMES = samples.names()
LIMIT = 60  # samples of an op and dtype: a few ops have thousands


def test_the_list_is_as_long_as_it_should_be():
    assert len(NAMES) == len(set(NAMES))
    assert len(NAMES) >= 410


def cases(info, dtype, requires_grad):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        found = info.sample_inputs("cpu", dtype, requires_grad=requires_grad)
        yield from itertools.islice((s for s in found if samples.expressible(s)), LIMIT)


def run(function, sample):
    return function(sample.input, *sample.args, **sample.kwargs)


def compare(got, expected, what, rtol, atol):
    got, expected = samples.leaves(got), samples.leaves(expected)
    assert len(got) == len(expected), f"{what}: {len(got)} results, PyTorch has {len(expected)}"
    for a, b in zip(got, expected, strict=True):
        b = b.numpy(force=True)
        assert a.shape == b.shape, f"{what}: shape {a.shape}, PyTorch has {b.shape}"
        assert a.dtype == b.dtype, f"{what}: dtype {a.dtype}, PyTorch has {b.dtype}"
        scale = max(1.0, np.abs(b).max(initial=0, where=np.isfinite(b))) if b.dtype == "f4" else 1
        a = a.detach().numpy()
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol * scale, err_msg=what)


@pytest.mark.parametrize("name", NAMES)
def test_value_and_gradient_in_float64(name):
    info = samples.INFOS[name]
    if torch.float64 not in info.dtypes:
        pytest.skip("not defined for floats")
    function = samples.ours(info)
    assert function is not None, f"minigrad has no {info.name}"
    for sample in cases(info, torch.float64, info.supports_autograd):
        what = f"{name}{samples.convert((sample.input, sample.args, sample.kwargs))}"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = run(info.op, sample)
        sample_ours = samples.convert((sample.input, sample.args, sample.kwargs))
        got = function(sample_ours[0], *sample_ours[1], **sample_ours[2])
        compare(got, expected, what, 1e-9, 1e-11)
        gradients(sample, sample_ours, expected, got, what)


def gradients(sample, sample_ours, expected, got, what):
    theirs = [
        t for t in samples.leaves((sample.input, sample.args, sample.kwargs)) if t.requires_grad
    ]
    mine = [t for t in samples.leaves(sample_ours) if t.requires_grad]
    outs = [
        (a, b)
        for a, b in zip(samples.leaves(got), samples.leaves(expected), strict=True)
        if b.requires_grad and b.dtype == torch.float64
    ]
    if not theirs or not outs:
        return
    random = np.random.default_rng(0)
    seeds = [random.standard_normal(a.shape) for a, _ in outs]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected_grads = torch.autograd.grad(
            [b for _, b in outs], theirs, [torch.from_numpy(np.array(s)) for s in seeds],
            allow_unused=True, materialize_grads=True,
        )  # fmt: skip
    import minigrad as mg

    # A constant result (of zero_, say) has no graph here; PyTorch's gradient is then zero.
    mine_outs = [
        (a, mg.tensor(s)) for (a, _), s in zip(outs, seeds, strict=True) if a.requires_grad
    ]
    if mine_outs:
        ys, gs = zip(*mine_outs, strict=True)
        grads = mg.autograd.grad(ys, mine, gs, materialize_grads=True)
    else:
        grads = [mg.zeros_like(x) for x in mine]
    compare(list(grads), list(expected_grads), f"gradient of {what}", 1e-7, 1e-9)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.int64, torch.uint8, torch.bool], ids=str)
def test_value_and_dtype(name, dtype):
    info = samples.INFOS[name]
    if name == "einsum" and dtype == torch.uint8:
        pytest.skip("PyTorch's einsum is int64 where it only sums, uint8 where it multiplies")
    if dtype not in info.dtypes:
        pytest.skip(f"PyTorch has none for {dtype}")
    function = samples.ours(info)
    assert function is not None, f"minigrad has no {info.name}"
    for sample in itertools.islice(cases(info, dtype, False), 20):
        what = f"{name}{samples.convert((sample.input, sample.args, sample.kwargs))}"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = run(info.op, sample)
        x, args, kwargs = samples.convert((sample.input, sample.args, sample.kwargs))
        got = function(x, *args, **kwargs)
        if name in TIES and not dtype.is_floating_point:
            got, expected = ((), ()) if name == "argsort" else (got[0], expected[0])
        compare(got, expected, what, 2e-5, 2e-5)


# Of equal elements, which one comes first is not defined: ours are stable, PyTorch's are not.
# The values alone are compared here, the places in test_sorting.py.
TIES = ("argsort", "kthvalue", "mode", "sort", "topk")

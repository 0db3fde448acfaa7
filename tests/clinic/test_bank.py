"""Every planted fault is detected, and named; nothing right is called wrong."""

from __future__ import annotations

import time

import numpy as np
import pytest

import minigrad as mg
from minigrad.clinic import FAULTS
from tests.clinic.bank import BANK
from tests.ops.test_every_op import CASES, Call

OF_ENGINES = {"overwrites-fanout", "wrong-order"}  # faults of an engine, not of a pullback


def codes(report) -> list[str]:
    return list(dict.fromkeys(d.code for d in report.diagnoses))


@pytest.fixture(scope="module")
def reports():
    found = {}
    for entry in BANK:
        start = time.process_time()
        report = mg.gradcheck(entry.function, entry.inputs, raise_exception=False)
        found[entry.name] = report, time.process_time() - start
    return found


def test_the_bank_covers_the_table():
    assert len(BANK) >= 100
    assert {w.code for w in BANK} == set(FAULTS) - OF_ENGINES


@pytest.mark.parametrize("entry", BANK, ids=[w.name for w in BANK])
def test_is_detected_and_named(entry, reports):
    report, seconds = reports[entry.name]
    assert not report.ok
    assert entry.code in codes(report)[:3]
    assert seconds < 1
    assert entry.code in str(report)


def test_the_right_name_comes_first(reports):
    first = [w.name for w in BANK if codes(reports[w.name][0])[:1] == [w.code]]
    assert len(first) >= 0.95 * len(BANK), {w.name for w in BANK} - set(first)


@pytest.mark.parametrize(("name", "sample"), CASES)
def test_no_false_alarm(name, sample):
    call = Call(name, sample)
    if not call.places or not any(y.requires_grad for y in call(*call.inputs())):
        pytest.skip("has no gradient")
    report = mg.gradcheck(call, call.inputs(), raise_exception=False)
    assert report.ok, str(report)
    assert not report.diagnoses


RIGHT = {
    "linear": (lambda: mg.nn.Linear(3, 2), (4, 3)),
    "conv2d": (lambda: mg.nn.Conv2d(2, 3, 3, padding=1), (1, 2, 4, 3)),
    "batch norm": (lambda: mg.nn.BatchNorm1d(3), (4, 3)),
    "layer norm": (lambda: mg.nn.LayerNorm(5), (2, 5)),
    "mlp": (lambda: mg.nn.Sequential(mg.nn.Linear(3, 4), mg.nn.ReLU(), mg.nn.Linear(4, 1)), (2, 3)),
    "attention": (lambda: mg.nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0), (1, 3, 4)),
}


@pytest.mark.parametrize("name", RIGHT)
def test_layers_are_right(name):
    make, shape = RIGHT[name]
    mg.manual_seed(0)
    x = np.random.default_rng(0).standard_normal(shape)
    x = mg.tensor(x, dtype=mg.float64, requires_grad=True)
    assert mg.gradcheck(make().double(), x)  # its weights are float32's: no float32 is hidden

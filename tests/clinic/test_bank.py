"""Every planted fault is detected, and named."""

from __future__ import annotations

import time

import pytest

import minigrad as mg
from minigrad.clinic import FAULTS
from minigrad.clinic.words import SENTENCES
from tests.clinic.bank import BANK
from tests.clinic.bank_of_layers import LAYERS
from tests.clinic.bank_of_principles import PRINCIPLES

ALL = BANK + LAYERS + PRINCIPLES
OF_ENGINES = {"overwrites-fanout", "wrong-order"}  # faults of an engine, not of a pullback


def codes(report) -> list[str]:
    return list(dict.fromkeys(d.code for d in report.diagnoses))


@pytest.fixture(scope="module")
def reports():
    found = {}
    for entry in ALL:
        start = time.process_time()
        report = mg.gradcheck(entry.function, entry.inputs, raise_exception=False)
        found[entry.name] = report, time.process_time() - start
    return found


def test_the_bank_covers_the_table():
    assert len(ALL) >= 200
    assert {w.code for w in ALL} == set(FAULTS) - OF_ENGINES


@pytest.mark.parametrize("entry", ALL, ids=[w.name for w in ALL])
def test_is_detected_and_named(entry, reports):
    report, seconds = reports[entry.name]
    assert not report.ok
    assert entry.code in codes(report)[:3]
    assert seconds < 1
    assert entry.code in str(report)


def test_the_right_name_comes_first(reports):
    first = [w.name for w in ALL if codes(reports[w.name][0])[:1] == [w.code]]
    assert len(first) >= 0.95 * len(ALL), {w.name for w in ALL} - set(first)


@pytest.mark.parametrize("entry", PRINCIPLES, ids=[w.name for w in PRINCIPLES])
def test_a_principle_that_once_was_missing(entry, reports):
    assert codes(reports[entry.name][0])[0] == entry.code


def test_all_evidence_is_told_in_words(reports):
    known = {key for keys, _ in SENTENCES for key in keys}
    evidence = [d.evidence for report, _ in reports.values() for d in report.diagnoses]
    assert {key for e in evidence for key in e} <= known


def test_no_repair_spoils_another_gradient_and_no_sentence_comes_twice(reports):
    for name, (report, _) in reports.items():
        lines = [line.strip() for line in str(report).splitlines()]
        repairs = [line for line in lines if line.startswith("With ")]
        assert len(set(repairs)) == len(repairs), name
        assert len(report.likely) <= 3

"""The benchmarks run without any peer, and the table says what was measured and what is missing."""

from __future__ import annotations

import json

import pytest

from benchmarks import imports, memory, overhead, report, timing, training
from benchmarks.report import Row
from benchmarks.timing import Times


@pytest.fixture(autouse=True)
def brief(monkeypatch):
    """As short as can be: here it only matters that everything runs."""
    monkeypatch.setattr(timing, "ROUNDS", 2)
    monkeypatch.setattr(timing, "BLOCK", 1e-4)
    monkeypatch.setattr(imports, "ROUNDS", 1)


@pytest.mark.parametrize("suite", [training, overhead, memory, imports])
def test_every_suite_runs_alone(suite):
    rows = suite.rows({})
    assert all(row.values["minigrad"] > 0 and not row.ratios for row in rows)
    assert len({row.name for row in rows}) == len(rows)
    json.dumps(report.as_json(rows, {"PyTorch": "not installed"}))
    lines = report.table(rows).splitlines()
    assert len({len(line) for line in lines if line.startswith("|")}) == 1
    assert lines[2].split("|")[3].strip() == "-"  # no PyTorch here


def test_a_slow_spell_cancels():
    """In the second round everything took ten times as long; the ratio is still a half."""
    ours, theirs = Times([1.0, 10.0, 1.1]), Times([2.0, 20.0, 2.2])
    assert ours.ratio(theirs) == pytest.approx(0.5)
    assert ours.median == 1.1


def test_goals():
    times = {"minigrad": Times([1e-4]), "PyTorch": Times([2e-4])}
    assert Row.of_times("x", times, goal=0.4).met is False
    assert Row.of_times("x", times, goal=0.6).met is True
    assert Row.of_times("x", {"minigrad": Times([1.0])}, goal=0.6).met is None
    assert Row.of_times("x", times, limit=0.25).met is True
    assert "<= 0.4 of PyTorch: missed" in report.table([Row.of_times("x", times, goal=0.4)])


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1.524e-4, "s", "152 µs"),
        (0.0152, "s", "15.2 ms"),
        (1.5, "s", "1.50 s"),
        (5e-10, "s", "0.50 ns"),
        (4.1e6, "bytes", "4.10 MB"),
        (12, "bytes", "12.0 B"),
    ],
)
def test_figures_have_three_digits(value, unit, text):
    assert report.shown(value, unit) == text

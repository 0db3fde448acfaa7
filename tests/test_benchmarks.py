"""The benchmarks run without any peer, and the table says what was measured and what is missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from benchmarks import (
    grading,
    grading_class,
    imports,
    memory,
    overhead,
    scaling_model,
    training,
)
from minigrad.bench import report, timing
from minigrad.bench.report import BEST_BLAS, Goal, Row
from minigrad.bench.timing import Times
from minigrad.classroom.lesson import course, find
from tests.distributed.ranks import needs_mpi
from tests.processes import ROOT


@pytest.fixture(autouse=True)
def brief(monkeypatch):
    """As short as can be: here it only matters that everything runs."""
    monkeypatch.setattr(timing, "FULL", timing.BRIEF)
    monkeypatch.setattr(imports, "ROUNDS", 1)


@pytest.mark.parametrize("suite", [training, overhead, memory, imports])
def test_every_suite_runs_alone(suite):
    rows = suite.rows({})
    assert all(row.values["minigrad"] > 0 and not row.ratios for row in rows)
    assert len({row.name for row in rows}) == len(rows)
    json.dumps([row._asdict() for row in rows])
    lines = report.table(rows, ["PyTorch"]).splitlines()
    assert len({len(line) for line in lines if line.startswith("|")}) == 1
    assert lines[2].split("|")[3].strip() == "-"  # no PyTorch here


def test_a_slow_spell_cancels():
    """In the second round everything took ten times as long; the ratio is still a half."""
    ours, theirs = Times([1.0, 10.0, 1.1]), Times([2.0, 20.0, 2.2])
    assert ours.ratio(theirs) == pytest.approx(0.5)
    assert ours.median == 1.1


def test_slow_candidates_get_fewer_rounds():
    pace = timing.Pace(rounds=9, block=0.0, seconds=0.0, least=4)
    assert len(timing.compare({"a": lambda: None}, pace)["a"].rounds) == 4
    assert len(timing.compare({"a": lambda: None}, pace._replace(seconds=60))["a"].rounds) == 9


def test_goals():
    times = {"minigrad": Times([1e-4]), "PyTorch": Times([2e-4]), "NumPy": Times([0.8e-4])}
    assert Row.of_times("x", times, Goal(0.4)).met is False
    assert Row.of_times("x", times, Goal(0.6)).met is True
    assert Row.of_times("x", {"minigrad": Times([1.0])}, Goal(0.6)).met is None
    assert Row.of_times("x", times, Goal(0.25, of="")).met is True
    missed = Row.of_times("x", times, Goal(0.4))
    assert "<= 0.4 of PyTorch: missed by 25 %" in report.table([missed], ["PyTorch"])
    # 0.8 of the best one's speed, when at least 0.9 was the goal.
    slow = Row.of_times("x", times, Goal(0.9, BEST_BLAS, speed=True))
    assert slow.excess == pytest.approx(1 - 0.8 / 0.9)
    assert ">= 0.9 of the best BLAS: missed by 11 %" in report.table([slow], [])
    assert Row.of_times("x", times, Goal(0.7, BEST_BLAS, speed=True)).met is True


def test_share_of_the_ceiling():
    """1 GFLOP and 1 GB in 2 s, which alone take 0.5 s and 1 s: half of what is possible."""
    row = Row.of_times("x", {"minigrad": Times([2.0])})._replace(flops=1e9, bytes=1e9)
    assert " 50 % " in report.table([row.on(flops=2e9, bandwidth=1e9)], [])
    assert "ceiling" not in report.table([row], [])


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


# ---------------------------------------------------------------------------- several ranks


def test_the_model_of_scaling():
    """A gradient of 1 GB over 1 GB/s on 4 ranks: twice 3/4 of a second, and 6 latencies."""
    network = scaling_model.Network("", 0.01, 1e9)
    assert scaling_model.all_reduce(1e9, 4, network) == pytest.approx(1.5 + 0.06)
    step = scaling_model.Step(forward=1.0, backward=1.5, update=0.1, gradient=10**9)
    best, worst = scaling_model.step_time(step, 4, network)
    assert best == pytest.approx(1.0 + 1.5 + 0.06 + 0.1)
    assert worst == pytest.approx(1.0 + 1.5 + 1.56 + 0.1)
    assert scaling_model.efficiency(step, 1, network) == (1.0, 1.0)
    assert scaling_model.fitted({4: 0.02, 10**9: 1.02}, 2)[1:] == pytest.approx((0.01, 1e9))


@needs_mpi
def test_scaling_says_what_is_measured_and_what_is_modelled(tmp_path):
    file = tmp_path / "found.json"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.scaling", "--rounds", "1", "--json", str(file)],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("MEASURED") == 2
    assert done.stdout.count("MODELLED") == 1
    assert set(json.loads(file.read_text())) == {"1", "2"}


# ---------------------------------------------------------------------------- grading


def test_a_class_is_made_up_the_same_way_every_time(tmp_path):
    lesson = find(course(), "2")
    for folder in ("a", "b"):
        grading_class.hand_in(lesson, 16, 1, tmp_path / folder)
    assert list(grading.differences(tmp_path / "a", tmp_path / "b")) == []
    handed_in = sorted(p.name for p in (tmp_path / "a").rglob("exercises.*"))
    assert len(handed_in) == 16
    assert set(handed_in) == {"exercises.py", "exercises.ipynb"}
    assert "def f(:" in next((tmp_path / "a" / "student005").rglob("exercises.*")).read_text()


def test_two_folders_of_grades_are_compared_without_the_time(tmp_path):
    for name, seconds, points in (("a", 1.5, 3), ("b", 2.5, 3), ("c", 1.5, 4)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "grades.sqlite").write_text(name)
        text = f'"score": {points},\n"execution_time": {seconds}\n'
        (tmp_path / name / "ann.json").write_text(text)
    assert list(grading.differences(tmp_path / "a", tmp_path / "b")) == []
    assert [str(p) for p in grading.differences(tmp_path / "a", tmp_path / "c")] == ["ann.json"]


def test_memory_grows_from_the_first_third_to_the_last():
    """Before the first and after the last student it is not the grading that is seen."""
    samples = [grading.Sample(*s) for s in [(0, 9, 0), (1, 2, 5), (2, 3, 0), (3, 4, 0), (4, 1, 0)]]
    values = [row.values["minigrad"] for row in grading.rows(4, 60.0, samples)]
    assert values == [60.0, 2, 4, 2.0, 9, 5]

"""A report reads well everywhere: as text, in colours, in a notebook, as a dict."""

from __future__ import annotations

import io
import json

import pytest

import minigrad as mg
from minigrad.diagnosis import report as reports
from minigrad.diagnosis.report import Finding, Report
from tests.diagnosis.faults import FAULTS
from tests.diagnosis.runs import TASKS

FINDING = Finding(
    "dead-relu",
    "units of <relu> give 0",
    {"share": 0.123456, "layers": ["a", "b", "c", "d", "e", "f"], "where": "relu at net.py:3"},
    "lower the learning rate, or do something else about it that takes more than one line to say",
)


def test_text():
    assert str(Report([FINDING], "3 steps")) == (
        "diagnose: 1 finding in 3 steps\n"
        "\n"
        "dead-relu: units of <relu> give 0\n"
        "    where   relu at net.py:3\n"
        "    share   0.123\n"
        "    layers  a, b, c, d, e and 1 more\n"
        "    Try: lower the learning rate, or do something else about it that takes more than one "
        "line to\n"
        "         say."
    )
    assert str(Report([FINDING, FINDING])).startswith("diagnose: 2 findings in one step\n")
    assert repr(Report()) == "diagnose: nothing found in one step"


def test_in_colours():
    rich = pytest.importorskip("rich.console")
    console = rich.Console(width=100, record=True, file=io.StringIO())
    console.print(Report([FINDING]))
    shown = console.export_text()
    for part in ("1 finding in one step", "dead-relu: units of <relu>", "relu at net.py:3", "Try:"):
        assert part in shown


def test_in_a_notebook():
    html = Report([FINDING])._repr_html_()
    assert "<b>dead-relu</b>: units of &lt;relu&gt; give 0" in html
    assert "relu at net.py:3" in html
    assert "nothing found" in Report()._repr_html_()


def test_as_a_dict():
    found = Report([FINDING._replace(evidence={"loss": float("nan")})], "2 steps").as_dict()
    assert json.loads(json.dumps(found, allow_nan=False)) == {
        "ok": False,
        "of": "2 steps",
        "findings": [{"code": "dead-relu", "title": FINDING.title, "where": None,
                      "evidence": {"loss": "nan"}, "advice": FINDING.advice}],
    }  # fmt: skip


def test_every_code_has_its_rank_and_every_fault_of_a_loop_is_planted():
    assert set(FAULTS) <= set(reports.ORDER)
    of_one_step = {"severed-graph", "frozen-parameters", "no-gradient", "unused-parameters",
                   "saturated-units"}  # fmt: skip
    assert set(reports.ORDER) - set(FAULTS) == of_one_step  # those are in test_diagnose.py


def test_what_is_found_is_json():
    for code in ("missing-zero-grad", "learning-rate-too-high", "not-finite", "broadcast-loss"):
        mg.manual_seed(0)
        with FAULTS[code](TASKS["regression"](0)) as doctor:
            json.dumps(doctor.report().as_dict(), allow_nan=False)

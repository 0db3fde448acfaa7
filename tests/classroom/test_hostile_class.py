"""Hand-ins that would stop the batch, take what is not theirs, or write into the gradebook."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import signal
import time
from collections import deque
from pathlib import Path

import pytest

from minigrad.classroom.asking import RAISED, RIGHT, STOPPED, WRONG, Outcome
from minigrad.classroom.exercises import solution_lines, stub
from minigrad.classroom.grading import analysis, grader, reports
from minigrad.classroom.grading.assignment import Item, load
from minigrad.classroom.grading.gradebook import Graded
from minigrad.classroom.grading.handed_in import beginning, file_of, students
from minigrad.classroom.lesson import course, find
from minigrad.classroom.sandbox.starting import NurseryGone
from minigrad.classroom.submission import LARGEST, NOTEBOOK, Unreadable, parse, read
from minigrad.cli import main

LESSON = find(course(), "2")
REFERENCE = LESSON.exercises.text
STUB = stub(REFERENCE, "exercises.py")
MOST = sum(q.points for q in LESSON.questions)

# Says in its answers what is in its memory: alone, the reference's earlier solutions are.
TELLS = (
    STUB
    + """
import linecache, sys

def gradient(f, x):
    found = [s for entry in linecache.cache.values() for s in entry[2]]
    raise type("".join(found)[-200:], (Exception,), {})("".join(found))
"""
)
# Writes zeros into what it is given, and answers with zeros.
ZERO = (
    STUB
    + """
import numpy as np

def gradient(f, x):
    x[...] = 0
    return np.zeros(x.shape)
"""
)


def hand_in(folder: Path, text: str) -> None:
    place = folder / LESSON.folder.name
    place.mkdir(parents=True)
    (place / "exercises.py").write_text(text)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class of hostile hand-ins and one good one, graded."""
    root = tmp_path_factory.mktemp("hostile")
    assignment = root / "hw1"
    assert main(["assign", "build", "--lessons", "2", "--out", str(assignment)]) == 0
    hand_ins = root / "submissions"
    hand_in(hand_ins / "good", REFERENCE)
    hand_in(hand_ins / "tells", TELLS)
    hand_in(hand_ins / "zero", ZERO)
    hand_in(hand_ins / "[", STUB)
    hand_in(hand_ins / "=[red]1\n\x1b[2J", REFERENCE)
    hand_in(hand_ins / ("n" * 250), REFERENCE)
    hand_in(hand_ins / os.fsdecode(b"caf\xe9"), REFERENCE)
    (hand_ins / "good.py").write_text(STUB)
    (hand_ins / "linked").mkdir()
    (hand_ins / "linked" / LESSON.folder.name).symlink_to(LESSON.folder)
    (hand_ins / "neighbour").mkdir()
    (hand_ins / "neighbour" / LESSON.folder.name).symlink_to(Path("..", "good", LESSON.folder.name))
    pipe = hand_ins / "pipe" / LESSON.folder.name
    pipe.mkdir(parents=True)
    os.mkfifo(pipe / "exercises.py")
    (hand_ins / "folder" / LESSON.folder.name / "exercises.py").mkdir(parents=True)
    os.mkfifo(hand_ins / "fifo.py")
    with open(hand_ins / "large.py", "wb") as file:
        file.truncate(2**40)
    out = root / "grades"
    command = ["grade", str(hand_ins), "--assignment", str(assignment), "--out", str(out)]
    assert main(command) == 0
    return out


def gradebook(out: Path) -> dict[str, dict[str, str]]:
    with open(out / "gradebook.csv", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def test_each_gets_what_it_deserves(graded):
    rows = {name: int(row["alone"]) for name, row in gradebook(graded).items()}
    assert len(rows) == 14
    full = {name for name, points in rows.items() if points == MOST}
    assert {name[:4] for name in full} == {"good", "'=[r", "nnnn", "caf?"}
    assert len(full) == 4
    assert {points for name, points in rows.items() if name not in full} == {0}
    assert rows["good"] == MOST  # and `good.py` is another


def test_nothing_leaks_into_a_report(graded):
    line = "return (f(x + h) - f(x - h)) / (2 * h)"
    assert line in solution_lines(REFERENCE, "exercises.py")
    for path in (*graded.glob("reports/tells.*"), graded / "results" / "tells.json"):
        text = path.read_text()
        assert "hint" in text
        assert line not in text


def test_reports_can_be_shown(graded):
    paths = [*graded.glob("reports/*.txt"), *graded.glob("reports/*.html")]
    assert len(paths) == 2 * 14
    for path in paths:
        assert "\x1b" not in path.read_text() + path.name


def answers(own: Outcome, hidden: bool = False) -> list[tuple[str, str]]:
    question = LESSON.questions[0]
    question = dataclasses.replace(question, hidden=hidden, hints=())
    item = Item(LESSON, question)
    alone = dataclasses.replace(own, got="secret of the reference", why="secret of the reference")
    outcomes = {(item.key, True): alone, (item.key, False): own}
    return reports.lines(Graded("ann", "", "", 0.0, outcomes), item)


def test_what_is_told_of_a_hidden_question():
    """Not its input, which an answer, a text, a name or a line of the source may hold."""
    raised = Outcome("2.1", "secant", RAISED, "f(3)", "ValueError: secret", why="line 1: secret")
    told = answers(raised, hidden=True)
    assert told == [("status", "raised"), ("got", "ValueError")]
    told = answers(Outcome("2.1", "secant", RAISED, got="secret: x"), hidden=True)
    assert told == [("status", "raised")]
    told = answers(Outcome("2.1", "secant", WRONG, "f(3)", "1", "2", "1 differs: 3"), hidden=True)
    assert told == [("status", "wrong")]
    told = answers(Outcome("2.1", "secant", STOPPED, why="no answer (secret)"), hidden=True)
    assert told == [("status", "stopped"), ("why", "no answer")]


def test_what_is_told_of_a_visible_question():
    told = dict(answers(Outcome("2.1", "secant", WRONG, "f(3)", "1", "2", "1 differs")))
    assert told == {
        "status": "wrong", "asked": "f(3)", "expected": "2", "got": "1", "why": "1 differs",
    }  # fmt: skip
    assert answers(Outcome("2.1", "secant", RIGHT)) == []


# ---------------------------------------------------------------------- the process that judges


@pytest.fixture
def folder(tmp_path):
    assert main(["assign", "build", "--lessons", "2", "--out", str(tmp_path / "hw")]) == 0
    return tmp_path / "hw" / "grader"


def dies(name: str, path: Path) -> Graded:
    if name == "bad":
        os.kill(os.getpid(), signal.SIGKILL)
    return Graded(name, "", "", 0.0, {})


def test_a_judge_that_dies_takes_nobody_with_it(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(grader, "grade_one", dies)
    todo = deque((name, tmp_path) for name in ("a", "bad", "b", "c", "d", "e"))
    found = []
    while todo:
        found += grader.by_several(todo, folder, 1)
    assert sorted(g.student for g in found) == ["a", "b", "bad", "c", "d", "e"]
    (bad,) = (g for g in found if g.note)
    assert (bad.student, bad.note) == ("bad", grader.FATAL)
    assert len(bad.outcomes) == 2 * len(LESSON.questions)


def test_a_submission_that_ends_every_nursery(folder, monkeypatch):
    def gone(*args, **kwargs):
        raise NurseryGone("gone")

    monkeypatch.setattr(grader, "_judge", None)
    monkeypatch.setattr(grader, "die_with_parent", lambda: None)
    monkeypatch.setattr(grader, "ask", gone)
    grader.begin(folder)
    found = grader.asked(LESSON.questions[0], [], 0)
    assert (found.status, found.why) == (STOPPED, "it ended what starts it")
    assert grader._judge is not None
    grader._judge[0].close()


def test_wrong_answers_that_take_long_are_not_waited_for(folder, tmp_path, monkeypatch):
    def slow(question, texts, seed):
        clock[0] += 14.0
        return Outcome(question.exercise, question.name, WRONG)

    clock = [0.0]
    hand_in(tmp_path / "ann", STUB)
    monkeypatch.setattr(grader, "_judge", (None, folder, *load(folder)))
    monkeypatch.setattr(grader, "asked", slow)
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    found = grader.grade_one("ann", tmp_path / "ann")
    assert clock[0] == 14.0 * 5
    assert [o.why for o in found.outcomes.values()].count(grader.SLOW) == (
        2 * len(LESSON.questions) - 5
    )


# ---------------------------------------------------------------------- files and names


def test_names(tmp_path):
    for name in ("ann", "ann.py", "ann.ipynb", "a\nb.py", "x" * 240 + ".py"):
        (tmp_path / name).mkdir() if name == "ann" else (tmp_path / name).touch()
    found = students(tmp_path)
    assert len(found) == 5
    assert found["ann"] == tmp_path / "ann"
    assert all(len(name.encode()) <= 220 and name.isprintable() for name in found)
    assert students(tmp_path) == found


def test_a_cell_that_begins_with_a_tab_is_text():
    assert analysis.harmless("\t=1") == "'\t=1"
    assert analysis.harmless("\uff1d1") == "'\uff1d1"


def test_links_that_go_in_circles(tmp_path):
    (tmp_path / LESSON.folder.name).symlink_to(tmp_path / LESSON.folder.name)
    assert file_of(tmp_path, LESSON, [LESSON]) is None


def test_a_link_within_a_hand_in_is_followed_no_further_than_it(tmp_path):
    hand_in(tmp_path / "ann", STUB)
    inside = tmp_path / "ann" / "again"
    inside.symlink_to(tmp_path / "ann" / LESSON.folder.name)
    found = file_of(tmp_path / "ann", LESSON, [LESSON])
    assert found == tmp_path / "ann" / LESSON.folder.name / "exercises.py"


def test_no_more_of_a_file_is_read_than_any_has(tmp_path):
    with open(tmp_path / "large", "wb") as file:
        file.truncate(2**40)
    assert len(beginning(tmp_path / "large")) == NOTEBOOK + 1
    assert beginning(tmp_path / "missing") == b""


def test_a_notebook_is_as_long_as_its_code(tmp_path):
    """Its pictures may have megabytes."""
    printed = {"output_type": "stream", "text": ["x" * 2**21]}
    cell = {"cell_type": "code", "source": ["x = 1\n"], "outputs": [printed]}
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": [cell]}))
    assert read(path).text.endswith("\nx = 1\n")
    cell["source"] = ["x = 1\n" * LARGEST]
    path.write_text(json.dumps({"cells": [cell]}))
    with pytest.raises(Unreadable, match=r"the code of a\.ipynb has more than 128 kB"):
        read(path)


def test_lines_that_end_as_on_an_old_mac(tmp_path):
    (tmp_path / "a.py").write_bytes(b"x = 1\ry = 2\r\nz = 3\n")
    assert read(tmp_path / "a.py").text == "x = 1\ny = 2\nz = 3\n"


def test_a_warning_of_the_parser_is_not_printed(capsys):
    parse("x = '\\d'", "warns.py")
    assert capsys.readouterr().err == ""

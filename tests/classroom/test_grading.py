"""Assignments and grading: bundles without a leak, a class of all kinds, a run that is killed."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from minigrad.classroom.asking import Outcome
from minigrad.classroom.exercises import solution_lines, stub
from minigrad.classroom.grading import analysis, bundles
from minigrad.classroom.grading.assignment import Assignment, load
from minigrad.classroom.grading.bundles import Leak, verify
from minigrad.classroom.grading.gradebook import Gradebook, Graded
from minigrad.classroom.grading.handed_in import digest, students
from minigrad.classroom.lesson import course, find
from minigrad.cli import main
from tests.processes import ROOT

LESSON = find(course(), "2")
REFERENCE = LESSON.exercises.text
STUB = stub(REFERENCE, "exercises.py")


def fill(number: str, solution: str) -> str:
    """The stub with one exercise solved."""
    name = next(iter(LESSON.exercises[number].names))
    return STUB + f"\n\nimport numpy as np\n{solution}\n\nassert {name}"


CLASS = {
    "all": REFERENCE,
    "none": STUB,
    "one": fill("2.1", "def forward_difference(f, x, h): return (f(x + h) - f(x)) / h"),
    "mistaken": REFERENCE.replace("return (f(x + h) - f(x)) / h", "return f(x + h) - f(x)"),
    # Its 2.4 is right and stands on its 2.2, which is not.
    "half": REFERENCE.replace("(f(x + h) - f(x - h)) / (2 * h)", "(f(x + h) - f(x - h)) / h"),
    "loop": "while True: pass\n" + REFERENCE,
    "exits": "import os\nos._exit(0)\n" + REFERENCE,
    "syntax": "def f(:\n",
    "latin": None,
    "missing": None,
}


@pytest.fixture(scope="module")
def assignment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("assign") / "hw1"
    assert main(["assign", "build", "--lessons", "2", "--out", str(folder)]) == 0
    return folder


def hand_in(folder: Path, texts: dict[str, str | None]) -> Path:
    for name, text in texts.items():
        place = folder / name / "02_derivatives"
        place.mkdir(parents=True)
        if text is not None:
            (place / "exercises.py").write_text(text)
    if "latin" in texts:
        (folder / "latin" / "02_derivatives" / "exercises.py").write_bytes(b"# caf\xe9\n")
    return folder


@pytest.fixture(scope="module")
def graded(assignment, tmp_path_factory):
    """The class, graded."""
    folder = tmp_path_factory.mktemp("class")
    submissions = hand_in(folder / "submissions", CLASS)
    out = folder / "grades"
    arguments = ["grade", str(submissions), "--assignment", str(assignment), "--out", str(out)]
    assert main(arguments) == 0
    return out


def gradebook(out: Path) -> dict[str, dict[str, str]]:
    with open(out / "gradebook.csv", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def test_everybody_is_in_the_gradebook(graded):
    rows = gradebook(graded)
    assert set(rows) == set(CLASS)
    most = sum(q.points for q in LESSON.questions)
    assert {row["most"] for row in rows.values()} == {str(most)}
    points = {name: (int(row["alone"]), int(row["own"])) for name, row in rows.items()}
    assert points["all"] == (most, most)
    for name in ("none", "loop", "exits", "syntax", "latin", "missing"):
        assert points[name] == (0, 0), name
    first = sum(q.points for q in LESSON.questions_of("2.1"))
    assert points["one"] == (first, first)
    assert points["mistaken"] == (most - first, most - first)


def test_two_scores(graded):
    """A wrong 2.2 costs 2.2 alone; on one's own stack it costs what stands on it as well."""
    row = gradebook(graded)["half"]
    assert (row["2.2 alone"], row["2.4 alone"]) == ("0", "5")
    assert (row["2.2 own"], row["2.4 own"]) == ("0", "0")
    assert int(row["own"]) < int(row["alone"])


def test_notes_say_what_is_wrong_with_a_file(graded):
    notes = {name: row["note"] for name, row in gradebook(graded).items()}
    assert "not text in UTF-8" in notes["latin"]
    assert "no exercises.py of lesson 2" in notes["missing"]
    assert "line 1" in notes["syntax"]
    assert notes["all"] == ""


def test_reports(graded):
    for name in CLASS:
        page = (graded / "reports" / f"{name}.html").read_text()
        assert page.count("<h2>") == 6
        results = json.loads((graded / "results" / f"{name}.json").read_text())
        assert results["score"] == sum(test["score"] for test in results["tests"])
        assert results["extra_data"]["most"] == sum(test["max_score"] for test in results["tests"])
    text = (graded / "reports" / "mistaken.txt").read_text()
    assert "asked: forward_difference(f, 3.0, 0.5) of f(x) = x**3 - 2 x" in text
    assert "why: this is the rise alone" in text
    for line in solution_lines(REFERENCE, "exercises.py"):
        assert line not in text


def test_what_the_class_got_wrong(graded):
    with open(graded / "misconceptions.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    counts = [int(row["students"]) for row in rows]
    assert counts == sorted(counts, reverse=True)
    said = {row["what was said"]: row["students"] for row in rows}
    assert said["this is the rise alone: a slope is rise over run, so divide by h"] == "1"
    with open(graded / "questions.csv", newline="") as file:
        shares = {row["question"]: float(row["right"]) for row in csv.DictReader(file)}
    assert shares["secant"] == 3 / 10


def test_nothing_is_graded_twice(assignment, tmp_path):
    submissions = hand_in(tmp_path / "s", {"a": CLASS["one"], "b": CLASS["none"]})
    arguments = ["grade", str(submissions), "--assignment", str(assignment), "--out"]
    out = tmp_path / "out"
    assert main([*arguments, str(out)]) == 0
    with Gradebook(out / "grades.sqlite") as book:
        before = {g.student: g.seconds for g in book}
    assert main([*arguments, str(out)]) == 0
    with Gradebook(out / "grades.sqlite") as book:
        assert {g.student: g.seconds for g in book} == before
    (submissions / "a" / "02_derivatives" / "exercises.py").write_text(STUB)
    assert main([*arguments, str(out)]) == 0
    with Gradebook(out / "grades.sqlite") as book:
        after = {g.student: g.seconds for g in book}
    assert after["b"] == before["b"]
    assert after["a"] != before["a"]
    assert gradebook(out)["a"]["alone"] == "0"


def test_a_run_that_is_killed_goes_on(assignment, tmp_path):
    texts = {f"s{i}": (CLASS["one"], CLASS["mistaken"])[i % 2] for i in range(6)}
    submissions = hand_in(tmp_path / "s", texts)
    command = [
        sys.executable, "-m", "minigrad", "grade", str(submissions), "--assignment",
        str(assignment), "--out", str(tmp_path / "out"),
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    book = tmp_path / "out" / "grades.sqlite"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and (not book.exists() or stored(book) < 2):
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert stored(book) >= 2
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    whole = tmp_path / "whole"
    assert main([*command[3:-1], str(whole)]) == 0
    for name in ("gradebook.csv", "questions.csv", "misconceptions.csv"):
        assert (tmp_path / "out" / name).read_text() == (whole / name).read_text()


def test_ctrl_c_ends_it_at_once(assignment, tmp_path):
    submissions = hand_in(tmp_path / "s", {f"s{i}": CLASS["loop"] for i in range(4)})
    command = [
        sys.executable, "-m", "minigrad", "grade", str(submissions), "--assignment",
        str(assignment), "--out", str(tmp_path / "out"),
    ]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    time.sleep(4)  # the first two are in their loops
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=10)
    assert process.returncode == 130
    assert said.strip() == "minigrad grade: stopped by Ctrl-C."


def stored(path: Path) -> int:
    """How many students are in the book; 0 while it is being made."""
    with contextlib.suppress(sqlite3.OperationalError), Gradebook(path) as book:
        return sum(1 for _ in book)
    return 0


# ---------------------------------------------------------------------- bundles


def test_the_students_bundle_holds_no_solution(assignment):
    text = "\n".join(p.read_text() for p in (assignment / "student").rglob("*") if p.is_file())
    for line in solution_lines(REFERENCE, "exercises.py"):
        assert line not in text
    assert (assignment / "student" / "02_derivatives" / "exercises.py").read_text() == STUB
    assert "minigrad check 2" in text


def test_a_leak_is_found(tmp_path):
    (tmp_path / "notes.md").write_text("hint:\n    return (f(x + h) - f(x)) / h\n")
    with pytest.raises(Leak, match=r"notes\.md:2 holds a line of a solution of lesson 2"):
        verify([LESSON], tmp_path)


def test_the_graders_bundle_stands_alone(assignment):
    grader = assignment / "grader"
    found, lessons = load(assignment)
    assert (found.name, found.lessons) == ("hw1", (2,))
    assert lessons[0].folder == grader / "lessons" / "02_derivatives"
    for name in ("setup.sh", "run_autograder"):
        assert os.access(grader / name, os.X_OK)
        subprocess.run(["bash", "-n", str(grader / name)], check=True)
    assert (grader / "source" / "minigrad" / "viz" / "stepper").is_dir()
    assert (grader / "source" / "pyproject.toml").exists()


def test_students_are_told_where_minigrad_is(tmp_path, capsys):
    build = ["assign", "build", "--lessons", "2,3", "--source"]
    assert main([*build, "https://example.org/x/minigrad", "--out", str(tmp_path / "a")]) == 0
    workflow = (tmp_path / "a/student/.github/workflows/classroom.yml").read_text()
    assert "git clone --depth 1 https://example.org/x/minigrad ../minigrad" in workflow
    assert workflow.endswith(
        "      - run: minigrad check 2 02_derivatives/exercises.py\n"
        "      - run: minigrad check 3 03_scalar_autograd/exercises.py\n"
    )
    assert (
        "git clone https://example.org/x/minigrad" in (tmp_path / "a/student/README.md").read_text()
    )
    assert main([*build, "", "--out", str(tmp_path / "b")]) == 0
    assert "no workflow for GitHub Classroom" in capsys.readouterr().out
    assert not (tmp_path / "b/student/.github").exists()


def test_the_origin_is_told_without_a_password(monkeypatch):
    def run(*_, **__):
        return subprocess.CompletedProcess([], 0, "https://me:secret@example.org/minigrad\n")

    monkeypatch.setattr(subprocess, "run", run)
    assert bundles.origin() == "https://example.org/minigrad"


def test_variants_differ_by_student_and_are_the_same_every_time():
    assignment = Assignment("a", (2,), seed=1, variants=True)
    assert assignment.seed_of("x") == assignment.seed_of("x") != assignment.seed_of("y")
    assert Assignment("a", (2,), seed=1).seed_of("x") == 1


def test_build_does_not_overwrite(assignment, capsys):
    with pytest.raises(SystemExit, match="exists; remove it"):
        main(["assign", "build", "--lessons", "2", "--out", str(assignment)])
    assert (assignment / "grader" / "assignment.json").exists()


# ---------------------------------------------------------------------- parts


def test_students_are_folders_and_files(tmp_path):
    (tmp_path / "ann").mkdir()
    (tmp_path / "bob.py").write_text("")
    (tmp_path / "cy.ipynb").write_text("")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "ann")
    assert list(students(tmp_path)) == ["ann", "bob", "cy"]
    (tmp_path / "ann.py").write_text("")  # nobody takes another's place
    assert students(tmp_path)["ann.py"] == tmp_path / "ann.py"
    assert students(tmp_path)["ann"] == tmp_path / "ann"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are UTF-8")
def test_a_name_that_is_not_utf_8(tmp_path):
    os.mkdir(os.fsencode(tmp_path) + b"/caf\xe9")
    (name,) = students(tmp_path)
    assert name.isascii()
    assert name.startswith("caf")


def test_no_submissions(tmp_path, assignment):
    (tmp_path / "s").mkdir()
    arguments = ["grade", str(tmp_path / "s"), "--assignment", str(assignment), "--out"]
    with pytest.raises(SystemExit, match="no submissions in"):
        main([*arguments, str(tmp_path / "out")])
    with pytest.raises(SystemExit, match="lies among the submissions"):
        main([*arguments, str(tmp_path / "s" / "out")])


def test_no_assignment(tmp_path):
    (tmp_path / "s").mkdir()
    arguments = ["grade", str(tmp_path / "s"), "--out", str(tmp_path / "out"), "--assignment"]
    with pytest.raises(SystemExit, match="is not an assignment"):
        main([*arguments, str(tmp_path)])


def test_a_grade_depends_on_file_and_assignment(tmp_path, assignment):
    path = hand_in(tmp_path, {"a": "x = 1\n"}) / "a"
    first = digest(path, assignment / "grader", [LESSON])
    assert digest(path, assignment / "grader", [LESSON]) == first
    (path / "02_derivatives" / "exercises.py").write_text("x = 2\n")
    assert digest(path, assignment / "grader", [LESSON]) != first


def test_a_file_that_cannot_be_read_stops_nothing(tmp_path, assignment, monkeypatch):
    path = hand_in(tmp_path, {"a": "x = 1\n"}) / "a"
    first = digest(path, assignment / "grader", [LESSON])

    really = Path.open

    def refuse(file, mode):
        if file.is_relative_to(path):
            raise PermissionError(13, "Permission denied")
        return really(file, mode)

    monkeypatch.setattr(Path, "open", refuse)
    assert digest(path, assignment / "grader", [LESSON]) != first


def test_another_reference_is_another_assignment(tmp_path, assignment):
    """On the reference's earlier exercises the answers depend on the reference."""
    copy = tmp_path / "hw"
    shutil.copytree(assignment / "grader" / "lessons", copy)
    lesson = course(copy)[0]
    path = hand_in(tmp_path / "s", {"a": "x = 1\n"}) / "a"
    first = digest(path, assignment / "grader", [lesson])
    with open(lesson.folder / "exercises.py", "a") as file:
        file.write("\n# a mistake less\n")
    assert digest(path, assignment / "grader", [lesson]) != first


def test_a_cell_is_no_formula():
    assert analysis.as_csv(["a"], [["=1+1"], ["@x"], [3]]) == "a\n'=1+1\n'@x\n3\n"


def test_a_student_is_stored_whole_or_not_at_all(tmp_path):
    good = Graded("ann", "1", "", 0.0, {("2.1 a", True): Outcome("2.1", "a", "right")})

    class Broken(Outcome):
        def as_dict(self):
            raise RuntimeError("killed")

    bad = good._replace(digest="2", outcomes={("2.1 a", True): Broken("2.1", "a", "wrong")})
    with Gradebook(tmp_path / "g.sqlite") as book:
        book.add(good)
        with pytest.raises(RuntimeError, match="killed"):
            book.add(bad)
        assert [g.digest for g in book] == ["1"]
        assert next(iter(book)).outcomes == good.outcomes

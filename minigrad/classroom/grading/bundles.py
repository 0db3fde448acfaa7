"""What an instructor hands out, and what the grader keeps."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from minigrad.classroom.exercises import solution_lines, stub
from minigrad.classroom.grading.assignment import Assignment
from minigrad.classroom.lesson import Lesson

ROOT = Path(__file__).parents[3]
PACKAGES = ("minigrad", "kernels")
LONG = 12  # characters that are no accident


class Leak(RuntimeError):
    """A line of a solution in what students get."""


def build(lessons: Sequence[Lesson], assignment: Assignment, out: Path) -> None:
    """Write `student/` and `grader/`. Raises FileExistsError, and Leak after it removed both."""
    for part in ("student", "grader"):
        if (out / part).exists():
            raise FileExistsError(f"{out / part} exists; remove it, or choose another folder")
    try:
        for_students(lessons, assignment, out / "student")
        verify(lessons, out / "student")
        for_grader(lessons, assignment, out / "grader")
    except BaseException:
        shutil.rmtree(out / "student", ignore_errors=True)
        shutil.rmtree(out / "grader", ignore_errors=True)
        raise


def for_students(lessons: Sequence[Lesson], assignment: Assignment, folder: Path) -> None:
    for lesson in lessons:
        place = folder / lesson.folder.name
        place.mkdir(parents=True)
        exercises = lesson.exercises
        text = stub(exercises.text, exercises.name)
        (place / "exercises.py").write_text(text, encoding="utf-8")
        (place / "questions.md").write_text(asked_of(lesson), encoding="utf-8")
    numbers = " and ".join(str(lesson.number) for lesson in lessons)
    (folder / "README.md").write_text(
        STUDENT.format(
            name=assignment.name,
            numbers=numbers,
            first=lessons[0].number,
            folder=lessons[0].folder.name,
            install=INSTALL.format(source=assignment.source) if assignment.source else "",
        ),
        encoding="utf-8",
    )
    if assignment.source:
        workflow = folder / ".github" / "workflows" / "classroom.yml"
        workflow.parent.mkdir(parents=True)
        steps = "".join(
            f"      - run: minigrad check {lesson.number} {lesson.folder.name}/exercises.py\n"
            for lesson in lessons
        )
        text = WORKFLOW.replace("SOURCE", assignment.source) + steps
        workflow.write_text(text, encoding="utf-8")


def origin() -> str:
    """The repository that this was cloned from, without a password in it; "" if there is none."""
    command = ["git", "-C", str(ROOT), "remote", "get-url", "origin"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
    return re.sub(r"//[^/@]*@", "//", found)


def asked_of(lesson: Lesson) -> str:
    """The visible questions in words: what must hold, and what it is worth."""
    out = [f"# What is asked in lesson {lesson.number}, {lesson.title}", ""]
    for exercise in lesson.exercises:
        out += [f"## {exercise.number} {exercise.title}", ""]
        questions = lesson.questions_of(exercise.number)
        out += [f"- {q.says} ({q.points})" for q in questions if not q.hidden]
        hidden = sum(q.points for q in questions if q.hidden)
        out += [f"- and hidden questions ({hidden})"] * bool(hidden) + [""]
    return "\n".join(out)


def verify(lessons: Sequence[Lesson], folder: Path) -> None:
    """Whether nothing that students get holds a line of any solution. Raises Leak.

    A line that ends with one counts too, if that is long: a solution may be left in a comment.
    """
    texts = [(lesson.number, lesson.exercises.text, lesson.exercises.name) for lesson in lessons]
    given = {line.strip() for _, text, name in texts for line in stub(text, name).split("\n")}
    secret = {
        line: number
        for number, text, name in texts
        for line in solution_lines(text, name) - given  # by what another lesson's stub begins with
    }
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            line = line.strip()
            for solution in secret:
                if line == solution or (len(solution) >= LONG and line.endswith(solution)):
                    raise Leak(
                        f"{path}:{number} holds a line of a solution of lesson {secret[solution]}: "
                        f"{line}"
                    )


def for_grader(lessons: Sequence[Lesson], assignment: Assignment, folder: Path) -> None:
    """The lessons with all questions, and what Gradescope's machine needs: minigrad itself."""
    folder.mkdir(parents=True)
    assignment.save(folder)
    for lesson in lessons:
        place = folder / "lessons" / lesson.folder.name
        place.mkdir(parents=True)
        for name in ("exercises.py", "checks.py"):
            shutil.copy(lesson.folder / name, place / name)
    entries = "\n".join(
        f'[[lesson]]\nnumber = {lesson.number}\nfolder = "{lesson.folder.name}"\n'
        f'title = "{lesson.title}"\nasks = ""\n'
        for lesson in lessons
    )
    (folder / "lessons" / "course.toml").write_text(entries, encoding="utf-8")
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc", "*.nbi", "*.nbc")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / "source" / package, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, folder / "source" / name)
    for name, text in (("setup.sh", SETUP), ("run_autograder", RUN)):
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)


STUDENT = """\
# {name}

Exercises of lessons {numbers} of the minigrad course. Write in each `exercises.py` where it says
so; `questions.md` says what is asked. `minigrad lesson {first}` is the lesson, and

    minigrad check {first} {folder}/exercises.py

asks the visible questions.
{install}"""

INSTALL = """
If you have no minigrad yet, here is where it is, and how it is installed:

    git clone {source} minigrad && cd minigrad
    python3 -m venv .venv && .venv/bin/pip install -e . && source .venv/bin/activate
"""

WORKFLOW = """\
name: classroom
on: [push, workflow_dispatch]
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {python-version: "3.12"}
      - run: git clone --depth 1 SOURCE ../minigrad && pip install -e ../minigrad
"""

SETUP = """\
#!/usr/bin/env bash
# Gradescope runs this once, when the image is made.
set -euo pipefail
apt-get update && apt-get install -y python3 python3-venv
python3 -m venv /autograder/venv
/autograder/venv/bin/pip install /autograder/source/source
"""

RUN = """\
#!/usr/bin/env bash
# Gradescope runs this for each submission.
set -euo pipefail
work=$(mktemp -d)
mkdir "$work/submissions"
cp -r /autograder/submission "$work/submissions/student"
/autograder/venv/bin/minigrad grade "$work/submissions" --assignment /autograder/source \\
    --out "$work/grades" --jobs 1
cp "$work/grades/results/student.json" /autograder/results/results.json
"""

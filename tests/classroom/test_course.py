"""The commands of the course: start, check, lesson, audit; and what a lesson is made of."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from minigrad.classroom.exercises import BadLesson
from minigrad.classroom.formulas import in_words, text
from minigrad.classroom.lesson import Cell, cells, course, find
from minigrad.classroom.pages import as_html, prose
from minigrad.classroom.question import shown
from minigrad.classroom.running import Runner, run_all
from minigrad.classroom.stepping import Walk
from minigrad.classroom.workspace import Workspace
from minigrad.cli import main
from tests.processes import ROOT

TEXT = """\
# ---
# jupyter: {}
# ---

# %% [markdown]
# # One
# The slope $\\frac{a + b}{2}$.

# %%
x = 1
print("x", x)

# %% [markdown]
# **Predict.** What is x + 1?

# %%
x + 1

# %%
1 / 0
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def workspace(here):
    assert main(["start", str(here / "course")]) == 0
    return here / "course"


def derivatives():
    return find(course(), "2")


def write(workspace: Path, *solutions: str) -> Path:
    """Fill the stubs of lesson 2 in their order."""
    path = workspace / "02_derivatives" / "exercises.py"
    content = path.read_text()
    for solution in solutions:
        content = content.replace('raise NotImplementedError("yours to write")', solution, 1)
    path.write_text(content)
    return path


# ---------------------------------------------------------------------- start


def test_start_writes_stubs_and_keeps_what_was_written(workspace, capsys):
    path = write(workspace, "return 0")
    other = workspace / "mine.py"
    other.write_text("x")
    before = path.read_text()
    assert main(["start", str(workspace)]) == 0
    assert path.read_text() == before
    assert other.read_text() == "x"
    assert "kept: you wrote in it" in capsys.readouterr().out


def test_start_renews_a_stub_that_nobody_touched(workspace, capsys):
    path = workspace / "02_derivatives" / "exercises.py"
    old = "# the stub of an older version\n"
    path.write_text(old)
    state = json.loads((workspace / ".minigrad.json").read_text())
    from minigrad.classroom.workspace import digest

    state["stubs"]["02_derivatives/exercises.py"] = digest(old)
    (workspace / ".minigrad.json").write_text(json.dumps(state))
    assert main(["start", str(workspace)]) == 0
    assert "yours to write" in path.read_text()
    assert "renewed" in capsys.readouterr().out


def test_start_leaves_a_notebook_alone(workspace, capsys):
    folder = workspace / "02_derivatives"
    (folder / "exercises.py").rename(folder / "exercises.ipynb")
    assert main(["start", str(workspace)]) == 0
    assert not (folder / "exercises.py").exists()


def test_start_where_a_file_is(here):
    (here / "taken").write_text("mine")
    with pytest.raises(SystemExit, match="it is a file, not a folder"):
        main(["start", "taken"])
    assert (here / "taken").read_text() == "mine"


def test_a_state_that_cannot_be_read(workspace, monkeypatch):
    (workspace / ".minigrad.json").write_text("{")
    monkeypatch.chdir(workspace)
    with pytest.raises(SystemExit, match="move it away"):
        main(["check", "2"])


# ---------------------------------------------------------------------- check


def test_check_says_what_was_asked_expected_and_got(workspace, monkeypatch, capsys):
    write(workspace, "return f(x + h) - f(x)")
    monkeypatch.chdir(workspace / "02_derivatives")
    assert main(["check", "2.1"]) == 1
    out = " ".join(capsys.readouterr().out.split())
    for part in (
        "forward_difference(f, 3.0, 0.5) of f(x) = x**3 - 2 x", "expected 29.75", "got 14.875",
        "divide by h", "(1 of 3)", "0 of 2 points",
    ):  # fmt: skip
        assert part in out
    assert "return (f(x + h)" not in out  # never the solution


def test_the_next_hint_comes_with_the_next_try(workspace, monkeypatch, capsys):
    monkeypatch.chdir(workspace)
    main(["check", "2"])  # to look what there is costs no hint
    path = write(workspace, "return f(x + h) - f(x)")
    untouched = path.read_text()
    for change, expected in (
        ("", "(1 of 3)"),
        ("", "(1 of 3)"),  # the same code is the same try
        ("# a comment", "(1 of 3)"),
        ("def central_difference(f, x, h):\n    return 0", "(1 of 3)"),  # another exercise
        ("a = 1", "(2 of 3)"),
        ("a = 2", "(3 of 3)"),
        ("a = 3", "(3 of 3)"),
    ):
        path.write_text(f"{untouched}{change}\n")
        main(["check", "2.1"])
        assert expected in capsys.readouterr().out


def test_check_of_what_is_right_counts(workspace, monkeypatch, capsys):
    monkeypatch.chdir(workspace)
    write(workspace, "return (f(x + h) - f(x)) / h")
    assert main(["check", "2.1"]) == 0
    assert "2 of 2 points" in capsys.readouterr().out
    assert main(["lesson"]) == 0
    assert "2 of 20" in capsys.readouterr().out
    write(workspace, "return 0")  # 2.2
    main(["check", "2"])
    assert "2 of 2 points" in capsys.readouterr().out


def test_one_mistake_costs_one_exercise(workspace, monkeypatch, capsys):
    """2.4 uses 2.2, which is wrong here: it is asked on the reference's."""
    monkeypatch.chdir(workspace)
    solution = (
        "return np.array([central_difference(lambda v: f(np.r_[x[:i], v, x[i + 1:]]), x[i], h)"
        " for i in range(len(x))])"
    )
    write(workspace, "return 0", "return 0", "return 0", solution)
    main(["check", "2.4"])
    assert "right  entry i is the slope" in capsys.readouterr().out


def test_check_of_a_file_elsewhere(here, capsys):
    (here / "a.py").write_text("def forward_difference(f, x, h):\n    return (f(x + h) - f(x)) / h")
    assert main(["check", "2.1", "a.py"]) == 0
    (here / "b.ipynb").write_text(
        json.dumps({"cells": [{"cell_type": "code", "source": (here / "a.py").read_text()}]})
    )
    assert main(["check", "2.1", "b.ipynb"]) == 0


# What a beginner writes as 2.1, and what they must read.
BEGINNERS = {
    "no return": ("(f(x + h) - f(x)) / h", ["got None", "is a `return` missing?"]),
    "prints": ("print((f(x + h) - f(x)) / h)", ["is a `return` missing?", "printed 29.75"]),
    "a name": (
        "return F(x + h)",
        ["asked forward_difference(cubic, 3, 0.5)", "NameError: name 'F'", "where line 19: return"],
    ),
    "both lines": (
        'raise NotImplementedError("yours to write")\n    return (f(x + h) - f(x)) / h',
        ["to do", "line 19: raise NotImplementedError", "this line is still there"],
    ),
    "a loop": ("while True: pass", ["endless loop?", "- the slope of a straight line"]),
    "an argument": ("pass\n\ndef forward_difference(f, x): pass", ["takes 2 positional"]),
    "another name": (
        "pass\n\ndel forward_difference\ndef forward_diff(f, x, h): return 1",
        ["exercises.py has no forward_difference", "it has forward_diff"],
    ),
    "tried out": (
        "return 0.0\n\nprint(central_difference(abs, 1.0, 0.1))", ["expected 29.75 got 0"],
    ),
    "stops": (
        "return 0.0\n\nassert forward_difference(abs, 1, 1) == 1",
        ["got AssertionError where line 21: assert", "the file stops there, before anything"],
    ),
    "outside": ("pass\n\nreturn 1", ["'return' outside function", "line 21: return 1"]),
}  # fmt: skip


@pytest.mark.parametrize(("code", "parts"), BEGINNERS.values(), ids=list(BEGINNERS))
def test_what_a_beginner_reads(workspace, monkeypatch, capsys, code, parts):
    monkeypatch.chdir(workspace)
    write(workspace, code)
    capsys.readouterr()
    assert main(["check", "2.1"]) == 1
    out = " ".join(capsys.readouterr().out.split())
    for part in parts:
        assert part in out


def test_a_bug_to_find_is_shown_and_not_explained(workspace, monkeypatch, capsys):
    monkeypatch.chdir(workspace)
    main(["check", "2.5"])
    out = capsys.readouterr().out
    assert "expected" in out
    assert "hint" not in out
    assert "why" not in out
    assert "You have not written in" in out
    main(["check", "2"])
    assert Workspace(workspace).state.right == []
    assert Workspace(workspace).state.tries == {}


def test_a_notebook_beside_the_stubs(workspace, monkeypatch, capsys):
    monkeypatch.chdir(workspace)
    folder = workspace / "02_derivatives"
    source = "def forward_difference(f, x, h):\n    return (f(x + h) - f(x)) / h"
    cells = [{"cell_type": "code", "source": source}]
    (folder / "exercises.ipynb").write_text(json.dumps({"cells": cells}))
    assert main(["check", "2.1"]) == 0
    assert "Next: exercise 2.2" in capsys.readouterr().out
    cells[0]["source"] = source.replace("/ h", "/ k")
    (folder / "exercises.ipynb").write_text(json.dumps({"cells": cells}))
    assert main(["check", "2.1"]) == 1
    assert "code cell 1, line 2: return" in capsys.readouterr().out
    write(workspace, "return 0")
    with pytest.raises(SystemExit, match="which one"):
        main(["check", "2.1"])


REFUSED = {
    "no such lesson": (["check", "99"], "no lesson 99; there are"),
    "no such exercise": (["check", "2.9"], "no exercise 2.9"),
    "no file": (["check", "2"], "which file"),
    "a missing file": (["check", "2", "gone.py"], "gone.py cannot be read"),
    "no such lesson to read": (["lesson", "99"], "no lesson 99"),
    "no lesson to write": (["lesson", "--html", "4"], "number comes first"),
    "nowhere to write": (["lesson", "2", "--notebook", "gone/a.ipynb"], "cannot write gone"),
    "a folder": (["check", "2", "."], "is a folder"),
    "no such lesson to audit": (["audit", "99"], "no lesson 99"),
}


@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=list(REFUSED))
def test_what_cannot_be_done_is_said(here, arguments, message):
    with pytest.raises(SystemExit, match=message):
        main(arguments)


def test_a_syntax_error_is_shown_with_its_line(here):
    (here / "a.py").write_text("x = 1\ndef f(:\n    pass\n")
    with pytest.raises(SystemExit, match=r"a\.py, line 2: .*def f\(:"):
        main(["check", "2", "a.py"])


@pytest.mark.skipif(os.name == "nt", reason="needs fork")
def test_ctrl_c_ends_a_check_without_a_traceback(workspace):
    write(workspace, "while True: pass")
    with subprocess.Popen(
        [sys.executable, "-m", "minigrad", "check", "2.1"], cwd=workspace, start_new_session=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert "Lesson 2" in process.stdout.readline()
        time.sleep(1)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does, to all of its processes
        _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert error == "\nminigrad check: stopped by Ctrl-C.\n"


@pytest.mark.parametrize("command", ["check", "audit"])
def test_where_nothing_can_be_forked(workspace, monkeypatch, command):
    monkeypatch.chdir(workspace)
    monkeypatch.delattr(os, "fork")
    with pytest.raises(SystemExit, match=f"minigrad {command}: exercises are asked .* WSL"):
        main([command, "2"])


def test_a_package_that_is_missing(here, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "rich.console", None)
    monkeypatch.setitem(sys.modules, "rich", None)
    assert main(["lesson"]) == 1
    assert "rich is missing. It comes with minigrad" in capsys.readouterr().err


def test_a_course_that_is_not_there(here, monkeypatch):
    monkeypatch.setattr("minigrad.classroom.lesson.__file__", str(here / "a" / "b" / "lesson.py"))
    for arguments in (["lesson"], ["start", "course"], ["check", "2"]):
        with pytest.raises(SystemExit, match=r"course\.toml is missing.*pip install -e \."):
            main(arguments)


# ---------------------------------------------------------------------- lesson


def test_cells():
    found = cells(TEXT)
    assert [c.kind for c in found] == ["markdown", "code", "markdown", "code", "code"]
    assert [c.prediction for c in found] == [False, False, True, False, False]
    assert found[0].text == "# One\nThe slope $\\frac{a + b}{2}$."


def test_running_shows_output_value_and_error():
    results = [result for _, result in run_all(cells(TEXT), "lesson.py")]
    assert results[0].printed == "x 1\n"
    assert results[1].value == 2
    assert "ZeroDivisionError" in results[2].error
    assert "line 20" in results[2].error


def walk(lesson, tmp_path, answers):
    """What a learner sees who gives these answers, and the walk."""
    console = Console(width=100, record=True, file=io.StringIO())
    given = iter(answers)
    there = Walk(lesson, console, lambda prompt: next(given), tmp_path / "figures", {})
    return console, there


def test_stepping(tmp_path):
    console, there = walk(derivatives(), tmp_path, ["", "", "q"])
    there.go()
    out = console.export_text()
    assert "Everything that a network learns" in out
    assert "planets = [" in out
    assert there.at == 2
    assert (tmp_path / "figures" / "lesson-02-cell-03.png").read_bytes().startswith(b"\x89PNG")


def test_back_again_and_leave(tmp_path):
    console, there = walk(derivatives(), tmp_path, ["", "b", "x", "q"])
    there.go()
    assert there.at == 0
    assert console.export_text().count("Everything that a network learns") == 2


def test_coming_back_runs_what_stands_before(tmp_path):
    lesson = derivatives()
    place = next(i for i, c in enumerate(lesson.cells) if "def loss(p)" in c.text)
    console, there = walk(lesson, tmp_path, ["r", "q"])
    there.go(place)
    assert console.export_text().count("p = 1.5: loss 0.000000") == 2


def test_a_guess_is_kept(tmp_path):
    lesson = derivatives()
    place = next(i for i, c in enumerate(lesson.cells) if c.prediction)
    console, there = walk(lesson, tmp_path, ["six", "q"])
    there.go(place)
    assert there.predictions == {f"2.{place}": "six"}
    out = console.export_text()
    assert "5.329070518201" in out
    assert "Your guess was: six" in out


def test_editing_runs_the_changed_cell_and_keeps_the_lesson(tmp_path, monkeypatch):
    lesson = derivatives()
    before = (lesson.folder / "lesson.py").read_text()
    place = next(i for i, c in enumerate(lesson.cells) if "def loss(p)" in c.text)
    monkeypatch.setenv("VISUAL", "sed -i s/1.5/1.25/")
    console, there = walk(lesson, tmp_path, ["e", "q"])
    there.go(place)
    assert "p = 1.25: loss" in console.export_text()
    assert (lesson.folder / "lesson.py").read_text() == before


EDITORS = {
    "an error": ("x = 1\nx + undefined", ['File "your cell", line 2', "NameError"]),
    "no Python": ("x = 1\ndef f(:", ['File "your cell", line 2', "def f(:", "SyntaxError"]),
    "an exit": ("import sys\nsys.exit(3)", ["SystemExit: 3"]),
    "marks": ("print('[/b] [red]x :smile:')\n'[b]'", ["│ [/b] [red]x :smile: │", "│ '[b]' │"]),
    "Ctrl-C": ("raise KeyboardInterrupt", ["stopped by Ctrl-C"]),
}


@pytest.mark.parametrize(("code", "parts"), EDITORS.values(), ids=list(EDITORS))
def test_what_an_edited_cell_gives(tmp_path, monkeypatch, code, parts):
    (tmp_path / "new.py").write_text(code)
    monkeypatch.setenv("VISUAL", f"cp {tmp_path / 'new.py'}")
    console, there = walk(derivatives(), tmp_path, ["e", "q"])
    there.go(2)
    out = console.export_text()
    for part in parts:
        assert part in out
    assert "running.py" not in out


@pytest.mark.parametrize("editor", ["gone-editor --wait", "false", "'"])
def test_an_editor_that_does_not_work(tmp_path, monkeypatch, editor):
    monkeypatch.setenv("VISUAL", editor)
    console, there = walk(derivatives(), tmp_path, ["e", "q"])
    there.go(2)
    assert "did not work" in console.export_text()


def test_back_and_leave_at_a_guess(tmp_path):
    lesson = derivatives()
    place = next(i for i, c in enumerate(lesson.cells) if c.prediction)
    _, there = walk(lesson, tmp_path, ["b", "q"])
    there.go(place)
    assert there.at == place - 1
    _, there = walk(lesson, tmp_path, ["q"])
    there.go(place)
    assert there.at == place
    assert there.predictions == {}


def test_editing_needs_an_editor(tmp_path, monkeypatch):
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    console, there = walk(derivatives(), tmp_path, ["e", "q"])
    there.go(2)
    assert "export EDITOR=" in console.export_text()


def test_the_place_is_remembered(workspace, monkeypatch, capsys):
    monkeypatch.chdir(workspace)
    answers = iter(["", "", "q", "q"])
    monkeypatch.setattr(Console, "input", lambda self, prompt="": next(answers))
    assert main(["lesson", "2"]) == 0
    assert Workspace(workspace).state.cells == {"2": 2}
    capsys.readouterr()
    assert main(["lesson", "2"]) == 0
    assert "Back at cell 3" in capsys.readouterr().out


def test_notebook_and_page(here, capsys):
    assert main(["lesson", "2", "--notebook", "--html", "two.html"]) == 0
    notebook = json.loads((here / "02_derivatives.ipynb").read_text())
    first, *cells = notebook["cells"]
    assert "pip install" in "".join(first["source"])
    assert [c["cell_type"] for c in cells] == [c.kind for c in derivatives().cells]
    assert "".join(cells[2]["source"]) == derivatives().cells[2].text
    page = (here / "two.html").read_text()
    assert "<math" in page
    assert "5.329070518201" in page
    assert 'alt="A figure: period (years) against distance (Earth = 1)"' in page
    assert "http" not in page.replace("http://www.w3.org", "")
    assert '<h2 id="a-law-in-eight-rows-of-numbers">A law' in page


def test_a_notebook_that_was_written_in_is_kept(here):
    assert main(["lesson", "2", "--notebook"]) == 0
    assert main(["lesson", "2", "--notebook"]) == 0  # the same again
    file = here / "02_derivatives.ipynb"
    file.write_text(file.read_text().replace("planets", "moons"))
    with pytest.raises(SystemExit, match="may hold what you wrote"):
        main(["lesson", "2", "--notebook"])
    assert "moons" in file.read_text()


def test_a_minus_that_is_a_sign_stands_close():
    def signs(formula):
        return prose(Cell("markdown", f"${formula}$", 1)).count('form="prefix">&#x02212;')

    for formula in ("x = -1", "(-1)", "a, -b", r"a \cdot -b", r"x \le -1", "[-1, -1]"):
        assert signs(formula) == formula.count("-"), formula
    for formula in ("x - 1", "(x) - 1", "x' - 1", "|x| - 1", "n! - 1", "x_1 - 1"):
        assert signs(formula) == 0, formula


def test_a_wide_table_scrolls_by_itself():
    html = prose(Cell("markdown", "| a |\n|---|\n| 1 |", 1))
    assert '<div class="wide" tabindex="0"><table>' in html
    assert "</table></div>" in html


def test_a_function_stands_apart_from_its_factor():
    html = prose(Cell("markdown", r"$p\log a$ and $\tanh x$", 1))
    space = '<mspace width="0.17em"/>'
    assert f"<mi>p</mi>{space}<mi>log</mi>{space}<mi>a</mi>" in html
    assert f"<mrow><mi>tanh</mi>{space}<mi>x</mi>" in html


def test_a_page_shows_what_a_cell_raises(tmp_path):
    lesson = derivatives()
    broken = type(lesson)(9, tmp_path, "Nine", "?", (), ())
    (tmp_path / "lesson.py").write_text(TEXT)
    assert "ZeroDivisionError" in as_html(broken)


def test_formulas_as_text():
    assert text(r"\frac{f(x+h) - f(x-h)}{2h}") == "(f(x+h) - f(x-h))/2h"
    assert text(r"\sqrt[3]{\varepsilon}") == "∛ε"
    assert text(r"\frac{\partial y_i}{\partial x_j}\cdot y^2") == "∂y_i/∂x_j · y²"
    assert text(r"w_{ij} x_{i-1}") == "w_ij x_{i-1}"
    assert text(r"\frac{e^{x_i}}{\sum_j e^{x_j}}") == "e^{x_i}/(∑_j e^{x_j})"
    assert in_words("costs $5$ and $$x^2$$ more") == "costs 5 and \n\n    x²\n\n more"


# ---------------------------------------------------------------------- the table of lessons


def entry(number, folder, needs="[]"):
    return (
        f'[[lesson]]\nnumber = {number}\nfolder = "{folder}"\ntitle = "T"\nasks = "?"\n'
        f"needs = {needs}\n"
    )


def test_a_course_that_is_out_of_order(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "course.toml").write_text(entry(1, "a", "[2]"))
    with pytest.raises(BadLesson, match="lesson 1 needs"):
        course(tmp_path)
    (tmp_path / "course.toml").write_text(entry(1, "gone"))
    with pytest.raises(BadLesson, match="no folder gone"):
        course(tmp_path)


def test_no_course(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"course\.toml is missing"):
        course(tmp_path)


def test_answers_as_text():
    column = np.array([[1.0], [2.0]])
    assert shown([column.T, column]) == "[[[1., 2.]],\n [[1.],\n  [2.]]]"
    assert shown((1, 2.5)) == "(1, 2.5)"


def test_a_runner_keeps_its_names():
    runner = Runner("a")
    first, _, _, second, _ = cells(TEXT)
    assert first.kind == "markdown"
    assert "NameError" in runner.run(second).error

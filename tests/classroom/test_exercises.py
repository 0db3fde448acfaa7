"""Stubs made from references, and submissions in whatever state they are."""

from __future__ import annotations

import json

import pytest

from minigrad.classroom.exercises import BadLesson, read_exercises, solution_lines, stub
from minigrad.classroom.submission import LARGEST, Unreadable, parse, read, without

REFERENCE = '''\
import numpy as np

SCALE = 2


# %% Exercise 4.1: double
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    return SCALE * x
    ### END SOLUTION


# %% Exercise 4.2: find the bug (needs 4.1)
@staticmethod
def four(x):
    ### BEGIN SOLUTION
    return double(double(x))
    ### END SOLUTION
    ### BEGIN STUB
    # y = double(x)
    #
    # return y
    ### END STUB


# %% [markdown]
# More.

# %% Exercise 4.3: a class
class Box:
    limit: int = 3

    def get(self):
        ### BEGIN SOLUTION
        return self.limit
        ### END SOLUTION
'''


@pytest.fixture
def reference(tmp_path):
    path = tmp_path / "exercises.py"
    path.write_text(REFERENCE)
    return path


def test_the_exercises_of_a_reference(reference):
    found = read_exercises(reference)
    assert [(e.number, e.title, e.needs, e.names) for e in found] == [
        ("4.1", "double", [], {"double"}),
        ("4.2", "find the bug", ["4.1"], {"four"}),
        ("4.3", "a class", [], {"Box"}),
    ]
    assert found["4.2"].number == "4.2"
    with pytest.raises(KeyError, match=r"no exercise 4.9; there are 4.1, 4.2, 4.3"):
        found["4.9"]


def test_what_is_given_before_an_exercise(reference):
    given = read_exercises(reference).given("4.2")
    assert "SCALE = 2" in given
    assert "return SCALE * x" in given
    assert "four" not in given.replace("# %% Exercise 4.2", "")
    assert "staticmethod" not in given
    assert "class Box" not in given


def test_alone_leaves_the_lines_where_they_are(reference):
    text = "import math\ndef helper(): return 1\ndef double(x): return 0\ndef four(x): return 4\n"
    alone = read_exercises(reference).alone(text, "mine.py", "4.2")
    assert alone.split("\n") == [
        "import math", "def helper(): return 1", "", "def four(x): return 4", "",
    ]  # fmt: skip


def test_what_is_tried_out_at_the_top_goes_with_its_exercise(reference):
    text = (
        "def double(x): return 2 * x\nprint(double(1))\ndef four(x): return 4\n"
        "y = four(1)\nfor i in range(y):\n    print(i)\ndef later(): return four(2)\nz = 1\n"
    )
    alone = read_exercises(reference).alone(text, "mine.py", "4.1")
    assert alone.split("\n") == [
        "def double(x): return 2 * x", "print(double(1))", "", "", "", "",
        "def later(): return four(2)", "z = 1", "",
    ]  # fmt: skip
    assert "y = four(1)" in read_exercises(reference).alone(text, "mine.py", "4.2")


def test_the_part_of_an_exercise_is_its_code(reference):
    found = read_exercises(reference)
    before = found.part("def double(x):\n    return x\n", "a.py", "4.1")
    assert found.part("y = 1\ndef double(x):\n  # twice\n  return x", "a.py", "4.1") == before
    assert found.part("def double(x):\n    return 2 * x\n", "a.py", "4.1") != before
    assert found.part("y = 1\n", "a.py", "4.1") == []


def test_without_sees_every_way_to_define():
    text = "f = 1\ng: int = 2\nf, h = 3, 4\nf = g = 5\nclass f: pass\nasync def g(): pass\nf.x = 1"
    assert without(text, "a.py", {"f", "g"}).split("\n") == [
        "", "", "f, h = 3, 4", "", "", "", "",
    ]  # fmt: skip


def test_a_stub_holds_no_solution():
    text = stub(REFERENCE, "exercises.py")
    parse(text, "exercises.py")
    assert text.count('raise NotImplementedError("yours to write")') == 2
    assert "    y = double(x)\n\n    return y\n" in text
    assert "SOLUTION" not in text
    assert "STUB" not in text
    assert solution_lines(REFERENCE, "a") == {
        "return SCALE * x", "return double(double(x))", "return self.limit",
    }  # fmt: skip
    assert not any(line in text for line in solution_lines(REFERENCE, "a"))


BROKEN = {
    "no exercises": ("x = 1", "no line that begins"),
    "a heading": ("# %% Exercise four: a\ndef f(): pass", "expected `# %% Exercise 4.2: title"),
    "nothing defined": ("# %% Exercise 4.1: a\nprint()", "defines nothing"),
    "needs what comes later": (
        "# %% Exercise 4.1: a (needs 4.2)\ndef f(): pass\n# %% Exercise 4.2: b\ndef g(): pass",
        "needs a later one",
    ),
    "no end": ("# %% Exercise 4.1: a\ndef f():\n    ### BEGIN SOLUTION\n    pass", "does not end"),
    "no begin": ("# %% Exercise 4.1: a\ndef f():\n    pass\n    ### END SOLUTION", "not begun"),
    "two begins": (
        "# %% Exercise 4.1: a\ndef f():\n    ### BEGIN SOLUTION\n    ### BEGIN SOLUTION\n    pass",
        "within a solution",
    ),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=list(BROKEN))
def test_a_reference_that_is_not_made_well(tmp_path, text, message):
    path = tmp_path / "exercises.py"
    path.write_text(text)
    with pytest.raises(BadLesson, match=message):
        read_exercises(path)


# ---------------------------------------------------------------------- submissions


def test_a_notebook_is_its_code(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["# Title"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "x = 1"]},
        {"cell_type": "code", "source": "!pip list\ny = x"},
    ]
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": cells}))
    assert read(path).text == (
        "# code cell 1\n# %matplotlib inline\nx = 1\n# code cell 2\n# !pip list\ny = x"
    )


def test_a_line_of_a_notebook_is_found_in_its_cell(tmp_path):
    path = tmp_path / "a.ipynb"
    cells = [{"cell_type": "code", "source": s} for s in ("x = 1\n", "y = 2\nz = = 3")]
    path.write_text(json.dumps({"cells": cells}))
    with pytest.raises(Unreadable, match=r"a\.ipynb, code cell 2, line 2: invalid syntax: z = = 3"):
        parse(*read(path))


def test_only_lines_for_the_notebook_become_comments(tmp_path):
    kept = ["a = (b", "  % c)", "d = (a", "  != b)", "e = 1  # right?", 'f = "%d"']
    magic = ["%time", "%%bash", "  %load a", "!ls", "?sum", "np.sum?", "np.sum??"]
    path = tmp_path / "a.ipynb"
    path.write_text(
        json.dumps({"cells": [{"cell_type": "code", "source": "\n".join([*kept, *magic])}]})
    )
    assert read(path).text.split("\n") == ["# code cell 1", *kept, *(f"# {line}" for line in magic)]


def test_windows_lines_and_marks(tmp_path):
    path = tmp_path / "a.py"
    path.write_bytes(b"\xef\xbb\xbfx = 1\r\ny = 2\r\n")
    assert read(path).text == "x = 1\ny = 2\n"


UNREADABLE = {
    "missing": (None, "cannot be read: No such file"),
    "empty": (b" \n", "is empty"),
    "latin": (b"x = 1\n# caf\xe9", "line 2: 0xe9 is not text in UTF-8"),
    "binary": (b"\x7fELF\x00\x00", "zero bytes"),
    "huge": (b"#" * (LARGEST + 1), "more than 128 kB"),
}


@pytest.mark.parametrize(("data", "message"), UNREADABLE.values(), ids=list(UNREADABLE))
def test_a_file_that_cannot_be_read(tmp_path, data, message):
    path = tmp_path / "a.py"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(Unreadable, match=message):
        read(path)


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"cells": 3}', '{"cells": [3]}', '{"cells": [{}]}', "[" * 10**5]
)
def test_a_notebook_that_is_broken(tmp_path, text):
    path = tmp_path / "a.ipynb"
    path.write_text(text)
    with pytest.raises(Unreadable, match="not a notebook"):
        read(path)


@pytest.mark.parametrize("text", ["def f(:", "x = \0", "(" * 10**4, "-" * 10**5 + "1"])
def test_what_is_not_python(text):
    with pytest.raises(Unreadable, match=r"a\.py"):
        parse(text, "a.py")

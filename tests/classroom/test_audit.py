"""The audit finds what is wrong with a course: a small sound one, spoilt in one place each time."""

from __future__ import annotations

import pytest

from minigrad.classroom.audit import audit, audit_one, leaks
from minigrad.classroom.lesson import course

WRONG = """
# %% too much, {n}
# fails: doubled
# hint: two times
def double(x):
    return x * 2 + {n}

"""
FILES = {
    "course.toml": """\
[[lesson]]
number = 1
folder = "one"
title = "One"
asks = "What is twice a number?"
opens = ["mg.tensor"]
""",
    "one/lesson.py": """\
# %% [markdown]
# # One
# Exercise 1.1 doubles, see `minigrad/tensor.py`.

# %%
1 + 1
""",
    "one/exercises.py": '''\
# %% Exercise 1.1: twice
def double(x):
    """Twice x.

    >>> double(3)
    6
    """
    ### BEGIN SOLUTION
    twice_of_it = x + x
    return twice_of_it
    ### END SOLUTION
''',
    "one/checks.py": """\
from minigrad.classroom import question, same

@question("1.1", says="it is doubled", hints=["It is two times the number."])
def doubled(student, rng):
    same(student.double(3.0), 6.0, "double(3)")

@question("1.1", says="0 too", hints=["And 0?"], hidden=True)
def zero(student, rng):
    same(student.double(0.0), 0.0, "double(0)")
""",
    "one/wrong/1_1.py": "".join(WRONG.format(n=n) for n in range(1, 6))
    + """
# %% from 1 on
# fails: zero
# hint: And 0?
def double(x):
    return x * 2 or 7.0
""",
    "one/right/1_1.py": """
# %% a product
def double(x):
    return 2 * x

# %% a difference
def double(x):
    return x - -x
""",
}


@pytest.fixture
def there(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_sound_course_and_its_counts(there):
    found = audit(course(there))
    assert found.problems == []
    assert found.counts == {
        "lessons": 1, "exercises": 1, "questions": 2, "of them hidden": 1,
        "wrong solutions": 6, "right solutions": 2,
    }  # fmt: skip


SPOILT = {
    "a reference that is wrong": (
        "one/exercises.py", "= x + x", "= x + x + 1", "the reference fails doubled of 1.1"),
    "a stub that is right": (
        "one/exercises.py", "END SOLUTION", "END SOLUTION\n    ### BEGIN STUB\n    # return 2 * x"
        "\n    ### END STUB", "the stub of exercise 1.1 passes all its questions"),
    "a solution left in the stub": (
        "one/exercises.py", "    ### BEGIN SOLUTION",
        "    # twice_of_it = x + x\n    ### BEGIN SOLUTION", "holds a line of a solution"),
    "a question nobody may ask": (
        "one/checks.py", 'number."]', 'number."], hidden=True',
        "exercise 1.1 has no question that a student may ask"),
    "nothing hidden": ("one/checks.py", ", hidden=True", "", "1.1 has no hidden question"),
    "a hidden question that finds nothing": (
        "one/wrong/1_1.py", "fails: zero\n# hint: And 0?", "fails: doubled\n# hint: two times",
        "nothing in wrong/ passes all but it"),
    "a mistake that passes": ("one/wrong/1_1.py", "x * 2 + 3", "x * 2", "is wrong, and passes"),
    "a mistake that is told something else": (
        "one/wrong/1_1.py", "hint: two times", "hint: thrice", "is not told 'thrice'"),
    "a mistake with a question that is not there": (
        "one/wrong/1_1.py", "fails: doubled", "fails: halved", "has no question 'halved'"),
    "too few mistakes": (
        "one/wrong/1_1.py", FILES["one/wrong/1_1.py"], "", "0 wrong solutions, fewer than 5"),
    "a right solution that fails": (
        "one/right/1_1.py", "x - -x", "x - x", "is right, and fails doubled of 1.1"),
    "a text that raises": ("one/lesson.py", "1 + 1", "1 / 0", "lesson.py does not run to its end"),
    "an example that does not come out": (
        "one/exercises.py", "    6", "    7", "an example of exercise 1.1 does not come out"),
    "no example": ("one/exercises.py", ">>> double(3)\n    6", "", "shows no example"),
    "an exercise that is not there": (
        "one/lesson.py", "Exercise 1.1", "Exercise 1.2", "exercise 1.2, which is not there"),
    "a file that is not there": (
        "one/lesson.py", "tensor.py", "tenor.py", "minigrad/tenor.py, which is not there"),
    "a part of minigrad that is not opened": (
        "one/lesson.py", "1 + 1", "import minigrad as mg\nmg.exp(mg.tensor(0.0))",
        "uses mg.exp, which no lesson up to here opens"),
    "a package that is not there": (
        "one/checks.py", "from minigrad", "import ctypes\nfrom minigrad", "imports ctypes"),
}  # fmt: skip


@pytest.mark.parametrize("spoilt", SPOILT)
def test_what_is_wrong_with_a_course_is_found(there, spoilt):
    name, old, new, sentence = SPOILT[spoilt]
    text = (there / name).read_text()
    assert old in text
    (there / name).write_text(text.replace(old, new, 1))
    problems = [*audit_one(there, 1).problems, *leaks(course(there))]
    assert any(sentence in problem for problem in problems), problems

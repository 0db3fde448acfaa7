"""The quiz: bugs to find and faults to name, drawn from known mistakes, with a key."""

from __future__ import annotations

import random

import numpy as np
import pytest

import minigrad as mg
from minigrad.classroom.gradients import WrongGradient
from minigrad.classroom.grading import name_the_fault, quiz
from minigrad.classroom.grading.name_the_fault import ALIKE, clear, others, wrong_ones
from minigrad.classroom.lesson import course, find
from minigrad.cli import main

LESSON = find(course(), "2")


def test_find_the_bug(tmp_path):
    out = tmp_path / "quiz.md"
    arguments = ["assign", "quiz", "--lessons", "2", "--count", "4", "--out", str(out)]
    assert main(arguments) == 0
    sheet, key = out.read_text(), (tmp_path / "quiz-answers.md").read_text()
    assert sheet.count("```python") == 4
    assert "Name the fault" not in sheet  # there are no pullbacks in lesson 2
    assert "fails:" not in sheet
    assert "hint:" not in sheet
    for drawn in quiz.draw([LESSON], 4, 0):
        answer = f"{'abcd'[drawn.right]}) {drawn.choices[drawn.right]}"
        assert answer in key
        assert answer in sheet
    again = tmp_path / "again.md"
    main([*arguments[:-1], str(again)])
    assert again.read_text() == sheet
    with pytest.raises(SystemExit, match="known mistakes in these lessons, not 1000"):
        main(["assign", "quiz", "--lessons", "2", "--count", "1000", "--out", str(out)])


def test_name_the_fault(tmp_path):
    out = tmp_path / "quiz.md"
    arguments = ["assign", "quiz", "--lessons", "4", "--count", "4", "--out", str(out)]
    assert main(arguments) == 0
    sheet, key = out.read_text(), (tmp_path / "quiz-answers.md").read_text()
    assert sheet.count("What is wrong with it?") == 2
    assert sheet.count("Which fault makes these numbers?") == 2
    drawn = name_the_fault.draw([find(course(), "4")], 2, 0)
    assert (
        name_the_fault.as_markdown(drawn, answers=False) in sheet
    )  # the same seed, the same sheet
    for q in drawn:
        diagnoses = q.found.report.diagnoses
        right, rest = q.choices[q.right], {d.code for d in diagnoses if d.certainty >= 0.5}
        assert right == diagnoses[0].code
        assert not rest & set(q.choices) - {right}
        assert len(set(q.choices)) == 4
        assert all(len(group & set(q.choices)) < 2 for group in ALIKE)
        assert f"{'abcd'[q.right]}) `{right}`" in key
        assert f"{'abcd'[q.right]}) `{right}`" in sheet
    assert len({q.choices[q.right] for q in drawn}) == 2


def checked(function, *inputs):
    report = mg.gradcheck(function, list(inputs), raise_exception=False)
    assert not isinstance(report, bool)
    return WrongGradient("times, x and y", report, inputs)


X, Y = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 7.0])


def test_the_fault_is_what_the_numbers_show():
    """Both gradients of x * y with the wrong sign in the second: -1 to -3 where 1 to 3 belong."""
    found = checked(lambda x, y: (x * y, lambda g: (g * y, -g * x)), X, Y)
    assert clear(found).code == "wrong-sign"
    assert wrong_ones(found) == [1]
    np.testing.assert_allclose(found.report.jacobians[1][0], -np.diag(X))
    for seed in range(20):
        offered = others(found, "wrong-sign", random.Random(seed))
        assert len(offered) == 3
        assert "missing-factor" not in offered  # -1 is a wrong factor, too
        assert not {"result-transposed", "keepdims"} & set(offered)  # there is one axis only


def test_one_argument_cannot_be_swapped():
    found = checked(lambda x: (x * x, lambda g: g * x), X.reshape(1, 3))
    offered = {code for seed in range(20) for code in others(found, "x", random.Random(seed))}
    assert "gradients-swapped" not in offered
    assert "result-transposed" in offered


@pytest.mark.parametrize(
    "pullback",
    [
        lambda x, g: g * (2 * x + x * x),  # no fault explains it
        lambda x, g: np.multiply(g, 2 * x, out=g),  # the numbers are right
    ],
)
def test_what_numbers_do_not_show_is_not_asked(pullback):
    assert clear(checked(lambda x: (x * x, lambda g: pullback(x, g)), X)) is None


def test_what_is_not_certain_or_not_alone_is_not_asked():
    found = checked(lambda x, y: (x * y, lambda g: (g * y, -g * x)), X, Y)
    first, second, *_ = found.report.diagnoses
    first.certainty = second.certainty = 0.95
    assert clear(found) is None
    first.certainty, second.certainty = 0.85, 0.3
    assert clear(found) is None
    first.certainty = 0.95
    assert clear(found) is first


def test_few_numbers_and_many_are_not_asked():
    assert clear(checked(lambda x: (x * x, lambda g: g * x), X[:1])) is None
    assert clear(checked(lambda x: (x * x, lambda g: g * x), np.arange(1.0, 11))) is None

"""Name the fault: a gradient report's numbers, and four faults of which one makes them.

The reports come from the known mistakes of the lessons: each is asked the questions on derivatives
of its exercise, as a submission would be, and the gradient clinic says what fits.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from minigrad.classroom.asking import sources
from minigrad.classroom.gradients import WrongGradient
from minigrad.classroom.grading.quiz import CHOICES, LETTERS, title
from minigrad.classroom.lesson import Known, Lesson
from minigrad.classroom.question import Wrong
from minigrad.classroom.sandbox.isolation import Limits
from minigrad.classroom.sandbox.starting import Nursery
from minigrad.classroom.sandbox.student import Raised, Stopped, Student
from minigrad.classroom.submission import Submission
from minigrad.clinic import FAULTS
from minigrad.clinic.report import LIKELY, Diagnosis

CLEAR = 0.9  # how certain of its first diagnosis the clinic has to be
FEWEST, MOST = 4, 81  # numbers of the Jacobians that are shown: enough to decide, and to read
# Seen in a second call, in the memory or in the digits, and not in the numbers of one report; and
# what the clinic says of anything that lacks something.
UNSEEN = {"mutates", "stale-accumulation", "mask-redrawn", "float32", "wrong-order", "dropped-term"}
# Faults of which one is a case of the other, or looks like it: of these, one is offered.
ALIKE = [
    {"missing-factor", "wrong-sign", "averaged-broadcast", "wrong-count"},
    {"diagonal-softmax", "softmax-missing-sum", "norm-ignores-statistics",
     "norm-ignores-one-statistic", "mask"},
    {"not-unbroadcast", "kept-one-slice", "averaged-broadcast"},
    {"result-transposed", "factor-not-transposed", "wrong-axis", "keepdims"},
]  # fmt: skip
ANYWHERE = ["missing-factor", "wrong-sign", "ignores-upstream", "input-for-output", "mask"]
OF_SEVERAL = ["gradients-swapped"]  # can only be where there are several arguments
OF_AXES = ["result-transposed", "wrong-axis", "keepdims", "factor-not-transposed", "kept-one-slice"]


class Drawn(NamedTuple):
    """A report with its choices, codes of faults; right: the index of the true one."""

    lesson: Lesson
    exercise: str
    known: Known
    found: WrongGradient
    choices: list[str]
    right: int


def draw(lessons: Sequence[Lesson], n: int, seed: int) -> list[Drawn]:
    """n reports, each of another fault; fewer if these lessons have no more of them."""
    rng = random.Random(seed)
    pool = [
        (lesson, exercise.number, known)
        for lesson in lessons
        if "gradients_right" in (lesson.folder / "checks.py").read_text(encoding="utf-8")
        for exercise in lesson.exercises
        for known in lesson.known("wrong", exercise.number)
    ]
    drawn: list[Drawn] = []
    if not n or not pool:
        return drawn
    with Nursery() as nursery:
        for lesson, number, known in rng.sample(pool, len(pool)):
            for found in reports(lesson, number, known, nursery, seed):
                fault = clear(found)
                if fault is None or fault.code in [d.choices[d.right] for d in drawn]:
                    continue
                choices = [fault.code, *others(found, fault.code, rng)]
                if len(choices) < CHOICES:
                    continue
                rng.shuffle(choices)
                right = choices.index(fault.code)
                drawn.append(Drawn(lesson, number, known, found, choices, right))
                break
            if len(drawn) == n:
                break
    return drawn


def reports(
    lesson: Lesson, number: str, known: Known, nursery: Nursery, seed: int
) -> Iterator[WrongGradient]:
    """What the clinic says of a known mistake, question by question."""
    texts = sources(lesson.exercises, Submission(known.text, known.name), number, alone=True)
    for question in lesson.questions_of(number):
        try:
            with Student(nursery, texts, Limits(cpu=question.seconds)) as student:
                question.ask(student, question.rng(seed))
        except WrongGradient as found:
            yield found
        except (Wrong, Raised, Stopped, TypeError, ValueError, AttributeError, LookupError):
            continue  # it fails before a gradient is checked


def clear(found: WrongGradient) -> Diagnosis | None:
    """The fault that the numbers of a report show without a doubt; None if they do not."""
    if not found.report.diagnoses:
        return None
    first, *rest = found.report.diagnoses
    if first.code in UNSEEN or first.certainty < CLEAR:
        return None
    if any(d.code != first.code and d.certainty >= first.certainty for d in rest):
        return None
    shown = sum(found.report.jacobians[i][0].size for i in wrong_ones(found))
    given = sum(np.size(a) for a in found.inputs)
    return first if FEWEST <= shown <= MOST and given <= MOST else None


def wrong_ones(found: WrongGradient) -> list[int]:
    """The arguments whose Jacobian is wrong."""
    return [i for i in found.report.jacobians if found.report.wrong(i).any()]


def others(found: WrongGradient, right: str, rng: random.Random) -> list[str]:
    """Faults that such a function can have, but for which little in the report speaks."""
    possible = list(ANYWHERE)
    possible += OF_SEVERAL * (len(found.report.jacobians) > 1)
    possible += OF_AXES * any(np.ndim(a) > 1 for a in found.inputs)
    excluded = {d.code for d in found.report.diagnoses if d.certainty >= LIKELY}
    chosen = [right]
    for code in rng.sample(possible, len(possible)):
        like = set().union({code}, *(group for group in ALIKE if code in group))
        if code not in excluded and like.isdisjoint(chosen):
            chosen.append(code)
    return chosen[1:CHOICES]


# ---------------------------------------------------------------------- the sheet

INTRODUCTION = """\
Of each function, the Jacobian that its pullback gives, and the one that comes from differences: a
row for each entry of the value, a column for each entry of the argument."""


def as_markdown(drawn: Sequence[Drawn], answers: bool) -> str:
    """The sheet; with `answers`, the key."""
    out = ["# Name the fault" + (": answers" if answers else ""), ""]
    if not answers:
        out += [INTRODUCTION, ""]
    for i, q in enumerate(drawn, 1):
        name, about, arguments = described(q)
        out += [f"## {i}. `{name}` (lesson {q.lesson.number})", ""]
        if answers:
            fault = FAULTS[q.choices[q.right]]
            made = f"{fault.advice} It was made by: {title(q.known)}."
            out += [f"{LETTERS[q.right]}) `{fault.code}`, {fault.title}. {made}", ""]
            continue
        out += [about, ""] if about else []
        out += ["```", *map(as_text, q.found.inputs, [f"{name} = " for name in arguments])]
        for n in wrong_ones(q.found):
            backward, differences = q.found.report.jacobians[n]
            out += ["", f"the gradient of {arguments[n]}, by backward:", as_text(backward)]
            out += ["", f"the gradient of {arguments[n]}, by differences:", as_text(differences)]
        out += ["```", ""]
        right = [arguments[n] for n in q.found.report.jacobians if n not in wrong_ones(q.found)]
        out += [f"The gradient of {' and '.join(right)} agrees.", ""] if right else []
        out += ["Which fault makes these numbers?", ""]
        out += [
            f"{letter}) `{code}`: {FAULTS[code].title}"
            for letter, code in zip(LETTERS, q.choices, strict=True)
        ]
        out.append("")
    return "\n".join(out)


def described(q: Drawn) -> tuple[str, str, list[str]]:
    """The function's name, its docstring's first paragraph, the names of its arguments."""
    name = (re.match(r"\w+", q.found.asked) or [""])[0]
    count = len(q.found.inputs)
    for node in ast.walk(ast.parse(q.lesson.exercises.text)):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            arguments = [a.arg for a in node.args.args]
            about = (ast.get_docstring(node) or "").split("\n\n")[0]
            if len(arguments) == count:
                return name, about, arguments
    return q.found.asked, "", [f"argument {i + 1}" for i in range(count)]


def as_text(x: Any, name: str = "") -> str:
    if not isinstance(x, np.ndarray):
        return f"{name}{x}"
    text = np.array2string(
        x, precision=3, suppress_small=True, separator=", ", max_line_width=96, prefix=name
    )
    return name + text

"""A class as there is none, but could be: right and wrong solutions mixed, and some that do harm.

Of each exercise a student has the reference's solution, another right one, one of the known
mistakes, or nothing, as the seed has it; some hand in a notebook. One in ten has one of `ODD` in
addition: a file that breaks, does not end, or attacks.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

from minigrad.classroom.exercises import Exercise
from minigrad.classroom.lesson import Lesson

# What comes before the solutions of every tenth student, and runs when the file is loaded. With a
# leading "in ", it comes into the function of one exercise instead.
ODD = [
    "def f(:",
    "import os; os._exit(0)",
    "in while True: pass",
    "x = [0] * 10**11",
    "while True: pass",
    "in import sys; sys.exit(0)",
    "print('x' * 10**9)",
    "import os\nwhile True: os.fork()",
    "in return float('nan')",
    "def deep(n): return deep(n + 1)\ndeep(0)",
    "import threading, time\nthreading.Thread(target=lambda: sum(iter(int, 1))).start()",
    "in x = []\n    while True: x.append(bytearray(2**24))",
    "import os, signal; os.kill(os.getppid(), signal.SIGKILL)",
    "",  # an empty file
    None,  # no file
]
EVERY = 10  # students, of whom one is odd


def hand_in(lesson: Lesson, students: int, seed: int, folder: Path) -> None:
    """Write the submissions of a class, one folder a student."""
    rng = random.Random(seed)
    for i in range(students):
        place = folder / f"student{i:03}" / lesson.folder.name
        place.mkdir(parents=True)
        text = submission(lesson, rng)
        if i % EVERY == EVERY // 2:
            odd = ODD[i // EVERY % len(ODD)]
            if not odd:
                text = odd
            elif odd.startswith("in "):
                name = sorted(rng.choice(lesson.exercises.list).names)[0]
                text += f"\n\ndef {name}(*arguments):\n    {odd.removeprefix('in ')}\n"
            else:
                text = f"{odd}\n{text}"
        if text is None:
            continue
        if rng.random() < 0.2:
            cell = {"cell_type": "code", "source": text.splitlines(keepends=True)}
            (place / "exercises.ipynb").write_text(json.dumps({"cells": [cell]}))
        else:
            (place / "exercises.py").write_text(text)


def submission(lesson: Lesson, rng: random.Random) -> str:
    parts = [reference(lesson, None), *(solution(lesson, e, rng) for e in lesson.exercises)]
    return "\n\n".join(parts)


def solution(lesson: Lesson, exercise: Exercise, rng: random.Random) -> str:
    kind = rng.choices(["reference", "right", "wrong", "none"], [5, 1, 3, 1])[0]
    known = lesson.known(kind, exercise.number)
    if known:
        return rng.choice(known).text
    return reference(lesson, exercise) if kind != "none" else ""


def reference(lesson: Lesson, exercise: Exercise | None) -> str:
    """The reference's lines of an exercise; of None, those before the first."""
    lines = lesson.exercises.text.split("\n")
    if exercise is None:
        return "\n".join(lines[: lesson.exercises.list[0].first - 1])
    return "\n".join(lines[exercise.first - 1 : exercise.last])

"""`exercises.py` of a lesson: the reference, from which the student's stubs are made.

    # %% Exercise 4.2: softmax (needs 4.1)
    def softmax(x):
        '''The task, shapes, an example.'''
        ### BEGIN SOLUTION
        ...
        ### END SOLUTION

What a student gets has `raise NotImplementedError` in the place of the solution; or, in an exercise
to find a bug, the lines that stand commented out between `### BEGIN STUB` and `### END STUB`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from minigrad.classroom.submission import defined, parse, without

HEADING = re.compile(
    r"# %% Exercise (?P<number>\d+\.\d+): (?P<title>[^(]*?)(?: \(needs (?P<needs>[^)]*)\))?$"
)
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_STUB, END_STUB = "### BEGIN STUB", "### END STUB"


class BadLesson(ValueError):
    """A lesson that is not made as it must be; the message says which rule it breaks, and where."""


@dataclass
class Exercise:
    """number: "4.2"; names: what it defines; needs: the numbers of those that it builds upon."""

    number: str
    title: str
    needs: list[str]
    first: int  # its first line, from 1
    last: int
    names: set[str] = field(default_factory=set)


@dataclass
class Exercises:
    """The reference's text, and where in it each exercise is."""

    text: str
    name: str
    list: list[Exercise]

    def __iter__(self) -> Iterator[Exercise]:
        return iter(self.list)

    def __getitem__(self, number: str) -> Exercise:
        for exercise in self.list:
            if exercise.number == number:
                return exercise
        raise KeyError(f"no exercise {number}; there are {', '.join(e.number for e in self.list)}")

    def given(self, number: str) -> str:
        """The reference's solutions of the exercises before `number`, none of it or later ones."""
        place = self.list.index(self[number])
        return without(self.text, self.name, self.names(self.list[place:]))

    def alone(self, text: str, name: str, number: str) -> str:
        """A student's text with only this exercise in it, and what belongs to no exercise.

        What they try out at the top of the file with a later exercise goes with it.
        """
        place = self.list.index(self[number])
        others = self.names([e for e in self.list if e.number != number])
        return without(text, name, others, unknown=self.names(self.list[place + 1 :]))

    def part(self, text: str, name: str, number: str) -> list[str]:
        """What a student's text has for an exercise: its definitions, as code without comments."""
        names = self[number].names
        return [ast.unparse(n) for n in parse(text, name).body if defined(n) & names]

    def names(self, some: list[Exercise] | None = None) -> set[str]:
        return set().union(*(e.names for e in (self.list if some is None else some)))


def read_exercises(path: Path) -> Exercises:
    """The exercises of a reference file. Raises BadLesson."""
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    found: list[Exercise] = []
    for i, line in enumerate(lines, 1):
        if line.startswith("# %%") and found and not found[-1].last:
            found[-1].last = i - 1
        heading = HEADING.match(line)
        if heading:
            needs = [n.strip() for n in (heading["needs"] or "").split(",") if n.strip()]
            found.append(Exercise(heading["number"], heading["title"], needs, i, 0))
        elif "Exercise" in line and line.startswith("# %%"):
            raise BadLesson(
                f"{path}:{i}: expected `# %% Exercise 4.2: title (needs 4.1)`, got {line!r}"
            )
    if not found:
        raise BadLesson(f"{path}: no line that begins with `# %% Exercise`")
    found[-1].last = found[-1].last or len(lines)
    for node in parse(text, path.name).body:
        for exercise in found:
            if exercise.first <= node.lineno <= exercise.last:
                exercise.names |= defined(node)
    known: list[str] = []
    for e in found:
        if not e.names:
            raise BadLesson(f"{path}:{e.first}: exercise {e.number} defines nothing")
        if not set(e.needs) <= set(known):
            raise BadLesson(f"{path}:{e.first}: exercise {e.number} needs a later one: {e.needs}")
        known.append(e.number)
    regions(text, path.name)
    return Exercises(text, path.name, found)


def regions(text: str, name: str) -> list[tuple[int, int]]:
    """The lines (from 0) of BEGIN and END of each solution."""
    found, begin = [], None
    for i, line in enumerate(text.split("\n")):
        if line.strip() == BEGIN:
            if begin is not None:
                raise BadLesson(f"{name}:{i + 1}: a solution begins within a solution")
            begin = i
        elif line.strip() == END:
            if begin is None:
                raise BadLesson(f"{name}:{i + 1}: a solution ends that has not begun")
            found.append((begin, i))
            begin = None
    if begin is not None:
        raise BadLesson(f"{name}:{begin + 1}: this solution does not end")
    return found


def stub(text: str, name: str) -> str:
    """What a student gets: everything but the solutions.

    >>> print(stub("def f(x):\\n    ### BEGIN SOLUTION\\n    return x\\n    ### END SOLUTION", "a"))
    def f(x):
        raise NotImplementedError("yours to write")
    """
    lines = text.split("\n")
    kept: list[str] = []
    after = 0
    for begin, end in regions(text, name):
        kept += lines[after:begin]
        indent = lines[begin][: len(lines[begin]) - len(lines[begin].lstrip())]
        after = end + 1
        if after < len(lines) and lines[after].strip() == BEGIN_STUB:
            stop = next(i for i in range(after, len(lines)) if lines[i].strip() == END_STUB)
            kept += [uncommented(line, indent) for line in lines[after + 1 : stop]]
            after = stop + 1
        else:
            kept.append(f'{indent}raise NotImplementedError("yours to write")')
    return "\n".join(kept + lines[after:])


def uncommented(line: str, indent: str) -> str:
    rest = line.removeprefix(indent)
    return indent + rest.removeprefix("# ") if rest.strip() != "#" else ""


def solution_lines(text: str, name: str) -> set[str]:
    """The lines that no release may contain: those within solutions that stand nowhere else."""
    lines = text.split("\n")
    inside = {lines[i].strip() for b, e in regions(text, name) for i in range(b + 1, e)}
    released = {line.strip() for line in stub(text, name).split("\n")}
    return {line for line in inside - released if line and not line.startswith("#")}

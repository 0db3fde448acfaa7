"""A learner's folder: stubs, which are never overwritten once written in, and how far one has come.

~/course/
    README.md
    02_derivatives/exercises.py
    .minigrad.json                what is right, how often was asked, where one stopped reading
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from minigrad.atomic import replacing
from minigrad.classroom.exercises import stub
from minigrad.classroom.lesson import Lesson

STATE = ".minigrad.json"

README = """\
# The minigrad course

    minigrad lesson        the lessons, and how far you are
    minigrad lesson 1      step through one in the terminal (--notebook, --html)
    minigrad check 1       ask the questions on what you wrote in {example}
    minigrad check 1.1     those of one exercise

Write in each `exercises.py` where it says `raise NotImplementedError`: your code in the place of
that line. To work in a notebook, save one as `exercises.ipynb` in the same folder. What you wrote
is never overwritten.
"""


@dataclass
class State:
    """How far a learner is.

    stubs: the hash of each file as it was laid out; right: the questions answered rightly; tries:
    by question, how often a changed file failed it; seen: its hash then; cells: by lesson, where
    one stopped reading; predictions: what was guessed there.
    """

    stubs: dict[str, str] = field(default_factory=dict)
    right: list[str] = field(default_factory=list)
    tries: dict[str, int] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    cells: dict[str, int] = field(default_factory=dict)
    predictions: dict[str, str] = field(default_factory=dict)


class Workspace:
    """A folder laid out by `minigrad start`."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.state = State()
        path = folder / STATE
        if path.exists():
            try:
                self.state = State(**json.loads(path.read_text(encoding="utf-8")))
            except (ValueError, TypeError) as error:
                raise SystemExit(
                    f"{path} cannot be read ({error}). It holds only how far you are: move it away "
                    f"and run `minigrad start {folder}` again; what you wrote stays."
                ) from None

    @classmethod
    def around(cls, here: Path) -> Workspace | None:
        """The one that `here` lies in, if any."""
        for folder in (here, *here.parents):
            if (folder / STATE).exists():
                return cls(folder)
        return None

    def save(self) -> None:
        with replacing(self.folder / STATE) as temporary:
            temporary.write_text(json.dumps(asdict(self.state), indent=1), encoding="utf-8")

    def file(self, lesson: Lesson) -> Path:
        """Where the learner writes: the notebook, if there is one and the .py file is untouched.

        Raises LookupError if they wrote in both.
        """
        folder = self.folder / lesson.folder.name
        notebook = folder / "exercises.ipynb"
        python = folder / "exercises.py"
        if not notebook.exists():
            return python
        if python.exists() and not self.untouched(python):
            raise LookupError(
                f"you wrote in exercises.py and there is exercises.ipynb beside it: which one? "
                f"Name it: minigrad check {lesson.number} {notebook}"
            )
        return notebook

    def untouched(self, path: Path) -> bool:
        """Whether a file is as it was laid out."""
        name = path.relative_to(self.folder).as_posix()
        return digest(path.read_bytes()) == self.state.stubs.get(name)

    def lay_out(self, lessons: Sequence[Lesson]) -> dict[str, str]:
        """Write what is missing, and stubs that nobody touched anew; what was done, by file."""
        done = {}
        self.folder.mkdir(parents=True, exist_ok=True)
        readme = self.folder / "README.md"
        if not readme.exists():
            example = f"{lessons[0].folder.name}/exercises.py"
            readme.write_text(README.format(example=example), encoding="utf-8")
        for lesson in lessons:
            path = self.folder / lesson.folder.name / "exercises.py"
            name = path.relative_to(self.folder).as_posix()
            text = stub(lesson.exercises.text, lesson.exercises.name)
            if path.with_suffix(".ipynb").exists() and not path.exists():
                done[name] = "kept: you work in exercises.ipynb"
            elif not path.exists():
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")
                done[name] = "new"
                self.state.stubs[name] = digest(text)
            elif path.read_text(encoding="utf-8", errors="replace") == text:
                done[name] = "as it was"
            elif self.untouched(path):
                path.write_text(text, encoding="utf-8", newline="\n")
                done[name] = "renewed: you had not written in it"
                self.state.stubs[name] = digest(text)
            else:
                done[name] = "kept: you wrote in it"
        self.save()
        return done

    def tried(self, question: str, text: str, right: bool, counts: bool = True) -> int:
        """Note an answer; how many different texts of the exercise have failed this question.

        counts: whether this one may be among them; what is still to be written is no try.
        """
        now = digest(text)
        if right:
            self.state.right = sorted({*self.state.right, question})
            return 0
        self.state.right = [q for q in self.state.right if q != question]
        if counts and self.state.seen.get(question) != now:
            self.state.tries[question] = self.state.tries.get(question, 0) + 1
            self.state.seen[question] = now
        return self.state.tries.get(question, 0)


def digest(text: str | bytes) -> str:
    data = text.encode() if isinstance(text, str) else text
    return hashlib.sha256(data).hexdigest()[:16]

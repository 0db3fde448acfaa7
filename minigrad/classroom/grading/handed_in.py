"""What a class handed in: whose it is, and which file holds the exercises of a lesson."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import zlib
from collections.abc import Container, Iterator, Sequence
from pathlib import Path

from minigrad.classroom.grading.assignment import FILE
from minigrad.classroom.lesson import Lesson
from minigrad.classroom.sandbox.remote import printable
from minigrad.classroom.submission import NOTEBOOK, Submission, Unreadable, parse, read

LONGEST = 200  # bytes of a student's name, which is that of a report too


def students(folder: Path) -> dict[str, Path]:
    """The submissions by the student's name: folders, or files of their own."""
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_dir() or path.suffix in (".py", ".ipynb"):
            found[name_of(path, found)] = path
    if not found:
        raise FileNotFoundError(
            f"no submissions in {folder}: expected a folder, or a .py or .ipynb file, for each "
            "student"
        )
    return found


def name_of(path: Path, taken: Container[str]) -> str:
    """The folder's or file's name, with `.py` if it is taken without; another, with a number, where
    that cannot be shown."""
    name = path.name if path.is_dir() or path.stem in taken else path.stem
    plain = printable(name).replace("\n", "?").encode()[:LONGEST].decode(errors="ignore")
    if plain != name or name in taken:
        plain += f"-{zlib.crc32(os.fsencode(path.name)):08x}"
    return plain


def file_of(path: Path, lesson: Lesson, lessons: Sequence[Lesson]) -> Path | None:
    """Where a student's exercises of a lesson are, if they are there.

    A link counts for nothing, and no file behind one: it may lead to the solutions, or to another
    student's.
    """
    home = path.resolve()
    return next((p for p in places(path, lesson, lessons) if own(p, home)), None)


def places(path: Path, lesson: Lesson, lessons: Sequence[Lesson]) -> Iterator[Path]:
    """Where they may be, the most likely place first."""
    names = ("exercises.py", "exercises.ipynb")
    if not path.is_dir():
        yield path
        return
    for folder in [path / lesson.folder.name, path][: 2 if len(lessons) == 1 else 1]:
        yield from (folder / name for name in names)
    for where, _, there in sorted(os.walk(path)):
        if len(lessons) == 1 or os.path.basename(where) == lesson.folder.name:
            yield from (Path(where, name) for name in names if name in there)


def own(path: Path, home: Path) -> bool:
    """Whether it is a file, and lies within `home`."""
    try:
        return stat.S_ISREG(path.lstat().st_mode) and path.resolve().is_relative_to(home)
    except (OSError, RuntimeError):  # not there; not to be looked at; links in a circle
        return False


def handed_in(path: Path, lesson: Lesson, lessons: Sequence[Lesson]) -> Submission:
    """A student's file of a lesson. Raises Unreadable."""
    file = file_of(path, lesson, lessons)
    if file is None:
        raise Unreadable(f"no exercises.py of lesson {lesson.number} ({lesson.folder.name})")
    submission = read(file)
    parse(submission.text, submission.name)
    return submission


def digest(path: Path, assignment: Path, lessons: Sequence[Lesson]) -> str:
    """Of all that decides a student's grade: their files, and the assignment's."""
    sums = hashlib.sha256((assignment / FILE).read_bytes())
    for lesson in lessons:
        theirs = file_of(path, lesson, lessons)
        for file in (theirs, lesson.folder / "checks.py", lesson.folder / "exercises.py"):
            if file is not None:
                sums.update(file.name.encode(errors="replace") + b"\0" + beginning(file))
    return sums.hexdigest()


def beginning(path: Path) -> bytes:
    """As much of a file as any submission has; nothing of one that may not be read."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        return file.read(NOTEBOOK + 1)
    return b""

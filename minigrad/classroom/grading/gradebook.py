"""The answers of a class in one SQLite file, each student's whole or not at all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from minigrad.classroom.asking import Outcome

SCHEMA = """
CREATE TABLE IF NOT EXISTS students (
    name TEXT PRIMARY KEY,
    digest TEXT NOT NULL,      -- of what was handed in, and of the assignment
    note TEXT NOT NULL,        -- what is wrong with the files, if anything
    seconds REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS answers (
    student TEXT NOT NULL REFERENCES students (name) ON DELETE CASCADE,
    key TEXT NOT NULL,         -- exercise and question
    alone INTEGER NOT NULL,    -- 1: on the reference's earlier exercises; 0: on their own
    outcome TEXT NOT NULL,
    PRIMARY KEY (student, key, alone)
);
"""


class Graded(NamedTuple):
    """A student's answers: by (question's key, alone), what came of it."""

    student: str
    digest: str
    note: str
    seconds: float
    outcomes: dict[tuple[str, bool], Outcome]


class Gradebook:
    """A context manager. What `add` returned from is on the disk, and stays through a kill."""

    def __init__(self, path: Path):
        self.connection = sqlite3.connect(path)
        self.connection.execute("PRAGMA foreign_keys = ON")
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.executescript(SCHEMA)

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def digest(self, student: str) -> str | None:
        """Of what was graded of a student; None if nothing was."""
        row = self.connection.execute(
            "SELECT digest FROM students WHERE name = ?", (student,)
        ).fetchone()
        return row and row[0]

    def add(self, graded: Graded) -> None:
        """In the place of what there was of this student, in one transaction."""
        with self.connection as transaction:
            transaction.execute("DELETE FROM students WHERE name = ?", (graded.student,))
            transaction.execute(
                "INSERT INTO students VALUES (?, ?, ?, ?)",
                (graded.student, graded.digest, graded.note, graded.seconds),
            )
            transaction.executemany(
                "INSERT INTO answers VALUES (?, ?, ?, ?)",
                [
                    (graded.student, key, int(alone), json.dumps(outcome.as_dict()))
                    for (key, alone), outcome in graded.outcomes.items()
                ],
            )

    def forget_all_but(self, students: set[str]) -> None:
        """Those whose submission is no longer there."""
        gone = {name for (name,) in self.connection.execute("SELECT name FROM students")} - students
        with self.connection as transaction:
            transaction.executemany("DELETE FROM students WHERE name = ?", [(s,) for s in gone])

    def __iter__(self) -> Iterator[Graded]:
        """One student after the other, by name."""
        rows = self.connection.execute(
            "SELECT name, digest, note, seconds FROM students ORDER BY name"
        ).fetchall()
        for name, digest, note, seconds in rows:
            answers: list[tuple[str, int, Any]] = self.connection.execute(
                "SELECT key, alone, outcome FROM answers WHERE student = ?", (name,)
            ).fetchall()
            outcomes = {
                (key, bool(alone)): Outcome(**json.loads(text)) for key, alone, text in answers
            }
            yield Graded(name, digest, note, seconds, outcomes)

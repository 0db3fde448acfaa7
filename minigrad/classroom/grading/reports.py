"""What each student reads of their grading: a page, a text, and Gradescope's results.json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path

from minigrad.atomic import replacing
from minigrad.classroom.grading.assignment import Assignment, Item
from minigrad.classroom.grading.gradebook import Graded
from minigrad.classroom.grading.scores import by_exercise, score
from minigrad.viz.page import document


def lines(graded: Graded, item: Item) -> list[tuple[str, str]]:
    """What is told of one answer: status, the failing case, and a hint.

    What a submission itself says (its answer, its exception's text) may be anything that it finds.
    So it is told from the run on the student's own parts; in the other one the reference's earlier
    solutions are in its process. And not of hidden questions: it could be their inputs.
    """
    question = item.question
    alone, own = graded.outcomes[item.key, True], graded.outcomes[item.key, False]
    if alone.right:
        return []
    told = [("status", alone.status)]
    if question.hidden:
        told += [("got", own.exception), ("why", own.why.partition(" (")[0] * own.stopped)]
    elif not own.right:
        told += [("asked", own.asked), ("expected", own.expected), ("got", own.got)]
        told.append(("why", own.why * (not alone.known)))
    told.append(("why", alone.why * alone.known))
    if question.hints:
        told.append(("hint", question.hints[0]))
    return [(name, text) for name, text in told if text]


def as_text(graded: Graded, items: Sequence[Item], assignment: Assignment) -> str:
    total = score(graded, items)
    out = [
        f"{assignment.name}: {graded.student}",
        f"{total.alone} of {total.most} points; {total.own} on your own earlier exercises",
    ]
    if graded.note:
        out.append(f"Note: {graded.note}")
    for number, some in by_exercise(items).items():
        part = score(graded, some)
        title = some[0].lesson.exercises[number].title
        out += ["", f"{number}  {title}: {part.alone} of {part.most} (own: {part.own})"]
        for item in some:
            right = graded.outcomes[item.key, True].right
            out.append(f"  {'right' if right else 'wrong'}  {item.question.says}")
            out += [f"         {name}: {text}" for name, text in lines(graded, item)]
    return "\n".join(out) + "\n"


def as_html(graded: Graded, items: Sequence[Item], assignment: Assignment) -> str:
    total = score(graded, items)
    parts = []
    for number, some in by_exercise(items).items():
        part = score(graded, some)
        title = some[0].lesson.exercises[number].title
        parts.append(
            f"<h2>{number} {escape(title)}: {part.alone} of {part.most}</h2>"
            f"<p>On your own earlier exercises: {part.own}</p><ul>"
        )
        for item in some:
            right = graded.outcomes[item.key, True].right
            rows = "".join(
                f"<tr><th>{name}</th><td><pre>{escape(text)}</pre></td></tr>"
                for name, text in lines(graded, item)
            )
            mark = "right" if right else "wrong"
            table = f"<table>{rows}</table>" if rows else ""
            parts.append(
                f'<li><b class="{mark}">{mark}</b> {escape(item.question.says)}{table}</li>'
            )
        parts.append("</ul>")
    note = f"<p>{escape(graded.note)}</p>" if graded.note else ""
    title = f"{assignment.name}: {graded.student}"
    reached = f"{total.alone} of {total.most} points, {total.own} on your own earlier exercises"
    body = "\n".join(parts)
    return document(
        title,
        f"<h1>{escape(title)}</h1>\n<p><strong>{reached}</strong></p>\n<main>\n{note}{body}\n</main>",
        MORE,
    )


def as_gradescope(graded: Graded, items: Sequence[Item], assignment: Assignment) -> str:
    """The format of Gradescope's autograder; its score is that of each exercise alone."""
    tests = []
    for item in items:
        right = graded.outcomes[item.key, True].right
        text = "\n".join(f"{name}: {text}" for name, text in lines(graded, item))
        tests.append(
            {
                "name": f"{item.question.exercise} {item.question.says}",
                "number": item.question.exercise,
                "score": item.question.points if right else 0,
                "max_score": item.question.points,
                "output": text,
                "visibility": "after_published" if item.question.hidden else "visible",
            }
        )
    total = score(graded, items)
    results = {
        "score": total.alone,
        "output": f"On your own earlier exercises: {total.own} of {total.most}. {graded.note}",
        "execution_time": round(graded.seconds, 2),
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {"own": total.own, "most": total.most},
    }
    return json.dumps(results, indent=1) + "\n"


def write(graded: Graded, items: Sequence[Item], assignment: Assignment, folder: Path) -> None:
    """The three of them, under `reports/` and `results/`."""
    for name, suffix, text in (
        ("reports", ".html", as_html(graded, items, assignment)),
        ("reports", ".txt", as_text(graded, items, assignment)),
        ("results", ".json", as_gradescope(graded, items, assignment)),
    ):
        (folder / name).mkdir(parents=True, exist_ok=True)
        with replacing(folder / name / f"{graded.student}{suffix}") as temporary:
            temporary.write_text(text, encoding="utf-8", errors="replace")


MORE = """
h2 { margin-top: 2rem; }
.right { color: #1a7f37; } .wrong { color: #cf222e; }
@media (prefers-color-scheme: dark) { .right { color: #57c76b; } .wrong { color: #ff8a80; } }
li { margin: .6rem 0; }
th { text-align: left; vertical-align: top; padding: .1rem 1rem .1rem 0; font-weight: normal;
  color: var(--quiet); }
td pre { margin: 0; padding: .1rem .4rem; white-space: pre-wrap; overflow-wrap: anywhere; }
"""

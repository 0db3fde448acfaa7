"""make an assignment of lessons, or a quiz"""

from __future__ import annotations

import argparse
from pathlib import Path

from minigrad.cli.numbers import natural

DESCRIPTION = """\
`minigrad assign build --lessons 3,4 --out hw1` writes hw1/student, to be handed out: stubs and what
is asked, with no line of a solution; and hw1/grader, to be kept: all questions, and what Gradescope
needs. `minigrad assign quiz` draws questions from known mistakes, with a key: find the bug in a
solution and, of lessons on derivatives, name the fault that makes a gradient report's numbers.
"""


def numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected numbers of lessons, 3,4, got {text!r}"
        ) from None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["build", "quiz"])
    parser.add_argument("--lessons", type=numbers, required=True, metavar="3,4")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="PATH",
        help="build: a folder, whose name is the assignment's; quiz: a file, say quiz.md",
    )  # fmt: skip
    parser.add_argument("--seed", type=natural, default=0, metavar="N", help="default: 0")
    parser.add_argument(
        "--variants", action="store_true", help="build: other inputs for each student"
    )
    parser.add_argument(
        "--source", metavar="URL",
        help="build: the repository from which students get minigrad, for their README and for the "
        "workflow of GitHub Classroom (default: the one that this was cloned from)",
    )  # fmt: skip
    parser.add_argument(
        "--count", type=natural, default=6, metavar="N",
        help="quiz: how many questions; up to half of them are to name a fault (default: 6)",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    from minigrad.classroom.grading import bundles, name_the_fault, quiz
    from minigrad.classroom.grading.assignment import Assignment, chosen
    from minigrad.classroom.lesson import course

    out: Path = arguments.out
    try:
        lessons = chosen(course(), arguments.lessons)
        if arguments.what == "build":
            source = bundles.origin() if arguments.source is None else arguments.source
            assignment = Assignment(
                out.name, arguments.lessons, arguments.seed, arguments.variants, source
            )
            bundles.build(lessons, assignment, out)
            print(f"{out / 'student'}: to hand out\n{out / 'grader'}: to keep")
            if not source:
                print("no workflow for GitHub Classroom: --source URL says where minigrad is")
        else:
            faults = name_the_fault.draw(lessons, arguments.count // 2, arguments.seed)
            bugs = quiz.draw(lessons, arguments.count - len(faults), arguments.seed)
            key = out.with_name(f"{out.stem}-answers{out.suffix}")
            for path, answers in ((out, False), (key, True)):
                parts = [quiz.as_markdown(bugs, answers)]
                parts += [name_the_fault.as_markdown(faults, answers)] if faults else []
                path.write_text("\n".join(parts), encoding="utf-8")
            print(f"{out}\n{key}: to keep")
    except (LookupError, OSError, ValueError, RuntimeError) as error:
        raise SystemExit(f"minigrad assign: {error.args[-1]}") from None
    return 0

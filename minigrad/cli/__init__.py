"""The command `minigrad`: one file a subcommand, each with `add_arguments` and `run`."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from types import ModuleType

import minigrad
from minigrad.cli import (
    assign,
    audit,
    bench,
    check,
    demo,
    doctor,
    gallery,
    grade,
    lesson,
    program,
    start,
    step,
    train,
)

COMMANDS: dict[str, ModuleType] = {
    "demo": demo, "lesson": lesson, "start": start, "check": check, "step": step, "train": train,
    "gallery": gallery, "doctor": doctor, "bench": bench, "assign": assign, "grade": grade,
    "audit": audit,
}  # fmt: skip

# What is imported when it is first used, and comes with minigrad where it was installed as a whole.
REQUIRED = ("rich", "matplotlib", "safetensors", "pylatexenc", "latex2mathml", "markdown_it")

EPILOG = """\
Start with `minigrad demo`. `minigrad COMMAND --help` describes a command's options.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code is returned (argparse exits by itself on a wrong one)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # an old encoding is no reason to crash
    arguments = parser().parse_args(argv)
    arguments.argv = list(sys.argv[1:] if argv is None else argv)
    if arguments.command is None:
        parser().print_help()
        return 0
    try:
        code = COMMANDS[arguments.command].run(arguments)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print(f"\nminigrad {arguments.command}: stopped by Ctrl-C.", file=sys.stderr)
        return 130
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in REQUIRED:
            raise
        print(
            f"minigrad {arguments.command}: {package} is missing. It comes with minigrad: in the "
            f"folder of its repository, {program.command('pip')} install -e .",
            file=sys.stderr,
        )
        return 1
    except BrokenPipeError:  # `minigrad demo | head`: whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="minigrad",
        description="A tiny, fast deep-learning framework to read, run, break and repair.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"minigrad {minigrad.__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, module in COMMANDS.items():
        summary = (module.__doc__ or "").splitlines()[0]
        command = commands.add_parser(
            name,
            help=summary,
            description=module.DESCRIPTION,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
    return top

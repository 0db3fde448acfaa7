"""step through what a script computes, forward and backward, node by node

How a script is run and recorded is in minigrad/viz/stepper/script.py.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import textwrap
import traceback
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from minigrad.cli.numbers import positive

if TYPE_CHECKING:
    from minigrad.viz.stepper.page import Stepper

DESCRIPTION = """\
Runs a script up to the first time that it calls backward, and steps through the computation of
what that is called on: each value, then each gradient, where it comes from and why in this order.
A training loop stops there. Of a script that never calls backward, it is the variable `loss`.

Writes a page for the browser, one file that needs no network; or, with --terminal, shows one step
after the other here. Without a script it does so with a worked example, small enough for paper.
"""
OUT = Path("minigrad-steps.html")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("script", nargs="?", type=Path, metavar="SCRIPT", help="a Python file")
    parser.add_argument(
        "--out", type=Path, metavar="FILE",
        help=f"where the page goes (default: ./{OUT}); a file of that name is replaced",
    )  # fmt: skip
    parser.add_argument("--open", action="store_true", help="show the page in the browser")
    parser.add_argument("--terminal", action="store_true", help="step here instead")
    parser.add_argument(
        "--args", type=shlex.split, default=[], metavar="TEXT",
        help="the script's own arguments: --args='--epochs 3'",
    )  # fmt: skip
    parser.add_argument(
        "--call", type=positive, default=1, metavar="N",
        help="stop at the Nth call of backward (default: 1): step N of a training loop, say",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    from minigrad.viz.stepper.example import SOURCE, worked_example

    if arguments.terminal and (arguments.out or arguments.open):
        raise SystemExit("minigrad step: --terminal writes no page; leave out --out and --open")
    if arguments.script is None:
        stepper = worked_example()
        print(f"A worked example:\n\n{textwrap.indent(SOURCE, '    ')}")
        arguments.terminal = arguments.out is None and not arguments.open
    else:
        stepper = stepper_of(arguments)
        if stepper is None:
            return 1
    if arguments.terminal:
        stepper.walk()
        return 0
    return write(stepper, arguments.out or OUT, arguments.open)


def stepper_of(arguments: argparse.Namespace) -> Stepper | None:
    """The script's stepper; None if the script failed, after its traceback."""
    from minigrad.viz.stepper.script import ScriptError, step_script

    script = arguments.script
    try:
        return step_script(script, arguments.args, arguments.call)
    except ScriptError as error:
        raise SystemExit(f"minigrad step: {error}") from None
    except Exception as error:
        at = error.__traceback__
        while at is not None and Path(at.tb_frame.f_code.co_filename) != script:
            at = at.tb_next  # what comes before is this command's own
        traceback.print_exception(error.with_traceback(at or error.__traceback__))
        print(
            f"minigrad step: {script} stopped with this error, before its backward was recorded",
            file=sys.stderr,
        )
        return None


def write(stepper: Stepper, out: Path, show: bool) -> int:
    try:
        stepper.save(out)
    except OSError as error:
        reason = "it is a folder" if out.is_dir() else error.strerror or error
        raise SystemExit(
            f"minigrad step: cannot write {out}: {reason}. Name another file with --out FILE"
        ) from None
    print(f"{len(stepper)} steps, {out.stat().st_size / 1e6:.1f} MB: {out}")
    if show:
        webbrowser.open(out.resolve().as_uri())
    else:
        print("Open it in a browser (--open does), or step here with --terminal.")
    return 0

"""measure kernels and training steps beside NumPy and PyTorch

What is measured, and how, is in minigrad/bench/.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from minigrad.cli.numbers import positive

if TYPE_CHECKING:
    from minigrad.bench.runs import Run

DESCRIPTION = """\
Measures kernels and whole training steps on this machine, beside NumPy and, if it is installed,
PyTorch: in one process, in turns, so that what slows one slows all. Results are compared before
anything is timed. Prints a table with each goal met or missed. A whole run takes some ten minutes,
one with --quick half a minute.
"""
GROUPS = (
    "steps", "matmul", "conv", "pool", "attention", "memory", "rows", "recurrent", "embedding",
    "adam", "training", "start", "sizes",
)  # fmt: skip
# How libraries are told how many threads to use: each reads its variable once, when it is loaded.
VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--only", nargs="+", choices=GROUPS, default=list(GROUPS), metavar="GROUP",
        help=f"measure only these: {', '.join(GROUPS)}",
    )  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument(
        "--compare", type=Path, metavar="FILE",
        help="the --json of an earlier run: print both side by side",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER",
        help="draw pictures there: a roofline, time against size, speed-up by step",
    )  # fmt: skip
    parser.add_argument(
        "--quick", action="store_true", help="small sizes and few rounds: a look, not a measurement"
    )
    parser.add_argument(
        "--threads", type=positive, default=cores(), metavar="N",
        help="for each library (default: as many as there are cores)",
    )  # fmt: skip
    parser.add_argument(
        "--device", choices=("cpu", "cuda"), default="cpu",
        help="cuda measures the kernels for an NVIDIA GPU (default: cpu)",
    )  # fmt: skip


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(arguments: argparse.Namespace) -> int:
    wanted: dict[str, str] = dict.fromkeys(VARIABLES, str(arguments.threads))
    if any(os.environ.get(name) != value for name, value in wanted.items()):
        return again(arguments.argv, wanted)

    from minigrad.bench import cuda, runs, session

    old = earlier(arguments.compare)
    prepare(arguments.json, arguments.out)
    setting = session.Setting(
        session.find_torch(arguments.threads), arguments.threads, arguments.quick
    )
    if arguments.device == "cuda":
        found = cuda.measure(setting, arguments.only, say)
    else:
        found = session.measure(setting, arguments.only, say)
    print(session.as_text(found))
    if old is not None:
        print("\n" + runs.side_by_side(old, found))
    write(found, arguments.json, arguments.out)
    return 1 if found.failures else 0


def again(argv: Sequence[str], environment: dict[str, str]) -> int:
    """The same command in a process that has these variables from its start."""
    command = [sys.executable, "-m", "minigrad", *argv]
    child = subprocess.Popen(command, env=os.environ | environment)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:  # the child got it as well, and says so
            continue


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# ------------------------------------------------------------------ files


def earlier(file: Path | None) -> Run | None:
    from minigrad.bench import runs

    try:
        return runs.load(file) if file else None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SystemExit(f"minigrad bench: --compare {file}: {reason}") from None


def prepare(file: Path | None, folder: Path | None) -> None:
    """What cannot be written is better found before ten minutes of measurements."""
    try:
        if file:
            file.touch()
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SystemExit(f"minigrad bench: {error.filename}: {error.strerror}") from None


def write(found: Run, file: Path | None, folder: Path | None) -> None:
    from minigrad.bench import pictures, runs

    if file:
        runs.save(found, file)
    if folder:
        for name in pictures.draw(found, folder):
            print(folder / name)

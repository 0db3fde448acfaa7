"""report what this machine has, and what to install for what is missing

Every question runs in a process of its own (see probes.py), so that a package that is broken,
however badly, becomes a line of the report and not its end.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from minigrad.cli import probes

DESCRIPTION = """\
Reports what this machine has: Python, NumPy and its BLAS, Numba and its threading layer,
CuPy, GPU, PyTorch, matplotlib, safetensors, MPI. Each line says OK, missing or broken, and
what to install for what is missing. The exit code is 0 whatever was found.
"""


class Check(NamedTuple):
    label: str
    package: str = ""  # what pip would reinstall
    missing: str = ""  # what to do where it is not there


REQUIRED = "pip install -e ."
CHECKS = {  # by the name of the probe that asks
    "python": Check("Python"),
    "cpu": Check("Processor"),
    "numpy": Check("NumPy", "numpy", REQUIRED),
    "numba": Check(
        "Numba",
        "numba llvmlite",
        "without it the kernels run in NumPy, several times slower: pip install numba",
    ),
    "matplotlib": Check("matplotlib", "matplotlib", REQUIRED),
    "rich": Check("rich", "rich", REQUIRED),
    "safetensors": Check("safetensors", "safetensors", REQUIRED),
    "gpu": Check("GPU", "", "not needed: everything runs on the CPU"),
    "cupy": Check(
        "CuPy",
        "cupy-cuda12x",
        "only for an NVIDIA GPU: pip install -e '.[cuda12]', or '.[cuda13]' if nvidia-smi "
        "shows CUDA 13 or newer",
    ),
    "torch": Check(
        "PyTorch",
        "torch",
        "only for tests and benchmarks that compare with it: pip install -e '.[test,parity]'",
    ),
    "mpi": Check(
        "MPI", "mpi4py mpich", "only for training in several processes: pip install -e '.[mpi]'"
    ),
}
TIME_LIMIT = 60  # seconds for one question
COLORS = {"OK": "32", "missing": "33", "broken": "31"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(arguments: argparse.Namespace) -> int:
    report = examine()
    print(json.dumps(report, indent=2) if arguments.json else as_text(report))
    return 0


def examine() -> list[dict[str, str]]:
    """One entry for each check: name, status (OK, missing, broken), detail, advice."""
    with ThreadPoolExecutor(max_workers=4) as pool:
        found = list(pool.map(ask, CHECKS))
    return [
        {"name": check.label, **answer, "advice": advice(check, answer["status"])}
        for check, answer in zip(CHECKS.values(), found, strict=True)
    ]


def advice(check: Check, status: str) -> str:
    if status == "broken" and check.package:
        return f"install it anew: pip install --force-reinstall {check.package}"
    return check.missing if status == "missing" else ""


def ask(name: str) -> dict[str, str]:
    """The answer of one probe, run in a process of its own."""
    command = [sys.executable, "-P", probes.__file__, name]
    try:
        child = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=TIME_LIMIT,
            stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"status": "broken", "detail": f"did not answer within {TIME_LIMIT} seconds"}
    try:
        return json.loads(child.stdout.splitlines()[-1])
    except (ValueError, IndexError):  # it died before it could answer
        last = child.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        return {"status": "broken", "detail": f"exit code {child.returncode}: {last[0]}"}


def as_text(report: list[dict[str, str]]) -> str:
    """A table as wide as the terminal, made without rich: that may be what is missing."""
    width = max(40, shutil.get_terminal_size().columns)
    margin = 2 + 13 + 9
    lines = ["minigrad doctor: what this machine has", ""]
    for entry in report:
        text = textwrap.wrap(entry["detail"], width - margin) or [""]
        if entry["advice"]:
            text += textwrap.wrap("-> " + entry["advice"], width - margin, subsequent_indent="   ")
        status = colored(f"{entry['status']:9}", COLORS[entry["status"]])
        lines.append(f"  {entry['name']:13}{status}{text[0]}")
        lines += [" " * margin + rest for rest in text[1:]]
    return "\n".join([*lines, "", conclusion(report)])


def conclusion(report: list[dict[str, str]]) -> str:
    needed = {check.label for check in CHECKS.values() if check.missing == REQUIRED}
    bad = [e["name"] for e in report if e["status"] != "OK" and e["name"] in needed]
    if bad:
        return f"minigrad needs {', '.join(bad)}: see above."
    return "Everything that minigrad needs is here. Next: minigrad demo"


def colored(text: str, code: str) -> str:
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\033[{code}m{text}\033[0m"

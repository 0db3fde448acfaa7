"""Programs on several ranks: run with the mpiexec beside this Python, and what each rank found."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.processes import ROOT

MPIEXEC = Path(sys.executable).parent / "mpiexec"
MISSING = [
    *(["mpi4py is not installed"] if importlib.util.find_spec("mpi4py") is None else []),
    *([] if MPIEXEC.exists() else ["there is no mpiexec beside this Python"]),
]
needs_mpi = pytest.mark.skipif(bool(MISSING), reason="no MPI: " + ", ".join(MISSING))

TIMEOUT = 120.0  # seconds: whatever hangs fails, and does not hold up the tests


class Done(NamedTuple):
    code: int
    out: str
    err: str
    found: list[Any]  # what the program returned, by rank; None for a rank that did not get there


def start(ranks: int, program: str, folder: Path, *args: Any) -> subprocess.Popen:
    """`program(*args)` of programs.py on so many ranks; the processes are a group of their own."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    command = [MPIEXEC, "-n", ranks, sys.executable, "-m", "tests.distributed.programs"]
    return subprocess.Popen(
        [*map(str, command), program, str(folder), json.dumps(args)],
        env=os.environ | threads | {"PYTHONPATH": str(ROOT)}, cwd=ROOT, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def finish(process: subprocess.Popen, folder: Path, ranks: int, timeout: float = TIMEOUT) -> Done:
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        pytest.fail(f"the ranks did not end within {timeout} seconds\n{out}\n{err}")
    files = [folder / f"{rank}.json" for rank in range(ranks)]
    found = [json.loads(file.read_text()) if file.exists() else None for file in files]
    for file in files:
        file.unlink(missing_ok=True)
    return Done(process.returncode, out, err, found)


def run(ranks: int, program: str, folder: Path, *args: Any) -> Done:
    return finish(start(ranks, program, folder, *args), folder, ranks)


def results(ranks: int, program: str, folder: Path, *args: Any) -> list[Any]:
    """What every rank returned, of a program that succeeds."""
    done = run(ranks, program, folder, *args)
    assert done.code == 0, done.err
    return done.found

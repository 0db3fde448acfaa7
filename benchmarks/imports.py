"""How long `import` takes, in a fresh process each time."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from benchmarks.peers import PEERS
from minigrad.bench.report import Goal, Row
from minigrad.bench.timing import Times

ROUNDS = 7
GOAL = Goal(0.25, of="")  # seconds
CODE = "import time; t = time.perf_counter(); import {0}; print(time.perf_counter() - t)"


def rows(peers: Mapping[str, Any]) -> list[Row]:
    modules = {"minigrad": "minigrad"} | {name: PEERS[name][0] for name in peers}
    rounds: dict[str, list[float]] = {name: [] for name in modules}
    for module in modules.values():
        seconds_of(module)  # the first import writes .pyc files and fills the disk cache
    for _ in range(ROUNDS):
        for name, module in modules.items():
            rounds[name].append(seconds_of(module))
    times = {name: Times(seconds) for name, seconds in rounds.items()}
    return [Row.of_times("import", times, GOAL, note="NumPy's own import included")]


def seconds_of(module: str) -> float:
    command = [sys.executable, "-c", CODE.format(module)]
    # Compiled files are kept, as they are for everybody who has not forbidden it.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)

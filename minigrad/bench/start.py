"""What is waited for before the first result: of a kernel compiled earlier, and of a new one.

Every time is that of the first call in a new process, with the import of Numba in it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec

from minigrad.bench.case import Setting
from minigrad.bench.report import BASE, Goal, Row
from minigrad.bench.timing import Times

ROUNDS = 5
WARM, COLD = Goal(0.3, of=""), Goal(20, of="")  # seconds

# What is called, `normal` giving arrays of a shape.
FIRST_CALLS = {
    "softmax": "kernels.softmax(normal(512, 512))",
    "layer norm": "kernels.layer_norm(normal(512, 512), normal(512), normal(512), 1e-5)",
    "conv": "kernels.conv(normal(8, 8, 16, 16), normal(8, 8, 3, 3), None, *3 * [(1, 1)], 1)",
    "attention": "kernels.attention(*(normal(1, 2, 128, 32) for _ in range(3)))",
}
# Numba imports SciPy's linear algebra if that is installed. minigrad's users need not have it.
NO_SCIPY = "import sys; sys.modules['scipy'] = None\n"
PLACES = {"": "", ", without SciPy": NO_SCIPY} if find_spec("scipy") else {"": ""}
CALL = """\
import time
import numpy as np
import kernels
def normal(*shape): return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)
start = time.perf_counter()
{}
print(time.perf_counter() - start)
"""
CNN_STEP = """\
import time
import minigrad
from minigrad.bench.training import cnn
step = cnn(64, 28)(minigrad)
start = time.perf_counter()
step()
print(time.perf_counter() - start)
"""


def start(setting: Setting) -> Iterator[Row]:
    calls = dict(list(FIRST_CALLS.items())[: 1 if setting.quick else None])
    for name, call in calls.items():
        for where, before in PLACES.items():
            code = before + CALL.format(call)
            seconds_of(code)  # compiles, if that has not been done before
            times = Times([seconds_of(code) for _ in range(1 if setting.quick else ROUNDS)])
            yield Row.of_times(f"first call in a process: {name}{where}", {BASE: times}, WARM)
    if not setting.quick:
        yield Row.of_times("compile all of the CNN's step", {BASE: Times([cold()])}, COLD)


def cold() -> float:
    """Seconds of the CNN's first step when nothing is compiled yet."""
    with tempfile.TemporaryDirectory() as empty:
        return seconds_of(CNN_STEP, NUMBA_CACHE_DIR=empty)


def seconds_of(code: str, **environment: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | environment, stdout=subprocess.PIPE,
        text=True, check=True,
    )  # fmt: skip
    return float(done.stdout)

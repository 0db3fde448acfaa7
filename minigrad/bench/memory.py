"""How much memory attention takes at its peak, beside what was there before.

Each library is measured in a process of its own, by the system: whatever it allocates, and in
whatever way, counts. The inputs are there before, and so is whatever a small problem of the same
kind leaves behind: loaded libraries, compiled code. Result and gradients count.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from minigrad.bench.case import Setting, normal
from minigrad.bench.report import BASE, Goal, Row

SIZE = (2, 8, 1024, 64)
QUICK = (1, 2, 256, 16)
SMALL = (1, 1, 64, 16)


def memory(setting: Setting) -> Iterator[Row]:
    size = QUICK if setting.quick else SIZE
    modules = {BASE: "minigrad"} | ({"PyTorch": "torch"} if setting.torch else {})
    peaks = {who: peak_of(module, size) for who, module in modules.items()}
    known = {who: peak for who, peak in peaks.items() if peak is not None}
    if BASE in known:
        name = f"attention {'x'.join(map(str, size))} causal, peak memory"
        yield Row.of_amounts(name, "bytes", known, Goal(1.2))


def peak_of(module: str, size: tuple[int, ...]) -> float | None:
    """Bytes, measured in a new process; None where the system does not tell (not on Linux)."""
    command = [sys.executable, "-m", "minigrad.bench.memory", module, json.dumps(size)]
    # glibc gives memory of this size back at once, so that none is there to be used unseen.
    environment = os.environ | {"MALLOC_MMAP_THRESHOLD_": "65536"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def growth(module: str, size: tuple[int, ...]) -> float | None:
    """The same in this process, which must not have needed as much before."""
    lib = importlib.import_module(module)
    attend(lib, inputs(lib, SMALL))
    tensors = inputs(lib, size)
    before = peak(reset=True)
    attend(lib, tensors)
    after = peak()
    return None if before is None or after is None else after - before


def inputs(lib: Any, size: tuple[int, ...]) -> list:
    """Query, key, value, and the gradient of the result."""
    return [lib.tensor(normal(*size, seed=i)) for i in range(4)]


def attend(lib: Any, tensors: list) -> None:
    *qkv, g = tensors
    qkv = [t.requires_grad_() for t in qkv]
    y = lib.nn.functional.scaled_dot_product_attention(*qkv, is_causal=True)
    gradients = lib.autograd.grad(y, qkv, g)  # both are in memory together, as in training
    del y, gradients


def peak(reset: bool = False) -> float | None:
    """The most bytes of this process that were in memory at once, ever or since the last reset."""
    try:
        if reset:
            with open("/proc/self/clear_refs", "w") as file:
                file.write("5")
        with open("/proc/self/status") as file:
            line = next(line for line in file if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return None
    return 1024 * float(line.split()[1])


if __name__ == "__main__":
    print(json.dumps(growth(sys.argv[1], json.loads(sys.argv[2]))))

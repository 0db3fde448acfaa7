"""The readable CUDA kernels, in Numba, run by its simulator: see simulate.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.kernels.against_reference import on_gpu


@pytest.fixture(scope="module")
def simulated() -> dict[str, dict]:
    """What simulate.py says of each kernel."""
    command = [sys.executable, "-m", "tests.kernels.simulate"]
    environment = os.environ | {"NUMBA_ENABLE_CUDASIM": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return {line["name"]: line for line in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("name", on_gpu())
def test_in_numbas_simulator(name, simulated):
    result = simulated[name]
    assert result["ran"], f"{name}: no case is small enough for the simulator"
    assert not result["wrong"], result["wrong"]

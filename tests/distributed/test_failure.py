"""A rank that fails ends all of them, within seconds, and what was saved is whole."""

from __future__ import annotations

import os
import re
import signal
import time

import pytest

import minigrad as mg
from tests.distributed.ranks import finish, needs_mpi, run, start

pytestmark = needs_mpi


@pytest.mark.parametrize(
    ("how", "complaint"),
    [
        ("raise", r"rank 1 of 2 on \S+ failed: ValueError: the disk of rank 1 is full"),
        ("exit", "rank 1 of 2 on .* failed: SystemExit: 3"),
        ("kill", None),
        ("leave", None),
    ],
)
def test_a_rank_that_ends_in_fit(tmp_path, how, complaint):
    options = {"die": [how, 7], "checkpoint": str(tmp_path / "a"), "save_every": 1}
    began = time.monotonic()
    done = run(2, "fitted", tmp_path, options)
    assert time.monotonic() - began < 20
    assert done.code != 0
    assert done.found == [None, None]
    said = done.out + done.err
    if complaint is not None:
        assert re.search(complaint, said), said
        assert "Traceback" in said
        assert "the run ends on all 2 ranks" in said
    else:  # mpiexec names the process, and which rank that is was said at the start
        (process,) = re.findall(r"rank 1 is process (\d+)", said)
        if how == "kill":
            assert f"PID {process} RUNNING" in said
            assert "Killed (signal 9)" in said
    assert mg.load(tmp_path / "a")["states"]["run"]["steps"] in (6, 7)


def test_killed_at_any_moment(tmp_path):
    """From outside, while it saves after every step."""
    path = tmp_path / "a"
    options = {"progress": False, "checkpoint": str(path), "save_every": 1}
    process = start(2, "fitted", tmp_path, options, 100_000)
    try:
        line = process.stderr.readline()
        while not path.exists() and process.poll() is None:
            time.sleep(0.01)
        time.sleep(0.2)
        os.kill(int(re.search(r"rank 0 is process (\d+)", line)[1]), signal.SIGKILL)
        done = finish(process, tmp_path, 2, timeout=20)
    finally:
        process.kill()
    assert done.code != 0
    assert mg.load(path)["states"]["run"]["steps"] > 0


def test_an_exception_outside_of_fit(tmp_path):
    done = run(2, "fails_outside_fit", tmp_path)
    assert done.code != 0
    assert "rank 1 of 2" in done.err
    assert "KeyError: 'no such recipe'" in done.err


def test_loaders_of_different_lengths(tmp_path):
    done = run(2, "different_loaders", tmp_path)
    assert done.code != 0
    assert "the loader has 2, 4 batches on ranks 0, 1" in done.err

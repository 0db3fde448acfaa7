"""Training on several processes: what is measured here, and what a model makes of it.

    python -m benchmarks.scaling               # needs the `mpi` extra; about a minute

On a machine with two cores, two ranks are as far as measuring goes. The rest is a model, stated in
scaling_model.py, and every table says which of the two it is.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import minigrad as mg
from benchmarks import scaling_model as model
from minigrad import distributed as dist
from minigrad import nn, optim
from minigrad.bench.report import machine, markdown, shown
from minigrad.nn import functional as F

DESCRIPTION = "Training on two processes, measured; on up to 1000, by a model."
SIZES = (784, 1024, 1024, 10)
BATCH = 256
MESSAGES = [4 * 4**i for i in range(13)]  # bytes: 4 to 64 MB
RANKS = (1, 2)
PAPER = (2, 8, 32, 128, 512, 1000)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=DESCRIPTION)
    parser.add_argument("--rounds", type=int, default=15, help="of each measurement: the median")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        work(arguments.worker, arguments.rounds)
        return 0
    found = {ranks: measure(ranks, arguments.rounds) for ranks in RANKS}
    print(report(found))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")
    return 0


def measure(ranks: int, rounds: int) -> dict[str, Any]:
    """What `work` finds on so many ranks."""
    mpiexec = Path(sys.executable).parent / "mpiexec"
    if not mpiexec.exists():
        raise SystemExit(f"there is no {mpiexec}: pip install 'minigrad[mpi]'")
    print(f"measuring with {ranks} rank{'s' * (ranks > 1)} ...", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "found.json")
        command = [mpiexec, "-n", ranks, sys.executable, "-m", "benchmarks.scaling"]
        command += ["--worker", path, "--rounds", rounds]
        # One thread for each rank, that of one rank too: two with two each would share the cores.
        environment = os.environ | {"BENCHMARK_THREADS": "1"}
        subprocess.run(list(map(str, command)), env=environment, check=True, timeout=600)
        return json.loads(path.read_text())


# ------------------------------------------------------------------ on each rank


def work(path: Path, rounds: int) -> None:
    ranks = dist.get_world_size()
    found: dict[str, Any] = {"weak": step(BATCH, rounds)}
    if ranks > 1:
        found["strong"] = step(BATCH // ranks, rounds)
        found["messages"] = {n: message(n, rounds) for n in MESSAGES}
    if dist.get_rank() == 0:
        path.write_text(json.dumps(found))


def median(call: Callable[[], Any], rounds: int) -> float:
    """Seconds from when all ranks begin until this one is done."""
    times = []
    for _ in range(rounds):
        dist.barrier()
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def message(nbytes: int, rounds: int) -> float:
    x = mg.zeros(nbytes // 4)
    calls = max(1, min(100, 10**6 // nbytes))  # small ones many at a time

    def call() -> None:
        for _ in range(calls):
            dist.all_reduce(x)

    call()
    return median(call, rounds) / calls


def step(batch: int, rounds: int) -> dict[str, float]:
    """Seconds of the parts of a step with so many samples on this rank."""
    mg.manual_seed(0)
    a, b, c, d = SIZES
    net = nn.Sequential(nn.Linear(a, b), nn.ReLU(), nn.Linear(b, c), nn.ReLU(), nn.Linear(c, d))
    x, y = mg.rand(batch, a), mg.randint(0, d, (batch,))
    ddp = dist.DistributedDataParallel(net)
    adam = optim.Adam(net.parameters())
    loss: Any = None

    def forward() -> None:
        nonlocal loss
        loss = F.cross_entropy(ddp(x), y)

    def backward() -> None:
        with ddp.no_sync():
            loss.backward(retain_graph=True)

    def whole() -> None:
        adam.zero_grad()
        F.cross_entropy(ddp(x), y).backward()
        adam.step()

    def silent() -> None:
        with ddp.no_sync():
            whole()

    for _ in range(3):
        whole()
    parts = {"forward": median(forward, rounds), "backward": median(backward, rounds)}
    parts |= {"update": median(adam.step, rounds)}
    parts |= {"step": median(whole, rounds), "without messages": median(silent, rounds)}
    return parts | {"gradient": sum(p.nbytes for p in net.parameters())}


# ------------------------------------------------------------------ the tables


def report(found: dict[int, dict[str, Any]]) -> str:
    alone, two = found[1]["weak"], found[2]
    times = {int(n): seconds for n, seconds in two["messages"].items()}
    here = model.fitted(times, 2, "this machine's memory, fitted to the above")
    step = model.Step(*(alone[name] for name in ("forward", "backward", "update", "gradient")))
    net = "-".join(map(str, SIZES))
    weak, strong = two["weak"], two["strong"]
    parts = [
        f"{machine(1)}. Load average {os.getloadavg()[0]:.1f}; what else runs slows this down.",
        f"A {net} ReLU network with Adam; gradient {shown(step.gradient, 'bytes')}. One rank with "
        f"{BATCH} samples: forward {shown(step.forward, 's')}, backward "
        f"{shown(step.backward, 's')}, update {shown(step.update, 's')}.",
        "MEASURED: a training step, median. Strong: the batch is shared. Weak: each rank has one.",
        "\n".join(markdown(
            ["", "1 rank", "2 ranks", "of them without messages", "speed of 2 ranks over 1"],
            [scaling(f"strong, {BATCH} samples", alone, strong, 1),
             scaling(f"weak, {BATCH} samples a rank", alone, weak, 2)],
        )),
        "MEASURED: one all_reduce of float32 numbers between 2 ranks on this machine, median.",
        "\n".join(markdown(
            ["message", "time", "bandwidth"],
            [[shown(n, "bytes"), shown(t, "s"), shown(n / t, "B/s")] for n, t in times.items()],
        )),
        "MODELLED: efficiency of weak scaling, with all overlap that there can be and with none, "
        "from the measured step of one rank and a ring all_reduce (benchmarks/scaling_model.py has "
        f"the formulas and what they leave out). Latency and bandwidth of the first network, "
        f"{shown(here.latency, 's')} and {shown(here.bandwidth, 'B/s')}, are fitted to the "
        "messages above, and no other machine is like that; those of the others are assumed. To "
        f"check: for 2 ranks here the model says {percent(model.efficiency(step, 2, here))}, "
        f"measured is {percent([alone['step'] / weak['step']])}.",
        "\n".join(markdown(
            ["network", *(f"{p} ranks" for p in PAPER)],
            [[network.name, *(percent(model.efficiency(step, p, network)) for p in PAPER)]
             for network in (here, *model.ASSUMED)],
        )),
    ]  # fmt: skip
    return "\n\n".join(parts)


def scaling(name: str, one: dict[str, float], two: dict[str, float], work: int) -> list[str]:
    """work: how much two ranks do of what one does."""
    times = [shown(t, "s") for t in (one["step"], two["step"], two["without messages"])]
    return [name, *times, f"{work * one['step'] / two['step']:.2f}"]


def percent(shares: Any) -> str:
    return " to ".join(f"{100 * share:.0f} %" for share in sorted(set(shares)))


if __name__ == "__main__":
    sys.exit(main())

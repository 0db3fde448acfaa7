"""One run of `minigrad bench`: what was asked for is measured, row by row."""

from __future__ import annotations

import datetime
import importlib
import importlib.metadata
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import kernels
from minigrad.bench import images, memory, optimizers, products, rowwise, sequences, start, training
from minigrad.bench.case import Disagreement, Setting
from minigrad.bench.report import BASE, Row, machine, shown, table, verdict
from minigrad.bench.runs import Run
from minigrad.bench.sizes import curves

Say = Callable[[str], None]
GROUPS: dict[str, Callable[[Setting], Iterator[Row]]] = {
    "steps": products.steps,
    "matmul": products.matmul,
    "conv": images.conv,
    "pool": images.pool,
    "attention": sequences.attention,
    "memory": memory.memory,
    "rows": rowwise.rows,
    "recurrent": sequences.recurrent,
    "embedding": sequences.embedding,
    "adam": optimizers.adam,
    "training": training.training,
    "start": start.start,
}  # and "sizes", which are not rows but curves


def measure(setting: Setting, groups: Sequence[str], say: Say) -> Run:
    """Measure these groups on the CPU, and tell `say` what is being done."""
    if reason := kernels.missing("numba"):
        raise SystemExit(f"minigrad bench: there is nothing to measure: {reason}")
    from kernels.cpu import ceilings as limits

    def ceilings(flops: dict[int, float], bandwidth: float) -> tuple[dict[int, float], float]:
        say("the ceilings of this machine")
        best = {n: max(f, limits.arithmetic(n)) for n, f in flops.items()}
        return best, max(bandwidth, limits.memory(setting.threads))

    # Twice, since at one time others may need the machine: a ceiling is the best there was.
    flops, bandwidth = ceilings(dict.fromkeys(sorted({1, setting.threads}), 0.0), 0.0)
    failures: list[str] = []
    rows = [
        row
        for name, group in GROUPS.items()
        if name in groups
        for row in collected(name, group(setting), say, failures)
    ]
    if setting.quick:  # the goals are for the sizes of a whole run
        rows = [row._replace(goal="", excess=None) for row in rows]
    if "sizes" in groups:
        say("sizes")
    lines = curves(setting) if "sizes" in groups else []
    flops, bandwidth = ceilings(flops, bandwidth)
    return Run(
        date=now(),
        machine=machine(setting.threads),
        device="cpu",
        versions=versions(setting.torch),
        flops={f"{n} thread{'s' if n > 1 else ''}": f for n, f in flops.items()},
        bandwidth=bandwidth,
        rows=[row.on(flops[setting.threads], bandwidth) for row in rows],
        curves=lines,
        failures=failures,
    )


def collected(name: str, rows: Iterator[Row], say: Say, failures: list[str]) -> Iterator[Row]:
    """The rows as they come, up to one that cannot be measured."""
    say(name)
    try:
        for row in rows:
            say(f"    {row.name}: {shown(row.values[BASE], row.unit)}")
            yield row
    except Disagreement as failure:
        failures.append(str(failure))


def find_torch(threads: int) -> Any:
    """PyTorch, told how many threads to use; None if it is not installed.

    The kernels come first: both share one OpenMP, which reads its settings once, and one that lets
    idle threads hold a core costs minigrad a multiple of its time, and PyTorch nothing either way.
    """
    if kernels.missing("numba") is None:
        importlib.import_module("kernels.cpu.jit")
    try:
        torch = importlib.import_module("torch")
    except ImportError:
        return None
    torch.set_num_threads(threads)
    return torch


def now() -> str:
    return datetime.datetime.now().astimezone().isoformat(timespec="minutes")


def versions(torch: Any) -> dict[str, str]:
    found = {name: importlib.metadata.version(name) for name in ("minigrad", "numpy", "numba")}
    return found | {"PyTorch": str(torch.__version__) if torch else "not installed"}


# ---------------------------------------------------------------------------- what is printed


def as_text(run: Run) -> str:
    """Reads as text and as Markdown."""
    peers = dict.fromkeys(peer for row in run.rows for peer in row.ratios)
    ceilings = [f"{shown(flops, 'FLOP/s')} ({of})" for of, flops in run.flops.items()]
    lines = [
        f"{run.machine}; {run.date}",
        "; ".join(f"{name} {version}" for name, version in run.versions.items()),
        f"Ceilings: {', '.join(ceilings)}; memory {shown(run.bandwidth, 'B/s')}",
    ]
    if run.rows:
        lines += ["", table(run.rows, peers)]
        lines.append("Medians of one call; in brackets minigrad's figure divided by the other's.")
        if run.versions["PyTorch"] == "not installed":
            lines.append(
                "PyTorch is not installed, so it has no column: pip install -e '.[parity]'"
            )
    judged = [row for row in run.rows if row.met is not None]
    missed = [f"    {row.name}: {verdict(row)}" for row in judged if not row.met]
    if judged:
        lines += ["", f"{len(judged) - len(missed)} of {len(judged)} goals are met.", *missed]
    return "\n".join([*lines, *(f"Not measured: {failure}" for failure in run.failures)])

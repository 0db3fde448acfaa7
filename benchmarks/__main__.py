"""`python -m benchmarks`: every benchmark, as one table; about two minutes."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks import THREADS, imports, memory, overhead, peers, training
from minigrad.bench import report

SUITES = {"training": training, "overhead": overhead, "memory": memory, "imports": imports}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument(
        "--only", nargs="+", choices=SUITES, default=list(SUITES), metavar="SUITE",
        help=f"run only these: {', '.join(SUITES)}",
    )  # fmt: skip
    arguments = parser.parse_args()
    modules, versions = peers.find()
    print(report.machine(THREADS))
    print("; ".join(f"{name} {version}" for name, version in versions.items()), end="\n\n")
    rows = []
    for name in arguments.only:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        rows += SUITES[name].rows(modules)
    print(report.table(rows, peers.PEERS))
    print("Time or memory of one call, median; in brackets minigrad's divided by the peer's.")
    if arguments.json:
        found = {"machine": report.machine(THREADS), "peers": versions}
        found["rows"] = [row._asdict() for row in rows]
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

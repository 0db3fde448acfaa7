"""Who minigrad is measured against, those of them that are installed."""

from __future__ import annotations

import importlib
import importlib.metadata
from typing import Any

from benchmarks import THREADS

# The peer's name in the tables: the module to import, the distribution that has it.
PEERS = {
    "PyTorch": ("torch", "torch"),
    "autograd": ("autograd", "autograd"),
    "micrograd": ("micrograd.nn", "micrograd"),
}


def find() -> tuple[dict[str, Any], dict[str, str]]:
    """The peers' modules, and what to print of each: its version, or that it is missing."""
    modules, versions = {}, {}
    for name, (module, distribution) in PEERS.items():
        try:
            modules[name] = importlib.import_module(module)
            versions[name] = importlib.metadata.version(distribution)
        except ImportError:
            versions[name] = "not installed"
    if "PyTorch" in modules:
        modules["PyTorch"].set_num_threads(THREADS)
    return modules, versions

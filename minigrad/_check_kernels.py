"""Is the `kernels` that Python finds the one that belongs to minigrad?

`kernels` is a top-level name that another published package bears too. With that one in its
place, minigrad would fail much later and say something puzzling, so it asks here, at import.
"""

from __future__ import annotations

import importlib
from typing import Any


def check_kernels() -> None:
    """Raise ImportError, in one sentence that says what to do, unless `kernels` is minigrad's."""
    kernels: Any = None
    try:
        kernels = importlib.import_module("kernels")
        if getattr(kernels, "PART_OF", None) == "minigrad":
            return
        found = f"another package of that name, at {_place(kernels)}"
    except ModuleNotFoundError as error:
        found = "none" if error.name == "kernels" else f"another package of that name ({error})"
    except Exception as error:  # whatever another package does when it is imported
        found = f"another package of that name ({type(error).__name__}: {error})"
    raise ImportError(
        f"minigrad: expected its own package `kernels`, found {found}; "
        "remove the other one from this environment and from the folder that you start Python in, "
        "or install minigrad into a fresh environment: "
        "python3 -m venv .venv && .venv/bin/pip install -e ."
    )


def _place(module: Any) -> str:
    """The file of a module; the folder of one that has no file (a folder without __init__.py)."""
    return module.__file__ or ", ".join(module.__path__)


check_kernels()

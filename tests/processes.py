"""Code run in a process of its own, as a user's first line would be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def fresh(code: str, *path: Path, **variables: str) -> subprocess.CompletedProcess:
    """Run code in a new process in which `path` comes before the repository.

    variables: of the environment.
    """
    # Compiled files are kept, as they are for everybody who has not forbidden it.
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment = kept | {"PYTHONPATH": os.pathsep.join(map(str, [*path, ROOT]))}
    return subprocess.run(
        [sys.executable, "-P", "-c", code],
        env=environment | variables, capture_output=True, text=True, check=False,
    )  # fmt: skip

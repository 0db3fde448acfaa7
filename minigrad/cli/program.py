"""How the reader can call what runs here: a hint that cannot be typed as it stands is none."""

from __future__ import annotations

import os
import shutil
import sys


def command(name: str = "minigrad") -> str:
    """`minigrad`, or the path to it where the environment is not activated.

    name: a program that was installed beside this Python, such as `minigrad` or `pip`.
    """
    folder = os.path.dirname(sys.executable)
    here = shutil.which(name, path=folder)
    if here is None:
        return f"{name_of_python()} -m {name}"
    on_path = shutil.which(name)
    return name if on_path and os.path.samefile(on_path, here) else _short(here)


def name_of_python() -> str:
    """`python`, or the path to the one that is running."""
    on_path = shutil.which("python")
    if on_path and os.path.samefile(os.path.dirname(on_path), os.path.dirname(sys.executable)):
        return "python"
    return _short(sys.executable)


def _short(path: str) -> str:
    """The path from here if that is below this folder."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive, on Windows
        return path
    return path if relative.startswith("..") else relative

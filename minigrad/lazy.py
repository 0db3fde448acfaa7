"""Names of a package that are imported when they are first used (PEP 562)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def importing(package: str, homes: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """A `__getattr__` for a package: homes has, by module within it, the names to take from there.

    >>> importing("collections", {"abc": ["Sized"]})("Sized").__name__
    'Sized'
    """
    home = {name: module for module, names in homes.items() for name in names}

    def get(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"{package} has no {name!r}{like(name, package, home)}")
        return getattr(import_module(f"{package}.{home[name]}"), name)

    return get


def like(name: str, package: str, home: Mapping[str, str]) -> str:
    """`; it has ...`: what may have been meant."""
    import difflib
    import sys

    known = () if name.startswith("_") else {*dir(sys.modules[package]), *home}
    near = difflib.get_close_matches(name, known)
    return f"; it has {', '.join(near)}" if near else ""

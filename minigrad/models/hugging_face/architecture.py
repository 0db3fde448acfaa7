"""Which of the classes around a model has written a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from minigrad.serialization import LoadError

if TYPE_CHECKING:
    from minigrad.models.pretrained import Options


def architecture(options: Options, known: tuple[str, ...], otherwise: str) -> str:
    """The name that config.json gives, which must be one of `known`; otherwise if it gives none."""
    name = (options.config.get("architectures") or [otherwise])[0]
    if name not in known:
        raise LoadError(f"{options.path}: architectures is {name!r}; there are {', '.join(known)}")
    return name

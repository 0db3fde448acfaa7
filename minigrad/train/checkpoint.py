"""Checkpoints: all that a run is made of in one file, so that it can go on as if never interrupted.

    save_checkpoint("run.ckpt", model=model, optimizer=optimizer, loader=loader, epoch=3)
    left = load_checkpoint("run.ckpt", model=model, optimizer=optimizer, loader=loader)
    left["epoch"]                                                                # 3

What has a `state_dict` is stored and restored through it: models, optimizers, schedulers, a
DataLoader with its place in the epoch. The random state is always part of it. So the numbers after
a restart are the same to the last bit as without one.
"""

from __future__ import annotations

import copy
import os
from typing import Any

from minigrad import random as rng
from minigrad.serialization import LoadError, load, save

FORMAT = "minigrad checkpoint"


def save_checkpoint(path: str | os.PathLike, /, **parts: Any) -> None:
    """Store the parts under their names, and the random state.

    parts: what has `state_dict()`, or what `minigrad.save` stores as it is (numbers, strings,
    Tensors, dicts and lists of them). The file is replaced as a whole: a crash at any moment, power
    failure included, leaves the old checkpoint or the new one. Raises as `minigrad.save` does.
    """
    states = {name: part.state_dict() for name, part in parts.items() if _has_state(part)}
    values = {name: part for name, part in parts.items() if name not in states}
    content = {"format": FORMAT, "states": states, "values": values}
    save(content | {"random": rng.get_rng_state()}, path)


def load_checkpoint(path: str | os.PathLike, /, **parts: Any) -> dict[str, Any]:
    """Restore the parts and the random state; returns what was stored without a state, by name.

    All or nothing: if one part does not fit (weights of another shape, another optimizer), every
    part is what it was before. Raises LoadError for a file that is no checkpoint or has other
    parts, naming them; what a part's `load_state_dict` raises, with the part's name added.
    """
    content = load(path)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise LoadError(
            f"{path}: expected a checkpoint of save_checkpoint; for weights alone use minigrad.load"
        )
    states, values = content["states"], content["values"]
    if set(parts) != set(states):
        raise LoadError(
            f"{path}: it holds the states of {_names(states)}, and {_names(parts)} were to be "
            "restored; give the same parts as when it was saved"
        )
    before = {name: copy.deepcopy(part.state_dict()) for name, part in parts.items()}
    numbers = rng.get_rng_state()
    touched = []
    try:
        for name, part in parts.items():
            touched.append(name)
            part.load_state_dict(states[name])
        rng.set_rng_state(content["random"])
    except Exception as error:
        for part in touched:
            parts[part].load_state_dict(before[part])
        rng.set_rng_state(numbers)
        error.add_note(f"in load_checkpoint({str(path)!r}): {touched[-1]} does not fit")
        raise
    return values


def _has_state(part: Any) -> bool:
    return callable(getattr(part, "state_dict", None))


def _names(parts: Any) -> str:
    return ", ".join(sorted(parts)) or "nothing"

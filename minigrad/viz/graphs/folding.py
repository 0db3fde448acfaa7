"""Repeated blocks of a long computation, each folded into one box: the steps of an LSTM, layers.

A block is a run of ops that comes again and again, with the same names and shapes, at least
`TIMES` times without anything in between, and the inputs that only it uses. What lies within a run
of the order of forward can always become one box: a path that leaves it cannot come back, since
all that is on it would be in the run too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

from minigrad.viz.graphs.drawing import Box

TIMES = 3
LONGEST = 100  # ops in what repeats
MANY = 40  # boxes from which on blocks are folded
MOST = 24  # blocks made of one repetition: what repeats more often makes larger blocks


@dataclass
class Block:
    """members: the indices of its boxes, in the order of forward."""

    members: list[int]
    title: str
    note: str


def find_blocks(boxes: Sequence[Box], kinds: Sequence[Any]) -> list[Block]:
    """The blocks of a graph with many boxes, from first to last; none in a small one.

    kinds: of each box; two ops are the same if these are equal: the name and the shapes, say.
    """
    if len(boxes) < MANY:
        return []
    ops = [i for i, b in enumerate(boxes) if b.kind == "op"]
    found = []
    for start, length, times in repeats([kinds[i] for i in ops]):
        together = -(-times // MOST)
        for k in range(0, times, together):
            last = min(k + together, times)
            run = ops[start + k * length : start + last * length]
            numbers = f"block {last}" if k + 1 == last else f"blocks {k + 1} to {last}"
            found.append(Block(run, f"{numbers} of {times}", f"{len(run)} operations"))
    at = {i: k for k, block in enumerate(found) for i in block.members}
    users: dict[int, set[int | None]] = {}
    for i, b in enumerate(boxes):
        for p in b.parents:
            users.setdefault(p, set()).add(at.get(i))
    for i, blocks in users.items():
        only = next(iter(blocks))
        if boxes[i].kind != "op" and len(blocks) == 1 and only is not None:
            found[only].members.append(i)
    for block in found:
        block.members.sort()
    places = [place_in_module(boxes, block) for block in found]
    for block, place in zip(found, places, strict=True):
        if place and places.count(place) == 1:
            block.title, block.note = place, f"{block.title}, {block.note}"
    return found


def place_in_module(boxes: Sequence[Box], block: Block) -> str:
    """`model.layers.3`, if the names of all parameters that only this block uses begin so."""
    names = [boxes[i].title.split(".")[:-1] for i in block.members if boxes[i].kind == "leaf"]
    same = takewhile(lambda parts: len(set(parts)) == 1, zip(*names, strict=False))
    return ".".join(parts[0] for parts in same)


def fold(boxes: Sequence[Box], blocks: Sequence[Block], but: int | None = None) -> list[Box]:
    """The boxes, with one in the place of each block, except of the block number `but`."""
    folded = {min(b.members): b for k, b in enumerate(blocks) if k != but}
    inside = {i for block in folded.values() for i in block.members}
    groups = [b.members for b in folded.values()]
    groups += [[i] for i in range(len(boxes)) if i not in inside]

    def place_of(members: list[int]) -> tuple[bool, int]:
        """Inputs first: what several blocks use may stand, in the order of forward, within one."""
        ops = [i for i in members if boxes[i].kind == "op"]
        return bool(ops), min(ops or members)

    groups.sort(key=place_of)
    place = {i: k for k, members in enumerate(groups) for i in members}
    made = []
    for k, members in enumerate(groups):
        parents = dict.fromkeys(place[p] for i in members for p in boxes[i].parents)
        parents.pop(k, None)
        block, box = folded.get(members[0]), boxes[members[0]]
        if block is None:
            made.append(replace(box, parents=list(parents), members=members))
        else:
            made.append(Box("fold", block.title, block.note, list(parents), members))
    return made


def repeats(kinds: Sequence[Any]) -> list[tuple[int, int, int]]:
    """(start, length, times) of the blocks that repeat, from left to right, the largest first.

    >>> repeats(list("xababab"))
    [(1, 2, 3)]
    """
    found = []
    at = 0
    while at < len(kinds):
        best = (0, 0)  # ops covered, and less the length of the block: the shortest that covers it
        for length in range(2, min(LONGEST, (len(kinds) - at) // TIMES) + 1):
            end = at + length
            while end < len(kinds) and kinds[end] == kinds[end - length]:
                end += 1
            times = (end - at) // length
            if times >= TIMES:
                best = max(best, (times * length, -length))
        covered, length = best[0], -best[1]
        if covered:
            found.append((at, length, covered // length))
        at += covered or 1
    return found

"""The pages of the stepper as plain text, for a terminal."""

from __future__ import annotations

from minigrad.viz.stepper.recording import Contribution, Entry, Recording, Turn


def pages(recording: Recording, wrong: bool = False) -> list[Entry | Turn | None]:
    """What each page is about: nodes in forward, turns in backward, None for the last page."""
    return [*recording.nodes, *(recording.wrong if wrong else recording.backward), None]


def page(recording: Recording, i: int, wrong: bool = False) -> str:
    """Page i. Raises IndexError if there is none."""
    all_pages = pages(recording, wrong)
    if not 0 <= i < len(all_pages):
        raise IndexError(f"step: expected a page from 0 to {len(all_pages) - 1}, got {i}")
    about = all_pages[i]
    phase = "forward" if isinstance(about, Entry) else "backward"
    phase += ", wrong order" if wrong and phase == "backward" else ""
    head = f"Step {i + 1} of {len(all_pages)}, {phase}: "
    if isinstance(about, Entry):
        lines = [titled(about), *forward(recording, about)]
    elif isinstance(about, Turn):
        lines = [titled(recording.nodes[about.node]), *backward(recording, about)]
    else:
        lines = ["the gradients of the leaves", *result(recording, wrong)]
    return head + "\n  ".join(lines)


def titled(entry: Entry) -> str:
    return f"{entry.label} = {entry.name}" if entry.label else entry.name


def forward(recording: Recording, entry: Entry) -> list[str]:
    lines = [entry.doc] if entry.doc else []
    if entry.line:
        lines.append(f"{entry.line}  {entry.code or ''}".rstrip())
    for a in entry.arguments:
        if a.source is None:
            lines.append(f"{a.name}: {a.text}")
        else:
            source = recording.nodes[a.source]
            lines.append(f"{a.name} ({titled(source)}): {'; '.join(map(str, source.values))}")
    lines.append(f"value: {'; '.join(map(str, entry.values))}")
    if entry.kind == "op":
        kept = ", ".join(f"{name} = {v}" for name, v in entry.saved.items())
        lines += [f"kept for backward: {kept or 'nothing'}", f"age: {entry.age}"]
    return lines


def backward(recording: Recording, turn: Turn) -> list[str]:
    upstream = "; ".join("nothing" if u is None else str(u) for u in turn.upstream)
    lines = [f"why now: {turn.why}", f"upstream: {upstream}"]
    for c in turn.contributions:
        to = titled(recording.nodes[c.to])
        lines.append(f"to {c.argument} ({to}): {product(turn, c)}")
        if c.before is not None:
            lines[-1] += f"; {c.before} + {c.gradient} = {c.after} there"
        if c.late:
            lines[-1] += "; too late: that op has run already"
    return lines


def product(turn: Turn, c: Contribution) -> str:
    if c.local is None:
        return str(c.gradient)
    sign = "*" if c.elementwise else "@"
    return f"{turn.upstream[0]} {sign} {c.local} = {c.gradient}"


def result(recording: Recording, wrong: bool) -> list[str]:
    lines = []
    for index, right in recording.gradients.items():
        found = recording.wrong_gradients.get(index) if wrong else right
        lines.append(f"{recording.nodes[index].name}: {found or 'nothing arrived'}")
        if wrong and index in recording.spoiled:
            lines[-1] += f"; right would be {right}"
    return lines

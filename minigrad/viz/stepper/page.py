"""The stepper: a computation that one walks through, forward and backward, node by node."""

from __future__ import annotations

import html
import json
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

from minigrad.mode import enable_grad
from minigrad.viz.graphs.drawing import STYLE, Box, size, svg
from minigrad.viz.graphs.folding import find_blocks, fold
from minigrad.viz.names import names_here
from minigrad.viz.stepper.recorder import record
from minigrad.viz.stepper.recording import Recording
from minigrad.viz.stepper.terminal import walk
from minigrad.viz.stepper.text import page, pages
from minigrad.viz.stepper.watch import Watch

PAGE = "page.html"
SCRIPTS = ("arrays.js", "panel.js", "graph.js", "steps.js")
PARTS = ("page.css", *SCRIPTS)  # of the page, which is one file
ROOM = 13  # characters, for the gradient of a number: " grad -0.1234"


def step(loss: Any, names: Any = None) -> Stepper:
    """Record how `loss` was computed, to be walked through: `step(loss).save("steps.html")`.

    loss: a Tensor with one element, before its backward; or a function without arguments that
    computes one. Of a function every op's source line is known, of a Tensor only if it was
    computed under `detect_anomaly`. names: a Module, or a dict from names to Tensors; by default
    the variables of the caller, and of a function its own as well. Nothing changes: no `.grad`,
    and the graph stays for backward. Raises RuntimeError if there is no graph (any more), or if a
    value that is needed was overwritten in place.

    >>> import minigrad as mg
    >>> a = mg.tensor(2.0, requires_grad=True)
    >>> steps = step(a * a, {"a": a})
    >>> print(steps.text(2))
    Step 3 of 4, backward: mul
      why now: Nothing was computed from this value: backward starts here, with gradient 1.
      upstream: 1
      to x (a): 1 * 2 = 2
      to y (a): 1 * 2 = 2; 2 + 2 = 4 there
    """
    named = names_here(names, depth=2)
    if not callable(loss):
        return Stepper(record(loss, named))
    with enable_grad(), Watch() as watch:
        loss = loss()
    return Stepper(record(loss, {**watch.names(), **named}))


class Stepper:
    """A recording to walk through: a page in the browser or in a notebook, or text.

    `.recording` is the data. Its pages are numbered: one for each node in forward, one for each
    op in backward, and the gradients of the leaves.
    """

    def __init__(self, recording: Recording):
        self.recording = recording

    def __len__(self) -> int:
        return len(pages(self.recording))

    def text(self, i: int, wrong: bool = False) -> str:
        """Page i as plain text. wrong: with backward depth first, not youngest first."""
        return page(self.recording, i, wrong)

    def walk(self) -> None:
        """Show page after page in the terminal, as the keys say."""
        walk(self.recording)

    def html(self) -> str:
        """The page: one HTML file that needs no network and no server."""
        web = files("minigrad.viz.stepper").joinpath("web")
        read = {name: web.joinpath(name).read_text(encoding="utf-8") for name in (PAGE, *PARTS)}
        data = {**compact(self.recording), **graphs(self.recording)}
        text = json.dumps(data, allow_nan=False, separators=(",", ":"))
        text = text.replace("<", "\\u003c")  # nothing in it can end the script that holds it
        page = read[PAGE].replace("__STYLE__", STYLE + read["page.css"])
        page = page.replace("__SCRIPT__", "".join(read[name] for name in SCRIPTS))
        return page.replace("__RECORDING__", text)  # last: it may contain anything

    def save(self, path: Any) -> None:
        """Write the page to a file."""
        Path(path).write_text(self.html(), encoding="utf-8")

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{html.escape(self.html())}" title="Backpropagation, step by step" '
            'sandbox="allow-scripts" style="width: 100%; height: 640px; border: 1px solid #8888">'
            "</iframe>"
        )


def graphs(recording: Recording) -> dict[str, Any]:
    """The pictures of the graph: of all of it; if blocks repeat, folded, and with one of them open.

    They are made here and not in the page, so that what lays out a graph exists once.
    """
    boxes = boxes_of(recording)
    kinds = [(e.name, [v.shape for v in e.values]) for e in recording.nodes]
    blocks = find_blocks(boxes, kinds)
    drawn = {"all": svg(boxes, style="")}
    if blocks:
        drawn["folded"] = svg(fold(boxes, blocks), style="")
        drawn |= {str(k): svg(fold(boxes, blocks, k), style="") for k in range(len(blocks))}
    return {"graphs": drawn, "blocks": [asdict(block) for block in blocks]}


def boxes_of(recording: Recording) -> list[Box]:
    """The boxes of what was recorded, with the numbers where there is but one."""
    boxes = []
    for e in recording.nodes:
        drawn = e.values[0]
        title = f"{e.label} = {e.name}" if e.label else e.name
        small = len(e.values) == 1 and drawn.values is not None and len(drawn.values) == 1
        note = str(drawn) if small else size(drawn.shape if len(e.values) == 1 else None)
        parents = [a.source for a in e.arguments if a.source is not None]
        room = ROOM if not drawn.shape and e.kind != "data" else 0
        boxes.append(Box(e.kind, title, note, list(dict.fromkeys(parents)), room=room))
    return boxes


def compact(recording: Recording) -> dict[str, Any]:
    """The recording for the page: each picture once, in `pictures`, and its number elsewhere."""
    pictures: list[dict] = []
    known: dict[str, int] = {}

    def shorten(x: Any) -> Any:
        if isinstance(x, float):
            return float(f"{x:.7g}")
        if isinstance(x, list):
            return [shorten(part) for part in x]
        if not isinstance(x, dict):
            return x
        x = {key: shorten(part) for key, part in x.items()}
        if "histogram" not in x:
            return x
        number = known.setdefault(json.dumps(x), len(pictures))
        if number == len(pictures):
            pictures.append(x)
        return number

    return {**shorten(recording.as_dict()), "pictures": pictures}

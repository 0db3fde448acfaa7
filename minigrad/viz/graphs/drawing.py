"""The graph of a computation as a picture: SVG made here, and DOT text for Graphviz."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from minigrad.autograd import ancestors, make_seeds
from minigrad.graph import Node
from minigrad.viz.graphs.layout import layout
from minigrad.viz.names import names_here

HEIGHT, STEP, MARGIN = 40, 74, 12  # of a box, from layer to layer, around everything

LONGEST = 26  # characters of a name that are written

STYLE = """
.minigrad-graph { color-scheme: light dark; font: 13px system-ui, sans-serif; --line: #7b8794;
  --op: #e8f0fe; --leaf: #e3f6e8; --data: #f1f3f5; --fold: #f3ecfd; --edge: #4b6cb7;
  --text: #1f2933; --small: #45525f }
@media (prefers-color-scheme: dark) { .minigrad-graph { --line: #8d99a6; --op: #22324f;
  --leaf: #1d3d2b; --data: #2b3036; --fold: #3a2c52; --edge: #86a6ee; --text: #e8ecf0;
  --small: #bcc6d0 } }
.minigrad-graph rect { stroke: var(--edge); fill: var(--op) }
.minigrad-graph .leaf rect { fill: var(--leaf); stroke: #2e8b57; rx: 20px }
.minigrad-graph .data rect { fill: var(--data); stroke: var(--line); rx: 20px }
.minigrad-graph .fold rect { fill: var(--fold); stroke: #8b6cc9 }
.minigrad-graph text { fill: var(--text); text-anchor: middle }
.minigrad-graph .note { font-size: 11px; fill: var(--small) }
.minigrad-graph .edge { fill: none; stroke: var(--line); stroke-width: 1.4 }
.minigrad-graph marker path { fill: var(--line) }
"""

HEADS = "".join(
    f'<marker id="minigrad-{name}" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="{size}" '
    f'markerHeight="{size}" markerUnits="userSpaceOnUse" orient="auto-start-reverse">'
    '<path d="M0 .6L8 4L0 7.4z" /></marker>'
    for name, size in (("arrow", 9), ("active", 13))
)


@dataclass
class Box:
    """What is drawn of a node. kind: "op", "leaf", "data" or "fold"; parents: the boxes it came
    from; members: the nodes it stands for, if that is not the one of its own number; room: the
    characters of space that are left beside the note."""

    kind: str
    title: str
    note: str
    parents: list[int]
    members: list[int] = field(default_factory=list)
    room: int = 0

    @property
    def width(self) -> float:
        letters = min(len(self.title), LONGEST)
        return max(48.0, 20 + 7.6 * letters, 16 + 6.4 * (len(self.note) + self.room))


class Drawing:
    """A graph as `.svg` and `.dot` text. A notebook shows it; `.save(path)` writes either."""

    def __init__(self, boxes: Sequence[Box]):
        self.boxes = list(boxes)

    @property
    def svg(self) -> str:
        return svg(self.boxes)

    @property
    def dot(self) -> str:
        return dot(self.boxes)

    def save(self, path: Any) -> None:
        """Write the picture: SVG to a path that ends in .svg, DOT text to .dot or .gv."""
        kinds = {".svg": "svg", ".dot": "dot", ".gv": "dot"}
        suffix = Path(path).suffix
        if suffix not in kinds:
            raise ValueError(
                f"graph: expected a path that ends in .svg, .dot or .gv, got {str(path)!r}"
            )
        Path(path).write_text(getattr(self, kinds[suffix]), encoding="utf-8")

    def _repr_svg_(self) -> str:
        return self.svg


def graph(loss: Any, names: Any = None) -> Drawing:
    """The graph of ops that led to `loss`: `graph(loss).save("graph.svg")`.

    names: a Module, or a dict from names to Tensors; by default the variables of the caller. Of
    a graph that backward has freed the ops and parameters are left, and drawn.

    >>> import minigrad as mg
    >>> a = mg.tensor(2.0, requires_grad=True)
    >>> [(box.kind, box.title) for box in graph(mg.tanh(a) * a, {"a": a}).boxes]
    [('leaf', 'a'), ('op', 'tanh'), ('op', 'mul')]
    """
    named = names_here(names, depth=2)
    # (A gradient to start from is given because no number is computed: any shape can be drawn.)
    roots = [where for where, _ in make_seeds([loss], [loss], False, caller="graph")]
    boxes: list[Box] = []
    index: dict[Any, int] = {}

    def add(key: Any, kind: str, title: str, shape: Any, parents: list[int]) -> int:
        if key not in index:
            index[key] = len(boxes)
            boxes.append(Box(kind, title, size(shape), parents))
        return index[key]

    def source(x: Any, kind: str) -> int:
        if isinstance(x, Node):
            return index[x]
        array = x.array if kind == "leaf" else x
        title = named.get(id(array), kind)
        return add(x if kind == "leaf" else id(x), kind, title, array.shape, [])

    for node in sorted(ancestors(roots), key=lambda node: node.age):
        parents = dict(node.edges)
        data = [
            a for i, a in enumerate(node.inputs) if i not in parents and hasattr(a, "__array__")
        ]
        below = [source(p, "leaf") for p in parents.values()] + [source(a, "data") for a in data]
        name = node.name if node.slot is None else f"{node.name}[{node.slot}]"
        shape = node.shape if not isinstance(node.shape, list) else None
        add(node, "op", name, shape, below)
    if not boxes:
        source(loss, "leaf")
    return Drawing(boxes)


def size(shape: Any) -> str:
    """`64x10`; nothing for a scalar; "several" for an op with several values."""
    return "several" if shape is None else "x".join(map(str, shape))


def svg(boxes: Sequence[Box], style: str = STYLE) -> str:
    """The picture, from inputs above to the loss below."""
    plan = layout([b.parents for b in boxes], [b.width for b in boxes])
    width = plan.width + 2 * MARGIN
    height = (max(plan.layer, default=0)) * STEP + HEIGHT + 2 * MARGIN
    ops = sum(b.kind == "op" for b in boxes)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="minigrad-graph" role="img" '
        f'aria-label="Graph of {ops} operations" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}"><style>{style}</style><defs>{HEADS}</defs>'
        '<g class="edges">'
    ]
    for (p, i), route in plan.routes.items():
        parts.append(
            f'<path class="edge" data-from="{p}" data-to="{i}" d="{curve(route)}" '
            'marker-end="url(#minigrad-arrow)" />'
        )
    parts.append("</g>")
    for i, b in enumerate(boxes):
        x = plan.x[i] - b.width / 2 + MARGIN
        y = plan.layer[i] * STEP + MARGIN
        middle, title = b.width / 2, 17 if b.note else 25
        grad = '<tspan class="grad" dx="5"></tspan>' if b.room else ""
        note = f'<text class="note" x="{middle:.1f}" y="33">{escape(b.note)}{grad}</text>'
        behind = f'<rect x="5" y="5" width="{b.width:.1f}" height="{HEIGHT}" rx="5" />'
        index = " ".join(map(str, b.members or [i]))
        parts.append(
            f'<g class="node {b.kind}" data-index="{index}" transform="translate({x:.1f} {y})">'
            f"<title>{escape(', '.join(filter(None, (b.kind, b.title, b.note))))}</title>"
            f"{behind if b.kind == 'fold' else ''}"
            f'<rect width="{b.width:.1f}" height="{HEIGHT}" rx="5" />'
            f'<text x="{middle:.1f}" y="{title}">{escape(abridged(b.title))}</text>'
            f"{note if b.note else ''}</g>"
        )
    return "\n".join([*parts, "</svg>"])


def abridged(name: str) -> str:
    """The beginning of a long name; of a parameter's, `model.layers.3.weight`, the end.

    >>> abridged("encoder.layers.3.self_attn.weight"), abridged("scaled_dot_product_attention")
    ('…layers.3.self_attn.weight', 'scaled_dot_product_attent…')
    """
    if len(name) <= LONGEST:
        return name
    return "…" + name[1 - LONGEST :] if "." in name else name[: LONGEST - 1] + "…"


def curve(route: Sequence[tuple[float, int]]) -> str:
    """A line through the points, upright where it passes a layer."""
    x, at = route[0]
    y = at * STEP + HEIGHT + MARGIN
    text = f"M{x + MARGIN:.1f} {y}"
    for k, (x_next, layer) in enumerate(route[1:], 2):
        y_next = layer * STEP + MARGIN
        half = (y + y_next) / 2
        a, b = x + MARGIN, x_next + MARGIN
        bend = f"C{a:.1f} {half:.0f} {b:.1f} {half:.0f} {b:.1f} {y_next}"
        text += bend if abs(a - b) > 0.1 else f"V{y_next}"
        x, y = x_next, y_next
        if k < len(route):  # beside the boxes of that layer
            y = y_next + HEIGHT
            text += f"V{y}"
    return re.sub(r"(V\d+)+(?=V)", "", text)  # one line for all that is straight


def dot(boxes: Sequence[Box]) -> str:
    """The graph in the language of Graphviz."""
    lines = ["digraph minigrad {", "  node [shape=box];"]
    for i, b in enumerate(boxes):
        label = "\\n".join(quoted(t) for t in (b.title, b.note) if t)
        shape = " shape=ellipse" if b.kind in ("leaf", "data") else ""
        lines.append(f'  n{i} [label="{label}"{shape}];')
    lines += [f"  n{p} -> n{i};" for i, b in enumerate(boxes) for p in b.parents]
    return "\n".join([*lines, "}"]) + "\n"


def quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')

"""The drawn graph: nothing overlaps, everything is below what it came from, SVG and DOT agree."""

from __future__ import annotations

import random
import time
import xml.etree.ElementTree as ET

import pytest

import minigrad as mg
from minigrad import nn, viz
from minigrad.viz.graphs.drawing import Box, Drawing
from minigrad.viz.graphs.layout import apart, layout

SVG = "{http://www.w3.org/2000/svg}"


def leaf(x):
    return mg.tensor(x, requires_grad=True)


def random_graph(seed):
    dice = random.Random(seed)
    return [dice.sample(range(i), min(i, dice.choice([0, 1, 1, 2, 3]))) for i in range(40)]


@pytest.mark.parametrize("seed", range(5))
def test_nothing_overlaps_and_everything_is_below_its_parents(seed):
    parents = random_graph(seed)
    widths = [40.0 + 10 * (i % 7) for i in range(40)]
    plan = layout(parents, widths)
    for i, mine in enumerate(parents):
        assert all(plan.layer[p] < plan.layer[i] for p in mine)
        for j in range(i):
            if plan.layer[i] == plan.layer[j]:
                assert abs(plan.x[i] - plan.x[j]) >= (widths[i] + widths[j]) / 2
        assert widths[i] / 2 <= plan.x[i] + 1e-9 <= plan.width - widths[i] / 2 + 2e-9
    assert set(plan.routes) == {(p, i) for i, mine in enumerate(parents) for p in mine}
    for (p, i), route in plan.routes.items():
        assert route[0] == (plan.x[p], plan.layer[p])
        assert route[-1] == (plan.x[i], plan.layer[i])
        assert [at for _, at in route] == list(range(plan.layer[p], plan.layer[i] + 1))
        for x, at in route[1:-1]:  # beside every box of the layers between
            for k in range(40):
                assert plan.layer[k] != at or abs(plan.x[k] - x) >= widths[k] / 2


def test_an_input_stands_just_above_its_first_user():
    assert layout([[], [0], [1], [], [2, 3]], [50] * 5).layer == [0, 1, 2, 2, 3]
    assert layout([], []).width == 0
    # 5 is made of the inputs 3 and 4 for 6 alone, and stands with them just above it.
    assert layout([[], [0], [1], [], [], [3, 4], [2, 5]], [50] * 7).layer == [0, 1, 2, 1, 1, 2, 3]
    # Also used by 7, it stays where it was.
    assert layout([[], [0], [1], [], [], [3, 4], [2, 5], [5]], [50] * 8).layer[5] == 1


def test_a_passing_line_is_straight_and_a_chain_upright():
    widths = [50, 50, 90, 50, 200, 50, 50]
    plan = layout([[], [0], [1], [2], [3], [4], [5, 0]], widths)
    passed = {x for x, _ in plan.routes[0, 6][1:-1]}
    assert len(passed) == 1
    assert abs(passed.pop() - plan.x[4]) >= 100 + 5 + 12  # the widest, half a line, half a gap
    assert max(plan.x[1:6]) - min(plan.x[1:6]) < 5


def test_places_nearest_to_those_wanted():
    assert apart([0, 100], [10, 10], [1, 1]) == [0, 100]
    assert apart([0, 0, 0], [10, 10, 10], [1, 1, 1]) == [-34, 0, 34]
    assert apart([0, 0], [10, 10], [1, 0]) == [0, 34]  # the one without weight gives way


def test_five_hundred_steps_are_laid_out_at_once():
    x, w = leaf(1.0), leaf(0.9)
    for _ in range(250):
        x = mg.tanh(x * w)
    started = time.perf_counter()
    boxes = viz.graph(x)
    assert len(boxes.svg) > 100_000
    assert len(boxes.boxes) == 502
    assert time.perf_counter() - started < 5


def elements(drawing):
    root = ET.fromstring(drawing.svg)
    nodes = [g for g in root.iter(f"{SVG}g") if g.get("class", "").startswith("node")]
    edges = [p for p in root.iter(f"{SVG}path") if p.get("class") == "edge"]
    return root, nodes, edges


def test_the_svg_has_every_box_and_edge():
    a, b = leaf(2.0), leaf(3.0)
    product = a * b
    drawing = viz.graph(product + mg.tanh(a))
    root, nodes, edges = elements(drawing)
    assert root.get("role") == "img"
    assert root.get("aria-label") == "Graph of 3 operations"
    assert [n.get("class") for n in nodes] == [
        "node leaf", "node leaf", "node op", "node op", "node op",
    ]  # fmt: skip
    assert [n.findtext(f"{SVG}text") for n in nodes] == ["a", "b", "mul", "tanh", "add"]
    ends = {(e.get("data-from"), e.get("data-to")) for e in edges}
    assert ends == {("0", "2"), ("1", "2"), ("0", "3"), ("2", "4"), ("3", "4")}


def test_the_dot_text():
    x = leaf([1.0, 2.0])
    assert viz.graph(mg.exp(x).sum()).dot == (
        "digraph minigrad {\n  node [shape=box];\n"
        '  n0 [label="x\\n2" shape=ellipse];\n  n1 [label="exp\\n2"];\n  n2 [label="sum"];\n'
        "  n0 -> n1;\n  n1 -> n2;\n}\n"
    )


def test_names_are_those_of_a_module_or_of_a_dict():
    model = nn.Linear(2, 1)
    loss = model(mg.ones(3, 2)).sum()

    def titles(**names):
        return {box.title for box in viz.graph(loss, **names).boxes if box.kind == "leaf"}

    # Of a function of its own: its variables, and the module, are those that the caller sees.
    assert titles(names=model) == {"weight", "bias"}
    assert titles(names={"layer": model}) == {"layer.weight", "layer.bias"}
    assert titles(names={"w": model.weight}) == {"w", "leaf"}
    with pytest.raises(TypeError, match="names: expected a Module or a dict"):
        viz.graph(loss, names=3)


def test_a_graph_that_was_freed_is_still_drawn():
    x = leaf(2.0)
    loss = mg.tanh(x) * x
    before = viz.graph(loss).dot
    loss.backward()
    assert viz.graph(loss).dot == before


def test_any_text_can_stand_in_a_box():
    drawing = Drawing([Box("op", '<a & "b">', "1<2", []), Box("op", "back\\slash", "", [0])])
    _, nodes, _ = elements(drawing)
    assert nodes[0].findtext(f"{SVG}text") == '<a & "b">'
    assert '"<a & \\"b\\">\\n1<2"' in drawing.dot
    assert '"back\\\\slash"' in drawing.dot


def test_saving(tmp_path):
    drawing = viz.graph(mg.exp(leaf(1.0)))
    drawing.save(tmp_path / "g.svg")
    drawing.save(tmp_path / "g.dot")
    assert (tmp_path / "g.svg").read_text(encoding="utf-8") == drawing._repr_svg_()
    assert (tmp_path / "g.dot").read_text(encoding="utf-8").startswith("digraph")
    with pytest.raises(ValueError, match=r"graph: expected a path that ends in .*g\.png"):
        drawing.save(tmp_path / "g.png")
    with pytest.raises(RuntimeError, match=r"graph: this Tensor .* does not require grad"):
        viz.graph(mg.tensor(1.0))
    assert [b.kind for b in viz.graph(leaf(1.0)).boxes] == ["leaf"]

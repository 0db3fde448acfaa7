"""Repeated blocks: which there are, and the graph with each of them as one box."""

from __future__ import annotations

import minigrad as mg
from minigrad import nn
from minigrad.viz.graphs.drawing import Box
from minigrad.viz.graphs.folding import MANY, MOST, find_blocks, fold, repeats
from minigrad.viz.stepper.page import boxes_of, step


def layers(count):
    """x -> scale by a weight of its own -> square, `count` times, and all share `bias`."""
    boxes = [Box("data", "x", "", []), Box("leaf", "bias", "", [])]
    last = 0
    for k in range(count):
        n = len(boxes)
        boxes.append(Box("leaf", f"w{k}", "", []))
        boxes.append(Box("op", "mul", "", [last, n]))
        boxes.append(Box("op", "add", "", [n + 1, 1]))
        last = n + 2
    boxes.append(Box("op", "sum", "", [last]))
    return boxes


def blocks_of(boxes):
    return find_blocks(boxes, [b.title for b in boxes])


def test_what_repeats():
    assert repeats(list("abab")) == []  # twice is too little
    assert repeats(list("ababab")) == [(0, 2, 3)]
    assert repeats(list("aaaa")) == []  # one op is no block
    assert repeats(list("xabcabcabcyababababz")) == [(1, 3, 3), (11, 2, 4)]
    assert repeats([]) == []


def test_a_block_has_its_ops_and_what_only_it_uses():
    boxes = layers(15)
    blocks = blocks_of(boxes)
    assert [b.members for b in blocks[:2]] == [[0, 2, 3, 4], [5, 6, 7]]
    assert (blocks[0].title, blocks[0].note) == ("block 1 of 15", "2 operations")
    folded = fold(boxes, blocks)
    assert [(b.kind, b.title) for b in folded[:2]] == [("leaf", "bias"), ("fold", "block 1 of 15")]
    assert [b.parents for b in folded] == [[], [0], *[[k, 0] for k in range(1, 15)], [15]]
    assert [b.members for b in folded[1:3]] == [[0, 2, 3, 4], [5, 6, 7]]
    assert folded[-1].members == [len(boxes) - 1]


def test_one_block_is_open():
    boxes = layers(15)
    opened = fold(boxes, blocks_of(boxes), but=1)
    # Inputs first: what all share, and the weight of the open block.
    assert [b.title for b in opened[:5]] == ["bias", "w1", "block 1 of 15", "mul", "add"]
    assert [b.parents for b in opened[2:6]] == [[0], [2, 1], [3, 0], [4, 0]]
    assert all(p < k for k, b in enumerate(opened) for p in b.parents)
    assert sorted(i for b in opened for i in b.members) == list(range(len(boxes)))


def test_few_boxes_are_not_folded_and_many_blocks_are_joined():
    assert blocks_of(layers(3)) == []
    blocks = blocks_of(layers(100))
    assert len(blocks) == 20 <= MOST
    assert blocks[1].title == "blocks 6 to 10 of 100"
    assert blocks[1].note == "10 operations"


def test_a_block_has_the_name_of_its_module():
    mg.manual_seed(0)
    model = nn.Sequential(*[nn.Sequential(nn.Linear(3, 3), nn.Tanh()) for _ in range(12)])
    recording = step(lambda: model(mg.ones(2, 3)).sum(), {"model": model}).recording
    boxes = boxes_of(recording)
    blocks = find_blocks(boxes, [e.name for e in recording.nodes])
    assert [b.title for b in blocks] == [f"model.{k}.0" for k in range(12)]
    assert blocks[4].note == "block 5 of 12, 2 operations"


def test_steps_of_a_recurrence_are_blocks():
    h, w = mg.zeros(1, 3), mg.randn(3, 3, requires_grad=True)
    for _ in range(MANY // 3):
        h = mg.tanh(h @ w + mg.ones(1, 3))
    recording = step(h.sum(), {"w": w}).recording
    boxes = boxes_of(recording)
    blocks = find_blocks(boxes, [(e.name, [v.shape for v in e.values]) for e in recording.nodes])
    assert [b.title for b in blocks] == [f"block {k} of 13" for k in range(1, 14)]
    names = [[boxes[i].title.split()[-1] for i in b.members] for b in blocks]
    assert all(sorted(n) == ["add", "data", "matmul", "tanh"] for n in names[1:])

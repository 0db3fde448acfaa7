"""Where the boxes of a graph go: in layers, each box below everything it was computed from.

The steps of Sugiyama, Tagawa and Toda ("Methods for Visual Understanding of Hierarchical System
Structures", 1981): give each box a layer; let long edges pass through a place of their own in each
layer between; order every layer so that few edges cross; then move boxes towards the middle of
their neighbours. All edges that leave one box share one line until they part, so that a weight
that is used at every step of a sequence is one line, not five hundred.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

GAP = 24.0  # between two boxes beside each other
LINE = 10.0  # the width that a passing edge takes up
SWEEPS = 6
LIGHT = 0.02  # the weight of an input's place beside that of an op's


@dataclass
class Layout:
    """x: the middle of each box; layer: how many layers it is below the top; routes: for each
    (source, target) the points (x, layer) that the edge passes through, both ends included."""

    x: list[float]
    layer: list[int]
    routes: dict[tuple[int, int], list[tuple[float, int]]]
    width: float


def layout(parents: Sequence[Sequence[int]], widths: Sequence[float]) -> Layout:
    """The layout of boxes of these widths.

    parents: for each box the indices of those it was computed from, all smaller than its own.

    >>> layout([[], [], [0, 1]], [50, 50, 50]).layer
    [0, 0, 1]
    """
    n = len(parents)
    layer = layers(parents)
    size = list(widths)
    light = [not mine for mine in parents]  # inputs, and the lines that come from them
    above: list[list[int]] = [[] for _ in range(n)]  # neighbours in the layer above
    below: list[list[int]] = [[] for _ in range(n)]
    level = list(layer)
    via: dict[tuple[int, int], int] = {}  # (source, layer): where its edges pass through

    def place(source: int, at: int) -> int:
        if at == layer[source]:
            return source
        if (source, at) not in via:
            via[source, at] = new = len(level)
            level.append(at)
            size.append(LINE)
            light.append(light[source])
            above.append([])
            below.append([])
            join(place(source, at - 1), new)
        return via[source, at]

    def join(a: int, b: int) -> None:
        below[a].append(b)
        above[b].append(a)

    for i in range(n):
        for p in dict.fromkeys(parents[i]):
            for at in range(layer[p] + 1, layer[i]):  # from above, not by recursion
                place(p, at)
            join(place(p, layer[i] - 1), i)

    rows: list[list[int]] = [[] for _ in range(max(level, default=-1) + 1)]
    for i, at in enumerate(level):
        rows[at].append(i)
    order(rows, above, below)
    x = coordinates(rows, above, below, size, light)
    lines: dict[int, list[int]] = {}
    for (source, _), passing in via.items():  # in the order of the layers
        lines.setdefault(source, []).append(passing)
    straighten(x, rows, size, lines.values())
    left = min((x[i] - size[i] / 2 for i in range(len(x))), default=0)
    x = [at - left for at in x]
    routes = {}
    for i in range(n):
        for p in dict.fromkeys(parents[i]):
            passed = [p, *(via[p, at] for at in range(layer[p] + 1, layer[i])), i]
            routes[p, i] = [(x[v], level[v]) for v in passed]
    width = max((x[i] + size[i] / 2 for i in range(len(x))), default=0)
    return Layout(x[:n], layer, routes, width)


def layers(parents: Sequence[Sequence[int]]) -> list[int]:
    """Longest paths from above; inputs, and what was made of inputs that nothing else uses, then
    move down to just above their first user."""
    layer: list[int] = []
    users: list[list[int]] = [[] for _ in parents]
    for i, mine in enumerate(parents):
        layer.append(max((layer[p] + 1 for p in mine), default=0))
        for p in mine:
            users[p].append(i)
    free: list[bool] = []  # to move: no input of it would have to stay behind
    for i, mine in enumerate(parents):
        free.append(all(not parents[p] or (free[p] and set(users[p]) == {i}) for p in mine))
    for i in reversed(range(len(layer))):
        if free[i] and users[i]:
            layer[i] = min(layer[u] for u in users[i]) - 1
    return layer


def order(rows: list[list[int]], above: list[list[int]], below: list[list[int]]) -> None:
    """Sort every row by the mean position of its neighbours, downwards and upwards in turn."""
    position = {v: float(k) for row in rows for k, v in enumerate(row)}
    for sweep in range(SWEEPS):
        near = below if sweep % 2 else above
        for row in reversed(rows) if sweep % 2 else rows:
            mean = {v: middle(position, near[v], position[v]) for v in row}
            row.sort(key=mean.__getitem__)
            position.update((v, float(k)) for k, v in enumerate(row))


def middle(x: dict[int, float] | list[float], near: list[int], otherwise: float) -> float:
    return sum(x[v] for v in near) / len(near) if near else otherwise


def coordinates(
    rows: list[list[int]],
    above: list[list[int]],
    below: list[list[int]],
    size: list[float],
    light: list[bool],
) -> list[float]:
    """An x for everything. What is light goes where its users are, and does not push them about."""
    x = [0.0] * len(size)
    weight = [LIGHT if is_light else 1.0 for is_light in light]

    def near(v: int, neighbours: list[int]) -> float:
        return middle(x, [n for n in neighbours if not light[n]] or neighbours, x[v])

    for sweep in range(2 * SWEEPS):
        for row in reversed(rows) if sweep % 2 else rows:
            if sweep >= SWEEPS:
                wanted = [near(v, above[v] + below[v]) for v in row]
            else:
                wanted = [near(v, below[v] if sweep % 2 else above[v]) for v in row]
            places = apart(wanted, [size[v] for v in row], [weight[v] for v in row])
            for v, at in zip(row, places, strict=True):
                x[v] = at
    return x


def straighten(
    x: list[float], rows: list[list[int]], size: list[float], lines: Iterable[list[int]]
) -> None:
    """Let each line run straight for as long as what stands beside it on its way allows."""
    left = {b: a for row in rows for a, b in pairwise(row)}
    right = {a: b for row in rows for a, b in pairwise(row)}

    def room(v: int, beside: dict[int, int], side: int) -> float:
        if v not in beside:
            return side * inf
        return x[beside[v]] - side * ((size[beside[v]] + size[v] + GAP) / 2)

    for line in lines:
        straight: list[tuple[list[int], float, float]] = []  # parts, and between what each can be
        for v in line:
            low, high = room(v, left, -1), room(v, right, 1)
            if straight:
                part, least, most = straight[-1]
                if max(low, least) <= min(high, most):
                    part.append(v)
                    straight[-1] = part, max(low, least), min(high, most)
                    continue
            straight.append(([v], low, high))
        for part, low, high in straight:
            mean = sum(x[v] for v in part) / len(part)
            for v in part:
                x[v] = min(max(mean, low), high)


def apart(wanted: list[float], sizes: list[float], weights: list[float]) -> list[float]:
    """The places nearest to those wanted (weighted least squares) without overlap, in this order.

    Less the room that everything to the left takes up, the places must not decrease: isotonic
    regression, solved by pooling neighbours that are in the wrong order into their mean.

    >>> apart([0, 0], [10, 10], [1, 1])
    [-17.0, 17.0]
    """
    offsets = [0.0]
    for a, b in pairwise(sizes):
        offsets.append(offsets[-1] + (a + b) / 2 + GAP)
    pools: list[tuple[float, float, int]] = []  # mean, weight, count
    for want, offset, weight in zip(wanted, offsets, weights, strict=False):
        mean, count = want - offset, 1
        while pools and pools[-1][0] > mean:
            before, heavy, many = pools.pop()
            mean = (before * heavy + mean * weight) / (heavy + weight)
            weight, count = heavy + weight, count + many
        pools.append((mean, weight, count))
    means = [mean for mean, _, count in pools for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=False)]

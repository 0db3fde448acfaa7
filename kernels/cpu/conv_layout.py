"""Where a convolution finds its numbers: the padded copy of an image, and tables into it.

A convolution is a matrix product, of the filters (O, C * |kernel|) with a matrix that has a row for
each channel and place in the filter, and a column for each place of the result. That matrix
("im2col") is never made: its row for channel c and place k is channel c of the padded image, read
from another start. One table says where the rows start, another where the columns lie.

For a stride of s, the numbers that one row needs are s apart. So the padded image is stored as s
images along that axis, its *phases*: phase r has its elements r, r + s, r + 2s, ... side by side,
and a step of the result is a step of 1 again.

Rows of the padded image have zeros at their ends, so those of the result do not lie side by side
where the tile reads, and lanes of its vectors are wasted on what is between them. So a small image
is stored once for each place in the filter along its last axis, shifted, without these zeros:
three copies for a filter of 3, in which a whole plane is one run. A phase and a shifted copy are
the same to the tables: element j of either is element j * step + r of the padded image.

The gradient of the input is such a product too. Element i of the padded input got something from
the places p with i = p * s + k * d, so all k with k * d = i (mod s): each phase of the *result* is
a convolution of g, with some of the filter's places, in reverse.

All have three axes here (depth, height, width); a convolution of fewer has axes of length 1.
"""

from __future__ import annotations

import functools
import itertools
from typing import NamedTuple

import numpy as np

# Vectors in an image with shifted copies, at the most: with AVX-512, half a megabyte, which is half
# of a second-level cache.
COPIES = 2**13


class Image(NamedTuple):
    """The padded copies of one channel: phases, or shifted ones, of rows that are `width` apart.

    Element j of phase r along an axis is element j * step + r - padding of the source; `first` and
    `stop` tell for each phase and axis which j exist, the others are zero.
    """

    source: np.ndarray
    step: np.ndarray
    padding: np.ndarray
    phases: np.ndarray  # (number of phases, 3): r
    first: np.ndarray
    stop: np.ndarray
    height: int
    width: int
    plane: int  # numbers in a phase
    channel: int  # numbers in a channel


class Places(NamedTuple):
    """Tables for the tile: the places of the result, in parts that see the same filter's places.

    rows: where in the image each row of the matrix starts. columns, targets, lanes: of each vector
    of columns where it starts in the image, where in the result (or, if `gaps`, in a buffer), and
    how many of its lanes count. Part i has the rows from first_row[i] to first_row[i + 1], and the
    vectors from first_vector[i] on; it is shape[i] places along each axis, `step` apart in the
    result from start[i] on. `full` is the size of the result's channel. In the buffer, from
    in_buffer[i] on, the places lie as in the image; `buffer` is its size for one channel.
    """

    rows: np.ndarray
    columns: np.ndarray
    targets: np.ndarray
    lanes: np.ndarray
    first_row: np.ndarray
    first_vector: np.ndarray
    gaps: np.ndarray
    shape: np.ndarray
    start: np.ndarray
    step: np.ndarray
    full: np.ndarray
    in_buffer: np.ndarray
    buffer: int


class Axis(NamedTuple):
    """One axis of a convolution."""

    size: int
    kernel: int
    stride: int
    padding: int
    dilation: int
    out: int

    def shift(self, k: int) -> int:
        """How many steps of its phase place k of the filter is from place 0."""
        return k * self.dilation // self.stride

    def phase(self, k: int) -> int:
        return k * self.dilation % self.stride


def axes_of(spatial, kernel, stride, padding, dilation, out) -> list[Axis]:
    """The axes, filled up to three from the front."""
    given = [Axis(*a) for a in zip(spatial, kernel, stride, padding, dilation, out, strict=True)]
    return [Axis(1, 1, 1, 0, 1, 1)] * (3 - len(given)) + given


def image_of(
    sizes: tuple, steps: tuple, paddings: tuple, phases: list[tuple], lengths: tuple, row: int
) -> Image:
    """lengths: how many elements of each phase are needed along each axis; row: of the result."""
    first = np.zeros((len(phases), 3), np.int64)
    stop = np.zeros((len(phases), 3), np.int64)
    for i, phase in enumerate(phases):
        for axis in range(3):
            ahead = paddings[axis] - phase[axis]
            first[i, axis] = min(max(0, -(-ahead // steps[axis])), lengths[axis])
            end = -(-(sizes[axis] + ahead) // steps[axis])
            stop[i, axis] = min(max(end, first[i, axis]), lengths[axis])
    # The zeros that end a row are the ones that begin the next, as far as both have any; those that
    # end the last row are at the end of the channel. But rows of the result must not overlap.
    zeros = min(first[:, 2].min(), (lengths[2] - stop[:, 2]).min())
    shared = int(min(zeros, lengths[2] - row))
    width = lengths[2] - shared
    plane = lengths[0] * lengths[1] * width
    return Image(
        triple(sizes), triple(steps), triple(paddings), np.array(phases, np.int64), first, stop,
        lengths[1], width, plane, plane * len(phases) + shared,
    )  # fmt: skip


@functools.lru_cache(64)
def forward(
    channels: int, spatial: tuple, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple,
    out: tuple, lanes: int,
) -> tuple[Image, Places]:  # fmt: skip
    """The image of x, and the places of y. channels: those that one filter sees."""
    axes = axes_of(spatial, kernel, stride, padding, dilation, out)
    image, rows = forward_image(axes, channels, True)
    if channels * image.channel > COPIES * lanes:
        image, rows = forward_image(axes, channels, False)
    shape, one, nowhere = tuple(a.out for a in axes), (1, 1, 1), (0, 0, 0)
    return image, together(
        [part(image, rows, shape, nowhere, nowhere, one, shape, lanes)], one, shape
    )


def forward_image(axes: list[Axis], channels: int, copies: bool) -> tuple[Image, np.ndarray]:
    """The image of x, and where in it the rows of the matrix start."""

    def at(axis: int, k: int) -> tuple[int, int]:
        """Place k of the filter: its phase (or copy), and where that begins to be seen."""
        a = axes[axis]
        return (k * a.dilation, 0) if copies and axis == 2 else (a.phase(k), a.shift(k))

    seen = [[at(i, k) for k in range(a.kernel)] for i, a in enumerate(axes)]
    phases = list(itertools.product(*(sorted({phase for phase, _ in s}) for s in seen)))
    lengths = tuple(a.out + s[-1][1] for a, s in zip(axes, seen, strict=True))
    image = image_of(
        tuple(a.size for a in axes), tuple(a.stride for a in axes),
        tuple(a.padding for a in axes), phases, lengths, axes[2].out,
    )  # fmt: skip
    starts = []
    for places in itertools.product(*seen):
        which = phases.index(tuple(phase for phase, _ in places))
        d, h, w = (shift for _, shift in places)
        starts.append(which * image.plane + (d * image.height + h) * image.width + w)
    return image, (np.arange(channels)[:, None] * image.channel + np.array(starts)).reshape(-1)


class Columns(NamedTuple):
    """The tables for the gradient of the weights, whose image has its channels side by side.

    pixels: where in the image each number of one channel of x goes. rows: where each place of the
    result begins to see it. columns, targets, lanes: of each vector where it starts, from there
    on, and in a filter's row of sums, and how many lanes count. order: the places of the filter,
    in the order that they have in that row. size: numbers in the image.
    """

    pixels: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    targets: np.ndarray
    lanes: np.ndarray
    order: np.ndarray
    size: int


@functools.lru_cache(64)
def weights(
    channels: int, spatial: tuple, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple,
    out: tuple, lanes: int,
) -> Columns:  # fmt: skip
    axes = axes_of(spatial, kernel, stride, padding, dilation, out)
    image, starts = forward_image(axes, 1, False)
    order = np.argsort(starts, kind="stable")
    starts = starts[order] * channels
    # Neighbours in the filter are neighbours in the image: one run of numbers, cut into vectors.
    table = []
    first = 0
    for i in range(1, len(starts) + 1):
        if i == len(starts) or starts[i] != starts[i - 1] + channels:
            length = (i - first) * channels
            table += [
                (starts[first] + j, first * channels + j, min(lanes, length - j))
                for j in range(0, length, lanes)
            ]
            first = i
    nowhere = image.channel  # for pixels that no filter sees
    pixels = np.full(image.source, nowhere, np.int64)
    for i, phase in enumerate(image.phases):
        inside = [np.arange(image.first[i, a], image.stop[i, a]) for a in range(3)]
        place = i * image.plane + np.add.outer(
            np.add.outer(inside[0] * image.height, inside[1]) * image.width, inside[2]
        )
        seen = [j * image.step[a] + phase[a] - image.padding[a] for a, j in enumerate(inside)]
        pixels[np.ix_(*seen)] = place
    d, h, w = (np.arange(a.out) for a in axes)
    rows = np.add.outer(np.add.outer(d * image.height, h) * image.width, w)
    starts, targets, counts = np.array(table, np.int64).T.copy()
    return Columns(
        pixels.reshape(-1) * channels, rows.reshape(-1) * channels, starts, targets, counts, order,
        (image.channel + 1) * channels + lanes,
    )  # fmt: skip


@functools.lru_cache(64)
def backward(
    channels: int, spatial: tuple, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple,
    out: tuple, lanes: int,
) -> tuple[Image, Places, np.ndarray]:  # fmt: skip
    """The image of g; the places of x, a part for each phase; which of the filters they see.

    channels: of g, those that one channel of x is connected with.
    """
    axes = axes_of(spatial, kernel, stride, padding, dilation, out)
    # Elements j of phase r, j from `begin` to `end`, are those of x (not of its padding).
    begin = [[-(-(a.padding - r) // a.stride) for r in range(a.stride)] for a in axes]
    begin = [[max(0, b) for b in bs] for bs in begin]
    end = [[(a.size - 1 + a.padding - r) // a.stride + 1 for r in range(a.stride)] for a in axes]
    reach = [a.shift(a.kernel - 1) for a in axes]
    low = [min(b) for b in begin]
    lengths = [max(e) - b + r for e, b, r in zip(end, low, reach, strict=True)]
    last = axes[2]
    # Where in a row of the padded g each place of the filter begins to be seen by its phase.
    first = [
        begin[2][last.phase(k)] - low[2] + reach[2] - last.shift(k) for k in range(last.kernel)
    ]
    shifts = sorted(set(first))
    row = max(e - b for e, b in zip(end[2], begin[2], strict=True))
    sizes, padding = tuple(a.out for a in axes), tuple(np.subtract(reach, low).tolist())
    image = image_of(
        sizes, (1, 1, 1), padding, [(0, 0, s) for s in shifts], (*lengths[:2], row), row
    )
    copies = channels * image.channel <= COPIES * lanes
    if not copies:
        image = image_of(sizes, (1, 1, 1), padding, [(0, 0, 0)], tuple(lengths), row)
    parts, filters = [], []
    step, full = tuple(a.stride for a in axes), tuple(a.size for a in axes)
    for phase in itertools.product(*(range(a.stride) for a in axes)):
        shape = tuple(end[i][r] - begin[i][r] for i, r in enumerate(phase))
        if min(shape) <= 0:
            continue
        used, starts = [], []
        for number, k in enumerate(itertools.product(*(range(a.kernel) for a in axes))):
            if all(a.phase(i) == r for a, i, r in zip(axes, k, phase, strict=True)):
                d, h, w = (n - a.shift(i) for n, a, i in zip(reach, axes, k, strict=True))
                used.append(number)
                copy, w = (shifts.index(first[k[2]]), 0) if copies else (0, w)
                starts.append(copy * image.plane + (d * image.height + h) * image.width + w)
        rows = (np.arange(channels)[:, None] * image.channel + np.array(starts, int)).reshape(-1)
        at = [begin[i][r] - low[i] for i, r in enumerate(phase)]
        at[2] = 0 if copies else at[2]
        start = tuple(
            begin[i][r] * axes[i].stride + r - axes[i].padding for i, r in enumerate(phase)
        )
        parts.append(part(image, rows, shape, tuple(at), start, step, full, lanes))
        places = np.prod([a.kernel for a in axes])
        filters.append(np.add.outer(np.arange(channels) * places, np.array(used, int)).reshape(-1))
    return image, together(parts, step, full), np.concatenate(filters)


class Part(NamedTuple):
    """One of the parts of `Places`, with a buffer of its own; 0 if it needs none."""

    rows: np.ndarray
    columns: np.ndarray
    targets: np.ndarray
    lanes: np.ndarray
    shape: tuple
    start: tuple
    buffer: int


def together(parts: list[Part], step: tuple, full: tuple) -> Places:
    """The tables of all parts, one behind the other."""
    rows, columns, targets, lanes, shapes, starts, buffers = zip(*parts, strict=True)
    in_buffer = np.cumsum([0, *buffers])
    moved = [t + at if b else t for t, at, b in zip(targets, in_buffer, buffers, strict=False)]
    return Places(
        np.concatenate(rows), np.concatenate(columns), np.concatenate(moved),
        np.concatenate(lanes), np.cumsum([0, *map(len, rows)]), np.cumsum([0, *map(len, lanes)]),
        np.array(buffers) > 0, triple(shapes), triple(starts), triple(step), triple(full),
        in_buffer, int(in_buffer[-1]),
    )  # fmt: skip


def part(
    image: Image, rows: np.ndarray, shape: tuple, at: tuple, start: tuple, step: tuple, full: tuple,
    lanes: int,
) -> Part:  # fmt: skip
    """shape[0] x shape[1] x shape[2] places, from element `at` of the image on."""
    depth, height, width = shape
    runs = []  # (start in the image, start in the result or the buffer, length)
    by_rows = -(-width // lanes) * lanes
    # Rows of the result can be written where they belong, if their places lie side by side. Or
    # whole planes are computed, with the gaps between the image's rows, and are copied without.
    whole = image.width == width and shape == full and step == (1, 1, 1)
    short = image.width * (1 + 32 / max(len(rows), 1)) < by_rows
    gaps = not whole and (step[2] != 1 or (short and height > 1))
    for d in range(depth):
        if gaps or whole:
            length = (height - 1) * image.width + width
            source = ((at[0] + d) * image.height + at[1]) * image.width + at[2]
            target = d * height * image.width
            runs.append((source, target, length))
        else:
            for h in range(height):
                source = ((at[0] + d) * image.height + at[1] + h) * image.width + at[2]
                target = ((start[0] + d * step[0]) * full[1] + start[1] + h * step[1]) * full[2]
                runs.append((source, target + start[2], width))
    starts = [(s + i, t + i, min(lanes, n - i)) for s, t, n in runs for i in range(0, n, lanes)]
    table = np.array(starts, np.int64).reshape(-1, 3).T.copy()
    # A store of all lanes is faster than one of some. Lanes too many do no harm where the next
    # vectors write the right numbers over them.
    targets, counts = table[1:]
    ends = np.flatnonzero(np.append(targets[1:], -1) != targets + counts)
    end = (targets + counts)[ends][np.searchsorted(ends, np.arange(len(targets)))]
    counts[targets + lanes <= end] = lanes
    buffer = depth * height * image.width if gaps else 0
    return Part(rows, table[0], targets, counts, shape, start, buffer)


def triple(numbers: tuple) -> np.ndarray:
    return np.array(numbers, np.int64)

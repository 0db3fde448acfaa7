"""The gradient of a convolution's weights where filters see few channels: dot products.

    gw[o, (c, k)] = sum over places p of g[o, p] * image[c, p + shift_k]

`conv_weight.py` has vectors along the channels: of one channel, as in the first layer of a network
for grey images or in a depthwise convolution, these would be nearly empty. Here they run along the
places, which lie side by side in g and, in the image with shifted copies of `conv_layout.py`, for
each place of the filter too. A vector of g and one of the image are multiplied, all products added
up, and at the end of an image the lanes of each sum.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from kernels.cpu.conv_layout import Image, Places
from kernels.cpu.conv_pad import pad
from kernels.cpu.jit import dense, jit, threads
from kernels.cpu.parallel import bounds, parallel
from kernels.cpu.vectors import INDEX, Emitter, array_pointer, intrinsic, lanes_of, number
from kernels.scratch import borrow


def lie_side_by_side(image: Image, places: Places) -> bool:
    """Whether the places are one run of memory, in g and in the image."""
    depth, _, width = places.shape[0]
    return bool(depth == 1 and image.width == width)


def grad_weight(
    g: Any, x: Any, image: Image, places: Places, channels: int, groups: int, partials: int
) -> np.ndarray:
    """(O, channels, |kernel|), for places that lie side by side. partials: see `conv_weight.py`."""
    n, filters = g.shape[:2]
    terms = len(places.rows)
    # Images are shared out, so that memory is read in its order; groups, if there are few images.
    cuts = 1 if partials >= threads() else min(threads(), groups)
    parts = min(threads(), partials * cuts)
    with (
        borrow((partials, filters * terms), g.dtype) as sums,
        borrow((parts, channels * image.channel + lanes_of(g.dtype)), g.dtype) as images,
    ):
        add_dots_of_tasks[parts](
            dense(g).reshape(-1), dense(x).reshape(-1), image, places.rows, channels, n,
            filters // groups, groups, cuts, images, sums,
        )  # fmt: skip
        return sums.sum(axis=0).reshape(filters, channels, -1)


@parallel
def add_dots_of_tasks(
    part, parts, g, x, image, rows, channels, n, filters, groups, cuts, images, sums
):
    for task in range(part, len(sums) * cuts, parts):
        partial, cut = task // cuts, task % cuts
        group, last_group = bounds(cut, cuts, groups)
        first, stop = bounds(partial, len(sums), n)
        dots_of_images(
            g, x, image, rows, channels, filters, groups, group, last_group, first, stop,
            images[part], sums[partial],
        )  # fmt: skip


@jit
def dots_of_images(
    g, x, image, rows, channels, filters, groups, group, last_group, first, stop, padded, sums
):  # fmt: skip
    """The sums over the images `first` to `stop`, of some groups: their rows of `sums`."""
    source = channels * image.source[0] * image.source[1] * image.source[2]
    terms, places = len(rows), g.size // (x.size // source * filters)
    sums[group * filters * terms : last_group * filters * terms] = 0
    padded[:] = 0
    for i in range(first, stop):
        for j in range(group, last_group):
            which = i * groups + j
            pad(x, which * source, channels, image, padded)
            dots_of_image(
                g, which * filters * places, places, padded, rows, filters, sums,
                j * filters * terms,
            )  # fmt: skip


@jit
def dots_of_image(g, at_g, places, padded, rows, filters, sums, at_sums):
    """Add those of one image and group."""
    terms = len(rows)
    for f in range(0, filters - 3, 4):
        a, at = at_g + f * places, at_sums + f * terms
        for k in range(terms):
            add_dots(4, 1, g, a, places, padded, rows, k, sums, at + k, terms)
    for f in range(filters // 4 * 4, filters):
        a, at = at_g + f * places, at_sums + f * terms
        for k in range(0, terms - 7, 8):
            add_dots(1, 8, g, a, places, padded, rows, k, sums, at + k, terms)
        for k in range(terms // 8 * 8, terms):
            add_dots(1, 1, g, a, places, padded, rows, k, sums, at + k, terms)


@intrinsic(prefer_literal=True)
def add_dots(typing, n_a, n_b, a, at_a, n, b, rows, at_rows, sums, at_sums, row_sums):
    """sums[i, j] += the dot product of two runs of n numbers, for constants i < n_a, j < n_b.

    Run i of a begins at a[at_a + i * n], run j of b at b[rows[at_rows + j]].
    """
    i = types.intp
    signature = types.void(n_a, n_b, a, i, i, b, rows, i, sums, i, i)

    def generate(context, builder, signature, args):
        def pointer(array, start):
            return array_pointer(context, builder, signature.args[array], args[array], start)

        vectors = Emitter(builder, context.get_data_type(signature.args[2].dtype))
        count_a, count_b, lanes = n_a.literal_value, n_b.literal_value, number(vectors.lanes)
        runs_a = [pointer(2, builder.add(args[3], builder.mul(args[4], number(i))))
                  for i in range(count_a)]  # fmt: skip
        starts = [builder.load(pointer(6, builder.add(args[7], number(j)))) for j in range(count_b)]
        runs_b = [pointer(5, start) for start in starts]

        def products(at, totals, load):
            """The totals with the products of the vectors at this place."""
            xs = [load(vectors.at(run, at)) for run in runs_a]
            ys = [load(vectors.at(run, at)) for run in runs_b]
            return [
                vectors.fma(x, y, total)
                for (x, y), total in zip(((x, y) for x in xs for y in ys), totals, strict=True)
            ]

        before, zeros = builder.block, [vectors.zero] * (count_a * count_b)
        loop, after = builder.append_basic_block("vector"), builder.append_basic_block("rest")
        builder.cbranch(builder.icmp_signed("<=", lanes, args[4]), loop, after)
        builder.position_at_end(loop)
        at, totals = builder.phi(INDEX), [builder.phi(vectors.vector) for _ in zeros]
        new, behind = products(at, totals, vectors.load), builder.add(at, lanes)
        builder.cbranch(builder.icmp_signed("<=", builder.add(behind, lanes), args[4]), loop, after)
        builder.position_at_end(after)
        end, sofar = builder.phi(INDEX), [builder.phi(vectors.vector) for _ in zeros]
        at_first, at_next = [number(0), *zeros], [behind, *new]
        for phis in ([at, *totals], [end, *sofar]):
            for phi, start, again in zip(phis, at_first, at_next, strict=True):
                phi.add_incoming(start, before)
                phi.add_incoming(again, loop)
        mask = vectors.mask(builder.sub(args[4], end))
        totals = products(end, sofar, lambda place: vectors.masked_load(place, mask))
        for i in range(count_a):
            for j in range(count_b):
                place = builder.add(args[9], builder.mul(args[10], number(i)))
                place = pointer(8, builder.add(place, number(j)))
                total = vectors.sum_of(totals[i * count_b + j])
                builder.store(builder.fadd(builder.load(place), total), place)
        return context.get_dummy_value()

    return signature, generate

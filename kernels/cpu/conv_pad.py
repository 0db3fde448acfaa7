"""The padded copy of an image, in the layout of `conv_layout.py`."""

from __future__ import annotations

from kernels.cpu.jit import jit
from kernels.cpu.runs import copy_run, every_second


@jit
def pad(x, at, channels, image, padded):
    """The image of `channels` channels from x[at]; what is zero stays as it is."""
    depth, height, width = image.source
    for c in range(channels):
        for i in range(len(image.phases)):
            low, first = image.first[i, 1], image.first[i, 2]
            rows, length = image.stop[i, 1] - low, image.stop[i, 2] - first
            from_h = low * image.step[1] + image.phases[i, 1] - image.padding[1]
            from_w = first * image.step[2] + image.phases[i, 2] - image.padding[2]
            for d in range(image.first[i, 0], image.stop[i, 0]):
                from_d = d * image.step[0] + image.phases[i, 0] - image.padding[0]
                source = at + ((c * depth + from_d) * height + from_h) * width + from_w
                target = c * image.channel + i * image.plane
                target += (d * image.height + low) * image.width + first
                pad_plane(
                    rows, length, x, source, image.step[1] * width, image.step[2], padded, target,
                    image.width,
                )  # fmt: skip


@jit
def pad_plane(rows, length, x, source, row, step, padded, target, width):
    """`rows` rows of `length` numbers, `step` apart, the rows `row` apart; `width` in the image."""
    if step == 1 and row == width and rows * length > 0:  # one run, and zeros between the rows
        copy_run((rows - 1) * width + length, x, source, padded, target)
        for h in range(rows - 1):
            for w in range(length, width):
                padded[target + h * width + w] = 0
    elif step == 1:
        for h in range(rows):
            copy_run(length, x, source + h * row, padded, target + h * width)
    elif step == 2:
        for h in range(rows):
            every_second(length, x, source + h * row, padded, target + h * width)
    else:
        for h in range(rows):
            for w in range(length):
                padded[target + h * width + w] = x[source + h * row + w * step]

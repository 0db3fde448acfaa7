"""The padded copy of an image, in the layout of `conv_layout.py`."""

from __future__ import annotations

from kernels.cpu.jit import jit
from kernels.cpu.vectors import copy_run


@jit
def pad(x, at, channels, image, padded):
    """The image of `channels` channels from x[at]; what is zero stays as it is."""
    depth, height, width = image.source
    for c in range(channels):
        for i in range(len(image.phases)):
            begin = c * image.channel + i * image.plane
            for d in range(image.first[i, 0], image.stop[i, 0]):
                from_d = d * image.step[0] + image.phases[i, 0] - image.padding[0]
                for h in range(image.first[i, 1], image.stop[i, 1]):
                    from_h = h * image.step[1] + image.phases[i, 1] - image.padding[1]
                    first, stop = image.first[i, 2], image.stop[i, 2]
                    target = begin + (d * image.height + h) * image.width + first
                    source = at + ((c * depth + from_d) * height + from_h) * width
                    source += first * image.step[2] + image.phases[i, 2] - image.padding[2]
                    if image.step[2] == 1:
                        copy_run(stop - first, x, source, padded, target)
                    elif image.step[2] == 2:  # a constant, for which the compiler has vectors
                        for j in range(stop - first):
                            padded[target + j] = x[source + j * 2]
                    else:
                        for j in range(stop - first):
                            padded[target + j] = x[source + j * image.step[2]]

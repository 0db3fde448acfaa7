"""The questions on lesson 10."""

import numpy as np

import minigrad as mg
import minigrad.nn.functional as F
from minigrad.classroom import gradients_right, holds, question, same


def correlated(image, kernel):
    (h, w), (r, s) = image.shape, kernel.shape
    return sum(
        kernel[u, v] * image[u : u + h - r + 1, v : v + w - s + 1]
        for u in range(r)
        for v in range(s)
    )


def layer(x, w, stride=1, padding=0):
    of = [mg.tensor(a, dtype=mg.float64) for a in (x, w)]
    return F.conv2d(*of, stride=stride, padding=padding).numpy()


def layer_gradients(x, w, g, stride, padding):
    of = [mg.tensor(a, dtype=mg.float64, requires_grad=True) for a in (x, w)]
    F.conv2d(*of, stride=stride, padding=padding).backward(mg.tensor(g, dtype=mg.float64))
    return [a.grad.numpy() for a in of]


SHAPES = [((2, 2), (1, 1)), ((3, 3), (2, 2)), ((4, 5), (2, 3)), ((5, 4), (5, 4)), ((6, 7), (3, 3))]

# ---------------------------------------------------------------------- 10.1


@question(
    "10.1",
    points=2,
    says="each value is the sum of the products of the kernel and what lies under it",
    hints=[
        "For each place (i, j): the patch image[i : i + r, j : j + s].",
        "Multiply it with the kernel, element by element, and add all up.",
        "Nothing is turned round here: kernel[0, 0] lies on image[i, j].",
    ],
)
def double_sum(student, rng):
    for (h, w), (r, s) in SHAPES:
        image, kernel = rng.standard_normal((h, w)), rng.standard_normal((r, s))
        got = student.correlate(image, kernel)
        asked = f"correlate(image, kernel), image {image.shape}, kernel {kernel.shape}"
        shape = (h - r + 1, w - s + 1)
        holds(np.shape(got) == shape, f"the shape of {asked} is {shape}, got {np.shape(got)}",
              "a kernel of 3 fits 6 times into 8, not 8 times and not 5: h - r + 1")  # fmt: skip
        same(got, correlated(image, kernel), asked, mistakes={
            "the kernel is turned by half a turn: this is exercise 10.2":
                correlated(image, kernel[::-1, ::-1]),
            "the kernel is turned over its diagonal": correlated(image, kernel.T)
                if r == s else np.nan,
            "this is a mean, not a sum": correlated(image, kernel) / (r * s),
            "the kernel is not used: this is the sum of the patch":
                correlated(image, np.ones((r, s))),
        })  # fmt: skip


@question(
    "10.1",
    says="it is linear in both, and a kernel of one dot shifts the image",
    hints=["A kernel that is 1 at [0, 1] and 0 elsewhere picks the pixel to the right."],
)
def shifts(student, rng):
    image = rng.standard_normal((4, 5))
    for u, v in [(0, 0), (0, 1), (1, 2)]:
        kernel = np.zeros((2, 3))
        kernel[u, v] = 1.0
        same(student.correlate(image, kernel), image[u : u + 3, v : v + 3],
             f"correlate(image, kernel) with one 1 at [{u}, {v}]")  # fmt: skip
        same(student.correlate(-2 * image, 3 * kernel), -6 * image[u : u + 3, v : v + 3],
             "the image times -2, the kernel times 3")  # fmt: skip


@question(
    "10.1",
    says="it holds for images of integers too, and for those of one row or one column",
    hints=[
        "What dtype has the array that you write into? np.zeros_like(image) has the image's.",
        "np.zeros((h - r + 1, w - s + 1)) is of floats.",
    ],
    hidden=True,
)
def integers_and_strips(student, rng):
    for (h, w), (r, s) in [((1, 1), (1, 1)), ((3, 3), (2, 2)), ((1, 9), (1, 4)), ((9, 1), (4, 1)),
                           ((5, 8), (3, 5))]:  # fmt: skip
        image, kernel = rng.integers(0, 256, (h, w)), rng.standard_normal((r, s))
        right = correlated(image, kernel)
        asked = f"correlate(image, kernel), image {image.shape} of integers, kernel {kernel.shape}"
        same(student.correlate(image, kernel), right, asked, mistakes={
            "the sums are cut to integers: the result is not of the image's dtype": np.trunc(right),
        })  # fmt: skip


# ---------------------------------------------------------------------- 10.2


@question(
    "10.2",
    points=2,
    says="a single dot in the image brings out the kernel as it is",
    hints=[
        "correlate brings it out turned by half a turn. Which turn undoes that?",
        "kernel[::-1] turns the rows round. And the columns?",
    ],
)
def one_dot(student, rng):
    for r, s in [(2, 2), (3, 3), (2, 3), (1, 2), (2, 1)]:
        kernel, image = rng.standard_normal((r, s)), np.zeros((2 * r - 1, 2 * s - 1))
        image[r - 1, s - 1] = 1.0
        same(
            student.convolve(image, kernel), kernel,
            f"convolve(image, kernel), one 1 in the middle, kernel {kernel.shape}", mistakes={
                "the kernel comes out turned: nothing is turned round": kernel[::-1, ::-1],
                "only the rows are turned; the columns must be as well": kernel[:, ::-1],
                "only the columns are turned; the rows must be as well": kernel[::-1],
                "this is turned over the diagonal, .T, not by half a turn":
                    kernel.T if r == s else np.nan,
            },
        )  # fmt: skip


@question(
    "10.2",
    points=2,
    says="two convolutions one after the other are one, with the convolution of their kernels",
    hints=["(image * a) * b = image * (a * b): that holds for convolution. Turn both axes."],
)
def one_after_the_other(student, rng):
    image, a, b = (rng.standard_normal(shape) for shape in [(7, 7), (2, 2), (3, 2)])
    got = student.convolve(student.convolve(image, a), b)
    padded = np.pad(a, ((2, 2), (1, 1)))
    same(got, correlated(image, correlated(padded, b[::-1, ::-1])[::-1, ::-1]),
         "convolve(convolve(image, a), b)")  # fmt: skip
    same(
        student.convolve(padded, b), correlated(padded, b[::-1, ::-1]), "convolve(a with zeros, b)"
    )


@question(
    "10.2",
    says="kernels of four rows and more are turned too, every entry of them",
    hints=[
        "Turn a kernel of one row, 1 2 3 4, by hand: all four move, not only the ends.",
        "A slice with the step -1 turns an axis round, however long it is.",
    ],
    hidden=True,
)
def longer_kernels(student, rng):
    for (h, w), (r, s) in [((1, 4), (1, 4)), ((5, 4), (4, 1)), ((6, 6), (4, 4)), ((9, 8), (5, 6))]:
        image, kernel = rng.standard_normal((h, w)), rng.standard_normal((r, s))
        ends = kernel.copy()
        ends[[0, -1]] = ends[[-1, 0]]
        ends[:, [0, -1]] = ends[:, [-1, 0]]
        same(student.convolve(image, kernel), correlated(image, kernel[::-1, ::-1]),
             f"convolve(image, kernel), image {image.shape}, kernel {kernel.shape}", mistakes={
                "only the outer rows and columns changed places; those between must too":
                    correlated(image, ends),
                "this kernel is not turned at all": correlated(image, kernel),
        })  # fmt: skip


# ---------------------------------------------------------------------- 10.3


@question(
    "10.3",
    points=2,
    says="it counts the places: (size + 2 padding - kernel) / stride, rounded down, and one",
    hints=[
        "Write down the places for size 5, kernel 3, stride 1: 0, 1, 2. Three, not two.",
        "Padding is added on both sides.",
        "Count them with range(0, size + 2 * padding - kernel + 1, stride).",
    ],
)
def places(student, rng):
    for size, kernel, stride, padding in [
        (3, 3, 1, 0), (5, 3, 1, 0), (8, 3, 1, 1), (5, 3, 2, 0), (6, 3, 2, 0), (8, 3, 2, 1),
        (7, 2, 3, 0), (224, 7, 2, 3), (9, 5, 4, 2),
    ]:  # fmt: skip
        right = len(range(0, size + 2 * padding - kernel + 1, stride))
        got = student.output_size(size, kernel, stride, padding)
        same(got, right, f"output_size({size}, {kernel}, stride={stride}, padding={padding})",
             mistakes={
                "one is missing: divide first, then add one, for the first place": right - 1,
                "padding is added on both sides":
                    len(range(0, size + padding - kernel + 1, stride)),
                "the stride is not used": size + 2 * padding - kernel + 1,
                "the padding is not used": len(range(0, size - kernel + 1, stride)),
                "round down: a place where the kernel hangs over is none":
                    -(-(size + 2 * padding - kernel) // stride) + 1,
                "divide first, then add one; this adds too soon":
                    (size + 2 * padding - kernel + 1) // stride,
                "this is not a whole number": (size + 2 * padding - kernel) / stride + 1,
        })  # fmt: skip


@question("10.3", says="it gives an integer, with stride 1 and padding 0 if nothing is said",
          hints=["// divides integers and rounds down; / gives a float."])  # fmt: skip
def an_integer(student, rng):
    got = student.output_size(8, 3)
    holds(isinstance(got, (int, np.integer)), f"output_size(8, 3) is an integer, got {got!r}")
    same(got, 6, "output_size(8, 3)")


@question(
    "10.3",
    says="kernels of even size are counted right too, with every stride and padding",
    hints=[
        "A kernel of 2 on an image of 3 has two places, 0 and 1.",
        "Count the places of a kernel of 4 on an image of 9, on paper, and compare.",
    ],
    hidden=True,
)
def every_size(student, rng):
    cases = [(3, 2, 1, 0), (9, 4, 1, 0), (1, 1, 1, 0), (2, 6, 3, 2)]
    for _ in range(40):
        size, padding, stride = (int(rng.integers(*ends)) for ends in [(1, 40), (0, 5), (1, 7)])
        cases.append((size, int(rng.integers(1, size + 2 * padding + 1)), stride, padding))
    for size, kernel, stride, padding in cases:
        right = len(range(0, size + 2 * padding - kernel + 1, stride))
        same(student.output_size(size, kernel, stride, padding), right,
             f"output_size({size}, {kernel}, stride={stride}, padding={padding})", mistakes={
                "kernel // 2 on each side and one in the middle make an odd kernel: no even one":
                    (size + 2 * padding - 2 * (kernel // 2) - 1) // stride + 1,
        })  # fmt: skip


# ---------------------------------------------------------------------- 10.4


def columns(x, kernel, stride, padding):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel, axis=(2, 3))
    patches = windows[:, :, ::stride, ::stride].transpose(0, 2, 3, 1, 4, 5)
    n, oh, ow, c, r, s = patches.shape
    return patches.reshape(n * oh * ow, c * r * s), patches


@question(
    "10.4",
    points=3,
    says="each row is a patch, all of its channels, in the order of images, rows, columns",
    hints=[
        "Begin with a loop over images, then rows i, then columns j: append the patch, flat.",
        "x[n, :, i : i + r, j : j + s].ravel() is one row, its channels one after the other.",
        "Faster: a loop over the r s places in the kernel, and whole images at a time.",
    ],
)
def patches_as_rows(student, rng):
    for n, c, h, w, r, s in [
        (1, 1, 2, 3, 2, 2), (1, 1, 4, 3, 2, 1), (1, 2, 3, 3, 2, 2), (2, 3, 4, 5, 3, 2),
    ]:  # fmt: skip
        x = np.arange(float(n * c * h * w)).reshape(n, c, h, w)
        right, patches = columns(x, (r, s), 1, 0)
        same(student.im2col(x, (r, s)), right, f"im2col(x, {(r, s)}), x = arange of {x.shape}",
             mistakes={
                "this is turned: patches are rows, not columns": right.T,
                "within a row the channel comes first, then the patch's rows and columns":
                    patches.transpose(0, 1, 2, 4, 5, 3).reshape(right.shape),
                "the patch is turned over its diagonal":
                    patches.transpose(0, 1, 2, 3, 5, 4).reshape(right.shape),
                "the rows are in another order: images, then rows of places, then columns":
                    patches.transpose(0, 2, 1, 3, 4, 5).reshape(right.shape),
        })  # fmt: skip


@question(
    "10.4",
    points=2,
    says="stride leaves places out, padding adds zeros around the image",
    hints=["Patch (i, j) begins at i * stride, j * stride.",
           "np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))): not around images and channels."],
)  # fmt: skip
def stride_and_padding(student, rng):
    for stride, padding in [(2, 0), (1, 1), (2, 1), (3, 2)]:
        x = rng.standard_normal((2, 2, 5, 6))
        asked = f"im2col(x, (3, 2), stride={stride}, padding={padding}), x {x.shape}"
        edge = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), mode="edge")
        right = columns(x, (3, 2), stride, padding)[0]
        got = student.im2col(x, (3, 2), stride, padding)
        everywhere = columns(np.pad(x, padding), (3, 2), stride, 0)[0].shape
        why = "are stride and padding used for both axes?"
        if np.shape(got)[1] == everywhere[1] != right.shape[1]:
            why = "zeros were put around the images and channels too: np.pad(x, p) pads all axes"
        holds(np.shape(got) == right.shape, f"{asked} is of shape {right.shape}, got "
              f"{np.shape(got)}", why)  # fmt: skip
        same(
            got,
            right,
            asked,
            mistakes={
                "the border is repeated: it is to be zeros": columns(edge, (3, 2), stride, 0)[0]
            },
        )


@question(
    "10.4",
    says="it holds for kernels wider than high, large paddings and strides, and any dtype",
    hints=[
        "r counts rows, s columns; either may be the larger one.",
        "A number of float32 has 4 bytes, not 8: x.strides says how far it is to the next.",
    ],
    hidden=True,
)
def wide_and_of_any_dtype(student, rng):
    for n, c, h, w, r, s, stride, padding in [
        (1, 1, 2, 3, 1, 2, 1, 0), (1, 1, 1, 4, 1, 3, 1, 0), (2, 2, 3, 6, 2, 5, 1, 1),
        (1, 3, 4, 5, 1, 1, 3, 0), (1, 1, 2, 2, 4, 4, 1, 1), (2, 1, 5, 5, 2, 3, 2, 3),
    ]:  # fmt: skip
        for dtype in (np.float64, np.float32, np.int64):
            x = np.arange(n * c * h * w, dtype=dtype).reshape(n, c, h, w)
            asked = f"im2col(x, {(r, s)}, {stride}, {padding}), x arange of {x.shape}, {x.dtype}"
            got = student.im2col(x, (r, s), stride, padding)
            same(got, columns(x, (r, s), stride, padding)[0], asked)


# ---------------------------------------------------------------------- 10.5

LAYERS = [  # n, c, h, w, k, r, s, stride, padding
    (1, 1, 3, 3, 1, 2, 2, 1, 0), (1, 2, 2, 3, 2, 2, 2, 1, 0), (2, 1, 3, 2, 2, 2, 2, 1, 0),
    (2, 3, 5, 4, 2, 3, 2, 1, 1), (2, 2, 5, 6, 3, 3, 3, 2, 1), (1, 1, 6, 6, 1, 2, 2, 3, 0),
]  # fmt: skip


def layers(rng):
    for n, c, h, w, k, r, s, stride, padding in LAYERS:
        x, kernel = rng.standard_normal((n, c, h, w)), rng.standard_normal((k, c, r, s))
        asked = f"conv2d(x, w, stride={stride}, padding={padding}), x {x.shape}, w {kernel.shape}"
        yield x, kernel, stride, padding, asked


@question(
    "10.5",
    points=2,
    says="the value is the sum, over the in channels, of correlate, for each out channel",
    hints=[
        "im2col(x) has a patch in each row, w.reshape(k, c r s) a kernel in each: one product.",
        "That gives (n oh ow, k). Split it into (n, oh, ow, k), then move k to axis 1.",
        "reshape cannot move an axis; transpose does.",
    ],
)
def value_of_the_layer(student, rng):
    for x, w, stride, padding, asked in layers(rng):
        right = layer(x, w, stride, padding)
        n, k, oh, ow = right.shape
        value, _ = student.conv2d(x, w, stride, padding)
        same(value, right, asked, mistakes={
            "the axes are reshaped where they must be transposed":
                right.transpose(0, 2, 3, 1).reshape(n, k, oh, ow),
            "the channels come last: move them to axis 1": right.transpose(0, 2, 3, 1),
            "the kernel is turned round: a layer does not": layer(
                x, w[:, :, ::-1, ::-1].copy(), stride, padding),
        })  # fmt: skip


@question(
    "10.5",
    points=2,
    says="the gradient of the kernel is right",
    hints=[
        "As in lesson 6: dw = g^T times what came in, and that is the matrix of patches.",
        "Bring g into the form (n oh ow, k): k to the end first, then reshape.",
    ],
)
def gradient_of_the_kernel(student, rng):
    for x, w, stride, padding, asked in layers(rng):
        g = rng.standard_normal(layer(x, w, stride, padding).shape)
        right = layer_gradients(x, w, g, stride, padding)[1]
        got = student.conv2d(x, w, stride, padding)[1](g)
        holds(isinstance(got, (tuple, list)) and len(got) == 2, f"the pullback gives (dx, dw): "
              f"{asked}")  # fmt: skip
        same(got[1], right, f"dw of {asked}", mistakes={
            "this is the mean over the images; the pullback takes the sum": right / len(x),
            "the kernel's gradient is turned round": right[:, :, ::-1, ::-1],
            "this ignores g": layer_gradients(x, w, np.ones_like(g), stride, padding)[1],
        })  # fmt: skip


@question(
    "10.5",
    points=3,
    says="the gradient of the image is right",
    hints=[
        "A pixel lies in several patches: what comes back from each of them is ADDED.",
        "g times the kernel matrix gives a gradient for each patch. Add it where it came from.",
        "With padding: add into an image with its border, and cut the border off at the end.",
    ],
)
def gradient_of_the_image(student, rng):
    for x, w, stride, padding, asked in layers(rng):
        g = rng.standard_normal(layer(x, w, stride, padding).shape)
        right = layer_gradients(x, w, g, stride, padding)[0]
        turned = layer_gradients(x, w[:, :, ::-1, ::-1].copy(), g, stride, padding)[0]
        got = student.conv2d(x, w, stride, padding)[1](g)
        same(got[0], right, f"dx of {asked}", mistakes={
            "the kernel is turned round on the way back": turned,
            "this ignores g": layer_gradients(x, w, np.ones_like(g), stride, padding)[0],
        })  # fmt: skip
    for x, w, stride, padding, asked in list(layers(rng)):
        gradients_right(student.conv2d, [x, w, stride, padding], asked)


@question(
    "10.5",
    points=2,
    says="it holds for other layers too, and the pullback may be called again with another g",
    hints=[
        "What does the second call of the pullback begin with? Not with what the first has left.",
        "A kernel may be wider than high, of one pixel, or as large as the padded image.",
    ],
    hidden=True,
)
def other_layers(student, rng):
    for n, c, h, w, k, r, s, stride, padding in [
        (1, 1, 2, 2, 1, 1, 1, 1, 0), (1, 2, 3, 4, 3, 1, 3, 1, 2), (2, 2, 4, 7, 2, 2, 4, 3, 1),
        (1, 3, 4, 4, 2, 6, 6, 1, 1),
    ]:  # fmt: skip
        x, kernel = rng.standard_normal((n, c, h, w)), rng.standard_normal((k, c, r, s))
        asked = f"conv2d(x, w, stride={stride}, padding={padding}), x {x.shape}, w {kernel.shape}"
        right = layer(x, kernel, stride, padding)
        value, pullback = student.conv2d(x, kernel, stride, padding)
        same(value, right, asked)
        before = [0.0, 0.0]
        for call in ("first", "second", "third"):
            g = rng.standard_normal(right.shape)
            both = layer_gradients(x, kernel, g, stride, padding)
            before = [a + b for a, b in zip(before, both, strict=True)]
            for name, got, of, total in zip(("dx", "dw"), pullback(g), both, before, strict=True):
                same(got, of, f"{name} of the {call} call of the pullback, {asked}", mistakes={
                    "what earlier calls have added is still in it": total,
                })  # fmt: skip


# ---------------------------------------------------------------------- 10.6


def pooled(x, size):
    n, c, h, w = x.shape
    return x.reshape(n, c, h // size, size, w // size, size).max(axis=(3, 5))


@question(
    "10.6",
    says="the value is the largest of each tile",
    hints=["Tiles do not overlap: rows 0 and 1, rows 2 and 3, and so on."],
)
def largest_of_each_tile(student, rng):
    for shape, size in [((1, 1, 2, 2), 2), ((1, 2, 4, 6), 2), ((2, 3, 6, 3), 3)]:
        x = rng.standard_normal(shape) - 3
        n, c, h, w = shape
        tiles = x.reshape(n, c, h // size, size, w // size, size)
        same(student.max_pool(x, size)[0], pooled(x, size), f"max_pool(x, {size}), x {shape}",
             mistakes={
                "this is the mean": tiles.mean(axis=(3, 5)),
                "this is the largest size, without its sign": np.abs(tiles).max(axis=(3, 5)),
                "0 is larger than all of them, and lies in no tile": np.zeros_like(pooled(x, size)),
        })  # fmt: skip


@question(
    "10.6",
    points=2,
    says="the gradient goes to where the largest was, which is the value, and only there",
    hints=["All others could change a little and nothing would happen: their slope is 0."],
)
def to_the_largest(student, rng):
    for shape, size in [((1, 1, 2, 2), 2), ((1, 2, 4, 6), 2), ((2, 1, 6, 3), 3)]:
        x = rng.permutation(np.prod(shape)).reshape(shape) / 7.0
        asked = f"max_pool(x, {size}), x {shape}"
        same(student.max_pool(x, size)[0], pooled(x, size), f"the value of {asked}")
        gradients_right(student.max_pool, [x, size], asked)


@question(
    "10.6",
    points=3,
    says="where several are largest, what they get adds up to g, no more",
    hints=[
        "Pool an image that is 0 everywhere, and add up the gradient that comes back.",
        "A tile of four equal pixels gets g four times from the stub.",
        "Give it to one of them (argmax), or divide it by their number.",
    ],
)
def ties(student, rng):
    for x, size in [(np.zeros((1, 1, 2, 2)), 2), (np.array([[[[1.0, 1.0], [0.0, 1.0]]]]), 2),
                    (np.zeros((2, 2, 4, 4)), 2)]:  # fmt: skip
        value, pullback = student.max_pool(x, size)
        g = rng.standard_normal(pooled(x, size).shape)
        dx = pullback(g)
        holds(np.shape(dx) == x.shape, f"dx has the shape of x, {x.shape}, got {np.shape(dx)}")
        n, c, h, w = x.shape
        tiles = dx.reshape(n, c, h // size, size, w // size, size)
        asked = f"the sum of dx in each tile, x {'all 0' if not x.any() else x.ravel().tolist()}"
        same(tiles.sum(axis=(3, 5)), g, asked, mistakes={
            "each of the largest got all of g": g * (x.reshape(tiles.shape) == pooled(x, size)[
                :, :, :, None, :, None]).sum(axis=(3, 5)),
            "all is lost where pixels are equal": 0 * g,
        })  # fmt: skip
        low = x.reshape(tiles.shape) < pooled(x, size)[:, :, :, None, :, None]
        holds(not np.any(tiles[low]), "a pixel that is not the largest gets nothing",
              "the shares are only for the largest")  # fmt: skip
        same(value, pooled(x, size), "the value")


@question(
    "10.6",
    points=2,
    says="only the largest gets something, by however little it is the largest",
    hints=[
        "A pixel that is a little smaller is smaller: compare exactly, with ==.",
        "A little noise against ties is lost in large pixels, and decides among small ones.",
    ],
    hidden=True,
)
def by_however_little(student, rng):
    for scale in (1.0, 1e-12, 1e12):
        for shape, size in [((1, 1, 2, 2), 2), ((1, 2, 2, 3), 1), ((2, 1, 4, 8), 4)]:
            x = scale * rng.integers(-2, 2, shape)
            largest = pooled(x, size)
            value, pullback = student.max_pool(x, size)
            asked = f"max_pool(x, {size}), x {shape}, of pixels about {scale:g}"
            same(value, largest, asked, atol=0)
            n, c, h, w = shape
            tiles = x.reshape(n, c, h // size, size, w // size, size)
            g = rng.standard_normal(largest.shape)
            back = pullback(g).reshape(tiles.shape)
            lower = tiles < largest[:, :, :, None, :, None]
            holds(not np.any(back[lower]), f"smaller pixels get nothing: {asked}",
                  "pixels that are nearly as large as the largest get something")  # fmt: skip
            same(back.sum(axis=(3, 5)), g, f"the sum of dx in each tile, {asked}")


# ---------------------------------------------------------------------- 10.7


@question(
    "10.7",
    points=2,
    says="without strides it grows by kernel - 1 in each layer",
    hints=["One pixel after a layer of kernel 3 sees 3. Two neighbours together see 4, not 6.",
           "m neighbours together see m - 1 + kernel."],
)  # fmt: skip
def without_strides(student, rng):
    for kernels in [[1], [3], [3, 3], [5], [3, 3, 3], [7, 1, 3], []]:
        right = 1 + sum(k - 1 for k in kernels)
        listed = [(k, 1) for k in kernels]
        same(student.receptive_field(listed), right, f"receptive_field({listed})", mistakes={
            "patches overlap: two of 3 side by side see 4, not 6": int(np.prod(kernels)),
            "neighbours share pixels: add kernel - 1 for each layer": sum(kernels),
            "it begins with 1: a pixel sees itself": right - 1,
        })  # fmt: skip


@question(
    "10.7",
    points=2,
    says="a stride spreads all layers after it",
    hints=[
        "Go back from the last layer: one pixel there, how many before it?",
        "m neighbours after a layer of stride d begin d apart. Where does the last one end?",
        "The last layer's stride makes no difference, the first one's does.",
    ],
)
def with_strides(student, rng):
    for listed in [[(2, 2)], [(3, 1), (2, 2)], [(2, 2), (3, 1)], [(3, 1), (2, 2), (3, 1)],
                   [(7, 2), (3, 2), (3, 1), (3, 1)], [(2, 2), (2, 2), (2, 2)],
                   [(5, 1), (2, 2), (3, 1), (2, 2), (3, 1)]]:  # fmt: skip
        right, order = 1, 1
        for k, d in reversed(listed):
            right = (right - 1) * d + k
        for k, d in listed:
            order = (order - 1) * d + k
        product, late = 1, 1
        for k, d in listed:
            product *= d
            late += (k - 1) * product
        same(student.receptive_field(listed), right, f"receptive_field({listed})", mistakes={
            "the strides are not used": 1 + sum(k - 1 for k, _ in listed),
            "begin with the last layer and go back": order,
            "a layer's own stride spreads those after it, not the layer itself": late,
        })  # fmt: skip


@question(
    "10.7",
    says="it holds for strides above 2, and for deep networks",
    hints=[
        "A stride of 3 puts neighbours 3 apart, one of 4 puts them 4 apart.",
        "Nothing in the formula knows how many layers there are.",
    ],
    hidden=True,
)
def large_strides(student, rng):
    deep = [(int(k), int(rng.integers(1, k + 1))) for k in rng.integers(1, 6, 12)]
    for listed in [[(3, 3), (2, 1)], [(4, 4), (3, 1)], [(5, 4), (3, 3), (2, 1)], deep,
                   [(3, 1)] * 50]:  # fmt: skip
        right, halved = 1, 1
        for k, d in reversed(listed):
            right, halved = (right - 1) * d + k, (halved - 1) * min(d, 2) + k
        same(student.receptive_field(listed), right, f"receptive_field({listed})", mistakes={
            "every stride above 1 is taken for 2": halved,
        })  # fmt: skip

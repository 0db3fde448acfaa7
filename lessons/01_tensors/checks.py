"""The questions on lesson 1."""

import itertools

import numpy as np

from minigrad.classroom import holds, question, raises, same, shown
from minigrad.data import digits


def whole(x):
    """A tuple of plain numbers of a tuple, a list or an array."""
    return tuple(int(n) for n in x)


# ---------------------------------------------------------------------- 1.1


def row_major(shape):
    return tuple(int(np.prod(shape[i + 1 :])) for i in range(len(shape)))


@question(
    "1.1",
    says="the stride of an axis is the product of all lengths to its right",
    hints=[
        "In the shape (2, 3): how many numbers are there from the start of row 0 to that of row 1?",
        "Go from the last axis to the first. The last has stride 1.",
        "Each step to the left multiplies by the length that you are leaving.",
    ],
)
def products(student, rng):
    for shape in [(5,), (2, 3), (4, 2), (2, 3, 4), (7, 1, 5), (2, 2, 3, 5), ()]:
        right = row_major(shape)
        mistakes = {
            "these are the right numbers in the opposite order": right[::-1],
            "this is the stride in bytes; count in numbers": tuple(8 * s for s in right),
            "here the first index moves fastest; it is the last": (
                row_major(shape[::-1])[::-1]
            ),
            "the length of the axis itself is in the product; only those to its right are": tuple(
                s * n for s, n in zip(right, shape, strict=True)
            ),
            "the length to the right alone; it is the product of all of them": (
                (*shape[1:], 1) if shape else ()
            ),
        }  # fmt: skip
        mistakes = {why: what for why, what in mistakes.items() if what != right}
        same(whole(student.strides_of(shape)), right, f"strides_of({shape})", mistakes=mistakes)


@question(
    "1.1",
    says="every index gets a position of its own, from 0 to the last",
    hints=["Take the shape (2, 3) and write the position of each of its six indices down."],
)
def each_its_own(student, rng):
    for shape in [(3, 2), (2, 3, 2)]:
        strides = whole(student.strides_of(shape))
        same(len(strides), len(shape), f"the number of strides of {shape}")
        places = [sum(np.multiply(i, strides)) for i in np.ndindex(shape)]
        same(places, list(range(len(places))), f"positions of all indices of {shape}, in order")


@question(
    "1.1",
    says="any number of axes, of any length: by the rule, with no array made",
    hints=[
        "Try a shape of six axes, and one of a million: what counts on few axes, or on short ones?",
        "NumPy must make an array to be asked for its strides. The rule needs the lengths alone.",
    ],
    hidden=True,
)
def many_and_long(student, rng):
    shapes = [tuple(map(int, rng.integers(1, 6, n))) for n in (1, 2, 3, 5, 8)]
    for shape in [*shapes, (1, 1, 1), (10**6, 10**5, 10**4)]:
        same(whole(student.strides_of(shape)), row_major(shape), f"strides_of({shape})")


# ---------------------------------------------------------------------- 1.2


def read(view, shape):
    """All entries of a Strided, by its `at`."""
    return np.array([view.at(i) for i in np.ndindex(*shape)]).reshape(shape)


def counting(student, shape, strides=None, offset=0):
    n = int(np.prod(shape)) + offset
    strip = [10 * i for i in range(n)]
    strides = row_major(shape) if strides is None else strides
    return student.Strided(strip, shape, strides, offset), np.array(strip[offset:]).reshape(shape)


@question(
    "1.2",
    says="position and at: offset + i * strides[0] + j * strides[1] + ...",
    hints=[
        "How far does index i lead along axis 0? i steps of strides[0] each.",
        "Add what all axes contribute, and the offset.",
        "zip(index, self.strides) gives the pairs to multiply.",
    ],
)
def positions(student, rng):
    for shape, offset in [((4,), 0), ((2, 3), 0), ((2, 3), 5), ((2, 3, 2), 1)]:
        array, right = counting(student, shape, offset=offset)
        for i in np.ndindex(shape):
            where = offset + sum(np.multiply(i, row_major(shape)))
            call = f"shape {shape}, strides {row_major(shape)}, offset {offset}"
            mistakes = {
                "the offset is missing": where - offset,
                "shape is not strides": offset + sum(np.multiply(i, shape)),
            }
            same(array.position(i), where, f"{call}: position({i})", mistakes=mistakes)
            same(array.at(i), right[i], f"{call}: at({i})")
    column = student.Strided([0, 10, 20, 30, 40, 50], (3, 2), (1, 3))
    same(column.at((2, 1)), 50, "shape (3, 2), strides (1, 3): at((2, 1))")


@question(
    "1.2",
    says="transposed: axes in the opposite order, also of a view, also of three axes",
    hints=[
        "No number moves. What has to change places?",
        "Shape and strides, both turned round; what of the offset?",
        "A view of a view: take this array's own strides, do not compute them from the shape.",
    ],
)
def turned(student, rng):
    for shape, offset in [((2, 3), 0), ((2, 3, 4), 0), ((2, 3), 4)]:
        array, right = counting(student, shape, offset=offset)
        view = array.transposed()
        same(whole(view.shape), shape[::-1], f"shape of transposed, of {shape}")
        strides = row_major(shape)
        same(
            whole(view.strides), strides[::-1], f"strides of transposed, of {shape}",
            mistakes={"the shape was turned, the strides were not": strides},
        )  # fmt: skip
        text = f"transposed, of shape {shape} with offset {offset}"
        mistakes = {}
        if offset:
            start = 10 * np.arange(right.size).reshape(shape)
            mistakes = {"the offset is lost: the view begins at the strip's first number": start.T}
        same(read(view, shape[::-1]), right.T, text, mistakes=mistakes)
        same(read(view.transposed(), shape), right, f"{text}, twice")


@question(
    "1.2",
    says="mirrored: entry 0 of the first axis is what was the last",
    hints=[
        "One step forward in the view is one step backward on the strip: which stride is that?",
        "And where does the view begin? At the old last entry of the first axis.",
        "The offset grows by (shape[0] - 1) * strides[0].",
    ],
)
def backward(student, rng):
    for shape, offset in [((4,), 0), ((3, 2), 0), ((3, 2), 2)]:
        array, right = counting(student, shape, offset=offset)
        text = f"mirrored, of shape {shape} with offset {offset}"
        got = read(array.mirrored(), shape)
        same(got, right[::-1], text, mistakes={
            "the last axis runs backward here; it is the first": right[..., ::-1],
            "a negative position counts from the end of the strip: the view must begin at the old "
            "last row": np.roll(right[::-1], 1, axis=0),
        })  # fmt: skip
        same(read(array.mirrored().mirrored(), shape), right, f"{text}, twice")
        turned = array.mirrored().transposed()
        same(read(turned, shape[::-1]), right[::-1].T, f"{text}, then transposed")


@question(
    "1.2",
    says="repeated: a new first axis, with a stride of 0",
    hints=[
        "Index (k, i, j) of the view must lead to the place of (i, j), whatever k is.",
        "k * stride must be 0.",
    ],
)
def again_and_again(student, rng):
    array, right = counting(student, (2, 3), offset=1)
    view = array.repeated(4)
    same(whole(view.shape), (4, 2, 3), "shape of repeated(4), of (2, 3)")
    same(read(view, (4, 2, 3)), np.stack([right] * 4), "repeated(4) of a (2, 3)")
    same(len(view.strip), 7, "length of the strip of repeated(4): nothing is copied")


@question(
    "1.2",
    points=2,
    says="put: what is written into one view is seen in all others",
    hints=[
        "Do all views have the very same list, or lists that are equal?",
        "self.strip is handed on as it is: no list(...), no copy, no slice of it.",
    ],
)
def one_strip(student, rng):
    array, right = counting(student, (2, 3))
    array.put((0, 1), -1)
    same(array.at((0, 1)), -1, "after put((0, 1), -1): at((0, 1))")
    turned, mirrored, repeated = array.transposed(), array.mirrored(), array.repeated(2)
    turned.put((2, 0), -2)
    mirrored.put((0, 0), -3)
    repeated.put((1, 1, 1), -4)
    right[0, 1], right[0, 2], right[1, 0], right[1, 1] = -1, -2, -3, -4
    text = "the array, after writing into its transposed, mirrored and repeated views"
    same(read(array, (2, 3)), right, text)
    same(read(turned, (3, 2)), right.T, "the transposed view, after writing into the others")


def transposed(places):
    return places.T


def mirrored(places):
    return places[::-1]


def repeated(places):
    return np.stack([places] * 2)


CHAINS = [
    (transposed, mirrored), (mirrored, repeated), (transposed, repeated),
    (repeated, mirrored, transposed), (transposed, repeated, transposed, mirrored),
]  # fmt: skip
STEPS = [((2, 3), (3, 1), 0), ((3, 2), (1, 4), 1), ((2, 2, 2), (9, 4, 2), 3), ((1, 2), (5, 2), 2)]


@question(
    "1.2",
    points=2,
    says="views of views, in every order, also of an array whose strides are not its shape's",
    hints=[
        "What are the strides of a view of a transposed array? Its own, not those of its shape.",
        "self.strides and self.offset say how the strip is read, whatever the shape is.",
    ],
    hidden=True,
)
def chains(student, rng):
    for shape, strides, offset in STEPS:
        first = offset + np.tensordot(strides, np.indices(shape), 1)
        for chain in CHAINS:
            strip = [10 * i for i in range(int(first.max()) + 1)]
            array = student.Strided(strip, shape, strides, offset)
            view, places, call = array, first, f"shape {shape}, strides {strides}, offset {offset}:"
            for move in chain:
                named = getattr(view, move.__name__)
                view, places = named(2) if move is repeated else named(), move(places)
                call += f" {move.__name__}"
            same(whole(view.shape), places.shape, f"{call}: its shape")
            same(read(view, places.shape), 10 * places, call)
            last = tuple(n - 1 for n in places.shape)
            view.put(last, -1)
            here = tuple(int(i) for i in np.argwhere(first == places[last])[0])
            same(array.at(here), -1, f"{call}, put({last}, -1): the array at({here})")


# ---------------------------------------------------------------------- 1.3

FIT = [
    ((3,), (3,)), ((3,), ()), ((2, 3), (3,)), ((3, 1), (1, 4)), ((3, 1), (3,)), ((2, 1), (1,)),
    ((364, 1, 64), (10, 64)), ((8, 1, 6, 1), (7, 1, 5)), ((1, 1), (5, 1, 1, 1)), ((0, 3), (1, 3)),
]  # fmt: skip
UNFIT = [((2,), (3,)), ((4, 3), (4,)), ((2, 3), (2, 4)), ((2, 3, 4), (3, 3, 4)), ((6,), (3,))]


def flush_left(a, b):
    """What the rule gives if shapes are aligned at the left, or None."""
    pairs = list(itertools.zip_longest(a, b, fillvalue=1))
    fits = all(p == q or 1 in (p, q) for p, q in pairs)
    return tuple(q if p == 1 else p for p, q in pairs) if fits else None


@question(
    "1.3",
    points=2,
    says="the result has, on every axis, the length that is not 1",
    hints=[
        "Write the two shapes below each other, flush right.",
        "The shorter shape gets ones on its left until both have as many axes.",
        "In each column: if one of the two is 1, take the other.",
    ],
)
def fitting(student, rng):
    for a, b in FIT:
        right = np.broadcast_shapes(a, b)
        for p, q in ((a, b), (b, a)):
            mistakes = {}
            padded = np.array([(1,) * (len(right) - len(z)) + z for z in (p, q)], int)
            if tuple(padded.max(axis=0)) != right:
                why = "a length of 0 is not 1: a 1 gives way, whatever the other is"
                mistakes[why] = tuple(padded.max(axis=0).tolist())
            if flush_left(p, q) not in (None, right):
                mistakes["the shapes were written flush left; it is flush right"] = flush_left(p, q)
            if len(p) != len(q):
                shorter = min(len(p), len(q))
                mistakes["the axes that only one of the two has are missing"] = right[
                    len(right) - shorter :
                ]
            got = whole(student.broadcast_shape(p, q))
            same(got, right, f"broadcast_shape({p}, {q})", mistakes=mistakes)


@question(
    "1.3",
    says="lengths that are neither equal nor 1 are a ValueError",
    hints=[
        "2 and 3 in one column: what would be used with what?",
        "Nor is 6 with 3 allowed, although 3 goes into 6. Only equal, or 1.",
        "raise ValueError(...)",
    ],
)
def unfitting(student, rng):
    for a, b in UNFIT:
        for p, q in ((a, b), (b, a)):
            call = f"broadcast_shape({p}, {q})"
            raises(lambda p=p, q=q: student.broadcast_shape(p, q), ["ValueError"], call)


@question(
    "1.3",
    points=2,
    says="any number of axes, also 70; and a length of 0 is a length like others",
    hints=[
        "NumPy's own functions know no more than 64 axes. The rule goes on.",
        "0 and 2 are neither equal nor 1.",
    ],
    hidden=True,
)
def any_number_of_axes(student, rng):
    for n in (0, 1, 2, 3, 4, 5, 6, 70):
        full = rng.integers(0, 5, n)
        a, b = (np.where(rng.random(n) < 0.3, 1, full).tolist() for _ in "ab")
        a, b = tuple(a), tuple(b[n // 3 :])
        for p, q in ((a, b), (b, a)):
            columns = itertools.zip_longest(p[::-1], q[::-1], fillvalue=1)
            right = tuple(v if u == 1 else u for u, v in columns)[::-1]
            same(whole(student.broadcast_shape(p, q)), right, f"broadcast_shape({p}, {q})")
    for a, b in [((0,), (2,)), ((3, 0), (3, 4)), ((2, 1, 1), (3, 4, 5)), ((2,) * 70, (3,) * 70)]:
        call = f"broadcast_shape({a}, {b})"
        raises(lambda a=a, b=b: student.broadcast_shape(a, b), ["ValueError"], call)


# ---------------------------------------------------------------------- 1.4


@question(
    "1.4",
    points=2,
    says="each row has the mean 0, whatever the shape is, also a square",
    hints=[
        "Try three images of three pixels. Which mean is subtracted from which pixel?",
        "A mean of shape (n,) is a row. It must be a column, of shape (n, 1).",
        "keepdims=True keeps the axis.",
    ],
)
def every_shape(student, rng):
    for n, pixels in [(2, 3), (4, 2), (1, 4), (1, 1), (3, 3), (2, 2)]:
        images = rng.integers(0, 9, (n, pixels)).astype(float)
        images += 10.0 * np.arange(n)[:, None]
        right = images - images.mean(1)[:, None]
        mistakes = {
            "the mean over all images together": images - images.mean(),
            "the mean of each pixel; it is that of each image": images - images.mean(0),
        }
        if n == pixels and n > 1:
            why = "image i's mean was subtracted from pixel i of every image"
            mistakes = {why: images - images.mean(1)} | mistakes
        if n == 1:
            mistakes = {}
        text = f"evened, of {n} images with {pixels} pixels: {shown(images)}"
        same(student.evened(images), right, text, mistakes=mistakes)


@question(
    "1.4",
    says="the rows are evened, and the images that were given are the same afterwards",
    hints=[
        "Whose array is `images`? What does -= do to it?",
        "images - mean makes a new array.",
    ],
)
def given_is_kept(student, rng):
    for shape in [(2, 3), (4, 2)]:  # a square has the other bug
        images = rng.standard_normal(shape)
        before = images.copy()
        right = before - before.mean(1)[:, None]
        same(student.evened(images), right, f"evened, images of shape {shape}")
        same(images, before, f"images of shape {shape}, after evened(images)", rtol=0, atol=0)


@question(
    "1.4",
    says="many images, dark ones, constant ones, of float32 as well: right, and kept",
    hints=[
        "Floats may be float32. Is the given array kept then, too?",
        "A conversion that has nothing to convert may hand back the very same array.",
    ],
    hidden=True,
)
def of_all_kinds(student, rng):
    for shape in [(5, 5), (40, 64), (1, 9)]:
        for dtype in (np.float64, np.float32):
            images = rng.uniform(-9, 9, shape).astype(dtype)
            images[0] = -3
            before = images.copy()
            text = f"of {shape}, {np.dtype(dtype)}"
            right = before - before.mean(1, keepdims=True, dtype=float)
            same(student.evened(images), right, f"evened, images {text}", atol=1e-4)
            same(images, before, f"images {text}, after evened(images)", rtol=0, atol=0)


# ---------------------------------------------------------------------- 1.5


def definition(a, b):
    return np.array([[sum((p - q) ** 2) for q in b] for p in a])


@question(
    "1.5",
    points=2,
    says="entry (i, j) is the squared distance of a[i] from b[j]",
    hints=[
        "Which shapes broadcast to (n, m, d)? An axis of length 1 is put in by None.",
        "a[:, None, :] is (n, 1, d), and b is (m, d).",
        "Square first, and then sum over the last axis.",
    ],
)
def pairs(student, rng):
    small = np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 4.0], [3.0, 1.0]])
    cases = [small]
    for n, m, d in [(1, 1, 1), (2, 3, 4), (3, 2, 5), (4, 4, 4)]:
        cases.append((rng.standard_normal((n, d)), rng.standard_normal((m, d))))
    for a, b in cases:
        right = definition(a, b)
        mistakes = {
            "this is the transposed: rows are a's, columns b's": right.T,
            "this is the distance; asked is its square": np.sqrt(right),
            "the sum goes over the coordinates, the last of the three axes": (
                ((a[:, None] - b) ** 2).sum(1)
            ),
            "the sum was squared; it is the squares that are summed": (
                (a[:, None] - b).sum(2) ** 2
            ),
            "the mean over the last axis; it is the sum": right / a.shape[1],
            "the middle term is -2 times the product": (
                (a**2).sum(1)[:, None] - a @ b.T + (b**2).sum(1)
            ),
        }
        if len(a) == len(b) == 1:
            mistakes = {}
        text = f"squared_distances of {shown(a)} from {shown(b)}"
        same(student.squared_distances(a, b), right, text, mistakes=mistakes)


@question(
    "1.5",
    says="it is done without a loop over pairs: thousands against thousands in a moment",
    hints=["A loop in Python takes a microsecond and more a pair: millions of pairs, seconds."],
    seconds=2,
)
def in_one_stroke(student, rng):
    a, b = rng.standard_normal((2000, 8)), rng.standard_normal((1500, 8))
    right = (a**2).sum(1)[:, None] - 2 * a @ b.T + (b**2).sum(1)
    text = "squared_distances of 2000 from 1500 points"
    same(student.squared_distances(a, b), right, text, atol=1e-6)


@question(
    "1.5",
    says="one row against many, one coordinate, equal points; a and b are the same afterwards",
    hints=[
        "Is anything written into a or b? a **= 2 and a -= ... do that; a ** 2 makes a new array.",
        "One row against many, and points with one coordinate: keep all axes of length 1.",
    ],
    hidden=True,
)
def given_points_are_kept(student, rng):
    for n, m, d in [(1, 5, 3), (5, 1, 3), (4, 3, 1), (1, 1, 6), (3, 3, 3)]:
        a, b = rng.uniform(-3, 3, (n, d)), rng.uniform(-3, 3, (m, d))
        b[0] = a[-1]
        before = a.copy(), b.copy()
        text = f"squared_distances, a of {(n, d)}, b of {(m, d)}"
        same(student.squared_distances(a, b), definition(*before), text, atol=1e-7)
        for array, kept, name in zip((a, b), before, "ab", strict=True):
            same(array, kept, f"{name}, after {text}", rtol=0, atol=0)


# ---------------------------------------------------------------------- 1.6


@question(
    "1.6",
    says="the class whose mean is nearest",
    hints=[
        "First one mean image for each class: which rows of images have the label c?",
        "images[labels == c] are those rows. The mean goes down them: axis=0.",
        "argmin over the classes gives a number for each new image: axis=1.",
    ],
)
def of_the_nearest(student, rng):
    line = np.array([[0.0], [1.0], [8.0], [12.0], [5.0]]), np.array([0, 0, 1, 1, 2])
    new = np.array([[2.0], [7.0], [9.0], [-3.0], [7.8], [5.9]])
    right = np.array([0, 2, 1, 0, 1, 2])
    got = np.asarray(student.nearest_mean(*line, new, 3))
    text = "nearest_mean: classes of images 0, 1 | 8, 12 | 5; new images 2, 7, 9, -3, 7.8, 5.9"
    same(got, right, text,
         mistakes={
             "this is the class of the nearest image, not of the nearest mean": np.array(
                 [0, 1, 1, 0, 1, 2]
             ),
             "mean() without an axis is one number for all pixels of all images": np.zeros(6),
             "this is the class whose mean is farthest: argmax for argmin": np.array(
                 [1, 0, 0, 1, 0, 0]
             ),
         })  # fmt: skip
    images, labels = rng.standard_normal((30, 5)), np.arange(30) % 3
    images += labels[:, None]
    new = rng.standard_normal((4, 5)) + 1
    means = np.stack([images[labels == c].mean(0) for c in range(3)])
    right = definition(new, means).argmin(1)
    got = np.asarray(student.nearest_mean(images, labels, new, 3))
    same(got, right, "30 images in 3 classes, 4 new ones")


@question(
    "1.6",
    points=2,
    says="nine of ten real digits are read rightly",
    hints=[
        "On digits, 0.901 is reached. 0.1 is what guessing reaches.",
        "Are the classes in the order 0, 1, 2, ..., and has each mean 64 pixels?",
    ],
)
def digits_are_read(student, rng):
    train, test = digits()
    (x, y), (x_test, y_test) = ([t.numpy() for t in part.tensors] for part in (train, test))
    got = np.asarray(student.nearest_mean(x, y, x_test, 10))
    same(got.shape, (len(x_test),), "the shape of nearest_mean on the digits' test set")
    right = np.mean(got == y_test)
    holds(right > 0.89, f"of 364 digits, nine of ten are right; here it is {right:.3f}")


@question(
    "1.6",
    says="classes of very different size, in any order; nearest by the distance of 1.5",
    hints=[
        "Which distance decides? That of 1.5: the sum of the squares.",
        "A class of one image counts as much as one of fifty: the means alone are compared.",
    ],
    hidden=True,
)
def large_and_small_classes(student, rng):
    images, new = np.array([[0.0, 0.0], [2.0, 3.0]]), np.array([[5.0, 0.0], [1.0, 1.0]])
    why = "this adds the absolute differences; the distance of 1.5 adds their squares"
    for first in (0, 1):
        got = np.asarray(student.nearest_mean(images, np.array([first, 1 - first]), new, 2))
        text = f"(0, 0) of class {first} and (2, 3) of class {1 - first}; new are (5, 0), (1, 1)"
        same(got, np.array([1 - first, first]), text, mistakes={why: np.array([first, first])})
    for counts in [(1, 50), (1, 2, 30, 3), (5,)]:
        classes = len(counts)
        labels = rng.permutation(np.repeat(np.arange(classes), counts))
        images = rng.standard_normal((len(labels), 3)) * 2 + labels[:, None] % 3
        new = rng.standard_normal((40, 3)) * 3
        means = np.stack([images[labels == c].mean(0) for c in range(classes)])
        right = definition(new, means).argmin(1)
        got = np.asarray(student.nearest_mean(images, labels, new, classes))
        same(got, right, f"40 new images, classes of {counts} images in any order")


# ---------------------------------------------------------------------- 1.7


def tables(rng, n=6, m=4, columns=3):
    units = 10.0 ** np.arange(columns)
    train = (rng.standard_normal((n, columns)) + 2) * units
    return train, (rng.standard_normal((m, columns)) + 3) * units


@question(
    "1.7",
    points=2,
    says="in the training set, each column has mean 0 and standard deviation 1",
    hints=[
        "mean(axis=0) goes down the rows and leaves one number for each column.",
        "Divide by the standard deviation, .std(axis=0), not by its square.",
    ],
)
def measured(student, rng):
    small = np.array([[1.0, 10.0], [3.0, 40.0]])
    for train, test in [(small, small), tables(rng), tables(rng, n=5, columns=5)]:
        right = (train - train.mean(0)) / train.std(0)
        mistakes = {
            "mean and spread of all columns together; each column has its own": (
                (train - train.mean()) / train.std()
            ),
            "divided by the variance; its root is the standard deviation": (
                (train - train.mean(0)) / train.var(0)
            ),
            "the mean is not subtracted": train / train.std(0),
            "each column was brought between 0 and 1; asked is mean 0 and deviation 1": (
                (train - train.min(0)) / np.ptp(train, axis=0)
            ),
            "mean and spread of the rows; it is those of the columns": (
                (train - train.mean(1, keepdims=True)) / train.std(1, keepdims=True)
            ),
            "the test set's rows helped to make mean and spread": (
                (train - np.vstack([train, test]).mean(0)) / np.vstack([train, test]).std(0)
            ),
        }
        got = student.standardized(train, test)
        same(len(got), 2, "the number of arrays that standardized returns")
        sample = (train - train.mean(0)) / train.std(0, ddof=1)
        if np.shape(got[0]) == train.shape and np.allclose(got[0], sample):
            continue  # n - 1 in the place of n is another convention, not a mistake
        same(got[0], right, f"training set of {shown(train)}", mistakes=mistakes)


@question(
    "1.7",
    points=2,
    says="the test set is measured with the training set's mean and deviation",
    hints=[
        "Which rows may be known when the first test image arrives?",
        "Compute mean and deviation once, from train, and use them for both.",
        "A test set of one row must work, and not become zeros.",
    ],
)
def no_glimpse(student, rng):
    train, test = tables(rng)
    mean, spread = train.mean(0), train.std(0)
    for rows in (test[:1], test):
        both = np.vstack([train, rows])
        right = (rows - mean) / spread
        own = np.where(rows.std(0) == 0, 1, rows.std(0))
        got = student.standardized(train, rows)[1]
        sample = (rows - mean) / train.std(0, ddof=1)
        if np.shape(got) == rows.shape and np.allclose(got, sample):
            continue
        same(got, right, f"a test set of {len(rows)} rows", mistakes={
            "the test set was measured with its own mean and spread": (rows - rows.mean(0)) / own,
            "the test set was measured with its own mean and spread; of one row it is 0": (
                np.full(rows.shape, np.nan)
            ),
            "the test set was returned as it came": rows,
            "the test set's rows helped to make mean and spread": (
                (rows - both.mean(0)) / both.std(0)
            ),
        })  # fmt: skip
    changed = test.copy()
    changed[-1] += 1000
    a, b = (student.standardized(train, t) for t in (test, changed))
    text = "when one row of the test set is changed"
    same(b[0], a[0], f"the training set {text}")
    same(b[1][:-1], a[1][:-1], f"the other rows of the test set {text}")


@question(
    "1.7",
    says="a column that is constant gives zeros in the training set, no NaN",
    hints=[
        "0 / 0 is NaN. What could you divide by, where the deviation is 0?",
        "np.where(spread == 0, 1, spread)",
    ],
)
def constant_columns(student, rng):
    train = np.array([[1.0, 7.0], [3.0, 7.0], [8.0, 7.0]])
    test = np.array([[2.0, 9.0]])
    got = student.standardized(train, test)
    same(got[0][:, 1], np.zeros(3), "a constant column of 7 in the training set", atol=1e-6)
    same(got[1][:, 1], np.array([2.0]), "a 9 in that column of the test set", atol=1e-6)


@question(
    "1.7",
    says="the training set is measured, and both arrays are the same afterwards",
    hints=["train -= mean writes into the caller's array. train - mean makes a new one."],
)
def left_alone(student, rng):
    train, test = tables(rng)
    before = train.copy(), test.copy()
    right = (train - train.mean(0)) / train.std(0)
    got = student.standardized(train, test)
    same(len(got), 2, "the number of arrays that standardized returns")
    sample = right * np.sqrt(1 - 1 / len(train))
    if np.shape(got[0]) != train.shape or not np.allclose(got[0], sample):  # n - 1 is no mistake
        same(got[0], right, f"training set of {shown(before[0])}")
    same(train, before[0], "train, after standardized(train, test)", rtol=0, atol=0)
    same(test, before[1], "test, after standardized(train, test)", rtol=0, atol=0)


@question(
    "1.7",
    says="columns in tiny and in huge units are divided all the same, constant ones are not",
    hints=[
        "In metres, a cell is a few millionths long. Is a column with small numbers constant?",
        "Constant is a question of whether numbers differ, not of how large they are.",
    ],
    hidden=True,
)
def tiny_units(student, rng):
    units = np.array([1e-6, 1.0, 1e9, 1e-4, 1.0])
    train, test = (rng.standard_normal((n, 5)) * units for n in (7, 3))
    train[:, 1], test[:, 4] = 4.0, 2.0
    mean, spread = train.mean(0), train.std(0)
    got = student.standardized(train, test)
    same(len(got), 2, "the number of arrays that standardized returns")
    for found, rows, name in zip(got, (train, test), ("training", "test"), strict=True):
        right = (rows - mean) / np.where(spread == 0, 1, spread)
        sample = right * np.where(spread == 0, 1, np.sqrt(6 / 7))
        if np.shape(found) == rows.shape and np.allclose(found, sample):
            continue  # n - 1 in the place of n
        same(found, right, f"the {name} set, columns in units of {units}, the second constant")


# ---------------------------------------------------------------------- 1.8


@question(
    "1.8",
    says="a 1 at the label's place and zeros elsewhere",
    hints=[
        "Compare each label with 0, 1, ..., classes - 1: which shapes broadcast to (n, classes)?",
        "labels[:, None] is a column; np.arange(classes) is a row.",
        "Truth values become numbers by .astype(float).",
    ],
)
def at_its_place(student, rng):
    for labels, classes in [([1], 2), ([0], 1), ([2, 0], 3), ([1, 1, 3, 0], 5)]:
        labels = np.array(labels)
        right = np.eye(classes)[labels]
        got = student.one_hot(labels, classes)
        same(got, right, f"one_hot({shown(labels)}, {classes})", mistakes={
            "this is upside down: a row for each class": right.T,
            "as many columns as the largest label needs; classes says how many": (
                np.eye(labels.max() + 1)[labels]
            ),
            "these are truth values; .astype(float)": right == 1,
            "the labels count from 0, here they count from 1": np.roll(right, -1, axis=1),
        } if classes > 1 else None)  # fmt: skip


@question(
    "1.8",
    says="labels of any shape: one more axis at the end",
    hints=[
        "labels[:, None] is for one axis. An ellipsis is for any number: labels[..., None].",
        "For a single label, shape (), the result has the shape (classes,).",
    ],
)
def of_any_shape(student, rng):
    for shape in [(2, 3), (2, 1, 3), ()]:
        labels = np.array(rng.integers(0, 4, shape))
        right = np.eye(4)[labels]
        same(student.one_hot(labels, 4), right, f"one_hot of labels of shape {shape}, 4 classes")


@question(
    "1.8",
    says="it returns floats; many classes, small integers and no labels at all",
    hints=[
        "Of which dtype is your result? Floats are asked for: 1 is not 1.0 in what comes after.",
        "The labels of shape (0,) give (0, classes): where is a largest or a first label needed?",
    ],
    hidden=True,
)
def floats_for_all(student, rng):
    for shape, classes, dtype in [
        ((3,), 4, np.int64), ((2, 2, 2), 3, np.int32), ((5,), 200, np.uint8), ((0,), 3, np.int64),
        ((2, 0), 5, np.int64),
    ]:  # fmt: skip
        labels = rng.integers(0, classes, shape).astype(dtype)
        text = f"one_hot of {dtype.__name__} labels of shape {shape}, {classes} classes"
        got = student.one_hot(labels, classes)
        same(got, np.eye(classes)[labels], text)
        kind = np.asarray(got).dtype
        holds(kind.kind == "f", f"{text}: floats, got {kind}", "floats are asked for")

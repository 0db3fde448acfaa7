"""The questions on lesson 4."""

import numpy as np

from minigrad.classroom import gradients_right, holds, question, same, shown

# ---------------------------------------------------------------------- 4.1


@question(
    "4.1",
    points=2,
    says="tanh: the value, and a pullback that agrees with differences",
    hints=[
        "One entry of the value depends on one entry of x: g times the slope, entry by entry.",
        "The slope of tanh is 1 - tanh ** 2: of the output, not of the input.",
        "g is a factor: a pullback of zeros returns zeros.",
    ],
)
def tanh_right(student, rng):
    x, g = np.array([0.0, 1.0, -0.5]), np.array([3.0, 10.0, 100.0])
    value, pullback = student.tanh(x)
    y = np.tanh(x)
    same(value, y, f"the value of tanh({x})")
    wrong = {
        "Check which of x and y the formula is written in: the slope is 1 - y * y": g * (1 - x * x),
        "Multiply the local derivative by g: g is what arrives": 1 - y * y,
        "the square is missing: the slope is 1 - y * y": g * (1 - y),
        "this is g times the value: the slope is 1 - y * y": g * y,
    }
    same(pullback(g), g * (1 - y * y), f"the pullback of tanh({x}) at g = {g}", mistakes=wrong)
    for shape in [(3,), (2, 3)]:
        x = rng.standard_normal(shape)
        gradients_right(student.tanh, [x], f"tanh, x of {shape}")


@question(
    "4.1",
    points=2,
    says="divide: the value, and both gradients agree with differences",
    hints=[
        "Moving x alone, x / y rises at the speed 1 / y. Moving y alone?",
        "The slope of 1 / y is -1 / y ** 2.",
        "Return them in the order of the arguments: first the gradient of x.",
    ],
)
def divide_right(student, rng):
    for shape in [(3,), (2, 3)]:
        x, y = rng.uniform(0.5, 2, shape), rng.uniform(0.5, 2, shape)
        value, _ = student.divide(x, y)
        same(value, x / y, f"the value of divide, x and y of {shape}")
        gradients_right(student.divide, [x, y], f"divide, x and y of {shape}")


@question(
    "4.1",
    says="a pullback is right, leaves alone what it is given, and says the same when called again",
    hints=["g *= ... changes the caller's array, which others may need. Write g * ..."],
)
def nothing_is_changed(student, rng):
    x, y, g = (rng.uniform(0.5, 2, 3) for _ in range(3))
    for name, inputs, right in [
        ("tanh", (x,), g / np.cosh(x) ** 2),
        ("divide", (x, y), (g / y, -g * x / y**2)),
    ]:
        _, pullback = getattr(student, name)(*inputs)
        before = g.copy()
        first = pullback(g)
        same(first, right, f"the pullback of {name}")
        same(g, before, f"g after the pullback of {name}", rtol=0, atol=0)
        second = pullback(g)
        same(second, first, f"the pullback of {name} called twice with the same g")


@question(
    "4.1",
    says="negative numbers, and arrays of any number of axes",
    hints=[
        "y may be negative: then 1 / y is, too. A logarithm or a size loses that.",
        "Everything is elementwise: no axis counts for more than another.",
    ],
    hidden=True,
)
def of_either_sign(student, rng):
    for shape in [(4,), (1,), (2, 1, 3), ()]:
        x, g = (np.asarray(rng.standard_normal(shape)) for _ in "xg")
        y = np.asarray(rng.uniform(0.5, 2, shape))
        for sign in (-1.0, np.asarray(rng.choice([-1.0, 1.0], shape))):
            value, pullback = student.divide(x, sign * y)
            asked = f"divide, x and y of {shape}, y {shown(sign * y)}"
            same(value, x / y * sign, f"the value of {asked}")
            same(list(pullback(g)), [g / y * sign, -g * x / y**2], f"the pullback of {asked}")
        value, pullback = student.tanh(5 * x)
        asked = f"tanh, x of {shape}: {shown(5 * x)}"
        same(value, np.tanh(5 * x), f"the value of {asked}")
        same(pullback(g), g / np.cosh(5 * x) ** 2, f"the pullback of {asked}")


# ---------------------------------------------------------------------- 4.2


@question(
    "4.2",
    says="the value is the sum along the axis",
    hints=["np.sum(x, axis), without keepdims."],
)
def sum_value(student, rng):
    for shape, axis in [((3,), 0), ((2, 3), 0), ((2, 3), 1), ((2, 3, 4), 1)]:
        x = rng.standard_normal(shape)
        value, _ = student.sum_over(x, axis)
        asked = f"the value of sum_over(x, {axis}), x of {shape}"
        wrong = {"this is the mean": x.mean(axis), "this sums over everything": np.sum(x)}
        same(value, x.sum(axis), asked, mistakes=wrong)


@question(
    "4.2",
    points=2,
    says="every entry of x gets the g of the sum that it went into",
    hints=[
        "Move one entry of a row by 0.1: its sum moves by 0.1. So each entry gets its row's g.",
        "The axis that was summed away has to come back first: np.expand_dims(g, axis).",
        "Then stretch it: np.broadcast_to(..., x.shape).",
    ],
)
def sum_pullback(student, rng):
    for shape, axis in [((3,), 0), ((2, 3), 0), ((2, 3), 1), ((3, 3), 1), ((2, 3, 4), 1)]:
        x = rng.standard_normal(shape)
        value = x.sum(axis)
        g = np.round(rng.uniform(1, 9, value.shape), 1)
        _, pullback = student.sum_over(x, axis)
        right = np.broadcast_to(np.expand_dims(g, axis), shape)
        wrong = {
            "g is not used: every entry gets 1": np.ones(shape),
            "the gradient of a sum is a copy of g, not a share of it": right / shape[axis],
            "this is g times x: a sum has the slope 1 with every entry": right * x,
            "this copies all of g's sum to every entry": np.full(shape, g.sum()),
            "this still has the shape of g: it has to be copied to x's shape": g,
        }
        if shape == (3, 3):
            wrong["g is copied along the wrong axis: put the summed axis back"] = (
                np.broadcast_to(g, shape)
            )  # fmt: skip
        asked = f"the pullback of sum_over(x, {axis}), x of {shape}, at g = {g}"
        same(pullback(g), right, asked, mistakes=wrong)


@question(
    "4.2",
    says="the value is the sum, and the pullback agrees with its differences",
    hints=["See the report: it says which entries of the Jacobian are wrong."],
)
def sum_checked(student, rng):
    for shape, axis in [((3,), 0), ((2, 3), 0), ((3, 3), 1)]:
        x = rng.standard_normal(shape)
        asked = f"sum_over(x, {axis}), x of {shape}"
        value, _ = student.sum_over(x, axis)
        same(value, x.sum(axis), f"the value of {asked}")
        gradients_right(student.sum_over, [x, axis], asked)


@question(
    "4.2",
    says="every axis of arrays with any number of axes",
    hints=[
        "The axis may be the first, the last, or one between: put it back where it was.",
        "g[:, None] puts an axis at place 1. np.expand_dims(g, axis) puts it where you say.",
    ],
    hidden=True,
)
def every_axis(student, rng):
    for shape in [(1,), (4, 1), (2, 3, 4), (3, 3, 3), (2, 1, 3, 2)]:
        for axis in range(len(shape)):
            x = rng.standard_normal(shape)
            g = np.asarray(rng.standard_normal(x.sum(axis).shape))
            value, pullback = student.sum_over(x, axis)
            asked = f"sum_over(x, {axis}), x of {shape}"
            same(value, x.sum(axis), f"the value of {asked}")
            right = np.expand_dims(g, axis) + np.zeros(shape)
            same(pullback(g), right, f"the pullback of {asked}")


# ---------------------------------------------------------------------- 4.3

SHAPES = [((4, 3), (3,)), ((4, 3), (4, 3)), ((2, 3, 4), (3, 4)), ((2, 3, 4), (4,)), ((5,), ())]
STRETCHED = [((2, 3), (2, 1)), ((2, 3), (1, 3)), ((2, 3, 4), (2, 1, 4)), ((4, 1), (4, 1))]
BOTH = [((2, 3, 4), (3, 1)), ((5, 2, 3), (1, 1)), ((3, 3, 3), (1, 3))]


def summed(g, shape):
    """By a loop over all entries: each is added where it came from."""
    total = np.zeros(shape)
    for i in np.ndindex(g.shape):
        own = i[len(i) - len(shape) :]
        total[tuple(0 if n == 1 else k for k, n in zip(own, shape, strict=True))] += g[i]
    return total


def sum_to_of(student, rng, cases):
    for whole, shape in cases:
        g = rng.standard_normal(whole)
        right = summed(g, shape)
        count = g.size / right.size
        wrong = {"a copy's gradient is the sum over the copies, not their mean": right / count}
        if len(whole) > len(shape):
            first = g[(0,) * (len(whole) - len(shape))]
            if first.shape == shape:
                wrong["this keeps one copy's gradient and drops the others"] = first
        got = student.sum_to(g, shape)
        same(got, right, f"sum_to(g, {shape}) of g of {whole}", mistakes=wrong)


@question(
    "4.3",
    says="axes that broadcasting added on the left are summed away",
    hints=[
        "How many more axes has g than shape? Those are the first ones.",
        "g.sum(axis=(0, 1)) sums over two at once; axis=() over none.",
    ],
)
def added_axes(student, rng):
    sum_to_of(student, rng, SHAPES)


@question(
    "4.3",
    says="axes that were stretched from 1 are summed, and are 1 again",
    hints=[
        "Which entries of shape are 1 where g's are not? keepdims=True keeps the axis.",
    ],
)
def stretched_axes(student, rng):
    sum_to_of(student, rng, STRETCHED)


@question(
    "4.3",
    points=2,
    says="both at once",
    hints=[
        "First the added axes, so that the others stand where shape has them; then the stretched.",
        "A size says nothing of where it stands: in (3, 3, 3) go by the position of an axis.",
    ],
)
def both_kinds(student, rng):
    sum_to_of(student, rng, BOTH)


@question(
    "4.3",
    says="any number of axes, added and stretched; and g is the same afterwards",
    hints=[
        "Three axes may have been added, or four: is any number of them summed?",
        "g[0] is a view of g: total = g[0], total += g[1] writes into the caller's g.",
    ],
    hidden=True,
)
def many_axes(student, rng):
    cases = [
        ((2, 3, 2, 3, 2), (2,)), ((2, 3, 2, 2), ()), ((3, 1, 2, 4), (1, 1, 4)), ((1, 4), (1, 1)),
        ((2, 3, 4, 2, 2), (3, 1, 2, 1)), ((3, 3, 3, 3), (3, 1, 3)), ((2, 2), (2,)), ((), ()),
    ]  # fmt: skip
    for whole, shape in cases:
        g = np.asarray(rng.standard_normal(whole))
        before = g.copy()
        got = student.sum_to(g, shape)
        same(got, summed(before, shape), f"sum_to(g, {shape}) of g of {whole}")
        same(g, before, f"g of {whole}, after sum_to(g, {shape})", rtol=0, atol=0)


# ---------------------------------------------------------------------- 4.4


@question(
    "4.4",
    says="the values",
    hints=["NumPy broadcasts by itself: x - y, x * y."],
)
def broadcast_values(student, rng):
    x, y = rng.standard_normal((2, 3)), rng.standard_normal(3)
    same(student.subtract(x, y)[0], x - y, "the value of subtract, x of (2, 3), y of (3,)")
    same(student.multiply(x, y)[0], x * y, "the value of multiply, x of (2, 3), y of (3,)")


@question(
    "4.4",
    says="arrays of one shape: both gradients",
    hints=[
        "x * y rises with x at the speed y, and with y at the speed x.",
        "x - y falls when y rises.",
    ],
)
def one_shape(student, rng):
    x, y = rng.standard_normal((2, 3)), rng.standard_normal((2, 3))
    for name in ("subtract", "multiply"):
        gradients_right(getattr(student, name), [x, y], f"{name}, x and y of (2, 3)")


@question(
    "4.4",
    points=2,
    says="shapes that broadcast: each gradient has the shape of its array",
    hints=[
        "A row that is used for every row of a matrix gets what arrives at all of them, summed.",
        "sum_to of 4.3 does it, on what would be right if nothing were broadcast.",
        "Either of the two may be the one that was stretched, or both.",
    ],
)
def broadcast_pullbacks(student, rng):
    for a, b in [
        ((2, 3), (3,)),
        ((3,), (2, 3)),
        ((2, 3), (2, 1)),
        ((2, 1), (1, 3)),
        ((3, 3), (3,)),
    ]:
        x, y = rng.standard_normal(a), rng.standard_normal(b)
        for name in ("subtract", "multiply"):
            asked = f"{name}, x of {a}, y of {b}"
            g = rng.standard_normal(np.broadcast_shapes(a, b))
            got = getattr(student, name)(x, y)[1](g)
            for d, array, which in zip(got, (x, y), "xy", strict=True):
                shape = np.asarray(d).shape
                why = f"its shape is {shape}: sum over the axes that were broadcast, with sum_to"
                holds(shape == array.shape, f"the gradient of {which} in {asked}", why)
            gradients_right(getattr(student, name), [x, y], asked)


@question(
    "4.4",
    says="several added axes, both stretched at once, and single numbers",
    hints=[
        "A row may be used for a whole stack of matrices: more than one axis is added then.",
        "sum_to knows all cases. Does every gradient go through it, with its own array's shape?",
    ],
    hidden=True,
)
def all_that_broadcasts(student, rng):
    for a, b in [
        ((2, 3, 4), (4,)), ((), (2, 3, 2)), ((3, 1), (2, 3, 4)), ((2, 1, 4), (3, 1)), ((3,), ()),
        ((4, 1, 2, 1), (3, 1, 2)), ((1,), (1, 1)), ((), ()),
    ]:  # fmt: skip
        x, y = np.asarray(rng.standard_normal(a)), np.asarray(rng.standard_normal(b))
        g = np.asarray(rng.standard_normal(np.broadcast_shapes(a, b)))
        for name, value, dx, dy in [("subtract", x - y, g, -g), ("multiply", x * y, g * y, g * x)]:
            got, pullback = getattr(student, name)(x, y)
            asked = f"{name}, x of {a}, y of {b}"
            same(got, value, f"the value of {asked}")
            same(list(pullback(g)), [summed(dx, a), summed(dy, b)], f"the pullback of {asked}")


# ---------------------------------------------------------------------- 4.5


@question(
    "4.5",
    says="the value is x @ w",
    hints=["The sign for a product of matrices is @; * goes entry by entry."],
)
def matmul_value(student, rng):
    x, w = rng.standard_normal((2, 3)), rng.standard_normal((3, 4))
    same(student.matmul(x, w)[0], x @ w, "the value of matmul, x of (2, 3), w of (3, 4)")


@question(
    "4.5",
    points=3,
    says="both gradients, of all shapes",
    hints=[
        "One entry: y[i, j] = sum over k of x[i, k] w[k, j]. Where does x[i, k] go? To y[i, :].",
        "So dx[i, k] = sum over j of g[i, j] w[k, j]. Which product of matrices is that?",
        "g is (n, m), w is (k, m), dx must be (n, k): one of the two has to be transposed.",
    ],
)
def matmul_pullback(student, rng):
    for n, k, m in [(1, 2, 1), (2, 3, 4), (4, 1, 2)]:
        x, w, g = (rng.standard_normal(s) for s in ((n, k), (k, m), (n, m)))
        asked = f"the pullback of matmul, x of {(n, k)}, w of {(k, m)}, g of {(n, m)}"
        got = student.matmul(x, w)[1](g)
        wrong = {
            "the two are swapped: first the gradient of x": [x.T @ g, g @ w.T],
            "the gradient of x comes out transposed": [w @ g.T, x.T @ g],
            "the gradient of w comes out transposed": [g @ w.T, g.T @ x],
            "g is not used in the gradient of x": [np.ones((n, m)) @ w.T, x.T @ g],
            "g is not used": [np.ones((n, m)) @ w.T, x.T @ np.ones((n, m))],
        }
        same(list(got), [g @ w.T, x.T @ g], asked, mistakes=wrong)


@question(
    "4.5",
    points=2,
    says="also where everything is square, and no shape gives a mistake away",
    hints=[
        "With all shapes (3, 3), w and w.T both fit. Only one of them is right: see 4.5's first."
    ],
)
def matmul_square(student, rng):
    x, w = rng.standard_normal((3, 3)), rng.standard_normal((3, 3))
    gradients_right(student.matmul, [x, w], "matmul, all of (3, 3)")


@question(
    "4.5",
    says="matrices of hundreds by hundreds, in a moment",
    hints=[
        "Millions of steps of a loop in Python take seconds. @ takes a thousandth of that.",
        "The gradients are products of matrices as well: each is one @.",
    ],
    hidden=True,
    seconds=2,
)
def in_products(student, rng):
    for n, k, m in [(1, 1, 1), (300, 200, 250)]:
        x, w, g = (rng.standard_normal(s) for s in ((n, k), (k, m), (n, m)))
        value, pullback = student.matmul(x, w)
        asked = f"matmul, x of {(n, k)}, w of {(k, m)}"
        same(value, x @ w, f"the value of {asked}")
        same(list(pullback(g)), [g @ w.T, x.T @ g], f"the pullback of {asked}")


# ---------------------------------------------------------------------- 4.6


def cube(x):
    return x**3, lambda g: 3 * g * x**2


def wrong_cube(x):
    return x**3, lambda g: 2 * g * x**2


def row_sums(x):
    return x.sum(1), lambda g: np.repeat(g[:, None], x.shape[1], 1)


def cases(rng):
    for op, shape, name in [(cube, (2,), "x ** 3"), (row_sums, (2, 3), "x.sum(1)")]:
        x, u = rng.standard_normal(shape), rng.standard_normal(shape)
        v = rng.standard_normal(op(x)[0].shape)
        yield op, name, x, u, v


@question(
    "4.6",
    points=2,
    says="the first: how fast the value changes along u, weighted by v",
    hints=[
        "op(x) returns a pair: its value is op(x)[0].",
        "Move all of x at once: op(x + h * u)[0] - op(x - h * u)[0], divided by 2 h.",
        "Then multiply by v, entry by entry, and sum to one number.",
    ],
)
def by_differences(student, rng):
    for op, name, x, u, v in cases(rng):
        f = op(x + 1e-4 * u)[0], op(x - 1e-4 * u)[0]
        along = (f[0] - f[1]) / 2e-4
        wrong = {
            "the two points are 2 h apart": 2 * np.sum(v * along),
            "this is not weighted by v": np.sum(along),
            "this weights the value itself, not its change": np.sum(v * op(x)[0]),
            "the mean in the place of the sum": np.mean(v * along),
        }
        got = student.two_ways(op, x, u, v)[0]
        asked = f"two_ways(op, x, u, v)[0] of {name}, x of {x.shape}"
        same(got, np.sum(v * along), asked, rtol=1e-5, atol=1e-6, mistakes=wrong)


@question(
    "4.6",
    points=2,
    says="the second: the pullback of v, multiplied by u",
    hints=[
        "The pullback belongs to the point x: take the one that op(x) returns.",
        "pullback(v) has the shape of x, as u has: multiply them entry by entry, and sum.",
    ],
)
def by_pullback(student, rng):
    for op, name, x, u, v in cases(rng):
        right = np.sum(op(x)[1](v) * u)
        ones = np.ones_like(v)
        wrong = {
            "g is v here, not 1": np.sum(op(x)[1](ones) * u),
            "u is missing: this is the sum of the gradient": np.sum(op(x)[1](v)),
            "the pullback is that of the moved point": np.sum(op(x + 1e-6 * u)[1](v) * u),
        }
        got = student.two_ways(op, x, u, v)[1]
        asked = f"two_ways(op, x, u, v)[1] of {name}, x of {x.shape}"
        same(got, right, asked, rtol=1e-9, mistakes=wrong)


@question(
    "4.6",
    says="a wrong pullback is seen: the first says what is true, the second what is claimed",
    hints=["The first must not ask the pullback, nor the second the differences."],
)
def sees_wrong(student, rng):
    x, u, v = np.array([1.0, 2.0]), np.array([1.0, 1.0]), np.array([1.0, 1.0])
    got = student.two_ways(wrong_cube, x, u, v)
    asked = "two_ways of x ** 3 whose pullback says 2 x ** 2, at [1, 2], u = v = [1, 1]"
    same(list(got), [15.0, 10.0], asked, rtol=1e-5)


def cubed_sum(x):
    return np.sum(x) ** 3, lambda g: np.full(x.shape, 3 * g * np.sum(x) ** 2)


@question(
    "4.6",
    says="values of any shape, also one number; and h is the step that is given",
    hints=[
        "v has the value's shape, whatever it is: v * along, summed over everything.",
        "h is an argument: 1e-6 is only what it is when nobody gives another.",
    ],
    hidden=True,
)
def of_any_value(student, rng):
    for op, shape, name in [
        (cube, (2, 3), "x ** 3"),
        (cube, (), "x ** 3"),
        (cubed_sum, (2, 2), "x.sum() ** 3"),
    ]:
        x, u = np.asarray(rng.standard_normal(shape)), np.asarray(rng.standard_normal(shape))
        v = np.asarray(rng.standard_normal(np.shape(op(x)[0])))
        true = float(np.sum(op(x)[1](v) * u))
        asked = f"two_ways of {name}, x of {shape}"
        same([float(n) for n in student.two_ways(op, x, u, v)], [true] * 2, asked, rtol=1e-5)
        wide = float(np.sum(v * (op(x + 0.5 * u)[0] - op(x - 0.5 * u)[0])))
        got = [float(n) for n in student.two_ways(op, x, u, v, 0.5)]
        why = {"h is not used: 0.5 is given as the last argument": [true] * 2}
        same(got, [wide, true], f"{asked}, h = 0.5", rtol=1e-5, mistakes=why)


# ---------------------------------------------------------------------- 4.7


def layer_of(rng, n=2, k=3, m=4):
    return rng.standard_normal((n, k)), rng.standard_normal((k, m)), rng.standard_normal(m)


@question("4.7", says="the value is tanh(x @ w + b)", hints=["The value was right at first."])
def layer_value(student, rng):
    x, w, b = layer_of(rng)
    same(student.layer(x, w, b)[0], np.tanh(x @ w + b), "the value of layer, x (2, 3), w (3, 4)")


def one_gradient(student, rng, i, name, mistakes):
    for n, k, m in [(2, 1, 1), (2, 3, 4), (5, 2, 2)]:
        x, w, b = layer_of(rng, n, k, m)
        g = rng.standard_normal((n, m))
        z = x @ w + b
        dz = g * (1 - np.tanh(z) ** 2)
        right = (dz @ w.T, x.T @ dz, dz.sum(0))[i]
        got = student.layer(x, w, b)[1](g)[i]
        wrong = {why: f(x, w, g, z, dz) for why, f in mistakes.items()}
        asked = f"the gradient of {name} in layer, x of {(n, k)}, w of {(k, m)}"
        same(got, right, asked, mistakes=wrong)


@question(
    "4.7",
    says="the gradient of x",
    hints=[
        "Is the first step back, through tanh, right? Put in one number each, x = w = 1, b = 0.",
        "1 - tanh ** 2: what is squared, the input of tanh or its output?",
    ],
)
def layer_dx(student, rng):
    wrong = {
        "the slope of tanh is 1 - y * y, of the output y, not of z": (
            lambda x, w, g, z, dz: (g * (1 - z * z)) @ w.T
        ),
        "tanh is passed over: g has to go back through it first": lambda x, w, g, z, dz: g @ w.T,
    }
    one_gradient(student, rng, 0, "x", wrong)


@question(
    "4.7",
    points=2,
    says="the gradient of w",
    hints=["What arrives at x @ w is not g: it has come through tanh before."],
)
def layer_dw(student, rng):
    wrong = {
        "tanh is passed over: what arrives at x @ w is dz, not g": lambda x, w, g, z, dz: x.T @ g,
        "the slope of tanh is 1 - y * y, of the output y, not of z": (
            lambda x, w, g, z, dz: x.T @ (g * (1 - z * z))
        ),
    }
    one_gradient(student, rng, 1, "w", wrong)


@question(
    "4.7",
    points=2,
    says="the gradient of b",
    hints=["b is copied to all rows: what is the gradient of a copy? Compare 4.3."],
)
def layer_db(student, rng):
    wrong = {
        "b is added to every row: the sum over the rows, not the mean": (
            lambda x, w, g, z, dz: dz.mean(0)
        ),
        "the slope of tanh is 1 - y * y, of the output y, not of z": (
            lambda x, w, g, z, dz: (g * (1 - z * z)).sum(0)
        ),
        "the mean over the rows, and 1 - y * y is of the output": (
            lambda x, w, g, z, dz: (g * (1 - z * z)).mean(0)
        ),
        "tanh is passed over": lambda x, w, g, z, dz: g.sum(0),
        "the gradients of all rows have to be summed": lambda x, w, g, z, dz: dz,
    }
    one_gradient(student, rng, 2, "b", wrong)


@question(
    "4.7",
    points=2,
    says="one row, and square shapes; what is given is kept, and a second call is right as well",
    hints=[
        "g *= ... and y *= ... write into arrays that are needed again. g * ... makes a new one.",
        "Call the pullback twice: what has the first call left changed?",
    ],
    hidden=True,
)
def layer_called_again(student, rng):
    for n, k, m in [(1, 1, 1), (1, 3, 2), (3, 3, 3)]:
        x, w, b = layer_of(rng, n, k, m)
        before = [a.copy() for a in (x, w, b)]
        slope = 1 - np.tanh(x @ w + b) ** 2
        value, pullback = student.layer(x, w, b)
        asked = f"layer, x of {(n, k)}, w of {(k, m)}"
        same(value, np.tanh(x @ w + b), f"the value of {asked}")
        for time in ("first", "second"):
            g = rng.standard_normal((n, m))
            kept, dz = g.copy(), g * slope
            got = list(pullback(g))
            right = [dz @ before[1].T, before[0].T @ dz, dz.sum(0)]
            same(got, right, f"the pullback of {asked}, called for the {time} time")
            same(g, kept, f"g after the pullback of {asked}", rtol=0, atol=0)
        same([x, w, b], before, f"x, w and b after {asked}", rtol=0, atol=0)

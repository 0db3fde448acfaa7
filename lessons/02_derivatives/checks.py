"""The questions on lesson 2."""

import numpy as np

from minigrad.classroom import holds, question, same, shown

POINTS = [(3.0, 0.5), (0.0, 1.0), (-2.0, 0.25), (1.5, 1e-3)]


def square(x):
    return x**2


def cubic(x):
    return x**3 - 2 * x


# ---------------------------------------------------------------------- 2.1


@question(
    "2.1",
    says="the slope between x and x + h is the change of f divided by the change of x",
    hints=[
        "Draw f, and the straight line through the points at x and at x + h. Rise over run.",
        "The rise is f(x + h) - f(x). What is the run?",
        "A slope is a quotient: divide by h.",
    ],
)
def secant(student, rng):
    for x, h in POINTS:
        right = (cubic(x + h) - cubic(x)) / h
        same(
            student.forward_difference(cubic, x, h), right,
            f"forward_difference(f, {x}, {h}) of f(x) = x**3 - 2 x",
            mistakes={
                "this is the rise alone: a slope is rise over run, so divide by h": right * h,
                "this has the wrong sign: later minus earlier, f(x + h) - f(x)": -right,
                "this multiplies by h where it should divide": right * h * h,
                "this goes back, from x - h to x": (cubic(x) - cubic(x - h)) / h,
                "this is the slope between x - h and x + h, which 2.2 asks for": (
                    (cubic(x + h) - cubic(x - h)) / (2 * h)
                ),
                "the run is h here, not 2 h": right / 2,
            },
        )  # fmt: skip


@question(
    "2.1",
    says="the slope of a straight line is the same between any two points",
    hints=["f(x) = 3 x + 1 has slope 3 everywhere, whatever x and h are."],
)
def straight_line(student, rng):
    for x, h in POINTS:
        got = student.forward_difference(lambda x: 3 * x + 1, x, h)
        same(got, 3.0, f"forward_difference(f, {x}, {h}) of f(x) = 3 x + 1", rtol=1e-9)


@question(
    "2.1",
    says="of other functions too, and with a negative h, where x + h lies to the left of x",
    hints=[
        "The run from x to x + h is h, with its sign. Where h is negative, so is the run.",
        "A falling line falls, whichever of the two points is named first.",
    ],
    hidden=True,
)
def either_way(student, rng):
    for f in (np.sin, np.exp, square):
        for x, h in np.round(rng.uniform(0.1, 2, (3, 2)), 2) * [[1, -1], [-1, -1], [-1, 1]]:
            right = (f(x + h) - f(x)) / h
            got = student.forward_difference(f, float(x), float(h))
            why = {"h is negative, and so is the run from x to x + h": -right} if h < 0 else {}
            name = f.__name__
            same(got, right, f"forward_difference({name}, {x}, {h})", mistakes=why)


# ---------------------------------------------------------------------- 2.2


@question(
    "2.2",
    says="the slope between x - h and x + h",
    hints=[
        "One point lies to the left of x and one to the right, both at the distance h.",
        "How far apart are x - h and x + h?",
        "The run is 2 h.",
    ],
)
def both_sides(student, rng):
    for x, h in POINTS:
        right = (cubic(x + h) - cubic(x - h)) / (2 * h)
        same(
            student.central_difference(cubic, x, h), right,
            f"central_difference(f, {x}, {h}) of f(x) = x**3 - 2 x",
            mistakes={
                "the two points are 2 h apart, not h": 2 * right,
                "2 / h is not 1 / (2 h): mind the brackets in (...) / 2 * h": right * h * h,
                "this goes to the right only": (cubic(x + h) - cubic(x)) / h,
                "the sign is turned: right point minus left point": -right,
                "this is the mean of the two values, not the difference": (
                    (cubic(x + h) + cubic(x - h)) / (2 * h)
                ),
            },
        )  # fmt: skip


@question(
    "2.2",
    points=2,
    says="for a parabola it is exact, however large h is",
    hints=["The errors to the left and to the right cancel: x**2 at 3 gives 6 with h = 1 as well."],
)
def exact_for_a_parabola(student, rng):
    for x, h in POINTS:
        got = student.central_difference(square, x, h)
        same(got, 2 * x, f"central_difference(f, {x}, {h}) of f(x) = x**2", rtol=1e-9)


@question(
    "2.2",
    says="of other functions too; a negative h gives the same slope as a positive one",
    hints=[
        "With a negative h, x + h is the left point, and the run from x - h to x + h is negative.",
        "Rise and run both turn their sign then: divide by 2 h itself, not by its size.",
    ],
    hidden=True,
)
def either_side_first(student, rng):
    for f in (np.sin, np.exp, cubic):
        for x, h in np.round(rng.uniform(0.1, 2, (3, 2)), 2) * [[1, -1], [-1, -1], [-1, 1]]:
            right = (f(x + h) - f(x - h)) / (2 * h)
            got = student.central_difference(f, float(x), float(h))
            why = {"h is negative, and so is the run from x - h to x + h": -right} if h < 0 else {}
            name = f.__name__
            same(got, right, f"central_difference({name}, {x}, {h})", mistakes=why)


# ---------------------------------------------------------------------- 2.3


@question(
    "2.3",
    says="Im f(x + ih) / h is the derivative",
    hints=[
        "Give f the number x + ih. Python writes it complex(x, h) or x + 1j * h.",
        "Of f's result only the imaginary part is wanted: .imag.",
    ],
)
def imaginary_part(student, rng):
    for x in (2.0, 0.0, -1.5):
        got = student.complex_step(lambda x: x * x * x, x)
        why = {
            "this is the real part, which is f itself": (x**3) / 1e-30,
            "the imaginary part is h times the slope: divide by h": 3 * x**2 * 1e-30,
            "i is missing: x + h is real, and so is f there": 0.0 if x else np.nan,
        }
        same(got, 3 * x**2, f"complex_step(f, {x}) of f(x) = x**3", rtol=1e-12, mistakes=why)


@question(
    "2.3",
    points=2,
    says="it is right to the last digit, because nothing is subtracted",
    hints=[
        "h must be tiny, 1e-30: then the error, of the order of h**2, is nothing beside f.",
        "No f(x) is subtracted here: that is what costs the digits in 2.1 and 2.2.",
    ],
)
def to_the_last_digit(student, rng):
    for x in (1.0, 0.3):
        got = student.complex_step(np.exp, x)
        same(got, np.exp(x), f"complex_step(exp, {x}), to 15 digits", rtol=1e-15, atol=0)
        holds(np.isrealobj(np.asarray(got)), f"complex_step(exp, {x}) is real", "take .imag")


@question(
    "2.3",
    says="falling functions and long formulas; and h is the one that is given",
    hints=[
        "A slope may be negative: what of its sign do you throw away?",
        "The third argument is h. 1e-30 is only what it is when nobody gives another.",
    ],
    hidden=True,
)
def slopes_of_all_kinds(student, rng):
    for x in (0.4, 1.1, -0.7):
        damped = np.exp(-x) * (np.cos(x) - np.sin(x))
        for f, right, name in [
            (np.cos, -np.sin(x), "cos"),
            (lambda z: 1 / (1 + z * z), -2 * x / (1 + x * x) ** 2, "1 / (1 + x * x)"),
            (lambda z: np.exp(-z) * np.sin(z), damped, "exp(-x) sin(x)"),
        ]:
            why = {"the sign is lost: this function falls here": -right}
            same(student.complex_step(f, x), right, f"complex_step({name}, {x})", mistakes=why)
        got = student.complex_step(lambda z: z * z * z, x, 0.5)
        why = {"h is not used: 0.5 is given as the third argument": 3 * x * x}
        right = 3 * x * x - 0.25
        same(got, right, f"complex_step(f, {x}, 0.5) of f(x) = x**3: 3 x x - h h", mistakes=why)


# ---------------------------------------------------------------------- 2.4


def bowl(x):
    return float(np.sum(x**2))


def saddle(x):
    return float(x[0] * x[1])


@question(
    "2.4",
    points=2,
    says="entry i is the slope when x[i] alone is moved",
    hints=[
        "For each i: a function of one number, that puts it in the place of x[i] and calls f.",
        "Give that function to central_difference, at x[i].",
        "Move one entry at a time: the next must start from x again, not from what was moved.",
    ],
)
def one_at_a_time(student, rng):
    x = np.array([2.0, 5.0])
    same(
        student.gradient(saddle, x), np.array([5.0, 2.0]),
        "gradient(f, [2, 5]) of f(x) = x[0] * x[1]", rtol=1e-5,
        mistakes={
            "all entries were moved at once: this is the sum of the partial derivatives": np.array(
                [7.0, 7.0]
            ),
            "entry i has the derivative of another entry": np.array([2.0, 5.0]),
            "the points are 2 h apart": np.array([10.0, 4.0]),
        },
    )  # fmt: skip
    x = rng.standard_normal(4)
    same(student.gradient(bowl, x), 2 * x, f"gradient of sum(x**2) at {np.round(x, 3)}", rtol=1e-5)


@question(
    "2.4",
    says="it takes an array of any shape, and returns one of that shape",
    hints=["np.ndindex(x.shape) gives every index of an array, (0, 0), (0, 1), ... of a matrix."],
)
def any_shape(student, rng):
    for shape in [(1,), (2, 3), (2, 1, 2)]:
        x = rng.standard_normal(shape)
        same(student.gradient(bowl, x), 2 * x, f"gradient of sum(x**2), x of {shape}", rtol=1e-5)


@question(
    "2.4",
    says="the slopes of a bowl are right, and x is the same afterwards",
    hints=["x[i] += h changes the caller's array. Copy it: moved = x.copy()."],
)
def x_is_left_alone(student, rng):
    x = rng.standard_normal(3)
    before = x.copy()
    got = student.gradient(bowl, x)
    same(got, 2 * before, f"gradient of sum(x**2) at {shown(before)}", rtol=1e-5)
    same(x, before, "x after gradient(f, x)", rtol=0, atol=0)


@question(
    "2.4",
    says="it moves by the h that is given; also of no axis, and of four",
    hints=[
        "h is an argument: 1e-5 is only what it is when nobody gives another.",
        "x.shape may be (): one number, whose only index is (). It may have four axes as well.",
    ],
    hidden=True,
)
def by_the_given_step(student, rng):
    for shape in [(3,), (), (2, 1, 2, 3)]:
        x, w = rng.standard_normal(shape), rng.standard_normal(shape)
        x, w = np.asarray(x), np.asarray(w)

        def f(z, w=w):
            return float(np.sum(w * z**3) + np.sum(z) ** 2)

        right = 2 * np.sum(x) + w * 3 * x**2
        why = {"h is not used: 0.5 is given as the third argument": right}
        text = "gradient(f, x, 0.5) of f(x) = sum(w * x**3) + sum(x)**2"
        got = student.gradient(f, x, 0.5)
        same(got, right + w / 4, f"{text}, x of {shape}", mistakes=why, rtol=1e-5, atol=1e-5)


# ---------------------------------------------------------------------- 2.5


@question(
    "2.5",
    says="one wrong entry among a thousand right ones is seen",
    hints=[
        "What does a mean over a thousand entries make of one that is wrong?",
        "It is the largest error that counts: np.max.",
    ],
)
def one_among_many(student, rng):
    a = np.ones(1000)
    b = a.copy()
    b[7] = 2.0
    got = student.relative_error(a, b)
    why = {"one wrong entry is lost in a mean over a thousand": 0.5 / 1000}
    same(got, 0.5, "relative_error(a, b) with one of 1000 entries 1 and 2", mistakes=why)


@question(
    "2.5",
    says="negative numbers are as large as positive ones",
    hints=["What is the size of -5? And what does np.maximum(-5, -4) say?", "Use np.abs."],
)
def negative_numbers(student, rng):
    for a, b, right in [(-4.0, -5.0, 0.2), (1.0, -1.0, 2.0), (-1.0, -1.0, 0.0)]:
        got = student.relative_error(np.array([a]), np.array([b]))
        call = f"relative_error([{a}], [{b}])"
        mistakes = {
            "the size of a negative number is its absolute value": abs(a - b) / max(a, b),
            "divide by the larger of the two sizes": abs(a - b) / abs(a),
        }
        same(got, right, call, mistakes=mistakes)


@question(
    "2.5",
    says="two zeros agree",
    hints=["0 / 0 is NaN: where both are 0, divide by 1."],
)
def two_zeros(student, rng):
    same(student.relative_error(np.zeros(2), np.zeros(2)), 0.0, "relative_error([0, 0], [0, 0])")
    a, b = np.array([0.0, 4.0]), np.array([0.0, 5.0])
    same(student.relative_error(a, b), 0.2, "relative_error([0, 4], [0, 5])")


@question(
    "2.5",
    says="which of the two comes first does not matter, nor in which unit they are measured",
    hints=[
        "relative_error(a, b) and relative_error(b, a) divide by the same: by the larger one.",
        "In other units the numbers may be tiny. What has been added to the size, or called 0?",
    ],
    hidden=True,
)
def first_or_second(student, rng):
    plain = np.array([0.0, 1.0, -4.0]), np.array([0.0, 1.0, -3.0])
    cases = [(*plain, 0.25), (np.array([3.0, 0.0]), np.array([3.0, 2.0]), 1.0)]
    for shape in [(1,), (4,), (2, 3)]:
        a = rng.standard_normal(shape)
        b = a * rng.uniform(0.5, 1.5, shape)
        cases.append((a, b, np.max(np.abs(a - b) / np.maximum(np.abs(a), np.abs(b)))))
    for a, b, right in cases:
        for p, q in ((a, b), (b, a)):
            for unit in (1.0, 1e-20, 1e20):
                got = student.relative_error(unit * p, unit * q)
                asked = (
                    f"relative_error(a, b), a = {unit:g} * {shown(p)}, b = {unit:g} * {shown(q)}"
                )
                same(got, right, asked)


# ---------------------------------------------------------------------- 2.6


@question(
    "2.6",
    points=2,
    says="a right gradient passes, and the same with 1 added to each entry does not",
    hints=[
        "Compare df(x) with gradient(f, x) by relative_error.",
        "The two are never equal: differences have an error. Compare with `tolerance`.",
    ],
)
def right_passes(student, rng):
    for n in (1, 3):
        x = rng.standard_normal(n)
        for f, df, name in [(bowl, lambda x: 2 * x, "sum(x**2)"), (
            lambda x: float(np.sum(np.exp(x))), np.exp, "sum(exp(x))",
        )]:  # fmt: skip
            got = student.gradient_is_right(f, df, x)
            holds(got is True, f"gradient_is_right of {name} at {x} is True, got {got!r}")
            got = student.gradient_is_right(f, lambda x, df=df: df(x) + 1, x)
            holds(got is False, f"the same of {name} at {x}, df(x) + 1 for df(x): got {got!r}")


@question(
    "2.6",
    points=2,
    says="a wrong gradient fails, be it wrong in one entry or by one part in a thousand; "
    "the right one beside it passes",
    hints=[
        "Is what you compute compared with `tolerance`, and on the right side of it?",
        "abs() of the difference: a gradient that is too small is wrong too.",
    ],
)
def wrong_fails(student, rng):
    x = 1 + np.abs(rng.standard_normal(5))
    wrong = {
        "2 x with the sign turned": lambda x: -2 * x,
        "x, the factor 2 forgotten": lambda x: x,
        "2 x with the last entry 0": lambda x: np.append(2 * x[:-1], 0.0),
        "2.002 x": lambda x: 2.002 * x,
        "1.998 x": lambda x: 1.998 * x,
    }
    for name, df in wrong.items():
        got = student.gradient_is_right(bowl, df, x)
        holds(got is False, f"gradient_is_right(f, df, x) of sum(x**2), df = {name}: got {got!r}")
    got = student.gradient_is_right(bowl, lambda x: 2 * x, x)
    holds(got is True, f"gradient_is_right(f, df, x) of sum(x**2), df = 2 x: got {got!r}")


@question(
    "2.6",
    says="a gradient of another shape is wrong, and in x's own shape it is right",
    hints=["NumPy broadcasts (3,) - (1,) without a word. Compare the shapes first."],
)
def wrong_shape(student, rng):
    x = np.ones(3)
    got = student.gradient_is_right(bowl, lambda x: 2 * x[:1], x)
    holds(got is False, f"df(x) of shape (1,) for x of shape (3,): got {got!r}")
    got = student.gradient_is_right(bowl, lambda x: 2 * x, x)
    holds(got is True, f"df(x) of shape (3,), all right, for x of shape (3,): got {got!r}")


@question(
    "2.6",
    says="the tolerance is the one that is given, and a shape is more than a number of entries",
    hints=[
        "tolerance is an argument: 1e-6 is only what it is when nobody gives another.",
        "(3,), (3, 1) and (1, 3) hold three numbers each, and are three shapes.",
    ],
    hidden=True,
)
def as_tolerant_as_told(student, rng):
    for shape in [(4,), (2, 3)]:
        x = 1 + rng.random(shape)
        for tolerance, right in [(1e-2, True), (1e-4, False)]:
            got = student.gradient_is_right(bowl, lambda x: 2.002 * x, x, tolerance)
            asked = f"df = 2.002 x of sum(x**2), x of {shape}, tolerance {tolerance}: got {got!r}"
            holds(got is right, asked, "one part in a thousand is wrong: is it compared with that?")
    for shape, other in [((3,), (3, 1)), ((3,), (1, 3)), ((2, 3), (3, 2)), ((1,), ())]:
        x = np.ones(shape)
        got = student.gradient_is_right(bowl, lambda x, s=other: 2 * x.reshape(s), x)
        holds(got is False, f"df(x) of shape {other} for x of shape {shape}: got {got!r}")

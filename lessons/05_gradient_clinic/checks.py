"""The questions on lesson 5."""

import numpy as np

from minigrad.classroom import gradients_right, holds, question, same, shown
from minigrad.clinic.faults import FAULTS

# ---------------------------------------------------------------------- ops, right and wrong


def square(x):
    return x * x, lambda g: 2 * g * x


def half(x):
    return x * x, lambda g: g * x


def row_sums(x):
    return x.sum(1), lambda g: np.repeat(g[:, None], x.shape[1], 1)


def soft(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def soft_right(x):
    y = soft(x)
    return y, lambda g: y * (g - np.sum(g * y, -1, keepdims=True))


def soft_diagonal(x):
    y = soft(x)
    return y, lambda g: g * y * (1 - y)


def true_and_claimed(op, x):
    """(A, N) of an op of arrays."""
    value, pullback = op(x)
    a = np.array([pullback(e.reshape(value.shape)).ravel() for e in np.eye(value.size)])
    steps = [1e-5 * e.reshape(x.shape) for e in np.eye(x.size)]
    n = np.stack([(op(x + s)[0] - op(x - s)[0]).ravel() / 2e-5 for s in steps], axis=1)
    return a, n


# ---------------------------------------------------------------------- 5.1


def jacobians_of(student, which, rng, cases):
    for op, shape, name in cases:
        x = rng.standard_normal(shape)
        right = true_and_claimed(op, x)
        got = student.jacobians(op, x)
        holds(len(got) == 2, f"jacobians of {name}: two tables, got {len(got)}")
        wrong = {}
        if right[which].shape[0] == right[which].shape[1]:
            wrong["rows and columns are swapped: a row belongs to an entry of the value"] = right[
                which
            ].T
        wrong["this is the other one: first the pullback's, then the differences'"] = right[
            1 - which
        ]
        wrong["the two points are 2 h apart"] = 2 * right[which]
        asked = f"jacobians(op, x)[{which}] of {name}, x of {shape}"
        same(got[which], right[which], asked, rtol=1e-5, atol=1e-6, mistakes=wrong)


def first_times_all(x):
    return x[0] * x, lambda g: np.concatenate([[g @ x + g[0] * x[0]], g[1:] * x[0]])


VECTORS = [(half, (2,), "x * x with half its slope"), (first_times_all, (3,), "x[0] * x")]
SHAPED = [(row_sums, (2, 3), "x.sum(1)"), (half, (2, 2), "x * x with half its slope")]


@question(
    "5.1",
    points=2,
    says="A has a row for each entry of the value, from the pullback",
    hints=[
        "Give the pullback a g that is 1 at one entry of the value and 0 elsewhere.",
        "What comes back is that entry's slope with all of x: a row.",
    ],
)
def by_pullback(student, rng):
    jacobians_of(student, 0, rng, VECTORS)


@question(
    "5.1",
    points=2,
    says="N has a column for each entry of x, from differences",
    hints=[
        "Move one entry of x: how all the entries of the value change is a column.",
        "(op(x + step)[0] - op(x - step)[0]) / (2 * h), with the step 0 but for one entry, h.",
    ],
)
def by_differences(student, rng):
    jacobians_of(student, 1, rng, VECTORS)


@question(
    "5.1",
    says="x and the value may have any shape",
    hints=["np.ndindex(value.shape) gives all indices of it; .ravel() makes a row of an array."],
)
def any_shapes(student, rng):
    for which in (0, 1):
        jacobians_of(student, which, rng, SHAPED)


def cube(x):
    return x**3, lambda g: 3 * g * x**2


def cube_of_sum(x):
    return np.sum(x) ** 3, lambda g: np.full(x.shape, 3 * g * np.sum(x) ** 2)


@question(
    "5.1",
    says="a value that is one number, arrays of three axes, and the h that is given",
    hints=[
        "The shape of one number is (): np.ndindex(()) gives its only index, ().",
        "h is an argument: 1e-6 is only what it is when nobody gives another.",
    ],
    hidden=True,
)
def one_number(student, rng):
    for op, shape, name in [
        (cube_of_sum, (3,), "x.sum() ** 3"), (cube_of_sum, (2, 1, 2), "x.sum() ** 3"),
        (cube, (2, 1, 3), "x ** 3"), (cube, (1,), "x ** 3"),
    ]:  # fmt: skip
        x = rng.standard_normal(shape)
        a, n = true_and_claimed(op, x)
        asked = f"jacobians of {name}, x of {shape}"
        same(list(student.jacobians(op, x)), [a, n], asked, rtol=1e-5, atol=1e-6)
        why = {"h is not used: 0.5 is given as the last argument": [a, n]}
        wide = n + 0.25 * (np.eye(x.size) if op is cube else 1)
        got = list(student.jacobians(op, x, 0.5))
        same(got, [a, wide], f"{asked}, h = 0.5", rtol=1e-5, atol=1e-6, mistakes=why)


# ---------------------------------------------------------------------- 5.2


@question(
    "5.2",
    points=2,
    says="alpha is the multiple of n that is nearest to a",
    hints=[
        "<a, n> is np.sum(a * n).",
        "alpha = <a, n> / <n, n>: divided by n's own, not by a's.",
    ],
)
def alpha(student, rng):
    n = rng.standard_normal((3, 4))
    for a, name in [(0.5 * n, "0.5 n"), (-n, "-n"), (n + rng.standard_normal((3, 4)), "n + noise")]:
        right = np.sum(a * n) / np.sum(n * n)
        wrong = {
            "divide by <n, n>, not by <a, a>": np.sum(a * n) / np.sum(a * a),
            "this is turned round: the multiple of a nearest to n": 1 / right,
            "this is not divided by anything": np.sum(a * n),
            "the mean of the ratios weights a tiny entry as much as a large one": np.mean(a / n),
        }
        same(student.factor(a, n)[0], right, f"factor(a, n)[0] of a = {name}", mistakes=wrong)


@question(
    "5.2",
    points=2,
    says="left_over is 0 for a multiple, and says how far a is from any",
    hints=[
        "a - alpha * n is what is left. np.linalg.norm is the root of the sum of squares.",
        "Take what is left of a, not of n.",
    ],
)
def left_over(student, rng):
    n = rng.standard_normal((3, 4))
    zeros = n * (np.arange(4) > 0)
    for a, name in [
        (-0.25 * n, "-n / 4"),
        (zeros, "n without its first column"),
        (soft(n), "other"),
    ]:
        al = np.sum(a * n) / np.sum(n * n)
        rest = a - al * n
        right = np.linalg.norm(rest) / np.linalg.norm(a)
        wrong = {
            "this is the square: take the root": right**2,
            "what is left of a - n, with alpha forgotten": (
                np.linalg.norm(a - n) / np.linalg.norm(a)
            ),
            "divided by |n|; the task says |a|": np.linalg.norm(rest) / np.linalg.norm(n),
            "divide it by |a|": np.linalg.norm(rest),
        }
        asked = f"factor(a, n)[1] of a = {name}"
        same(student.factor(a, n)[1], right, asked, atol=1e-7, mistakes=wrong)


@question("5.2", says="zeros are no multiple: (0.0, 0.0)", hints=["0 / 0: ask a.any() first."])
def of_zeros(student, rng):
    got = student.factor(np.zeros((2, 2)), np.eye(2))
    same([float(v) for v in got], [0.0, 0.0], "factor of a = zeros")


@question(
    "5.2",
    says="tiny numbers are not zeros, and an alpha of 0 leaves everything over",
    hints=[
        "np.allclose(a, 0) calls 1e-9 a zero. Only an a of zeros, a.any() false, is none.",
        "Where alpha is 0, a may still be there: all of it is left over, and that is 1.",
    ],
    hidden=True,
)
def tiny_and_across(student, rng):
    n = np.array([[1.0, 2.0], [0.0, -2.0]])
    across = np.array([[2.0, -1.0], [3.0, 0.0]])
    got = [float(v) for v in student.factor(across, n)]
    same(got, [0.0, 1.0], f"factor(a, n) of a = {across.tolist()}, n = {n.tolist()}")
    for unit in (1e-12, 1e12):
        n, other = rng.standard_normal((2, 2, 5))
        for a, name in [(2 * n, "2 n"), (2 * n + other, "2 n + other")]:
            alpha = np.sum(a * n) / np.sum(n * n)
            rest = np.linalg.norm(a - alpha * n) / np.linalg.norm(a)
            got = student.factor(unit * a, n)
            asked = f"factor({unit:g} a, n) of a = {name}"
            same(float(got[0]) / unit, alpha, f"{asked}: alpha, divided by {unit:g}")
            same(float(got[1]), rest, f"{asked}: what is left over", atol=1e-7)


# ---------------------------------------------------------------------- 5.3


def stale(x):
    total = np.zeros_like(x)

    def pullback(g):
        nonlocal total
        total = total + g * np.cos(x)
        return total

    return np.sin(x), pullback


def redrawn(x):
    dice = np.random.default_rng(0)
    return x * (dice.random(x.shape) > 0.5), lambda g: g * (dice.random(x.shape) > 0.5)


def alone(x):
    return np.sin(x), lambda g: np.cos(x)


def with_bias(x):
    return 2 * x, lambda g: 2 * g + 0.001


def float32(x):
    return np.sin(x), lambda g: (g * np.cos(x)).astype(np.float32)


def float32_hidden(x):
    return np.sin(x), lambda g: (g * np.cos(x)).astype(np.float32).astype(float)


def plain_sum(x):
    return x.sum(), lambda g: np.full(x.shape, g)


def copy(x):
    return x.copy(), lambda g: g.copy()


def contract_asked(student, rng, cases):
    for op, expected, name in cases:
        x = rng.standard_normal(8)
        got = student.broken_contract(op, x, rng.standard_normal(op(x)[0].shape))
        asked = f"broken_contract of {name}: {expected!r}, got {got!r}"
        why = ""
        if expected is None:
            why = "its pullback is a right one"
        elif got is None:
            why = "nothing was found"
        elif got == "ignores-upstream":
            why = "a gradient of zeros gives zeros here, if a NEW pullback is asked"
        elif expected == "stale-accumulation":
            why = "the second call gives exactly twice what the first gave, no random numbers"
        holds(got == expected, asked, why)


@question(
    "5.3",
    points=2,
    says="ignores-upstream: zeros must give zeros",
    hints=["pullback(np.zeros(value.shape)) must be 0 everywhere: np.any of it is false."],
)
def upstream(student, rng):
    cases = [
        (alone, "ignores-upstream", "sin with the pullback cos(x)"),
        (with_bias, "ignores-upstream", "2 x with the pullback 2 g + 0.001"),
        (square, None, "x * x"),
    ]
    contract_asked(student, rng, cases)


@question(
    "5.3",
    points=2,
    says="stale-accumulation and mask-redrawn: the same g must give the same",
    hints=[
        "Call one pullback twice with the same g, and keep a copy of what came first.",
        "Exactly twice as much: stale. Something else: redrawn.",
    ],
)
def called_twice(student, rng):
    cases = [
        (stale, "stale-accumulation", "sin that adds up all its gradients"),
        (redrawn, "mask-redrawn", "a mask that is drawn once more in the pullback"),
        (copy, None, "a copy of x"),
    ]
    contract_asked(student, rng, cases)


@question(
    "5.3",
    points=2,
    says="float32: of a gradient in float64 some digits are beyond float32",
    hints=[
        "An array equals itself.astype(np.float32) if all its entries are float32 numbers.",
        "The dtype says nothing when somebody has cast back: look at the numbers.",
        "With g = 1 even right gradients are float32 numbers. Take the g that you are given.",
    ],
)
def few_digits(student, rng):
    cases = [
        (float32, "float32", "sin whose pullback gives float32"),
        (float32_hidden, "float32", "sin whose pullback gives float32, cast back to float64"),
        (plain_sum, None, "x.sum()"),
        (copy, None, "a copy of x"),
    ]
    contract_asked(student, rng, cases)


def relu_right(x):
    return np.maximum(x, 0), lambda g: g * (x > 0)


def relu_float32(x):
    return np.maximum(x, 0), lambda g: (g * (x > 0)).astype(np.float32)


def total_alone(x):
    return x.sum() ** 2, lambda g: np.full(x.shape, 2 * x.sum())


@question(
    "5.3",
    points=2,
    says="right ones with chance or zeros in them, and the same faults in other ops",
    hints=[
        "Dropout draws a mask in forward, and keeps it: one pullback says the same again. A second "
        "forward has another mask, and may.",
        "Zeros are float32 numbers. It is a fault if every entry is one, not if some are.",
    ],
    hidden=True,
)
def others_with_the_same(student, rng):
    def dropout(x):
        mask = rng.permutation(x.size) < x.size // 2
        return x * mask * 2, lambda g: g * mask * 2

    cases = [
        (dropout, None, "dropout, with its mask kept for the pullback"),
        (relu_right, None, "max(x, 0)"),
        (relu_float32, "float32", "max(x, 0) whose pullback gives float32"),
        (total_alone, "ignores-upstream", "x.sum() ** 2 whose pullback is 2 x.sum()"),
        (soft_right, None, "softmax"),
    ]
    contract_asked(student, rng, cases)


# ---------------------------------------------------------------------- 5.4


def relu(x):
    return max(x, 0.0)


def steep(x):
    return 1000 * x**2


def bent(x):
    return 3 * x if x > 1 else x + 2


def verdicts(student, cases):
    for f, slope, x, expected, name in cases:
        got = student.verdict(f, slope, x)
        asked = f"verdict(f, {slope}, {x}) of f = {name}: {expected!r}, got {got!r}"
        why = {
            ("kink", "right"): "the two sides come together as h gets smaller: this is a curve",
            ("kink", "wrong"): "at a kink a slope outside of the two sides is wrong"
            if f in (abs, relu, bent) else "there is no kink: the sides come together",
            ("wrong", "kink"): "f has a kink here, and the claim lies between the two slopes",
            ("right", "kink"): "f has a kink here: differences on both sides only give the mean",
        }.get((got, expected), "")  # fmt: skip
        holds(got == expected, asked, why)


@question(
    "5.4",
    points=2,
    says="where f is smooth: right or wrong",
    hints=[
        "Central differences, with h = 1e-5: is the claim near enough?",
        "One part in 10,000 of the slope, or 1e-6 where the slope is tiny.",
    ],
)
def smooth(student, rng):
    verdicts(student, [
        (np.exp, float(np.exp(1.0)), 1.0, "right", "exp"),
        (np.exp, 2.7, 1.0, "wrong", "exp"),
        (np.sin, float(np.cos(0.5)), 0.5, "right", "sin"),
        (np.sin, -float(np.cos(0.5)), 0.5, "wrong", "sin"),
        (abs, 1.0, 3.0, "right", "abs"),
        (abs, 0.0, 3.0, "wrong", "abs"),
        (np.cos, 0.0, 0.0, "right", "cos"),
        (np.sin, 1.001, 0.0, "wrong", "sin"),
    ])  # fmt: skip


@question(
    "5.4",
    points=2,
    says="at a kink: nothing is against a slope between the two",
    hints=[
        "The slope to the right is (f(x + h) - f(x)) / h. And to the left?",
        "If the two differ, and not less with a smaller h, it is a kink.",
        "The claim must lie between the smaller and the larger of the two, with a little room.",
    ],
)
def kinks(student, rng):
    verdicts(student, [
        (abs, 0.0, 0.0, "kink", "abs"),
        (abs, 1.0, 0.0, "kink", "abs"),
        (abs, -1.0, 0.0, "kink", "abs"),
        (abs, 1.5, 0.0, "wrong", "abs"),
        (relu, 0.5, 0.0, "kink", "max(x, 0)"),
        (relu, -0.5, 0.0, "wrong", "max(x, 0)"),
        (bent, 2.0, 1.0, "kink", "3 x if x > 1 else x + 2"),
        (bent, 4.0, 1.0, "wrong", "3 x if x > 1 else x + 2"),
    ])  # fmt: skip


@question(
    "5.4",
    points=2,
    says="a strong curve is no kink",
    hints=[
        "1000 x ** 2 has sides that differ by 2000 h. Take h ten times smaller: so is the gap.",
        "Compare the gap at two step sizes. At a kink it stays; at a curve it goes to a tenth.",
    ],
)
def curves(student, rng):
    verdicts(student, [
        (steep, 2000.0, 1.0, "right", "1000 x ** 2"),
        (steep, 1900.0, 1.0, "wrong", "1000 x ** 2"),
        (steep, 0.0, 0.0, "right", "1000 x ** 2"),
        (steep, 0.05, 0.0, "wrong", "1000 x ** 2"),
        (relu, 1.0, 0.01, "right", "max(x, 0)"),
    ])  # fmt: skip


@question(
    "5.4",
    says="kinks that bend the other way, or lie elsewhere; and curves that fall",
    hints=[
        "At the top of -abs(x) the slope to the left is the larger one.",
        "Sort the two slopes before you ask what lies between.",
    ],
    hidden=True,
)
def bent_down(student, rng):
    at, s = float(np.round(rng.uniform(1, 2), 2)), float(np.round(rng.uniform(2, 4), 1))

    def roof(x):
        return -s * abs(x - at)

    def bowed(x):
        return -s * x**3

    verdicts(student, [
        (lambda x: -abs(x), 0.0, 0.0, "kink", "-abs(x)"),
        (lambda x: -abs(x), 1.2, 0.0, "wrong", "-abs(x)"),
        (lambda x: min(3 * x, x), 2.0, 0.0, "kink", "min(3 x, x)"),
        (lambda x: min(3 * x, x), 0.5, 0.0, "wrong", "min(3 x, x)"),
        (roof, s / 2, at, "kink", f"-{s} abs(x - {at})"),
        (roof, -1.5 * s, at, "wrong", f"-{s} abs(x - {at})"),
        (roof, -s, at + 0.5, "right", f"-{s} abs(x - {at})"),
        (bowed, -3 * s * at**2, at, "right", f"-{s} x ** 3"),
        (bowed, 3 * s * at**2, at, "wrong", f"-{s} x ** 3"),
        (lambda x: -steep(x), -2000 * at, at, "right", "-1000 x ** 2"),
    ])  # fmt: skip


# ---------------------------------------------------------------------- 5.5


def minus(x):
    return np.cos(x), lambda g: g * np.sin(x)


def tanh_of_input(x):
    return np.tanh(x), lambda g: g * (1 - x * x)


def exp_of_input(x):
    return np.exp(x), lambda g: g * x


def first_row_only(b):
    wide = np.broadcast_to(b, (4, b.size)) + 0.0
    return wide, lambda g: g[0]


def wide_right(b):
    return np.broadcast_to(b, (4, b.size)) + 0.0, lambda g: g.sum(0)


def wide_mean(b):
    return np.broadcast_to(b, (4, b.size)) + 0.0, lambda g: g.mean(0)


def no_sum(x):
    y = soft(x)
    return y, lambda g: g * y


MEANS = {
    None: "the two agree",
    "wrong-sign": "a is -n",
    "missing-factor": "a is alpha n with one alpha for all entries",
    "diagonal-softmax": "a has n's diagonal, and zeros beside it where n has none",
    "kept-one-slice": "an entry of a is either 0 or right",
    "input-for-output": "both are diagonal, with a ratio that varies",
    "unknown": "none of the others fits",
}


def named(student, rng, cases):
    for op, shape, expected, name in cases:
        x = rng.uniform(0.3, 1.7, shape) * rng.choice([-1.0, 1.0], shape)
        got = student.name_the_fault(*true_and_claimed(op, x))
        known = isinstance(got, (str, type(None))) and got in MEANS
        why = f"{got!r} means that {MEANS[got]}" if known else "that is no code of the list"
        why += f"; {expected!r}, that {MEANS[expected]}"
        holds(got == expected, f"name_the_fault of {name}: {expected!r}, got {got!r}", why)


@question(
    "5.5",
    says="a right gradient has no fault, though differences are never exact; a halved one has one",
    hints=["Compare |a - n| with 1e-6 of n's largest entry, not with 0."],
)
def none_at_all(student, rng):
    cases = [
        (square, (3,), None, "x * x"),
        (soft_right, (4,), None, "softmax"),
        (wide_right, (3,), None, "b, copied to four rows"),
    ]
    named(student, rng, cases)
    got = student.name_the_fault(*true_and_claimed(half, rng.uniform(0.3, 1.7, 3)))
    holds(got is not None, "name_the_fault of x * x with the pullback g x: a fault, got None")


@question(
    "5.5",
    points=2,
    says="constant factors, and the one that is -1",
    hints=["factor(a, n): left_over is nearly 0. Then alpha says which: -1 or another."],
)
def constant_factors(student, rng):
    cases = [
        (minus, (3,), "wrong-sign", "cos with the pullback g sin(x)"),
        (half, (3,), "missing-factor", "x * x with the pullback g x"),
        (wide_mean, (3,), "missing-factor", "b, copied to four rows, with g.mean(0)"),
    ]
    named(student, rng, cases)


@question(
    "5.5",
    points=2,
    says="what is not there: beside the diagonal, or in whole rows",
    hints=[
        "np.diag(np.diag(n)) is n with zeros beside the diagonal. It needs a square n.",
        "Kept: wherever a is not 0, it agrees with n.",
        "A diagonal softmax keeps right entries, too. So it has to be asked for first.",
    ],
)
def missing_entries(student, rng):
    cases = [
        (soft_diagonal, (4,), "diagonal-softmax", "softmax with the pullback g y (1 - y)"),
        (first_row_only, (3,), "kept-one-slice", "b, copied to four rows, with g[0]"),
    ]
    named(student, rng, cases)


@question(
    "5.5",
    points=2,
    says="a wrong formula, and what is none of these",
    hints=[
        "Both diagonal, and no one factor fits: the formula was written in the wrong variable.",
        "softmax with g y alone is in none of the five: say 'unknown', do not guess.",
    ],
)
def wrong_formula(student, rng):
    cases = [
        (tanh_of_input, (3,), "input-for-output", "tanh with g (1 - x * x)"),
        (exp_of_input, (4,), "input-for-output", "exp with g x"),
        (no_sum, (4,), "unknown", "softmax with the pullback g y"),
    ]
    named(student, rng, cases)


def minus_twice(x):
    return x * x, lambda g: -4 * g * x


def turned(x):
    return x[[1, 2, 0]], lambda g: g[[1, 2, 0]]


def last_row_only(b):
    return np.broadcast_to(b, (2, b.size)) + 0.0, lambda g: g[-1]


@question(
    "5.5",
    says="other ops with these faults are named as well",
    hints=["A factor of -2 is not a wrong sign alone.", "What fits none of the five is 'unknown'."],
    hidden=True,
)
def others(student, rng):
    cases = [
        (minus_twice, (3,), "missing-factor", "x * x with the pullback -4 g x"),
        (turned, (3,), "unknown", "x[[1, 2, 0]] with the pullback g[[1, 2, 0]]"),
        (last_row_only, (3,), "kept-one-slice", "b, copied to two rows, with g[-1]"),
    ]
    named(student, rng, cases)


# ---------------------------------------------------------------------- 5.6

FITS = {
    "bias": {
        "averaged-broadcast": "",
        "missing-factor": "alpha is 1/5, and there are five rows: where does the 1/5 come from?",
        "wrong-count": "forward has no mean; look at what the pullback does with the five rows",
        "kept-one-slice": "then alpha n would not fit: all rows are there, each by a fifth",
        "not-unbroadcast": "then the gradient of b would have g's shape, (5, 3). It has (3,)",
    },
    "fifth_powers": {
        "missing-factor": "",
        "wrong-count": "forward takes no mean, so nothing is divided: the five is the exponent",
        "averaged-broadcast": "nothing is broadcast in forward: the five is the exponent",
        "input-for-output": "then the ratio would vary; it is 1/5 at every entry",
    },
    "log_soft": {
        "softmax-missing-sum": "",
        "diagonal-softmax": "the diagonal itself is wrong: it is 1, and should be 1 - y",
        "norm-ignores-one-statistic": "the rank of A - N fits as well, but there is no norm here",
        "ignores-upstream": "the pullback returns g itself: zeros give zeros",
    },
    "normalize": {
        "norm-ignores-statistics": "",
        "norm-ignores-one-statistic": "rank 2: of mean and width, which one does it regard?",
        "missing-factor": "then A would be a multiple of N: what is left over is far from 0",
    },
    "move_axes": {
        "permutation-not-inverted": "",
        "result-transposed": "with three axes there is more than one way; which undoes (1, 2, 0)?",
        "wrong-axis": "no axis is worked along here: they are only put in another order",
    },
    "gate": {
        "dropped-term": "",
        "input-for-output": "what is there is right, but x is used twice in forward",
        "missing-factor": "then the ratio would be the same at every entry. It varies",
        "wrong-sign": "then A would be -N",
    },
    "leaky": {
        "mask": "",
        "ignores-upstream": "g is multiplied, by 1 or by 1/10: zeros give zeros. What chooses?",
        "missing-factor": "then the factor would be the same at every entry: here some are right",
        "input-for-output": "x does not stand in the pullback at all; what stands in its place?",
        "dropped-term": "forward uses x twice, but only one of the two at each entry",
    },
}  # fmt: skip


def ward(student, *names):
    got = student.diagnoses()
    holds(isinstance(got, dict), f"diagnoses() is a dict, got {got!r}")
    for name in names:
        code = got.get(name)
        holds(code is not None, f"diagnoses()[{name!r}] is not there")
        right = next(c for c, why in FITS[name].items() if not why)
        why = FITS[name].get(code, "")
        if code not in FAULTS:
            why = f"{code!r} is no code of the table of 30"
        elif not why:
            why = f"{code} means: {FAULTS[code].title}. The numbers of the report speak against it"
        holds(code == right, f"diagnoses()[{name!r}]: got {code!r}", why)


@question(
    "5.6",
    points=2,
    says="bias and fifth_powers: one alpha, 1/5, two causes",
    hints=[
        "examine('bias') and examine('fifth_powers') list the same codes. Read the two ops.",
        "In which of them are five things averaged? And where does the other one's 5 stand?",
    ],
)
def one_fifth(student, rng):
    ward(student, "bias", "fifth_powers")


@question(
    "5.6",
    points=2,
    says="log_soft and normalize: what A - N is made of",
    hints=[
        "The rank of A - N counts how many terms are missing for each row.",
        "log_soft lacks one term, a sum. normalize lacks two: of the mean and of the width.",
    ],
)
def ranks(student, rng):
    ward(student, "log_soft", "normalize")


@question(
    "5.6",
    points=2,
    says="move_axes and gate",
    hints=[
        "After transpose(1, 2, 0), what brings the axes back? Try it on shapes (2, 3, 4).",
        "In gate, count the places where forward uses x.",
    ],
)
def order_and_paths(student, rng):
    ward(student, "move_axes", "gate")


@question(
    "5.6",
    points=2,
    says="leaky, of which nothing was said before",
    hints=[
        "The report lists two codes. Which of the two does the pullback really do?",
        "On what does it depend which entries are passed on whole? On what should it?",
    ],
    hidden=True,
)
def on_your_own(student, rng):
    ward(student, "leaky")


# ---------------------------------------------------------------------- 5.7


@question("5.7", says="the value is softmax", hints=["The value was right at first."])
def softmax_value(student, rng):
    for shape in [(1, 2), (3, 4)]:
        x = rng.standard_normal(shape)
        same(student.softmax(x)[0], soft(x), f"the value of softmax, x of {shape}")
    x = np.array([[1000.0, 1000.0]])
    same(student.softmax(x)[0], np.array([[0.5, 0.5]]), "softmax([[1000, 1000]])")


@question(
    "5.7",
    points=3,
    says="every input of a row moves every output of it",
    hints=[
        "If one input rises, its output rises, and all others of the row fall: they share a sum.",
        "The slope of y_i with x_j is y_i (1 - y_i) for i = j, and -y_i y_j for all others.",
        "Sum g_i times that over i: y_j (g_j - sum of g_i y_i), the sum along the row.",
    ],
)
def softmax_pullback(student, rng):
    for shape in [(2, 3), (3, 3)]:
        x, g = rng.standard_normal(shape), rng.standard_normal(shape)
        y = soft(x)
        right = y * (g - np.sum(g * y, 1, keepdims=True))
        wrong = {
            "only the diagonal is there: how y_i moves with the other inputs is missing": (
                g * y * (1 - y)
            ),
            "the sum term is missing: y * (g - sum of g * y)": g * y,
            "the sum is along the columns: it belongs to the rows": (
                y * (g - np.sum(g * y, 0, keepdims=True))
            ),
            "the sum is over everything: each row has its own": y * (g - np.sum(g * y)),
            "g must be weighted by y within the sum": y * (g - np.sum(g, 1, keepdims=True)),
            "this is log softmax's": g - y * np.sum(g, 1, keepdims=True),
        }
        got = student.softmax(x)[1](g)
        same(got, right, f"the pullback of softmax, x of {shape}", mistakes=wrong)


@question(
    "5.7",
    says="the value is softmax, and the pullback agrees with its differences",
    hints=["See the report."],
)
def softmax_checked(student, rng):
    x = rng.standard_normal((2, 3))
    same(student.softmax(x)[0], soft(x), "the value of softmax, x of (2, 3)")
    gradients_right(student.softmax, [x], "softmax, x of (2, 3)")


@question(
    "5.7",
    points=2,
    says="far out, too; one column or many; and x and g are the same afterwards",
    hints=[
        "exp(1000) is infinite, in the pullback as in the value: use y, it is there already.",
        "x -= x.max(...) writes into the caller's array. x - x.max(...) makes a new one.",
    ],
    hidden=True,
)
def softmax_far_out(student, rng):
    for x in (
        np.array([[1000.0, 1001.0, 999.0], [-1000.0, -1000.0, -1002.0]]),
        np.array([[3.0], [1000.0]]),
        rng.standard_normal((4, 10)),
    ):
        before = x.copy()
        value, pullback = student.softmax(x)
        y = soft(before)
        asked = f"softmax of {shown(before)}"
        same(value, y, f"the value of {asked}")
        for time in ("first", "second"):
            g = rng.standard_normal(x.shape)
            kept = g.copy()
            right = y * (g - np.sum(g * y, 1, keepdims=True))
            same(pullback(g), right, f"the pullback of {asked}, called for the {time} time")
            same(g, kept, f"g after the pullback of {asked}", rtol=0, atol=0)
        same(x, before, f"x after {asked}", rtol=0, atol=0)


# ---------------------------------------------------------------------- 5.8


@question(
    "5.8",
    points=2,
    says="rows: a row that is named twice gets both gradients",
    hints=[
        "found[index] += g reads all rows, adds, and writes: of two writes to a row one stays.",
        "np.add.at(found, index, g) adds one after the other. A loop does, too.",
        "Start from zeros in every call.",
    ],
)
def repeated_rows(student, rng):
    for index in ([2, 0], [1, 1], [0, 2, 0, 0]):
        table = rng.standard_normal((4, 2))
        index = np.array(index)
        g = rng.standard_normal((len(index), 2))
        value, pullback = student.rows(table, index)
        same(value, table[index], f"the value of rows(table, {index})")
        right, last, first = np.zeros((3, 4, 2))
        np.add.at(right, index, g)
        last[index] = g
        first[index[::-1]] = g[::-1]
        count = np.maximum(np.bincount(index, minlength=4), 1)[:, None]
        wrong = {
            "a row that is named twice keeps the last gradient only": last,
            "a row that is named twice keeps the first gradient only": first,
            "the gradients of a row are added, not averaged": right / count,
        }
        asked = f"the pullback of rows(table, {index})"
        same(pullback(g), right, asked, mistakes=wrong)
        same(pullback(g), right, f"{asked}, called again",
             mistakes={"what an earlier call gave is still in it": 2 * right})  # fmt: skip


TIED = [
    [[1.0, 3.0, 2.0], [5.0, 4.0, 0.0]], [[2.0, 2.0, 1.0]], [[0.0, 0.0, 0.0], [1.0, 2.0, 2.0]],
]  # fmt: skip


@question(
    "5.8",
    points=2,
    says="largest: the weights of a row sum to 1, on the largest only",
    hints=[
        "x == x.max(...) is true at every tie. How many are there in a row?",
        "Divide by that number; or give all of it to the first, x.argmax(axis=1).",
    ],
)
def ties(student, rng):
    for numbers in TIED:
        x = np.array(numbers)
        g = np.round(rng.uniform(1, 9, len(x)), 1)
        value, pullback = student.largest(x)
        same(value, x.max(1), f"the value of largest({numbers})")
        got = pullback(g)
        call = f"the pullback of largest({numbers}) at g = {g}: got {np.round(got, 3).tolist()}"
        shape = np.asarray(got).shape
        holds(shape == x.shape, call, f"expected x's shape, {x.shape}, got {shape}")
        holds(not np.any(got[x != x.max(1, keepdims=True)]), call, "one that is not the largest")
        sums = got.sum(1)
        ok = np.allclose(sums, g)
        holds(ok, call, f"its rows sum to {np.round(sums, 3)}: ties get g more than once, or less")
        holds(bool(np.all(got >= 0)), call, "a largest that gets less than nothing")


@question(
    "5.8",
    says="largest has the right value, and agrees with differences where nothing is tied",
    hints=["g has one number for each row: g[:, None] makes it a column."],
)
def largest_checked(student, rng):
    x = rng.standard_normal((2, 3))
    same(student.largest(x)[0], x.max(1), "the value of largest, x of (2, 3)")
    gradients_right(student.largest, [x], "largest, x of (2, 3)")


@question(
    "5.8",
    says="only what is equal is tied; negative numbers; and a row that is named often, or none",
    hints=[
        "Two numbers that are close are not tied: x == ..., not np.isclose(x, ...).",
        "A list may be empty: then the gradient of the table is zeros.",
    ],
    hidden=True,
)
def nearly_tied(student, rng):
    for numbers in ([[1.0, 1.0 + 1e-9, 0.5]], [[-3.0, -2.0, -2.0], [-1e-12, -2e-12, -1.0]]):
        x = np.array(numbers)
        g = np.round(rng.uniform(1, 9, len(x)), 1)
        value, pullback = student.largest(x)
        got = np.asarray(pullback(g))
        call = f"the pullback of largest({numbers}) at g = {g}: got {np.round(got, 3).tolist()}"
        same(value, x.max(1), f"the value of largest({numbers})")
        holds(not np.any(got[x != x.max(1, keepdims=True)]), call, "one that is not the largest")
        same(got.sum(1), g, f"the sums of the rows of the pullback of largest({numbers})")
    for index in ([], [2] * 50, rng.integers(0, 4, 30)):
        table, index = rng.standard_normal((4, 3)), np.array(index, int)
        value, pullback = student.rows(table, index)
        g = rng.standard_normal((len(index), 3))
        right = np.zeros((4, 3))
        np.add.at(right, index, g)
        asked = f"rows(table, index), index of {len(index)}: {shown(index)}"
        same(value, table[index], f"the value of {asked}")
        same(pullback(g), right, f"the pullback of {asked}")

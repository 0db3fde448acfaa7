"""The questions on lesson 7."""

import numpy as np

from minigrad.classroom import gradients_right, holds, question, same, shown


def right_lse(z):
    m = z.max(-1)
    return m + np.log(np.exp(z - m[..., None]).sum(-1))


def right_softmax(z):
    return np.exp(z - right_lse(z)[..., None])


def right_losses(z, labels):
    return right_lse(z) - z[np.arange(len(z)), labels]


def cases(rng):
    """Scores and labels, from small to larger."""
    yield np.log([[1.0, 2.0, 5.0]]), np.array([0])
    yield np.log([[1.0, 2.0, 5.0], [3.0, 4.0, 1.0]]), np.array([2, 1])
    for n, classes in [(1, 2), (3, 4), (4, 4), (5, 3)]:
        yield rng.standard_normal((n, classes)), rng.integers(0, classes, n)


def pair(got, asked):
    """(value, pullback), or a sentence that says what is missing."""
    what = isinstance(got, tuple) and len(got) == 2
    holds(what, f"{asked} returns two things, (value, pullback)", "return value, pullback")
    return got


# ---------------------------------------------------------------------- 7.1


def right_nll(mean, log_sigma, y):
    z = (mean - y) / np.exp(log_sigma)
    return np.mean(z**2) / 2 + log_sigma + np.log(2 * np.pi) / 2


@question(
    "7.1",
    says="the value: the mean of (y - mean)^2 / (2 sigma^2) + log(sigma) + log(2 pi) / 2",
    hints=[
        "Take y = mean and sigma = 1: what is left is log(2 pi) / 2 = 0.919.",
        "sigma = exp(log_sigma), and it is squared: exp(2 log_sigma).",
        "The mean over all entries, not the sum.",
    ],
)
def likelihood(student, rng):
    y = np.array([1.0, 4.0])
    asked = [(y, 0.0, y), (y, 1.0, y), (np.array([1.0, 2.0]), 0.0, y), (np.zeros(2), 0.5, y)]
    asked.append((rng.standard_normal(5), -0.7, rng.standard_normal(5)))
    for mean, log_sigma, y in asked:
        right, square, half = right_nll(mean, log_sigma, y), (y - mean) ** 2, np.log(2 * np.pi) / 2
        call = f"gaussian_nll({shown(mean)}, {log_sigma}, {shown(y)})"
        value, _ = pair(student.gaussian_nll(mean, log_sigma, y), call)
        same(value, right, f"the value of {call}", mistakes={
            "log(2 pi) / 2 is missing": right - half,
            "log(sigma) is missing": right - log_sigma,
            "divided by sigma in the place of sigma^2": (
                np.mean(square) / (2 * np.exp(log_sigma)) + log_sigma + half
            ),
            "log_sigma was taken for sigma: sigma = exp(log_sigma)": np.nan if not log_sigma else (
                np.mean(square) / (2 * log_sigma**2) + np.log(abs(log_sigma)) + half
            ),
            "this is the sum over all entries; it is their mean": right * y.size,
            "the squared error is not halved": right + np.mean(square) / 2 / np.exp(2 * log_sigma),
        })  # fmt: skip


@question(
    "7.1",
    points=2,
    says="the slopes for mean and log_sigma agree with differences",
    hints=[
        "For mean: the derivative of (y - mean)^2 / 2 is mean - y. And the 1 / n of the mean?",
        "For log_sigma: exp(-2 log_sigma) has the derivative -2 exp(-2 log_sigma), log_sigma 1.",
        "Multiply both by g. Return (slope_for_mean, slope_for_log_sigma).",
    ],
)
def nll_slopes(student, rng):
    for n, log_sigma in [(1, 0.0), (2, 0.3), (4, -0.6)]:
        inputs = [rng.standard_normal(n), np.array(log_sigma), rng.integers(-3, 4, n)]
        call = f"gaussian_nll of {n} numbers with log_sigma {log_sigma}"
        gradients_right(student.gaussian_nll, inputs, call)


@question(
    "7.1",
    says="at the data's own mean and standard deviation the value is right and both slopes are 0; "
    "one deviation beside the mean they are not",
    hints=["What would the slope for log_sigma be, if (y - mean)^2 were sigma^2 on the average?"],
)
def best_at_the_data(student, rng):
    y = rng.standard_normal(6) * 3 + 5
    call = "gaussian_nll at mean and deviation of y"
    mean, log_sigma = np.full(6, y.mean()), np.log(y.std())
    value, back = pair(student.gaussian_nll(mean, log_sigma, y), call)
    slopes = back(1.0)
    same(np.sum(slopes[0]), 0.0, f"the sum of the slopes for mean, {call}", atol=1e-6)
    same(slopes[1], 0.0, f"the slope for log_sigma, {call}", atol=1e-6)
    same(value, right_nll(mean, log_sigma, y), f"the value of {call}")
    call = "gaussian_nll one deviation above the mean of y"
    slopes = pair(student.gaussian_nll(mean + y.std(), log_sigma, y), call)[1](1.0)
    same(np.sum(slopes[0]), 1 / y.std(), f"the sum of the slopes for mean, {call}")
    same(slopes[1], -1.0, f"the slope for log_sigma, {call}")


@question(
    "7.1",
    says="however small or large sigma is, value and slopes are right",
    hints=["sigma = exp(log_sigma) is never 0: nothing need be added to it, or cut off."],
    hidden=True,
)
def any_sigma(student, rng):
    for log_sigma, n in [(-8.0, 1), (8.0, 1), (-18.0, 7), (18.0, 7)]:
        sigma, mean = np.exp(log_sigma), rng.standard_normal(n)
        y = mean + sigma * rng.standard_normal(n)
        call, z = f"gaussian_nll of {n} number(s) with log_sigma {log_sigma}", (mean - y) / sigma
        value, back = pair(student.gaussian_nll(mean, log_sigma, y), call)
        same(value, right_nll(mean, log_sigma, y), f"the value of {call}")
        for_mean, for_log_sigma = back(3.0)
        same(np.multiply(for_mean, sigma), 3 * z / n, f"sigma times the slope for mean, {call}")
        same(for_log_sigma, 3 * (1 - np.mean(z**2)), f"the slope for log_sigma, {call}")


# ---------------------------------------------------------------------- 7.2


@question(
    "7.2",
    says="log(sum(exp(z))) along the last axis",
    hints=[
        "Of two scores 0, 0: exp gives 1, 1, the sum is 2, the logarithm 0.693.",
        "axis=-1 is the last axis, however many there are.",
    ],
)
def by_definition(student, rng):
    asked = [np.zeros(2), np.log([1.0, 2.0, 5.0])]
    asked += [rng.standard_normal(shape) for shape in [(2, 3), (3, 3), (2, 2, 4)]]
    for z in asked:
        right = right_lse(z)
        same(student.log_sum_exp(z), right, f"log_sum_exp({shown(z)})", mistakes={
            "this is the sum over everything; it is along the last axis": np.log(np.exp(z).sum()),
            "the last axis is still there, with length 1": right[..., None],
            "the largest score was subtracted, and not added again": right - z.max(-1),
            "this is along the first axis": np.log(np.exp(z).sum(0)),
        })  # fmt: skip


@question(
    "7.2",
    points=2,
    says="scores of 1000 and of -1000 give no infinity",
    hints=[
        "exp(1000) is infinite, exp(-1000) is 0, and its logarithm minus infinity.",
        "Subtract something from all scores before exp, and add it after log.",
        "The largest score of each row is what to subtract, so that the largest exponential is 1.",
    ],
)
def of_any_size(student, rng):
    small = rng.standard_normal(3)
    asked = [np.array([1000.0, 0.0]), np.array([-1000.0, -1001.0]), small + 1e5, -small - 1e5]
    asked.append(np.array([[1000.0, 0.0], [-1000.0, -1001.0], [0.5, 0.5]]))
    for z in asked:
        same(student.log_sum_exp(z), right_lse(z), f"log_sum_exp({shown(z)})", rtol=1e-12)


@question(
    "7.2",
    says="one score may be thousands above the others of its row, and a row may have one score",
    hints=[
        "What is the largest exponential, if the mean of the row is subtracted?",
        "Only the largest score makes all the rest at most exp(0) = 1.",
    ],
    hidden=True,
)
def far_above_the_rest(student, rng):
    asked = [np.array([5000.0, 0.0, 0.0]), np.array([-5000.0, 0.0, 0.0]), np.array([[7.0], [-9e5]])]
    asked += [np.array([1e300, 0.0, -1e300]), 1e4 * rng.standard_normal((2, 3, 2, 4))]
    for z in asked:
        same(student.log_sum_exp(z), right_lse(z), f"log_sum_exp({shown(z)})", rtol=1e-12)


# ---------------------------------------------------------------------- 7.3


@question(
    "7.3",
    says="each row: exp(z), divided by its sum over the row",
    hints=[
        "Of exponentials 1, 2, 5 the sum is 8, so 1/8, 2/8, 5/8.",
        "Each row has its own sum: sum(axis=-1, keepdims=True).",
    ],
)
def shares(student, rng):
    for z, _ in cases(rng):
        e, right = np.exp(z), right_softmax(z)
        p, _ = pair(student.softmax(z), f"softmax({shown(z)})")
        same(p, right, f"softmax({shown(z)})", mistakes={
            "this is divided by the sum of everything, not of each row": e / e.sum(),
            "this is divided by the sums of the columns": e / e.sum(0),
            "this is the logarithm of the probabilities": np.log(right),
            "the scores themselves were divided, without exp": z / z.sum(-1, keepdims=True),
            "this is not divided by anything": e,
        } if len(z) > 1 else {
            "this is divided by the sums of the columns, not of the rows": e / e.sum(0),
            "this is the logarithm of the probabilities": np.log(right),
            "this is not divided by anything": e,
        })  # fmt: skip


@question(
    "7.3",
    says="scores of any size: only differences count",
    hints=["softmax(z - c) is softmax(z). Which c keeps exp from overflowing, row by row?"],
)
def only_differences(student, rng):
    z = np.log([[1.0, 2.0, 5.0]])
    for moved in (z + 1000, z - 1000, np.vstack([z + 2000, z - 2000])):
        p, _ = pair(student.softmax(moved), "softmax")
        same(p, right_softmax(moved), f"softmax({shown(moved)})")


@question(
    "7.3",
    points=2,
    says="the value is right, and the pullback agrees with differences",
    hints=[
        "Every score moves every probability of its row: the slope for z_c sums over all k.",
        "Write the sum down: g_c p_c - p_c * sum_k g_k p_k. Now take p_c out.",
        "The sum over k is one number for each row: keepdims=True.",
    ],
)
def softmax_slopes(student, rng):
    for n, classes in [(1, 2), (2, 3), (3, 3)]:
        z = rng.standard_normal((n, classes))
        p, _ = pair(student.softmax(z), "softmax")
        same(p, right_softmax(z), f"softmax({shown(z)})")
        gradients_right(student.softmax, [z], f"softmax of scores of shape {z.shape}")


@question(
    "7.3",
    says="one score may be thousands above the others of its row: p and its slopes are no NaN",
    hints=[
        "What is the largest exponential, if the mean of the row is subtracted?",
        "Only the largest score makes all the rest at most exp(0) = 1.",
    ],
    hidden=True,
)
def far_from_the_rest(student, rng):
    for z in (
        np.array([[5000.0, 0.0, 0.0]]),
        np.array([[-5000.0, 0.0, 1.0], [1.0, 3000.0, 2999.0]]),
        np.array([[4.0], [-3000.0]]),
        1e4 * rng.standard_normal((4, 5)),
    ):
        call, g, right = f"softmax({shown(z)})", rng.standard_normal(z.shape), right_softmax(z)
        p, back = pair(student.softmax(z), call)
        same(p, right, call)
        slopes = right * (g - (g * right).sum(-1, keepdims=True))
        same(back(g), slopes, f"the pullback of {call}")


# ---------------------------------------------------------------------- 7.4


@question(
    "7.4",
    says="the mean of log_sum_exp(z) - z[label]",
    hints=[
        "z[np.arange(n), labels] takes from each row the score of its label.",
        "Probabilities 1/8, 2/8, 5/8 and label 0: the loss is log(8) = 2.079.",
        "The mean over the rows, not the sum.",
    ],
)
def minus_log(student, rng):
    for z, labels in cases(rng):
        losses = right_losses(z, labels)
        right, p = losses.mean(), right_softmax(z)
        call = f"cross_entropy({shown(z)}, {shown(labels)})"
        mistakes = {
            "the sign is turned: minus the log-probability": -right,
            "this is the mean probability of the label, not minus its logarithm": (
                np.exp(-losses).mean()
            ),
            "the logarithm of the mean; it is the mean of the logarithms": (
                -np.log(np.exp(-losses).mean())
            ),
            "this is the sum over the rows; it is their mean": losses.sum(),
            "this is divided by rows times classes; the mean is over the rows": right / z.shape[1],
            "all classes are summed; only that of the label counts": -np.log(p).sum(1).mean(),
            "z[:, labels] takes all labels from every row; one from each is wanted": (
                np.mean(right_lse(z)[:, None] - z[:, labels])
            ),
            "a logarithm of base 2; it is the natural one": right / np.log(2),
        }
        mistakes = {w: v for w, v in mistakes.items() if not np.isclose(v, right)}
        same(student.cross_entropy(z, labels), right, call, mistakes=mistakes)


@question(
    "7.4",
    points=2,
    says="certain and wrong costs much, and not infinity",
    hints=[
        "The probability of a score that is 1000 lower is rounded to 0, and log(0) is -infinity.",
        "Do not make the probability at all: its logarithm is z[label] - log_sum_exp(z).",
        "A small number added inside the logarithm hides the infinity: it gives 20 for 1000.",
    ],
)
def far_apart(student, rng):
    far = np.array([[0.0, 1000.0], [0.0, 1000.0], [-2000.0, 0.0]])
    for some, labels in [([0], [0]), ([1], [1]), ([0, 1, 2], [0, 1, 0])]:
        z, labels = far[some], np.array(labels)
        call = f"cross_entropy({shown(z)}, {shown(labels)})"
        same(student.cross_entropy(z, labels), right_losses(z, labels).mean(), call)


@question(
    "7.4",
    says="z and labels are the same afterwards",
    hints=["z -= ... and z[...] = ... change the caller's array. z - ... makes a new one."],
    hidden=True,
)
def scores_are_kept(student, rng):
    for n, classes in [(1, 3), (5, 4)]:
        z, labels = rng.standard_normal((n, classes)), rng.integers(0, classes, n)
        before = z.copy(), labels.copy()
        student.cross_entropy(z, labels)
        same((z, labels), before, "z and labels, after cross_entropy(z, labels)", rtol=0, atol=0)


# ---------------------------------------------------------------------- 7.5


@question(
    "7.5",
    says="the value is the cross-entropy",
    hints=[
        "Call cross_entropy(z, labels): it is there already.",
        "softmax(z) returns two things: p, and its pullback. Take the first.",
    ],
)
def fused_value(student, rng):
    for z, labels in cases(rng):
        call = f"softmax_cross_entropy({shown(z)}, {shown(labels)})"
        value, _ = pair(student.softmax_cross_entropy(z, labels), call)
        same(value, right_losses(z, labels).mean(), f"the value of {call}")


@question(
    "7.5",
    points=2,
    says="the slope is (p - y) / n, and agrees with differences",
    hints=[
        "Probabilities minus the one-hot labels. The sum of each row must be 0.",
        "The loss is a mean over n rows: each row's slope is divided by n.",
        "softmax(z) returns two things; p is the first.",
        "And times g, since the loss may be a part of something larger.",
    ],
)
def what_you_said_minus_what_is(student, rng):
    for z, labels in cases(rng):
        n, p = len(z), right_softmax(z)
        y = np.eye(z.shape[1])[labels]
        call = f"softmax_cross_entropy({shown(z)}, {shown(labels)})"
        _, back = pair(student.softmax_cross_entropy(z, labels), call)
        same(back(2.0), 2 * (p - y) / n, f"pullback(2.0) of {call}", mistakes={
            "the loss is a mean: divide by the number of rows": 2 * (p - y),
            "the sign is turned: what you said minus what is true": 2 * (y - p) / n,
            "g is not used": (p - y) / n,
            "1 is not subtracted at the label": 2 * p / n,
            "this is divided by rows times classes": 2 * (p - y) / z.size,
            "1 is subtracted in the columns of all labels, in every row": (
                2 * (p - (y.sum(0) > 0)) / n
            ),
        })  # fmt: skip
    for n, classes in [(1, 2), (3, 4)]:
        inputs = [rng.standard_normal((n, classes)), rng.integers(0, classes, n)]
        call = f"softmax_cross_entropy of {n} rows with {classes} classes"
        gradients_right(student.softmax_cross_entropy, inputs, call)


@question(
    "7.5",
    says="it pulls with full force where the net is certain and wrong, and gives no NaN",
    hints=[
        "Scores 0 and 1000, label 0: the slopes are -1 and 1.",
        "A slope that has 1 / p of the label in it, or p as a factor, is made in two steps.",
    ],
)
def full_force(student, rng):
    for z, label, right in [([0.0, 1000.0], 0, [-1.0, 1.0]), ([0.0, 1000.0], 1, [0.0, 0.0])]:
        call = f"pullback(1.0) of softmax_cross_entropy([{z}], [{label}])"
        _, back = pair(student.softmax_cross_entropy(np.array([z]), np.array([label])), call)
        same(back(1.0), np.array([right]), call)


@question(
    "7.5",
    says="the pullback can be called twice and is right, and z is the same afterwards",
    hints=[
        "p[...] -= 1 inside the pullback changes p: the next call subtracts again. Copy p first.",
    ],
)
def twice(student, rng):
    z, labels = rng.standard_normal((2, 3)), np.array([2, 0])
    before = z.copy()
    _, back = pair(student.softmax_cross_entropy(z, labels), "softmax_cross_entropy")
    first = back(1.0)
    same(back(1.0), first, "pullback(1.0), called again", mistakes={
        "the first call changed p": first - np.eye(3)[labels] / 2,
    })  # fmt: skip
    same(z, before, "z, after softmax_cross_entropy(z, labels)", rtol=0, atol=0)
    same(first, (right_softmax(z) - np.eye(3)[labels]) / 2, "pullback(1.0), called first")


@question(
    "7.5",
    points=2,
    says="rows of very different sizes do not disturb each other",
    hints=[
        "Ask of each row alone, and of all together: are the slopes the same, but for 1 / n?",
        "What keeps exp from overflowing is the largest score of each row, not that of all.",
    ],
    hidden=True,
)
def rows_of_all_sizes(student, rng):
    for n, classes in [(3, 3), (6, 10)]:
        levels = 2000.0 * (np.arange(n) % 3 - 1)
        z, labels = rng.standard_normal((n, classes)) + levels[:, None], rng.integers(0, classes, n)
        call = f"softmax_cross_entropy of rows with scores about {shown(levels)}"
        value, back = pair(student.softmax_cross_entropy(z, labels), call)
        same(value, right_losses(z, labels).mean(), f"the value of {call}")
        right = -3.0 * (right_softmax(z) - np.eye(classes)[labels]) / n
        same(back(-3.0), right, f"pullback(-3.0) of {call}")


# ---------------------------------------------------------------------- 7.6


def smooth(labels, classes, amount):
    return np.eye(classes)[labels] * (1 - amount) + amount / classes


@question(
    "7.6",
    points=2,
    says="the target has 1 - amount at the label, and amount / classes is added everywhere",
    hints=[
        "Four classes and 0.1: 0.925, 0.025, 0.025, 0.025. Does your target add up to 1?",
        "amount / classes goes to all classes, the label's as well.",
        "Then: minus the sum over the classes of t log p, and the mean over the rows.",
    ],
)
def spread_evenly(student, rng):
    for z, labels in cases(rng):
        for amount in (0.0, 0.3, 1.0):
            log_p, c = z - right_lse(z)[:, None], z.shape[1]
            t, y = smooth(labels, c, amount), np.eye(c)[labels]

            def loss(t, log_p=log_p):
                return -(t * log_p).sum(1).mean()

            call = f"smoothed_cross_entropy({shown(z)}, {shown(labels)}, {amount})"
            mistakes = {
                "the amount was spread over the other classes only; the label gets its share too": (
                    loss(y * (1 - amount) + (1 - y) * amount / (c - 1))
                ),
                "the label's share of the amount is missing: this target does not add up to 1": (
                    loss(y * (1 - amount) + (1 - y) * amount / c)
                ),
                "the whole amount was added to every class; it is amount / classes": (
                    loss(y * (1 - amount) + amount)
                ),
                "the label keeps 1: it must be 1 - amount, plus its share": loss(y + amount / c),
                "the label and the rest changed their parts": loss(y * amount + (1 - amount) / c),
                "this is the sum over the rows; it is their mean": loss(t) * len(z),
                "the mean over the classes; it is the sum over them": loss(t) / c,
                "this is without smoothing": loss(y),
            }
            mistakes = {w: v for w, v in mistakes.items() if not np.isclose(v, loss(t))}
            got = student.smoothed_cross_entropy(z, labels, amount)
            same(got, loss(t), call, mistakes=mistakes)


@question(
    "7.6",
    says="scores of any size give no infinity",
    hints=["The logarithm of p is z - log_sum_exp(z), for every class. No probability is needed."],
)
def smooth_and_far(student, rng):
    z, labels = np.array([[0.0, 1000.0], [-800.0, 800.0]]), np.array([0, 1])
    right = -(smooth(labels, 2, 0.1) * (z - right_lse(z)[:, None])).sum(1).mean()
    call = f"smoothed_cross_entropy({shown(z)}, {shown(labels)}, 0.1)"
    same(student.smoothed_cross_entropy(z, labels, 0.1), right, call)


@question(
    "7.6",
    says="z and labels are the same afterwards, and a second call gives the same",
    hints=["z -= ... and z[...] = ... change the caller's array. z - ... makes a new one."],
    hidden=True,
)
def smoothed_from_the_same(student, rng):
    for amount in (0.0, 0.1, 0.45, 1.0):
        z, labels = rng.standard_normal((4, 6)), rng.integers(0, 6, 4)
        before = z.copy(), labels.copy()
        right = -(smooth(labels, 6, amount) * (z - right_lse(z)[:, None])).sum(1).mean()
        for when in ("first", "second"):
            got = student.smoothed_cross_entropy(z, labels, amount)
            same(got, right, f"the {when} smoothed_cross_entropy(z, labels, {amount})")
        asked = f"z and labels, after smoothed_cross_entropy(z, labels, {amount})"
        same((z, labels), before, asked, rtol=0, atol=0)


# ---------------------------------------------------------------------- 7.7


@question(
    "7.7",
    says="k equally likely choices, perplexity k",
    hints=["Each sign has the probability 1/8: the mean of the logarithms is -log(8); and then?"],
)
def choices(student, rng):
    for k in (8, 1, 27):
        log_p = np.full((2, 3), -np.log(k))
        got = student.perplexity(log_p, np.ones((2, 3), bool))
        same(got, float(k), f"perplexity, where each sign has probability 1/{k}", mistakes={
            "this is the loss; perplexity is its exponential": np.log(k),
            "this is 1 / k: a sign is turned": 1 / k,
            "2 to the power of a natural logarithm: the bases must agree": 2.0 ** np.log(k),
        } if k > 1 else {})  # fmt: skip


@question(
    "7.7",
    points=2,
    says="what only fills up a row does not count, whatever stands there",
    hints=[
        "A text with 2 signs in a row of 5: over how many numbers is its mean?",
        "An array of truth values can stand in the place of an index: it chooses.",
        "-inf times 0 is NaN: choose, do not multiply.",
    ],
)
def filling(student, rng):
    for filler in (-5.0, 0.0, -np.inf):
        log_p = np.log([[0.25, 0.5, 1.0], [0.5, 1.0, 1.0]])
        counts = np.array([[True, True, False], [True, False, False]])
        log_p[~counts] = filler
        right = np.exp(-log_p[counts].mean())
        call = f"perplexity([[log 1/4, log 1/2, {filler}], [log 1/2, {filler}, {filler}]], ...)"
        with np.errstate(all="ignore"):
            zeroed = np.where(counts, log_p, 0.0)
            per_text = -zeroed.sum(1) / counts.sum(1)
            mistakes = {
                "what fills up the rows was set to 0 and still divided by": np.exp(-zeroed.mean()),
                "what fills up the rows was counted": np.exp(-log_p.mean()),
                "one number for each text, and then their mean, as in the bugs": (
                    np.exp(-log_p.mean(1)).mean()
                ),
                "the mean is over all signs together, not over texts": np.exp(per_text.mean()),
                "the mean comes first, and then one exponential": np.exp(per_text).mean(),
            }
        same(student.perplexity(log_p, counts), right, call, mistakes=mistakes)


@question(
    "7.7",
    points=2,
    says="one mean over all signs, and then one exponential",
    hints=[
        "A text with 100 signs counts 100 times as much as one with a single sign.",
        "Which is first: the mean, or the exponential? Try probabilities 1/2 and 1/8 by hand.",
        "exp(-mean of all log-probabilities that count): for 1/2 and 1/8 it is 4.",
    ],
)
def mean_first(student, rng):
    log_p = np.log([[0.5], [0.125]])
    everything = np.ones((2, 1), bool)
    same(student.perplexity(log_p, everything), 4.0, "perplexity of two texts, 1/2 and 1/8",
         mistakes={
             "the mean of 2 and 8; the exponential comes after the mean": 5.0,
             "this is 1 / the mean probability; it is the logarithms that are averaged": 3.2,
         })  # fmt: skip
    log_p = -rng.random((3, 6)) * 3
    counts = np.arange(6) < np.array([[6], [1], [3]])
    of_texts = np.array([log_p[i, counts[i]].mean() for i in range(3)])
    same(student.perplexity(log_p, counts), np.exp(-log_p[counts].mean()),
         "perplexity of three texts of 6, 1 and 3 signs", mistakes={
             "each text counts the same here; each sign should": np.exp(-of_texts.mean()),
             "the mean of the texts' perplexities; one mean, then exp": np.exp(-of_texts).mean(),
         })  # fmt: skip


@question(
    "7.7",
    says="texts of thousands of signs",
    hints=[
        "What is a product of a thousand probabilities in floating point? And of a sum of logs?",
    ],
    hidden=True,
)
def long_texts(student, rng):
    for n in (1000, 5000):
        log_p = -4 * rng.random((3, n)) - 1
        counts = np.arange(n) < np.array([[n], [n // 2], [1]])
        right = np.exp(-log_p[counts].mean())
        same(student.perplexity(log_p, counts), right, f"perplexity of texts of up to {n} signs")


@question(
    "7.7",
    says="anything may fill up a row, NaN too, and a text may have no sign at all",
    hints=["log_p[counts] has what counts. No other number of log_p need be looked at."],
    hidden=True,
)
def anything_at_all(student, rng):
    for filler in (np.nan, np.inf, 1e308):
        log_p, counts = np.log([[0.25, 0.5, 1.0], [0.5, 1.0, 1.0]]), np.arange(3) < [[2], [1]]
        log_p[~counts] = filler
        right = np.exp(-log_p[counts].mean())
        asked = f"perplexity of texts of 2 and 1 signs, filled up with {filler}"
        same(student.perplexity(log_p, counts), right, asked)
    counts = np.array([[True, True, True], [False, False, False], [True, False, False]])
    log_p = -rng.random((3, 3))
    right = np.exp(-log_p[counts].mean())
    same(student.perplexity(log_p, counts), right, "perplexity of texts of 3, 0 and 1 signs")

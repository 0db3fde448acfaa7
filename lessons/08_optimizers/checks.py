"""The questions on lesson 8. What is right is asked of minigrad.optim, step by step."""

import numpy as np

import minigrad as mg
from minigrad import optim
from minigrad.classroom import beside, gradients_right, holds, question, same, shown


def valley(p):
    x, y = p
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


def beale_value(p):
    x, y = p
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def valley_gradient(p):
    x, y = p
    return np.array([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)])


def beale_gradient(p):
    x, y = p
    parts = [1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3]
    by_x = sum(2 * part * (y**k - 1) for k, part in enumerate(parts, 1))
    return np.array([by_x, sum(2 * part * x * k * y ** (k - 1) for k, part in enumerate(parts, 1))])


GRADIENTS = {"rosenbrock": valley_gradient, "beale": beale_gradient}


def cases(rng):
    """(p, gradients of the steps), from one number to an array."""
    yield np.array([1.0]), [np.array([2.0]), np.array([3.0]), np.array([-1.0])]
    yield np.array([1.0, -2.0]), [np.array([100.0, -0.01]), np.array([50.0, 0.03])]
    yield rng.standard_normal((2, 3)), [rng.standard_normal((2, 3)) for _ in range(6)]


def of_the_library(kind, p, gradients, **options):
    """p after each step, by an optimizer of minigrad."""
    weight = mg.tensor(p.copy(), dtype=mg.float64, requires_grad=True)
    optimizer = kind([weight], **options)
    found = []
    for g in gradients:
        weight.grad = mg.tensor(g, dtype=mg.float64)
        optimizer.step()
        found.append(weight.detach().numpy().copy())
    return found


def of_a_mistake(function, p, gradients):
    state, found = None, []
    for t, g in enumerate(gradients, 1):
        with np.errstate(all="ignore"):
            p, state = function(p, g, state, t)
        found.append(p)
    return found


def steps_agree(call, kind, rng, named, mistakes, **options):
    """Walk with the student's function and the library's, and compare after each step."""
    for p, gradients in cases(rng):
        right = of_the_library(kind, p, gradients, **options)
        state, walked = None, []
        for g in gradients:
            got = call(walked[-1] if walked else p, g, state)
            holds(isinstance(got, (tuple, list)) and len(got) == 2, f"{named} returns (p, state)")
            state = got[1]
            walked.append(got[0])
            same(np.shape(got[0]), p.shape, f"the shape of p after a step of {named}")
        fitting = {  # what explains all steps, not only the first that is wrong
            why: found
            for why, found in ((w, of_a_mistake(f, p, gradients)) for w, f in mistakes.items())
            if np.allclose(found, np.array(walked), rtol=1e-6, atol=1e-8, equal_nan=True)
        }
        for t, answer in enumerate(right):
            asked = f"p after step {t + 1} of {named}, gradients so far "
            asked += f"{[x.round(2).tolist() for x in gradients[: t + 1]]}"
            why = {name: found[t] for name, found in fitting.items()}
            same(walked[t], answer, asked[:300], rtol=1e-7, mistakes=why)


FROM_ONE_STATE = """
def from_one_state(step, p, g, lr):
    p, state = step(p, g, None, lr)
    return step(p, g, state, lr)[0], step(p, g, state, lr)[0]
"""


def nothing_is_changed(student, step, rng, kind, **options):
    p, g = rng.standard_normal(3), rng.standard_normal(3)
    before = p.copy(), g.copy()
    p1, state = step(p, g, None, 0.1)
    same(p, before[0], "p after the call: the caller's array", rtol=0, atol=0)
    same(g, before[1], "g after the call: the caller's array", rtol=0, atol=0)
    pairs = [(step(p1, g, state, 0.1)[0], step(p1, g, state, 0.1)[0])]
    # What goes over the pipe is a copy: a state of several arrays is seen to change only there.
    beside(student, FROM_ONE_STATE)
    pairs.append(student.from_one_state(step, p, g, 0.1))
    for first, second in pairs:
        why = {"the first changed what is in the state, or something elsewhere": second}
        same(
            second, first, "the same step from the same state, twice", mistakes=why, rtol=0, atol=0
        )
    right = of_the_library(kind, p, [g, g], lr=0.1, **options)
    for walked, answer in zip((p1, pairs[0][0]), right, strict=True):
        same(walked, answer, "the new p, lr 0.1", rtol=1e-7)


SAME = ["p -= ... changes the caller's array, v *= ... the state's. p - ... makes a new one.",
        "All that a step knows of those before it is in `state`: no global variables."]  # fmt: skip
ABOUT = (
    "the new p is right; p, g and the state are the same afterwards, and nothing is remembered "
    "elsewhere"
)


# ---------------------------------------------------------------------- 8.1


@question(
    "8.1",
    says="the values are those of the two formulas",
    hints=["Both are 0 at their minimum: rosenbrock at (1, 1), beale at (3, 0.5).",
           "Which of x and y is squared, and what is multiplied by 100?"],
)  # fmt: skip
def values(student, rng):
    for p in (np.array([1.0, 1.0]), np.array([-1.2, 1.0]), rng.standard_normal(2)):
        x, y = p
        value, _ = student.rosenbrock(p)
        same(value, valley(p), f"rosenbrock({p.round(3).tolist()})", mistakes={
            "x and y are exchanged": valley(p[::-1]), "the factor 100 is missing":
            (1 - x) ** 2 + (y - x * x) ** 2, "the squares of the two parts are missing":
            (1 - x) + 100 * (y - x * x),
        })  # fmt: skip
    for p in (np.array([3.0, 0.5]), np.array([1.0, 1.0]), rng.standard_normal(2)):
        x, y = p
        value, _ = student.beale(p)
        same(value, beale_value(p), f"beale({p.round(3).tolist()})", mistakes={
            "x and y are exchanged": beale_value(p[::-1]),
        })  # fmt: skip


@question(
    "8.1",
    points=3,
    says="the pullbacks are right",
    hints=[
        "At a minimum the gradient is (0, 0).",
        "x stands in both parts of rosenbrock: its slope has two terms. y stands in one.",
        "The chain rule: the slope of b^2 is 2 b times the slope of b, and b = y - x^2 has slope "
        "-2 x by x.",
    ],
)
def slopes(student, rng):
    for name, at in [("rosenbrock", (1.0, 1.0)), ("rosenbrock", (-1.2, 1.0)), ("beale", (3.0, 0.5)),
                     ("beale", (1.0, 1.0)), ("rosenbrock", None), ("beale", None)]:  # fmt: skip
        p = rng.standard_normal(2) if at is None else np.array(at)
        function, asked = getattr(student, name), f"{name} at {p.round(3).tolist()}"
        _, pullback = function(p)
        gradients_right(function, [p], asked)
        for g in (1.0, -2.5):
            same(pullback(g), g * GRADIENTS[name](p), f"the pullback of {name} at "
                 f"{p.round(3).tolist()} of g = {g}", mistakes={
                "this ignores g": GRADIENTS[name](p)})  # fmt: skip


@question(
    "8.1",
    says="values and slopes are right everywhere: on the axes too, and far from the minimum",
    hints=[
        "What is at x = 0, or at y = 0? Is something divided by one of them?",
        "The slope of y^k by y is k y^(k-1), which is a number at y = 0 too.",
    ],
    hidden=True,
)
def everywhere(student, rng):
    points = [(0.0, 0.0), (0.0, 2.0), (3.0, 0.0), (-1.0, -1.0), (300.0, -2.0), (-2.0, 300.0)]
    for name, f in (("rosenbrock", valley), ("beale", beale_value)):
        for p in [*map(np.array, points), 5 * rng.standard_normal(2)]:
            value, pullback = getattr(student, name)(p)
            asked = f"{name} at {p.round(3).tolist()}"
            same(value, f(p), f"the value of {asked}")
            same(pullback(-0.5), -0.5 * GRADIENTS[name](p), f"the pullback of {asked} of g = -0.5")


# ---------------------------------------------------------------------- 8.2


def bowl(p):
    return float(np.sum(p**2)), lambda g: 2 * g * p


def tilted(p):
    return float(p[0] ** 2 + 5 * p[1] ** 2), lambda g: g * np.array([2 * p[0], 10 * p[1]])


@question(
    "8.2",
    points=2,
    says="each row is the one before it, less lr times the gradient there",
    hints=[
        "By hand for sum(p^2) from 8 with lr 0.25: the gradient is 16, the step is 4.",
        "The gradient changes on the way: compute it anew in each step, at the new place.",
        "Downhill is against the gradient.",
    ],
)
def path_downhill(student, rng):
    for f, p, lr, name in [
        (bowl, np.array([8.0]), 0.25, "sum(p^2)"),
        (tilted, np.array([3.0, 1.0]), 0.05, "x^2 + 5y^2"),
        (bowl, rng.standard_normal(4), 0.3, "sum(p^2)"),
    ]:  # fmt: skip
        right, up, fixed = [p], [p], [p]
        for _ in range(4):
            right.append(right[-1] - lr * f(right[-1])[1](1.0))
            up.append(up[-1] + lr * f(up[-1])[1](1.0))
            fixed.append(fixed[-1] - lr * f(p)[1](1.0))
        right = np.array(right)
        same(
            student.descend(f, p, lr, 4), right,
            f"descend(f, {p.round(3).tolist()}, {lr}, 4) of f(p) = {name}", mistakes={
                "this goes uphill": np.array(up), "the gradient of the start is used in all steps":
                np.array(fixed), "the start is missing: row 0 is where it began": right[1:],
                "one step is missing: steps + 1 rows": right[:-1],
                "this is the last point alone; the path is asked for": right[-1],
                "all rows are the last point: append a new array, not one that is changed later":
                np.array([right[-1]] * 5),
            },
        )  # fmt: skip


@question(
    "8.2",
    says="no steps: the start alone; and the caller's p is the same afterwards",
    hints=["p -= ... changes the caller's array. Write p = p - ..."],
)
def start_alone(student, rng):
    p = rng.standard_normal(3)
    same(student.descend(bowl, p, 0.1, 0), p[None], "descend(f, p, 0.1, steps=0), of shape (1, 3)")
    before = p.copy()
    student.descend(bowl, p, 0.1, 3)
    same(p, before, "p after descend(f, p, 0.1, 3)", rtol=0, atol=0)


@question(
    "8.2",
    says="all steps are made: where it has arrived, and where it flies off as well",
    hints=[
        "The path has steps + 1 rows, whatever happens on the way.",
        "Where the gradient is 0, the next row is the same once more.",
        "lr is what was asked for, also where it is too large.",
    ],
    hidden=True,
)
def all_steps(student, rng):
    for f, p, lr, steps, name in [
        (bowl, np.zeros(3), 0.1, 3, "sum(p^2)"),
        (bowl, np.array([4.0, -1.0]), 0.5, 6, "sum(p^2)"),
        (bowl, rng.standard_normal(2), 1.5, 8, "sum(p^2)"),
        (tilted, rng.standard_normal(2), 0.15, 60, "x^2 + 5y^2"),
    ]:
        right = [p]
        for _ in range(steps):
            right.append(right[-1] - lr * f(right[-1])[1](1.0))
        asked = f"descend(f, {p.round(3).tolist()}, {lr}, {steps}) of f(p) = {name}"
        same(student.descend(f, p, lr, steps), np.array(right), asked)


# ---------------------------------------------------------------------- 8.3


def velocity(change):
    def wrong(p, g, v, t):
        return change(p, g, np.zeros_like(p) if v is None else v)

    return wrong


@question(
    "8.3",
    points=3,
    says="it steps along a velocity, which keeps a part of itself and adds the gradient",
    hints=[
        "Two lines: the new velocity, then the step along the new velocity.",
        "The state is the velocity. Before the first step it is 0, so v = g there.",
        "At a minimum, where g is 0 and v has died down, p must stay where it is.",
    ],
)
def along_the_velocity(student, rng):
    steps_agree(
        lambda p, g, s: student.momentum(p, g, s, 0.1), optim.SGD, rng, "momentum, lr 0.1",
        {
            "the parameters are added here, not a velocity": velocity(
                lambda p, g, v: (p - 0.1 * g + 0.9 * v, p)),
            "this is gradient descent: the velocity is not used": velocity(
                lambda p, g, v: (p - 0.1 * g, v)),
            "the gradient is multiplied by 1 - beta; here it is added whole": velocity(
                lambda p, g, v: (p - 0.1 * (0.9 * v + 0.1 * g), 0.9 * v + 0.1 * g)),
            "the step is along the old velocity: use the new one": velocity(
                lambda p, g, v: (p - 0.1 * v, 0.9 * v + g)),
            "this goes uphill": velocity(lambda p, g, v: (p + 0.1 * (0.9 * v + g), 0.9 * v + g)),
            "nothing is lost of the velocity: multiply it by beta": velocity(
                lambda p, g, v: (p - 0.1 * (v + g), v + g)),
            "this is Nesterov's step, without being asked": velocity(
                lambda p, g, v: (p - 0.1 * (g + 0.9 * (0.9 * v + g)), 0.9 * v + g)),
        }, lr=0.1, momentum=0.9,
    )  # fmt: skip


@question(
    "8.3",
    points=2,
    says="with nesterov it looks ahead: lr (g + beta v), with the new v",
    hints=["First the new velocity, then the step by g + beta times the new velocity.",
           "v itself is kept as it is without nesterov."],
)  # fmt: skip
def looks_ahead(student, rng):
    steps_agree(
        lambda p, g, s: student.momentum(p, g, s, 0.1, 0.8, True), optim.SGD, rng,
        "momentum, lr 0.1, beta 0.8, nesterov", {
            "nesterov changes nothing here: g + beta times the OLD v is the new v, so use that":
                velocity(lambda p, g, v: (p - 0.1 * (0.8 * v + g), 0.8 * v + g)),
            "beta is 0.8 here: use the argument": velocity(
                lambda p, g, v: (p - 0.1 * (g + 0.9 * (0.9 * v + g)), 0.9 * v + g)),
        }, lr=0.1, momentum=0.8, nesterov=True,
    )  # fmt: skip


@question("8.3", says=ABOUT, hints=SAME)
def momentum_changes_nothing(student, rng):
    nothing_is_changed(student, student.momentum, rng, optim.SGD, momentum=0.9)


@question(
    "8.3",
    says="beta is the one that is given, 0 too, with nesterov and without; p of any shape",
    hints=[
        "Is 0.9 written in your code? It is only the default.",
        "`beta or 0.9` is 0.9 where beta is 0. With beta = 0 this is gradient descent.",
    ],
    hidden=True,
)
def any_beta(student, rng):
    for shape, beta in [((), 0.5), ((2,), 0.0), ((2, 3, 2), 0.99)]:
        for nesterov in (False, True):
            p = right = np.array(rng.standard_normal(shape))
            state, v = None, np.zeros(shape)
            for t in range(1, 5):
                g = np.array(rng.standard_normal(shape))
                v = beta * v + g
                right = right - 0.2 * (g + beta * v if nesterov else v)
                p, state = student.momentum(p, g, state, 0.2, beta, nesterov)
                asked = f"p of shape {shape} after step {t} of momentum, beta {beta}, nesterov "
                same(p, right, f"{asked}{nesterov}")


# ---------------------------------------------------------------------- 8.4


def summed(change):
    def wrong(p, g, s, t):
        return change(p, g, (0 if s is None else s) + g * g)

    return wrong


@question(
    "8.4",
    points=3,
    says="each element is divided by the root of the sum of its own squared gradients",
    hints=[
        "By hand: p = 1, g = 2. Then s = 4, and the step is lr * 2 / 2 = lr, whatever g is.",
        "The gradient has a unit. s has its square. In which unit is g / s?",
        "And look at the second element when the first one's gradient is large.",
    ],
)
def root_of_the_sum(student, rng):
    root = np.sqrt
    steps_agree(
        lambda p, g, s: student.adagrad(p, g, s, 0.1), optim.Adagrad, rng, "adagrad, lr 0.1", {
            "divided by s itself: the root is missing": summed(
                lambda p, g, s: (p - 0.1 * g / (s + 1e-10), s)),
            "all elements share one sum: each has its own": lambda p, g, s, t: (
                p - 0.1 * g / root(1e-20 + (0 if s is None else s) + np.sum(g * g)),
                (0 if s is None else s) + np.sum(g * g)),
            "both bugs are there: the root is missing, and all elements share one sum":
                lambda p, g, s, t: (p - 0.1 * g / ((0 if s is None else s) + np.sum(g * g)),
                                    (0 if s is None else s) + np.sum(g * g)),
            "the sum forgets: only the last gradient counts": lambda p, g, s, t: (
                p - 0.1 * g / (root(g * g) + 1e-10), None),
            "this is the mean of the squares, not their sum": lambda p, g, s, t: (
                p - 0.1 * g / root(((0 if s is None else s) + g * g) / t),
                (0 if s is None else s) + g * g),
            "this multiplies by the root where it should divide": summed(
                lambda p, g, s: (p - 0.1 * g * root(s), s)),
        }, lr=0.1,
    )  # fmt: skip


@question(
    "8.4",
    points=2,
    says="the first step is lr long, and in other units of the error, all steps are the same",
    hints=["Multiply all gradients by 1000. g / sqrt(s) is the same; g / s is not.",
           "eps is added to the root, not under it, and it is tiny."],
)  # fmt: skip
def units(student, rng):
    gradients = [rng.standard_normal(3) + 2 for _ in range(3)]
    ends = []
    for scale in (1.0, 1000.0, 0.001):
        p, state = np.zeros(3), None
        for g in gradients:
            fresh = state is None
            p, state = student.adagrad(p, scale * g, state, 0.1)
            if fresh:
                right = -0.1 * np.sign(g)
                same(p, right, f"p after the first step from 0, lr 0.1, g {shown(scale * g)}",
                     rtol=1e-5)  # fmt: skip
        ends.append(p)
        same(p, ends[0], f"p after 3 steps, all gradients times {scale:g}", rtol=1e-5)


@question("8.4", says=ABOUT, hints=SAME)
def adagrad_changes_nothing(student, rng):
    nothing_is_changed(student, student.adagrad, rng, optim.Adagrad)


@question(
    "8.4",
    says="an element that never had a gradient stays where it is; eps is the one that is given",
    hints=[
        "Where s is 0, g is 0 too. What is 0 / 0? And 0 / (0 + eps)?",
        "Is 1e-10 written in your code? It is only the default.",
    ],
    hidden=True,
)
def never_a_gradient(student, rng):
    for eps in (1e-10, 0.5):
        p = right = rng.standard_normal((2, 3))
        state, s = None, np.zeros((2, 3))
        for t in range(1, 5):
            g = rng.standard_normal((2, 3)) * (np.arange(3) < t - 1)
            s = s + g * g
            right = right - 0.1 * g / (np.sqrt(s) + eps)
            p, state = student.adagrad(p, g, state, 0.1, eps)
            same(p, right, f"p after step {t} of adagrad, eps {eps:g}, {t - 1} of 3 columns with a "
                 "gradient")  # fmt: skip


# ---------------------------------------------------------------------- 8.5


def averaged(change, rho=0.99):
    def wrong(p, g, v, t):
        return change(p, g, rho * (0 if v is None else v) + (1 - rho) * g * g)

    return wrong


@question(
    "8.5",
    points=3,
    says="each element is divided by the root of the running average of its squared gradients",
    hints=[
        "By hand: g = 5, v = 0.01 * 25 = 0.25, its root 0.5: the first step is lr * 5 / 0.5.",
        "The new square has the weight 1 - rho, the old average rho.",
        "No bias correction here: the first steps are long. That is Adam's idea.",
    ],
)
def root_of_the_average(student, rng):
    root = np.sqrt
    steps_agree(
        lambda p, g, s: student.rmsprop(p, g, s, 0.03), optim.RMSprop, rng, "rmsprop, lr 0.03", {
            "divided by v itself: the root is missing": averaged(
                lambda p, g, v: (p - 0.03 * g / (v + 1e-8), v)),
            "eps is added to the root, not under it": averaged(
                lambda p, g, v: (p - 0.03 * g / root(v + 1e-8), v)),
            "rho and 1 - rho are exchanged": averaged(
                lambda p, g, v: (p - 0.03 * g / (root(v) + 1e-8), v), 0.01),
            "this is AdaGrad: it sums and never forgets": summed(
                lambda p, g, s: (p - 0.03 * g / (root(s) + 1e-8), s)),
            "the new square is added whole: multiply it by 1 - rho": lambda p, g, v, t: (
                p - 0.03 * g / (root(0.99 * (0 if v is None else v) + g * g) + 1e-8),
                0.99 * (0 if v is None else v) + g * g),
            "a number of elements is in the average; the formula has none": lambda p, g, v, t: (
                p - 0.03 * g
                / (root(0.99 * (0 if v is None else v) + 0.01 / g.size * g * g) + 1e-8),
                0.99 * (0 if v is None else v) + 0.01 / g.size * g * g),
            "the bias is corrected, as in Adam; RMSprop does not": lambda p, g, v, t: (
                p - 0.03 * g / root((0.99 * (0 if v is None else v) + 0.01 * g * g)
                                   / (1 - 0.99**t)),
                0.99 * (0 if v is None else v) + 0.01 * g * g),
        }, lr=0.03,
    )  # fmt: skip


@question(
    "8.5",
    says="it forgets: long after a large gradient it steps as before",
    hints=["With rho = 0.5 a gradient from 100 steps ago must not count any more."],
)
def forgets(student, rng):
    p, state = np.zeros(1), None
    for g in [1e6] + [1.0] * 100:
        before = p
        p, state = student.rmsprop(p, np.array([g]), state, 0.1, 0.5)
    same(before - p, np.array([0.1]), "the 101st step: g was 1e6 once, then 1; lr 0.1, rho 0.5",
         rtol=1e-5)  # fmt: skip


@question("8.5", says=ABOUT, hints=SAME)
def rmsprop_changes_nothing(student, rng):
    nothing_is_changed(student, student.rmsprop, rng, optim.RMSprop)


@question(
    "8.5",
    says="rho and eps are those that are given, rho = 0 too; g may be 0",
    hints=[
        "Is 0.99 or 1e-8 written in your code? They are only the defaults.",
        "`rho or 0.99` is 0.99 where rho is 0.",
        "eps keeps 0 / 0 from coming up, where no gradient has been yet.",
    ],
    hidden=True,
)
def rho_and_eps(student, rng):
    for rho, eps in [(0.0, 1e-8), (0.5, 0.3), (0.9, 0.01), (0.99, 1e-8)]:
        p = right = rng.standard_normal((2, 3))
        state, v = None, np.zeros((2, 3))
        for t in range(1, 5):
            g = rng.standard_normal((2, 3)) * (np.arange(3) < t)
            v = rho * v + (1 - rho) * g * g
            right = right - 0.1 * g / (np.sqrt(v) + eps)
            p, state = student.rmsprop(p, g, state, 0.1, rho, eps)
            same(p, right, f"p after step {t} of rmsprop, rho {rho}, eps {eps:g}")


# ---------------------------------------------------------------------- 8.6


def moments(change, count=1):
    def wrong(p, g, state, t):
        m, v = (0, 0) if state is None else state
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        return p - 0.1 * change(m, v, t), (m, v)

    return wrong


@question(
    "8.6",
    points=4,
    says="it steps along the average gradient, divided by the root of the average square",
    hints=[
        "By hand, first step: m = 0.1 g, and m / (1 - 0.9) = g. v = 0.001 g^2, and "
        "v / (1 - 0.999) = g^2. So the step is lr, whatever g is.",
        "Both averages start at 0, and t counts from 1: t, m and v are the state.",
        "The corrections are 1 - beta1^t and 1 - beta2^t, one for each average.",
    ],
)
def both_averages(student, rng):
    root, eps = np.sqrt, 1e-8
    steps_agree(
        lambda p, g, s: student.adam(p, g, s, 0.1), optim.Adam, rng, "adam, lr 0.1", {
            "the root of the second average is missing": moments(
                lambda m, v, t: m / (1 - 0.9**t) / (v / (1 - 0.999**t) + eps)),
            "the bias is not corrected": moments(lambda m, v, t: m / (root(v) + eps)),
            "the correction is 1 - beta^t, not 1 - beta": moments(
                lambda m, v, t: m / 0.1 / (root(v / 0.001) + eps)),
            "the correction is 1 - beta1^t for one, 1 - beta2^t for the other, not both in one":
                moments(lambda m, v, t: m / (1 - 0.9**t + 0.999**t)
                        / (root(v / (1 - 0.9**t + 0.999**t)) + eps)),
            "t counts from 1 in the first step": moments(
                lambda m, v, t: m / (1 - 0.9 * 0.9**t) / (root(v / (1 - 0.999 * 0.999**t)) + eps)),
            "t is 0 in your first step: count it up before it is used": moments(
                lambda m, v, t: m / (1 - 0.9**t / 0.9)
                / (root(v / (1 - 0.999**t / 0.999)) + eps)),
            "only the first average is corrected": moments(
                lambda m, v, t: m / (1 - 0.9**t) / (root(v) + eps)),
            "m and v have each other's beta": lambda p, g, s, t: (
                p - 0.1 * (0.001 * g if s is None else 0.999 * s[0] + 0.001 * g) / (1 - 0.999**t)
                / (root((0.1 * g * g if s is None else 0.9 * s[1] + 0.1 * g * g) / (1 - 0.9**t))
                   + eps),
                (0.001 * g if s is None else 0.999 * s[0] + 0.001 * g,
                 0.1 * g * g if s is None else 0.9 * s[1] + 0.1 * g * g)),
        }, lr=0.1,
    )  # fmt: skip


@question(
    "8.6",
    points=2,
    says="betas, eps and lr are those that are given; 100 steps agree with minigrad's",
    hints=["Is one of them written as a number in your code?",
           "eps is added to the root after the correction, not under it."],
)  # fmt: skip
def options(student, rng):
    p, state = rng.standard_normal(2), None
    gradients = [rng.standard_normal(2) * 0.1 for _ in range(100)]
    right = of_the_library(optim.Adam, p, gradients, lr=0.02, betas=(0.8, 0.95), eps=0.1)
    for t, g in enumerate(gradients):
        p, state = student.adam(p, g, state, 0.02, (0.8, 0.95), 0.1)
        same(p, right[t], f"p after step {t + 1} of adam, lr 0.02, betas (0.8, 0.95), eps 0.1")


@question("8.6", says=ABOUT, hints=SAME)
def adam_changes_nothing(student, rng):
    nothing_is_changed(student, student.adam, rng, optim.Adam)


@question(
    "8.6",
    says="where the gradient is 0, it rolls on along its average",
    hints=[
        "A gradient of 0 is one like any other: the averages take it in, and p takes its step.",
        "Only where all gradients so far were 0 is the step 0.",
    ],
    hidden=True,
)
def rolls_on(student, rng):
    p, state, zero = rng.standard_normal((2, 3)), None, np.zeros((2, 3))
    some = [rng.standard_normal((2, 3)) * (rng.random((2, 3)) < 0.5) for _ in range(6)]
    gradients = [zero, rng.standard_normal((2, 3)), zero, zero, *some]
    for t, right in enumerate(of_the_library(optim.Adam, p, gradients, lr=0.1)):
        p, state = student.adam(p, gradients[t], state, 0.1)
        asked = f"p after step {t + 1} of adam, whose gradient is {shown(gradients[t])}"
        same(p, right, asked)


# ---------------------------------------------------------------------- 8.7


@question(
    "8.7",
    points=2,
    says="without a gradient, p shrinks by the factor 1 - lr weight_decay, and no more",
    hints=[
        "With g = 0 the averages stay 0, and so does Adam's step. What is left?",
        "In the stub, weight_decay p goes through Adam, which makes a step of size lr of it, "
        "however small it is.",
        "Shrink p itself, and give adam the gradient alone.",
    ],
)
def shrinks(student, rng):
    p, state, right = np.array([4.0, -0.5]), None, np.array([4.0, -0.5])
    for t in range(3):
        p, state = student.adamw(p, np.zeros(2), state, 0.1, weight_decay=0.5)
        moved = right.copy()
        right = right * (1 - 0.1 * 0.5)
        asked = f"p after step {t + 1} without gradient, lr 0.1, weight_decay 0.5"
        same(p, right, asked, mistakes={
            "the decay went through Adam: large and small weights lose the same":
                moved - 0.1 * np.sign(moved), "it does not shrink": moved,
            "it shrinks by weight_decay p; lr belongs to it": moved * 0.5,
            "it grows": moved * (1 + 0.1 * 0.5),
        }, rtol=1e-5)  # fmt: skip


@question(
    "8.7",
    points=3,
    says="it agrees with minigrad's AdamW, step by step",
    hints=["What does adam get as its gradient? g, and nothing else.",
           "The decay uses p as it was before the step."],
)  # fmt: skip
def with_the_library(student, rng):
    def shrunk_after(p, g, state, t):
        moved, state = moments(lambda m, v, t: m / (1 - 0.9**t) / (
            np.sqrt(v / (1 - 0.999**t)) + 1e-8))(p, g, state, t)  # fmt: skip
        return moved * (1 - 0.1 * 0.2), state

    def coupled(p, g, state, t):
        return moments(lambda m, v, t: m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8))(
            p, g + 0.2 * p, state, t)  # fmt: skip

    steps_agree(
        lambda p, g, s: student.adamw(p, g, s, 0.1, weight_decay=0.2), optim.AdamW, rng,
        "adamw, lr 0.1, weight_decay 0.2", {
            "this is Adam with L2: the decay is in the gradient": coupled,
            "the decay is of p before the step, not after it": shrunk_after,
        }, lr=0.1, weight_decay=0.2,
    )  # fmt: skip


@question("8.7", says=ABOUT, hints=SAME)
def adamw_changes_nothing(student, rng):
    nothing_is_changed(student, student.adamw, rng, optim.AdamW)


@question(
    "8.7",
    points=2,
    says="betas and eps are those that are given; with weight_decay = 0 it is adam",
    hints=["adam has defaults too: what it is not given, it takes from there."],
    hidden=True,
)
def handed_on(student, rng):
    for betas, eps, decay in [((0.8, 0.95), 1e-8, 0.1), ((0.9, 0.999), 0.1, 0.0),
                              ((0.5, 0.5), 0.01, 0.3)]:  # fmt: skip
        p, state = rng.standard_normal((3, 2)), None
        gradients = [rng.standard_normal((3, 2)) for _ in range(8)]
        options = {"lr": 0.05, "betas": betas, "eps": eps, "weight_decay": decay}
        for t, right in enumerate(of_the_library(optim.AdamW, p, gradients, **options)):
            p, state = student.adamw(p, gradients[t], state, **options)
            asked = f"p after step {t + 1} of adamw, betas {betas}, eps {eps:g}, "
            same(p, right, f"{asked}weight_decay {decay}")


# ---------------------------------------------------------------------- 8.8


@question(
    "8.8",
    says="it rises in equal steps, and the last step of the warm-up has the full lr",
    hints=["Step 0 is not 0: a step with the rate 0 is a step for nothing.",
           "lr (t + 1) / warmup: with warmup = 4 a quarter, a half, three quarters, all."],
)  # fmt: skip
def rises(student, rng):
    for lr, warmup, total in [(8.0, 4, 12), (0.3, 1, 5), (1.0, 10, 100)]:
        for t in range(warmup):
            same(
                student.scheduled(t, lr, warmup, total), lr * (t + 1) / warmup,
                f"scheduled({t}, {lr}, {warmup}, {total})", mistakes={
                    "it begins at 0: t + 1 in the place of t": lr * t / warmup,
                    "lr itself is missing": (t + 1) / warmup,
                    "there is no warm-up": lr * (1 + np.cos(np.pi * t / total)) / 2,
                },
            )  # fmt: skip


@question(
    "8.8",
    points=2,
    says="then it falls by half a cosine, to 0 at the end, and stays there",
    hints=[
        "u goes from 0 at t = warmup to 1 at t = total: how many steps are between them?",
        "At u = 0 the cosine is 1, and the rate lr (1 + 1) / 2 = lr. At u = 1 it is 0.",
        "After the end the cosine would rise again: u stays at 1.",
    ],
)
def falls(student, rng):
    for lr, warmup, total in [(8.0, 4, 12), (1.0, 0, 10), (0.3, 1, 5)]:
        for t in (warmup, warmup + 1, (warmup + total) // 2, total - 1, total, total + 3):
            u = (t - warmup) / (total - warmup)
            one = min(u, 1.0)
            same(
                student.scheduled(t, lr, warmup, total), lr * (1 + np.cos(np.pi * one)) / 2,
                f"scheduled({t}, {lr}, {warmup}, {total})", mistakes={
                    "the cosine is counted from t = 0, not from the end of the warm-up":
                        lr * (1 + np.cos(np.pi * min(t / total, 1))) / 2,
                    "after the end it rises again": lr * (1 + np.cos(np.pi * u)) / 2,
                    "this is a straight line": lr * (1 - one),
                    "the division by 2 is missing": lr * (1 + np.cos(np.pi * one)),
                    "a whole turn of the cosine: half of it, pi, is enough":
                        lr * (1 + np.cos(2 * np.pi * one)) / 2,
                },
            )  # fmt: skip


@question(
    "8.8",
    says="small rates and long trainings: nothing is rounded",
    hints=["The examples round what they show. What is left of a rate of 3e-7, rounded?"],
    hidden=True,
)
def small_rates(student, rng):
    for lr, warmup, total in [(3e-4, 7, 100), (6e-7, 2000, 300_000), (2e-5, 9, 10), (1e-6, 0, 3)]:
        for t in [0, warmup, *rng.integers(0, total, 6).tolist(), total - 1, 5 * total]:
            u = min((t - warmup) / (total - warmup), 1.0)
            right = (t + 1) / warmup if t < warmup else (1 + np.cos(np.pi * u)) / 2
            got = student.scheduled(t, lr, warmup, total) / lr
            same(got, right, f"scheduled({t}, {lr:g}, {warmup}, {total}) / {lr:g}")

"""The questions on lesson 6."""

from itertools import pairwise

import numpy as np

from minigrad.classroom import beside, gradients_right, holds, question, raises, same


def forward(x, layers):
    """The values of all layers, the last one's without ReLU."""
    values = [x]
    for i, (w, b) in enumerate(layers):
        z = values[-1] @ w.T + b
        values.append(np.maximum(z, 0) if i < len(layers) - 1 else z)
    return values


def backward(values, layers, g):
    found = []
    for i in reversed(range(len(layers))):
        if i < len(layers) - 1:
            g = g * (values[i + 1] > 0)
        found.append((g.T @ values[i], g.sum(axis=0)))
        g = g @ layers[i][0]
    return found[::-1]


def network(rng, *sizes):
    return [(rng.standard_normal((m, n)), rng.standard_normal(m)) for n, m in pairwise(sizes)]


# ---------------------------------------------------------------------- 6.1


@question(
    "6.1",
    says="the value is 1 / (1 + exp(-x))",
    hints=[
        "At 0 it is one half; far to the right it goes to 1, far to the left to 0.",
        "Mind the sign in the exponent, and the brackets.",
    ],
)
def values_of_sigmoid(student, rng):
    for x in (np.array([0.0]), np.array([1.0, -2.0]), rng.standard_normal((2, 3))):
        value, _ = student.sigmoid(x)
        right = 1 / (1 + np.exp(-x))
        same(
            value, right, f"sigmoid({np.round(x, 3).tolist()})", mistakes={
                "this is turned round: it falls from 1 to 0": 1 - right,
                "this is tanh, which goes from -1 to 1": np.tanh(x),
                "this is 1 + exp(-x), not yet divided: mind the brackets": 1 + np.exp(-x),
            },
        )  # fmt: skip


@question(
    "6.1",
    points=2,
    says="value and pullback are right",
    hints=[
        "The derivative of the sigmoid can be written with its value y alone.",
        "It is y (1 - y): one quarter at 0. And it is multiplied by g.",
    ],
)
def gradient_of_sigmoid(student, rng):
    x = np.array([0.0, 1.0])
    same(student.sigmoid(x)[0], 1 / (1 + np.exp(-x)), "the value of sigmoid at [0, 1]")
    gradients_right(student.sigmoid, [x], "sigmoid at [0, 1]")
    gradients_right(student.sigmoid, [2 * rng.standard_normal((2, 3))], "sigmoid, x of (2, 3)")


@question(
    "6.1",
    points=2,
    says="no x is too large: at -1000 it is 0, at 1000 it is 1, and nothing is warned of",
    hints=[
        "exp(1000) is inf in float64. For which sign of x is exp(-x) dangerous?",
        "Where x < 0, exp(x) / (1 + exp(x)) is the same number, and exp(x) is small.",
        "np.where computes both sides for all elements: give exp something that is never positive, "
        "as -np.abs(x).",
    ],
)
def far_out(student, rng):
    student.np.seterr(over="raise", invalid="raise")  # a warning is an error here
    for x in ([-1000.0], [1000.0], [-800.0, 0.0, 800.0]):
        value, pullback = student.sigmoid(np.array(x))
        right = np.where(np.array(x) > 0, 1.0, np.where(np.array(x) < 0, 0.0, 0.5))
        same(value, right, f"sigmoid({x})")
        same(pullback(np.ones(len(x))), right * (1 - right), f"its pullback at {x} of ones")


@question(
    "6.1",
    says="x may be of any shape: three axes, a single number, no number at all",
    hints=["exp, abs and where of NumPy go through arrays of every shape: no loop is needed."],
    hidden=True,
)
def of_any_shape(student, rng):
    for shape in [(), (0,), (1, 1), (2, 3, 4), (2, 0)]:
        x, g = (np.array(scale * rng.standard_normal(shape)) for scale in (30, 1))
        value, pullback = student.sigmoid(x)
        right = np.exp(-np.logaddexp(0, -x))
        same(value, right, f"sigmoid(x), x of shape {shape}")
        same(pullback(g), g * right * (1 - right), f"its pullback, x of shape {shape}")


# ---------------------------------------------------------------------- 6.2


@question(
    "6.2",
    says="the value is max(x, 0)",
    hints=["What is below 0 becomes 0, all else stays."],
)
def values_of_relu(student, rng):
    for x in (np.array([-1.0, 2.0]), rng.standard_normal((3, 4))):
        value, _ = student.relu(x.copy())
        why = {"this is |x|": np.abs(x), "this is 1 where x > 0": (x > 0).astype(float)}
        same(value, np.maximum(x, 0), f"relu({np.round(x, 3).tolist()})", mistakes=why)


@question(
    "6.2",
    points=2,
    says="x is the same afterwards, and the value is a new array",
    hints=[
        "Who else has that array? Print x before and after relu(x).",
        "x[x < 0] = 0 changes the caller's array. np.maximum makes a new one.",
    ],
)
def x_is_the_same(student, rng):
    x = np.array([-1.0, 2.0, -3.0])
    value, _ = student.relu(x)
    same(x, np.array([-1.0, 2.0, -3.0]), "x = [-1, 2, -3] after relu(x)")
    same(value, np.array([0.0, 2.0, 0.0]), "the value of relu([-1, 2, -3])")


@question(
    "6.2",
    points=2,
    says="the gradient passes where x > 0, whatever its own sign is",
    hints=[
        "Give the pullback a negative gradient.",
        "What decides whether it passes: the sign of x, or the sign of g?",
        "A pullback is linear in g: pullback(-g) = -pullback(g).",
    ],
)
def passes_by_the_sign_of_x(student, rng):
    x = np.array([-1.0, 2.0, -3.0, 4.0])
    _, pullback = student.relu(x.copy())
    g = np.array([5.0, 6.0, -7.0, -8.0])
    same(
        pullback(g), np.array([0.0, 6.0, 0.0, -8.0]), "the pullback at x = [-1, 2, -3, 4] of "
        "g = [5, 6, -7, -8]", mistakes={
            "the sign of g decides here; it must be that of x": np.maximum(g, 0),
            "this multiplies by x itself": g * np.maximum(x, 0),
            "this ignores g": (x > 0).astype(float),
            "the gradient passes everywhere": g,
            "where x < 0 something passes: the slope there is 0": np.where(x > 0, g, -g),
            "the mask is turned round": np.where(x < 0, g, 0.0),
        },
    )  # fmt: skip
    x = rng.standard_normal((3, 4))
    gradients_right(student.relu, [x + 0.1 * np.sign(x)], "relu, x of (3, 4)")


@question(
    "6.2",
    says="at exactly 0 nothing passes",
    hints=["Is 0 > 0? And 0 >= 0?"],
    hidden=True,
)
def at_the_corner(student, rng):
    for x in (np.zeros(1), np.array([0.0, -0.0, 2.0]), np.maximum(rng.standard_normal((3, 4)), 0)):
        value, pullback = student.relu(x.copy())
        same(value, x, f"relu({x.round(3).tolist()})")
        g = rng.standard_normal(x.shape)
        right = np.where(x > 0, g, 0)
        same(pullback(g), right, f"the pullback at x = {x.round(3).tolist()}", mistakes={
            "it passes at 0: it passes where x > 0, which 0 is not": g,
            "half of it passes at 0: it passes where x > 0, which 0 is not": (g + right) / 2,
        })  # fmt: skip


# ---------------------------------------------------------------------- 6.3


@question(
    "6.3",
    says="element (i, k) is the weighted sum of example i by neuron k, plus its bias",
    hints=["One neuron is x[i] @ w[k] + b[k]. For all of them at once, one of the two is turned."],
)
def weighted_sums(student, rng):
    for n, i, u in [(1, 2, 1), (1, 3, 2), (4, 3, 2), (3, 3, 3)]:
        x, w, b = rng.standard_normal((n, i)), rng.standard_normal((u, i)), rng.standard_normal(u)
        right = x @ w.T + b
        why = {
            "the bias is missing": x @ w.T,
            "the bias is subtracted": x @ w.T - b,
            "a ReLU is none of a linear layer's business": np.maximum(right, 0),
        }
        if u == i:
            why["w is not turned: neuron k is row k of w, x @ w takes column k"] = x @ w + b
        value, _ = student.linear(x, w, b)
        same(value, right, f"linear(x, w, b), x {x.shape}, w {w.shape}", mistakes=why)


@question(
    "6.3",
    points=3,
    says="the pullback gives the gradients of x, of w and of b",
    hints=[
        "The shapes leave little choice: (n, inputs), (units, inputs) and (units,).",
        "b is added to every example: its gradient is the sum over the examples.",
        "dx = g w, dw = g^T x: in dw, too, the sum over the examples is in the matrix product.",
    ],
)
def gradients_of_linear(student, rng):
    for n, i, u in [(1, 2, 1), (4, 3, 2)]:
        x, w, b = rng.standard_normal((n, i)), rng.standard_normal((u, i)), rng.standard_normal(u)
        g = rng.standard_normal((n, u))
        got = student.linear(x, w, b)[1](g)
        asked = f"linear(x, w, b)[1](g), x {x.shape}, w {w.shape}"
        holds(isinstance(got, (tuple, list)) and len(got) == 3, f"three gradients of {asked}")
        dx, dw, db = got
        same(dw, g.T @ x, f"dw of {asked}", mistakes={
            "this is the mean over the examples; the pullback takes the sum": g.T @ x / n,
            "dw is turned: it has the shape of w": x.T @ g,
        })  # fmt: skip
        same(db, g.sum(axis=0), f"db of {asked}", mistakes={
            "this is the mean over the examples; the pullback takes the sum": g.mean(axis=0),
            "b is added to every example: sum over all of them": g[0],
            "db has the shape of b: sum over the examples, axis 0": g,
            "this sums over the units; sum over the examples, axis 0": g.sum(axis=1),
        })  # fmt: skip
        same(dx, g @ w, f"dx of {asked}")
        gradients_right(student.linear, [x, w, b], asked)


@question(
    "6.3",
    says="the gradients are right, too, where all shapes are the same",
    hints=[
        "With as many inputs as units and examples every shape fits, turned or not.",
        "Which index is summed over? In dw the examples, in dx the units: work one out by hand.",
    ],
    hidden=True,
)
def square_layers(student, rng):
    for n, i, u in [(2, 2, 2), (3, 3, 3), (5, 5, 5), (1, 1, 1), (2, 3, 3), (3, 1, 3)]:
        x, w, b = rng.standard_normal((n, i)), rng.standard_normal((u, i)), rng.standard_normal(u)
        g = rng.standard_normal((n, u))
        asked = f"linear(x, w, b)[1](g), x {x.shape}, w {w.shape}"
        dx, dw, db = student.linear(x, w, b)[1](g)
        turned = {"dw is turned: row k belongs to unit k": x.T @ g} if i == u else {}
        same(dw, g.T @ x, f"dw of {asked}", mistakes=turned)
        units = {"this sums over the units; sum over the examples, axis 0": g.sum(axis=1)}
        same(db, g.sum(axis=0), f"db of {asked}", mistakes=units)
        why = {"w is turned: g[i, k] goes back along row k of w": g @ w.T} if i == u else {}
        same(dx, g @ w, f"dx of {asked}", mistakes=why)


# ---------------------------------------------------------------------- 6.4

BY_HAND = [
    (np.array([[0.2, 0.1, 0.2], [0.5, 0.5, -0.6]]), np.array([0.0, 0.1])),
    (np.array([[0.5, -1.0]]), np.array([0.1])),
]
X = np.array([[1.0, 2.0, 3.0]])


@question(
    "6.4",
    points=2,
    says="linear and ReLU by turns, and no ReLU at the end",
    hints=[
        "Follow the 3-2-1 network of the lesson, number by number.",
        "How many ReLUs are there between three linear layers? Two.",
        "What comes out at the end may be negative: a score is no firing rate.",
    ],
)
def layer_upon_layer(student, rng):
    value, _ = student.mlp(X, BY_HAND)
    same(value, np.array([[0.6]]), "mlp(x, layers) of the 3-2-1 network by hand", mistakes={
        "there is no ReLU anywhere: all layers are one matrix": np.array([[0.8]]),
    })  # fmt: skip
    for sizes in [(2, 1), (3, 4, 2), (2, 5, 4, 3)]:
        x, layers = rng.standard_normal((6, sizes[0])), network(rng, *sizes)
        right = forward(x, layers)[-1]
        z = x
        for w, b in layers:
            z = z @ w.T + b
        same(
            student.mlp(x, layers)[0], right, f"mlp(x, layers) of sizes {sizes}", mistakes={
                "there is a ReLU after the last layer": np.maximum(right, 0),
                "there is no ReLU anywhere: all layers are one matrix": z,
            },
        )  # fmt: skip


@question(
    "6.4",
    points=3,
    says="the pullback gives (dw, db) for every layer, in the order of the layers",
    hints=[
        "Walk back from the last layer: what linear's pullback gives for its x is the g of the "
        "layer before.",
        "Each ReLU has a pullback too, and it comes between.",
        "Going back, you find the last layer first: turn the list round at the end.",
    ],
)
def all_gradients(student, rng):
    for sizes in [(2, 1), (3, 2, 1), (3, 4, 2), (2, 5, 4, 3)]:
        x, layers = rng.standard_normal((6, sizes[0])), network(rng, *sizes)
        _, pullback = student.mlp(x, layers)
        g = rng.standard_normal((6, sizes[-1]))
        got, right = pullback(g), backward(forward(x, layers), layers, g)
        asked = f"mlp(x, layers)[1](g), sizes {sizes}"
        holds(isinstance(got, (list, tuple)) and len(got) == len(layers), f"{asked}: a (dw, db) "
              "for each layer")  # fmt: skip
        if len(layers) > 1 and np.shape(got[0][0]) == np.shape(right[-1][0]):
            turned = np.shape(got[0][0]) != np.shape(right[0][0])
            holds(not turned, asked, "the list begins with the last layer: turn it round")
        unmasked, h = [], g
        values = forward(x, layers)
        for i in reversed(range(len(layers))):
            unmasked.append((h.T @ values[i], h.sum(axis=0)))
            h = h @ layers[i][0]
        for k, (pair, answer) in enumerate(zip(got, right, strict=True)):
            no_mask = unmasked[::-1][k]
            for part, name in enumerate(("dw", "db")):
                same(pair[part], answer[part], f"{name} of layer {k} of {asked}", mistakes={
                    "the gradient went past the ReLU as if it were not there": no_mask[part],
                })  # fmt: skip


@question(
    "6.4",
    says="after a second forward pass, the first pullback still gives its own gradients",
    hints=[
        "What the pullback needs must be its own: a list made in mlp, not one outside of it.",
        "And it may be called twice: do not empty the list on the way.",
    ],
)
def pullbacks_do_not_mix(student, rng):
    x, layers = rng.standard_normal((3, 2)), network(rng, 2, 3, 1)
    g = np.ones((3, 1))
    _, first = student.mlp(x, layers)
    student.mlp(10 * x, layers)
    right = backward(forward(x, layers), layers, g)
    for when in ("after another mlp(10 x, layers)", "called a second time"):
        got = first(g)
        holds(len(got) == 2, f"the first pullback {when}: two (dw, db), got {len(got)}")
        same(got[0][0], right[0][0], f"the first pullback {when}: dw of layer 0")


@question(
    "6.4",
    says="as many layers as there are, all of the same width or not, for one example or many",
    hints=[
        "len(layers) says how many there are: a loop, not a line for each.",
        "The order of the gradients is that of the layers, whatever the shapes are.",
    ],
    hidden=True,
)
def deep_and_square(student, rng):
    for n, *sizes in [(1, 2, 2, 2), (1, 3, 3, 3, 3, 3), (4, 2, 5, 1, 3, 4, 2), (3, *[4] * 9)]:
        x, layers = rng.standard_normal((n, sizes[0])), network(rng, *sizes)
        values, g = forward(x, layers), rng.standard_normal((n, sizes[-1]))
        asked = f"mlp of {len(layers)} layers, sizes {sizes}, {n} example(s)"
        value, pullback = student.mlp(x, layers)
        same(value, values[-1], f"the value of {asked}")
        right = backward(values, layers, g)
        why = {"the list begins with the last layer: turn it round": right[::-1]}
        same([tuple(pair) for pair in pullback(g)], right, f"the gradients of {asked}",
             mistakes=why)  # fmt: skip


# ---------------------------------------------------------------------- 6.5


@question(
    "6.5",
    points=2,
    says="the step of the lesson, worked by hand",
    hints=[
        "The loss is 0.16, and its derivative by the output is 2 (0.6 - 1) = -0.8.",
        "new = old - lr * gradient, for every w and every b.",
    ],
)
def worked_by_hand(student, rng):
    loss, layers = student.step(X, np.array([[1.0]]), BY_HAND, 0.01)
    same(loss, 0.16, "the loss of the 3-2-1 network", mistakes={
        "this is the error, not its square": -0.4, "this is halved: the text has no 1/2": 0.08,
        "this is the loss after the step; give the one before it": 0.3535200**2,
    }, rtol=1e-5)  # fmt: skip
    w = np.array([[0.508, -1.0]])
    same(layers[1][0], w, "w of the last layer after the step", mistakes={
        "this goes uphill: the gradient is subtracted": np.array([[0.492, -1.0]]),
        "the 2 of the square is missing": np.array([[0.504, -1.0]]),
    })  # fmt: skip
    w = np.array([[0.204, 0.108, 0.212], [0.5, 0.5, -0.6]])
    same(layers[0][0], w, "w of the first layer after the step", mistakes={
        "only the last layer took a step": BY_HAND[0][0],
        "the last layer's weights were changed before the gradient went through them":
            np.array([[0.204064, 0.108128, 0.212192], [0.5, 0.5, -0.6]]),
    })  # fmt: skip
    same(layers[0][1], np.array([0.004, 0.1]), "b of the first layer after the step")
    same(layers[1][1], np.array([0.108]), "b of the last layer after the step", mistakes={
        "the biases took no step": np.array([0.1]),
    })  # fmt: skip


@question(
    "6.5",
    points=2,
    says="loss and gradient are means over the examples",
    hints=[
        "With every example twice, the loss and the step must be the same as with each once.",
        "Divide by the number of examples, n: in the loss, and in its gradient as well.",
    ],
)
def mean_over_examples(student, rng):
    for n, units in [(1, 1), (4, 1), (3, 2)]:
        x, target, layers = rng.standard_normal((n, 2)), rng.standard_normal((n, units)), None
        layers = network(rng, 2, 3, units)
        values = forward(x, layers)
        error = values[-1] - target
        loss, new = student.step(x, target, layers, 0.1)
        asked = f"step(x, target, layers, 0.1), n = {n}, {units} unit(s)"
        why = {
            "this is the sum over the examples": np.sum(error**2),
            "this is a mean over the units as well: sum over those": np.mean(error**2),
        }
        same(loss, np.sum(error**2) / n, f"the loss of {asked}", mistakes=why)
        for k, (dw, _) in enumerate(backward(values, layers, 2 * error / n)):
            w = layers[k][0]
            same(new[k][0], w - 0.1 * dw, f"w of layer {k} of {asked}", mistakes={
                "the gradient is that of the sum over the examples": w - 0.1 * n * dw,
                "the gradient is divided by the number of units too": w - 0.1 * dw / units,
            })  # fmt: skip


@question(
    "6.5",
    says="many steps make a network that tells a corner from its neighbours (XOR)",
    hints=[
        "Does the next step start from the layers that the last one returned?",
        "Every w and every b takes a step, in every layer.",
    ],
)
def many_steps(student, rng):
    x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    target = np.array([[0.0], [1.0], [1.0], [0.0]])
    layers = [
        (np.array([[0.9, 1.2], [1.1, 0.8]]), np.array([0.1, -0.8])),
        (np.array([[0.8, -1.5]]), np.array([0.1])),
    ]
    loss = np.inf
    for _ in range(300):
        loss, layers = student.step(x, target, layers, 0.1)
    holds(loss < 1e-3, f"300 steps of lr 0.1 on XOR: the loss is below 0.001, got {loss:.4f}")


LAYERS_AFTER = """
def layers_after(step, x, target, layers, lr):
    step(x, target, layers, lr)
    return layers
"""


@question(
    "6.5",
    says="the arrays in `layers` are the same afterwards",
    hints=["w -= ... changes the caller's array. w - ... makes a new one."],
)
def layers_are_the_same(student, rng):
    x, target, layers = rng.standard_normal((4, 2)), np.ones((4, 1)), network(rng, 2, 3, 1)
    beside(student, LAYERS_AFTER)
    after = student.layers_after(student.step, x, target, layers, 0.1)
    for k, (got, right) in enumerate(zip(after, layers, strict=True)):
        asked = f"w and b of layer {k} of the caller, after step(x, target, layers, 0.1)"
        same(tuple(got), right, asked, rtol=0, atol=0)


@question(
    "6.5",
    says="every layer takes its step, whether there are one, two, or five",
    hints=["Go through the layers and their gradients in a loop: zip(layers, gradients)."],
    hidden=True,
)
def as_many_layers(student, rng):
    for sizes in [(2, 1), (3, 2), (3, 2, 4, 1), (2, 3, 3, 3, 3, 2)]:
        x, target = rng.standard_normal((5, sizes[0])), rng.standard_normal((5, sizes[-1]))
        layers = network(rng, *sizes)
        values = forward(x, layers)
        error, asked = values[-1] - target, f"step on a network of sizes {sizes}"
        loss, new = student.step(x, target, layers, 0.02)
        same(loss, np.sum(error**2) / 5, f"the loss of {asked}")
        slopes = backward(values, layers, 2 * error / 5)
        pairs = zip(layers, slopes, strict=True)
        right = [(w - 0.02 * dw, b - 0.02 * db) for (w, b), (dw, db) in pairs]
        same(len(new), len(right), f"the number of new layers of {asked}")
        for k, (got, answer) in enumerate(zip(new, right, strict=True)):
            same(
                tuple(got),
                answer,
                f"(w, b) of layer {k} of {asked}",
                mistakes={"this layer took no step": layers[k]},
            )


# ---------------------------------------------------------------------- 6.6


@question(
    "6.6",
    points=2,
    says="the variance is 2 / inputs for he, and 2 / (inputs + units) for glorot",
    hints=[
        "standard_normal has variance 1. Multiplied by c, the variance is c squared.",
        "So c is the square root of the variance that is wanted.",
        "The shape is (units, inputs): which of the two numbers is the fan-in?",
    ],
)
def variances(student, rng):
    for kind, inputs, units in [
        ("he", 500, 300), ("he", 100, 900), ("glorot", 500, 300), ("glorot", 100, 900),
    ]:  # fmt: skip
        w = student.initial(inputs, units, kind, int(rng.integers(1000)))
        asked = f"initial({inputs}, {units}, {kind!r}, seed)"
        shape = np.shape(w)
        holds(shape == (units, inputs), f"{asked} is of shape {(units, inputs)}: got {shape}",
              "a row for every unit")  # fmt: skip
        variance = 2 / inputs if kind == "he" else 2 / (inputs + units)
        same(w.var(), variance, f"the variance of {asked}", rtol=0.03, mistakes={
            "the standard deviation is the root of the variance: this is not rooted": variance**2,
            "this is 2 / units: fan-in is the number of inputs": 2 / units,
            "this is 2 / inputs, which is he's variance": 2 / inputs,
            "this is 1 / inputs: ReLU loses half, so twice that": 1 / inputs,
            "this is 1 / (inputs + units): the mean of both is half their sum":
                1 / (inputs + units),
        })  # fmt: skip


@question(
    "6.6",
    says="the numbers are normal, of mean 0",
    hints=[
        "rng.random gives numbers from 0 to 1, none of them negative.",
        "For a normal distribution, 68 percent lie within one standard deviation.",
    ],
)
def normal(student, rng):
    w = student.initial(400, 300, "he", 3)
    size = w.std()
    holds(abs(w.mean()) < size / 50, f"the mean is 0: got {w.mean():.4f}, beside {size:.4f}")
    within = np.mean(np.abs(w) < size)
    holds(0.67 < within < 0.695, f"68.3 percent lie within one standard deviation: {within:.1%}",
          "this is another distribution")  # fmt: skip


@question(
    "6.6",
    says="the same seed, the same numbers; another seed, others; no unknown kind",
    hints=[
        "np.random.default_rng(seed) makes a generator of its own.",
        "raise ValueError(...) where kind is neither of the two.",
    ],
)
def seeds(student, rng):
    first, second = (student.initial(5, 4, "glorot", 7) for _ in range(2))
    same(second, first, "initial(5, 4, 'glorot', 7), called twice")
    other = student.initial(5, 4, "glorot", 8)
    holds(not np.allclose(first, other), "initial(..., 8) is not initial(..., 7)", "use the seed")
    raises(lambda: student.initial(3, 2, "normal", 0), ["ValueError"], "initial(3, 2, 'normal', 0)")


@question(
    "6.6",
    says="the numbers of each kind are normal, and independent in the smallest layer too",
    hints=[
        "One distribution for both kinds: only its variance differs.",
        "The variance is that of the distribution; what was drawn is not put right afterwards.",
    ],
    hidden=True,
)
def normal_of_each_kind(student, rng):
    for kind, variance in (("he", 1.0), ("glorot", 2 / 3)):
        large = student.initial(400, 300, kind, int(rng.integers(1000)))
        small = np.concatenate([student.initial(2, 1, kind, seed).ravel() for seed in range(400)])
        asked = f"of 400 layers initial(2, 1, {kind!r}, seed)"
        same(small.var(), variance, f"the variance {asked}", rtol=0.3)
        for w, what in ((large, f"of initial(400, 300, {kind!r}, seed)"), (small, asked)):
            within = np.mean(np.abs(w) < w.std())
            near = 0.013 if w is large else 0.1
            holds(abs(within - 0.683) < near, f"68.3 percent {what} lie within one standard "
                  f"deviation: {within:.1%}", "this is another distribution")  # fmt: skip


# ---------------------------------------------------------------------- 6.7


def curve(student, xs, ys, at):
    """The student's network at some points, by the arithmetic of this file; its hidden units."""
    layers = student.through(xs, ys)
    holds(isinstance(layers, (list, tuple)) and len(layers) == 2, "through returns two (w, b)")
    (w1, b1), (w2, b2) = [tuple(map(np.asarray, pair)) for pair in layers]
    n = len(b1) if b1.ndim == 1 else -1
    for got, want, name in [
        (w1.shape, (n, 1), "w of the hidden layer: (units, 1)"), (w2.shape, (1, n),
        "w of the last layer: (1, units)"), (b2.shape, (1,), "b of the last layer: (1,)"),
    ]:  # fmt: skip
        holds(got == want, f"{name}, got {got}", "linear wants w of (units, inputs), b of (units,)")
    return forward(at[:, None], [(w1, b1), (w2, b2)])[-1][:, 0]


@question(
    "6.7",
    points=2,
    says="it goes through every point",
    hints=[
        "A hidden unit relu(x - k) is 0 up to k and then rises with slope 1: put one at each knot.",
        "Start at ys[0]: that is the last bias. The first unit gives the first slope.",
        "Slopes add up: at each later knot, add the CHANGE of the slope.",
    ],
)
def every_point(student, rng):
    cases = [([0.0, 1.0], [0.0, 2.0]), ([0.0, 1.0, 3.0], [0.0, 2.0, 0.0]),
             ([-1.0, 0.0, 2.0], [5.0, 5.0, 1.0])]  # fmt: skip
    for xs, ys in cases:
        xs, ys = np.array(xs), np.array(ys)
        slopes, at = np.diff(ys) / np.diff(xs), xs
        relu = np.maximum(at[:, None] - xs[:-1], 0)
        same(
            curve(student, xs, ys, at), ys, f"the network through x = {xs}, y = {ys}, at x",
            mistakes={
                "the slopes add up: at each knot add the change of the slope, not the slope":
                    relu @ slopes + ys[0],
                "it starts at 0: the last bias is ys[0]":
                    relu @ np.diff(slopes, prepend=0) ,
                "rises are not slopes: divide by the distance of the knots":
                    relu @ np.diff(np.diff(ys), prepend=0) + ys[0],
                "the knots lie at -x: the bias of relu(x - k) is -k":
                    np.maximum(at[:, None] + xs[:-1], 0) @ np.diff(slopes, prepend=0) + ys[0],
            },
        )  # fmt: skip
    xs, ys = np.sort(rng.standard_normal(9)) * 3 + np.arange(9), rng.standard_normal(9)
    same(curve(student, xs, ys, xs), ys, "the network through nine points, at these")


@question(
    "6.7",
    points=2,
    says="between two neighbours it is the straight line",
    hints=[
        "A bend may only be at a point: where else do your units switch on?",
        "As many units as there are pieces, n - 1, are enough.",
    ],
)
def straight_between(student, rng):
    xs, ys = np.arange(6.0) ** 1.5, rng.standard_normal(6)
    at = np.linspace(xs[0], xs[-1], 101)
    right = np.interp(at, xs, ys)
    steps = ys[np.searchsorted(xs, at, side="right") - 1]
    same(curve(student, xs, ys, at), right, "the network through six points, between them",
         mistakes={"these are steps, not straight lines": steps})  # fmt: skip


@question(
    "6.7",
    says="whatever the units are: points that are a millionth apart, or a million",
    hints=["xs is increasing: no two are the same, so nothing need be added before dividing."],
    hidden=True,
)
def in_any_units(student, rng):
    for of_x, of_y in [(1e-6, 1.0), (1e6, 1e6), (1e-6, 1e6), (1e6, 1e-6)]:
        xs = of_x * np.cumsum(rng.random(5) + 0.5)
        ys = of_y * rng.standard_normal(5)
        at = np.sort(np.concatenate([xs, np.linspace(xs[0], xs[-1], 21)]))
        got, right = curve(student, xs, ys, at) / of_y, np.interp(at, xs, ys) / of_y
        same(got, right, f"the network through five points, x about {of_x:g}, y about {of_y:g}, "
             f"divided by {of_y:g}")  # fmt: skip

"""The questions on lesson 3."""

from collections.abc import Callable

import numpy as np

from minigrad.classroom import gradients_right, holds, question, same

# ---------------------------------------------------------------------- engines that are wrong
#
# What a student's backward gives is compared with what known mistakes give on the same program.


class Node:
    """A number of the judge's own, as a Value is."""

    def __init__(self, data, parents=(), slopes=()):
        self.data, self.parents, self.slopes, self.grad = data, parents, slopes, 0.0

    def __add__(self, other):
        return Node(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        return Node(self.data * other.data, (self, other), (other.data, self.data))


def depth_first(node, seen):
    if node in seen:
        return []
    seen.append(node)
    return [n for p in node.parents for n in depth_first(p, seen)] + [node]


def breadth_first(root):
    queue = [root]
    for node in queue:
        queue += [p for p in dict.fromkeys(node.parents) if p not in queue]
    return queue


def hand_on(nodes, upstream=True, add=True):
    for node in nodes:
        for parent, slope in zip(node.parents, node.slopes, strict=True):
            sent = node.grad * slope if upstream else slope
            parent.grad = parent.grad + sent if add else sent


def push_all(node):
    """Recursive, and each visit sends all that has arrived, also what was sent before."""
    for parent, slope in zip(node.parents, node.slopes, strict=True):
        parent.grad += node.grad * slope
        push_all(parent)


def pull_all(node):
    """The same, with all parents served before the first of them goes on."""
    hand_on([node])
    for parent in node.parents:
        pull_all(parent)


ENGINES: dict[str, Callable] = {
    "right": lambda root: hand_on(depth_first(root, [])[::-1]),
    "the gradient that arrives is not used: multiply it by the slope of the step": lambda root: (
        hand_on(depth_first(root, [])[::-1], upstream=False)
    ),
    "overwritten where a value is used twice: what arrives is added, grad += ...": lambda root: (
        hand_on(depth_first(root, [])[::-1], add=False)
    ),
    "this goes from the leaves up: backward begins at the root, the order reversed": lambda root: (
        hand_on(depth_first(root, []))
    ),
    "this goes level by level: a value handed on before all its users had sent": lambda root: (
        hand_on(breadth_first(root))
    ),
    "a value that is reached twice sends what it had sent before once more": push_all,
    "a value that is reached twice hands on twice all that it has": pull_all,
}


def by(engine, program, point):
    leaves = [Node(p) for p in point]
    root = program(*leaves)
    root.grad = 1.0
    ENGINES[engine](root)
    return [leaf.grad for leaf in leaves]


def slopes_of(program, point, make, run, asked):
    """Demand the right gradients of a program of + and *, made of a student's numbers."""
    leaves = [make(p) for p in point]
    run(program(*leaves))
    got = [leaf.grad for leaf in leaves]
    right = by("right", program, point)
    wrong = {why: by(why, program, point) for why in ENGINES if why != "right"}
    for g in got:
        holds(isinstance(g, (int, float, np.number)), f"{asked}: grad is a number, got {g!r}")
    same(list(map(float, got)), right, f"{asked}, at {point}: the grads", mistakes=wrong)


CHAINS = {
    "a * b": (lambda a, b: a * b, [2.0, 3.0]),
    "(a * b) * c": (lambda a, b, c: (a * b) * c, [2.0, 3.0, 5.0]),
    "(a * b + c) * d": (lambda a, b, c, d: (a * b + c) * d, [2.0, 3.0, -1.0, 0.5]),
}
TWICE = {
    "a + a": (lambda a: a + a, [3.0]),
    "a * a": (lambda a: a * a, [3.0]),
    "a * b + a": (lambda a, b: a * b + a, [2.0, 3.0]),
    "c = a * b; c * c": (lambda a, b: (lambda c: c * c)(a * b), [2.0, 3.0]),
}


def nested(a, b):
    c = a * b
    d = c * c
    return d * (d + c)


def late(a, b):
    c = a * b
    return c * (((c * a) * b) + a)


def ladder(a, b):
    c, d = a * b, a + b
    for _ in range(3):
        c, d = c * d, c + d
    return c + d


POINT = (0.5, 0.75)


def plan_of(rng, steps):
    """A graph that nobody has seen: for each step two earlier values, and whether they are added.
    At POINT, no two of its values are equal."""
    plan: list[tuple[int, int, bool]] = []
    while len(plan) < steps:
        i, j = rng.integers(0, len(plan) + 2, 2)
        longer = [*plan, (int(i), int(j), bool(rng.random() < 0.5))]
        data = [node.data for node in grown(longer, map(Node, POINT))]
        if len(set(data)) == len(data):
            plan = longer
    return plan


def grown(plan, leaves):
    """The leaves, and all values that a plan makes of them."""
    values = list(leaves)
    for i, j, added in plan:
        values.append(values[i] + values[j] if added else values[i] * values[j])
    return values


NESTED = {
    "c = a * b; c * (c + a)": (lambda a, b: (lambda c: c * (c + a))(a * b), [2.0, 3.0]),
    "c = a * b; c * (((c * a) * b) + a)": (late, [2.0, 3.0]),
    "c = a * b; d = c * c; d * (d + c)": (nested, [2.0, 3.0]),
    "c, d = a * b, a + b; three times: c, d = c * d, c + d; c + d": (ladder, [0.5, 0.25]),
}


# ---------------------------------------------------------------------- 3.1


@question(
    "3.1",
    says="the value is z sigmoid(z), with z = w x + b",
    hints=["Three steps: z = w * x + b; s = 1 / (1 + np.exp(-z)); then z * s."],
)
def neuron_value(student, rng):
    for w, x, b in [(2.0, 0.5, -1.0), (1.0, 1.0, 0.0), (-1.5, 2.0, 0.5)]:
        z = w * x + b
        s = 1 / (1 + np.exp(-z))
        value, _ = student.silu_neuron(np.array([w]), np.array([x]), np.array([b]))
        wrong = {
            "this is sigmoid(z): it still has to be multiplied by z": np.array([s]),
            "the sign in exp: sigmoid(z) = 1 / (1 + exp(-z))": np.array([z / (1 + np.exp(z))]),
        }
        same(value, np.array([z * s]), f"value of silu_neuron([{w}], [{x}], [{b}])", mistakes=wrong)


@question(
    "3.1",
    points=2,
    says="the pullback gives the three gradients for g = 1",
    hints=[
        "First dz, the gradient of z. z is used twice: in s, and in z * s. Two terms are added.",
        "Through z * s directly: g * s. Through s: g * z times the slope of sigmoid, s * (1 - s).",
        "Then z = w x + b: dw = dz * x, dx = dz * w, db = dz.",
    ],
)
def neuron_slopes(student, rng):
    w, x, b = np.array([0.7]), np.array([-1.3]), np.array([0.4])
    z = w * x + b
    s = 1 / (1 + np.exp(-z))
    _, pullback = student.silu_neuron(w, x, b)

    def all_three(dz):
        return [dz * x, dz * w, dz]

    wrong = {
        "only one of the two ways through z: the one through sigmoid is missing": all_three(s),
        "only one of the two ways through z: the one straight into z * s is missing": (
            all_three(z * s * (1 - s))
        ),
        "the slope of sigmoid is s (1 - s), of its value s, not of z": (
            all_three(s + z * z * (1 - z))
        ),
        "the gradients of w and x are swapped: w's is dz * x": [
            all_three(s + z * s * (1 - s))[i] for i in (1, 0, 2)
        ],
        "the two ways are added, not multiplied": all_three(s * z * s * (1 - s)),
    }
    got = pullback(np.array([1.0]))
    right = all_three(s + z * s * (1 - s))
    same(list(got), right, "the pullback of silu_neuron([0.7], [-1.3], [0.4]) at g = 1",
         mistakes=wrong)  # fmt: skip


@question(
    "3.1",
    points=2,
    says="the pullback agrees with differences, whatever g is",
    hints=["The gradient that arrives, g, is a factor of everything that you hand on."],
)
def neuron_pullback(student, rng):
    for n in (3, 4):
        inputs = [rng.standard_normal(n) for _ in range(3)]
        gradients_right(student.silu_neuron, inputs, f"silu_neuron of arrays of {n}")


@question(
    "3.1",
    says="arrays of any number of axes, and z = 0",
    hints=[
        "Everything is elementwise: np.exp takes an array of any shape, math.exp one number.",
        "Is anything divided by z? It may be 0: take sigmoid from its own formula.",
    ],
    hidden=True,
)
def neuron_of_any_shape(student, rng):
    for shape in [(1,), (2, 3), (2, 1, 2), ()]:
        w, x, g = (np.asarray(np.round(rng.standard_normal(shape), 2)) for _ in "wxg")
        b = np.array(-w * x)
        b.flat[1:] += 0.5
        z = w * x + b
        s = 1 / (1 + np.exp(-z))
        dz = g * (s + z * s * (1 - s))
        value, pullback = student.silu_neuron(w, x, b)
        asked = f"silu_neuron of arrays of {shape}, where z is {z.tolist()}"
        same(value, z * s, f"the value of {asked}")
        same(list(pullback(g)), [dz * x, dz * w, dz], f"the pullback of {asked}")


# ---------------------------------------------------------------------- 3.2


@question(
    "3.2",
    says="Values add and multiply as their numbers do",
    hints=["__add__(self, other) returns a new Value, of self.data + other.data."],
)
def computes(student, rng):
    a, b = student.Value(2.0), student.Value(3.0)
    same((a + b).data, 5.0, "(Value(2.0) + Value(3.0)).data")
    same((a * b).data, 6.0, "(Value(2.0) * Value(3.0)).data")
    same((a * b + a).data, 8.0, "(a * b + a).data of a = Value(2.0), b = Value(3.0)")
    same(a.data, 2.0, "a.data afterwards")


@question(
    "3.2",
    says="plain numbers work on either side",
    hints=[
        "In a * 2 the other is no Value: make one of it, if not isinstance(other, Value).",
        "For 2 * a Python asks the int first, and then calls a.__rmul__(2).",
    ],
)
def plain_numbers(student, rng):
    a = student.Value(2.0)
    same((a + 3).data, 5.0, "(Value(2.0) + 3).data")
    same((a * 3).data, 6.0, "(Value(2.0) * 3).data")
    same((3 + a).data, 5.0, "(3 + Value(2.0)).data")
    same((3 * a).data, 6.0, "(3 * Value(2.0)).data")
    same((0.5 * a * a + -1).data, 1.0, "(0.5 * a * a + -1).data of a = Value(2.0)")


@question(
    "3.2",
    points=2,
    says="a Value knows its parents and its slope with each of them",
    hints=[
        "The new Value gets (self, other) as its parents.",
        "How fast does a * b rise when a alone is moved? At the speed b.",
    ],
)
def remembers(student, rng):
    for x, y in [(2.0, 3.0), (-1.5, 0.25)]:
        a, b = student.Value(x), student.Value(y)
        for what, value, right, others in [
            ("+", a + b, [1.0, 1.0], {"this is a + b's data, the slopes are 1 and 1": [x, y]}),
            ("*", a * b, [y, x], {
                "the two slopes are swapped: moving a, a * b rises at the speed b": [x, y],
                "these are the slopes of a + b": [1.0, 1.0],
            }),
        ]:  # fmt: skip
            call = f"Value({x}) {what} Value({y})"
            same([p.data for p in value.parents], [x, y], f"the data of the parents of {call}")
            same(list(value.slopes), right, f"the slopes of {call}", mistakes=others)


@question(
    "3.2",
    says="a number that was put in has no parents, and every grad begins as 0",
    hints=[
        "Value(2.0) alone must work: parents=() and slopes=() where none are given.",
        "self.grad = 0.0: every grad begins as 0, and backward will change it.",
    ],
)
def leaf(student, rng):
    a = student.Value(2.0)
    same(len(a.parents), 0, "how many parents Value(2.0) has")
    same(a.grad, 0.0, "Value(2.0).grad")
    same((a * a).grad, 0.0, "(a * a).grad before any backward")


@question(
    "3.2",
    says="with a plain number, too, the Value is the parent, with its slope; and no copy of it",
    hints=[
        "How fast does 3 * a rise when a is moved? At the speed 3, whichever of them stands first.",
        "backward will write into the parents: they must be the Values themselves, no new ones.",
    ],
    hidden=True,
)
def the_very_parents(student, rng):
    a = student.Value(2.0)
    b = student.Value(5.0)
    a.grad = 0.125  # a mark, by which it is known again
    for what, value, right in [
        ("a + b", a + b, 1.0),
        ("b * a", b * a, 5.0),
        ("a + 3", a + 3, 1.0),
        ("3 + a", 3 + a, 1.0),
        ("a * 3", a * 3, 3.0),
        ("-3 * a", -3 * a, -3.0),
        ("0 * a", 0 * a, 0.0),
        ("a * a", a * a, 4.0),
    ]:
        parents = list(zip(value.parents, value.slopes, strict=True))
        found = [float(slope) for p, slope in parents if p.grad == 0.125]
        call = f"a = Value(2.0), b = Value(5.0): a is a parent of {what}"
        holds(found, call, "it is not, or a copy of it is")
        same(sum(found), right, f"a = Value(2.0), b = Value(5.0): the slope of {what} with a")


# ---------------------------------------------------------------------- 3.3


def plain(a, b):
    return {"a": a, "b": b, "a * b": a * b}


def longer(a, b):
    c = a * a
    d = c + a
    return {"a": a, "c": c, "c + a": d, "(c + a) + c": d + c}


def diamond(a, b):
    c = a * b
    d = c + a
    return {"a": a, "b": b, "c": c, "d": d, "c * d": c * d}


def long_way(a, b):
    c = a * b
    d = c * a
    e = d * b
    f = e + a
    return {"a": a, "b": b, "c": c, "d": d, "e": e, "f": f, "c * f": c * f}


# What is computed, by name; what it says; for each name those it is computed from; a and b.
AFTER = {"a * b": "ab", "c": "ab", "d": "ca", "e": "db", "f": "ea", "c * d": "cd", "c * f": "cf"}
GRAPHS = [
    (plain, "a * b", AFTER, (2.0, 3.0)),
    (longer, "c = a * a; (c + a) + c", {"c": "a", "c + a": "ca", "(c + a) + c": "c"}, (2.0, 3.0)),
    (diamond, "c = a * b; d = c + a; c * d", AFTER, (2.0, 3.0)),
    (diamond, "c = a * b; d = c + a; c * d", AFTER, (0.5, 0.25)),
    (long_way, "c = a * b; d = c * a; e = d * b; f = e + a; c * f", AFTER, (2.0, 3.0)),
    (long_way, "c = a * b; d = c * a; e = d * b; f = e + a; c * f", AFTER, (-0.5, 0.25)),
]


def listed(student, program, text, point):
    """(the names of the Values in a student's order, all that should be there, the call)."""
    values = program(*map(student.Value, point))
    by_number = {v: name for name, v in program(*point).items()}
    got = student.order(list(values.values())[-1])
    call = f"order of {text}, with a, b = {point}"
    holds(isinstance(got, (list, tuple)), f"{call}: a list, got {got!r}")
    names = [by_number.get(float(v.data), "?") for v in got]
    return names, list(values), f"{call}: got [{', '.join(names)}]"


@question(
    "3.3",
    says="every Value that root was computed from is there, and root, each once",
    hints=[
        "Keep a set of those that you have seen, and pass over a Value that is in it.",
        "Root itself belongs to it, and so do the numbers that were put in.",
    ],
)
def each_once(student, rng):
    for program, text, _, point in GRAPHS:
        got, wanted, call = listed(student, program, text, point)
        twice = sorted({v for v in got if got.count(v) > 1})
        missing = [v for v in wanted if v not in got]
        holds(not twice, call, f"twice: {', '.join(twice)}. A Value that was seen is passed over")
        holds(not missing, call, f"not there: {', '.join(missing)}")
    x = student.Value(1.0)
    for _ in range(12):
        x = x + x
    got = student.order(x)
    call = f"order of x = x + x, 12 times: 13 Values, got {len(got)}"
    holds(len(got) == 13, call, "one for every path, of which there are 2 ** 12")


@question(
    "3.3",
    points=2,
    says="parents come before what was computed from them",
    hints=[
        "Add a Value to the list after its parents were added, not when it is first met.",
        "With a stack: push (value, True) below its parents, and add it when that comes up again.",
    ],
)
def parents_first(student, rng):
    for program, text, after, point in GRAPHS:
        got, wanted, call = listed(student, program, text, point)
        holds(len(got) > 1, call, "nothing to put in order")
        place = {v: i for i, v in enumerate(got)}
        edges = [(v, p) for v in wanted for p in after.get(v, ()) if v in place and p in place]
        wrong = [(v, p) for v, p in edges if place[p] > place[v]]
        why = "; ".join(f"{v} is computed from {p}, and {p} comes after it" for v, p in wrong)
        if len(wrong) == len(edges):
            why = "it is turned round: parents come first here, and root last"
        holds(not wrong, call, why)


@question(
    "3.3",
    points=2,
    says="a chain of 3,000 steps is no deeper than it can go",
    hints=[
        "A function that calls itself for each parent goes as deep as the graph is long.",
        "Keep what is still to do in a list, and a while loop that pops from it.",
    ],
)
def deep(student, rng):
    x = student.Value(0.5)
    for _ in range(3000):
        x = x + 1.0
    got = student.order(x)
    holds(len(got) >= 3001, f"order of a chain of 3,000 additions: got {len(got)} Values")
    same(float(got[-1].data), 3000.5, "the last in the order of a chain of 3,000 additions")


@question(
    "3.3",
    says="Values with equal numbers are two; a single Value; and any graph, in few steps",
    hints=[
        "Two Values may hold the same number. Which of the two have you seen?",
        "Each Value once means: do not go down again from one that you have seen.",
    ],
    hidden=True,
    seconds=2,
)
def of_any_graph(student, rng):
    alone = student.order(student.Value(2.0))
    same([float(v.data) for v in alone], [2.0], "order of a Value that was put in")
    a, b = student.Value(2.0), student.Value(2.0)
    got = sorted(float(v.data) for v in student.order((a * b) * (a + b)))
    same(got, [2.0, 2.0, 4.0, 4.0, 16.0], "the numbers in the order of (a * b) * (a + b), at 2, 2")
    for steps in (3, 6, 12):
        plan = plan_of(rng, steps)
        nodes = depth_first(grown(plan, [Node(p) for p in POINT])[-1], [])
        after = {n.data: [p.data for p in n.parents] for n in nodes}
        got = [float(v.data) for v in student.order(grown(plan, map(student.Value, POINT))[-1])]
        call = f"order of a graph of {len(after)} Values"
        same(sorted(got), sorted(after), f"{call}: their numbers, sorted")
        holds(all(p in got[:i] for i, v in enumerate(got) for p in after[v]), call,
              "one comes before what it was computed from")  # fmt: skip
    x = student.Value(0.5)
    for _ in range(40):
        x = x + x
    same(len(student.order(x)), 41, "how many are in the order of x = x + x, 40 times")


# ---------------------------------------------------------------------- 3.4


def asked_of(student, programs):
    for name, (program, point) in programs.items():
        slopes_of(program, point, student.Value, student.backward, f"backward of {name}")


@question(
    "3.4",
    says="along a chain the slopes are multiplied",
    hints=[
        "Begin with root.grad = 1. Each value hands value.grad * slope to each parent.",
        "From the root to the leaves: reversed(order(root)).",
    ],
)
def chain(student, rng):
    asked_of(student, CHAINS)


@question(
    "3.4",
    points=2,
    says="where a value is used twice, what arrives is added",
    hints=["a + a rises by 2 when a rises by 1. One 1 arrives from each side."],
)
def used_twice(student, rng):
    asked_of(student, TWICE)


@question(
    "3.4",
    points=2,
    says="nested diamonds: a value hands on when all has arrived, not before",
    hints=[
        "When may a value hand its grad on? When all that were computed from it have sent theirs.",
        "The order of 3.3, walked through from its end, sees to that.",
    ],
)
def nested_diamonds(student, rng):
    asked_of(student, NESTED)


@question(
    "3.4",
    says="a graph of 40 doublings takes 40 steps, not one for each of its 2 ** 40 paths",
    hints=[
        "Do you go down again from a parent each time that you come to it?",
        "Visit every value once: one loop over the order, nothing that calls itself.",
    ],
)
def not_path_by_path(student, rng):
    leaf = x = student.Value(0.5)
    for _ in range(40):
        x = x + x
    student.backward(x)
    same(float(leaf.grad), 2.0**40, "the grad of the leaf after 40 times x = x + x")


@question(
    "3.4",
    points=2,
    says="called again, the leaves get the new slopes added; what lies between starts from 0",
    hints=[
        "After the first backward the values in between still have their grads.",
        "Set the grad of every value that has parents to 0 first.",
    ],
)
def called_again(student, rng):
    a, b = student.Value(2.0), student.Value(3.0)
    c = a * b
    root = c * c
    student.backward(root)
    same([float(a.grad), float(b.grad)], [36.0, 24.0], "the grads of a, b after backward(c * c)")
    student.backward(root)
    wrong = {
        "the grads of the values in between were not set back to 0": [144.0, 96.0],
        "what lies between kept its grads": [108.0, 72.0],
        "the leaves were set back to 0, too: they keep what they have": [36.0, 24.0],
    }
    got = [float(a.grad), float(b.grad)]
    same(got, [72.0, 48.0], "the grads of a, b after two times backward(c * c)", mistakes=wrong)
    student.backward(a + b)
    got = [float(a.grad), float(b.grad)]
    same(got, [73.0, 49.0], "the grads of a, b after backward(a + b) as well")


@question(
    "3.4",
    points=2,
    says="the values in between, and root, have their slopes as well, whatever the graph",
    hints=[
        "What is c.grad after backward(c * c)? Not only the leaves are asked for.",
        "Set the values in between to 0 when backward begins, not when it ends.",
    ],
    hidden=True,
)
def between(student, rng):
    a = student.Value(2.0)
    student.backward(a)
    same(float(a.grad), 1.0, "a.grad after backward(a)")
    for point in (POINT, (0.75, 0.75)):
        plan = plan_of(rng, 8)
        values, nodes = grown(plan, map(student.Value, point)), grown(plan, map(Node, point))
        for root, call in [(-1, "backward of a graph"), (-3, "then backward of another root")]:
            below = depth_first(nodes[root], [])
            for node in below:
                node.grad = 0.0 if node.parents else node.grad
            nodes[root].grad = 1.0
            hand_on(below[::-1])
            student.backward(values[root])
            for kind, some in [("leaves", True), ("values in between, and of root", False)]:
                which = [
                    i for i, n in enumerate(nodes) if n in below and some is not bool(n.parents)
                ]
                got = [float(values[i].grad) for i in which]
                right = [nodes[i].grad for i in which]
                same(got, right, f"{call} of {len(below)} Values: the grads of the {kind}")


# ---------------------------------------------------------------------- 3.5

FUNCTIONS = {
    "exp": ([1.3, -2.0, 0.0], np.exp),
    "tanh": ([0.0, 0.7, -1.3], np.tanh),
}
POWERS = [(3.0, 2), (2.0, -1), (4.0, 0.5), (-2.0, 3), (1.5, 1)]


@question(
    "3.5",
    says="the numbers are those of exp, tanh and v ** n",
    hints=["np.exp(v.data), np.tanh(v.data), v.data ** n, each in a new Value."],
)
def function_values(student, rng):
    for name, (points, right) in FUNCTIONS.items():
        for x in points:
            value = getattr(student, name)(student.Value(x))
            same(value.data, float(right(x)), f"{name}(Value({x})).data")
    for x, n in POWERS:
        same(student.power(student.Value(x), n).data, x**n, f"power(Value({x}), {n}).data")


@question(
    "3.5",
    points=2,
    says="each knows its slope",
    hints=[
        "The slope of exp is exp itself; that of tanh is 1 - tanh ** 2; that of v**n, n v**(n-1).",
        "tanh: with y = tanh(v) the slope is 1 - y * y; y is what you have just computed.",
    ],
)
def function_slopes(student, rng):
    for name, (points, f) in FUNCTIONS.items():
        for x in points:
            value = getattr(student, name)(student.Value(x))
            y = float(f(x))
            slope = float(f(x + 1e-30j).imag / 1e-30)
            wrong = {
                "1 - x * x is of the input: the slope is 1 - y * y, of the output": 1 - x * x,
                "1 - y is not 1 - y ** 2": 1 - y,
                "exp is its own slope; no x comes down as it does from a power": x * np.exp(x - 1),
                "this is the value, not the slope": y,
            }
            same(sum(value.slopes), slope, f"the slope of {name}(Value({x}))", mistakes=wrong)
    for x, n in POWERS:
        value = student.power(student.Value(x), n)
        wrong = {
            "the exponent goes down by one: n v ** (n - 1)": n * x**n,
            "the exponent comes down as a factor: n v ** (n - 1)": x ** (n - 1),
        }
        right = n * x ** (n - 1)
        same(sum(value.slopes), right, f"the slope of power(Value({x}), {n})", mistakes=wrong)


@question(
    "3.5",
    points=2,
    says="gradients go through them to what lies before",
    hints=["The new Value's parents are (v,): the Value itself, not its number or a copy."],
)
def through_functions(student, rng):
    for x in (0.3, -0.8):
        a = student.Value(x)
        root = student.power(student.tanh(student.exp(a) * a), 2)
        student.backward(root)

        def f(z):
            return np.tanh(np.exp(z) * z) ** 2

        right = f(x + 1e-30j).imag / 1e-30
        asked = f"a.grad of power(tanh(exp(a) * a), 2) at a = {x}"
        wrong = {"nothing arrived: v itself must be the parent, not its number or a copy": 0.0}
        same(float(a.grad), right, asked, mistakes=wrong)


@question(
    "3.5",
    says="at 0, far out, and for all exponents",
    hints=[
        "n * y / v is n * v ** (n - 1), but not at 0.",
        "Take n * v ** (n - 1) as it stands: 0.0 ** 1 is 0.0, and 0.0 ** 0 is 1.0.",
    ],
    hidden=True,
)
def at_zero_and_far_out(student, rng):
    cases: list[tuple] = [
        ("power", (0.0, 2), 0, 0),
        ("power", (0.0, 1), 0, 1),
        ("power", (0.0, 3), 0, 0),
    ]
    for v, n in [(3.0, 0), (-0.5, 2), (-2.0, -3), (9.0, -0.5), *rng.uniform(1, 2, (3, 2)).tolist()]:
        cases.append(("power", (v, n), v**n, n * v ** (n - 1)))
    for x in (-20.0, 5.0, *rng.uniform(-2, 2, 3).tolist()):
        cases.append(("exp", (x,), np.exp(x), np.exp(x)))
        cases.append(("tanh", (x,), np.tanh(x), 1 - np.tanh(x) ** 2))
    for name, (x, *more), y, slope in cases:
        value = getattr(student, name)(student.Value(x), *more)
        asked = f"{name}({', '.join([f'Value({x})', *map(str, more)])})"
        same(float(value.data), float(y), f"{asked}.data", atol=1e-12)
        same(float(sum(value.slopes)), float(slope), f"the slope of {asked}", atol=1e-12)


# ---------------------------------------------------------------------- 3.6


def numbers_asked(student, programs):
    for name, (program, point) in programs.items():
        slopes_of(program, point, student.Number, lambda r: r.backward(), f"backward of {name}")


@question(
    "3.6",
    says="a chain: what arrives is multiplied by the slope",
    hints=[
        "In (a * b) * c, what should b get? Work it out by hand, and follow the program.",
        "Compare the two lines of the pull in __mul__.",
    ],
)
def number_chain(student, rng):
    numbers_asked(student, CHAINS)


@question(
    "3.6",
    points=2,
    says="a value that is used twice gets the sum",
    hints=["What is a.grad after a + a? Look for an = that should be +=."],
)
def number_twice(student, rng):
    numbers_asked(student, TWICE)


@question(
    "3.6",
    points=2,
    says="nested diamonds come out right",
    hints=[
        "Draw c = a * b; c * (c + a). In which order does the queue visit it? Who sends too early?",
        "A queue goes level by level, by the shortest way. The order has to wait for the longest.",
        "Sort first, as in 3.3: a value goes on the list after its parents. Then walk it reversed.",
    ],
)
def number_nested(student, rng):
    numbers_asked(student, NESTED)


@question(
    "3.6",
    says="graphs that nobody has drawn; and one of 40 doublings takes 40 steps",
    hints=["Visit each number once: a set of those that were seen."],
    hidden=True,
)
def number_paths(student, rng):
    for steps in (4, 8, 12):
        plan = plan_of(rng, steps)
        program = (lambda a, b, plan=plan: grown(plan, (a, b))[-1]), list(POINT)
        numbers_asked(student, {f"a graph of {steps} steps": program})
    leaf = x = student.Number(0.5)
    for _ in range(40):
        x = x + x
    x.backward()
    same(float(leaf.grad), 2.0**40, "the grad of the leaf after 40 times x = x + x")

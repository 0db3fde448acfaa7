"""The questions on lesson 15."""

import numpy as np

from minigrad.classroom import gradients_right, holds, question, same
from minigrad.classroom.question import shown


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def some(rng, *shapes):
    return [rng.standard_normal(shape) for shape in shapes]


def network(rng, t, i, h, size=0.7):
    """xs, h, u, w, b."""
    return [size * a for a in some(rng, (t, i), (h,), (i, h), (h, h), (h,))]


def states(xs, h, u, w, b, f=np.tanh):
    found = np.empty((len(xs), len(h)))
    for t in range(len(xs)):
        h = found[t] = f(xs[t] @ u + h @ w + b)
    return found


def through_time(xs, h, u, w, b, g, bend=True, along=True, turn=True):
    """The five derivatives. bend: the slope of tanh; along: through the later states too."""
    hs = states(xs, h, u, w, b)
    before = np.vstack([h, hs[:-1]])
    da, dh = np.zeros_like(hs), np.zeros_like(h)
    for t in range(len(hs) - 1, -1, -1):
        da[t] = (g[t] + dh * along) * ((1 - hs[t] ** 2) if bend else 1.0)
        dh = da[t] @ (w.T if turn else w)
    return da @ u.T, dh, xs.T @ da, before.T @ da, da.sum(0)


def a_tuple_of(n, grads):
    """Demand what a pullback must return; the clinic takes nothing else."""
    asked = f"the pullback returns a tuple of {n}"
    holds(isinstance(grads, (tuple, list)), asked, f"got {shown(grads)}")
    holds(isinstance(grads, tuple), asked, "it is a list: return a, b, c without brackets")
    holds(len(grads) == n, asked, f"these are {len(grads)}")


# ---------------------------------------------------------------------- 15.1


@question(
    "15.1",
    points=2,
    says="each state comes from its input and from the state before",
    hints=[
        "One loop over the inputs. What does the next turn of the loop need from this one?",
        "The new state is the old one of the next step: h = np.tanh(...).",
        "Vectors are rows here: x @ u, h @ w.",
    ],
)
def one_after_the_other(student, rng):
    for t, i, h in [(2, 1, 1), (1, 1, 1), (3, 2, 2), (4, 3, 2)]:
        a = xs, start, u, w, b = network(rng, t, i, h)
        each = np.tanh(xs @ u + start @ w + b)
        mistakes = {
            "every step starts from the first state: h must be the new one in the next step": each,
            "the state before is not used": np.tanh(xs @ u + b),
            "tanh is missing": states(*a, f=lambda y: y),
            "this is a sigmoid, not tanh": states(*a, f=sigmoid),
            "b is missing": states(xs, start, u, w, 0 * b),
            "the first state is not the one that was given": states(xs, 0 * start, u, w, b),
            "w is turned round: h @ w, where h is a row": states(xs, start, u, w.T, b),
        }
        got = student.rnn(*a)
        holds(not isinstance(got, list), "rnn returns one array, (T, H)",
              "this is a list of the states: np.array(hs) makes an array of it")  # fmt: skip
        same(got, states(*a), f"rnn for T = {t}, I = {i}, H = {h}", mistakes=mistakes)


@question(
    "15.1",
    says="all states come out, the first that was given is not among them",
    hints=["T inputs, T states: a list of them, and np.array of the list."],
)
def all_states(student, rng):
    a = network(rng, 5, 2, 3)
    right = states(*a)
    mistakes = {
        "this is the last state alone": right[-1],
        "the state before the first input is not one of the T": np.vstack([a[1], right[:-1]]),
    }
    got = student.rnn(*a)
    shape = np.shape(got)
    holds(shape != (6, 3), "rnn of 5 inputs returns 5 states",
          "these are 6: the state that was given is not one of them")  # fmt: skip
    same(got, right, "rnn for T = 5, I = 2, H = 3", mistakes=mistakes)


@question(
    "15.1",
    says="one-hot letters may be integers, a text may be long, and inputs large",
    hints=[
        "What dtype has the array that the states are written into? States are no integers.",
        "np.exp(1000) is infinite, and inf / inf is NaN; np.tanh(1000) is 1.",
    ],
    hidden=True,
)
def one_hot_and_large(student, rng):
    _, h, u, w, b = network(rng, 1, 5, 4)
    xs = np.eye(5, dtype=int)[rng.integers(0, 5, 200)]
    right = states(xs, h, u, 0.3 * w, b)
    same(student.rnn(xs, h, u, 0.3 * w, b), right, "rnn of 200 one-hot letters, integers",
         mistakes={"the states are cut to integers, like xs": np.trunc(right)})  # fmt: skip
    xs, h, u, w, b = network(rng, 3, 2, 2)
    for size in (5000, -5000):
        got, right = student.rnn(size * xs, h, u, w, b), states(size * xs, h, u, w, b)
        same(got, right, f"rnn of inputs about {size}")


# ---------------------------------------------------------------------- 15.2


@question(
    "15.2",
    points=2,
    says="the derivative by the first state: back through every step",
    hints=[
        "Begin at the last step. A state gets g[t], and what comes back from the step after it.",
        "Through tanh: times 1 - h_t**2. Through h_(t-1) @ w: times w.T.",
        "What is left when the loop has gone through step 1 is the derivative by h.",
    ],
)
def by_the_first_state(student, rng):
    for t, h in [(1, 1), (2, 1), (3, 2)]:
        a = network(rng, t, 2, h)
        g = rng.standard_normal((t, h))
        right = through_time(*a, g)[1]
        hs, pullback = student.rnn_pullback(*a)
        same(hs, states(*a), f"the states for T = {t}, H = {h}")
        grads = pullback(g)
        a_tuple_of(5, grads)
        last = np.zeros_like(g)
        last[-1] = g[-1]
        mistakes = {
            "the slope of tanh, 1 - h**2, is missing": through_time(*a, g, bend=False)[1],
            "the loss looks at every state: add g[t] at each step": through_time(*a, last)[1],
            "only the first step's own g came back, nothing through the later states": (
                through_time(*a, g, along=False)[1]
            ),
            "back through h @ w goes @ w.T": through_time(*a, g, turn=False)[1],
        }
        same(grads[1], right, f"dh for T = {t}, H = {h}", mistakes=mistakes)


@question(
    "15.2",
    points=3,
    says="the weights are used at every step, and get a share from each",
    hints=[
        "Let a_t be what goes into tanh at step t. Once you have all da_t, the rest are products.",
        "w was multiplied by the state *before*: h, h_1, ..., h_(T-1).",
        "For a = x @ u: du = x.T @ da, and summed over the steps that is xs.T @ da.",
    ],
)
def shares_of_all_steps(student, rng):
    for t, i, h in [(1, 1, 1), (2, 1, 1), (3, 3, 2)]:
        a = xs, start, u, w, b = network(rng, t, i, h)
        g = rng.standard_normal((t, h))
        right = through_time(*a, g)
        du, dw, db = right[2:]
        hs = states(*a)
        # da, found again from its products: b's share of each step, by one-hot inputs
        da = through_time(np.eye(t), start, xs @ u, w, b, g)[2]
        none = through_time(*a, g, along=False)
        mistakes = [
            {"nothing came back through the later states": none[0]},
            {},
            {"this is the share of the last step alone": np.outer(xs[-1], da[-1]),
             "this is the share of the first step alone": np.outer(xs[0], da[0]),
             "nothing came back through the later states": none[2],
             "this is a mean over the steps: they add up": du / t},
            {"w was multiplied by the state before, h_(t-1), not by h_t": hs.T @ da,
             "the first step is missing: there w was multiplied by the h that was given": (
                 hs[:-1].T @ da[1:]),
             "dw is turned round": dw.T,
             "nothing came back through the later states": none[3]},
            {"this is the share of the last step alone": da[-1],
             "this is the share of the first step alone": da[0],
             "this is a mean over the steps: they add up": db / t},
        ]  # fmt: skip
        _, pullback = student.rnn_pullback(*a)
        got = pullback(g)
        for name, k in (("db", 4), ("du", 2), ("dw", 3), ("dxs", 0), ("dh", 1)):
            same(got[k], right[k], f"{name} for T = {t}, I = {i}, H = {h}", mistakes=mistakes[k])


@question(
    "15.2",
    points=2,
    says="it is what differences of the states say",
    hints=["All five derivatives are compared. Which one does the answer above name?"],
)
def rnn_by_differences(student, rng):
    for t, i, h in [(1, 2, 2), (4, 2, 3)]:
        gradients_right(student.rnn_pullback, network(rng, t, i, h), f"rnn, T = {t}, H = {h}")


@question(
    "15.2",
    points=2,
    says="it goes back through forty steps, and again for another g, which stays as it is",
    hints=[
        "How many steps does your loop go back? The first state made all later ones.",
        "g[t] += dh writes into the caller's g; g[t] + dh makes a new array.",
    ],
    hidden=True,
)
def a_long_way_back(student, rng):
    for t, i, h in [(2, 1, 1), (40, 2, 3)]:
        a = network(rng, t, i, h, size=0.5)
        _, pullback = student.rnn_pullback(*a)
        for call in ("first", "second"):
            g = rng.standard_normal((t, h))
            right, kept = through_time(*a, g), g.copy()
            got = pullback(g)
            a_tuple_of(5, got)
            for name, mine, of in zip(("dxs", "dh", "du", "dw", "db"), got, right, strict=True):
                same(mine, of, f"{name} for T = {t}, the {call} call of the pullback")
            holds(np.array_equal(g, kept), "g is the same after the pullback",
                  "the pullback wrote into g")  # fmt: skip


# ---------------------------------------------------------------------- 15.3


@question(
    "15.3",
    points=2,
    says="all are multiplied by one number, so that the common length is the limit",
    hints=[
        "The length: the root of the sum of the squares of all entries. Go through the list, the "
        "arrays have different shapes.",
        "Multiply by limit / length: then the length is the limit, and the direction is the same.",
    ],
)
def one_factor(student, rng):
    for shapes, limit in [([(2,)], 0.5), ([(1,), (1, 2)], 1.0), ([(3, 2), (4,), ()], 0.1)]:
        gs = [np.asarray(3 + a) for a in some(rng, *shapes)]
        length = np.sqrt(sum((g**2).sum() for g in gs))
        right = [g * limit / length for g in gs]
        alone = [g * min(1, limit / np.sqrt((g**2).sum())) for g in gs]
        mistakes = {
            "each array was shortened by itself: that changes the direction": alone,
            "each entry was cut at the limit: that changes the direction": [
                np.clip(g, -limit, limit) for g in gs
            ],
            "this divides by the square of the length: the root is missing": [
                g * limit / length**2 for g in gs
            ],
            "this has the length 1: multiply by the limit too": [g / length for g in gs],
            "they are as long as before": gs,
            "lengths do not add up, their squares do": [
                g * limit / sum(np.sqrt((a**2).sum()) for a in gs) for g in gs
            ],
        }
        got = student.clip(gs, limit)
        holds(isinstance(got, tuple) and len(got) == 2, "clip gives (list of arrays, length)")
        clipped = [np.asarray(c) for c in got[0]]
        case = f"clip of arrays of the shapes {shapes}, limit {limit}"
        same(clipped, right, case, mistakes=mistakes)
        same(got[1], length, f"the length that {case} returns", mistakes={
            "this is the length afterwards": limit, "this is its square": length**2,
        })  # fmt: skip


@question(
    "15.3",
    says="what is short enough stays, zeros too; and so do the arrays that were given",
    hints=[
        "limit / length is above 1 if the gradients are short: min(1, ...).",
        "What is limit / length if all is 0?",
        "g *= factor writes into the caller's array; g * factor makes a new one.",
    ],
)
def short_stays(student, rng):
    gs = [np.array([0.3]), np.array([0.4, 0.0])]
    same([np.asarray(c) for c in student.clip(gs, 2.0)[0]], gs, "clip of a length 0.5, limit 2",
         mistakes={"short gradients must not grow": [4 * g for g in gs]})  # fmt: skip
    same([np.asarray(c) for c in student.clip([np.zeros(2)], 1.0)[0]], [np.zeros(2)],
         "clip of zeros")  # fmt: skip
    gs = [np.array([3.0, 4.0])]
    student.clip(gs, 1.0)
    student.clip(gs[0][None], 1.0)  # an array of gradients: what is written comes back to us
    same(gs[0], np.array([3.0, 4.0]), "the array that was given, afterwards")


@question(
    "15.3",
    says="small gradients are clipped like large ones, to the last digit",
    hints=[
        "A small number added to the length is not small beside a small length.",
        "Only a length of 0 needs care; 0.000001 is a length like others.",
    ],
    hidden=True,
)
def small_ones(student, rng):
    for size in (1.0, 1e-4, 1e-9, 1e9):
        gs = [size * a for a in some(rng, (3,), (2, 2), (1, 4), ())]
        gs = [np.asarray(g) for g in gs]
        length = np.sqrt(sum((g**2).sum() for g in gs))
        for limit in (length / 3, 2 * length):
            right = [g * min(1.0, limit / length) for g in gs]
            got = student.clip(gs, limit)
            asked = f"clip of gradients of the length {length:.3g}, limit {limit:.3g}"
            same([np.asarray(c) for c in got[0]], right, asked, atol=0, mistakes={
                "they are as long as before": gs,
                "these are too short by about 0.000001 / length: what was added to the length?": [
                    g * limit / (length + 1e-6) for g in gs
                ],
            })  # fmt: skip
            same(got[1], length, f"the length that {asked} returns", atol=0)


# ---------------------------------------------------------------------- 15.4


def cell(rng, n, i, h):
    """x, h, c, w, b."""
    return some(rng, (n, i), (n, h), (n, h), (i + h, 4 * h), (4 * h,))


def lstm(x, h, c, w, b, order=(0, 1, 2, 3), tanh_new=True, tanh_out=True, stack=(0, 1)):
    both = [x, h]
    a = np.hstack([both[k] for k in stack]) @ w + b
    n = h.shape[1]
    i, f, g, o = (a[:, k * n : (k + 1) * n] for k in order)
    c = sigmoid(f) * c + sigmoid(i) * (np.tanh(g) if tanh_new else sigmoid(g))
    return sigmoid(o) * (np.tanh(c) if tanh_out else c), c


@question(
    "15.4",
    points=3,
    says="forget * c + input * new, and output * tanh of it",
    hints=[
        "[x, h] side by side is np.concatenate([x, h], axis=1), of shape (B, I + H).",
        "Columns 0 to H are the input gate, H to 2 H the forget gate, then new, then output.",
        "tanh for new and for c'; sigmoid for the three gates.",
    ],
)
def the_cell(student, rng):
    for n, i, h in [(1, 1, 1), (2, 3, 2)]:
        a = cell(rng, n, i, h)
        x, before, c, w, b = a
        right = lstm(*a)
        mistakes = {
            "h' and c' are exchanged: (h', c')": right[::-1],
            "input and forget gate are exchanged": lstm(*a, order=(1, 0, 2, 3)),
            "new and output gate are exchanged": lstm(*a, order=(0, 1, 3, 2)),
            "new goes through tanh, not through a sigmoid": lstm(*a, tanh_new=False),
            "h' is output * tanh(c'): tanh is missing": lstm(*a, tanh_out=False),
            "h' is made from the new c', not from the old c": (
                sigmoid((np.hstack([x, before]) @ w + b)[:, 3 * h :]) * np.tanh(c), right[1]
            ),
        }  # fmt: skip
        if i == h:
            mistakes["the rows of w for x come before those for h"] = lstm(*a, stack=(1, 0))
        got = student.lstm_cell(*a)
        same(got, right, f"lstm_cell for B = {n}, I = {i}, H = {h}", mistakes=mistakes)


@question(
    "15.4",
    says="with the forget gate open and the input gate shut, c stays for a thousand steps",
    hints=["The forget gate says how much is kept: 1 keeps all, 0 forgets all."],
)
def kept(student, rng):
    x, h, c, w, b = cell(rng, 2, 1, 3)
    b = np.concatenate([np.full(3, -50.0), np.full(3, 50.0), np.zeros(6)])
    start = c.copy()
    for step in range(1000):
        h, c = student.lstm_cell(x, h, c, 0 * w, b)
        if step in (0, 999):
            same(c, start, f"c after {step + 1} steps, forget gate 1, input gate 0", rtol=1e-6)


@question(
    "15.4",
    says="the arrays that were given stay as they are, step after step",
    hints=[
        "c *= forget writes into the caller's c; forget * c makes a new array.",
        "Backpropagation needs the state before the step, so the step must leave it.",
    ],
    hidden=True,
)
def what_was_given_stays(student, rng):
    for n, i, h in [(1, 1, 1), (3, 2, 2), (2, 2, 5)]:
        x, before, c, w, b = cell(rng, n, i, h)
        for step in range(3):
            given = x, before, c, w, b
            kept = [a.copy() for a in given]
            right = lstm(*given)
            asked = f"step {step + 1} of lstm_cell, B = {n}, I = {i}, H = {h}"
            same(student.lstm_cell(*given), right, asked)
            for name, a, old in zip("xhcwb", given, kept, strict=True):
                holds(np.array_equal(a, old), f"{name} is the same after {asked}",
                      f"the cell wrote into {name}")  # fmt: skip
            before, c = right


# ---------------------------------------------------------------------- 15.5


def lstm_back(x, h, c, w, b, gh, gc):
    """The five derivatives, by parts; and da, dc."""
    n = h.shape[1]
    a = np.hstack([x, h]) @ w + b
    i, f, o = (sigmoid(a[:, k * n : (k + 1) * n]) for k in (0, 1, 3))
    g = np.tanh(a[:, 2 * n : 3 * n])
    t = np.tanh(f * c + i * g)
    dc = gc + gh * o * (1 - t * t)
    da = np.hstack(
        [dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g * g), gh * t * o * (1 - o)]
    )
    back = da @ w.T
    k = x.shape[1]
    return (back[:, :k], back[:, k:], dc * f, np.hstack([x, h]).T @ da, da.sum(0)), dc, f


@question(
    "15.5",
    points=2,
    says="c gets forget times all that c' gets, from c' itself and from h'",
    hints=[
        "h' is made of c'. So how much does the loss change with c', in all?",
        "dc' = gc + gh * output * (1 - tanh(c')**2). Then c' = forget * c + ...",
    ],
)
def by_c(student, rng):
    for n, i, h in [(1, 1, 1), (3, 2, 2)]:
        a = cell(rng, n, i, h)
        gh, gc = some(rng, (n, h), (n, h))
        (_, _, right, _, _), dc, f = lstm_back(*a, gh, gc)
        value, pullback = student.lstm_cell_pullback(*a)
        same(value, lstm(*a), f"(h', c') for B = {n}, I = {i}, H = {h}")
        grads = pullback(gh, gc)
        a_tuple_of(5, grads)
        t = np.tanh(lstm(*a)[1])
        o = lstm(*a)[0] / t
        mistakes = {
            "c' gets something through h' too, not only gc": gc * f,
            "gc is missing: c' goes on by itself": (dc - gc) * f,
            "this is for c', not yet for c: times forget": dc,
            "between c' and h' lies a tanh: its slope is missing": (gc + gh * o) * f,
            "between c' and h' lies the output gate: it is missing": (gc + gh * (1 - t * t)) * f,
        }
        same(grads[2], right, f"dc for B = {n}, I = {i}, H = {h}", mistakes=mistakes)


@question(
    "15.5",
    points=3,
    says="the gates: what each was multiplied by, times its own slope",
    hints=[
        "Of dc', the input gate gets dc' * new, new gets dc' * input, forget gets dc' * c.",
        "The slope of a sigmoid s is s * (1 - s), that of tanh is 1 - tanh**2.",
        "The output gate gets gh * tanh(c'). Put the four side by side in their order.",
        "One row of b serves the whole batch: sum over it.",
    ],
)
def by_the_gates(student, rng):
    names = ["input gate", "forget gate", "new", "output gate"]
    for n, h in [(1, 1), (2, 2)]:
        a = cell(rng, n, 1, h)
        gh, gc = some(rng, (n, h), (n, h))
        right = lstm_back(*a, gh, gc)[0][4]
        _, pullback = student.lstm_cell_pullback(*a)
        got = np.asarray(pullback(gh, gc)[4])
        holds(got.shape == right.shape, f"db has the shape {right.shape}", f"it has {got.shape}")
        for k, name in enumerate(names):
            part = slice(k * h, (k + 1) * h)
            same(got[part], right[part], f"db of the {name}, B = {n}, H = {h}",
                 mistakes={"this is a mean over the batch: it sums": right[part] / n})  # fmt: skip


@question(
    "15.5",
    points=3,
    says="all five are what differences of h' and c' say",
    hints=["x and h come from da @ w.T, w from [x, h].T @ da: as for a linear layer."],
)
def cell_by_differences(student, rng):
    for n, i, h in [(1, 2, 1), (2, 2, 3)]:
        gradients_right(student.lstm_cell_pullback, cell(rng, n, i, h), f"LSTM cell, B = {n}")


@question(
    "15.5",
    points=2,
    says="it is right where c' is 0, as when a text begins; and gh and gc stay as they are",
    hints=[
        "Is anything divided by tanh(c')? It is 0 where c' is 0.",
        "gc += ... writes into the caller's gc; dc = gc + ... makes a new array.",
    ],
    hidden=True,
)
def from_zeros(student, rng):
    for n, i, h in [(1, 1, 1), (3, 2, 2)]:
        x, before, c, w, b = cell(rng, n, i, h)
        for a in (x, before, c):
            a[0] = 0  # with b = 0 the new c' of this row is 0 too
        value, pullback = student.lstm_cell_pullback(x, before, c, w, 0 * b)
        asked = f"B = {n}, I = {i}, H = {h}, where row 0 of x, h and c is 0, and b"
        same(value, lstm(x, before, c, w, 0 * b), f"(h', c') for {asked}")
        for call in ("first", "second"):
            gh, gc = some(rng, (n, h), (n, h))
            right, kept = lstm_back(x, before, c, w, 0 * b, gh, gc)[0], (gh.copy(), gc.copy())
            got = pullback(gh, gc)
            a_tuple_of(5, got)
            for name, mine, of in zip(("dx", "dh", "dc", "dw", "db"), got, right, strict=True):
                same(mine, of, f"{name} of the {call} call of the pullback, {asked}")
            for name, g, old in zip(("gh", "gc"), (gh, gc), kept, strict=True):
                holds(np.array_equal(g, old), f"{name} is the same after the pullback",
                      f"the pullback wrote into {name}")  # fmt: skip


# ---------------------------------------------------------------------- 15.6


def gru(x, h, wg, bg, wn, bn, order=(0, 1), keep=True, reset=True, after=False, act=np.tanh):
    n = h.shape[1]
    a = sigmoid(np.hstack([x, h]) @ wg + bg)
    r, z = (a[:, k * n : (k + 1) * n] for k in order)
    new = act(np.hstack([x, (r * h if reset else h)]) @ wn + bn)
    if after:
        new = act(r * (np.hstack([x, h]) @ wn + bn))
    return z * h + (1 - z) * new if keep else (1 - z) * h + z * new


@question(
    "15.6",
    points=3,
    says="z * h + (1 - z) * new, where new sees r * h",
    hints=[
        "Two gates from [x, h]: the first H columns are r, the others z.",
        "new is made of [x, r * h]: the reset gate is multiplied into h before the product.",
        "z says how much of the old state stays.",
    ],
)
def the_gru(student, rng):
    for n, i, h in [(1, 1, 1), (2, 3, 2)]:
        a = some(rng, (n, i), (n, h), (i + h, 2 * h), (2 * h,), (i + h, h), (h,))
        mistakes = {
            "z and 1 - z are exchanged: z is how much of h stays": gru(*a, keep=False),
            "the two gates are exchanged: reset first, then update": gru(*a, order=(1, 0)),
            "the reset gate is not used": gru(*a, reset=False),
            "the reset gate goes into h before the product, not onto all of it": gru(
                *a, after=True
            ),
            "new goes through tanh": gru(*a, act=sigmoid),
            "new must go through tanh": gru(*a, act=lambda y: y),
        }
        right = gru(*a)
        same(student.gru_cell(*a), right, f"gru_cell for B = {n}, I = {i}, H = {h}",
             mistakes=mistakes)  # fmt: skip


@question(
    "15.6",
    says="an update gate of 1 keeps the state for a thousand steps",
    hints=["z = 1 must give h itself, whatever new is."],
)
def gru_keeps(student, rng):
    x, h, wg, wn = some(rng, (2, 1), (2, 3), (4, 6), (4, 3))
    b = np.concatenate([np.zeros(3), np.full(3, 50.0)])
    start = h.copy()
    for step in range(1000):
        h = student.gru_cell(x, h, 0 * wg, b, wn, np.ones(3))
        if step in (0, 999):
            same(h, start, f"h after {step + 1} steps with z = 1")


@question(
    "15.6",
    says="inputs may be large, and the state that was given stays as it is",
    hints=[
        "np.exp(1000) is infinite, and inf / inf is NaN; np.tanh(1000) is 1.",
        "h *= z writes into the caller's h; z * h makes a new array.",
    ],
    hidden=True,
)
def large_inputs(student, rng):
    for size in (1.0, 1000.0):
        for n, i, h in [(1, 1, 1), (3, 4, 4), (2, 5, 3)]:
            x, before, *weights = some(
                rng, (n, i), (n, h), (i + h, 2 * h), (2 * h,), (i + h, h), (h,)
            )
            with np.errstate(over="ignore"):
                right, kept = gru(size * x, before, *weights), before.copy()
            asked = f"gru_cell for B = {n}, I = {i}, H = {h}, x about {size:g}"
            same(student.gru_cell(size * x, before, *weights), right, asked)
            holds(np.array_equal(before, kept), f"h is the same after {asked}",
                  "the cell wrote into h")  # fmt: skip


# ---------------------------------------------------------------------- 15.7


def letters(rng, n, t, v):
    return 2 * rng.standard_normal((n, t, v)), rng.integers(0, v, (n, t))


def parts(logits, targets, lengths):
    p = np.exp(logits - logits.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    there = np.arange(logits.shape[1])[None] < np.array(lengths)[:, None]
    each = -np.log(np.take_along_axis(p, targets[..., None], -1)[..., 0])
    return p, there, each


@question(
    "15.7",
    points=2,
    says="the loss is the mean over the letters that there are",
    hints=["np.mean divides by B * T. How many letters are there?"],
)
def the_mean(student, rng):
    for lengths, t in [([2], 2), ([1], 3), ([3, 1], 3)]:
        logits, targets = letters(rng, len(lengths), t, 4)
        _, there, each = parts(logits, targets, lengths)
        mistakes = {
            "this is divided by all places, padding too": (each * there).mean(),
            "padding counts": each.mean(),
            "this is the sum, not the mean": (each * there).sum(),
            "this is the mean of the texts' means: a short text counts more": (
                ((each * there).sum(1) / there.sum(1)).mean()
            ),
        }
        got = student.next_letter_loss(logits, targets, np.array(lengths))[0]
        same(got, (each * there).sum() / there.sum(), f"the loss, lengths {lengths} of {t} places",
             mistakes=mistakes)  # fmt: skip


@question(
    "15.7",
    points=2,
    says="softmax and logarithm together: p, minus 1 at the right letter",
    hints=[
        "For one letter: -log p[right]. Let one logit grow a little; what do all p do?",
        "Wrong letters get p; the right one gets p - 1. Every row of the derivative sums to 0.",
    ],
)
def p_minus_one(student, rng):
    for t in (1, 2):
        logits, targets = letters(rng, 1, t, 3)
        p, _, _ = parts(logits, targets, [t])
        one = np.eye(3)[targets]
        _, pullback = student.next_letter_loss(logits, targets, np.array([t]))
        mistakes = {
            "1 is to be subtracted at the right letter, not p": (p - p * one) / t,
            "the sign is turned: the right letter's logit should grow, so its slope is negative": (
                (one - p) / t
            ),
            "this is the derivative by the logarithms alone, without the softmax": -one / t,
            "the mean over the letters is missing": p - one,
        }
        same(pullback(1.0)[0], (p - one) / t, f"the derivative, {t} letters, no padding",
             mistakes=mistakes)  # fmt: skip


@question(
    "15.7",
    points=2,
    says="padding gets no gradient, and the rest what differences say",
    hints=[
        "The loss does not depend on the logits of padding. What is its derivative there?",
        "Multiply by `there`, with an axis for the letters: there[..., None].",
    ],
)
def padding_gets_nothing(student, rng):
    lengths = np.array([2, 1])
    logits, targets = letters(rng, 2, 3, 3)
    p, there, _ = parts(logits, targets, lengths)
    _, pullback = student.next_letter_loss(logits, targets, lengths)
    right = (p - np.eye(3)[targets]) * there[..., None] / 3
    got = pullback(1.0)[0]
    mistakes = {
        "padding gets a gradient, and should get none": (p - np.eye(3)[targets]) / 3,
        "this divides by all places: the loss divided by the letters": right / 2,
    }
    same(got, right, "the derivative, lengths [2, 1] of 3 places", mistakes=mistakes)
    gradients_right(student.next_letter_loss, [logits, targets, lengths], "next_letter_loss")


@question(
    "15.7",
    says="lengths may be a list, a text may have no letters, and g may be any number",
    hints=[
        "A list has no .sum(); `there` is made of it, and is an array.",
        "A text of no letters counts for nothing, like other padding.",
    ],
    hidden=True,
)
def empty_texts(student, rng):
    for lengths, t, v in [([1], 1, 2), ([2, 0], 3, 4), ([0, 4, 1, 0, 6], 6, 5)]:
        logits, targets = letters(rng, len(lengths), t, v)
        p, there, each = parts(logits, targets, lengths)
        count = sum(lengths)
        asked = f"lengths {lengths} of {t} places, {v} letters"
        loss, pullback = student.next_letter_loss(logits, targets, lengths)
        counted = (each * there).sum()
        same(loss, counted / count, f"the loss, {asked}", mistakes={
            "a text of no letters is counted as one letter": (
                counted / np.maximum(lengths, 1).sum()
            ),
        })  # fmt: skip
        d = (p - np.eye(v)[targets]) * there[..., None] / count
        for g in (1.0, -2.5):
            same(pullback(g)[0], g * d, f"the derivative for g = {g}, {asked}")

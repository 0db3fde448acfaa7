"""The questions on lesson 9."""

import numpy as np

from minigrad.classroom import gradients_right, holds, question, same, shown
from minigrad.data import sentiment


def numbers(x):
    """An array of plain integers of an array or a list."""
    return np.array([int(i) for i in x], dtype=int)


def two(got, asked):
    holds(isinstance(got, (tuple, list)) and len(got) == 2, f"{asked} returns two things")
    return got


# ---------------------------------------------------------------------- 9.1

FEW = ["good", "bad", "good", "fair", "good", "bad", "poor", "fine", "dull", "fair"]


def sides(student, texts, share, seed):
    asked = f"split of {len(texts)} texts, share {share}, seed {seed}"
    learn, held = two(student.split(texts, share, seed), asked)
    return numbers(learn), numbers(held), asked


@question(
    "9.1",
    says="every text is on one side, and only once",
    hints=["What is not held out is learned from: together the two have 0 to len(texts) - 1."],
)
def every_text(student, rng):
    for texts in (["a", "b"], FEW):
        for share in (0.0, 0.5, 1.0):
            learn, held, asked = sides(student, texts, share, 0)
            got = np.sort(np.concatenate([learn, held]))
            same(got, np.arange(len(texts)), f"all indices of both sides, in order; {asked}")


@question(
    "9.1",
    points=2,
    says="copies of a text are on the same side",
    hints=[
        "Do not throw the dice for each index, but for each different text.",
        "set(texts) has each text once. Choose among those; then see where each index belongs.",
    ],
)
def copies_together(student, rng):
    real = [text for part in sentiment() for text, _ in part]
    for texts in (FEW, real):
        for seed in range(4):
            learn, held, asked = sides(student, texts, 0.3, seed)
            both = sorted({texts[i] for i in learn} & {texts[i] for i in held})
            holds(not both, f"{asked}: on both sides are {both[:3]}",
                  "the network would be examined on what it has learned from")  # fmt: skip


@question(
    "9.1",
    says="round(share * n) of the n different texts are held out",
    hints=[
        "Of ten texts with six different ones, a share of 0.5 is three texts, with all copies.",
        "Count different texts, not indices; round, do not cut off.",
    ],
)
def how_many(student, rng):
    for share, right in [(0.5, 3), (0.3, 2), (0.0, 0), (1.0, 6)]:
        _, held, asked = sides(student, FEW, share, 1)
        mistakes = {"the two sides are exchanged: (learn, held_out)": 6 - right}
        got = len({FEW[i] for i in held})
        same(got, right, f"different texts held out, of 6; {asked}", mistakes=mistakes)


@question(
    "9.1",
    says="it is done at random: another seed, another split; the same seed, the same",
    hints=[
        "np.random.default_rng(seed).permutation(n) is a random order that the seed decides.",
        "The order of a set of strings is another in each run of Python: sort it first.",
    ],
)
def by_chance(student, rng):
    texts = [str(i) for i in range(200)]
    held = [np.sort(sides(student, texts, 0.5, seed)[1]) for seed in (0, 1, 0)]
    same(held[2], held[0], "what is held out with seed 0, asked again")
    holds(not np.array_equal(held[0], held[1]), "seeds 0 and 1 hold out different texts")
    for first in (held[0], held[1]):
        early = int(np.sum(first < 100))
        holds(20 < early < 80, f"of 100 texts held out, {early} are in the first half of the list",
              "if the data is sorted, one end of it must not be the exam")  # fmt: skip


@question(
    "9.1",
    says="the number is rounded, up or down, for every share and every number of texts",
    hints=["1.2 texts are one text, 1.8 are two: Python has round for it."],
    hidden=True,
)
def up_or_down(student, rng):
    for n in (4, 7, 9, 60):
        texts = [f"text {i}" for i in [*range(n), *rng.integers(0, n, n)]]
        for share in (0.1, 0.2, 0.31, 0.45, 0.9, 0.97):
            learn, held, asked = sides(student, texts, share, 5)
            got, right = len({texts[i] for i in held}), round(share * n)
            same(got, right, f"different texts held out, of {n}; {asked}", mistakes={
                "this is always rounded up": int(np.ceil(share * n)),
                "this is always rounded down": int(share * n),
            })  # fmt: skip
            same(len(learn) + len(held), 2 * n, f"indices on both sides; {asked}")


# ---------------------------------------------------------------------- 9.2


def cut(student, n, size, seed=0):
    return [numbers(b) for b in student.batches(n, size, seed)]


@question(
    "9.2",
    says="every number from 0 to n - 1 once",
    hints=[
        "One random order of all numbers, cut into pieces. No number is drawn twice.",
        "What is left over at the end is a batch too.",
    ],
)
def each_once(student, rng):
    for n, size in [(4, 2), (10, 4), (3, 5), (7, 1)]:
        got = np.concatenate([numbers([]), *cut(student, n, size)])
        text = f"all numbers of batches({n}, {size}), in order"
        mistakes = {}
        if len(got) == n - n % size and n % size:
            mistakes["the last, smaller batch is missing"] = np.sort(got)
        elif len(set(got.tolist())) < len(got):
            why = "some numbers come twice: a permutation has each once"
            mistakes[why] = np.sort(got)
        same(np.sort(got), np.arange(n), text, mistakes=mistakes)


@question(
    "9.2",
    says="each batch has `size` numbers, the last may have fewer, none is empty",
    hints=["range(0, n, size) has the place where each batch begins."],
)
def their_sizes(student, rng):
    for n, size in [(4, 2), (10, 4), (3, 5), (6, 6), (7, 1)]:
        right = [size] * (n // size) + ([n % size] if n % size else [])
        same([len(b) for b in cut(student, n, size)], right, f"sizes of batches({n}, {size})")


@question(
    "9.2",
    says="in random order, which the seed decides",
    hints=[
        "Is the order shuffled before it is cut? Shuffling the batches' order alone is not enough.",
        "np.random.default_rng(seed) is made anew in each call.",
    ],
)
def shuffled(student, rng):
    first, again, other = (cut(student, 100, 10, seed) for seed in (0, 0, 1))
    same(np.concatenate(again), np.concatenate(first), "batches(100, 10, 0), asked again")
    holds(not np.array_equal(np.concatenate(first), np.concatenate(other)),
          "batches(100, 10, 0) and batches(100, 10, 1) differ", "the seed is not used")  # fmt: skip
    neighbours = np.mean(np.abs(np.diff(np.concatenate([b for b in first if len(b)]))) == 1)
    holds(neighbours < 0.3, f"of neighbours in batches, {neighbours:.0%} were neighbours before",
          "the numbers in a batch are not shuffled")  # fmt: skip


@question(
    "9.2",
    points=2,
    says="every number may come into every batch, into the last and smaller one too",
    hints=[
        "Look at many seeds: is the number 0 always in the first batch, n - 1 in the last?",
        "One random order of all numbers comes first, and then the cut.",
    ],
    hidden=True,
)
def anywhere(student, rng):
    n, size, seeds = 22, 5, 300
    found = np.zeros((n, 5))
    for seed in range(seeds):
        for i, batch in enumerate(cut(student, n, size, seed)):
            found[batch, i] += 1 / seeds
    expected = np.array([size, size, size, size, n % size]) / n
    number, batch = np.unravel_index(np.abs(found - expected).argmax(), found.shape)
    holds(
        np.abs(found - expected).max() < 0.12,
        f"number {number} is in batch {batch} of batches({n}, {size}, seed) for about "
        f"{expected[batch]:.0%} of the seeds: got {found[number, batch]:.0%}",
        "the whole order is not random",
    )


# ---------------------------------------------------------------------- 9.3


class Course:
    """A training whose held-out losses are written beforehand; notes what was asked of it."""

    def __init__(self, losses, per_epoch):
        self.losses, self.per_epoch = losses, per_epoch
        self.batches, self.judged = [], []

    def step(self, weights, rows):
        self.batches.append(numbers(rows))
        return weights + 1

    def judge(self, weights):
        self.judged.append(int(weights))
        return self.losses[min(int(weights) // self.per_epoch, len(self.losses)) - 1]


def run(student, losses, n=6, size=2, epochs=None, patience=2, seed=0):
    course = Course(losses, -(-n // size))
    epochs = len(losses) if epochs is None else epochs
    asked = f"fit with held-out losses {losses}, patience {patience}, {epochs} epochs"
    got = student.fit(course.step, course.judge, np.array(0), n, size, epochs, patience, seed)
    weights, history = two(got, asked)
    return course, int(weights), [float(v) for v in history], asked


@question(
    "9.3",
    says="in each epoch one step on every batch, and then, once, the held-out loss",
    hints=[
        "Two loops: over the epochs, and in it over the batches. judge stands after the inner one.",
        "step returns the new weights. Are they given to the next step?",
        "The losses of all epochs are what is returned second.",
    ],
)
def the_loop(student, rng):
    course, _, history, asked = run(student, [5.0, 4.0, 3.0])
    same(len(course.batches), 9, f"number of steps in 3 epochs of 3 batches; {asked}")
    same(course.judged, [3, 6, 9], f"steps made when the held-out loss was asked for; {asked}",
         mistakes={
             "the loss is judged after each batch; once an epoch": list(range(1, 10)),
             "judge was given other weights than those after the epoch": [0, 0, 0],
         })  # fmt: skip
    same(history, [5.0, 4.0, 3.0], f"the losses that come back; {asked}")


@question(
    "9.3",
    says="all rows in each epoch, in another order each time",
    hints=[
        "batches(n, size, seed + epoch): what happens if the seed is the same each time?",
    ],
)
def another_order(student, rng):
    course, _, _, asked = run(student, [5.0, 4.0, 3.0], n=20, size=5)
    epochs = [np.concatenate(course.batches[i : i + 4]) for i in (0, 4, 8)]
    for i, rows in enumerate(epochs):
        same(np.sort(rows), np.arange(20), f"rows of epoch {i}, in order; {asked}")
    for i, j in ((0, 1), (1, 2)):
        holds(not np.array_equal(epochs[i], epochs[j]), f"epochs {i} and {j} have different orders",
              "each epoch needs another seed: seed + epoch")  # fmt: skip


@question(
    "9.3",
    points=2,
    says="it stops after `patience` epochs in a row without a better loss",
    hints=[
        "Count the epochs since the best one. What happens to the count at a better one?",
        "The count goes back to 0 at each new best: compared with the best, not the last.",
        "A loss that is equal to the best is not better.",
    ],
)
def patience(student, rng):
    for losses, wait, right in [
        ([3.0, 2.0, 2.5, 2.6, 2.7, 2.8, 1.0], 2, 4),
        ([3.0, 3.5, 1.0], 1, 2),
        ([0.5, 0.4, 0.45, 0.38, 0.39, 0.41, 0.1], 2, 6),
        ([3.0, 1.0, 2.0, 1.5, 1.2, 0.5], 3, 5),
        ([1.0, 1.0, 1.0, 0.5], 2, 3),
        ([3.0, 4.0, 2.0, 4.0, 1.0], 2, 5),
    ]:
        _, _, history, asked = run(student, losses, patience=wait)
        better = np.flatnonzero([v < min(losses[:i], default=np.inf) for i, v in enumerate(losses)])
        gaps = np.cumsum([i not in better for i in range(len(losses))])
        falls = np.cumsum(np.diff(losses) >= 0)
        first = [np.flatnonzero(a >= wait) for a in (gaps, falls)]
        mistakes = {
            "it stops one epoch too early": right - 1,
            "it waits one epoch too long": right + 1,
            "it never stops": len(losses),
        }
        if len(first[0]) and first[0][0] + 1 != right:
            why = "the count of bad epochs must begin anew at each new best"
            mistakes = {why: int(first[0][0]) + 1} | mistakes
        mistakes = {w: v for w, v in mistakes.items() if v != right}
        same(len(history), right, f"epochs trained; {asked}", mistakes=mistakes)


@question(
    "9.3",
    points=2,
    says="the weights that come back are those of the best epoch",
    hints=[
        "The last weights are `patience` epochs past the best.",
        "Remember the weights whenever you remember the loss.",
    ],
)
def the_best_come_back(student, rng):
    for losses, right in [
        ([3.0, 2.0, 2.5, 2.6], 2), ([3.0, 2.0, 1.0], 3), ([1.0, 2.0, 3.0], 1),
        ([0.5, 0.4, 0.45, 0.38, 0.39, 0.41, 0.1], 4),
    ]:  # fmt: skip
        course, weights, history, asked = run(student, losses)
        why = "these are the weights of the last epoch, not of the best"
        mistakes = {why: len(history)} if len(history) != right else {}
        same(weights // course.per_epoch, right, f"epoch of the weights that come back; {asked}",
             mistakes=mistakes)  # fmt: skip


@question(
    "9.3",
    says="losses of any size: billions, 0, and negative ones",
    hints=[
        "What is the best loss before the first epoch? No number is large enough; infinity is.",
        "0.0 is false in Python: `if not best` is true of a best loss of 0.",
    ],
    hidden=True,
)
def losses_of_any_size(student, rng):
    for losses, epochs, best in [
        ([5e9, 3e9, 4e9, 4e9, 1.0], 4, 2),
        ([2.0, 0.0, 1.0, 1.0, -5.0], 4, 2),
        ([0.0, 0.5, 0.25, -1.0], 3, 1),
        ([-1.0, -2.0, -1.5, -1.7, -9.0], 4, 2),
    ]:
        course, weights, history, asked = run(student, losses)
        same(len(history), epochs, f"epochs trained; {asked}")
        same(weights // course.per_epoch, best, f"epoch of the weights that come back; {asked}")


@question(
    "9.3",
    says="epoch e has the batches of batches(n, size, seed + e), whatever seed is",
    hints=["seed + epoch is the third argument: both of them, and nothing else."],
    hidden=True,
)
def seed_of_each_epoch(student, rng):
    for seed in (0, 1, int(rng.integers(10, 1000))):
        course, _, _, asked = run(student, [5.0, 4.0, 3.0], n=10, size=4, seed=seed)
        for epoch in range(3):
            got = course.batches[3 * epoch : 3 * epoch + 3]
            right = cut(student, 10, 4, seed + epoch)
            same(got, right, f"batches of epoch {epoch}, seed {seed}; {asked}", mistakes={
                "seed is not used": cut(student, 10, 4, epoch)})  # fmt: skip


# ---------------------------------------------------------------------- 9.4


@question(
    "9.4",
    says="what is kept is multiplied by 1 / (1 - p)",
    hints=[
        "With p = 0.75 a quarter remains. By what must it be multiplied, so that the mean stays?",
        "1 / (1 - p): for p = 0.75, 4.",
    ],
)
def scaled(student, rng):
    for p in (0.5, 0.25, 0.75, 0.0):
        x = rng.standard_normal(200) + 3
        value, _ = two(student.dropout(x, p, 1), "dropout")
        value = np.asarray(value)
        same(value.shape, x.shape, f"shape of dropout of 200 numbers, p = {p}")
        kept = value != 0
        factors = np.unique(np.round(value[kept] / x[kept], 9))
        text = f"factors of what is kept, p = {p}"
        same(factors, np.array([1 / (1 - p)]), text, mistakes={
            "nothing is scaled: the mean falls to 1 - p of what it was": np.array([1.0]),
            "this is scaled by 1 / p": np.array([1 / p]) if p else np.nan,
            "this is scaled by 1 - p, which makes it smaller still": np.array([1 - p]),
        } if p else {})  # fmt: skip


@question(
    "9.4",
    says="the share p is dropped, each entry by itself, and the mean stays",
    hints=[
        "rng.random(x.shape) has a throw from 0 to 1 for each entry. Which are dropped?",
        "A throw below p has the probability p: that is to drop.",
        "One throw for each entry, not for each row or each column.",
    ],
)
def share_dropped(student, rng):
    for p in (0.2, 0.8):
        value, _ = two(student.dropout(np.ones((60, 60)), p, 2), "dropout")
        zero = np.asarray(value) == 0
        found = float(zero.mean())
        why = "this is the share that is kept" if abs(found - (1 - p)) < 0.05 else ""
        holds(abs(found - p) < 0.05, f"share of zeros with p = {p}: {found:.3f}", why)
        for axis, name in ((0, "columns"), (1, "rows")):
            spread = float(zero.mean(axis).std())
            holds(spread < 0.15, f"{name} are dropped whole", "each entry has its own throw")
    values = [np.asarray(student.dropout(np.ones(50), 0.5, seed)[0]) for seed in (1, 2, 1)]
    same(values[2], values[0], "dropout with seed 1, asked again")
    holds(not np.array_equal(values[0], values[1]), "seeds 1 and 2 drop different entries",
          "the seed is not used")  # fmt: skip


def dropped_or_doubled(value, x, asked):
    """With p = 0.5: some entries are 0, some twice x."""
    kept = np.asarray(value) != 0
    same(value, 2 * x * kept, f"{asked}, where it is not 0: twice x")
    holds(kept.any() and not kept.all(), f"{asked}: some entries are dropped, some are kept")


@question(
    "9.4",
    points=2,
    says="the pullback agrees with differences: the same mask, the same scale as the value",
    hints=[
        "The value is x times something that does not depend on x. What is its slope?",
        "Where x was dropped the slope is 0; elsewhere it is 1 / (1 - p).",
        "Do not throw again in the pullback: keep what was thrown.",
    ],
)
def its_slope(student, rng):
    for shape, p in [((4,), 0.5), ((3, 4), 0.25)]:
        x = rng.standard_normal(shape)
        gradients_right(student.dropout, [x, np.float32(p), 3], f"dropout of {shape}, p = {p}")
    value, back = two(student.dropout(np.ones(40), 0.5, 4), "dropout")
    g = np.arange(1.0, 41.0)
    same(back(g), np.asarray(value) * g, "pullback(g) where x is 1: value times g", mistakes={
        "g is not used": np.asarray(value),
    })  # fmt: skip
    dropped_or_doubled(value, np.ones(40), "dropout of 40 ones, p = 0.5")


@question(
    "9.4",
    says="x is the same afterwards; in the value, each entry is 0 or scaled",
    hints=["x *= mask and x[mask] = 0 change the caller's array. x * mask makes a new one."],
)
def x_is_kept(student, rng):
    x = rng.standard_normal(20) + 5
    before = x.copy()
    value, _ = two(student.dropout(x, 0.5, 1), "dropout")
    same(x, before, "x, after dropout(x, 0.5, 1)", rtol=0, atol=0)
    dropped_or_doubled(value, before, "dropout(x, 0.5, 1)")


@question(
    "9.4",
    says="an x that is 0 is not one that was dropped; x of any shape",
    hints=[
        "After a ReLU much of x is 0. Is its slope 0 for that, where it was kept?",
        "What was thrown says what was dropped; the value does not.",
    ],
    hidden=True,
)
def zeros_in_x(student, rng):
    for shape in [(6,), (3, 4), (2, 3, 4), (0,), (5, 1)]:
        x = np.maximum(rng.standard_normal(shape), 0)
        asked = f"dropout of {shape}, much of it 0, p = 0.25"
        if shape in ((6,), (5, 1)):
            gradients_right(student.dropout, [x, np.float32(0.25), 3], asked)
        value, back = two(student.dropout(x, 0.25, 3), asked)
        slope = np.asarray(back(np.ones(shape)))
        same(value, x * slope, f"the value of {asked}: x times its slope")
        kept = slope != 0
        same(slope[kept], np.full(kept.sum(), 4 / 3), f"the slopes of {asked} that are not 0")


# ---------------------------------------------------------------------- 9.5


def cuts(student, n, k, seed=0):
    found = list(student.folds(n, k, seed))
    asked = f"folds({n}, {k}, {seed})"
    same(len(found), k, f"number of pairs of {asked}")
    return [tuple(map(numbers, two(pair, f"each of {asked}"))) for pair in found], asked


@question(
    "9.5",
    points=2,
    says="each number is held out exactly once",
    hints=[
        "One random order, cut into k parts. Part i is held out in round i.",
        "Not k independent draws: in those, some are never examined.",
        "If n is not a multiple of k, what is left over must be in some part too.",
    ],
)
def out_once(student, rng):
    for n, k in [(4, 2), (7, 3), (5, 5), (100, 7)]:
        pairs, asked = cuts(student, n, k)
        got = np.sort(np.concatenate([held for _, held in pairs]))
        text = f"all that {asked} holds out, in order"
        mistakes = {}
        if k > 2:
            everyone = np.sort(np.concatenate([np.arange(n)] * (k - 1)))
            mistakes["the two are exchanged: (learn, held_out)"] = everyone
        if len(got) == n - n % k and n % k and len(set(got.tolist())) == len(got):
            mistakes["what is left over by n // k is never held out"] = got
        elif len(set(got.tolist())) < len(got) == n:
            mistakes["some are held out twice and others never"] = got
        same(got, np.arange(n), text, mistakes=mistakes)


@question(
    "9.5",
    says="one learns from all that is not held out, and from nothing else",
    hints=["All parts but part i, put together: np.concatenate, or np.setdiff1d."],
)
def the_rest(student, rng):
    for n, k in [(4, 2), (7, 3), (5, 5)]:
        pairs, asked = cuts(student, n, k)
        for i, (learn, held) in enumerate(pairs):
            right = np.setdiff1d(np.arange(n), held)
            same(np.sort(learn), right, f"to learn from in round {i} of {asked}", mistakes={
                "the held-out part is among what is learned from": np.arange(n),
            })  # fmt: skip


@question(
    "9.5",
    says="the parts differ in size by at most 1",
    hints=["np.array_split cuts 7 into 3, 2, 2. Pieces of n // k leave a large rest."],
)
def fair_parts(student, rng):
    for n, k in [(7, 3), (11, 4), (19, 10)]:
        pairs, asked = cuts(student, n, k)
        sizes = [len(held) for _, held in pairs]
        holds(max(sizes) - min(sizes) <= 1, f"sizes of the parts of {asked}: {sizes}")


@question(
    "9.5",
    says="at random, by the seed",
    hints=["Data is often sorted. np.random.default_rng(seed).permutation(n) comes first."],
)
def at_random(student, rng):
    first, again, other = (cuts(student, 100, 5, seed)[0] for seed in (0, 0, 1))
    held = [np.sort(pairs[0][1]) for pairs in (first, again, other)]
    same(held[1], held[0], "the first part of folds(100, 5, 0), asked again")
    holds(not np.array_equal(held[0], held[2]), "seeds 0 and 1 cut differently", "is it shuffled?")
    gaps = set(np.diff(held[0]).tolist())
    holds(len(gaps) > 2, f"the first part is in regular steps: {held[0][:5].tolist()}, ...",
          "is it shuffled?")  # fmt: skip


@question(
    "9.5",
    says="for every n and k: each is held out once, in parts that differ by at most 1",
    hints=[
        "Parts of round(n / k) do not always add up to n: try n = 10, k = 4.",
        "n % k of the parts have one number more than the others.",
    ],
    hidden=True,
)
def every_n_and_k(student, rng):
    for n in (*range(2, 15), 23, 38):
        for k in range(2, n + 1):
            pairs, asked = cuts(student, n, k, seed=n)
            sizes = sorted(len(held) for _, held in pairs)
            right = sorted(len(range(i, n, k)) for i in range(k))
            same(sizes, right, f"sizes of the parts of {asked}, in order")
            got = np.sort(np.concatenate([held for _, held in pairs]))
            same(got, np.arange(n), f"all that {asked} holds out, in order")


# ---------------------------------------------------------------------- 9.6


def table(labels, called, classes):
    counts = np.zeros((classes, classes), int)
    for i, j in zip(labels, called, strict=True):
        counts[i, j] += 1
    return counts


@question(
    "9.6",
    points=2,
    says="row: what it is; column: what it was called; entry: how many",
    hints=[
        "Go through the pairs (label, called) and add 1 at [label, called].",
        "counts[labels, called] += 1 adds once to each place, however often it is named.",
        "np.add.at adds each time. Or make one number of each pair, and count those.",
    ],
)
def counted(student, rng):
    cases = [([0, 0, 1, 1, 1], [0, 1, 1, 1, 0], 2), ([0, 1, 1], [1, 0, 0], 2)]
    cases += [(rng.integers(0, c, n), rng.integers(0, c, n), c) for n, c in [(12, 3), (200, 4)]]
    for labels, called, classes in cases:
        labels, called = np.array(labels), np.array(called)
        right = table(labels, called, classes)
        text = f"confusion(labels {shown(labels)}, called {shown(called)}, {classes})"
        same(student.confusion(labels, called, classes), right, text, mistakes={
            "rows and columns are exchanged: the row is what it is": right.T,
            "each place was counted only once, however often it occurs": (right > 0).astype(int),
            "these are shares; asked are counts": right / right.sum(),
            "these are shares of each row; asked are counts": (
                right / np.maximum(right.sum(1, keepdims=True), 1)
            ),
        })  # fmt: skip


@question(
    "9.6",
    says="classes that do not occur have a row and a column of zeros",
    hints=["The size of the table is given by `classes`, not by what is there."],
)
def absent_classes(student, rng):
    labels, called = np.array([0, 1]), np.array([1, 1])
    right = table(labels, called, 4)
    same(student.confusion(labels, called, 4), right, "confusion([0, 1], [1, 1], 4)")


@question(
    "9.6",
    says="the entries are integers, of thousands of examples, and of none",
    hints=[
        "np.zeros makes floats, if it is not told dtype=int.",
        "An integer of 8 bits ends at 127 or at 255.",
    ],
    hidden=True,
)
def whole_numbers(student, rng):
    for n, classes in [(3, 2), (0, 3), (5000, 3), (3000, 1), (2000, 12)]:
        labels, called = rng.integers(0, classes, (2, n))
        asked = f"confusion of {n} examples of {classes} class(es)"
        got = student.confusion(labels, called, classes)
        same(got, table(labels, called, classes), asked)
        kind = np.asarray(got).dtype
        holds(kind.kind in "iu", f"{asked} has integers: got {kind}", "a count is an integer")


# ---------------------------------------------------------------------- 9.7


def right_scores(counts):
    hits, called, there = np.diagonal(counts), counts.sum(0), counts.sum(1)
    with np.errstate(all="ignore"):
        found = hits / called, hits / there, 2 * hits / (called + there)
    return [np.where(np.isfinite(f), f, 0.0) for f in found]


@question(
    "9.7",
    points=2,
    says="precision by columns, recall by rows",
    hints=[
        "What is called an eight stands in a column. What is an eight stands in a row.",
        "The hits are on the diagonal. Divide them by the sum of the column, or of the row.",
        "sum(axis=0) goes down the columns.",
    ],
)
def shares(student, rng):
    for counts in [np.array([[88, 2], [4, 6]]), rng.integers(1, 9, (3, 3))]:
        got = student.scores(counts)
        same(len(got), 3, "the number of arrays that scores returns")
        precision, recall, _ = right_scores(counts)
        hits, off = np.diagonal(counts), counts.sum() - np.trace(counts)
        same(got[0], precision, f"precision of {shown(counts)}", mistakes={
            "this is recall: precision divides by what was called so, a column": recall,
            "this is divided by all examples": hits / counts.sum(),
            "this is hits per mistake; divide by hits and false alarms": hits
            / np.maximum(counts.sum(0) - hits, 1),
        })  # fmt: skip
        same(got[1], recall, f"recall of {shown(counts)}", mistakes={
            "this is precision: recall divides by what is so, a row": precision,
            "this is divided by all mistakes": hits / max(off, 1),
        })  # fmt: skip


@question(
    "9.7",
    points=2,
    says="F1 is the harmonic mean of both",
    hints=[
        "2 PR / (P + R). For 0.75 and 0.6 it is 0.667; their usual mean is 0.675.",
        "By counts: 2 hits / (sum of the row + sum of the column).",
    ],
)
def harmonic(student, rng):
    for counts in [np.array([[88, 2], [4, 6]]), np.array([[1, 0], [98, 1]])]:
        precision, recall, right = right_scores(counts)
        same(student.scores(counts)[2], right, f"F1 of {shown(counts)}", mistakes={
            "this is the usual mean of precision and recall": (precision + recall) / 2,
            "the 2 is missing": right / 2,
            "this is the geometric mean": np.sqrt(precision * recall),
            "this is the share of right answers": np.full(2, np.trace(counts) / counts.sum()),
        })  # fmt: skip


@question(
    "9.7",
    says="0 / 0 is 0: a class that never occurs, or was never called",
    hints=[
        "Divide by 1 where the sum is 0: np.where(below == 0, 1, below).",
        "P and R may both be 0, and then 2 PR / (P + R) is 0 / 0 too.",
    ],
)
def nothing_there(student, rng):
    for counts in [
        np.array([[3, 0], [2, 0]]),
        np.array([[0, 0], [1, 4]]),
        np.array([[0, 1], [1, 0]]),
    ]:
        got, right = student.scores(counts), right_scores(counts)
        for name, a, b in zip(("precision", "recall", "F1"), got, right, strict=True):
            same(a, b, f"{name} of {shown(counts)}")


@question(
    "9.7",
    points=2,
    says="any number of classes, one that is not there among them",
    hints=[
        "With two classes all mistakes concern both. With three they do not.",
        "F1 of a class: 2 hits / (its row + its column). Other classes' mistakes are not in it.",
    ],
    hidden=True,
)
def many_classes(student, rng):
    absent = rng.integers(0, 30, (5, 5))
    absent[2], absent[:, 2] = 0, 0
    for counts in [rng.integers(1, 9, (3, 3)), np.array([[7]]), np.zeros((3, 3), int), absent,
                   rng.integers(0, 1000, (8, 8))]:  # fmt: skip
        right, hits = right_scores(counts), np.diagonal(counts)
        off = counts.sum() - hits.sum()
        everywhere = 2 * hits / np.maximum(2 * hits + off, 1)
        names = "precision", "recall", "F1"
        for name, a, b in zip(names, student.scores(counts), right, strict=True):
            same(a, b, f"{name} of {shown(counts)}", mistakes={
                "the mistakes among the other classes are in it": everywhere,
            } if name == "F1" else {})  # fmt: skip


# ---------------------------------------------------------------------- 9.8


def scores_of(weights, x):
    w, b, v, c = (np.asarray(a, float) for a in weights)
    hidden = np.tanh(x @ w.T + b)
    return hidden, hidden @ v.T + c


def loss_of(weights, x, y):
    _, z = scores_of(weights, x)
    m = z.max(1)
    return np.mean(m + np.log(np.exp(z - m[:, None]).sum(1)) - z[np.arange(len(y)), y])


def slopes_of(weights, x, y):
    hidden, z = scores_of(weights, x)
    p = np.exp(z - z.max(1, keepdims=True))
    g = (p / p.sum(1, keepdims=True) - np.eye(3)[y]) / len(y)
    inner = g @ np.asarray(weights[2], float) * (1 - hidden**2)
    return [inner.T @ x, inner.sum(0), g.T @ hidden, g.sum(0)]


def data(rng, n=12):
    y = np.arange(n) % 3
    return rng.standard_normal((n, 4)) + np.eye(3, 4)[y], y


def flat(weights):
    return np.concatenate([np.ravel(np.asarray(w, float)) for w in weights])


@question(
    "9.8",
    points=2,
    says="each step goes by the slope of this step alone",
    hints=[
        "Compare the second step with the first: is there something of the first left in it?",
        "backward() adds to what is in .grad already.",
        "What sets the .grad of all parameters back? The optimizer has a method for it.",
    ],
)
def this_step_alone(student, rng):
    x, y = data(rng)
    last = [student.learn(x, y, x, y, epochs, 0.5, 0.0)[2] for epochs in (1, 2, 3)]
    for i in (0, 1):
        step = flat(last[i + 1]) - flat(last[i])
        right = -0.5 * flat(slopes_of(last[i], x, y))
        text = f"the change of the weights in step {i + 2}, without dropout"
        why = "the slopes of earlier steps are still in it: who clears .grad?"
        holds(np.allclose(step, right, rtol=1e-3, atol=1e-5), text, why)


@question(
    "9.8",
    points=2,
    says="nothing is dropped when the held-out loss is measured",
    hints=[
        "In which mode is the net, when the held-out loss is measured?",
        "A network has two modes, and a method to enter each.",
    ],
)
def no_dropout_in_the_exam(student, rng):
    x, y = data(rng)
    for epochs in (1, 4):
        losses, _, last = student.learn(x, y, x, y, epochs, 0.5, 0.5)
        text = f"the held-out loss after epoch {epochs}, of the weights that it came from"
        same(float(losses[-1]), loss_of(last, x, y), text, rtol=1e-3, mistakes={})


@question(
    "9.8",
    says="dropout is on in every step, also after an exam",
    hints=[
        "net.eval() stays until somebody says otherwise.",
        "In which mode does the second epoch begin?",
    ],
)
def dropout_in_training(student, rng):
    x, y = data(rng)
    last = [student.learn(x, y, x, y, epochs, 0.5, 0.5)[2] for epochs in (1, 2, 3)]
    for i in (0, 1):
        step = flat(last[i + 1]) - flat(last[i])
        plain = -0.5 * flat(slopes_of(last[i], x, y))
        holds(
            not np.allclose(step, plain, rtol=1e-3, atol=1e-5),
            f"step {i + 2} with dropout differs from a step without",
            "nothing is dropped in it",
        )


@question(
    "9.8",
    points=2,
    says="the weights of the best epoch are those of the best epoch",
    hints=[
        "p.numpy() is the parameter's own array. What does the next step do to it?",
        "Keep a copy: .copy().",
        "Is it better than all before, or only than the one before?",
    ],
)
def the_best_are_kept(student, rng):
    x, y = data(rng)
    x_held, y_held = data(rng, 6)
    for rate in (0.5, 8.0):
        losses, best, last = student.learn(x, y, x_held, y_held[::-1].copy(), 12, rate, 0.0)
        losses = [float(v) for v in losses]
        text = f"of losses {shown(np.array(losses))}, that of the weights called best"
        got = loss_of(best, x_held, y_held[::-1])
        mistakes = {"these are the weights of the last epoch": loss_of(last, x_held, y_held[::-1])}
        same(got, min(losses), text, rtol=1e-3, mistakes=mistakes)


@question(
    "9.8",
    points=2,
    says="there is a loss after each epoch, measured without dropout, and the best weights fit it",
    hints=[
        "`epochs` epochs are `epochs` losses, also where the loss rises.",
        "The net is in the mode for exams at each of them, not only at the last.",
    ],
    hidden=True,
)
def every_epoch(student, rng):
    x, y = data(rng)
    x_held, y_held = data(rng, 6)
    y_held = y_held[::-1].copy()
    runs = [student.learn(x, y, x_held, y_held, epochs, 1.0, 0.5) for epochs in range(1, 8)]
    losses, best, _ = runs[-1]
    same(len(losses), 7, "the number of losses of 7 epochs")
    for epoch, (_, _, last) in enumerate(runs):
        right = loss_of(last, x_held, y_held)
        text = f"the held-out loss after epoch {epoch + 1} of 7, with dropout in training"
        same(float(losses[epoch]), right, text, rtol=1e-3)
    right = min(loss_of(last, x_held, y_held) for _, _, last in runs)
    same(loss_of(best, x_held, y_held), right, "the loss of the weights called best", rtol=1e-3)

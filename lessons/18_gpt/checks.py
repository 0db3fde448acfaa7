"""The questions on lesson 18."""

from itertools import pairwise

import numpy as np

from minigrad.classroom import gradients_right, holds, question, same
from minigrad.classroom.question import Wrong, shown


def said(got, right, asked, mistakes=()):
    """Demand that a list of strings, or of tuples of them, is the right one."""
    if isinstance(got, list) and [as_tuple(x) for x in got] == [as_tuple(x) for x in right]:
        return
    for why, wrong in mistakes:
        if isinstance(got, list) and [as_tuple(x) for x in got] == [as_tuple(x) for x in wrong]:
            raise Wrong(asked, text(got), text(right), why)
    raise Wrong(asked, text(got), text(right), "" if isinstance(got, list) else "not a list")


def as_tuple(x):
    return tuple(x) if isinstance(x, (list, tuple)) else x


def text(x):
    return repr(x) if isinstance(x, list) and len(repr(x)) < 400 else shown(x)


def some(rng, *shapes):
    return [rng.standard_normal(shape) for shape in shapes]


def a_tuple_of(n, grads):
    """Demand what a pullback must return; the clinic takes nothing else."""
    asked = f"the pullback returns a tuple of {n}"
    holds(isinstance(grads, (tuple, list)), asked, f"got {shown(grads)}")
    holds(isinstance(grads, tuple), asked, "it is a list: return a, b, c without brackets")
    holds(len(grads) == n, asked, f"these are {len(grads)}")


# ---------------------------------------------------------------------- 18.1


def joined(tokens, pair):
    found = []
    for token in tokens:
        if found and (found[-1], token) == tuple(pair) and not isinstance(found[-1], Joined):
            found[-1] = Joined(found[-1] + token)
        else:
            found.append(token)
    return [str(token) for token in found]


class Joined(str):
    """A token that was made in this pass."""


CASES = [
    (["a", "b"], ("a", "b")), (["a", "b"], ("b", "a")), (list("abab"), ("a", "b")),
    (list("banana"), ("a", "n")), (list("xab"), ("a", "b")), (list("abx"), ("a", "b")),
    (["in", "g", "in"], ("in", "g")), (["a"], ("a", "b")), ([], ("a", "b")),
]  # fmt: skip


@question(
    "18.1",
    points=2,
    says="every place where the two stand side by side becomes one token",
    hints=[
        "Go from left to right with an index. Which two tokens stand there?",
        "After a merge go on behind both of the two: i += 2.",
        "The last token has no right neighbour, and must not be lost.",
    ],
)
def every_place(student, rng):
    for tokens, pair in CASES:
        right = joined(tokens, pair)
        at = next((i for i in range(len(tokens) - 1) if tuple(tokens[i : i + 2]) == pair), None)
        mistakes = [("the last token is lost", right[:-1])]
        if at is not None:
            first = [*tokens[:at], "".join(pair), *tokens[at + 2 :]]
            twice = []
            for i, token in enumerate(tokens):
                hit = tuple(tokens[i : i + 2]) == pair
                twice.append("".join(pair) if hit else token)
            mistakes += [
                ("only the first place was joined", first),
                ("the second of the two is still there: go on behind both", twice),
            ]
        mistakes += [("nothing was joined", tokens)]
        said(student.merge(list(tokens), pair), right, f"merge({tokens}, {pair})", mistakes)


@question(
    "18.1",
    says="what has been joined is not joined again, and whole tokens are compared",
    hints=[
        "In a, a, a only two can be joined.",
        "Compare tokens, not letters: 'a', 'bc' is another pair than 'ab', 'c'.",
    ],
)
def not_again(student, rng):
    for tokens in (list("aaa"), list("aaaa"), list("aaaaa")):
        right = joined(tokens, ("a", "a"))
        said(student.merge(list(tokens), ("a", "a")), right, f"merge({tokens}, ('a', 'a'))",
             [("what was joined was joined again", ["".join(tokens)])])  # fmt: skip
    tokens = ["a", "bc", "ab", "c"]
    said(student.merge(list(tokens), ("ab", "c")), ["a", "bc", "abc"],
         f"merge({tokens}, ('ab', 'c'))",
         [("'a', 'bc' is not the pair 'ab', 'c'", ["abc", "abc"])])  # fmt: skip


@question(
    "18.1",
    says="tokens are compared whole, whatever they are made of, and in long texts",
    hints=[
        "'xab', 'c' ends like the pair 'ab', 'c', and is another: compare the tokens themselves.",
        "Tokens may hold spaces, commas, anything: joined to one string they can't be told apart.",
        "A function that calls itself for each token fails at the thousandth; a loop does not.",
    ],
    hidden=True,
)
def of_anything(student, rng):
    for tokens, pair in [
        (["xab", "c", "ab", "c"], ("ab", "c")), (["ab", "cx", "ab", "c"], ("ab", "c")),
        ([" ", "a", " ", "a"], (" ", "a")), (["a b", "c", "b", "c"], ("b", "c")),
        (["a", "b", "\n", "b"], ("\n", "b")), ([",", ",", "|", ","], (",", "|")),
    ]:  # fmt: skip
        cut = joined(" ".join(tokens).split(" "), pair)
        said(student.merge(list(tokens), pair), joined(tokens, pair), f"merge({tokens}, {pair})",
             [("a token was cut at its space", cut)])  # fmt: skip
    tokens = [str(token) for token in rng.choice(["a", "b", "ab"], 3000)]
    said(student.merge(list(tokens), ("a", "b")), joined(tokens, ("a", "b")),
         "merge of 3000 tokens a, b and ab, ('a', 'b')")  # fmt: skip


# ---------------------------------------------------------------------- 18.2

WORDS = [
    ({"ab": 1}, 1), ({"ba": 1, "bc": 1, "ab": 1}, 2), ({"abab": 1, "b": 1}, 2),
    ({"sing": 3, "king": 2, "singer": 1}, 4),
    ({"low": 5, "slow": 2, "lower": 2, "owl": 4}, 6), ({"aaaa": 2, "aab": 1}, 3),
]  # fmt: skip


def learned(words, count, weighted=True, last=False, across=False, met=False):
    split = {word: list(word) for word in words}
    if across:
        split = {"".join(words): list("".join(words))}
    merges = []
    for _ in range(count):
        counts = {}
        for word, tokens in split.items():
            for pair in pairwise(tokens):
                times = words.get(word, 1) if weighted else 1
                counts[pair] = counts.get(pair, 0) + times
        if not counts:
            break
        most = max(counts.values())
        ties = [pair for pair, n in counts.items() if n == most]
        merges.append(ties[0] if met else sorted(ties)[-1 if last else 0])
        split = {word: joined(tokens, merges[-1]) for word, tokens in split.items()}
    return merges


def at_once(words, count):
    """The mistake of counting only once."""
    counts = {}
    for word, n in words.items():
        for pair in pairwise(word):
            counts[pair] = counts.get(pair, 0) + n
    return sorted(counts, key=lambda pair: (-counts[pair], pair))[:count]


@question(
    "18.2",
    points=3,
    says="again and again the most frequent pair, counted anew after each merge",
    hints=[
        "Keep for each word its tokens. Count the pairs, take the best, merge it in every word.",
        "A word that is there five times counts five times.",
        "After a merge there are new tokens, and so new pairs: count again.",
    ],
)
def the_most_frequent(student, rng):
    for words, count in WORDS:
        right = learned(words, count)
        mistakes = [
            ("count anew after each merge: there are new tokens, and so new pairs", (
                at_once(words, count))),
            ("a word that is there five times counts five times", learned(words, count, False)),
            ("of equally frequent pairs the smaller tuple is taken", learned(words, count, last=1)),
            ("of equally frequent pairs the smaller tuple is taken, not the first one met", (
                learned(words, count, met=True))),
            ("the pairs of a word must not reach into the next", learned(words, count, across=1)),
        ]  # fmt: skip
        said(student.learn_merges(dict(words), count), right,
             f"learn_merges({words}, {count})", mistakes)  # fmt: skip


@question(
    "18.2",
    says="equally frequent pairs go by the alphabet, and it ends when nothing is left to merge",
    hints=[
        "('a', 'b') < ('a', 'c') < ('b', 'a'): tuples are compared from the left.",
        "When every word is one token there are no pairs: stop.",
    ],
)
def ties_and_end(student, rng):
    for words, count in [({"zy": 1, "ba": 1, "bb": 1}, 3), ({"cab": 1}, 2)]:
        right = learned(words, count)
        said(student.learn_merges(dict(words), count), right, f"learn_merges({words}, {count})",
             [("of equally frequent pairs the smaller tuple is taken", (
                 learned(words, count, last=True))),
              ("of equally frequent pairs the smaller tuple is taken, not the first one met",
               [("z", "y"), ("b", "a"), ("b", "b")])])  # fmt: skip
    for words, count in [({"ab": 1}, 5), ({"a": 3}, 2), ({}, 1)]:
        right = learned(words, count)
        said(student.learn_merges(dict(words), count), right, f"learn_merges({words}, {count})")


@question(
    "18.2",
    points=2,
    says="ties between longer tokens go by the alphabet too, however many merges there are",
    hints=[
        "('a', 'c') is smaller than ('ab', 'b'), though 'ac' is larger than 'abb'.",
        "('ab', 'c') is smaller than ('ab', 'd'): of equal first tokens the second ones decide.",
    ],
    hidden=True,
)
def longer_tokens(student, rng):
    cases = [({"abb": 2, "ac": 2, "xab": 5}, 3)]
    for letters in ("ab", "abc", "ab ü"):
        words = {}
        while len(words) < 8:
            word = "".join(rng.choice(list(letters), int(rng.integers(2, 9))))
            words[word] = int(rng.integers(1, 4))
        cases.append((words, 25))
    for words, count in cases:
        said(student.learn_merges(dict(words), count), learned(words, count),
             f"learn_merges({words}, {count})")  # fmt: skip


# ---------------------------------------------------------------------- 18.3


def encoded(word, merges):
    tokens = list(word)
    for pair in merges:
        tokens = joined(tokens, pair)
    return tokens


@question(
    "18.3",
    points=2,
    says="the merges, in the order in which they were learned",
    hints=[
        "Begin with the letters: list(word).",
        "Go through the merges once, and apply each to the whole word.",
        "The longest token that fits is not always what comes out: the earlier merge goes first.",
    ],
)
def in_their_order(student, rng):
    cases = [
        ("ringer", [("i", "n"), ("in", "g"), ("s", "ing"), ("e", "r")]),
        ("sing", [("i", "n"), ("in", "g")]),
        ("abc", [("b", "c"), ("a", "b"), ("ab", "c")]),
        ("abcd", [("a", "b"), ("b", "c"), ("bc", "d"), ("c", "d"), ("ab", "cd")]),
    ]
    for word, merges in cases:
        right = encoded(word, merges)
        greedy, i, known = [], 0, {"".join(pair) for pair in merges}
        while i < len(word):
            ends = [j for j in range(len(word), i, -1) if word[i:j] in known or j == i + 1]
            greedy.append(word[i : ends[0]])
            i = ends[0]
        mistakes = [
            ("these are the letters: no merge was applied", list(word)),
            ("the merges were applied in the reverse order", encoded(word, merges[::-1])),
            (
                "not the longest that fit: each merge joins two whole tokens, in its turn",
                greedy,
            ),
            ("only the first merge was applied", encoded(word, merges[:1])),
        ]
        said(student.encode(word, merges), right, f"encode({word!r}, {merges})", mistakes)


@question(
    "18.3",
    says="the tokens joined give the word, whatever is in it",
    hints=["A letter that no merge knows stays a token of its own."],
)
def nothing_lost(student, rng):
    merges = learned({"banana": 2, "bandana": 1, "cabana": 1}, 6)
    for word in ("", "x", "bananas", "Übung", "nananan", "aaa"):
        got = student.encode(word, merges)
        holds(isinstance(got, list), f"encode({word!r}, ...) is a list", f"got {shown(got)}")
        said(got, encoded(word, merges), f"encode({word!r}, {merges})",
             [("letters were lost", [t for t in encoded(word, merges) if len(t) > 1])])  # fmt: skip


@question(
    "18.3",
    says="each merge is applied once, to whole tokens, in words of any letters",
    hints=[
        "Each merge goes over the word once, in its turn; nothing goes back to an earlier one.",
        "Joined to one string with spaces between, tokens can't be told apart from their ends.",
    ],
    hidden=True,
)
def each_once(student, rng):
    twice = [("ab", "c"), ("a", "b"), ("c", "d"), ("ab", "cd")]
    for word, merges in [
        ("abc", twice), ("abcd", twice), ("xabc", [("a", "b"), ("x", "ab"), ("ab", "c")]),
        ("a b  c", [(" ", "b"), ("a", " b"), (" ", "c")]), ("abc", []), ("", [("a", "b")]),
        ("ab" * 200, [("b", "a"), ("ba", "ba"), ("a", "ba")]),
    ]:  # fmt: skip
        right, again = encoded(word, merges), encoded(word, merges * 3)
        said(student.encode(word, merges), right, f"encode({word!r}, {merges})",
             [("a merge was applied again after later ones", again)])  # fmt: skip


# ---------------------------------------------------------------------- 18.4


def tied(e, w, tokens, lookup=True, output=True, once=False, mean=True):
    """The derivatives by e and w."""
    before, after = tokens[:-1], tokens[1:]
    x = e[before]
    h = x @ w
    z = h @ e.T
    p = np.exp(z - z.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    p[np.arange(len(after)), after] -= 1
    d = p / (len(after) if mean else 1)
    dh = d @ e
    de = d.T @ h if output else np.zeros_like(e)
    if lookup:
        if once:
            de[before] += dh @ w.T
        else:
            np.add.at(de, before, dh @ w.T)
    return de, x.T @ dh


@question(
    "18.4",
    points=2,
    says="the derivative by w: a linear layer under a softmax",
    hints=[
        "From the loss to the logits: p, minus 1 at the right token, divided by their number.",
        "logits = h @ e.T gives dh = d @ e. And h = x @ w gives dw = x.T @ dh.",
    ],
)
def by_w(student, rng):
    for v, e, tokens in [(2, 1, [0, 1]), (3, 2, [0, 1, 2]), (4, 3, [0, 1, 1, 3, 0])]:
        tokens = np.array(tokens)
        table, w = some(rng, (v, e), (e, e))
        _, pullback = student.tied_loss(table, w, tokens)
        grads = pullback(1.0)
        a_tuple_of(3, grads)
        right = tied(table, w, tokens)[1]
        mistakes = {
            "the loss is a mean over the tokens: divide by their number": (
                tied(table, w, tokens, mean=False)[1]
            ),
            "the sign is turned": -right,
        }
        if e > 1:
            mistakes["dw is turned round"] = right.T
        same(grads[1], right, f"dw for the text {tokens.tolist()}", mistakes=mistakes)
        same(pullback(2.0)[1], 2 * right, f"dw for the text {tokens.tolist()}, g = 2",
             mistakes={"g is not used": right})  # fmt: skip


@question(
    "18.4",
    points=3,
    says="the table gets a share for reading and one for writing, and one for each occurrence",
    hints=[
        "e is in the formulas twice: in x = e[before], and in logits = h @ e.T. Add both shares.",
        "A token that comes three times gets three rows, which add up.",
        "de[before] += rows keeps only the last of several equal indices. np.add.at adds them all.",
    ],
)
def by_the_table(student, rng):
    for v, e, tokens in [(3, 2, [0, 1]), (3, 2, [0, 1, 2]), (4, 3, [1, 1, 1, 2, 1, 0])]:
        tokens = np.array(tokens)
        table, w = some(rng, (v, e), (e, e))
        right = tied(table, w, tokens)[0]
        mistakes = {
            "only the share for writing (the logits) is there": tied(table, w, tokens, False)[0],
            "only the share for reading (the lookup) is there": (
                tied(table, w, tokens, output=False)[0]
            ),
            "a token that comes more than once got only one of its shares: += with equal indices": (
                tied(table, w, tokens, once=True)[0]
            ),
        }
        _, pullback = student.tied_loss(table, w, tokens)
        same(pullback(1.0)[0], right, f"de for the text {tokens.tolist()}", mistakes=mistakes)


@question(
    "18.4",
    points=2,
    says="it is what differences of the loss say",
    hints=["Two shares of e, one w. Which of them does the answer above name?"],
)
def tied_by_differences(student, rng):
    for tokens in ([2, 0], [0, 1, 0, 0, 3]):
        table, w = some(rng, (4, 3), (3, 3))
        gradients_right(student.tied_loss, [table, w, np.array(tokens)], f"tied_loss of {tokens}")


@question(
    "18.4",
    says="a vocabulary may have thirty thousand tokens",
    hints=[
        "A table of V by V numbers has 900 million entries here, and is almost all zeros.",
        "p is (T, V): what it needs is at most of that shape. Rows of e are found by e[before].",
    ],
    hidden=True,
)
def large_vocabulary(student, rng):
    for v, e, tokens in [(5, 2, [4, 4, 4]), (30_000, 2, [7, 29_999, 7, 7, 0, 12_345, 7])]:
        tokens = np.array(tokens)
        table, w = some(rng, (v, e), (e, e))
        of_table, of_w = tied(table, w, tokens)
        _, pullback = student.tied_loss(table, w, tokens)
        for g in (1.0, -3.0):
            got = pullback(g)
            a_tuple_of(3, got)
            asked = f"for g = {g}, a vocabulary of {v} and the text {tokens.tolist()}"
            same(got[0], g * of_table, f"de {asked}")
            same(got[1], g * of_w, f"dw {asked}")


# ---------------------------------------------------------------------- 18.5


def drawn_from(logits, temperature=1.0, top_k=None, top_p=None):
    p = np.exp(logits / temperature - np.max(logits / temperature))
    p /= p.sum()
    if top_k is not None:
        p[np.argsort(p)[: max(len(p) - top_k, 0)]] = 0
        p /= p.sum()
    if top_p is not None:
        total, kept = 0.0, np.zeros_like(p)
        for i in np.argsort(-p):
            kept[i] = p[i]
            total += p[i]
            if total >= top_p - 1e-12:
                break
        p = kept / kept.sum()
    return p


LOGITS = [np.log([0.5, 0.3, 0.2]), np.log([0.1, 0.6, 0.05, 0.25]), np.array([3.0, -1.0, 0.5, 1.0])]


@question(
    "18.5",
    points=2,
    says="divided by the temperature, then softmax",
    hints=[
        "A temperature below 1 makes the differences between logits larger.",
        "softmax(logits / temperature).",
        "exp(1000) is infinite: take away the largest logit first.",
    ],
)
def heat(student, rng):
    for logits in LOGITS:
        for t in (1.0, 0.5, 2.0):
            p = drawn_from(logits)
            mistakes = {
                "this multiplies by the temperature": drawn_from(logits, 1 / t),
                "the temperature is not used": p,
                "probabilities were divided, not logits: that changes nothing, or no softmax": p
                / t,
                "it does not sum to 1": np.exp(logits / t),
            }
            same(student.probabilities(logits, t), drawn_from(logits, t),
                 f"probabilities of the logits {shown(logits)}, temperature {t}",
                 mistakes=mistakes)  # fmt: skip
    cold = student.probabilities(np.array([900.0, 1000.0, 0.0]), 0.5)
    why = {"exp(1000) is infinite: take away the largest logit first": np.full(3, np.nan)}
    same(cold, np.array([0.0, 1.0, 0.0]), "probabilities of the logits [900, 1000, 0], "
         "temperature 0.5", mistakes=why)  # fmt: skip


@question(
    "18.5",
    points=2,
    says="top_k keeps the k most likely, and shares 1 among them",
    hints=[
        "np.argsort(-p)[:k] are the places of the k largest; all, if there are no more than k.",
        "Afterwards divide by the sum again.",
    ],
)
def the_best_k(student, rng):
    for logits in LOGITS:
        for k in (1, 2, 3, 10):
            right, p = drawn_from(logits, top_k=k), drawn_from(logits)
            order = np.argsort(p)
            worst = np.zeros_like(p)
            worst[order[:k]] = p[order[:k]]
            mistakes = {
                "what is left must sum to 1: divide by its sum": np.where(right > 0, p, 0),
                "these are the k least likely": worst / worst.sum(),
                "top_k is not used": p,
            }
            if k < len(p):
                mistakes["one too many is kept"] = drawn_from(logits, top_k=k + 1)
            if 1 < k <= len(p):
                mistakes["one too few is kept"] = drawn_from(logits, top_k=k - 1)
            same(student.probabilities(logits, top_k=k), right,
                 f"probabilities of the logits {shown(logits)}, top_k = {k}",
                 mistakes=mistakes)  # fmt: skip


@question(
    "18.5",
    points=3,
    says="top_p keeps as few as have together at least p, after temperature and top_k",
    hints=[
        "Sort by probability, and add up: np.cumsum. Where does the sum reach p?",
        "The token with which the sum reaches p is kept too. At least one always is.",
        "top_p looks at the probabilities that temperature and top_k left.",
    ],
)
def enough_of_them(student, rng):
    for logits in LOGITS:
        for top_p in (0.4, 0.65, 0.9, 1.0):
            p, right = drawn_from(logits), drawn_from(logits, top_p=top_p)
            fewer = int((right > 0).sum()) - 1
            mistakes = {
                "the token with which the sum reaches p is kept too": (
                    drawn_from(logits, top_k=fewer) if fewer else np.full_like(p, np.nan)
                ),
                "these are the tokens whose own probability is above p": (
                    np.where(p >= top_p, p, 0) / max(p[p >= top_p].sum(), 1e-300)
                ),
                "what is left must sum to 1: divide by its sum": np.where(right > 0, p, 0),
                "top_p is not used": p,
                "one too many is kept: stop when the sum has reached p": (
                    drawn_from(logits, top_k=fewer + 2)
                ),
            }
            same(student.probabilities(logits, top_p=top_p), right,
                 f"probabilities of {shown(np.exp(logits))}, unnormalized, top_p = {top_p}",
                 mistakes=mistakes)  # fmt: skip
    for logits in LOGITS:
        for t, k, top_p in [(2.0, None, 0.7), (1.0, 2, 0.7), (0.7, 3, 0.8), (1.0, 3, 0.75)]:
            right = drawn_from(logits, t, k, top_p)
            cold, hot = drawn_from(logits, top_p=top_p), drawn_from(logits, t)
            both = np.where((cold > 0) & (drawn_from(logits, top_k=k) > 0), hot, 0)
            first = drawn_from(logits, t, None, top_p)
            kept = np.where((first > 0) & (drawn_from(logits, t, k) > 0), hot, 0)
            mistakes = {
                "top_p looks at the probabilities that top_k left, which sum to 1": kept
                / kept.sum(),
                "top_p looks at the probabilities after the temperature": both / both.sum(),
            }
            same(student.probabilities(logits, t, k, top_p), right,
                 f"probabilities of the logits {shown(logits)}, temperature {t}, top_k = {k}, "
                 f"top_p = {top_p}", mistakes=mistakes)  # fmt: skip


@question(
    "18.5",
    says="the logits stay as they are, and the probabilities are right",
    hints=["logits /= t writes into the caller's."],
)
def logits_stay(student, rng):
    logits = np.array([3.0, -1.0, 0.5])
    before = logits.copy()
    for t, k, top_p in [(0.5, None, None), (0.5, 2, 0.9)]:
        got = student.probabilities(logits, t, k, top_p)
        same(logits, before, "the logits, afterwards")
        same(got, drawn_from(before, t, k, top_p), f"probabilities of the logits {shown(before)}, "
             f"temperature {t}, top_k = {k}, top_p = {top_p}")  # fmt: skip


@question(
    "18.5",
    points=2,
    says="it holds for a thousand tokens, and logits of any sign and size",
    hints=[
        "exp(-5000) is 0, and 0 / 0 is NaN: after the largest is taken away, it is 0 itself.",
        "The largest logit is taken away with its sign, not the largest size.",
    ],
    hidden=True,
)
def many_tokens(student, rng):
    lost = "exp of all logits is 0: the largest of them must be taken away, with its sign"
    for size in (1, 1000):
        for shift in (0.0, -5000.0, 5000.0):
            logits = rng.permutation(size) / 100 + 0.003 * rng.random(size) + shift
            for t, k, top_p in [(1.0, None, None), (0.01, None, None), (3.0, 40, None),
                                (1.0, None, 0.01), (0.5, None, 0.93), (2.0, 300, 0.7)]:  # fmt: skip
                right = drawn_from(logits, t, k, top_p)
                got = student.probabilities(logits, t, k, top_p)
                asked = (f"probabilities of {size} logits about {logits.mean():.4g}, temperature "
                         f"{t}, top_k = {k}, top_p = {top_p}")  # fmt: skip
                same(got, right, asked, mistakes={lost: np.full(size, np.nan)})


# ---------------------------------------------------------------------- 18.6


def counting(tokens):
    """Logits that want the sum of all tokens, plus 1, in a vocabulary of 20."""
    return np.eye(20)[(sum(tokens) + 1) % 20]


def best(logits):
    return int(np.argmax(logits))


def written(prompt, max_length, stop, new_only=False, last=False, keep=True):
    tokens = list(prompt)
    while len(tokens) - (len(prompt) if new_only else 0) < max_length:
        new = best(counting(tokens[-1:] if last else tokens))
        if new == stop and not keep:
            break
        tokens.append(new)
        if new == stop:
            break
    return tokens


def check_text(student, prompt, max_length, stop):
    right = written(prompt, max_length, stop)
    options = {
        "max_length counts the tokens of the prompt too": {"new_only": True},
        "the model sees only the last token, not all so far": {"last": True},
        "the stop token is part of the text": {"keep": False},
        "two things: max_length counts the prompt too, and the model must see all tokens": {
            "new_only": True, "last": True,
        },
        "two things: max_length counts the prompt too, and the stop token is part of the text": {
            "new_only": True, "keep": False,
        },
    }  # fmt: skip
    got = student.generate(counting, list(prompt), max_length, stop, best)
    asked = f"generate from {prompt}, max_length = {max_length}, stop = {stop}"
    holds(isinstance(got, list), f"{asked} is a list", f"got {shown(got)}")
    for why, option in options.items():
        if got != right and got == written(prompt, max_length, stop, **option):
            raise Wrong(asked, str(got), str(right), why)
    holds(got == right, f"{asked}: expected {right}", f"got {str(got)[:200]}")


@question(
    "18.6",
    points=2,
    says="max_length is the length of the whole text, with the prompt",
    hints=[
        "How many tokens has the text, when the prompt has 2 and max_length is 3?",
        "while len(tokens) < max_length",
        "Does anything happen when the prompt is as long already?",
    ],
)
def the_length(student, rng):
    for prompt, length in [([1], 2), ([1], 1), ([1, 2], 3), ([1, 2, 3], 2), ([1, 1], 4)]:
        check_text(student, prompt, length, 19)


@question(
    "18.6",
    points=2,
    says="the model sees all tokens so far",
    hints=[
        "What is next_logits given? A Transformer knows of the past only what it is given.",
        "Give it the whole list, not tokens[-1:].",
    ],
)
def all_so_far(student, rng):
    for prompt in ([1, 2], [1, 0, 2], [3, 1]):
        check_text(student, prompt, len(prompt) + 1, 19)
        check_text(student, prompt, len(prompt) + 2, 19)


@question(
    "18.6",
    points=2,
    says="the stop token ends the text, and is part of it",
    hints=["Append the new token first, then ask whether it is the stop token."],
)
def the_stop(student, rng):
    for prompt, stop in [([1], 2), ([1], 4), ([1, 2], 8), ([5], 5)]:
        check_text(student, prompt, 9, stop)


@question(
    "18.6",
    says="draw decides, and the model is asked once for each new token",
    hints=["The token is what `draw` says, not always the most likely one."],
)
def draw_decides(student, rng):
    got = student.generate(counting, [1, 2], 4, 19, lambda logits: 7)
    holds(got == [1, 2, 7, 7], "generate where draw always says 7: expected [1, 2, 7, 7]",
          f"got {str(got)[:100]}")  # fmt: skip
    seen = []

    def next_logits(tokens):
        seen.append(list(tokens))
        return counting(tokens)

    student.generate(next_logits, [1, 2], 5, 19, best)
    holds(seen == [[1, 2], [1, 2, 4], [1, 2, 4, 8]], "the texts that the model was given",
          f"got {str(seen)[:200]}")  # fmt: skip


@question(
    "18.6",
    says="token 0 may be the stop token, and a text may be long",
    hints=[
        "0 is a token like others, but not true: `if stop` is not `if stop is not None`.",
        "*All* tokens so far, not the last ten or twenty of them.",
    ],
    hidden=True,
)
def zero_and_long(student, rng):
    for prompt, length, stop in [
        ([4, 5], 9, 0), ([19], 9, 0), ([0, 0], 5, 1), ([4, 5], 4, 0), ([1], 60, 20),
        ([3] * 30, 99, 20),
    ]:  # fmt: skip
        check_text(student, prompt, length, stop)


# ---------------------------------------------------------------------- 18.7


def attention(x, wq, wk, wv, seen=None, scale=None):
    q, k, v = x @ wq, x @ wk, x @ wv
    scores = q @ k.T * (q.shape[1] ** -0.5 if scale is None else scale)
    seen = np.tri(len(x), dtype=bool) if seen is None else seen
    scores = np.where(seen, scores, -np.inf)
    p = np.exp(scores - scores.max(1, keepdims=True))
    return p / p.sum(1, keepdims=True) @ v


@question(
    "18.7",
    points=2,
    says="without a cache it is causal attention",
    hints=[
        "Queries, keys and values of the new tokens; scores divided by the root of D.",
        "A new token sees itself and the new ones before it: np.tri.",
    ],
)
def no_cache(student, rng):
    for n in (1, 2, 4):
        x, wq, wk, wv = some(rng, (n, 3), (3, 4), (3, 4), (3, 2))
        mistakes = {
            "it sees the tokens that come after it": attention(x, wq, wk, wv, np.True_),
            "the scores are not divided by the square root of D": attention(
                x, wq, wk, wv, scale=1.0
            ),
        }
        got = student.cached_attention(x, wq, wk, wv)
        holds(isinstance(got, tuple) and len(got) == 2, "it returns (output, cache)")
        same(got[0], attention(x, wq, wk, wv), f"the output of {n} tokens, no cache",
             mistakes=mistakes)  # fmt: skip


@question(
    "18.7",
    points=4,
    says="however a text is cut into calls, the outputs are those of the whole text",
    hints=[
        "The keys of all tokens: those of the cache, and after them the new ones.",
        "A new token sees the whole cache. New token i sees len(cache) + i + 1 keys.",
        "np.tri(n, s, s - n) is a mask for the last n of s tokens.",
        "What is returned as the cache must hold the new keys and values too.",
    ],
)
def any_cut(student, rng):
    for cuts in ([1, 1], [2, 1], [1, 1, 1], [1, 2], [3, 2, 1, 4]):
        x, wq, wk, wv = some(rng, (sum(cuts), 3), (3, 4), (3, 4), (3, 2))
        whole = attention(x, wq, wk, wv)
        cache, at = None, 0
        for call, n in enumerate(cuts):
            piece, before = x[at : at + n], x[:at]
            order = np.vstack([piece, before])
            seen = np.ones((at + n, at + n), dtype=bool)
            mistakes = {
                "only the new tokens were looked at: the cache is not used": attention(
                    piece, wq, wk, wv
                ),
                "new tokens see new ones that come after them": attention(
                    x[: at + n], wq, wk, wv, seen
                )[at:],
                "a new token sees the first keys, and not all of the cache": tail(
                    x[: at + n], n, wq, wk, wv, np.tri(n, at + n, dtype=bool)
                ),
                "the mask fits, but the new keys are put before the old ones": tail(
                    order, n, wq, wk, wv, np.tri(n, at + n, at, dtype=bool), new_first=True
                ),
                "the call before is there, but not those before it": attention(
                    x[max(at - cuts[call - 1], 0) : at + n], wq, wk, wv
                )[-n:],
            }
            output, cache = student.cached_attention(piece, wq, wk, wv, cache)
            same(output, whole[at : at + n],
                 f"call {call + 1} of a text that is cut into {cuts} tokens",
                 mistakes=mistakes if call else {})  # fmt: skip
            at += n


def tail(x, n, wq, wk, wv, seen, new_first=False):
    """The outputs of n of the tokens, with a mask (n, all)."""
    q = (x[:n] if new_first else x[-n:]) @ wq
    p = np.exp(np.where(seen, q @ (x @ wk).T / np.sqrt(q.shape[1]), -np.inf))
    return p / p.sum(1, keepdims=True) @ (x @ wv)


@question(
    "18.7",
    says="one may go on from the same cache twice",
    hints=["Do not write into the cache that was given, or append to it: make a new one."],
)
def twice(student, rng):
    x, wq, wk, wv = some(rng, (4, 3), (3, 4), (3, 4), (3, 2))
    start, one, other = x[:2], x[2:3], x[3:4]
    _, cache = student.cached_attention(start, wq, wk, wv)
    for last, name in ((one, "first"), (other, "second"), (one, "third")):
        right = attention(np.vstack([start, last]), wq, wk, wv)[2:]
        same(student.cached_attention(last, wq, wk, wv, cache)[0], right,
             f"the {name} continuation of one and the same cache")  # fmt: skip


@question(
    "18.7",
    says="what has been computed for the old tokens is not computed again",
    hints=[
        "What is kept from one call to the next: the vectors, or their keys and values?",
        "x @ wk and x @ wv are asked for once for each token: in the call in which it is new.",
    ],
)
def not_again_computed(student, rng):
    for n, m in [(1, 1), (3, 2)]:
        x, one, *w = some(rng, (n, 3), (m, 3), (3, 4), (3, 4), (3, 2), (3, 4), (3, 4), (3, 2))
        (_, wk, wv), (new_q, new_k, new_v) = w[:3], w[3:]
        _, cache = student.cached_attention(x, *w[:3])
        got = student.cached_attention(one, new_q, new_k, new_v, cache)[0]
        q, k, v = one @ new_q, np.vstack([x @ wk, one @ new_k]), np.vstack([x @ wv, one @ new_v])
        again = tail(np.vstack([x, one]), m, new_q, new_k, new_v, np.tri(m, n + m, n, dtype=bool))
        p = np.exp(np.where(np.tri(m, n + m, n, dtype=bool), q @ k.T / 2, -np.inf))
        same(got, p / p.sum(1, keepdims=True) @ v, f"{m} tokens after {n}, with other weights in "
             "the second call, of which the keys and values in the cache know nothing", mistakes={
                "the keys and values of the old tokens were computed again: they are to be kept":
                    again,
        })  # fmt: skip


@question(
    "18.7",
    points=2,
    says="scores may be in the thousands, and a text may come in many calls",
    hints=[
        "np.exp(1000) is infinite: take away the largest score of each row first.",
        "The largest of those that are seen: hide first, then look for it.",
    ],
    hidden=True,
)
def large_scores_in_many_calls(student, rng):
    for size, cuts in [(1, [5] + [1] * 20), (100, [1, 1, 3]), (100, [4, 2, 1, 5])]:
        x, wq, wk, wv = some(rng, (sum(cuts), 3), (3, 4), (3, 4), (3, 2))
        wq, wk = size * wq, 10 * wk
        whole, cache, at = attention(x, wq, wk, wv), None, 0
        for n in cuts:
            output, cache = student.cached_attention(x[at : at + n], wq, wk, wv, cache)
            same(output, whole[at : at + n], f"tokens {at} to {at + n - 1} of a text that is cut "
                 f"into {cuts}, scores about {10 * size}")  # fmt: skip
            at += n

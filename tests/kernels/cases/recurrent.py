"""Cases of kernels/reference/recurrent.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from kernels.reference import recurrent
from tests.kernels.cases import Case, cases

# T, B, I, H; the lengths of the sequences; whether the last step comes first.
SHAPES = [
    ((1, 1, 1, 1), None, False),
    ((3, 2, 4, 5), None, False),
    ((3, 2, 4, 5), None, True),
    ((4, 3, 2, 3), [4, 1, 2], False),
    ((4, 3, 2, 3), [2, 4, 1], True),
    ((2, 33, 5, 17), None, False),  # more rows than a few tiles
    ((2, 9, 3, 50), None, True),  # more units than a panel has columns
    ((6, 40, 20, 50), None, False),  # enough work for two threads
    ((6, 40, 20, 50), [1 + b % 6 for b in range(40)], True),
    ((2, 0, 3, 4), None, False),
    ((2, 3, 0, 4), None, False),
]


def problems(rng, gates: int) -> Iterator[dict[str, Any]]:
    """x, states, weights and biases (sometimes without), lengths and reverse."""
    for i, ((t, b, n_in, n), lengths, reverse) in enumerate(SHAPES):
        normal = rng.standard_normal
        yield {
            "x": normal((t, b, n_in)), "h0": normal((b, n)), "c0": normal((b, n)),
            "w_ih": normal((gates * n, n_in)), "w_hh": normal((gates * n, n)) / 2,
            "b_ih": normal(gates * n) if i % 3 else None,
            "b_hh": normal(gates * n) if i % 4 else None,
            "lengths": None if lengths is None else np.array(lengths), "reverse": reverse,
            "gy": normal((t, b, n)), "gh": normal((b, n)), "gc": normal((b, n)),
        }  # fmt: skip


def extremes(rng, gates: int) -> Iterator[dict[str, Any]]:
    for value in (np.nan, np.inf, -np.inf):
        problem = next(problems(rng, gates))
        problem["x"][0, 0, 0] = value
        yield problem


def given(problem: dict, names: str) -> list:
    return [problem[name] for name in names.split()]


@cases("lstm")
def lstm(rng):
    for p in (*problems(rng, 4), *extremes(rng, 4)):
        yield Case(*given(p, "x h0 c0 w_ih w_hh b_ih b_hh lengths reverse"))


@cases("lstm_backward")
def lstm_backward(rng):
    for p in problems(rng, 4):
        *_, gates, cells = recurrent.lstm(*given(p, "x h0 c0 w_ih w_hh b_ih b_hh lengths reverse"))
        yield Case(*given(p, "gy gh gc"), gates, cells, *given(p, "c0 w_hh lengths reverse"))


@cases("gru")
def gru(rng):
    for p in (*problems(rng, 3), *extremes(rng, 3)):
        yield Case(*given(p, "x h0 w_ih w_hh b_ih b_hh lengths reverse"))


@cases("gru_backward")
def gru_backward(rng):
    for p in problems(rng, 3):
        y, _, gates, hidden = recurrent.gru(*given(p, "x h0 w_ih w_hh b_ih b_hh lengths reverse"))
        yield Case(*given(p, "gy gh"), y, gates, hidden, *given(p, "h0 w_hh lengths reverse"))


@cases("rnn")
def rnn(rng):
    for i, p in enumerate(problems(rng, 1)):
        yield Case(*given(p, "x h0 w_ih w_hh b_ih b_hh"), i % 2 == 0, *given(p, "lengths reverse"))
    for p in extremes(rng, 1):
        for relu in (False, True):
            yield Case(*given(p, "x h0 w_ih w_hh b_ih b_hh"), relu, None, False)


@cases("rnn_backward")
def rnn_backward(rng):
    for i, p in enumerate(problems(rng, 1)):
        relu = i % 2 == 0
        y, _ = recurrent.rnn(
            *given(p, "x h0 w_ih w_hh b_ih b_hh"), relu, *given(p, "lengths reverse")
        )
        yield Case(*given(p, "gy gh"), y, p["w_hh"], relu, *given(p, "lengths reverse"))

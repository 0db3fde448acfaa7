"""How far to go along a direction: a line search for the strong Wolfe conditions.

A step of length t, from a point with loss f and slope f' < 0 along the direction, is good if
    f(t) <= f + c1 t f'     (the loss falls enough)    and    |f'(t)| <= c2 |f'|     (it flattens).

Nocedal & Wright (2006), Numerical Optimization, algorithms 3.5 and 3.6, as in minFunc (Schmidt,
2005) and PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

C1, C2 = 1e-4, 0.9


class Point(NamedTuple):
    """What is known at one step length."""

    t: float
    loss: float
    grad: Any
    slope: float  # grad . d, the derivative of the loss along the direction


def strong_wolfe(
    evaluate: Callable[[float], Point],
    start: Point,
    t: float,
    smallest: float,
    max_evaluations: int,
) -> Point:
    """A point that meets the strong Wolfe conditions, or the best one found.

    evaluate(t) looks at a step length; start is where t = 0; t is tried first. The search ends
    when its interval is smaller than `smallest`, or after max_evaluations more than the first.
    """
    bracket, good, used = find_bracket(evaluate, start, t, max_evaluations)
    if good:
        return bracket[0]
    low = 0 if bracket[0].loss <= bracket[1].loss else 1  # which end has the lower loss
    at_edge = False
    while used < max_evaluations:
        left, right = sorted((bracket[0].t, bracket[1].t))
        if right - left < smallest:
            break
        t = cubic_minimum(bracket[0], bracket[1], left, right)
        # Keep a tenth of the interval away from its ends, unless it is the first time.
        margin = 0.1 * (right - left)
        if min(right - t, t - left) < margin:
            if at_edge or t >= right or t <= left:
                t = right - margin if abs(t - right) < abs(t - left) else left + margin
                at_edge = False
            else:
                at_edge = True
        else:
            at_edge = False
        new = evaluate(t)
        used += 1
        if too_high(new, start) or new.loss >= bracket[low].loss:
            bracket[1 - low] = new
            low = 0 if bracket[0].loss <= bracket[1].loss else 1
        else:
            if flat(new, start):
                return new
            if new.slope * (bracket[1 - low].t - bracket[low].t) >= 0:
                bracket[1 - low] = bracket[low]  # the minimum is on the other side
            bracket[low] = new
    return bracket[low]


def find_bracket(
    evaluate: Callable[[float], Point], start: Point, t: float, max_evaluations: int
) -> tuple[list[Point], bool, int]:
    """Go further until a point is good, or the interval before it must hold a good one.

    Returns the one point or the two ends, whether it is good, and how many evaluations after the
    first it took.
    """
    before, new = start, evaluate(t)
    for used in range(max_evaluations):
        if too_high(new, start) or (used > 1 and new.loss >= before.loss):
            return [before, new], False, used
        if flat(new, start):
            return [new], True, used
        if new.slope >= 0:
            return [before, new], False, used
        nearest, furthest = new.t + 0.01 * (new.t - before.t), new.t * 10
        t = cubic_minimum(before, new, nearest, furthest)
        before, new = new, evaluate(t)
    return [start, new], False, max_evaluations


def too_high(point: Point, start: Point) -> bool:
    return point.loss > start.loss + C1 * point.t * start.slope


def flat(point: Point, start: Point) -> bool:
    return abs(point.slope) <= -C2 * start.slope


def cubic_minimum(a: Point, b: Point, lowest: float, highest: float) -> float:
    """Where the cubic through both losses and slopes is least, within the bounds (eq. 3.59)."""
    if a.t > b.t:
        a, b = b, a
    width = np.float64(b.t - a.t)  # a NumPy number: division by 0 gives infinity
    d1 = a.slope + b.slope - 3 * (b.loss - a.loss) / width
    square = d1 * d1 - a.slope * b.slope
    if not square >= 0:
        return (lowest + highest) / 2
    d2 = np.sqrt(square)
    t = b.t - width * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
    return float(min(max(t, lowest), highest))

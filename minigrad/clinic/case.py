"""One function at one point: the Jacobian of its pullback beside the one of differences."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from minigrad import autograd
from minigrad.clinic import numeric
from minigrad.clinic.report import Diagnosis
from minigrad.clinic.subject import Subject
from minigrad.clinic.words import called

LOG = logging.getLogger("minigrad.clinic")
ENTRIES = 12  # of the wrong entries, how many a diagnosis lists


class Case:
    """A subject, its values `y` at its arrays `x`, and both Jacobians, A by pullback and N.

    A[n] and N[n] are arrays of (elements of all outputs, elements of x[n]). Where the pullback
    returned a gradient of a shape that is not its argument's, A[n] is None and `misshapen[n]`
    holds the gradients as they came, one for each output element. `error` is what it raised.
    """

    def __init__(self, subject: Subject, again: Callable[[], None]):
        self.subject, self.again = subject, again
        self.x = subject.arrays
        again()
        self.y = subject.values(self.x)
        self.floating = [k for k, y in enumerate(self.y) if y.dtype.kind == "f"]
        self.rows = sum(self.y[k].size for k in self.floating)
        self.error: Exception | None = None
        self.misshapen: dict[int, list[np.ndarray]] = {}

    def values(self, x: Any) -> list[np.ndarray]:
        self.again()
        return self.subject.values(x)

    def pullback(self) -> Callable[[Any], list]:
        """A fresh one, of a fresh run; it returns copies."""
        self.again()
        pull = self.subject.run(self.x)[1]
        return lambda gs: [g if g is None else np.array(g) for g in pull(gs)]

    def cotangent(self, fill: Callable[[tuple], Any]) -> list:
        return [
            np.asarray(fill(y.shape), dtype=y.dtype) if k in self.floating else None
            for k, y in enumerate(self.y)
        ]

    def one_hot(self, row: int) -> list:
        gs = self.cotangent(np.zeros)
        for k in self.floating:
            if row < gs[k].size:
                gs[k].reshape(-1)[row] = 1
                break
            row -= gs[k].size
        return gs

    def gradients(self, pull_of_row: Callable[[], Callable] | None = None) -> list[list]:
        """For each output element, the gradients of the arguments as the pullback gives them."""
        fresh = pull_of_row or self.pullback
        return [fresh()(self.one_hot(row)) for row in range(self.rows)]

    @functools.cached_property
    def A(self) -> list[Any]:
        try:
            found = self.gradients()
        except Exception as error:  # whatever a student's pullback raises is a finding
            self.error = error
            return [None] * len(self.x)
        return [self.stacked([gs[n] for gs in found], n) for n in range(len(self.x))]

    def stacked(self, gradients: list, n: int) -> np.ndarray | None:
        shape = self.x[n].shape
        if not gradients:
            return np.zeros((0, self.x[n].size))
        if any(g is not None and g.shape != shape for g in gradients):
            self.misshapen[n] = [np.zeros(shape) if g is None else g for g in gradients]
            return None
        rows = [np.zeros(shape) if g is None else g for g in gradients]
        return np.stack([g.astype(float).reshape(-1) for g in rows]) / self.unit

    @functools.cached_property
    def _raw(self) -> list[np.ndarray]:
        return [self._differences(n) for n in range(len(self.x))]

    def _differences(self, n: int) -> np.ndarray:
        size = np.abs(self.x[n])
        if np.any((size > 0) & (size < 100 * numeric.STEP)):  # the step is as wide as the element
            return numeric.extrapolated(self.values, self.x, n)[0]
        return numeric.jacobian(self.values, self.x, n)

    @functools.cached_property
    def noise(self) -> float:
        """The error of differences that rounding alone makes, with a margin; in units of `unit`."""
        values = np.abs(numeric.flat(self.y))
        return 1e-9 * float(np.max(values, initial=0, where=np.isfinite(values))) / self.unit

    @functools.cached_property
    def unit(self) -> float:
        """Both Jacobians are in this unit: 1, or the largest slope if that is far from 1."""
        largest = [np.max(np.abs(j), initial=0, where=np.isfinite(j)) for j in self._raw]
        scale = float(max(largest, default=0))
        values = np.abs(numeric.flat(self.y))
        rounding = 1e-9 * float(np.max(values, initial=0, where=np.isfinite(values)))
        if 1e-2 <= scale <= 1e3 or scale <= 100 * rounding:
            return 1.0
        return 1.0 if scale < 1e-2 and self._steep_nearby > 30 * scale else scale

    @property
    def _steep_nearby(self) -> float:
        """The largest slope a little further on: at a minimum the slopes are errors alone."""
        there = [x + 1e-3 * (1 + np.abs(x)) if x.dtype.kind == "f" else x for x in self.x]
        try:
            slopes = [numeric.jacobian(self.values, there, n) for n in range(len(self.x))]
        except Exception:  # it is not defined there
            return 0.0
        return max((np.max(np.abs(j), initial=0, where=np.isfinite(j)) for j in slopes), default=0)

    @functools.cached_property
    def N(self) -> list[np.ndarray]:
        """Where differences give no number (infinity less infinity), A is taken at its word."""
        found = [j / self.unit for j in self._raw]
        return [
            j if a is None else np.where(np.isfinite(j), j, a)
            for j, a in zip(found, self.A, strict=True)
        ]

    def numeric(self, x: list, n: int) -> np.ndarray:
        """The differences at another point."""
        return numeric.jacobian(self.values, x, n) / self.unit

    @functools.cached_property
    def wrong(self) -> list[int]:
        """The arguments whose gradient is wrong."""
        return [n for n in range(len(self.A)) if not self.is_right(n)]

    def is_right(self, n: int) -> bool:
        a, exact = self.A[n], self.N[n]
        if a is None:
            return False
        if same(a, exact, floor=self.noise):
            return True
        scale = max(1.0, float(np.abs(exact).max(initial=0)))
        if not float(np.abs(a - exact).max(initial=0)) < 0.05 * scale:
            return False
        # So small an error may be one of the differences: by extrapolation these are more exact.
        better, error = (j / self.unit for j in numeric.extrapolated(self.values, self.x, n))
        doubt = 10 * error + 1e-8 * scale + self.noise / 100
        return bool(np.all(np.abs(a - better) <= doubt) and np.max(error) < 1e-4 * scale)

    def by_output(self, rows: np.ndarray) -> list[np.ndarray]:
        """Something for each row of the Jacobians, in the shapes of the outputs."""
        found, start = [], 0
        for k in self.floating:
            size = self.y[k].size
            found.append(rows[start : start + size].reshape(self.y[k].shape + rows.shape[1:]))
            start += size
        return found

    @property
    def one_output(self) -> bool:
        return len(self.y) == 1

    def names(self, *parts: str) -> bool:
        """Whether the op's name or a parameter of it contains one of these."""
        op = getattr(self.subject, "op", None)
        words = [self.subject.name, *(op.parameters if op is not None and not op.opaque else [])]
        return any(part in word.lower() for part in parts for word in words)

    def found(self, code: str, n: int | None, certainty: float, **evidence: Any) -> Diagnosis:
        place = None if n is None else self.subject.places[n]
        op = self.subject.name if hasattr(self.subject, "op") else None
        entries = [] if n is None else self.entries(n)
        names = self.subject.names
        name = names[place] if place is not None and place < len(names) else ""
        return Diagnosis(code, place, evidence, certainty, entries, op, self.subject.line, name)

    def called(self, n: int) -> str:
        place, names = self.subject.places[n], self.subject.names
        return called(place, names[place] if place < len(names) else "")

    def entries(self, n: int) -> list[tuple]:
        """Where the worst errors are: (index in the output, index in the argument)."""
        a = self.A[n]
        if a is None or not self.one_output:
            return []
        error = np.where(np.isnan(a), np.inf, np.abs(a - self.N[n]))
        order = np.argsort(-error, axis=None)[:ENTRIES]
        bad = [i for i in order if error.reshape(-1)[i] > 1e-6]
        places = [np.unravel_index(int(i), error.shape) for i in bad]
        return [
            (index(row, self.y[0].shape), index(column, self.x[n].shape)) for row, column in places
        ]


def index(i: Any, shape: tuple) -> tuple[int, ...]:
    return tuple(int(k) for k in np.unravel_index(int(i), shape)) if shape else ()


def same(a: np.ndarray, b: np.ndarray, tolerance: float = 2e-6, floor: float = 0.0) -> bool:
    """Whether two arrays agree as far as differences can tell; floor: their rounding error."""
    if a.shape != b.shape:
        return False
    if not a.size:
        return True
    equal = (a == b) | (np.isnan(a) & np.isnan(b))
    scale = max(1.0, float(np.max(np.abs(np.where(np.isfinite(b), b, 0)))))
    with np.errstate(invalid="ignore"):
        return bool(np.all(equal | (np.abs(a - b) <= tolerance * scale + floor)))


def attempted(rule: Callable[..., Iterable[Diagnosis]], *args: Any) -> list[Diagnosis]:
    """What a rule finds. One that fails, on a pullback that nobody thought of, is passed over.

    The log of `minigrad.clinic` says so, at the level DEBUG, with the traceback.
    """
    found: list[Diagnosis] = []
    try:
        with np.errstate(all="ignore"):
            for d in rule(*args):
                found.append(d)  # noqa: PERF402 - what was found before it failed is kept
    except Exception:
        LOG.debug("a rule failed", exc_info=True)
    return found


def summed_to(g: np.ndarray, shape: tuple) -> np.ndarray | None:
    """g summed over the axes along which `shape` broadcasts to it; None if it does not."""
    return autograd.sum_to(g, shape) if autograd.broadcasts(shape, g.shape) else None

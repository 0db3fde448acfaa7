"""The gradient clinic: what is wrong with a gradient, found from its numbers and its source.

`minigrad.gradcheck` is its door. To read it, open `faults.py` (the thirty answers) and then
`diagnose.py` (the order of the questions). The map:

1. What is asked: `intake.py` brings what came in into one form, `plain.py` and `objects.py` a plain
   function and another engine's objects.
2. Is it right? `checker.py` has both Jacobians made (`numeric.py`) and compared (`comparison.py`);
   what is too large for that goes to `directions.py`, second derivatives to `second.py`.
3. Where? `blame.py` finds the ops of a composition. Each is a `subject.py` (arrays in, values and a
   pullback out) and, at one point, a `case.py` (A by the pullback, N by differences).
4. What is it? In this order: what magnitudes cannot show (`contracts.py`), kinks (`ties.py`), the
   signatures of A beside N (`magnitudes.py`, `arrangements.py`, `supports.py`, `ranks.py`), and
   changes that are tried (`trial.py`): of a saved value (`repairs.py`), or of an expression in the
   source (`rewriting.py`, with what `substitutions.py` and `factors.py` propose).
5. What is said: `report.py`, in `words.py`, at the line that `sources.py` finds, and `rendering.py`
   for a notebook and a terminal.

A check leaves no trace: `dice.py` for random numbers, `untouched.py` for the function itself.
Engines that somebody wrote are checked by `engines.py`, with `operations.py` and `foreign.py`.
"""

from typing import TYPE_CHECKING

from minigrad.lazy import importing

if TYPE_CHECKING:
    from minigrad.clinic.engines import check_engine
    from minigrad.clinic.faults import FAULTS, Fault
    from minigrad.clinic.report import Diagnosis, Report

__all__ = ["FAULTS", "Diagnosis", "Fault", "Report", "check_engine"]

__getattr__ = importing(
    __name__,
    {
        "engines": ["check_engine"],
        "faults": ["FAULTS", "Fault"],
        "report": ["Diagnosis", "Report"],
    },
)

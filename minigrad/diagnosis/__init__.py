"""A doctor for training: what is wrong with a step or a loop, with its evidence and what to try.

`diagnose(model, loss)` looks at one step; a `Doctor(model, optimizer)` looks on while a loop runs.
(`minigrad doctor`, the command, looks at the installation: that is `minigrad/cli/doctor.py`.)

Each kind of finding has a file, with its thresholds and their reasons at its head: the graph in
`no_gradient.py`, the first NaN in `not_finite.py`, the order of calls in `loop.py`,
`learning_rate.py`, weight `decay.py`, `shuffling.py`, what a loss is given in `targets.py` and
`mistakes.py`, `evaluation.py`, `units.py`, `layers.py`, and a loss that does not move in
`stuck.py`. Most are in Karpathy's "A recipe for training neural networks", 2019, as well.
"""

from typing import TYPE_CHECKING

from minigrad.lazy import importing

if TYPE_CHECKING:
    from minigrad.diagnosis.doctor import Doctor
    from minigrad.diagnosis.one_step import diagnose
    from minigrad.diagnosis.report import Finding, Report

__all__ = ["Doctor", "Finding", "Report", "diagnose"]

__getattr__ = importing(
    __name__,
    {"doctor": ["Doctor"], "one_step": ["diagnose"], "report": ["Finding", "Report"]},
)

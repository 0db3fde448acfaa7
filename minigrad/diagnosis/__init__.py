"""A doctor for training: what is wrong with a step, with its evidence and what to try.

`diagnose(model, loss)` looks at one step; a `Doctor(model, optimizer)` looks on while a loop runs.
(`minigrad doctor`, the command, looks at the
installation: that is `minigrad/cli/doctor.py`.)
"""

from minigrad.diagnosis.diagnose import diagnose
from minigrad.diagnosis.doctor import Doctor
from minigrad.diagnosis.report import Finding, Report

__all__ = ["Doctor", "Finding", "Report", "diagnose"]

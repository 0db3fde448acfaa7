"""A doctor for training: what is wrong with a step, with its evidence and what to try.

`diagnose(model, loss)` looks at one step. (`minigrad doctor`, the command, looks at the
installation: that is `minigrad/cli/doctor.py`.)
"""

from minigrad.diagnosis.diagnose import diagnose
from minigrad.diagnosis.report import Finding, Report

__all__ = ["Finding", "Report", "diagnose"]

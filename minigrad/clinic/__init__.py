"""The gradient clinic: what is wrong with a gradient, found from its numbers.

`minigrad.gradcheck` is its door. A check that fails is explained here: `diagnose.py` asks the
questions in order, `faults.py` has the thirty answers.
"""

from minigrad.clinic.engines import check_engine
from minigrad.clinic.faults import FAULTS, Fault
from minigrad.clinic.report import Diagnosis, Report

__all__ = ["FAULTS", "Diagnosis", "Fault", "Report", "check_engine"]

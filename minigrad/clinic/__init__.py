"""The gradient clinic: what is wrong with a gradient, found from its numbers and its source.

`minigrad.gradcheck` is its door. What comes in is brought into one form (`intake.py`), both
Jacobians are made and compared (`checker.py`), and a difference is explained (`diagnose.py`):
contracts first, then signatures in the numbers, then repairs that are tried. `faults.py` has the
thirty answers, `report.py` what is said in the end. Engines that somebody wrote are in
`engines.py`, second derivatives in `second.py`.
"""

from minigrad.clinic.engines import check_engine
from minigrad.clinic.faults import FAULTS, Fault
from minigrad.clinic.report import Diagnosis, Report

__all__ = ["FAULTS", "Diagnosis", "Fault", "Report", "check_engine"]

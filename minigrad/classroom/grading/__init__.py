"""Grading a folder of submissions: each in its own processes, all into one gradebook.

`assignment.py` says what is asked; `grader.py` asks it of everybody; `gradebook.py` keeps the
answers, so that a run that was killed goes on; `reports.py` and `analysis.py` write what students
and instructors read.
"""

"""The course: lessons, exercises, assignments, grading.

What `checks.py` of a lesson is written with stands here; the rest is behind the commands
`minigrad lesson`, `start`, `check`, `assign`, `grade` and `audit`.
"""

from minigrad.classroom.gradients import gradients_right
from minigrad.classroom.question import Wrong, beside, holds, question, raises, same, shown

__all__ = ["Wrong", "beside", "gradients_right", "holds", "question", "raises", "same", "shown"]

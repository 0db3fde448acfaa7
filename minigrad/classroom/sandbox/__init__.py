"""Somebody else's code, run where it can do no harm: it answers, and is judged elsewhere.

The judge's process knows the questions, the expected values and the scores. The submission runs in
a process of its own (`worker.py`), fenced in by the kernel (`isolation.py`) and forked from a
process that knows no question and no solution (`nursery.py`). Between the two go requests and
arrays in a format that can say nothing else (`wire.py`); `student.py` is the judge's end of it.
"""

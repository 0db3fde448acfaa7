"""Somebody else's code, run where it can do no harm: it answers, and is judged elsewhere.

The judge's process knows the questions, the expected values and the scores. The submission runs in
a process of its own (`worker.py`), fenced in by the kernel (`isolation.py`) and forked from a
process that knows no question and no solution (`nursery.py`). Between the two go requests and
arrays in a format that can say nothing else (`wire.py`). The judge's end: `starting.py` starts a
process, `student.py` asks it, `remote.py` is what stays over there.

What a submission can still do: take the time of its limits, question by question, before it answers
right; learn which files exist, how large they are and when they were written (`stat` is not
refused), but not what is in them; see the inputs of a hidden question and the reference's earlier
solutions, without a way to say them in its report; answer with what minigrad itself computes.
Where the system allows no file system of its own (most containers), it can write to the disk for as
long as its time lasts, and `minigrad grade` says so.
"""

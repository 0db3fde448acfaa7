"""The stepper: a computation that one walks through, forward and backward, node by node.

A graph is written down once, as plain data (`recording.py`), by `recorder.py`, which runs backward
by its own walk in `walk.py`, and is told by `watch.py` of lines and names. A page (`page.py`, put
together from `web/`), text (`text.py`) and the terminal (`terminal.py`) show it. `script.py`
records what a script of the student's computes, `example.py` a network for paper.
"""

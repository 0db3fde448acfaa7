"""The stepper: a computation that one walks through, forward and backward, node by node.

A graph is written down once, as plain data (`recording.py`, made by `recorder.py`, which runs
backward by its own walk in `walk.py`); a page (`page.py`), text (`text.py`) and the terminal
(`terminal.py`) show it.
"""

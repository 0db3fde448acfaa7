"""The colours of numbers and of groups, which all pictures share."""

from __future__ import annotations

from matplotlib.colors import LinearSegmentedColormap

from minigrad.viz.plots import HELD_OUT, INK, QUIET, TRAINING

# Blue and orange stay apart for every kind of colour blindness, and their middle is white.
SIGNED = LinearSegmentedColormap.from_list("signed", [TRAINING, "white", HELD_OUT])
SHARES = LinearSegmentedColormap.from_list("shares", ["white", TRAINING, "#123a80"])
HEIGHTS = LinearSegmentedColormap.from_list("heights", ["white", "#8fa8d8"])  # with lines on it
GROUPS = (TRAINING, HELD_OUT, "#2a9d62", "#8a4fbf", "#b58900", "#0891b2", "#c2417c", "#7a5230",
          QUIET, INK)  # fmt: skip

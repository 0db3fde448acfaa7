"""Training: `fit` and its callbacks, and what loops of one's own are made of."""

from minigrad.train.checkpoint import load_checkpoint, save_checkpoint
from minigrad.train.fit import evaluate, fit
from minigrad.train.history import History
from minigrad.train.run import Run
from minigrad.train.stopping import EarlyStopping, SaveBest

__all__ = [
    "EarlyStopping", "History", "Run", "SaveBest", "evaluate", "fit", "load_checkpoint",
    "save_checkpoint",
]  # fmt: skip

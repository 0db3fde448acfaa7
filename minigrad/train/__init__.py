"""Training: `fit` and its callbacks, and what loops of one's own are made of."""

from minigrad.train.averaging import Averaging
from minigrad.train.checkpoint import load_checkpoint, save_checkpoint
from minigrad.train.fit import evaluate, fit
from minigrad.train.folds import k_folds
from minigrad.train.history import History
from minigrad.train.logs import TensorBoard
from minigrad.train.lr_finder import find_lr
from minigrad.train.penalties import l1_penalty, l2_penalty
from minigrad.train.run import Run
from minigrad.train.stopping import EarlyStopping, SaveBest

__all__ = [
    "Averaging", "EarlyStopping", "History", "Run", "SaveBest", "TensorBoard", "evaluate",
    "find_lr", "fit", "k_folds", "l1_penalty", "l2_penalty", "load_checkpoint", "save_checkpoint",
]  # fmt: skip

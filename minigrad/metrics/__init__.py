"""Metrics: numbers that say how good a model is, of arrays, Tensors or lists."""

from minigrad.metrics.classification import accuracy, confusion_matrix, f1, precision, recall
from minigrad.metrics.mean import Mean
from minigrad.metrics.ranking import roc_auc, roc_curve
from minigrad.metrics.regression import mean_absolute_error, r2
from minigrad.metrics.text import bleu, edit_distance, error_rate, perplexity

__all__ = [
    "Mean", "accuracy", "bleu", "confusion_matrix", "edit_distance", "error_rate", "f1",
    "mean_absolute_error", "perplexity", "precision", "r2", "recall", "roc_auc", "roc_curve",
]  # fmt: skip

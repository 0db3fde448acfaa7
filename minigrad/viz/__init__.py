"""Pictures of training (curves, a confusion matrix, misread images) and of speed (a roofline).

Each function returns a `matplotlib.figure.Figure`; `figure.savefig("name.png")` writes it. No
window is opened and none of matplotlib's global state is touched, so these work anywhere.
"""

from minigrad.viz.curves import learning_rates, training_curves
from minigrad.viz.performance import roofline, speed_by_step, time_against_size
from minigrad.viz.plots import confusion_matrix, image_grid, loss_curve

__all__ = [
    "confusion_matrix", "image_grid", "learning_rates", "loss_curve", "roofline", "speed_by_step",
    "time_against_size", "training_curves",
]  # fmt: skip

"""Pictures of training: curves, a confusion matrix, the images that a network got wrong.

Each function returns a `matplotlib.figure.Figure`; `figure.savefig("name.png")` writes it. No
window is opened and none of matplotlib's global state is touched, so these work anywhere.
"""

from minigrad.viz.plots import confusion_matrix, image_grid, loss_curve

__all__ = ["confusion_matrix", "image_grid", "loss_curve"]

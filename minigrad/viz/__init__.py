"""Pictures: of training, of what is inside a network, of where it stands, and of speed.

Each function returns a `matplotlib.figure.Figure`; `figure.savefig("name.png")` writes it. No
window is opened and none of matplotlib's global state is touched, so these work anywhere.
`minigrad gallery` draws one of each, with the lines that made it.
"""

from minigrad.viz.attention import attention_maps, attention_weights
from minigrad.viz.boundaries import Boundaries, boundary_film, decision_boundaries
from minigrad.viz.curves import learning_rates, training_curves
from minigrad.viz.embeddings import embeddings
from minigrad.viz.filters import filters
from minigrad.viz.landscape import loss_landscape, loss_surface
from minigrad.viz.layers import layers_over_time
from minigrad.viz.paths import BEALE, ROSENBROCK, optimizer_paths
from minigrad.viz.performance import roofline, speed_by_step, time_against_size
from minigrad.viz.plots import confusion_matrix, image_grid, loss_curve
from minigrad.viz.recorder import Recorder

__all__ = [
    "BEALE", "ROSENBROCK", "Boundaries", "Recorder", "attention_maps", "attention_weights",
    "boundary_film", "confusion_matrix", "decision_boundaries", "embeddings", "filters",
    "image_grid", "layers_over_time", "learning_rates", "loss_curve", "loss_landscape",
    "loss_surface", "optimizer_paths", "roofline", "speed_by_step", "time_against_size",
    "training_curves",
]  # fmt: skip

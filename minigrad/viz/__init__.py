"""Pictures: of a computation, of training, of what is inside a network, and of speed.

`step` records a computation and lets one walk through it, forward and backward, node by node;
`graph` draws its graph, as SVG and as DOT text. Each other function returns a
`matplotlib.figure.Figure`; `figure.savefig("name.png")` writes it. No window is opened and none of
matplotlib's global state is touched, so these work anywhere. `minigrad gallery` draws one of each,
with the lines that made it.

A name is imported when it is first used: `step` and `graph` need no matplotlib.
"""

from typing import TYPE_CHECKING

from minigrad.lazy import importing

if TYPE_CHECKING:
    from minigrad.viz.attention import attention_maps, attention_weights
    from minigrad.viz.boundaries import Boundaries, boundary_film, decision_boundaries
    from minigrad.viz.curves import learning_rates, training_curves
    from minigrad.viz.filter_images import filters
    from minigrad.viz.graphs.drawing import graph
    from minigrad.viz.landscape import loss_landscape, loss_surface
    from minigrad.viz.layers import layers_over_time
    from minigrad.viz.paths import BEALE, ROSENBROCK, optimizer_paths
    from minigrad.viz.performance import roofline, speed_by_step, time_against_size
    from minigrad.viz.plots import confusion_matrix, image_grid, loss_curve
    from minigrad.viz.projection import embeddings
    from minigrad.viz.recorder import Recorder
    from minigrad.viz.stepper.page import step

HOMES = {
    "attention": ["attention_maps", "attention_weights"],
    "boundaries": ["Boundaries", "boundary_film", "decision_boundaries"],
    "curves": ["learning_rates", "training_curves"],
    "filter_images": ["filters"],
    "graphs.drawing": ["graph"],
    "landscape": ["loss_landscape", "loss_surface"],
    "layers": ["layers_over_time"],
    "paths": ["BEALE", "ROSENBROCK", "optimizer_paths"],
    "performance": ["roofline", "speed_by_step", "time_against_size"],
    "plots": ["confusion_matrix", "image_grid", "loss_curve"],
    "projection": ["embeddings"],
    "recorder": ["Recorder"],
    "stepper.page": ["step"],
}

__all__ = [
    "BEALE", "ROSENBROCK", "Boundaries", "Recorder", "attention_maps", "attention_weights",
    "boundary_film", "confusion_matrix", "decision_boundaries", "embeddings", "filters", "graph",
    "image_grid", "layers_over_time", "learning_rates", "loss_curve", "loss_landscape",
    "loss_surface", "optimizer_paths", "roofline", "speed_by_step", "step", "time_against_size",
    "training_curves",
]  # fmt: skip

__getattr__ = importing(__name__, HOMES)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])

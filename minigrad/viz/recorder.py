"""What happens inside a model while it learns, in a few numbers for each layer and step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad.viz.arrays import as_array

if TYPE_CHECKING:
    from minigrad.nn import Module
    from minigrad.train.run import Run

LEVELS = (5, 25, 50, 75, 95)  # the percentiles that are kept
KINDS = ("activations", "gradients", "weights")


class Recorder:
    """Percentiles of the activations, gradients and weights of each layer, over the steps.

    In a loop of one's own, `record()` is called after `backward()` and before `zero_grad()`; as a
    callback of `minigrad.train.fit` it is called after each step. activations: what a layer gave at
    its last forward in training mode. gradients: |gradient| of its weight, since a gradient's size
    is what one wants to know. weights: those of its `weight`.

    layers: their names as in `model.named_modules()`; by default every one without children.
    every: only each so many-th step is kept. `remove()` takes the hooks off the model.

    Raises ValueError for a name that the model has not, and for every < 1.

    >>> import minigrad as mg
    >>> model = mg.nn.Sequential(mg.nn.Linear(2, 3), mg.nn.ReLU())
    >>> recorder = Recorder(model)
    >>> model(mg.ones(4, 2)).sum().backward()
    >>> recorder.record()
    >>> recorder.steps, list(recorder.values["gradients"]), list(recorder.values["activations"])
    ([1], ['0'], ['0', '1'])
    """

    def __init__(self, model: Module, layers: list[str] | None = None, every: int = 1):
        if every < 1:
            raise ValueError(f"Recorder: expected every >= 1, got {every}")
        found = dict(model.named_modules())
        if layers is None:
            layers = [name for name, module in found.items() if not list(module.children())]
        missing = [name for name in layers if name not in found]
        if missing:
            raise ValueError(
                f"Recorder: the model has no layer {', '.join(map(repr, missing))}; "
                f"it has {', '.join(map(repr, filter(None, found)))}"
            )
        self.layers = {name: found[name] for name in layers}
        self.every, self.seen = every, 0
        self.steps: list[int] = []
        # kind, then layer, then a row of percentiles for each step in which it had any
        self.values: dict[str, dict[str, dict[int, np.ndarray]]] = {kind: {} for kind in KINDS}
        self._handles = [
            module.register_forward_hook(self._watch(name)) for name, module in self.layers.items()
        ]

    def _watch(self, name: str) -> Any:
        def hook(module: Module, args: Any, output: Any) -> None:
            # The step that this forward belongs to is the next one that `record` counts.
            if module.training and self.seen % self.every == 0:
                first = output[0] if isinstance(output, tuple) else output
                self._keep("activations", name, self.seen + 1, first)

        return hook

    def _keep(self, kind: str, name: str, step: int, values: Any) -> None:
        array = as_array(values).astype(np.float64)
        if array.size:
            array = np.abs(array) if kind == "gradients" else array
            self.values[kind].setdefault(name, {})[step] = np.percentile(array, LEVELS)

    def record(self) -> None:
        """Count a step, and keep what its gradients and the weights are."""
        self.seen += 1
        if (self.seen - 1) % self.every:
            return
        self.steps.append(self.seen)
        for name, module in self.layers.items():
            weight = getattr(module, "weight", None)
            if weight is None:
                continue
            self._keep("weights", name, self.seen, weight)
            if weight.grad is not None:
                self._keep("gradients", name, self.seen, weight.grad)

    def on_step(self, run: Run) -> None:
        self.record()

    def remove(self) -> None:
        for handle in self._handles:
            handle.remove()

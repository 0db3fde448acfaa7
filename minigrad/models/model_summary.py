"""What a model is made of: layers, shapes, parameters, arithmetic and memory."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from minigrad.graph import describe, is_tensor
from minigrad.mode import no_grad, watching
from minigrad.nn.modes import modes_kept

SMALL, MEDIUM = 1_000_000, 100_000_000  # parameters: up to these a model is small, or medium


class Layer(NamedTuple):
    """name: as in named_modules, "" for the model itself. output: the shape of its last result,
    None if it was not called (a ModuleList, say). parameters and flops: with those of its parts."""

    name: str
    kind: str
    output: str | None
    parameters: int
    flops: int


class Summary(NamedTuple):
    """parameters are counted once, however many layers share them; weights, activations: bytes."""

    layers: list[Layer]
    parameters: int
    trainable: int
    flops: int
    weights: int
    activations: int

    @property
    def size(self) -> str:
        """small up to a million parameters, medium up to a hundred million, large above."""
        count = self.parameters
        return "small" if count <= SMALL else "medium" if count <= MEDIUM else "large"

    @property
    def training(self) -> int:
        """Bytes that a training step needs: weights, gradients, Adam's averages, activations."""
        return 4 * self.weights + self.activations

    def __str__(self) -> str:
        rows = [("layer", "output", "parameters", "FLOPs")]
        for layer in self.layers:
            depth, _, own = layer.name.rpartition(".")
            indent = "  " * (depth.count(".") + 1 + bool(depth)) if layer.name else ""
            name = f"{indent}{own}: {layer.kind}" if layer.name else layer.kind
            count = f"{layer.parameters:,}" if layer.parameters else "-"
            rows.append((name, layer.output or "-", count, amount(layer.flops)))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}  {d:>{widths[3]}}"
            for a, b, c, d in rows
        ]
        frozen = self.parameters - self.trainable
        return "\n".join([
            lines[0], "-" * len(lines[0]), *lines[1:], "-" * len(lines[0]),
            f"parameters   {self.parameters:,}" + (f", {frozen:,} of them frozen" if frozen else "")
            + f": a {self.size} model",
            f"arithmetic   {quantity(self.flops, 'FLOP')} forward, three times that for a training "
            "step",
            f"memory       weights {quantity(self.weights, 'B')}, activations "
            f"{quantity(self.activations, 'B')}; training with Adam {quantity(self.training, 'B')}",
        ])  # fmt: skip


def summary(model: Any, input: Any) -> None:
    """Print what `summarize` finds.

    >>> from minigrad import nn
    >>> summary(nn.Sequential(nn.Linear(4, 3), nn.ReLU()), (2, 4))
    layer        output  parameters  FLOPs
    --------------------------------------
    Sequential   (2, 3)          15     48
      0: Linear  (2, 3)          15     48
      1: ReLU    (2, 3)           -      -
    --------------------------------------
    parameters   15: a small model
    arithmetic   48 FLOP forward, three times that for a training step
    memory       weights 60 B, activations 48 B; training with Adam 288 B
    """
    print(summarize(model, input))


def summarize(model: Any, input: Any) -> Summary:
    """Run the model once, in eval mode and without a graph, and say what was seen.

    input: its argument, a tuple of its arguments, or the shape (a tuple of numbers) of one of
    float32. FLOPs are those of products (linear layers, convolutions, attention, recurrent layers),
    a multiplication and an addition counted as two, as everybody counts them; what is left out is a
    small part. Activations: the bytes of all results, views not counted, that are computed on the
    way, most of which a training step keeps. Raises ValueError for an input that is none of these,
    and whatever the model raises.
    """
    import minigrad

    if isinstance(input, tuple) and input and all(isinstance(n, int) for n in input):
        arguments: tuple = (minigrad.zeros(*input),)
    elif is_tensor(input):
        arguments = (input,)
    elif isinstance(input, tuple) and any(is_tensor(a) for a in input):
        arguments = input
    else:
        raise ValueError(
            "summary: expected a Tensor, a tuple of arguments, or a shape such as (1, 3, 32, 32), "
            f"got {describe(input)}"
        )
    seen = Observer(model)
    seen.run(arguments)
    layers = []
    for name, module in model.named_modules():
        count = sum(p.numel() for p in module.parameters())
        layers.append(
            Layer(
                name, type(module).__name__, seen.outputs.get(id(module)), count,
                seen.flops.get(id(module), 0),
            )
        )  # fmt: skip
    parameters, buffers = list(model.parameters()), list(model.buffers())
    return Summary(
        layers,
        sum(p.numel() for p in parameters),
        sum(p.numel() for p in parameters if p.requires_grad),
        layers[0].flops,
        sum(t.array.nbytes for t in parameters + buffers),
        seen.activations,
    )


class Observer:
    """Watches a model run: what each module returns, and the FLOPs of the ops within it."""

    def __init__(self, model: Any):
        self.model = model
        self.running: list[int] = []  # the modules whose forward is under way, by id
        self.outputs: dict[int, str] = {}
        self.flops: dict[int, int] = {}
        self.activations = 0

    def run(self, arguments: tuple) -> None:
        handles = []
        for module in self.model.modules():
            handles.append(module.register_forward_pre_hook(self.enter, prepend=True))
            handles.append(module.register_forward_hook(self.leave))
        try:
            with modes_kept(self.model), no_grad(), watching(by=self.watch):
                self.model.eval()
                self.model(*arguments)
        finally:
            for handle in handles:
                handle.remove()

    def enter(self, module: Any, arguments: Any) -> None:
        self.running.append(id(module))

    def leave(self, module: Any, arguments: Any, output: Any) -> None:
        self.running.pop()
        self.outputs[id(module)] = shape_of(output)

    def watch(self, op: Any, args: tuple, kwargs: dict, out: Any, slot: int | None) -> None:
        if out.array.base is None and op.name != "written":  # its value was told of before
            self.activations += out.array.nbytes
        count = FLOPS.get(op.name)
        if count is not None and not slot:  # of an op with several results, with the first
            flops = count(out, *args)
            for module in self.running:
                self.flops[module] = self.flops.get(module, 0) + flops


# ---------------------------------------------------------------------------- FLOPs of an op


def _attention(out: Any, query: Any, key: Any, value: Any, *_: Any) -> int:
    *batch, length, _ = out.shape  # the whole square, though a causal mask hides half of it
    return 2 * math.prod(batch) * length * key.shape[-2] * (query.shape[-1] + value.shape[-1])


def _recurrent(out: Any, x: Any, *args: Any) -> int:
    weights = [a for a in args if is_tensor(a) and a.ndim == 2][-2:]  # (gates, I), (gates, H)
    return 2 * math.prod(x.shape[:2]) * sum(w.numel() for w in weights)


FLOPS = {
    "matmul": lambda out, x, y: 2 * out.numel() * x.shape[-1],
    "linear": lambda out, x, weight, *_: 2 * out.numel() * weight.shape[-1],
    "convolution": lambda out, x, weight, *_: 2 * out.numel() * math.prod(weight.shape[1:]),
    "grad_input": lambda out, x, weight, *_: 2 * x.numel() * math.prod(weight.shape[1:]),
    "scaled_dot_product_attention": _attention,
    "lstm_layer": _recurrent,
    "gru_layer": _recurrent,
    "rnn_layer": _recurrent,
}


# ---------------------------------------------------------------------------- in words


def shape_of(output: Any) -> str:
    """`(2, 3)`, of several results those of the first level."""
    if is_tensor(output):
        return str(tuple(output.shape))
    if isinstance(output, (tuple, list)):
        return ", ".join(shape_of(part) for part in output if part is not None)
    return type(output).__name__


def amount(number: float) -> str:
    """`1.82 G`: a count with three digits.

    >>> amount(0), amount(950), amount(1_814_073_344)
    ('-', '950', '1.81 G')
    """
    if not number:
        return "-"
    for unit in ("", " K", " M", " G"):
        if number < 999.5:
            return f"{number:.3g}{unit}"
        number /= 1000
    return f"{number:,.3g} T"


def quantity(number: float, unit: str) -> str:
    """`1.5 MB`, `60 B`."""
    text = amount(number) if number else "0"
    return text + unit if text[-1].isalpha() else f"{text} {unit}"

"""RNN, LSTM and GRU: layers one upon the other, in one direction or both.

One layer in one direction is one op for the whole sequence (`ops/recurrent.py`), with the products,
the gates and the steps in a kernel; what is here arranges them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import ops
from minigrad.creation import empty, zeros
from minigrad.graph import describe, wrap
from minigrad.nn import functional as F
from minigrad.nn import init
from minigrad.nn.module import Module, check_sizes
from minigrad.nn.parameter import Parameter
from minigrad.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence
from minigrad.ops.axes import raw


class RNNBase(Module):
    """What the three share. A subclass says how many gates and states there are, and runs a layer.

    Parameters of layer k: weight_ih_l{k} (gates * hidden, inputs), weight_hh_l{k} (gates * hidden,
    hidden), bias_ih_l{k} and bias_hh_l{k} (gates * hidden), with "_reverse" at the end for the
    other direction; uniform in ±1/sqrt(hidden_size).
    """

    gates: int
    states = 1  # h, or h and c

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool,
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
        device: Any,
        dtype: Any,
    ):
        super().__init__()
        name = type(self).__name__
        check_sizes(self, input_size=input_size)
        for what, value in (("hidden_size", hidden_size), ("num_layers", num_layers)):
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"{name}: {what} must be an integer above 0, got {value!r}")
        if not 0 <= dropout <= 1:
            raise ValueError(f"{name}: dropout must be a probability in [0, 1], got {dropout}")
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first = bias, batch_first
        self.dropout, self.bidirectional = float(dropout), bidirectional
        for layer in range(num_layers):
            for end in self._ends():
                inputs = input_size if layer == 0 else hidden_size * len(self._ends())
                rows = self.gates * hidden_size
                shapes = {"weight_ih": (rows, inputs), "weight_hh": (rows, hidden_size)}
                if bias:
                    shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
                for kind, shape in shapes.items():
                    parameter = Parameter(empty(shape, device=device, dtype=dtype))
                    self.register_parameter(f"{kind}_l{layer}{end}", parameter)
        self.reset_parameters()

    def _ends(self) -> tuple[str, ...]:
        return ("", "_reverse") if self.bidirectional else ("",)

    def reset_parameters(self) -> None:
        """Draw all parameters anew."""
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def flatten_parameters(self) -> None:
        """Does nothing: it is for cuDNN."""

    def _run(self, x: Any, states: tuple, parameters: list, lengths: Any, reverse: bool) -> tuple:
        """One layer in one direction: (y, *last states)."""
        raise NotImplementedError

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        packed, lengths, batched = None, None, True
        if isinstance(input, PackedSequence):
            packed = input
            x, lengths = pad_packed_sequence(packed._replace(unsorted_indices=None))
        else:
            batched = input.ndim == 3
            x = self._as_steps(input, batched)
        if x.shape[-1] != self.input_size:
            raise RuntimeError(
                f"{type(self).__name__}: expected an input of input_size={self.input_size} "
                f"features, got {describe(packed.data if packed else input)}"
            )
        states = self._initial(hx, x, batched, packed)
        y, last = self._layers(x, states, lengths)
        if packed is not None:
            y = pack_padded_sequence(y, lengths)
            y = packed._replace(data=y.data)
            if packed.unsorted_indices is not None:
                last = [s[:, packed.unsorted_indices] for s in last]
        elif not batched:
            y, last = y[:, 0], [s[:, 0] for s in last]
        elif self.batch_first:
            y = ops.swapaxes(y, 0, 1)
        return y, tuple(last) if self.states == 2 else last[0]

    def _as_steps(self, input: Any, batched: bool) -> Any:
        """(T, B, I)."""
        if input.ndim not in (2, 3):
            raise ValueError(
                f"{type(self).__name__}: expected an input (T, B, I), (B, T, I) with batch_first, "
                f"or (T, I), got {describe(input)}"
            )
        if not batched:
            return ops.unsqueeze(input, 1)
        return ops.swapaxes(input, 0, 1) if self.batch_first else input

    def _initial(self, hx: Any, x: Any, batched: bool, packed: PackedSequence | None) -> list[Any]:
        """The states (layers * directions, B, H) to begin with, in the order of the batch."""
        shape = (self.num_layers * len(self._ends()), x.shape[1], self.hidden_size)
        name = type(self).__name__
        if hx is None:
            return [zeros(shape, dtype=x.dtype, device=x.device)] * self.states
        given = list(hx) if self.states == 2 else [hx]
        if self.states == 2 and not (isinstance(hx, (tuple, list)) and len(hx) == 2):
            raise TypeError(f"{name}: hx must be a tuple (h_0, c_0) of two Tensors")
        wanted = shape if batched else (shape[0], shape[2])
        for state, what in zip(given, ("h_0", "c_0"), strict=False):
            if tuple(state.shape) != wanted:
                raise RuntimeError(
                    f"{name}: expected {what} of shape {wanted}, got {describe(state)}"
                )
        if not batched:
            given = [ops.unsqueeze(state, 1) for state in given]
        if packed is not None and packed.sorted_indices is not None:
            given = [state[:, packed.sorted_indices] for state in given]
        return given

    def _layers(self, x: Any, states: list[Any], lengths: Any) -> tuple[Any, list[Any]]:
        ends: list[list[Any]] = [[] for _ in range(self.states)]
        if lengths is not None:
            lengths = wrap(np.asarray(raw(lengths)))
        for layer in range(self.num_layers):
            results = []
            for direction, end in enumerate(self._ends()):
                place = layer * len(self._ends()) + direction
                kinds = ["weight_ih", "weight_hh", *(["bias_ih", "bias_hh"] if self.bias else [])]
                parameters = [getattr(self, f"{kind}_l{layer}{end}") for kind in kinds]
                start = tuple(state[place] for state in states)
                y, *last = self._run(x, start, parameters, lengths, direction == 1)
                results.append(y)
                for kept, state in zip(ends, last, strict=True):
                    kept.append(state)
            x = results[0] if len(results) == 1 else ops.cat(results, -1)
            if self.dropout and layer < self.num_layers - 1:
                x = F.dropout(x, self.dropout, self.training)
        return x, [ops.stack(kept, 0) for kept in ends]

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        for name, usual in (
            ("num_layers", 1), ("bias", True), ("batch_first", False), ("dropout", 0),
            ("bidirectional", False),
        ):  # fmt: skip
            if getattr(self, name) != usual:
                text += f", {name}={getattr(self, name)}"
        return text


class RNN(RNNBase):
    """Elman's network: h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or nonlinearity="relu".

    Called with an input (T, B, I), with batch_first (B, T, I), unbatched (T, I), or a
    PackedSequence, and states hx (layers * directions, B, H) to begin with, zeros if None: returns
    (y, h_n), y (T, B, H * directions) the states of the last layer at all steps, h_n those of all
    layers at the end. dropout: between layers. Elman, "Finding structure in time", 1990.

    >>> import minigrad as mg
    >>> y, h = mg.nn.RNN(3, 4, num_layers=2)(mg.zeros(5, 2, 3))
    >>> y.shape, h.shape
    ((5, 2, 4), (2, 2, 4))
    """

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ):
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNN: nonlinearity is 'tanh' or 'relu', got {nonlinearity!r}")
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device,
            dtype,
        )  # fmt: skip
        self.nonlinearity = nonlinearity

    def _run(self, x: Any, states: tuple, parameters: list, lengths: Any, reverse: bool) -> tuple:
        biases = parameters[2:] or [None, None]
        return ops.rnn_layer(
            x, *states, *parameters[:2], *biases, self.nonlinearity, lengths, reverse
        )


class LSTM(RNNBase):
    """Long short-term memory; the equations are those of `ops.lstm_layer`, the call that of `RNN`.

    The state is a tuple: hx = (h_0, c_0), and it returns (y, (h_n, c_n)). PyTorch's proj_size is
    not there. Hochreiter and Schmidhuber, 1997.

    >>> import minigrad as mg
    >>> y, (h, c) = mg.nn.LSTM(3, 4, bidirectional=True)(mg.zeros(5, 2, 3))
    >>> y.shape, h.shape, c.shape
    ((5, 2, 8), (2, 2, 4), (2, 2, 4))
    """

    gates, states = 4, 2

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ):
        if proj_size:
            raise ValueError(
                f"LSTM: proj_size={proj_size} is not supported; project the output with a Linear"
            )
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device,
            dtype,
        )  # fmt: skip

    def _run(self, x: Any, states: tuple, parameters: list, lengths: Any, reverse: bool) -> tuple:
        biases = parameters[2:] or [None, None]
        return ops.lstm_layer(x, *states, *parameters[:2], *biases, lengths, reverse)


class GRU(RNNBase):
    """Gated recurrent unit; the equations are those of `ops.gru_layer`, the call that of `RNN`.

    Cho et al., 2014.
    """

    gates = 3

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ):
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device,
            dtype,
        )  # fmt: skip

    def _run(self, x: Any, states: tuple, parameters: list, lengths: Any, reverse: bool) -> tuple:
        biases = parameters[2:] or [None, None]
        return ops.gru_layer(x, *states, *parameters[:2], *biases, lengths, reverse)

"""One step of a recurrent layer, for loops of one's own."""

from __future__ import annotations

import math
from typing import Any

from minigrad import ops
from minigrad.creation import empty, zeros
from minigrad.graph import describe
from minigrad.nn import init
from minigrad.nn.module import Module, check_sizes
from minigrad.nn.parameter import Parameter


class RNNCellBase(Module):
    """weight_ih (gates * hidden, inputs), weight_hh (gates * hidden, hidden), bias_ih, bias_hh."""

    bias_ih: Parameter | None
    bias_hh: Parameter | None

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool, gates: int, device: Any, dtype: Any
    ):
        super().__init__()
        check_sizes(self, input_size=input_size, hidden_size=hidden_size)
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias

        def parameter(*shape: int) -> Parameter:
            return Parameter(empty(shape, device=device, dtype=dtype))

        rows = gates * hidden_size
        self.weight_ih, self.weight_hh = parameter(rows, input_size), parameter(rows, hidden_size)
        self.register_parameter("bias_ih", parameter(rows) if bias else None)
        self.register_parameter("bias_hh", parameter(rows) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters anew, uniform in ±1/sqrt(hidden_size)."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def _step(self, cell: Any, input: Any, states: tuple | None, count: int) -> tuple:
        """cell, of an input (B, I) or (I) and states of the same rank; zeros if None."""
        name = type(self).__name__
        if input.ndim not in (1, 2):
            raise ValueError(f"{name}: expected an input (B, I) or (I), got {describe(input)}")
        single = input.ndim == 1
        x = ops.unsqueeze(input, 0) if single else input
        if states is None:
            start = zeros((x.shape[0], self.hidden_size), dtype=x.dtype, device=x.device)
            states = (start,) * count
        elif any(state.ndim != input.ndim for state in states):
            raise ValueError(
                f"{name}: expected hx of {input.ndim} axes as the input has, got "
                f"{', '.join(map(describe, states))}"
            )
        elif single:
            states = tuple(ops.unsqueeze(state, 0) for state in states)
        weights = self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh
        new = cell(x, states if count == 2 else states[0], *weights)
        new = new if count == 2 else (new,)
        return tuple(state[0] for state in new) if single else tuple(new)

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        if self.bias is not True:
            text += f", bias={self.bias}"
        nonlinearity = getattr(self, "nonlinearity", "tanh")
        return text if nonlinearity == "tanh" else f"{text}, nonlinearity={nonlinearity}"


class RNNCell(RNNCellBase):
    """One step of `RNN`: (B, I) and the state (B, H) to the new state."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ):
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNNCell: nonlinearity is 'tanh' or 'relu', got {nonlinearity!r}")
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Any = None) -> Any:
        cell = ops.rnn_tanh_cell if self.nonlinearity == "tanh" else ops.rnn_relu_cell
        return self._step(cell, input, None if hx is None else (hx,), 1)[0]


class LSTMCell(RNNCellBase):
    """One step of `LSTM`: (B, I) and hx = (h, c) to the new (h, c)."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ):
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        if hx is not None and not (isinstance(hx, (tuple, list)) and len(hx) == 2):
            raise TypeError(f"LSTMCell: hx must be a tuple (h, c) of two Tensors, got {hx!r:.60}")
        h, c = self._step(ops.lstm_cell, input, None if hx is None else tuple(hx), 2)
        return h, c


class GRUCell(RNNCellBase):
    """One step of `GRU`: (B, I) and the state (B, H) to the new state."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ):
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input: Any, hx: Any = None) -> Any:
        return self._step(ops.gru_cell, input, None if hx is None else (hx,), 1)[0]

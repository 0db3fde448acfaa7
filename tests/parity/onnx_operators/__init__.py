"""ONNX's operators in minigrad's: one function each, with ONNX's inputs, attributes and defaults.

An attribute that a function does not take is a TypeError: none can be ignored by mistake. A result
that minigrad has no counterpart of is None. Definitions: https://onnx.ai/onnx/operators/.
"""

from __future__ import annotations

from tests.parity.onnx_operators import (
    elementwise,
    indexing,
    layers,
    optimizers,
    reductions,
    sequences,
    shapes,
    windows,
)

OPERATORS = {
    **elementwise.OPERATORS, **indexing.OPERATORS, **layers.OPERATORS, **optimizers.OPERATORS,
    **reductions.OPERATORS, **sequences.OPERATORS, **shapes.OPERATORS, **windows.OPERATORS,
}  # fmt: skip

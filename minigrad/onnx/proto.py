"""A `Graph` as an ONNX model: the only place that needs the package `onnx`."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from minigrad.onnx.graph import Graph, Node

IR_VERSION, OPSET = 10, 21


def package() -> Any:
    """The package `onnx`, imported when it is first needed."""
    try:
        import onnx
    except ImportError:
        raise ImportError(
            "onnx.export: writing the file needs the package onnx: pip install onnx"
        ) from None
    return onnx


def save(graph: Graph, inputs: list[tuple], outputs: list[tuple], path: str | os.PathLike) -> None:
    """Check and write the model. inputs and outputs: (name, dtype, shape), a size may be a name."""
    onnx = package()
    arrays = {**graph.state, **graph.constants}
    model = onnx.helper.make_model(
        onnx.helper.make_graph(
            [proto(onnx, node) for node in graph.nodes],
            "minigrad",
            [described(onnx, *value) for value in inputs],
            [described(onnx, *value) for value in outputs],
            [onnx.numpy_helper.from_array(np.ascontiguousarray(a).reshape(a.shape), name)
             for name, a in arrays.items()],
        ),
        ir_version=IR_VERSION,
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
        producer_name="minigrad",
    )  # fmt: skip
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, os.fspath(path))


def proto(onnx: Any, node: Node) -> Any:
    attributes = {
        key: onnx.helper.np_dtype_to_tensor_dtype(value) if isinstance(value, np.dtype) else value
        for key, value in node.attributes.items()
    }
    return onnx.helper.make_node(
        node.op, node.inputs, node.outputs, name=node.outputs[0], **attributes
    )


def described(onnx: Any, name: str, dtype: Any, shape: tuple) -> Any:
    kind = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    return onnx.helper.make_tensor_value_info(name, kind, shape)

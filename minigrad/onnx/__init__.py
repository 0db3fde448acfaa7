"""Models as ONNX files: `minigrad.onnx.export(model, example, "model.onnx")`.

The model runs once, and every op that the engine tells of (`trace.py`) becomes nodes of a graph
(`graph.py`), by a table of translations (`table.py`), which are in `elementwise.py`,
`activations.py`, `reductions.py`, `shapes.py`, `indexing.py`, `layers.py` and `sequences.py`. The
package `onnx` is needed at the end alone, to check the file and write it (`proto.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minigrad.onnx.exporting import export
    from minigrad.onnx.table import TRANSLATIONS, translates

__all__ = ["TRANSLATIONS", "export", "translates"]


def __getattr__(name: str) -> Any:
    """What is here is loaded when it is first used: `import minigrad` stays quick."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from minigrad.onnx import exporting, table

    return getattr(exporting if name == "export" else table, name)

"""What a run has measured, epoch by epoch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class History:
    """One dict of numbers for each epoch; `history["loss"]` is the list of one of them.

    >>> history = History()
    >>> history.add({"loss": 2.0, "val_loss": 2.5})
    >>> history.add({"loss": 1.0, "val_loss": 1.5})
    >>> history["val_loss"], len(history)
    ([2.5, 1.5], 2)
    """

    def __init__(self) -> None:
        self.rows: list[dict[str, float]] = []

    def add(self, row: dict[str, float]) -> None:
        self.rows.append(dict(row))

    @property
    def names(self) -> list[str]:
        """All that was measured, in the order in which it first was."""
        return list(dict.fromkeys(name for row in self.rows for name in row))

    def __getitem__(self, name: str) -> list[float]:
        if name not in self.names:
            raise KeyError(f"{name!r} was not measured, only {', '.join(self.names) or 'nothing'}")
        return [row[name] for row in self.rows if name in row]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, float]]:
        return iter(self.rows)

    def __repr__(self) -> str:
        last = ", ".join(f"{k} {v:.4g}" for k, v in self.rows[-1].items()) if self.rows else "empty"
        return f"History({len(self)} epochs; {last})"

    def best(self, name: str, mode: str = "min") -> tuple[int, float]:
        """(epoch, counted from 1; value) of the smallest value, or for mode="max" the largest."""
        values = self[name]
        value = {"min": min, "max": max}[mode](values)
        return values.index(value) + 1, value

    def plot(self) -> Figure:
        """A figure with a panel for each quantity, on training and validation data."""
        from minigrad.viz import training_curves

        return training_curves(self.rows)

    def state_dict(self) -> dict[str, Any]:
        return {"rows": self.rows}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.rows = [dict(row) for row in state["rows"]]

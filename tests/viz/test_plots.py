"""Plots: they draw what they were given, and leave matplotlib's global state alone."""

from __future__ import annotations

import io

import matplotlib as mpl
import numpy as np
import pytest

from minigrad import viz
from minigrad.viz import terminal
from tests.processes import fresh


def saved(figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("epochs", [1, 2, 40])
def test_loss_curve(epochs):
    losses = np.geomspace(2, 0.01, epochs)
    figure = viz.loss_curve(losses, 2 * losses, np.linspace(0.1, 0.9, epochs))
    top, bottom = figure.axes
    assert [list(line.get_ydata()) for line in top.lines] == [list(losses), list(2 * losses)]
    assert top.get_yscale() == "log"
    assert bottom.lines[0].get_ydata()[-1] == pytest.approx(90 if epochs > 1 else 10)
    assert saved(figure).startswith(b"\x89PNG")
    assert len(viz.loss_curve(losses, losses).axes) == 1


def test_confusion_matrix_shows_every_count():
    counts = np.array([[5, 1], [0, 7]])
    figure = viz.confusion_matrix(counts, ["cat", "dog"])
    (ax,) = figure.axes
    texts = {(t.get_position(), t.get_text()) for t in ax.texts}
    assert {((0, 0), "5"), ((1, 0), "1"), ((1, 1), "7")} <= texts
    assert "12 of 13 correct, mistakes in red" in " ".join(t.get_text() for t in ax.texts)
    assert saved(figure).startswith(b"\x89PNG")


@pytest.mark.parametrize(("count", "cells"), [(0, 6), (1, 6), (6, 6), (7, 12)])
def test_image_grid(count, cells):
    figure = viz.image_grid(np.ones((count, 8, 8)), [f"no {i}" for i in range(count)], "Images")
    assert len(figure.axes) == cells
    assert [ax.get_title() for ax in figure.axes[:count]] == [f"no {i}" for i in range(count)]
    assert sum(len(ax.images) for ax in figure.axes) == count
    assert saved(figure).startswith(b"\x89PNG")


def settings() -> dict:
    """matplotlib's settings; only to ask for the backend would choose one."""
    return {name: mpl.rcParams[name] for name in mpl.rcParams if name != "backend"}


def test_global_state_is_left_alone():
    before = settings()
    saved(viz.loss_curve([1.0], [1.0]))
    assert settings() == before
    code = """if True:
        import io, sys
        from minigrad import viz
        viz.loss_curve([1.0], [2.0]).savefig(io.BytesIO())
        assert "matplotlib.pyplot" not in sys.modules
    """
    done = fresh(code)
    assert done.returncode == 0, done.stderr


def test_images_in_a_terminal():
    images = np.zeros((3, 2, 2))
    images[:, 0, 0] = 4
    images[1, 1, 1] = 2
    lines = terminal.draw_images(images, ["one", "two", "three"], width=10)
    assert lines == ["██    ██", "        ▒▒", "one   two"]  # two of the three fit
    lines = terminal.draw_images(images, ["one", "two", "three"], 1, terminal.ASCII)
    assert lines == ["##", "", "one"]
    assert terminal.draw_images(np.zeros((1, 1, 1)), ["0"], 80) == ["", "0"]


def test_training_curves():
    rows = [
        {"loss": 2.0, "accuracy": 0.5, "val_loss": 2.5},
        {"loss": 1.0, "accuracy": 0.75, "val_loss": 1.5},
    ]
    figure = viz.training_curves(rows)
    top, bottom = figure.axes
    assert [list(line.get_ydata()) for line in top.lines] == [[2.0, 1.0], [2.5, 1.5]]
    assert [list(line.get_ydata()) for line in bottom.lines] == [[0.5, 0.75]]
    assert (top.get_yscale(), bottom.get_yscale()) == ("log", "linear")
    assert saved(figure).startswith(b"\x89PNG")
    assert viz.training_curves([{"loss": -1.0}]).axes[0].get_yscale() == "linear"

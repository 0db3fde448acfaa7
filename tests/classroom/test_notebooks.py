"""What Jupyter makes of the lessons: the same cells by jupytext, valid, and they run."""

from __future__ import annotations

import pytest

from minigrad.classroom.lesson import course, find
from minigrad.classroom.pages import as_notebook

WHY = "needs the `notebook` extra"
nbformat = pytest.importorskip("nbformat", reason=WHY)
nbclient = pytest.importorskip("nbclient", reason=WHY)
jupytext = pytest.importorskip("jupytext", reason=WHY)


def written(lesson):
    notebook = nbformat.reads(as_notebook(lesson), as_version=4)
    nbformat.validate(notebook)
    return notebook


def texts(cells):
    return [(cell.cell_type, cell.source.strip()) for cell in cells]


@pytest.mark.parametrize("number", [lesson.number for lesson in course()])
def test_a_notebook_has_the_cells_that_jupytext_makes(number):
    lesson = find(course(), str(number))
    by_jupytext = jupytext.read(lesson.folder / "lesson.py")
    first, *cells = written(lesson).cells
    assert "pip install" in first.source
    assert texts(cells) == texts(by_jupytext.cells)


@pytest.mark.filterwarnings("ignore")  # of Jupyter's own packages
def test_a_notebook_runs_and_shows_its_figures():
    notebook = written(find(course(), "2"))
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    shown = [o.get("data", {}) for c in notebook.cells for o in c.get("outputs", [])]
    assert sum("image/png" in data for data in shown) == 2

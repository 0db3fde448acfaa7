"""A lesson as a notebook, and as one HTML page with all that comes out when it is run."""

from __future__ import annotations

import base64
import io
import json
import re
from html import escape, unescape
from typing import Any

from minigrad.classroom.formulas import FORMULA, WORDS
from minigrad.classroom.lesson import Cell, Lesson
from minigrad.classroom.running import Result, Runner
from minigrad.viz.page import colored, document

# (Without its last line Jupyter shows no Figure, since no cell of a lesson imports pyplot.)
FIRST = """\
# This notebook needs minigrad, which is not on PyPI. Install it once, in the environment in which
# this notebook runs, from the folder of minigrad's repository: pip install -e .
# On Colab: bring that folder there, take the first mark from the next line, and run this cell.
# %pip install ./minigrad
%matplotlib inline"""

NAME = re.compile(rf"<mi>({'|'.join(WORDS)})</mi>")  # of a function: a little space follows
SIGN = re.compile(r"(<mo(?: [^>]*)?>([^<]+)</mo>|<mspace[^>]*/>)<mo>(&#x02212;|&#x0002B;)</mo>")
CLOSING = (")", "]", "}", "|", "\u2016", "!", "\u2032", "\u27e9", "\u230b", "\u2309")
HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>")


def as_notebook(lesson: Lesson) -> str:
    """The cells in Jupyter's format (nbformat 4.5), not run, after one that says what they need."""
    cells = []
    for i, cell in enumerate([Cell("code", FIRST, 0), *lesson.cells]):
        made: dict[str, Any] = {
            "id": f"cell-{i}", "cell_type": cell.kind, "metadata": {},
            "source": cell.text.splitlines(keepends=True),
        }  # fmt: skip
        if cell.kind == "code":
            made |= {"execution_count": None, "outputs": []}
        cells.append(made)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {
        "cells": cells, "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def as_html(lesson: Lesson) -> str:
    """The page: prose, code, and what it printed and drew. It needs no network."""
    runner = Runner(str(lesson.folder / "lesson.py"))
    parts = []
    for cell in lesson.cells:
        if cell.kind == "markdown":
            parts.append(prose(cell))
        else:
            parts.append(f'<pre tabindex="0"><code>{colored(cell.text)}</code></pre>')
            parts.append(output(runner.run(cell)))
    body = "<main>\n" + "\n".join(parts) + "\n</main>"
    return document(f"{lesson.number}. {lesson.title}", body, MORE)


def prose(cell: Cell) -> str:
    """Markdown as HTML, its formulas as MathML."""
    from latex2mathml.converter import convert
    from markdown_it import MarkdownIt

    formulas: list[str] = []

    def kept(found: Any) -> str:
        block, line = found.groups()
        formula = convert(block or line, display="block" if block else "inline")
        formula = NAME.sub(r'\g<0><mspace width="0.17em"/>', formula)
        formulas.append(SIGN.sub(sign, formula))
        return f"\x02{len(formulas) - 1}\x03"

    text = FORMULA.sub(kept, cell.text)
    html = MarkdownIt("commonmark").enable("table").render(text)
    html = HEADING.sub(anchored, html)
    for i, formula in enumerate(formulas):
        html = html.replace(f"\x02{i}\x03", formula)
    return f'<aside class="predict">{html}</aside>' if cell.prediction else html


def sign(found: re.Match) -> str:
    """A minus after an operator, a comma or an opening bracket is a sign: no space around it."""
    before, mark, minus = found.groups()
    if mark and unescape(mark) in CLOSING:
        return found[0]
    return f'{before}<mo form="prefix">{minus}</mo>'


def anchored(found: re.Match) -> str:
    """A heading with a name, to be linked to."""
    level, text = found.groups()
    name = re.sub(r"\W+", "-", re.sub(r"<[^>]*>|[\x02\x03]", "", unescape(text)).lower()).strip("-")
    return f'<h{level} id="{escape(name)}">{text}</h{level}>'


def output(result: Result) -> str:
    parts = []
    if result.printed.strip():
        parts.append(f'<pre class="out" tabindex="0">{escape(result.printed.rstrip())}</pre>')
    if hasattr(result.value, "savefig"):
        drawn = io.BytesIO()
        result.value.savefig(drawn, format="png", dpi=150)
        data = base64.b64encode(drawn.getvalue()).decode()
        parts.append(f'<img src="data:image/png;base64,{data}" alt="{escape(described(result))}">')
    elif result.value is not None:
        parts.append(f'<pre class="out" tabindex="0">{escape(repr(result.value))}</pre>')
    if result.error:
        parts.append(f'<pre class="out" tabindex="0">{escape(result.error)}</pre>')
    return "\n".join(parts)


def described(result: Result) -> str:
    """What a figure shows, from its labels, for those who cannot see it."""
    texts = []
    for axes in result.value.axes:
        label = " against ".join(t for t in (axes.get_ylabel(), axes.get_xlabel()) if t)
        names = [line for line in axes.get_legend_handles_labels()[1] if line]
        texts.append("; ".join(t for t in (axes.get_title(), label, ", ".join(names)) if t))
    return "A figure: " + ". ".join(t for t in texts if t)


MORE = """
body { max-width: 48rem; }
h2 { margin: 2.5rem 0 .75rem; }
p, li { overflow-wrap: anywhere; }
pre { font: .875rem/1.55 ui-monospace, monospace; }
pre.out { background: none; border: 1px solid var(--line); }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .9rem; text-align: left; }
math[display="block"] { margin: 1.2rem 0; overflow-x: auto; }
.predict { border-left: 4px solid var(--link); background: var(--card); padding: .8rem 1rem .1rem;
  margin: 1.5rem 0; border-radius: .25rem; }
"""

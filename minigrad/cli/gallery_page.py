"""The page that `minigrad gallery` writes: one HTML file that holds its pictures itself."""

from __future__ import annotations

import base64
import inspect
import textwrap
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import minigrad
from minigrad.viz.page import colored, document


class Section(NamedTuple):
    """An example: what is seen, the lines that made it, and its pictures, each with its alt."""

    heading: str
    caption: str
    code: str
    pictures: list[tuple[Path, str]]


def parts_of(example: Callable[..., Any]) -> tuple[str, str, str]:
    """The heading, the caption and the code of a function: two parts of its docstring, the rest."""
    heading, _, caption = inspect.getdoc(example).partition("\n\n")  # type: ignore[union-attr]
    head, _, rest = inspect.getsource(example).partition('    """')
    body = rest.partition('"""\n')[2]
    return heading, " ".join(caption.split()), (head + body).rstrip()


def page(sections: list[Section], seed: int) -> str:
    links = "\n".join(f'<li><a href="#{anchor(s)}">{escape(s.heading)}</a></li>' for s in sections)
    body = TEMPLATE.format(
        version=minigrad.__version__, seed=seed, links=links, imports=colored(IMPORTS),
        sections="\n".join(section(s) for s in sections),
    )  # fmt: skip
    return document("minigrad gallery", body)


def anchor(section: Section) -> str:
    return section.heading.lower().replace(",", "").replace(" ", "-")


def section(section: Section) -> str:
    pictures = "\n".join(picture(file, alt) for file, alt in section.pictures)
    name = anchor(section)
    return f"""<section id="{name}" aria-labelledby="{name}-title">
<h2 id="{name}-title">{escape(section.heading)}</h2>
<p>{escape(section.caption)}</p>
{pictures}
<details><summary>The code</summary>
<pre tabindex="0"><code>{colored(section.code)}</code></pre></details>
</section>"""


def picture(file: Path, alt: str) -> str:
    if file.suffix == ".html":
        page = escape(file.read_text(encoding="utf-8"))
        return f'<iframe srcdoc="{page}" title="{escape(alt)}" sandbox="allow-scripts"></iframe>'
    kind = {".gif": "gif", ".svg": "svg+xml"}.get(file.suffix, "png")
    data = base64.b64encode(file.read_bytes()).decode()
    image = f'<img src="data:image/{kind};base64,{data}" alt="{escape(alt)}">'
    if kind == "gif":  # what moves without end moves only for those who ask for it
        return f"<details><summary>The film</summary>{image}</details>"
    return image


IMPORTS = textwrap.dedent("""\
    import numpy as np
    import minigrad as mg
    from minigrad import nn, optim, viz
    from minigrad.data import DataLoader, TensorDataset, digits, names
    from minigrad.nn import functional as F
    from minigrad.train import fit""")

TEMPLATE = """<header>
<h1>minigrad gallery</h1>
<p>What can be seen in a network while it learns, and afterwards. Each picture is one function of
<code>minigrad.viz</code>; under each stands all of the code that made it.</p>
<nav aria-label="Pictures"><ul>
{links}
</ul></nav>
<details><summary>The imports that every example begins with</summary>
<pre tabindex="0"><code>{imports}</code></pre></details>
</header>
<main>
{sections}
</main>
<footer>Written by <code>minigrad gallery --seed {seed}</code>, minigrad {version}.</footer>"""

"""The page that `minigrad gallery` writes: one HTML file that holds its pictures itself."""

from __future__ import annotations

import base64
import inspect
import io
import keyword
import textwrap
import token
import tokenize
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import minigrad


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
    return TEMPLATE.format(
        style=STYLE, version=minigrad.__version__, seed=seed, links=links, imports=colored(IMPORTS),
        sections="\n".join(section(s) for s in sections),
    )  # fmt: skip


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


def colored(code: str) -> str:
    """Python as HTML, with its keywords, strings and comments marked."""
    lines = code.splitlines(keepends=True)
    out, row, column = [], 1, 0

    def copy_to(end_row: int, end_column: int) -> str:
        nonlocal row, column
        text = ""
        while row < end_row:
            text += lines[row - 1][column:]
            row, column = row + 1, 0
        if row <= len(lines):
            text += lines[row - 1][column:end_column]
        column = end_column
        return escape(text, quote=False)

    for piece in tokenize.generate_tokens(io.StringIO(code).readline):
        if piece.type == token.ENDMARKER:
            break
        out.append(copy_to(*piece.start))
        text, kind = copy_to(*piece.end), kind_of(piece)
        out.append(f'<span class="{kind}">{text}</span>' if kind else text)
    return "".join(out).rstrip()


def kind_of(piece: tokenize.TokenInfo) -> str:
    if piece.type == token.COMMENT:
        return "c"
    if piece.type in (token.STRING, token.NUMBER):
        return "s"
    return "k" if piece.type == token.NAME and keyword.iskeyword(piece.string) else ""


IMPORTS = textwrap.dedent("""\
    import numpy as np
    import minigrad as mg
    from minigrad import nn, optim, viz
    from minigrad.data import DataLoader, TensorDataset, digits, names
    from minigrad.nn import functional as F
    from minigrad.train import fit""")

TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>minigrad gallery</title>
<style>{style}</style>
</head>
<body>
<header>
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
<footer>Written by <code>minigrad gallery --seed {seed}</code>, minigrad {version}.</footer>
</body>
</html>
"""

STYLE = """
:root { --ink: #1f2933; --quiet: #616e7c; --back: #fbfcfd; --card: #f0f3f7; --line: #d9dfe6;
  --link: #1f5bc4; --keyword: #7c3aad; --string: #b0470a; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e9ef; --quiet: #9aa7b5; --back: #14181d; --card: #1e242b; --line: #323b45;
    --link: #86b0ff; --keyword: #cfa3f5; --string: #f3a977; } }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0 auto; max-width: 62rem; padding: 2.5rem 1.25rem 4rem; color: var(--ink);
  background: var(--back); font: 1.05rem/1.6 system-ui, sans-serif; }
h1 { font-size: 2.1rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.4rem; line-height: 1.3; margin: 0 0 .25rem; }
p { max-width: 44rem; margin: 0 0 1rem; }
a { color: var(--link); }
nav ul { display: flex; flex-wrap: wrap; gap: .4rem 1.4rem; list-style: none; padding: 0;
  margin: 0 0 1rem; }
section { border-top: 1px solid var(--line); margin-top: 2.5rem; padding-top: 2rem; }
img { display: block; max-width: 100%; max-height: 40rem; height: auto; margin: 1rem 0;
  background: #fff; border: 1px solid var(--line); border-radius: .5rem; }
img[src^="data:image/svg"] { background: none; border: 0; }
iframe { width: 100%; height: 40rem; border: 1px solid var(--line); border-radius: .5rem; }
summary { cursor: pointer; color: var(--link); width: fit-content; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
pre { overflow-x: auto; background: var(--card); border-radius: .5rem; padding: 1rem; }
code { font: .875rem/1.55 ui-monospace, monospace; }
.k { color: var(--keyword); } .s { color: var(--string); } .c { color: var(--quiet); }
footer { border-top: 1px solid var(--line); margin-top: 3rem; padding-top: 1rem;
  color: var(--quiet); font-size: .95rem; }
"""

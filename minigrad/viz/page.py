"""What minigrad's HTML pages share: how they look, light and dark, and Python in colour."""

from __future__ import annotations

import io
import keyword
import token
import tokenize
from html import escape

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


def document(title: str, body: str, style: str = "") -> str:
    """A whole page around `body`, which is HTML; style: what comes after the common one."""
    return FRAME.format(title=escape(title), style=STYLE + style, body=body)


FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


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

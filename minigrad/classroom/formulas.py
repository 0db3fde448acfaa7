r"""Formulas for a terminal: TeX as text, `\frac{a+b}{2}` as `(a+b)/2`."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+?)\$", re.DOTALL)
PRIME = "\u2032"
WORDS = ("log", "exp", "max", "min", "sin", "cos", "tanh", "lim", "arg", "det", "Pr")

# What needs no brackets above a stroke, below one, and under a root.
ABOVE = re.compile(r"[^\s+\-*/·=]*")
BELOW = re.compile(r"[∂‖\w^{}]+")
ONE = re.compile(r"\d+|\w")

DOT = re.compile(r" ?· ?")
POWER = re.compile(r"\^(\d)(?![\w.])")
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def in_words(markdown: str) -> str:
    r"""The text with each formula between dollars written so that a terminal can show it.

    >>> in_words(r"the slope $\frac{f(x+h) - f(x)}{h}$ of $x^2$")
    'the slope (f(x+h) - f(x))/h of x²'
    """

    def written(found: re.Match) -> str:
        block, line = found.groups()
        return f"\n\n    {text(block)}\n\n" if block else text(line)

    return FORMULA.sub(written, markdown)


def text(formula: str) -> str:
    written = converter().latex_to_text(formula.replace("'", PRIME))
    written = DOT.sub(" · ", " ".join(written.split()).replace("∂ ", "∂"))
    return POWER.sub(lambda found: found[1].translate(RAISED), written)


@cache
def converter() -> Any:
    """pylatexenc's, which knows the symbols, with brackets where a line of text needs them."""
    from pylatexenc.latex2text import (
        LatexNodes2Text,
        MacroTextSpec,
        get_default_latex_context_db,
    )

    def argument(node: Any, i: int, self: Any) -> str:
        part = node.nodeargd.argnlist[i]
        written = "" if part is None else self.nodelist_to_text([part]).strip()
        written = written.replace("∂ ", "∂")
        return written[1:-1] if written.startswith("{") and written.endswith("}") else written

    def fraction(node: Any, l2tobj: Any) -> str:
        above, below = (argument(node, i, l2tobj) for i in (0, 1))
        return f"{bracketed(above)}/{bracketed(below, BELOW)}"

    def root(node: Any, l2tobj: Any) -> str:
        order, inside = (argument(node, i, l2tobj) for i in (0, 1))
        sign = {"": "√", "3": "∛", "4": "∜"}.get(order.strip("[]"), f"√[{order}]")
        return f"{sign}{bracketed(inside, ONE)}"

    known = get_default_latex_context_db()
    known.add_context_category(
        "minigrad",
        prepend=True,
        macros=[
            MacroTextSpec("frac", simplify_repl=fraction),
            MacroTextSpec("tfrac", simplify_repl=fraction),
            MacroTextSpec("sqrt", simplify_repl=root),
            MacroTextSpec("|", "‖"),
            MacroTextSpec("partial", "∂"),
            *(MacroTextSpec(word, word) for word in WORDS),
            *(MacroTextSpec(name, " ") for name in ("quad", "qquad", ",", ";", "!")),
        ],
    )
    return LatexNodes2Text(
        latex_context=known, math_mode="text", keep_braced_groups=True, keep_braced_groups_minlen=2,
        strict_latex_spaces="based-on-source",
    )  # fmt: skip


def bracketed(part: str, bare: re.Pattern = ABOVE) -> str:
    """In brackets, unless it is of a kind that needs none."""
    return part if bare.fullmatch(part) else f"({part})"

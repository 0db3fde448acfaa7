"""What the tests of the stepper's page do with it and read off it."""

from __future__ import annotations

import re


def where(page):
    return int(re.findall(r"\d+", page.locator("#where").inner_text())[0])


def go(page, step):
    """To a step by the slider, as a hand moves it."""
    page.locator("#slider").evaluate(
        "(s, i) => { s.value = i; s.dispatchEvent(new Event('input')); }", step - 1
    )
    return page.locator("#panel").inner_text()


def indices(page, kind):
    found = page.locator(f"#graph .node.{kind}").evaluate_all(
        "all => all.map(n => n.dataset.index)"
    )
    return [int(i) for text in found for i in text.split()]

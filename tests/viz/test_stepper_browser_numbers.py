"""What the stepper's page shows in real Chromium: the numbers of the recording, at every step."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

import minigrad as mg
from minigrad import viz
from minigrad.viz.stepper.recording import Entry, Turn
from minigrad.viz.stepper.text import pages
from tests.viz.browser import go, indices
from tests.viz.computations import COMPUTATIONS

pytestmark = pytest.mark.browser


def panel_text(page):
    return page.locator("#panel").inner_text()


def expected(recording, about, order):
    """The pictures that the panel shows of a step, in reading order."""
    if isinstance(about, Entry):
        sources = [
            recording.nodes[a.source].values for a in about.arguments if a.source is not None
        ]
        given = [v for values in sources if len(values) == 1 for v in values]
        return given + about.values + [v for v in about.saved.values() if not isinstance(v, str)]
    if isinstance(about, Turn):
        shown = list(about.upstream)
        for c in about.contributions:
            if c.local is not None:
                shown += [about.upstream[0], c.local] if not about.upstream[0].shape else [c.local]
            shown += [c.gradient] + (
                [c.before, c.gradient, c.after] if c.before is not None else []
            )
        return shown
    wrong = order == "wrong"
    shown = []
    for i, right in sorted(recording.gradients.items()):
        shown += [
            recording.nodes[i].values[0],
            (recording.wrong_gradients if wrong else recording.gradients).get(i),
        ]
        shown += [right] if wrong and i in recording.spoiled else []
    return shown


FIGURES = """() => [...document.querySelectorAll("#panel figure")]
  .filter(f => !f.querySelector("code"))
  .map(f => [f.innerText, [...f.querySelectorAll("[title]")].map(e => e.title)])"""


@pytest.mark.parametrize("name", COMPUTATIONS)
@pytest.mark.parametrize("order", ["right", "wrong"])
def test_the_numbers_are_those_of_the_recording(show, steppers, name, order):
    stepper = steppers[name]
    page = show(stepper)
    if order == "wrong":
        page.keyboard.press("w")
    about = pages(stepper.recording, order == "wrong")
    stride = 1 if len(about) < 100 else 7
    for i in sorted({*range(0, len(about), stride), len(about) - 1}):
        go(page, i + 1)
        figures = page.evaluate(FIGURES)
        wanted = expected(stepper.recording, about[i], order)
        figures = [f for f in figures if not re.search(r"\d values$", f[0])]
        assert len(figures) == len(wanted), (i, figures)
        for (text, numbers), picture in zip(figures, wanted, strict=True):
            if picture is None:
                assert "no gradient arrived" in text
            elif picture.values is None:
                (mean,) = re.findall(r"mean (\S+),", text)
                assert float(mean) == pytest.approx(picture.mean, rel=1e-3)
                assert not numbers
            elif picture.dtype.startswith(("float", "int")):
                np.testing.assert_allclose([float(n) for n in numbers], picture.values, rtol=1e-6)
        spoken = page.locator("#spoken").inner_text()
        assert spoken.startswith(f"Step {i + 1} of {len(about)}")
        assert not re.search("undefined|NaN|null", str(figures) + spoken)


def test_gradients_arrive_in_the_boxes(show, steppers):
    stepper = steppers["scalar"]
    page, recording = show(stepper), stepper.recording
    assert page.locator("#graph .grad").all_text_contents() == [""] * len(recording.nodes)
    go(page, len(recording.nodes) + 1)
    last = recording.nodes[-1].index
    texts = page.locator("#graph .grad").all_text_contents()
    assert texts[last] == "grad 1"
    assert sum(bool(t) for t in texts) == 1 + len(recording.backward[0].contributions)
    page.keyboard.press("End")
    for i, gradient in recording.gradients.items():
        shown = page.locator("#graph .grad").nth(i).text_content().removeprefix("grad ")
        assert float(shown) == pytest.approx(gradient.values[0], rel=1e-3)


def test_numbers_that_are_none(show):
    """NaN, infinity, truth values, complex numbers and nothing at all, few and many."""
    x = mg.tensor([1.0, math.nan, -math.inf, 0.0], dtype=mg.float64, requires_grad=True)
    page = show(viz.step(lambda: mg.where(x > 0, x, x * 2.0).sum()))
    panel = page.locator("#panel")
    assert panel.locator("td").all_inner_texts() == ["1", "nan", "-inf", "0"]
    go(page, 3)  # the condition
    assert panel.locator("td").all_inner_texts() == ["true", "false", "false", "false"]
    many = mg.full((400,), math.nan, requires_grad=True)
    page = show(viz.step(lambda: many.sum()))
    assert "400 not finite" in panel_text(page)
    none = mg.zeros(0, requires_grad=True)
    page = show(viz.step(lambda: none.sum()))
    assert "no elements" in panel_text(page)
    z = mg.tensor([1 + 2j, 0j], requires_grad=True)
    page = show(viz.step(lambda: mg.abs(z).sum()))
    assert page.locator("#panel td").all_inner_texts() == ["(1+2j)", "0j"]


@pytest.mark.parametrize("press", ["click", "Space", "w"])
def test_the_wrong_order_teaches(show, steppers, press):
    stepper = steppers["scalar"]
    page, recording = show(stepper), stepper.recording
    box = page.get_by_role("checkbox", name="wrong order")
    box.click() if press == "click" else page.keyboard.press("w") if press == "w" else box.press(
        "Space"
    )
    assert box.is_checked()
    early = next(k for k, t in enumerate(recording.wrong) if t.missing)
    text = go(page, len(recording.nodes) + early + 1)
    assert page.locator("#phase").inner_text() == "backward, wrong order"
    assert "Too early: " in text
    assert indices(page, "early") == [recording.wrong[early].node]
    late = next(k for k, t in enumerate(recording.wrong) if any(c.late for c in t.contributions))
    assert "Too late: that op has run already" in go(page, len(recording.nodes) + late + 1)
    page.keyboard.press("End")
    text = page.locator("#panel").inner_text()
    assert "Depth first, 2 of 2 gradients are wrong" in text
    assert text.count("right would be") == 2
    assert sorted(indices(page, "spoiled")) == recording.spoiled
    box.uncheck()
    assert "wrong" not in page.locator("#panel").inner_text()


def test_the_wrong_order_may_be_right(show, steppers):
    page = show(steppers["mlp"])
    page.keyboard.press("w")
    page.keyboard.press("End")
    assert "Depth first gives the same here" in page.locator("#panel").inner_text()
    assert indices(page, "spoiled") == []

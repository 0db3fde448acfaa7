"""The stepper's page in real Chromium: every control, by mouse and by keyboard."""

from __future__ import annotations

import pytest

from tests.viz.browser import go, indices, where

pytestmark = pytest.mark.browser


def test_buttons_by_mouse_and_by_keyboard(show, steppers):
    page, end = show(steppers["scalar"]), len(steppers["scalar"])
    moves = [("next", 2), ("next", 3), ("previous", 2), ("last", end), ("first", 1)]
    for press in (
        lambda name: page.locator(f"#{name}").click(),
        lambda name: page.locator(f"#{name}").press("Enter"),
        lambda name: page.locator(f"#{name}").press("Space"),
    ):
        for name, place in moves:
            press(name)
            assert where(page) == place
    assert page.locator("#first").is_disabled()
    assert page.locator("#previous").is_disabled()
    page.locator("#last").press("Enter")
    assert page.locator("#last").is_disabled()
    assert page.evaluate("document.activeElement.id") == "play"  # a button that is off has no focus


def test_keys_work_wherever_the_focus_is(show, steppers):
    page, end = show(steppers["scalar"]), len(steppers["scalar"])
    for focus in ("body", "#panel", "#next", "#wrong"):
        if focus != "body":
            page.locator(focus).focus()
        for key, place in [("ArrowRight", 2), ("ArrowLeft", 1), ("End", end), ("Home", 1)]:
            page.keyboard.press(key)
            assert where(page) == place, (focus, key)
    page.keyboard.press("x")
    page.keyboard.press("Control+ArrowRight")
    assert where(page) == 1


def test_playing_and_pausing(show, steppers):
    page, end = show(steppers["scalar"]), len(steppers["scalar"])
    page.clock.install()
    play = page.get_by_role("button", name="Play", exact=True)
    play.click()
    page.clock.run_for(1500)
    assert where(page) == 2
    page.get_by_role("button", name="Pause").click()
    page.clock.run_for(5000)
    assert where(page) == 2
    page.keyboard.press("p")
    page.clock.run_for(2900)
    assert where(page) == 4
    page.keyboard.press("p")
    play.press("Enter")
    page.clock.run_for(60_000)
    assert where(page) == end
    assert page.locator("#play").inner_text() == "play"  # it has stopped by itself
    play.click()
    assert where(page) == 1  # and begins again


def test_the_slider(show, steppers):
    page, end = show(steppers["scalar"]), len(steppers["scalar"])
    slider = page.get_by_role("slider", name="Step")
    box = slider.bounding_box()
    page.mouse.click(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
    assert where(page) == end
    page.mouse.move(box["x"] + box["width"] - 9, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    assert abs(where(page) - (end + 1) / 2) <= 1
    for key, place in [
        ("Home", 1),
        ("ArrowRight", 2),
        ("ArrowUp", 3),
        ("ArrowLeft", 2),
        ("End", end),
    ]:
        slider.press(key)
        assert where(page) == place
    assert slider.get_attribute("aria-valuetext") == f"{end} of {end}, backward"


def test_boxes_of_the_graph(show, steppers):
    page = show(steppers["scalar"])
    nodes = page.locator("#graph .node")
    for i in range(nodes.count()):
        nodes.nth(i).click()
        assert (where(page), indices(page, "current")) == (i + 1, [i])
    nodes.nth(5).focus()
    for key, place in [("Enter", 6), ("ArrowUp", 6), ("Space", 5), ("ArrowDown", 5), ("Enter", 6)]:
        page.keyboard.press(key)
        assert where(page) == place
    page.keyboard.press("End")
    nodes.nth(3).click()  # in backward, to its turn there
    assert page.locator("#phase").inner_text() == "backward"
    assert indices(page, "current") == [3]


def test_links_of_the_panel(show, steppers):
    page = show(steppers["scalar"])
    go(page, 3)
    page.locator("#panel").get_by_role("button", name="a", exact=True).click()
    assert where(page) == 1
    assert page.evaluate("document.activeElement.id") == "panel"
    page.keyboard.press("End")
    page.locator("#panel").get_by_role("button", name="b", exact=True).press("Enter")
    assert where(page) == 2


def test_zoom(show, steppers):
    page = show(steppers["scalar"])

    def wide():
        return page.locator("#graph svg").bounding_box()["width"]

    whole = wide()
    for out, back in [("-", "+"), ("click", "click"), ("Enter", "Space")]:
        for name, key, sign in [("Zoom out", out, -1), ("Zoom in", back, 1)]:
            before = wide()
            button = page.get_by_role("button", name=name)
            if key == "click":
                button.click()
            elif key in "-+":
                page.keyboard.press(key)
            else:
                button.press(key)
            assert (wide() - before) * sign > 5
    page.keyboard.press("+")
    page.keyboard.press("+")
    page.get_by_role("button", name="Fit the graph").click()
    assert wide() == pytest.approx(whole, abs=1)
    page.keyboard.press("-")
    page.keyboard.press("0")
    assert wide() == pytest.approx(whole, abs=1)
    for _ in range(30):
        page.keyboard.press("+")
    assert wide() < 3.2 * 600
    for _ in range(60):
        page.keyboard.press("-")
    assert wide() > 40


def test_zoom_keeps_what_is_under_the_mouse_or_the_fingers(show, steppers):
    page = show(steppers["lstm"], touch=True)
    go(page, 400)
    node = page.locator("#graph .node.current")

    def middle():
        box = node.bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def grown(width):
        box = "document.querySelector('.node.current').getBoundingClientRect()"
        page.wait_for_function(f"{box}.width > {width}")

    x, y = middle()
    before = node.bounding_box()["width"]
    page.mouse.move(x, y)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -60)
    page.keyboard.up("Control")
    grown(1.2 * before)
    assert middle() == pytest.approx((x, y), abs=12)

    x, y = middle()
    before = node.bounding_box()["width"]
    session = page.context.new_cdp_session(page)

    def fingers(kind, apart):
        points = [{"x": x - apart, "y": y}, {"x": x + apart, "y": y}] if apart else []
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", 30)
    for apart in (34, 38, 42, 45):
        fingers("touchMove", apart)
    fingers("touchEnd", 0)
    grown(1.15 * before)
    assert middle() == pytest.approx((x, y), abs=12)


def test_help(show, steppers):
    page = show(steppers["scalar"])
    dialog = page.get_by_role("dialog", name="Keys and colours")
    assert not dialog.is_visible()
    page.keyboard.press("?")
    assert dialog.is_visible()
    page.keyboard.press("ArrowRight")
    assert where(page) == 1  # the keys wait until it is closed
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    button = page.get_by_role("button", name="Help: keys and colours")
    button.press("Enter")
    assert dialog.is_visible()
    dialog.get_by_role("button", name="close").press("Enter")
    assert not dialog.is_visible()
    assert page.evaluate("document.activeElement.id") == "help"
    button.click()
    dialog.get_by_role("button", name="close").click()
    assert not dialog.is_visible()

"""Folding in real Chromium: blocks of the LSTM open, close, and are passed as one."""

from __future__ import annotations

import pytest

from tests.viz.browser import go, indices, where

pytestmark = pytest.mark.browser


def boxes(page):
    return page.locator("#graph .node").count()


def folds(page):
    return page.locator("#graph .node.fold").count()


def test_a_block_opens_when_its_step_comes(show, steppers):
    page, recording = show(steppers["lstm"]), steppers["lstm"].recording
    assert page.locator("#fold-label").is_visible()
    assert folds(page) in (19, 20)
    go(page, len(recording.nodes) // 2)
    assert folds(page) == 19
    assert len(indices(page, "current")) == 1
    assert page.locator("#fold-this").inner_text() == "fold block 10 of 20"
    page.keyboard.press("End")
    assert indices(page, "current") == []


@pytest.mark.parametrize("press", ["click", "Enter", "Space"])
def test_a_folded_block_opens_and_closes(show, steppers, press):
    page, stepper = show(steppers["lstm"]), steppers["lstm"]
    fold = page.locator("#graph .node.fold").nth(6)
    title = fold.locator("text").first.text_content()
    members = {int(i) for i in fold.get_attribute("data-index").split()}

    def do(target):
        if press == "click":
            target.click()
        else:
            target.focus()
            page.keyboard.press(press)

    do(fold)
    first = where(page)
    assert set(indices(page, "current")) <= members
    assert folds(page) == 19
    button = page.get_by_role("button", name=f"fold {title}")
    do(button)
    assert folds(page) == 20
    assert set(indices(page, "current")) == members  # the box of the block
    assert page.locator("#panel h2").inner_text() == title
    assert "folded: 18 operations" in page.locator("#spoken").inner_text()
    assert page.evaluate("document.activeElement.id") == "fold-this"
    page.keyboard.press("ArrowRight")  # as one: to the next block
    assert set(indices(page, "current")).isdisjoint(members)
    assert folds(page) == 20
    page.keyboard.press("ArrowLeft")
    assert set(indices(page, "current")) == members
    do(page.get_by_role("button", name="open this block"))
    assert (where(page), folds(page)) == (first, 19)
    page.keyboard.press("f")
    assert folds(page) == 20
    page.keyboard.press("f")
    assert folds(page) == 19
    assert len(stepper) > 700


def test_blocks_passed_as_one_take_a_step_each(show, steppers):
    page = show(steppers["lstm"])
    page.locator("#graph .node.fold").first.click()
    page.keyboard.press("f")
    seen = [where(page)]
    while not page.locator("#next").is_disabled():
        page.keyboard.press("ArrowRight")
        seen.append(where(page))
    assert seen == sorted(set(seen))
    assert 40 < len(seen) < 60  # 20 blocks in forward and in backward, and what is in none
    back = [seen[-1]]
    while not page.locator("#previous").is_disabled():
        page.keyboard.press("ArrowLeft")
        back.append(where(page))
    assert set(seen) <= set(back)


def test_blocks_are_passed_in_the_wrong_order_too(show, steppers):
    page = show(steppers["lstm"])
    page.locator("#graph .node.fold").first.click()
    page.keyboard.press("f")
    page.keyboard.press("w")
    go(page, len(steppers["lstm"].recording.nodes) + 1)
    seen = [where(page)]
    while not page.locator("#next").is_disabled():
        page.keyboard.press("ArrowRight")
        seen.append(where(page))
    assert seen == sorted(set(seen))
    assert seen[-1] == len(steppers["lstm"])
    assert "gradients are wrong" in page.locator("#panel").inner_text()


def test_what_goes_into_a_block_and_comes_out(show, steppers):
    page, recording = show(steppers["lstm"]), steppers["lstm"].recording
    fold = page.locator("#graph .node.fold").nth(9)
    members = {int(i) for i in fold.get_attribute("data-index").split()}
    fold.click()
    page.keyboard.press("f")
    text = page.locator("#panel").inner_text()
    assert "18 operations: matmul, add, split, " in text
    leaves = [recording.nodes[i].name for i in recording.gradients]
    for name in leaves:  # the weights that all blocks share go in
        assert page.locator("#panel").get_by_role("button", name=name, exact=True).count() >= 1
    turn = next(t for t in recording.backward if t.node in members)
    go(page, len(recording.nodes) + recording.backward.index(turn) + 1)
    text = page.locator("#panel").inner_text()
    assert "Upstream: the gradients that arrive" in text
    assert "after this block has sent its part" in text


@pytest.mark.parametrize("press", ["click", "Space"])
def test_all_blocks_unfold(show, steppers, press):
    page, recording = show(steppers["lstm"]), steppers["lstm"].recording
    switch = page.get_by_role("checkbox", name="fold blocks")
    switch.click() if press == "click" else switch.press("Space")
    assert (boxes(page), folds(page)) == (len(recording.nodes), 0)
    go(page, 200)
    assert indices(page, "current") == [199]
    page.keyboard.press("f")  # nothing is folded one by one now
    assert folds(page) == 0
    switch.click() if press == "click" else switch.press("Space")
    assert folds(page) == 19
    assert indices(page, "current") == [199]


def test_small_graphs_have_nothing_to_fold(show, steppers):
    page = show(steppers["mlp"])
    assert not page.locator("#fold-label").is_visible()
    page.keyboard.press("f")
    assert (where(page), folds(page)) == (1, 0)

"""A real browser for what is shown in one: Chromium, driven by Playwright."""

from __future__ import annotations

import shutil

import pytest

import minigrad as mg
from tests.viz.computations import COMPUTATIONS

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDE, PHONE = (1280, 720), (390, 844)


@pytest.fixture(scope="session")
def chromium():
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs the `browser` extra")
    program = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None
    )
    with sync_api.sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        except sync_api.Error as error:
            pytest.skip(f"no Chromium: {str(error).splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture
def show(chromium, tmp_path):
    """Opens a stepper's page, which may say nothing in the console, and ask for nothing."""
    opened, trouble = [], []

    def open_page(stepper, size=WIDE, scheme="light", touch=False):
        file = tmp_path / f"page{len(opened)}.html"
        stepper.save(file)
        width, height = size
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, has_touch=touch
        )
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda said: trouble.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.on("request", lambda r: r.url == file.as_uri() or trouble.append(f"asks for {r.url}"))
        opened.append(context)
        page.goto(file.as_uri())
        return page

    yield open_page
    for context in opened:
        context.close()
    assert trouble == []


@pytest.fixture(scope="session")
def steppers():
    """By name, the stepper of each computation."""
    made = {}
    for name, compute in COMPUTATIONS.items():
        mg.manual_seed(0)
        made[name] = compute()
    return made

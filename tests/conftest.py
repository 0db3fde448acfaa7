"""Which tests run, and how they draw their random inputs.

Plain `pytest` leaves out what needs PyTorch (`pytest -m parity`), what needs a browser
(`pytest -m browser`) and what is slow (`pytest -m nightly`), and says so. GPU tests skip with the
reason where there is no GPU.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

import minigrad as mg
from minigrad import backend
from minigrad.mode import MODE

# Small and the same in every run, so that a failure is the change's and not the dice's; the
# nightly run (every property test, and whatever else is marked nightly) throws the dice.
settings.register_profile(
    "quick",
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "nightly", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("quick")

LEFT_OUT = "not nightly and not parity and not browser"


def pytest_configure(config: pytest.Config) -> None:
    named = any(word in argument for argument in config.args for word in ("parity", "browser"))
    if not config.option.markexpr and not named:
        config.option.markexpr = LEFT_OUT
    if config.option.markexpr == "nightly":
        settings.load_profile("nightly")


def pytest_ignore_collect(collection_path, config: pytest.Config) -> bool | None:
    """tests/parity imports PyTorch when it is collected: two seconds that a plain run can save."""
    if collection_path.name == "parity" and config.option.markexpr == LEFT_OUT:
        return True
    return None


@pytest.hookimpl(tryfirst=True)  # before pytest picks the tests that have the marker
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.option.markexpr == "nightly":
        for item in items:
            if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
                item.add_marker("nightly")
    needing = [item for item in items if item.get_closest_marker("gpu")]
    if not needing:
        return
    try:
        backend.cupy()
    except RuntimeError as error:
        for item in needing:
            item.add_marker(pytest.mark.skip(reason=f"no GPU: {error}"))


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    if config.option.markexpr == LEFT_OUT:
        terminalreporter.write_line(
            "Left out: comparisons with PyTorch (pytest -m parity, needs the `parity` extra), "
            "pages in Chromium (pytest -m browser, needs the `browser` extra) and slow tests "
            "(pytest -m nightly)."
        )


@pytest.fixture(autouse=True)
def _same_random_numbers():
    """Every test starts from the same seed, whichever tests ran before it."""
    mg.manual_seed(0)


@pytest.fixture(autouse=True)
def _the_mode_is_left_as_it_was():
    """A test that leaves the engine watched, or without a graph, would change all that follow."""
    before = MODE.get()
    yield
    after = MODE.get()
    MODE.set(before)
    assert after == before, f"the test leaves the mode {after} behind; it was {before}"

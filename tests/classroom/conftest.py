from __future__ import annotations

import pytest

from minigrad.classroom.asking import RIGHT
from minigrad.classroom.sandbox.starting import Nursery
from tests.classroom.hostile import GOOD, outcome


@pytest.fixture(scope="module")
def nursery():
    with Nursery() as nursery:
        yield nursery


@pytest.fixture
def the_next_one_is_graded(nursery):
    """After each of them a good submission still gets its point."""
    yield
    assert outcome(nursery, GOOD).status == RIGHT

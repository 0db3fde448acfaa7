"""A rule of the clinic that fails on a pullback is passed over; here it fails the test."""

from __future__ import annotations

import logging

import pytest


@pytest.fixture(autouse=True)
def _no_rule_fails(caplog):
    caplog.set_level(logging.DEBUG, logger="minigrad.clinic")
    yield
    failed = [r for r in caplog.get_records("call") if r.name == "minigrad.clinic"]
    for record in failed[:1]:
        raise AssertionError(f"{len(failed)} rules failed; the first: {record.message}") from (
            record.exc_info[1]
        )

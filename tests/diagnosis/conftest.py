"""Each test's doctors go home with it: one that stayed would watch the tests that follow."""

from __future__ import annotations

import pytest

from minigrad.diagnosis import Doctor


@pytest.fixture(autouse=True)
def _doctors_are_closed(monkeypatch):
    doctors, make = [], Doctor.__init__

    def remember(self, model, optimizer):
        make(self, model, optimizer)
        doctors.append(self)

    monkeypatch.setattr(Doctor, "__init__", remember)
    yield
    for doctor in doctors:
        doctor.close()

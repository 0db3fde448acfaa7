"""What several comparisons with PyTorch need."""

from __future__ import annotations

import numba
import pytest


@pytest.fixture(scope="module")
def one_thread_each():
    """The threads of both wait for their next work by spinning: on a busy machine, for minutes."""
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads(), numba.get_num_threads()
    torch.set_num_threads(1)
    numba.set_num_threads(1)
    yield
    torch.set_num_threads(before[0])
    numba.set_num_threads(before[1])

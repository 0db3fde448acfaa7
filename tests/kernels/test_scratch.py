"""The pool of buffers: aligned, bounded, and never the same memory for two borrowers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from kernels import scratch


@pytest.fixture(autouse=True)
def _empty_pool():
    scratch.clear()
    yield
    scratch.clear()


def held() -> int:
    return sum(b.size for b in scratch._free)


@pytest.mark.parametrize("shape", [(), (3,), (0,), (2, 5, 7), (0, 4)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_borrowed(shape, dtype):
    with scratch.borrow(shape, dtype) as a:
        assert (a.shape, a.dtype) == (shape, dtype)
        assert a.flags.carray
        assert a.size == 0 or a.ctypes.data % scratch.ALIGNMENT == 0
        a[...] = 1


@pytest.mark.parametrize("shape", [(), (0, 3), (5,), (70, 80), (3, 41, 53)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_results_begin_at_a_cache_line(shape, dtype):
    arrays = [scratch.empty(shape, dtype) for _ in range(5)]
    for a in arrays:
        assert (a.shape, a.dtype) == (shape, dtype)
        assert a.flags.carray
        assert a.nbytes < scratch.SMALL or a.ctypes.data % scratch.ALIGNMENT == 0
        a[...] = 1


def test_memory_comes_back_and_is_used_again():
    with scratch.borrow((1000,), np.float64) as a:
        first = a.ctypes.data
        assert held() == 0
    assert held() == 8000
    with scratch.borrow((2000,), np.float32) as b:
        assert b.ctypes.data == first
        with scratch.borrow((2000,), np.float32) as c:
            assert not np.shares_memory(b, c)


def test_memory_comes_back_from_an_error():
    with pytest.raises(ZeroDivisionError), scratch.borrow((10,), np.float32):
        raise ZeroDivisionError
    assert held() == 40


def test_a_small_borrower_does_not_take_a_large_buffer():
    with scratch.borrow((10**6,), np.float64):
        pass
    with scratch.borrow((10**4,), np.float64):
        assert held() == 8 * 10**6


def test_no_more_is_kept_than_the_limit(monkeypatch):
    monkeypatch.setattr(scratch, "LIMIT", 1000)
    for n in (300, 400, 500):
        with scratch.borrow((n,), np.uint8), scratch.borrow((n,), np.uint8):
            pass
        assert held() <= 1000
    with scratch.borrow((5000,), np.uint8):
        pass
    assert held() <= 1000


def test_threads_do_not_share():
    def work(i: int) -> bool:
        for n in range(200):
            with scratch.borrow((100 + n,), np.float64) as a:
                a[:] = i
                if (a != i).any():
                    return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))

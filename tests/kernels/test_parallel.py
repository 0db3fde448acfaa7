"""Work shared out among threads: every part once, failures seen, copies on disk not mixed up."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba")

from kernels.cpu.parallel import bounds, parallel
from tests.processes import fresh


@parallel
def count_visits(part, parts, visits, total):
    visits[part] += 1
    total[part] = parts


@parallel
def fail_at(part, parts, place, visits):
    visits[part] += 1
    if part == place:
        raise ValueError("of this part")


@pytest.mark.parametrize("parts", [0, 1, 2, 3, 33])
def test_every_part_is_done_once(parts):
    visits, total = np.zeros(40, np.int64), np.zeros(40, np.int64)
    count_visits[parts](visits, total)
    assert visits.tolist() == [1] * parts + [0] * (40 - parts)
    assert total.tolist() == [parts] * parts + [0] * (40 - parts)


@pytest.mark.parametrize("parts", [1, 8])
def test_a_part_that_fails_is_an_error(parts):
    visits = np.zeros(8, np.int64)
    with pytest.raises(RuntimeError, match="a part of a parallel kernel failed"):
        fail_at[parts](0, visits)
    assert visits[:parts].tolist() == [1] * parts  # the others went on
    fail_at[parts](-1, visits)  # and the next call begins anew
    assert visits[:parts].tolist() == [2] * parts


@pytest.mark.parametrize(("parts", "count"), [(1, 5), (3, 10), (7, 3), (2, 0)])
def test_bounds_meet_and_leave_nothing_out(parts, count):
    cuts = [bounds(part, parts, count) for part in range(parts)]
    assert [i for first, last in cuts for i in range(first, last)] == list(range(count))
    sizes = [last - first for first, last in cuts]
    assert max(sizes) - min(sizes) <= 1


def test_bodies_made_by_the_same_lines_are_not_mixed_up_on_disk(tmp_path):
    code = """if True:
        import numpy as np
        from kernels.cpu import activation
        x = np.linspace(-1, 1, 5, dtype=np.float32)
        print(*(f"{k(x)[0]:.3f}" for k in (activation.relu, activation.tanh)))
    """
    for _ in range(2):  # compiled; read from disk
        done = fresh(code, NUMBA_CACHE_DIR=str(tmp_path))
        assert done.stdout.strip() == "0.000 -0.762", done.stderr

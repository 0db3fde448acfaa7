"""One rank that fails ends the run: the others would wait for it forever.

A rank that is killed, for want of memory say, is noticed by mpiexec, which ends the others and says
which process it was; whose that is was printed at the start. An exception is noticed here.
"""

from __future__ import annotations

import contextlib
import platform
import sys
import time
import traceback
from collections.abc import Iterator
from typing import Any

from minigrad.distributed import group

FORWARDING = 0.2  # seconds for mpiexec to pass on what was printed, before it ends the processes


def end_all_when_one_fails(ranks: Any) -> None:
    """From now on an exception that nobody catches ends every rank."""
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: Any) -> None:
        if ranks.size > 1:
            end_all(ranks, error)
        before(kind, error, trace)

    sys.excepthook = hook


def end_all(ranks: Any, error: BaseException) -> None:
    """Print the error and whose it is, and end every rank with exit code 1."""
    who = f"rank {ranks.rank} of {ranks.size} on {platform.node()}"
    what = "".join(traceback.format_exception_only(error)).strip()
    sys.stdout.flush()
    # In one piece: other ranks may print at the same time.
    sys.stderr.write(
        "".join(traceback.format_exception(error))
        + f"minigrad: {who} failed: {what}\nminigrad: so the run ends on all {ranks.size} ranks\n"
    )
    sys.stderr.flush()
    time.sleep(FORWARDING)
    ranks.abort()


@contextlib.contextmanager
def failing_together() -> Iterator[None]:
    """Inside, whatever is raised on one of several ranks ends all of them, sys.exit() included."""
    try:
        yield
    except BaseException as error:
        if group.world().size > 1:
            end_all(group.world(), error)
        raise

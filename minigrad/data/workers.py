"""Background workers: threads that fetch batches ahead of the training loop.

They are threads, not processes. NumPy, zlib and file reading release Python's lock, so threads do
work side by side; they share the dataset's memory, so that no batch is pickled and copied; they
start in microseconds, and a dataset defined in a notebook works. A forked process would inherit the
locks of Numba's and OpenBLAS's thread pools and die or hang in them, and a spawned one imports
everything again, the user's script included. What threads do not speed up is a dataset that
computes in pure Python.
"""

from __future__ import annotations

import contextvars
import queue
import threading
import time
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:  # it loads Python's logging, so only when there are workers
    from concurrent.futures import Future

PATIENCE = 5.0  # seconds that closing waits for a worker that is in the middle of a batch


class WorkerInfo(NamedTuple):
    """What `get_worker_info` tells: id is below num_workers, seed differs between workers."""

    id: int
    num_workers: int
    seed: int
    dataset: Any


_local = threading.local()


def get_worker_info() -> WorkerInfo | None:
    """In a worker thread, its WorkerInfo; None in any other."""
    return getattr(_local, "info", None)


class Workers:
    """Threads that run what is submitted, first come, first served.

    The threads do not refer to this object: when nobody else does, they end. `close()` ends them at
    once, and waits until they have.
    """

    def __init__(self, infos: list[WorkerInfo], init: Callable[[int], Any] | None):
        self._jobs: queue.SimpleQueue = queue.SimpleQueue()
        self._threads = [
            threading.Thread(
                target=_work, args=(self._jobs, info, init), name=f"minigrad-data-{info.id}",
                daemon=True,
            )
            for info in infos
        ]  # fmt: skip
        for thread in self._threads:
            thread.start()
        self.close = weakref.finalize(self, _close, self._jobs, self._threads, PATIENCE)

    def submit(self, function: Callable, *args: Any) -> Future:
        """The future of function(*args), run under the caller's grad mode and context."""
        from concurrent.futures import Future

        future: Future = Future()
        self._jobs.put((future, contextvars.copy_context(), function, args))
        return future

    def abandon(self) -> None:
        """Close without waiting for a worker that hangs: it ends if it ever comes back."""
        if self.close.detach():
            _close(self._jobs, self._threads, 0)


def _close(jobs: queue.SimpleQueue, threads: list[threading.Thread], patience: float) -> None:
    for _ in threads:
        jobs.put(None)
    deadline = time.monotonic() + patience
    for thread in threads:
        if thread is not threading.current_thread():
            thread.join(max(0, deadline - time.monotonic()))


def _work(jobs: queue.SimpleQueue, info: WorkerInfo, init: Callable[[int], Any] | None) -> None:
    """A worker's life. An error goes to whoever takes the batch, as the object that was raised."""
    _local.info = info
    failure: BaseException | None = None
    try:
        if init is not None:
            init(info.id)
    except BaseException as error:
        failure = error
        failure.add_note(f"DataLoader: raised by worker_init_fn({info.id})")
    while (job := jobs.get()) is not None:
        future, context, function, args = job
        if future.set_running_or_notify_cancel():
            try:
                if failure is not None:
                    raise failure
                future.set_result(context.run(function, *args))
            except BaseException as error:
                future.set_exception(error)
        del job, future, context, function, args  # while it waits, it holds no batch

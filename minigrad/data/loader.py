"""DataLoader: batches of a dataset, in order or shuffled, read ahead by background workers."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from minigrad import random as rng
from minigrad.data.collate import default_collate, default_convert
from minigrad.data.dataset import IterableDataset, batch_reader
from minigrad.data.place import Place
from minigrad.data.sampler import BatchSampler, RandomSampler, SequentialSampler
from minigrad.data.workers import WorkerInfo, Workers

if TYPE_CHECKING:
    from concurrent.futures import Future

_END = object()  # what fetching from a stream returns when it is over


class DataLoader:
    """Iterating it gives the dataset's samples in batches.

    dataset: anything with `__getitem__` and `__len__`, or an IterableDataset. shuffle: a new random
    order every time. sampler: an iterable of indices instead of shuffle. batch_sampler: an iterable
    of lists of indices instead of batch_size, shuffle, sampler and drop_last. batch_size=None: the
    samples one by one. drop_last: without a last batch that is shorter. collate_fn: makes a batch
    of a list of samples. generator: for the random order.

    num_workers: how many threads read ahead (see minigrad/data/workers.py), prefetch_factor batches
    each (2 if not given). The batches and their order are the same for any number of them, unless
    in_order=False, which gives whichever is ready first. An IterableDataset is one stream: one
    thread reads it, so that no sample is lost or comes twice. timeout: seconds to wait for a batch.
    worker_init_fn(id) runs in each worker when it starts; persistent_workers keeps them from one
    epoch to the next. pin_memory, pin_memory_device and multiprocessing_context are accepted for
    PyTorch's sake: there is no pinned memory and no process here.

    A batch of a TensorDataset, or of a Subset of one, is read at once, not sample by sample.

    An exception in the dataset or in collate_fn arrives as it was raised, with a note that names
    the index. Leaving the loop early ends the workers.

    `state_dict()` says how far the present epoch has come, and after `load_state_dict` the next
    loop goes on from there, with the batches that were still to come.

    >>> import minigrad as mg
    >>> dataset = mg.data.TensorDataset(mg.arange(5), mg.arange(5) * 10)
    >>> for x, y in DataLoader(dataset, batch_size=2):
    ...     print(x, y)
    tensor([0, 1]) tensor([ 0, 10])
    tensor([2, 3]) tensor([20, 30])
    tensor([4]) tensor([40])
    """

    _fixed = False

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[Any] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], Any] | None = None,
        multiprocessing_context: Any = None,
        generator: rng.Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ):
        _check_workers(num_workers, timeout, prefetch_factor, persistent_workers)
        self._is_stream = isinstance(dataset, IterableDataset)
        if self._is_stream:
            for name, value in (
                ("shuffle", shuffle), ("sampler", sampler), ("batch_sampler", batch_sampler),
            ):  # fmt: skip
                if value is not None and value is not False:
                    raise ValueError(
                        f"DataLoader: an IterableDataset comes in its own order; leave out {name}"
                    )
        if sampler is not None and shuffle:
            raise ValueError(
                "DataLoader: sampler and shuffle=True exclude each other: both say the order"
            )
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "DataLoader: batch_sampler excludes batch_size, shuffle, sampler and drop_last:"
                    " it says all of that"
                )
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError(
                "DataLoader: batch_size=None gives single samples, so there is no last batch; "
                "leave out drop_last"
            )
        if sampler is None:
            if self._is_stream:
                sampler = itertools.repeat(None)
            elif shuffle:
                sampler = RandomSampler(dataset, generator=generator)
            else:
                sampler = SequentialSampler(dataset)
        if batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        if collate_fn is None:
            collate_fn = default_convert if batch_sampler is None else default_collate

        self.dataset = dataset
        self.batch_size = batch_size
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.num_workers = num_workers
        self.collate_fn = collate_fn
        self.pin_memory = pin_memory
        self.drop_last = drop_last
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.generator = generator
        self.prefetch_factor = 2 if num_workers and prefetch_factor is None else prefetch_factor
        self.persistent_workers = persistent_workers
        self.pin_memory_device = pin_memory_device
        self.in_order = in_order
        self._workers: Workers | None = None  # those that persist
        self._place = Place(generator, sampler, batch_sampler)
        self._fixed = True

    def __setattr__(self, name: str, value: Any) -> None:
        """Others were built of these: to change one afterwards would have no effect, silently."""
        if self._fixed and name in (
            "batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers",
        ):  # fmt: skip
            raise ValueError(f"DataLoader: {name} cannot be changed; make a new DataLoader")
        super().__setattr__(name, value)

    def __len__(self) -> int:
        """How many batches it gives."""
        if not self._is_stream:
            return len(self._index_sampler)  # type: ignore[arg-type]
        n = len(self.dataset)
        if self.batch_size is None:
            return n
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        before = self._place.begin()
        # Drawn whatever num_workers is: the random order that comes next is the same for all.
        seed = int(rng.integers(0, 2**63 - 1, (), generator=self.generator))
        # Ranks may have the generator in common; they have their samples, and so these, alone.
        seed ^= getattr(self.sampler, "rank", 0) << 32
        jobs = enumerate(self._index_sampler)
        fetch = self._fetch_from_stream() if self._is_stream else self._fetch_by_index()
        fetch = _seeded(fetch, seed)
        if before is not None:
            for job in itertools.islice(jobs, self._place.given):
                if self._is_stream:  # a stream has to be read to come to the same place
                    fetch(*job)
            self._place.go_on(before)
        if self.num_workers == 0:
            return self._place.counted(self._in_foreground(fetch, jobs))
        return self._place.counted(self._in_background(fetch, jobs, seed))

    def state_dict(self) -> dict:
        """The place in the present epoch. Between two epochs it is the beginning of the next.

        What a sampler of yours draws from a source of its own is not in it, unless it has a
        `state_dict` and a `load_state_dict`.
        """
        return self._place.state_dict()

    def load_state_dict(self, state: dict) -> None:
        """Let the next loop begin where another loader of the same dataset was.

        Raises ValueError for what is no such state.
        """
        self._place.load_state_dict(state, None if self._is_stream else len(self))

    @property
    def _index_sampler(self) -> Iterable[Any]:
        return self.sampler if self.batch_sampler is None else self.batch_sampler

    # ------------------------------------------------------------------ one batch

    def _fetch_by_index(self) -> Callable[[int, Any], Any]:
        """A function (number of the batch, indices) -> batch."""
        dataset, collate_fn = self.dataset, self.collate_fn
        if self.batch_sampler is None:
            return lambda number, index: collate_fn(_sample(dataset, index, number))
        read = batch_reader(dataset, collate_fn, joined=collate_fn is default_collate)

        def fetch(number: int, indices: Any) -> Any:
            samples = [] if read else [_sample(dataset, index, number) for index in indices]
            try:
                return read(indices) if read else collate_fn(samples)
            except Exception as error:
                error.add_note(f"DataLoader: in batch {number}, of the indices {list(indices)}")
                raise

        return fetch

    def _fetch_from_stream(self) -> Callable[[int, Any], Any]:
        """A function (number of the batch, as many things as it has samples) -> batch or _END."""
        stream: Iterator[Any] | None = None

        def fetch(number: int, places: Any) -> Any:
            nonlocal stream
            try:
                if stream is None:
                    stream = iter(self.dataset)
                if self.batch_sampler is None:
                    sample: Any = next(stream, _END)
                    return sample if sample is _END else self.collate_fn(sample)
                samples = list(itertools.islice(stream, len(places)))
                if not samples or (self.drop_last and len(samples) < len(places)):
                    return _END
                return self.collate_fn(samples)
            except Exception as error:
                error.add_note(f"DataLoader: in batch {number} of the stream")
                raise

        return fetch

    # ------------------------------------------------------------------ one batch after another

    @staticmethod
    def _in_foreground(fetch: Callable, jobs: Iterator[tuple]) -> Iterator[Any]:
        for job in jobs:
            batch = fetch(*job)
            if batch is _END:
                return
            yield batch

    def _in_background(self, fetch: Callable, jobs: Iterator[tuple], seed: int) -> Iterator[Any]:
        workers = self._workers or self._start_workers(seed)
        if self.persistent_workers:
            self._workers = workers
        ahead = self.num_workers * (self.prefetch_factor or 1)
        pending: deque[Future] = deque()
        try:
            for job in itertools.islice(jobs, ahead):
                pending.append(workers.submit(fetch, *job))
            while pending:
                batch = self._next_of(pending, workers)
                if batch is _END:
                    return
                for job in itertools.islice(jobs, 1):
                    pending.append(workers.submit(fetch, *job))
                yield batch
        finally:
            for future in pending:
                future.cancel()
            if not self.persistent_workers:
                workers.close()

    def _start_workers(self, seed: int) -> Workers:
        count = 1 if self._is_stream else self.num_workers
        infos = [WorkerInfo(i, count, seed + i, self.dataset) for i in range(count)]
        return Workers(infos, self.worker_init_fn)

    def _next_of(self, pending: deque[Future], workers: Workers) -> Any:
        from concurrent.futures import FIRST_COMPLETED, wait

        timeout = self.timeout or None
        if self.in_order:
            done = wait([pending[0]], timeout).done
        else:
            done = wait(pending, timeout, FIRST_COMPLETED).done
        if not done:
            workers.abandon()
            self._workers = None
            raise RuntimeError(
                f"DataLoader: no batch within timeout={timeout} seconds; the dataset is slow or "
                "hangs: raise timeout, or use num_workers=0 to see where"
            )
        future = next(f for f in pending if f in done)
        pending.remove(future)
        return future.result()


def _seeded(fetch: Callable[[int, Any], Any], seed: int) -> Callable[[int, Any], Any]:
    """The same, with random numbers that depend on the batch, not on which worker fetches it."""

    def seeded(number: int, indices: Any) -> Any:
        with rng.using(seed + number):
            return fetch(number, indices)

    return seeded


def _sample(dataset: Any, index: Any, number: int) -> Any:
    try:
        return dataset[index]
    except Exception as error:
        error.add_note(f"DataLoader: while reading dataset[{index!r}], for batch {number}")
        raise


def _check_workers(num_workers, timeout, prefetch_factor, persistent_workers) -> None:
    if num_workers < 0:
        raise ValueError(f"DataLoader: expected num_workers >= 0, got {num_workers}")
    if timeout < 0:
        raise ValueError(f"DataLoader: expected timeout >= 0, got {timeout}")
    if prefetch_factor is not None and prefetch_factor < 1:
        raise ValueError(f"DataLoader: expected prefetch_factor >= 1, got {prefetch_factor}")
    if num_workers == 0 and (prefetch_factor is not None or timeout or persistent_workers):
        raise ValueError(
            "DataLoader: prefetch_factor, timeout and persistent_workers are about workers; "
            "give num_workers above 0, or leave them out"
        )

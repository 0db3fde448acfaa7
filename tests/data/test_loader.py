"""DataLoader: the batches, their order, and workers that leave nothing behind."""

from __future__ import annotations

import collections
import gc
import threading
import time
import traceback

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad.data import (
    BatchSampler,
    DataLoader,
    Dataset,
    IterableDataset,
    Subset,
    TensorDataset,
    default_collate,
    get_worker_info,
    random_split,
)
from minigrad.graph import wrap
from tests.processes import fresh
from tests.strict_array import StrictArray


class Squares(Dataset):
    """Sample by sample, unlike TensorDataset."""

    def __init__(self, n=20, delay=None):
        self.n, self.delay = n, delay

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        if self.delay:
            self.delay(i)
        return i, float(i * i)


class Stream(IterableDataset):
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return iter(range(self.n))


class Faulty(Squares):
    def __getitem__(self, i):
        if i == 7:
            raise KeyError("no seven")
        return i


def plain(batches):
    """Batches as Python values, to compare."""
    if isinstance(batches, (list, tuple)):
        return [plain(b) for b in batches]
    if isinstance(batches, dict):
        return {k: plain(v) for k, v in batches.items()}
    return batches.tolist() if hasattr(batches, "tolist") else batches


def workers_alive():
    return [t for t in threading.enumerate() if t.name.startswith("minigrad-data")]


@pytest.fixture(autouse=True)
def _no_thread_left():
    yield
    gc.collect()
    assert workers_alive() == []


# ------------------------------------------------------------------ batches


@pytest.mark.parametrize("num_workers", [0, 2])
def test_batches(num_workers):
    batches = list(DataLoader(Squares(5), batch_size=2, num_workers=num_workers))
    assert plain(batches) == [[[0, 1], [0.0, 1.0]], [[2, 3], [4.0, 9.0]], [[4], [16.0]]]
    assert batches[0][0].dtype == mg.int64
    assert batches[0][1].dtype == mg.float64
    loader = DataLoader(Squares(5), batch_size=2, drop_last=True, num_workers=num_workers)
    assert len(loader) == len(list(loader)) == 2


@given(
    n=st.integers(0, 30), size=st.integers(1, 8), drop=st.booleans(), shuffle=st.booleans(),
    workers=st.integers(0, 3), prefetch=st.integers(1, 3),
    kind=st.sampled_from(["tensor", "items"]),
)  # fmt: skip
def test_every_sample_once_in_an_order_that_workers_do_not_change(
    n, size, drop, shuffle, workers, prefetch, kind
):
    dataset = TensorDataset(mg.arange(n)) if kind == "tensor" else range(n)
    if shuffle and n == 0:
        return

    def epochs(num_workers):
        generator = mg.Generator().manual_seed(5)
        loader = DataLoader(
            dataset, size, shuffle, num_workers=num_workers, drop_last=drop, generator=generator,
            prefetch_factor=prefetch if num_workers else None,
        )  # fmt: skip
        return len(loader), [[plain(b) for b in loader] for _ in range(2)]

    length, batches = epochs(0)
    assert epochs(workers) == (length, batches)
    assert [len(e) for e in batches] == [length, length]
    for epoch in batches:
        flat = np.concatenate([np.ravel(b) for b in epoch]) if epoch else np.array([])
        assert len(set(flat.tolist())) == len(flat) == (n - n % size if drop else n)


def test_the_global_seed_too():
    def orders(num_workers):
        mg.manual_seed(3)
        loader = DataLoader(Squares(10), 3, shuffle=True, num_workers=num_workers)
        return [plain(list(loader)) for _ in range(2)]

    assert orders(0) == orders(1) == orders(3)
    assert orders(0)[0] != orders(0)[1]


def test_a_tensor_dataset_is_read_at_once_and_copied():
    class Counted(TensorDataset):
        reads = 0

        def __getbatch__(self, indices):
            Counted.reads += 1
            return super().__getbatch__(indices)

        def __getitem__(self, index):
            raise AssertionError("read sample by sample")

    x = np.zeros((10, 3), dtype=np.float32)
    for batch in DataLoader(Counted(x, np.arange(10)), batch_size=4):
        assert type(batch) is list
        batch[0].array[:] = 1
    assert Counted.reads == 3
    assert not x.any()  # a batch is the user's own
    part = Subset(Subset(TensorDataset(np.arange(10)), [9, 8, 7, 6]), [3, 0])
    assert plain(list(DataLoader(part, batch_size=2))) == [[[6, 9]]]


def test_a_subclass_that_changes_samples_is_not_read_past():
    class Doubled(TensorDataset):
        def __getitem__(self, i):
            return (super().__getitem__(i)[0] * 2,)

    class Shifted(Subset):
        def __getitem__(self, i):
            return super().__getitem__(i)[0] + 100

    dataset = Doubled(mg.arange(4))
    assert plain(list(DataLoader(dataset, 4))) == [[[0, 2, 4, 6]]]
    assert plain(list(DataLoader(Subset(dataset, [1, 3]), 4))) == [[[2, 6]]]
    assert plain(list(DataLoader(Shifted(TensorDataset(mg.arange(4)), [1]), 4))) == [[101]]


def test_a_dataset_on_a_device_stays_there():
    x, y = (wrap(StrictArray(a)) for a in (np.arange(10.0).reshape(5, 2), np.arange(5)))
    for dataset in (TensorDataset(x, y), [(x[i], y[i]) for i in range(5)]):
        for batch in DataLoader(dataset, batch_size=4, shuffle=True):
            assert all(isinstance(t.array, StrictArray) for t in batch)


def test_getitems_is_asked_for_whole_batches():
    class Whole(Squares):
        def __getitems__(self, indices):
            return [(i, "at once") for i in indices]

    assert plain(list(DataLoader(Whole(2), 2))) == [[[0, 1], ["at once", "at once"]]]
    assert plain(list(DataLoader(Subset(Whole(2), [1]), 2))) == [[[1], ["at once"]]]


def test_gradients_reach_the_dataset():
    x = mg.ones(4, 2, requires_grad=True)
    for (batch,) in DataLoader(TensorDataset(x), batch_size=2):
        batch.sum().backward()
    assert x.grad.tolist() == [[1.0, 1.0]] * 4


def test_samplers():
    assert plain(list(DataLoader("abcde", sampler=[4, 0, 2], batch_size=2))) == [["e", "a"], ["c"]]
    loader = DataLoader("abcde", batch_sampler=[[0, 1], [4]])
    assert plain(list(loader)) == [["a", "b"], ["e"]]
    assert len(loader) == 2
    sampler = BatchSampler(range(5), 2, True)
    assert plain(list(DataLoader("abcde", batch_sampler=sampler))) == [["a", "b"], ["c", "d"]]


def test_without_batches():
    loader = DataLoader([np.float32(1), "text", {"a": np.ones(2)}], batch_size=None)
    one, text, mapping = loader
    assert one.dtype == mg.float32
    assert text == "text"
    assert mapping["a"].tolist() == [1.0, 1.0]
    assert len(loader) == 3
    assert list(DataLoader(Stream(3), batch_size=None, num_workers=2)) == [0, 1, 2]


def test_collate_fn():
    assert list(DataLoader("abc", 2, collate_fn="".join, num_workers=1)) == ["ab", "c"]


@pytest.mark.parametrize("num_workers", [0, 1, 3])
@pytest.mark.parametrize("drop_last", [False, True])
def test_a_stream_comes_once_and_in_order(num_workers, drop_last):
    """With worker processes each would read the whole stream; the one thread here cannot."""
    loader = DataLoader(Stream(7), 3, num_workers=num_workers, drop_last=drop_last)
    expected = [[0, 1, 2], [3, 4, 5]] + ([] if drop_last else [[6]])
    assert plain(list(loader)) == plain(list(loader)) == expected
    with pytest.raises(TypeError):
        len(loader)


def test_a_stream_that_shares_itself_out_among_workers_is_whole():
    class Sharded(Stream):
        def __iter__(self):
            info = get_worker_info()
            step, start = (info.num_workers, info.id) if info else (1, 0)
            return iter(range(start, self.n, step))

    assert plain(list(DataLoader(Sharded(6), 2, num_workers=3))) == [[0, 1], [2, 3], [4, 5]]


# ------------------------------------------------------------------ workers


def test_order_is_kept_whichever_batch_is_ready_first():
    dataset = Squares(12, delay=lambda i: time.sleep(0.02 if i % 4 == 0 else 0))
    loader = DataLoader(dataset, 2, num_workers=3)
    assert [b[0].tolist() for b in loader] == [[i, i + 1] for i in range(0, 12, 2)]


def test_out_of_order():
    gate = threading.Event()
    dataset = Squares(4, delay=lambda i: gate.wait(10) if i == 0 else None)
    batches = iter(DataLoader(dataset, num_workers=2, in_order=False))
    assert next(batches)[0].item() != 0
    gate.set()
    assert len(list(batches)) == 3


def test_workers_work_at_the_same_time():
    barrier = threading.Barrier(3, timeout=10)
    list(DataLoader(Squares(3, delay=lambda i: barrier.wait()), num_workers=3))


@pytest.mark.parametrize("num_workers", [0, 2])
def test_an_error_arrives_as_it_was_raised(num_workers):
    loader = DataLoader(Faulty(), batch_size=4, num_workers=num_workers)
    batches = iter(loader)
    assert next(batches).tolist() == [0, 1, 2, 3]
    with pytest.raises(KeyError, match="no seven") as caught:
        next(batches)
    text = "".join(traceback.format_exception(caught.value))
    assert 'raise KeyError("no seven")' in text
    assert "dataset[7], for batch 1" in text
    assert list(batches) == []


@pytest.mark.parametrize("num_workers", [0, 2])
def test_an_error_in_collating_names_both_samples_and_the_indices(num_workers):
    rows = [np.zeros(2), np.zeros(2), np.zeros(3), np.zeros(2)]
    loader = DataLoader(rows, batch_size=4, num_workers=num_workers)
    with pytest.raises(
        RuntimeError, match=r"sample 0 .*float64\[2\], but sample 2 is float64\[3\]"
    ) as e:
        list(loader)
    assert "in batch 0, of the indices [0, 1, 2, 3]" in e.value.__notes__[0]


@pytest.mark.parametrize("num_workers", [0, 2])
@pytest.mark.parametrize("error", [StopIteration, IndexError, SystemExit, KeyboardInterrupt])
def test_no_error_ends_the_epoch_silently(num_workers, error):
    class Bad(Squares):
        def __getitem__(self, i):
            raise error("x")

    with pytest.raises(RuntimeError if error is StopIteration else error):
        list(DataLoader(Bad(), num_workers=num_workers))


def test_an_error_in_a_stream():
    def items():
        yield 1
        raise OSError("torn")

    class Torn(IterableDataset):
        def __iter__(self):
            return items()

    for num_workers in (0, 2):
        with pytest.raises(OSError, match="torn") as caught:
            list(DataLoader(Torn(), num_workers=num_workers))
        assert "in batch 1 of the stream" in caught.value.__notes__[0]


def test_leaving_early_ends_the_workers():
    started = []
    dataset = Squares(1000, delay=lambda i: (started.append(i), time.sleep(0.002)))
    for _ in DataLoader(dataset, num_workers=3, prefetch_factor=100):
        assert len(workers_alive()) == 3
        break
    assert workers_alive() == []
    assert len(started) < 100  # what was not begun was cancelled


def test_a_forgotten_iterator_ends_its_workers():
    batches = iter(DataLoader(Squares(), num_workers=2))
    next(batches)
    assert len(workers_alive()) == 2
    del batches
    assert workers_alive() == []


def test_the_last_batch_ends_the_workers():
    batches = iter(DataLoader(Squares(3), num_workers=2))
    stream = iter(DataLoader(Stream(3), num_workers=2))
    assert len(list(batches)) == len(list(stream)) == 3
    assert workers_alive() == []
    assert list(batches) == []


def test_two_iterators_at_once():
    for persistent in (False, True):
        loader = DataLoader(Squares(6), 2, num_workers=2, persistent_workers=persistent)
        pairs = [(a[0].tolist(), b[0].tolist()) for a in loader for b in loader]
        assert len(pairs) == 9
        assert [a[0].tolist() for a, _ in zip(loader, loader, strict=True)] == [
            [0, 1], [2, 3], [4, 5],
        ]  # fmt: skip
        del loader


def test_persistent_workers_stay_and_end_with_the_loader():
    inits = []
    loader = DataLoader(
        Squares(4), num_workers=2, persistent_workers=True, worker_init_fn=inits.append
    )
    assert plain(list(loader)) == plain(list(loader))
    for _ in loader:
        break
    assert len(workers_alive()) == 2
    assert sorted(inits) == [0, 1]
    del loader
    gc.collect()
    assert workers_alive() == []


def test_worker_info():
    assert get_worker_info() is None
    seen = {}

    def init(worker_id):
        info = get_worker_info()
        seen[worker_id] = (info.id, info.num_workers, info.dataset is dataset, info.seed)

    dataset = Squares(4)
    list(DataLoader(dataset, num_workers=2, worker_init_fn=init))
    assert seen[0][:3] == (0, 2, True)
    assert seen[1][3] == seen[0][3] + 1


def test_an_error_in_worker_init_fn():
    def init(worker_id):
        raise OSError("no disk")

    with pytest.raises(OSError, match="no disk"):
        list(DataLoader(Squares(4), num_workers=2, worker_init_fn=init))


def test_workers_see_the_grad_mode_of_the_loop():
    class Grad(Squares):
        def __getitem__(self, i):
            return (mg.ones(1, requires_grad=True) * 2).requires_grad

    with mg.no_grad():
        assert plain(list(DataLoader(Grad(2), num_workers=1))) == [[False], [False]]
    assert plain(list(DataLoader(Grad(2), num_workers=1))) == [[True], [True]]


def test_timeout():
    gate = threading.Event()
    loader = DataLoader(Squares(4, delay=lambda i: gate.wait(20)), num_workers=2, timeout=0.2)
    start = time.monotonic()
    with pytest.raises(RuntimeError, match=r"no batch within timeout=0\.2 seconds"):
        list(loader)
    assert time.monotonic() - start < 4  # it did not wait for the workers that hang
    gate.set()
    for thread in workers_alive():
        thread.join(5)


def test_a_program_ends_though_an_iterator_is_open_or_a_worker_hangs():
    code = """
import threading, time
from minigrad.data import DataLoader
class Slow:
    def __len__(self): return 9
    def __getitem__(self, i):
        if i > 2: time.sleep({sleep})
        return i
loader = DataLoader(Slow(), num_workers=2, timeout={timeout}, persistent_workers={persistent})
batches = iter(loader)
try:
    for _ in range({count}): next(batches)
except RuntimeError: print("timeout")
print("end")
"""
    for options in (
        {"sleep": 0, "timeout": 0, "persistent": False, "count": 2},
        {"sleep": 0, "timeout": 0, "persistent": True, "count": 2},
        {"sleep": 60, "timeout": 0.5, "persistent": False, "count": 5},
    ):
        start = time.monotonic()
        done = fresh(code.format(**options))
        assert done.returncode == 0, done.stderr
        assert done.stdout.endswith("end\n")
        assert done.stderr == ""
        assert time.monotonic() - start < 20


def test_many_short_epochs_leave_nothing():
    loader = DataLoader(Squares(3), num_workers=2)
    for _ in range(100):
        for _ in loader:
            break
    assert workers_alive() == []


# ------------------------------------------------------------------ wrong arguments


@pytest.mark.parametrize(
    ("options", "message"),
    [({"num_workers": -1}, "num_workers >= 0"), ({"timeout": -1}, "timeout >= 0"),
     ({"batch_size": 0}, "batch_size"), ({"num_workers": 1, "prefetch_factor": 0}, "prefetch"),
     ({"prefetch_factor": 2}, "num_workers above 0"), ({"timeout": 1}, "num_workers above 0"),
     ({"persistent_workers": True}, "num_workers above 0"),
     ({"sampler": [0], "shuffle": True}, "sampler and shuffle"),
     ({"batch_sampler": [[0]], "batch_size": 2}, "batch_sampler excludes"),
     ({"batch_sampler": [[0]], "shuffle": True}, "batch_sampler excludes"),
     ({"batch_sampler": [[0]], "drop_last": True}, "batch_sampler excludes"),
     ({"batch_size": None, "drop_last": True}, "leave out drop_last")],
)  # fmt: skip
def test_wrong_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        DataLoader(Squares(), **options)


@pytest.mark.parametrize("name", ["shuffle", "sampler", "batch_sampler"])
def test_a_stream_has_its_own_order(name):
    with pytest.raises(ValueError, match=f"leave out {name}"):
        DataLoader(Stream(3), **{name: [0]})


def test_what_cannot_be_changed_afterwards():
    loader = DataLoader(Squares())
    with pytest.raises(ValueError, match="batch_size cannot be changed"):
        loader.batch_size = 3


# ------------------------------------------------------------------ collating


Point = collections.namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("batch", "expected", "dtype"),
    [([1, 2], [1, 2], "int64"), ([1.5, 2.5], [1.5, 2.5], "float64"),
     ([1.0, 2], [1.0, 2.0], "float64"),
     ([True, False], [True, False], "bool"), ([np.float32(1), np.float32(2)], [1, 2], "float32"),
     ([np.int8(1)], [1], "int8"), ([np.ones((2, 1), "f4")] * 2, [[[1], [1]]] * 2, "float32"),
     ([mg.tensor(1), mg.tensor(2)], [1, 2], "int64"), ([mg.ones(0)], [[]], "float32")],
)  # fmt: skip
def test_collate_to_a_tensor(batch, expected, dtype):
    result = default_collate(batch)
    assert result.tolist() == expected
    assert result.dtype == dtype


def test_collate_structures():
    assert default_collate(["a", "b"]) == ["a", "b"]
    assert plain(default_collate([(1, "a"), (2, "b")])) == [[1, 2], ["a", "b"]]
    assert plain(default_collate([[1, [2]], [3, [4]]])) == [[1, 3], [[2, 4]]]
    assert plain(default_collate([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}])) == {
        "a": [1, 2], "b": ["x", "y"],
    }  # fmt: skip
    point = default_collate([Point(1, 2.0), Point(3, 4.0)])
    assert isinstance(point, Point)
    assert plain(list(point)) == [[1, 3], [2.0, 4.0]]
    ordered = default_collate([collections.OrderedDict(a=1)])
    assert isinstance(ordered, collections.OrderedDict)


@pytest.mark.parametrize(
    ("batch", "message"),
    [([np.ones(2), np.ones(2), np.ones(3)], r"sample 0 .*64\[2\], but sample 2 is float64\[3\]"),
     ([(1, mg.ones(2)), (2, mg.ones(1))], r"at sample\[1\]: .*\[2\], but sample 1 is .*\[1\]"),
     ([{"a": {"b": 1}}, {"a": {}}], r"at sample\['a'\]: .*keys \['b'\], but sample 1 .*keys \[\]"),
     ([(1, 2), (1, 2, 3)], "sample 0 of the batch is a tuple of 2, but sample 1 is a tuple of 3"),
     ([np.ones(1), 3], r"float64\[1\], but sample 1 is 3"), ([1, "a"], "is 1, but sample 1 is 'a'"),
     ([(1,), 1], "a tuple of 1, but sample 1 is 1")],
)  # fmt: skip
def test_samples_that_do_not_fit_are_named(batch, message):
    with pytest.raises(RuntimeError, match=message):
        default_collate(batch)


@pytest.mark.parametrize("sample", [object(), None, {1}, np.array(["a"]), np.array([None])])
def test_what_cannot_be_collated(sample):
    with pytest.raises(TypeError, match="give DataLoader a collate_fn"):
        default_collate([sample, sample])


def test_an_empty_batch():
    with pytest.raises(ValueError, match="the batch is empty"):
        default_collate([])


def test_importing_it_loads_nothing_that_only_workers_and_downloads_need():
    heavy = {"logging", "concurrent.futures", "tarfile", "gzip", "urllib.request", "http.client"}
    done = fresh(f"import sys, minigrad.data; print(*({heavy} & set(sys.modules)))")
    assert (done.stdout, done.stderr) == ("\n", "")


def test_training_code_as_people_write_it():
    train, test = random_split(TensorDataset(mg.rand(10, 3), mg.arange(10)), [0.8, 0.2])
    for x, y in DataLoader(train, batch_size=4, shuffle=True):
        assert x.shape[1:] == (3,)
        assert y.dtype == mg.int64
    assert len(DataLoader(test, batch_size=4)) == 1


def test_augmentation_is_the_same_for_any_number_of_workers():
    class Noisy:
        def __len__(self):
            return 40

        def __getitem__(self, i):
            return mg.rand(2) + float(i)

    def epoch(workers):
        mg.manual_seed(5)
        loader = DataLoader(Noisy(), batch_size=4, shuffle=True, num_workers=workers)
        batches = [b.tolist() for b in loader]
        return batches, mg.rand(1).item()

    alone = epoch(0)
    assert epoch(3) == alone
    assert epoch(1) == alone
    assert alone[0] != [b.tolist() for b in DataLoader(Noisy(), batch_size=4)]

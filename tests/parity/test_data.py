"""Loading and saving beside PyTorch's: same batches, same errors, files that both read."""

from __future__ import annotations

import collections

import numpy as np
import pytest

import minigrad as mg
from minigrad import data
from minigrad.serialization import load, save

pytestmark = pytest.mark.parity
torch = pytest.importorskip("torch")
td = torch.utils.data


def plain(x):
    """Nested values with the dtypes that they have, to compare."""
    if hasattr(x, "dtype"):
        return str(x.dtype).removeprefix("torch."), x.tolist()
    if isinstance(x, dict):
        return type(x).__name__, {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return type(x).__name__, [plain(v) for v in x]
    return x


Point = collections.namedtuple("Point", "x y")

BATCHES = [
    [1, 2], [1.5, 2], [True, False], ["a", "b"], [b"a", b"b"], [np.float32(1), np.float32(2)],
    [np.int16(1)], [np.bool_(True)], [np.ones(2, "f4"), np.zeros(2, "f4")], [np.array(1)],
    [(1, "a"), (2, "b")], [[1, 2.0], [3, 4.0]], [Point(1, 2), Point(3, 4)], [(1, (2, [3]))],
    [{"a": 1, "b": np.ones(1)}, {"a": 2, "b": np.zeros(1)}], [{"a": 1}, {"a": 2, "more": 3}],
    [collections.OrderedDict(a=1), collections.OrderedDict(a=2)], [((), 1)], [range(2), range(2)],
]  # fmt: skip


@pytest.mark.parametrize("batch", BATCHES, ids=str)
def test_default_collate(batch):
    assert plain(data.default_collate(batch)) == plain(td.default_collate(batch))


@pytest.mark.parametrize(
    "dtypes", [("int64", "float32"), ("float32", "float64"), ("uint8", "bool")]
)
def test_default_collate_of_several_dtypes(dtypes):
    ours = [mg.ones(2).to(getattr(mg, "bool" if d == "bool" else d)) for d in dtypes]
    theirs = [torch.ones(2, dtype=getattr(torch, d)) for d in dtypes]
    assert plain(data.default_collate(ours)) == plain(td.default_collate(theirs))


@pytest.mark.parametrize(
    "batch",
    [[object()], [None], [{1}], [np.array(["a"])], [(1,), (1, 2)], [np.ones(1), np.ones(2)]],
)
def test_default_collate_errors(batch):
    with pytest.raises((TypeError, RuntimeError)) as theirs:
        td.default_collate(batch)
    with pytest.raises(theirs.type):
        data.default_collate(batch)


@pytest.mark.parametrize(
    "sample", [np.ones(2), [1, np.ones(1)], {"a": np.float32(1)}, "x", 3, None]
)
def test_default_convert(sample):
    theirs = td._utils.collate.default_convert(sample)
    assert plain(data.default_convert(sample)) == plain(theirs)


@pytest.mark.parametrize("n", [0, 1, 7, 8])
@pytest.mark.parametrize("options", [{}, {"batch_size": 3}, {"batch_size": 3, "drop_last": True},
                                     {"batch_size": None}, {"sampler": [0, 0]},
                                     {"batch_sampler": [[0], [0, 0]]}])  # fmt: skip
@pytest.mark.parametrize("workers", [0, 2])
def test_batches(n, options, workers):
    if n == 0 and ("sampler" in options or "batch_sampler" in options):
        return
    x = np.arange(2 * n, dtype=np.float32).reshape(n, 2)
    y = np.arange(n)
    ours = data.DataLoader(
        data.TensorDataset(mg.tensor(x), mg.tensor(y)), num_workers=workers, **options
    )
    theirs = td.DataLoader(td.TensorDataset(torch.from_numpy(x), torch.from_numpy(y)), **options)
    assert len(ours) == len(theirs)
    assert [plain(b) for b in ours] == [plain(b) for b in theirs]


class Stream:
    def __iter__(self):
        return iter(range(7))


@pytest.mark.parametrize("options", [{}, {"batch_size": 3}, {"batch_size": 3, "drop_last": True},
                                     {"batch_size": None}])  # fmt: skip
def test_streams(options):
    ours = data.DataLoader(type("S", (Stream, data.IterableDataset), {})(), **options)
    theirs = td.DataLoader(type("S", (Stream, td.IterableDataset), {})(), **options)
    assert [plain(b) for b in ours] == [plain(b) for b in theirs]


@pytest.mark.parametrize(
    "options",
    [{"num_workers": -1}, {"timeout": -1}, {"batch_size": 0}, {"batch_size": 2.5},
     {"prefetch_factor": 2}, {"persistent_workers": True}, {"sampler": [0], "shuffle": True},
     {"batch_sampler": [[0]], "batch_size": 2}, {"batch_sampler": [[0]], "drop_last": True},
     {"batch_size": None, "drop_last": True}, {"drop_last": 3}],
)  # fmt: skip
def test_wrong_arguments_raise_the_same(options):
    for module in (data, td):
        with pytest.raises(ValueError):  # noqa: PT011
            module.DataLoader(range(3), **options)


def test_arguments_have_the_same_names_order_and_defaults():
    import inspect

    for name in ("DataLoader", "RandomSampler", "WeightedRandomSampler", "SubsetRandomSampler",
                 "BatchSampler", "SequentialSampler", "Subset", "ConcatDataset"):  # fmt: skip
        ours, theirs = (
            [(p.name, p.kind, p.default)
             for p in inspect.signature(getattr(m, name).__init__).parameters.values()]
            for m in (data, td)
        )  # fmt: skip
        assert ours == theirs, name


@pytest.mark.parametrize("n", [1, 7, 10, 11, 106])
@pytest.mark.parametrize("lengths", [[0.5, 0.5], [0.1, 0.2, 0.3, 0.4], [1 / 3] * 3, [1.0]])
@pytest.mark.filterwarnings("ignore:.*split at index:UserWarning")
@pytest.mark.filterwarnings("ignore:random_split:UserWarning")
def test_random_split_lengths(n, lengths):
    ours, theirs = ([len(p) for p in m.random_split(range(n), lengths)] for m in (data, td))
    assert ours == theirs


# ------------------------------------------------------------------ files


DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]


def test_pytorch_reads_what_minigrad_saved(tmp_path):
    st = pytest.importorskip("safetensors.torch")
    state = {d: mg.tensor(np.arange(6).reshape(2, 3).T.astype(d)) for d in DTYPES}
    state |= {"scalar": mg.tensor(2.5), "empty": mg.zeros(0, 3)}
    save(state, tmp_path / "x")
    other = st.load_file(tmp_path / "x")
    assert {k: plain(v) for k, v in other.items()} == {k: plain(v) for k, v in state.items()}


def test_minigrad_reads_what_pytorch_saved(tmp_path):
    st = pytest.importorskip("safetensors.torch")
    state = {d: torch.arange(6).reshape(2, 3).to(getattr(torch, d)) for d in DTYPES}
    state["half"] = torch.tensor([1.0, 0.1, float("inf")], dtype=torch.bfloat16)
    st.save_file(state, tmp_path / "x", metadata={"format": "pt"})
    state["half"] = state["half"].float()
    assert {k: plain(v) for k, v in load(tmp_path / "x").items()} == {
        k: plain(v) for k, v in state.items()
    }


def test_weights_carry_over(tmp_path):
    st = pytest.importorskip("safetensors.torch")
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))
    st.save_file(model.state_dict(), tmp_path / "x")
    ours = mg.nn.Sequential(mg.nn.Linear(3, 4), mg.nn.Tanh(), mg.nn.Linear(4, 2))
    ours.load_state_dict(load(tmp_path / "x"))
    x = np.ones((1, 3), dtype=np.float32)
    np.testing.assert_allclose(
        ours(mg.tensor(x)).detach().numpy(), model(torch.from_numpy(x)).detach().numpy(), rtol=1e-6
    )


@pytest.mark.parametrize("zipped", [True, False])
def test_a_file_of_torch_save_is_refused(tmp_path, zipped):
    torch.save({"x": torch.ones(1)}, tmp_path / "x", _use_new_zipfile_serialization=zipped)
    with pytest.raises(ValueError, match=r"safetensors\.torch\.save_file"):
        load(tmp_path / "x")


@pytest.mark.parametrize("n", [1, 2, 5, 6, 7, 50])
@pytest.mark.parametrize("size", [1, 2, 3, 4])
@pytest.mark.parametrize("drop_last", [False, True])
def test_distributed_sampler(n, size, drop_last):
    """In order: the random order is each library's own, but as long."""
    for rank in range(size):
        ours, theirs = (
            lib.DistributedSampler(range(n), size, rank, shuffle=False, drop_last=drop_last)
            for lib in (mg.data, torch.utils.data)
        )
        assert list(ours) == list(theirs)
        assert len(ours) == len(theirs)
        ours.shuffle = theirs.shuffle = True
        assert len(list(ours)) == len(list(theirs))

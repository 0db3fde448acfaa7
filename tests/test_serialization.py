"""What is saved comes back; what is broken is refused; a crash never costs the old file."""

from __future__ import annotations

import contextlib
import json
import math
import os
import pickle
import random
import signal
import stat
import struct
import sys
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad.atomic import replacing
from minigrad.graph import is_tensor
from minigrad.serialization import LoadError, load, load_metadata, save
from tests.processes import fresh

DTYPES = ["?", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]


def same(a, b) -> bool:
    """Equal in structure, types and bits."""
    if is_tensor(a) or isinstance(a, (np.ndarray, np.generic)):
        x, y = (v.array if is_tensor(v) else np.asarray(v) for v in (a, b))
        kinds = is_tensor(a) == is_tensor(b) and isinstance(a, np.generic) == isinstance(
            b, np.generic
        )
        return kinds and x.dtype == y.dtype and x.shape == y.shape and x.tobytes() == y.tobytes()
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return [*a] == [*b] and all(
            type(i) is type(j) and same(a[i], b[j]) for i, j in zip(a, b, strict=True)
        )
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float):
        return struct.pack("d", a) == struct.pack("d", b) or (math.isnan(a) and math.isnan(b))
    return a == b


def roundtrip(obj, path):
    save(obj, path)
    return load(path)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.safetensors"


# ------------------------------------------------------------------ round trips


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0,), (2, 0, 3), (1, 1)])
def test_every_dtype_and_shape(path, dtype, shape):
    array = (np.arange(math.prod(shape)) % 2).reshape(shape).astype(dtype)
    assert same(roundtrip({"x": mg.tensor(array)}, path), {"x": mg.tensor(array)})


@pytest.mark.parametrize(
    "view",
    [lambda a: a.T, lambda a: a[::2], lambda a: a[:, ::-1], lambda a: a[1], lambda a: a[1, 2],
     lambda a: np.broadcast_to(a[0], (4, 5)), lambda a: a.astype(">f4"), np.asfortranarray],
)  # fmt: skip
def test_memory_that_does_not_lie_in_order(path, view):
    """A transposed array, handed to safetensors as it is, comes back with its elements mixed up."""
    array = view(np.arange(20, dtype=np.float32).reshape(4, 5))
    back = roundtrip({"x": mg.graph.wrap(array)}, path)["x"].array
    assert back.dtype == np.float32
    np.testing.assert_array_equal(back, array)


def test_special_floats_keep_their_bits(path):
    array = np.array([np.nan, -np.nan, np.inf, -np.inf, -0.0, 5e-324])
    numbers = [math.nan, math.inf, -math.inf, -0.0, 5e-324, 1e308, 0.1]
    obj = {"x": array, "numbers": numbers}
    assert same(roundtrip(obj, path), obj)


def test_a_checkpoint(path):
    checkpoint = {
        "model": {"0.weight": mg.randn(3, 4), "0.bias": mg.zeros(3)},
        "optimizer": {
            "state": {0: {"step": mg.tensor(7.0), "exp_avg": mg.randn(3, 4)}, 1: {}},
            "param_groups": [
                {"lr": 1e-3, "betas": (0.9, 0.999), "foreach": None, "params": [0, 1]}
            ],
        },
        "scheduler": {"last_epoch": 3, "milestones": {5: 1, 10: 2}, "_last_lr": [0.1]},
        "epoch": 3,
        "generator": mg.random.get_rng_state(),
        "python": random.getstate(),
        "best": float("inf"),
        "flag": True,
        "name": "π \ud800 \x00",
        "raw": b"\x00\xff",
        ("a", 1): np.float32(0.1),
    }
    assert same(roundtrip(checkpoint, path), checkpoint)


def test_a_generator_goes_on_where_it_was(path):
    generator = mg.Generator().manual_seed(3)
    mg.rand(5, generator=generator)
    save({"generator": generator.get_state()}, path)
    expected = mg.rand(5, generator=generator)
    other = mg.Generator().set_state(load(path)["generator"])
    assert (mg.rand(5, generator=other) == expected).all()


def test_integers_longer_than_python_writes_in_decimals(path):
    numbers = [2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 10**10000]
    assert roundtrip(numbers, path) == numbers


@pytest.mark.parametrize("obj", [{}, [], (), None, 3, "text", {"a": {}}, {1: "int", "1": "str"},
                                 {True: 1, None: 2, 0.5: 3, b"x": 4, (1, (2,)): 5}])  # fmt: skip
def test_structures_without_tensors(path, obj):
    assert same(roundtrip(obj, path), obj)


def test_one_tensor_alone(path):
    assert same(roundtrip(mg.tensor([1, 2]), path), mg.tensor([1, 2]))


def test_parameters_come_back_as_tensors(path):
    back = roundtrip({"w": mg.tensor([1.0], requires_grad=True)}, path)
    assert not back["w"].requires_grad


def test_keys_that_would_share_a_name(path):
    obj = {
        "a.b": mg.tensor(1.0), "a": {"b": mg.tensor(2.0)}, "__metadata__": mg.tensor(3.0),
        "": mg.tensor(4.0), "\ud800": mg.tensor(5.0), "\\ud800": mg.tensor(6.0), 1: mg.tensor(7.0),
        "1": mg.tensor(8.0),
    }  # fmt: skip
    assert same(roundtrip(obj, path), obj)


def test_a_tensor_that_appears_twice_is_stored_once_and_stays_one(path):
    t = mg.zeros(1000)
    obj = roundtrip({"list": [t, t], "copy": t.clone()}, path)
    assert obj["list"][0] is obj["list"][1]
    assert obj["copy"] is not obj["list"][0]
    assert path.stat().st_size < 3 * 4000


def test_loaded_arrays_can_be_written(path):
    obj = roundtrip({"t": mg.zeros(3), "a": np.zeros(3)}, path)
    obj["t"].array[0] = 1
    obj["a"][0] = 1


leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-(2**200), 2**200), st.floats(),
    st.text(st.characters(), max_size=5), st.binary(max_size=5),
    hnp.arrays(st.sampled_from(DTYPES), hnp.array_shapes(min_dims=0, max_dims=3, min_side=0)),
    hnp.arrays(st.sampled_from(DTYPES), hnp.array_shapes(max_dims=2)).map(mg.graph.wrap),
)  # fmt: skip
keys = st.one_of(st.text(st.characters(), max_size=5), st.integers(), st.booleans(), st.none())
structures = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
    ),
    max_leaves=12,
)


@given(obj=structures)
def test_any_structure_round_trips(tmp_path_factory, obj):
    path = tmp_path_factory.getbasetemp() / "any.safetensors"
    assert same(roundtrip(obj, path), obj)


# ------------------------------------------------------------------ other tools


def test_a_dict_of_tensors_is_a_plain_file(path):
    from safetensors.numpy import load_file

    state = {"b": mg.randn(2, 3), "a": mg.arange(3), "__c": mg.tensor(True)}
    save(state, path)
    other = load_file(path)
    assert set(other) == set(state)
    for name, t in state.items():
        np.testing.assert_array_equal(other[name], t.array)
    assert list(load(path)) == ["b", "a", "__c"]  # the order too, which the format does not keep


def test_files_of_other_tools(path):
    from safetensors.numpy import save_file

    arrays = {"b": np.eye(2, dtype=np.float16), "a": np.array(3, dtype=np.int64)}
    save_file(arrays, path, metadata={"format": "np"})
    back = load(path)
    assert all(same(back[name], mg.tensor(a)) for name, a in arrays.items())
    assert load_metadata(path) == {"format": "np"}


def test_bfloat16_becomes_float32(path):
    values = np.array([[1.0, -2.5], [0.0, np.inf]], dtype=np.float32)
    upper = (values.view(np.uint32) >> 16).astype(np.uint16)
    write(path, entry(dtype="BF16", shape=[2, 2], data_offsets=[0, 8]), upper.tobytes())
    assert same(load(path), {"x": mg.tensor(values)})


def test_metadata(path):
    save({"x": mg.ones(1)}, path, metadata={"epoch": "3", "π": "\n"})
    assert load_metadata(path) == {"epoch": "3", "π": "\n"}
    assert list(load(path)) == ["x"]


def test_load_to_a_device(path):
    save({"x": mg.ones(1), "n": [mg.ones(1)]}, path)
    assert load(path, map_location="cpu", weights_only=False)["x"].device == "cpu"


# ------------------------------------------------------------------ what cannot be saved


@pytest.mark.parametrize(
    ("obj", "error", "message"),
    [
        ({"a": [1, {2}]}, TypeError, r"the object\['a'\]\[1\] is a set"),
        ({"a": object()}, TypeError, r"the object\['a'\] is a object"),
        ({"f": len}, TypeError, r"builtin_function"),
        ({"z": mg.graph.wrap(np.zeros(2, complex))}, TypeError, "'z' has dtype complex128"),
        ({"z": np.array(["a"])}, TypeError, r"\['z'\] has dtype <U1"),
        ({"z": 1j}, TypeError, "complex"),
        ({frozenset(): 1}, TypeError, "has the key frozenset"),
        ({(1, frozenset()): 1}, TypeError, "has the key"),
    ],
)
def test_what_cannot_be_saved_is_named(path, obj, error, message):
    with pytest.raises(error, match=message):
        save(obj, path)
    assert os.listdir(path.parent) == []


def test_a_structure_that_contains_itself(path):
    obj: dict = {"a": []}
    obj["a"].append(obj)
    with pytest.raises(ValueError, match=r"\['a'\]\[0\] contains itself"):
        save(obj, path)


def test_a_structure_too_deep(path):
    obj: list = []
    for _ in range(100_000):
        obj = [obj]
    with pytest.raises(ValueError, match="nested more than"):
        save(obj, path)
    for _ in range(100_000):  # or its destruction would be the deep recursion
        obj = obj[0]


@pytest.mark.parametrize("metadata", [{"a": 1}, {1: "a"}])
def test_metadata_must_be_strings(path, metadata):
    with pytest.raises(TypeError, match="metadata holds strings only"):
        save({}, path, metadata=metadata)


def test_the_reserved_metadata_key(path):
    with pytest.raises(ValueError, match="'minigrad'"):
        save({}, path, metadata={"minigrad": "x"})


def test_saving_where_nothing_can_be_saved(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"folder .* does not exist"):
        save({}, tmp_path / "no" / "x")
    with pytest.raises(IsADirectoryError):
        save({}, tmp_path)


# ------------------------------------------------------------------ damaged and hostile files


def write(path, header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text) if length is None else length) + text + data)


def entry(name="x", **changes):
    return {name: {"dtype": "U8", "shape": [2], "data_offsets": [0, 2], **changes}}


def noted(**note):
    return {"__metadata__": {"minigrad": json.dumps(note)}, **entry()}


class Bomb:
    def __reduce__(self):
        return os.system, ("touch bomb",)


def a_npy(path):
    with path.open("wb") as file:
        np.save(file, np.zeros(3))


def a_zip(path):
    with zipfile.ZipFile(path, "w") as z:
        z.writestr("archive/data.pkl", pickle.dumps(Bomb()))


BAD = {
    "empty": lambda p: p.write_bytes(b""),
    "short": lambda p: p.write_bytes(b"abc"),
    "text": lambda p: p.write_text("<html>404 Not Found</html>"),
    "huge header": lambda p: p.write_bytes(b"\xff" * 8 + b"{}"),
    "long header": lambda p: write(p, b"{}", length=1 << 40),
    "header beyond the end": lambda p: write(p, b"{}", length=3),
    "no JSON": lambda p: write(p, b"{nope"),
    "not UTF-8": lambda p: write(p, b'{"\xff": 1}'),
    "a list": lambda p: write(p, b"[]"),
    "deep JSON": lambda p: write(p, b'{"a":' * 100_000),
    "deep list": lambda p: write(p, b'{"a":' + b"[" * 100_000),
    "endless number": lambda p: write(p, b'{"a":' + b"9" * 10_000 + b"}"),
    "NaN": lambda p: write(p, b'{"a": NaN}'),
    "a name twice": lambda p: write(
        p, b"{" + b",".join(2 * [json.dumps(entry()).encode()[1:-1]]) + b"}", b"ab"
    ),
    "entry no dict": lambda p: write(p, {"x": 3}),
    "unknown dtype": lambda p: write(p, entry(dtype="F8_E4M3"), b"ab"),
    "dtype no string": lambda p: write(p, entry(dtype=["U8"]), b"ab"),
    "no dtype": lambda p: write(p, {"x": {"shape": [2], "data_offsets": [0, 2]}}, b"ab"),
    "wrong dtype": lambda p: write(p, entry(dtype="F64"), b"ab"),
    "beyond the end": lambda p: write(p, entry(data_offsets=[0, 2]), b"a"),
    "far beyond": lambda p: write(p, entry(shape=[1 << 40], data_offsets=[0, 1 << 40]), b"ab"),
    "negative": lambda p: write(p, entry(data_offsets=[-2, 0]), b"ab"),
    "backwards": lambda p: write(p, entry(data_offsets=[2, 0]), b"ab"),
    "overlap": lambda p: write(p, {**entry(), **entry("y", data_offsets=[1, 3])}, b"abc"),
    "same place": lambda p: write(p, {**entry(), **entry("y")}, b"ab"),
    "gap": lambda p: write(p, {**entry(), **entry("y", data_offsets=[3, 5])}, b"abcde"),
    "bytes too many": lambda p: write(p, entry(), b"abc"),
    "overflow": lambda p: write(p, entry(shape=[1 << 62, 1 << 62]), b"ab"),
    "zero times huge": lambda p: write(p, entry(shape=[0, 1 << 63], data_offsets=[0, 0])),
    "negative size": lambda p: write(p, entry(shape=[-2]), b"ab"),
    "70 dimensions": lambda p: write(p, entry(shape=[1] * 69 + [2]), b"ab"),
    "bool of 2": lambda p: write(p, entry(dtype="BOOL"), b"\x02\x00"),
    "metadata no strings": lambda p: write(p, {"__metadata__": {"a": 1}, **entry()}, b"ab"),
    "metadata no dict": lambda p: write(p, {"__metadata__": 1, **entry()}, b"ab"),
    "zip": a_zip,
    "pickle": lambda p: p.write_bytes(pickle.dumps(Bomb())),
    "old pickle": lambda p: p.write_bytes(pickle.dumps(Bomb(), protocol=0)),
    "npy": a_npy,
    "folder": lambda p: p.mkdir(),
    "missing": lambda p: None,
    "structure no JSON": lambda p: write(p, {"__metadata__": {"minigrad": "{"}, **entry()}, b"ab"),
    "structure deep": lambda p: write(
        p, {"__metadata__": {"minigrad": "[" * 100_000}, **entry()}, b"ab"
    ),
    "structure a list": lambda p: write(p, {"__metadata__": {"minigrad": "[]"}, **entry()}, b"ab"),
    "format from the future": lambda p: write(p, noted(format=99, tree=None), b"ab"),
    "no format": lambda p: write(p, noted(tree={"tensor": "x"}), b"ab"),
    "order no list": lambda p: write(p, noted(format=1, order=3), b"ab"),
    "order of lists": lambda p: write(p, noted(format=1, order=[[]]), b"ab"),
}
TREES = {
    "no such tensor": [{"tensor": "x"}, {"tensor": "y"}],
    "unmentioned tensor": 3,
    "unknown kind": {"pickle": "x"},
    "two kinds": {"tensor": "x", "array": "x"},
    "no kind": {},
    "list as a name": {"tensor": ["x"]},
    "list as a key": {"dict": [[[1], {"tensor": "x"}]]},
    "no pairs": {"dict": [[1], {"tensor": "x"}]},
    "number as a tuple": {"tuple": 3},
    "bad int": [{"int": "zz"}, {"tensor": "x"}],
    "bad float": [{"float": "x"}, {"tensor": "x"}],
    "bad bytes": [{"bytes": "?"}, {"tensor": "x"}],
    "bytes no string": [{"bytes": 3}, {"tensor": "x"}],
    "int no string": [{"int": 3}, {"tensor": "x"}],
    "float of a list": [{"float": []}, {"tensor": "x"}],
}
for _name, _tree in TREES.items():
    BAD[_name] = lambda p, tree=_tree: write(p, noted(format=1, tree=tree), b"ab")


@pytest.mark.parametrize("kind", BAD)
def test_bad_files(path, kind, monkeypatch):
    monkeypatch.chdir(path.parent)
    BAD[kind](path)
    with pytest.raises(LoadError) as caught:
        load(path)
    message = str(caught.value)
    assert str(path) in message
    assert len(message) < 1000
    assert caught.value.__cause__ is None
    assert not (path.parent / "bomb").exists()


def test_a_missing_file_is_a_FileNotFoundError_as_well(path):
    with pytest.raises(FileNotFoundError, match="there is no file"):
        load(path)


def test_a_deep_tree_is_refused(path):
    tree: object = {"tensor": "x"}
    for _ in range(300):
        tree = [tree]
    write(path, noted(format=1, tree=tree), b"ab")
    with pytest.raises(LoadError, match="nested too deep"):
        load(path)


def test_an_unreadable_device(tmp_path):
    with pytest.raises(LoadError, match="is not a file"):
        load("/dev/zero" if os.path.exists("/dev/zero") else tmp_path)


@pytest.mark.parametrize("kind", ["zip", "pickle"])
def test_a_file_of_torch_says_what_to_do(path, kind):
    BAD[kind](path)
    with pytest.raises(LoadError, match=r"torch\.save.*safetensors\.torch\.save_file"):
        load(path)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="resource limits are Unix's")
def test_hostile_sizes_take_no_memory(tmp_path):
    path = tmp_path / "x"
    for kind in ("huge header", "long header", "far beyond", "overflow", "zero times huge"):
        BAD[kind](path)
        done = fresh(
            "import resource, minigrad as mg, safetensors.numpy\n"
            "from minigrad.serialization import load, LoadError\n"
            "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
            "resource.setrlimit(resource.RLIMIT_AS, (used + (64 << 20),) * 2)\n"
            f"try: load({str(path)!r})\nexcept LoadError: print('refused')"
        )
        assert done.stdout == "refused\n", (kind, done.stderr)


def sample_file(path):
    obj = {"w": mg.arange(6).reshape(2, 3), "n": [1, 2.5, (None, "s")], "b": mg.tensor([True])}
    save(obj, path)
    return path.read_bytes()


def test_every_truncation_is_refused(path):
    whole = sample_file(path)
    for n in range(len(whole)):
        path.write_bytes(whole[:n])
        with pytest.raises(LoadError):
            load(path)


@settings(max_examples=300)
@given(data=st.data())
def test_flipped_bytes_give_a_value_or_the_one_error(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "flipped.safetensors"
    bad = bytearray(sample_file(path))
    for _ in range(data.draw(st.integers(1, 3))):
        bad[data.draw(st.integers(0, len(bad) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bad)
    with contextlib.suppress(LoadError):
        load(path)


# ------------------------------------------------------------------ atomic writes


def test_a_failed_rename_leaves_the_old_file(path, monkeypatch):
    save({"x": mg.zeros(2)}, path)
    before = path.read_bytes()

    def fail(*args):
        raise OSError("disk on fire")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk on fire"):
        save({"x": mg.ones(2)}, path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_a_failed_write_leaves_the_old_file(path):
    path.write_text("old")
    with pytest.raises(RuntimeError, match="half"), replacing(path) as temporary:  # noqa: PT012
        temporary.write_text("hal")
        raise RuntimeError("half way")
    assert path.read_text() == "old"
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
@pytest.mark.parametrize("where", ["os.open", "safetensors.numpy.save_file", "half the data",
                                   "os.chmod", "os.fsync", "os.replace"])  # fmt: skip
def test_a_process_killed_while_saving_leaves_the_old_file(path, where):
    save({"x": mg.zeros(1000), "epoch": 1}, path)
    done = fresh(
        "import os, signal, minigrad as mg, safetensors.numpy\n"
        "from minigrad.serialization import save\n"
        "def die(*a, **k): os.kill(os.getpid(), signal.SIGKILL)\n"
        "def half(arrays, path, **k):\n"
        "    open(path, 'wb').write(b'x' * 10); die()\n"
        f"obj = {{'x': mg.ones(1000), 'epoch': 2}}; path = {str(path)!r}\n"
        + ("safetensors.numpy.save_file = half" if where == "half the data" else f"{where} = die")
        + "\nsave(obj, path)"
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    back = load(path)
    assert back["epoch"] == 1
    assert not back["x"].array.any()
    save({"epoch": 3}, path)  # what the dead process left is in nobody's way
    assert load(path) == {"epoch": 3}


@pytest.mark.skipif(os.name == "nt", reason="Unix permissions")
def test_permissions_follow_the_umask_and_then_the_file(path):
    before = os.umask(0o027)
    try:
        save({}, path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o600)
        save({}, path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    finally:
        os.umask(before)


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "folder").mkdir()
    link = tmp_path / "latest"
    link.symlink_to(tmp_path / "folder" / "real")
    save({"a": 1}, link)
    assert link.is_symlink()
    assert load(tmp_path / "folder" / "real") == {"a": 1}


def test_bytes_are_on_the_disk_before_the_rename(path, monkeypatch):
    calls = []
    for name in ("fsync", "replace"):
        original = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *a, n=name, f=original: (calls.append(n), f(*a))[1])
    save({}, path)
    assert calls == ["fsync", "replace", "fsync"] if sys.platform != "win32" else calls

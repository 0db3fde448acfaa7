"""How kernels are compiled: stale copies on disk, and a word to who waits."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from kernels.cpu import disk_cache, jit
from tests.processes import fresh

ROOT = Path(jit.__file__).parent


def test_a_kernel_is_stale_if_what_it_imports_has_changed():
    def names(file):
        return {name for name, *_ in disk_cache.stamp(ROOT / file)}

    assert {"conv.py", "conv_layout.py", "conv_weight.py", "tile.py", "vectors.py"} <= names(
        "conv.py"
    )
    assert {"attention_tiles.py", "elementary.py"} <= names("attention.py")
    assert "conv.py" not in names("attention.py")


def test_every_import_is_followed(tmp_path):
    """`from kernels.cpu import a as b, c` and `import kernels.cpu.d as e` too."""
    file = tmp_path / "kernel.py"
    file.write_text(
        "from kernels.cpu import tile as t, jit\nimport kernels.cpu.softmax as s\n"
        "from kernels.cpu.pool import max_pool\n"
    )
    found = {name for name, *_ in disk_cache.stamp(file)}
    assert {"kernel.py", "tile.py", "jit.py", "softmax.py", "pool.py", "vectors.py"} <= found


def test_an_edited_helper_is_compiled_anew(tmp_path):
    """Two files, the kernel and a helper of it, in a copy of the package; the helper is edited."""
    folder = tmp_path / "kernels"
    (folder / "cpu").mkdir(parents=True)
    for name in (
        "__init__.py",
        "table.py",
        "scratch.py",
        "cpu/__init__.py",
        "cpu/jit.py",
        "cpu/disk_cache.py",
    ):
        (folder / name).write_text((ROOT.parent / name).read_text(encoding="utf-8"))
    helper = "from kernels.cpu.jit import jit\n\n@jit\ndef helper(x):\n    return x + {}\n"
    (folder / "cpu" / "user.py").write_text(
        "from kernels.cpu.helper import helper\nfrom kernels.cpu.jit import jit\n\n"
        "@jit\ndef user(x):\n    return helper(x)\n"
    )
    results = []
    for number in (1, 1000):
        (folder / "cpu" / "helper.py").write_text(helper.format(number))
        done = fresh("from kernels.cpu.user import user; print(user(1))", tmp_path)
        results.append(done.stdout.strip() or done.stderr)
    assert results == ["2", "1001"]


def test_no_two_kernels_have_one_name():
    """If they had, one would be called in the place of the other: see `parallel`."""
    code = """
import collections, importlib, pkgutil
import numba
names = collections.Counter()
njit = numba.njit
def counting(**options):
    def decorate(function):
        names[function.__module__, function.__qualname__] += 1
        return njit(**options)(function)
    return decorate
numba.njit = counting
import kernels.cpu
for module in pkgutil.iter_modules(kernels.cpu.__path__):
    importlib.import_module(f"kernels.cpu.{module.name}")
print(len(names) > 100, [name for name, count in names.items() if count > 1])
"""
    assert fresh(code, ROOT.parent.parent).stdout.strip() == "True []"


def test_kernels_of_several_processes_are_not_mixed_up(tmp_path):
    """Two processes compile one function each; a third reads both from disk."""
    code = """
import sys, numpy as np
from kernels.cpu import activation
x = np.linspace(-3, 3, 100_001).astype(np.float32)
for name in sys.argv[1].split(","):
    got = getattr(activation, name)(x)
    expected = {"tanh": np.tanh(x), "sigmoid": 1 / (1 + np.exp(-x))}[name]
    assert np.abs(got - expected).max() < 1e-5, name
print("right")
"""
    for names in ("tanh", "sigmoid", "tanh,sigmoid", "sigmoid,tanh"):
        done = subprocess.run(
            [sys.executable, "-c", code, names], cwd=ROOT.parent.parent, capture_output=True,
            text=True, env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)},
        )  # fmt: skip
        assert done.stdout == "right\n", (names, done.stderr)


def test_a_damaged_or_old_file_is_compiled_anew(tmp_path):
    made_from = (("a.py", 1, 2),)
    kept = disk_cache.File(str(tmp_path), "f-1.py311", made_from)
    kept.save(("float32",), "code")
    kept.save(("float64",), "other code")
    assert (kept.load(("float32",)), kept.load(("float64",))) == ("code", "other code")
    assert kept.load(("int64",)) is None
    assert disk_cache.File(str(tmp_path), "f-1.py311", (("a.py", 3, 2),)).load(("float32",)) is None
    (file,) = (p for p in tmp_path.iterdir() if p.name == kept.name(("float32",)))
    other = tmp_path / kept.name(("float64",))
    file.write_bytes(other.read_bytes())  # the code of another function under this one's name
    assert kept.load(("float32",)) is None
    for damaged in (b"", b"x", other.read_bytes()[:-3]):
        file.write_bytes(damaged)
        assert kept.load(("float32",)) is None
    kept.save(("float32",), "code")
    assert kept.load(("float32",)) == "code"


def test_dense_copies_only_what_is_not_dense():
    x = np.arange(12.0).reshape(3, 4)
    assert jit.dense(x) is x
    for other in (x.T, x[:, ::2], x.astype(">f8"), np.broadcast_to(x[0], (3, 4))):
        copy = jit.dense(other)
        assert copy.flags.carray
        np.testing.assert_array_equal(copy, other)
    x.flags.writeable = False
    assert jit.dense(x) is not x


def test_who_waits_is_told_why(capsys, monkeypatch):
    patience = jit._Patience()
    monkeypatch.setattr(patience, "AFTER", 0.05)
    patience.on_start(None)
    patience.on_start(None)  # a kernel within a kernel
    patience.on_end(None)
    time.sleep(0.3)
    patience.on_end(None)
    assert capsys.readouterr().err.count("compiling kernels for this processor") == 1
    patience.on_start(None)  # said once is enough
    time.sleep(0.1)
    patience.on_end(None)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("layer", ["omp", "workqueue"])
def test_two_threads_may_call_kernels_at_once(layer):
    """With Numba's own pool, which ends the process if they do, they take turns."""
    code = f"""if True:
        import os, sys
        os.environ["NUMBA_THREADING_LAYER"] = {layer!r}
        if {layer!r} == "workqueue":  # as where no other is installed
            sys.modules["numba.np.ufunc.omppool"] = sys.modules["numba.np.ufunc.tbbpool"] = None
        from concurrent.futures import ThreadPoolExecutor
        import numpy as np, kernels
        x = np.ones((300, 300), np.float32)
        with kernels.use("numba"):
            expected = kernels.matmul(x, x)
        def work(_):
            with kernels.use("numba"):
                return all((kernels.matmul(x, x) == expected).all() for _ in range(50))
        with ThreadPoolExecutor(4) as pool:
            print(all(pool.map(work, range(4))))
    """
    done = fresh(code)
    assert done.stdout.strip() == "True", done.stderr

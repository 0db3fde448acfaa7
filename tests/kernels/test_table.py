"""Which implementation of a kernel runs, and what is said of one that cannot."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import kernels
from kernels import table
from tests.processes import fresh

SMALL, LARGE = np.ones((2, 3), np.float32), np.ones((100, 100), np.float32)


def chosen(x, name="softmax"):
    """The module of the implementation that would run for x."""
    return kernels.KERNELS[name].choose((x,)).__module__


# ---------------------------------------------------------------------------- by itself


def test_numba_for_large_arrays_of_its_dtypes_and_the_reference_for_the_rest():
    assert chosen(LARGE) == "kernels.cpu.softmax"
    assert chosen(LARGE.astype(np.float64)) == "kernels.cpu.softmax"
    assert chosen(SMALL) == "kernels.reference.softmax"
    for dtype in (np.float16, np.complex128, ">f4"):
        assert chosen(LARGE.astype(dtype)) == "kernels.reference.softmax"


def test_a_vendors_library_is_not_replaced_by_itself(monkeypatch):
    monkeypatch.setattr(kernels.matmul, "by_itself", ())
    assert chosen(LARGE, "matmul") == "kernels.reference.matmul"
    with kernels.use("numba"):
        assert chosen(LARGE, "matmul") == "kernels.cpu.matmul"


def test_arrays_of_different_dtypes_are_for_the_reference():
    real, complex_ = np.ones((40, 40)), np.ones((40, 40), complex)
    assert kernels.matmul(real, complex_).dtype == complex
    assert kernels.matmul(real, real, np.ones(40, complex)).dtype == complex
    with (
        kernels.use("numba"),
        pytest.raises(
            TypeError, match=r"matmul: .* arrays of one dtype, got float64, complex128; use 'auto'"
        ),
    ):
        kernels.matmul(real, complex_)


def test_a_bias_that_does_not_fit_is_an_error():
    a = np.ones((40, 40))
    for bias in (np.ones(1), np.ones((1, 40)), np.ones(40, int)):
        with (
            kernels.use("numba"),
            pytest.raises(ValueError, match=r"matmul: expected a bias \(40,\)"),
        ):
            kernels.matmul(a, a, bias)


def test_attributes():
    assert kernels.softmax is kernels.KERNELS["softmax"]
    assert kernels.softmax.__doc__ == kernels.softmax.implementation("numpy").__doc__
    assert "softmax" in dir(kernels)
    assert repr(kernels.softmax) == "<kernel softmax>"
    with pytest.raises(AttributeError, match=r"no kernel is called 'sofmax'; there are .*softmax"):
        kernels.sofmax  # noqa: B018


# ---------------------------------------------------------------------------- by name


def test_a_choice_holds_for_its_block():
    with kernels.use("numpy"):
        assert chosen(LARGE) == "kernels.reference.softmax"
        with kernels.use("numba"):
            assert chosen(SMALL) == "kernels.cpu.softmax"
        assert chosen(LARGE) == "kernels.reference.softmax"
    assert chosen(LARGE) == "kernels.cpu.softmax"


def test_a_choice_holds_for_its_thread():
    found = []
    with kernels.use("numpy"):
        other = threading.Thread(target=lambda: found.append(chosen(LARGE)))
        other.start()
        other.join()
    assert found == ["kernels.cpu.softmax"]


def test_the_environment_chooses_from_the_start(monkeypatch):
    code = """if True:
        import numpy as np, kernels
        print(kernels.KERNELS["softmax"].choose((np.ones(9),)).__module__)
    """
    monkeypatch.setenv("MINIGRAD_KERNELS", "numba")
    assert fresh(code).stdout == "kernels.cpu.softmax\n"
    monkeypatch.setenv("MINIGRAD_KERNELS", "fast")
    assert "MINIGRAD_KERNELS: expected 'numpy', 'numba', 'cuda' or 'auto'" in fresh(code).stderr


def test_an_unknown_choice():
    with pytest.raises(ValueError, match="expected 'numpy', 'numba', 'cuda' or 'auto', got 'gpu'"):
        kernels.use("gpu")


def test_what_cannot_run_here_says_why():
    reason = table.missing("cuda")
    if reason is None:
        pytest.skip("this machine has a GPU")
    with pytest.raises(RuntimeError, match=r"kernels.use: 'cuda' cannot run here: .+"):
        kernels.use("cuda")


def test_a_dtype_that_it_does_not_take():
    with kernels.use("numba"), pytest.raises(TypeError, match="takes NumPy arrays of float32 or"):
        kernels.softmax(LARGE.astype(np.float16))


def test_an_implementation_that_there_is_not(monkeypatch):
    monkeypatch.setitem(kernels.softmax.found, "numba", None)
    with kernels.use("numba"), pytest.raises(RuntimeError, match="softmax: has no implementation"):
        kernels.softmax(LARGE)


# ---------------------------------------------------------------------------- without Numba


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "Numba is not installed: pip install numba"),
        ("raise ImportError('needs an older NumPy')", "cannot be imported (needs an older NumPy)"),
    ],
    ids=["missing", "broken"],
)
def test_without_numba(tmp_path, content, reason):
    """Everything runs, in the reference; asked for by name, Numba is said to be missing."""
    if content is not None:
        (tmp_path / "numba").mkdir()
        (tmp_path / "numba" / "__init__.py").write_text(content)
    code = f"""if True:
        import importlib.util
        real = importlib.util.find_spec
        gone = {["numba"] if content is None else []}
        importlib.util.find_spec = lambda name, *args: None if name in gone else real(name, *args)
        import minigrad as mg, kernels
        x = mg.ones(100, 100, requires_grad=True)
        mg.softmax(x, 1).sum().backward()
        print(x.grad.shape)
        try:
            kernels.use("numba")
        except RuntimeError as error:
            print(error)
    """
    done = fresh(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "(100, 100)"
    assert reason in done.stdout


def test_importing_kernels_loads_nothing_heavy():
    done = fresh("import sys, kernels; print([m for m in ('numba', 'cupy') if m in sys.modules])")
    assert done.stdout.strip() == "[]"

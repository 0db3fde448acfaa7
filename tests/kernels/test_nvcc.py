"""CUDA C++ compiles for the GPUs that it is meant for, wherever nvcc is: it needs no GPU for that.

Warnings are errors. The compiler's report is read too: no kernel may spill more registers than a
few (spilling is memory traffic in the innermost loop), or want more shared memory than there is.
A plain run compiles a few instances of each file; the nightly one all.
"""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
from types import SimpleNamespace

import numba
import pytest

import kernels
from kernels.cuda import source
from tests.kernels.against_reference import arrays, cases_of, on_gpu, rounded

pytestmark = pytest.mark.skipif(not shutil.which("nvcc"), reason="nvcc is not on the PATH")

ARCHITECTURES = ("sm_80", "sm_90")
SPILLED = 64  # bytes a thread, at most
STATIC_SHARED = 48 * 1024
FILES = {
    file: variants
    for stem in sorted({kernels.KERNELS[name].stem for name in on_gpu()})
    for file, variants in importlib.import_module(f"kernels.cuda.{stem}").VARIANTS.items()
}
# What a plain run compiles of the files that take long: half precision, and float32 in full.
FEW = {
    "attention.cu": r"<(f16, false|float, true), 64, .*, false>",
    "attention_backward.cu": r"<(f16, false|float, true), 64, .*\bfalse(, true, true)?>",
    "conv.cu": r"^(conv|conv_small)<f16, .*false>|grad_weight<float",
    "matmul.cu": r"<(f16, false|float, true), true, false>",
}


def test_every_file_is_compiled():
    assert sorted(FILES) == sorted(path.name for path in source.FOLDER.glob("*.cu"))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("file", FILES)
def test_compiles(file, architecture, tmp_path):
    few = [name for name in FILES[file] if re.search(FEW.get(file, ""), name)]
    assert few
    compiles(file, few, architecture, tmp_path)


@pytest.mark.nightly
@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("file", FEW)
def test_all_compile(file, architecture, tmp_path):
    compiles(file, FILES[file], architecture, tmp_path)


def compiles(file, names, architecture, folder):
    # A template that is never used is never compiled: so take its instances' addresses.
    instances = ", ".join(f"(void*){name}" for name in names)
    code = source.text(file) + f"\nvoid* instances[] = {{{instances}}};\n"
    (folder / file).write_text(code)
    done = subprocess.run(
        [
            "nvcc", "-std=c++17", f"-arch={architecture}", "-cubin", "-Xptxas", "-v",
            "-Werror", "all-warnings", "-o", folder / "out.cubin", folder / file,
        ],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    report = done.stdout + done.stderr
    spills = [int(n) for n in re.findall(r"(\d+) bytes spill stores", report)]
    shared = [int(n) for n in re.findall(r"(\d+) bytes smem", report)]
    assert len(spills) >= len(names), report
    assert max(spills) <= SPILLED, report
    assert max(shared, default=0) <= STATIC_SHARED, report


@pytest.mark.parametrize("name", on_gpu())
def test_numbas_kernel_compiles(name, monkeypatch):
    """The readable twin, for sm_90, where the package numba-cuda has brought its compiler."""
    cuda = importlib.import_module("numba.cuda")
    if "numba_cuda" not in cuda.__file__:
        pytest.skip("numba-cuda, which compiles Numba's kernels without a GPU, is not installed")
    h100 = SimpleNamespace(compute_capability=(9, 0))  # (else it asks the driver what GPU there is)
    monkeypatch.setattr("numba.cuda.dispatcher.get_current_device", lambda: h100)
    compiled = []

    def compile_only(kernel, blocks, threads, *args):
        types = tuple(map(numba.typeof, args))
        compiled.append(cuda.compile_ptx(kernel.py_func, types, cc=h100.compute_capability))

    monkeypatch.setattr(f"kernels.cuda.{kernels.KERNELS[name].stem}.launch", compile_only)
    sizes = ((case, [a.size for a in arrays(case.args)]) for case in cases_of(name, 1000))
    case = next(case for case, n in sizes if n and all(n))
    for dtype in ("float32", "float64"):
        narrow, _ = rounded(case, dtype)
        with source.readable():
            kernels.KERNELS[name].implementation("cuda")(*narrow.args, **narrow.kwargs)
    assert compiled

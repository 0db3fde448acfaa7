"""Questions to this machine, asked in a process of their own: `python probes.py numba`.

A package may be broken in any way there is: it may raise on import, hang, or kill the process.
So `minigrad doctor` runs this file once for each question, and reads one line of JSON from it:
what it found, or what went wrong. The file imports nothing of minigrad.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
from importlib import import_module as load


def python() -> str:
    return f"{platform.python_version()} at {sys.executable}"


def cpu() -> str:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{usable} cores, {processor()}, {platform.system()} {platform.machine()}"


def processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [
                line.split(":", 1)[1].strip() for line in file if line.startswith("model name")
            ]
        return names[0]
    except (OSError, IndexError):
        return platform.processor() or "unknown processor"


def numpy() -> str:
    np = load("numpy")

    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return f"{np.__version__}, BLAS {blas['name']} {blas['version']}, {_blas_threads()}"


def _blas_threads() -> str:
    try:
        threadpoolctl = load("threadpoolctl")
    except ImportError:
        return "threads unknown (pip install threadpoolctl to see them)"
    pools = [p for p in threadpoolctl.threadpool_info() if p["user_api"] == "blas"]
    return f"{max((p['num_threads'] for p in pools), default=1)} threads"


def numba() -> str:
    nb = load("numba")

    works = [name for name, module in LAYERS.items() if _imports(f"numba.np.ufunc.{module}")]
    chosen = nb.config.THREADING_LAYER
    layers = ", ".join(works) or "none"
    return (
        f"{nb.__version__}, {nb.config.NUMBA_NUM_THREADS} threads, "
        f"threading layer: {chosen} (works here: {layers})"
    )


LAYERS = {"tbb": "tbbpool", "omp": "omppool", "workqueue": "workqueue"}  # as Numba tries them


def _imports(module: str) -> bool:
    try:
        load(module)
    except ImportError:
        return False
    return True


def matplotlib() -> str:
    load("matplotlib.backends.backend_agg")  # what plots are drawn with
    return load("matplotlib").__version__


def safetensors() -> str:
    load("safetensors.numpy")
    return load("safetensors").__version__


def rich() -> str:
    load("rich.table")
    return importlib.metadata.version("rich")


def cupy() -> str:
    cp = load("cupy")

    try:
        return f"{cp.__version__}, sees {cp.cuda.runtime.getDeviceCount()} GPU"
    except cp.cuda.runtime.CUDARuntimeError as error:
        return f"{cp.__version__}, sees no GPU ({error})"


def gpu() -> str:
    """The GPUs as the driver's own tool names them: that needs no Python package."""
    if shutil.which("nvidia-smi") is None:
        raise ModuleNotFoundError("no NVIDIA driver (nvidia-smi was not found)")
    query = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    answer = subprocess.run(query, capture_output=True, text=True, timeout=30, check=False)
    if answer.returncode:
        raise RuntimeError(f"nvidia-smi says: {(answer.stdout + answer.stderr).strip()}")
    return "; ".join(answer.stdout.strip().splitlines())


def torch() -> str:
    """Looked up, not imported: importing PyTorch takes seconds."""
    if importlib.util.find_spec("torch") is None:
        raise ModuleNotFoundError("not installed")
    return importlib.metadata.version("torch")


def mpi() -> str:
    library = load("mpi4py.MPI").Get_library_version().splitlines()[0]
    return f"mpi4py {load('mpi4py').__version__}, {' '.join(library.split())}"


PROBES = {
    f.__name__: f
    for f in (python, cpu, numpy, numba, matplotlib, rich, safetensors, cupy, gpu, torch, mpi)
}
PACKAGE = {"mpi": "mpi4py"}  # where the module is not called as the probe


def answer(name: str) -> dict[str, str]:
    try:
        return {"status": "OK", "detail": PROBES[name]()}
    except ModuleNotFoundError as error:
        if error.name is None or error.name == PACKAGE.get(name, name):
            return {"status": "missing", "detail": str(error)}
        return {"status": "broken", "detail": f"it needs a module that is not there: {error}"}
    except BaseException as error:  # whatever a broken package raises is its diagnosis
        return {"status": "broken", "detail": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    print("\n" + json.dumps(answer(sys.argv[1])))

"""Runs the CUDA C++ of `kernels/cuda/*.cu` on the CPU: see cuda_on_cpu.h."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import importlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kernels.cuda import source

HEADER = Path(__file__).parent / "cuda_on_cpu.h"
FLAGS = ["-O1", "-std=c++17", "-shared", "-fPIC", "-x", "c++", "-w"]


def missing() -> str | None:
    """Why nothing can be emulated here, or None."""
    return None if shutil.which("g++") else "g++ is not on the PATH"


@contextlib.contextmanager
def emulated(folder: Path, backwards: bool = False, late: bool = False) -> Iterator[list[str]]:
    """In this block, CUDA C++ runs on the CPU, on NumPy arrays. The value: the kernels that ran.

    folder: where compiled kernels are kept. backwards: the last thread of a block comes first.
    late: asynchronous copies are made when they are waited for, not when they are started.
    """
    ran: list[str] = []

    def launch(
        file: str, name: str, blocks: Sequence[int], threads: Sequence[int], *args: Any,
        shared: int = 0,
    ) -> None:  # fmt: skip
        ran.append(name)
        sizes = [*blocks, *[1] * (3 - len(blocks)), *threads, *[1] * (3 - len(threads))]
        if 0 in blocks:
            return
        values = [as_argument(a) for a in args]
        addresses = (ctypes.c_void_p * len(values))(*[v.ctypes.data for v in values])
        run = function(file, name, folder)
        how = int(backwards) + 2 * int(late)
        error = run((ctypes.c_uint * 6)(*sizes), shared, how, addresses)
        if error:
            raise RuntimeError(f"{name}, blocks {blocks}, threads {threads}: {error.decode()}")

    before, source.launch = source.launch, launch
    try:
        yield ran
    finally:
        source.launch = before


def as_argument(a: Any) -> np.ndarray:
    if isinstance(a, source.Struct):
        return a.values
    return np.array(a.ctypes.data, np.intp) if isinstance(a, np.ndarray) else np.asarray(a)


@functools.cache
def function(file: str, name: str, folder: Path) -> Any:
    """A kernel's instance, compiled by g++; kept in `folder` until its source changes."""
    return getattr(library(file, names_with(file, name), folder), entry(name))


# Files whose instances compile quickly: all those of one type are compiled at once.
QUICK = ("activation", "cross_entropy", "dropout", "normalize", "optimizer", "softmax")


def names_with(file: str, name: str) -> tuple[str, ...]:
    stem, kind = file.removesuffix(".cu"), name.split("<")[1].split(",")[0].rstrip(">")
    if stem not in QUICK:
        return (name,)
    variants = importlib.import_module(f"kernels.cuda.{stem}").VARIANTS[file]
    return tuple(v for v in variants if f"<{kind}," in v or f"<{kind}>" in v)


def entry(name: str) -> str:
    return re.sub(r"\W+", "_", name)


@functools.cache
def library(file: str, names: tuple[str, ...], folder: Path) -> ctypes.CDLL:
    code = source.text(file, {"ptx.cuh": HEADER.read_text()}) + "".join(
        f"""
extern "C" const char* {entry(name)}(const unsigned* sizes, int shared, int how, void** args) {{
    return emulator::launch({name}, sizes, shared, how, args);
}}"""
        for name in names
    )
    kept = folder / f"{hashlib.sha256((code + str(FLAGS)).encode()).hexdigest()[:16]}.so"
    if not kept.exists():
        made = subprocess.run(
            ["g++", *FLAGS, "-o", f"{kept}.{os.getpid()}", "-"],
            input=code, text=True, capture_output=True,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr[:5000]
        Path(f"{kept}.{os.getpid()}").replace(kept)
    loaded = ctypes.CDLL(str(kept))
    for name in names:
        getattr(loaded, entry(name)).restype = ctypes.c_char_p
    return loaded

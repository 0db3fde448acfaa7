"""The table of kernels, and which implementation of one runs.

By itself ("auto") a kernel runs on the CPU in Numba if its array is a NumPy array of float32 or
float64 that is large enough to be worth it, on a GPU in CUDA if it is a CuPy array, and else in the
reference, which is NumPy (or, through NumPy's protocols, CuPy). Nothing is imported before it is
first needed.
"""

from __future__ import annotations

import contextvars
import functools
import importlib
import importlib.util
import os
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

FOLDERS = {"numpy": "reference", "numba": "cpu", "cuda": "cuda"}
FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
GPU_FLOATS = ("float16", "bfloat16", "float32", "float64")


class Kernel:
    """One kernel: calling it calls the implementation that fits one of its arguments.

    stem: the file that it is in, in each folder. worth: how many elements that array must have
    before Numba is asked; importing and compiling is not for ten numbers. by_itself: where "auto"
    may go; a vendor's library behind the reference may be the faster one. by: which argument it
    is, by position; the first one, unless that is small where the work is not.
    """

    def __init__(
        self,
        name: str,
        stem: str,
        worth: int,
        by_itself: tuple[str, ...] = ("numba", "cuda"),
        by: int = 0,
    ):
        self.name, self.stem, self.worth, self.by_itself = name, stem, worth, by_itself
        self.by = by
        self.found: dict[str, Callable | None] = {}

    def __repr__(self) -> str:
        return f"<kernel {self.name}>"

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        return self.implementation("numpy").__doc__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.choose(args[self.by], args)(*args, **kwargs)

    def choose(self, x: Any, args: Iterable = ()) -> Callable:
        """The implementation for an argument x, an array or a list of arrays, among others.

        Arrays of different dtypes, real with complex in a complex step, are for the reference.
        """
        if isinstance(x, (list, tuple)):
            x = max(x, key=lambda a: a.size) if x else np.empty(0)
        how = _CHOICE.get()
        if how != "auto":
            return self.named(how, x, args)
        numpys = isinstance(x, np.ndarray)
        if numpys and (x.size < self.worth or x.dtype not in FLOATS or mixed(x.dtype, args)):
            return self.implementation("numpy")
        on_gpu = is_cupy(x) and x.dtype.name in GPU_FLOATS
        where = "numba" if numpys else "cuda" if on_gpu else "numpy"
        if where in self.by_itself and missing(where) is None and self.has(where):
            return self.implementation(where)
        return self.implementation("numpy")

    def named(self, how: str, x: Any, args: Iterable = ()) -> Callable:
        """The implementation that was asked for by name, or an error that says why it cannot be."""
        if how != "numpy":
            if not self.has(how):
                raise RuntimeError(
                    f"kernels.{self.name}: has no implementation {how!r}; use 'auto' or 'numpy'"
                )
            fits = is_cupy(x) if how == "cuda" and not simulated() else isinstance(x, np.ndarray)
            if not fits or (how == "numba" and x.dtype not in FLOATS):
                takes = "CuPy arrays" if how == "cuda" else "NumPy arrays of float32 or float64"
                raise TypeError(
                    f"kernels.{self.name}: its implementation {how!r} takes {takes}, got "
                    f"{type(x).__module__}.{type(x).__name__} of {x.dtype}; use 'auto' or 'numpy'"
                )
            if how == "numba" and mixed(x.dtype, args):
                dtypes = ", ".join(str(a.dtype) for a in args if isinstance(a, np.ndarray))
                raise TypeError(
                    f"kernels.{self.name}: its implementation 'numba' takes arrays of one dtype, "
                    f"got {dtypes}; use 'auto' or 'numpy'"
                )
        return self.implementation(how)

    def has(self, how: str) -> bool:
        return self._find(how) is not None

    def implementation(self, how: str) -> Callable:
        found = self._find(how)
        assert found is not None, f"{self.name} has no implementation {how!r}"
        return found

    def _find(self, how: str) -> Callable | None:
        if how not in self.found:
            module = f"kernels.{FOLDERS[how]}.{self.stem}"
            there = importlib.util.find_spec(module) is not None
            source = importlib.import_module(module) if there else None
            self.found[how] = getattr(source, self.name, None)
        return self.found[how]


# ---------------------------------------------------------------------------- the choice


class use:
    """Choose the implementation of every kernel: "numpy", "numba", "cuda" or "auto".

    For the block of a `with`; called alone, until the next choice in this thread. The environment
    variable MINIGRAD_KERNELS is the choice from the start. RuntimeError if that one cannot run on
    this machine.

    >>> import kernels, numpy as np
    >>> with kernels.use("numpy"):
    ...     kernels.softmax(np.array([0.0, 0.0]))
    array([0.5, 0.5])
    """

    def __init__(self, choice: str):
        self.token = _CHOICE.set(checked(choice, "kernels.use"))

    def __enter__(self) -> use:
        return self

    def __exit__(self, *exc_info: object) -> None:
        _CHOICE.reset(self.token)


def checked(choice: str, asker: str) -> str:
    if choice not in ("auto", *FOLDERS):
        raise ValueError(f"{asker}: expected 'numpy', 'numba', 'cuda' or 'auto', got {choice!r}")
    reason = None if choice == "auto" else missing(choice)
    if reason is not None:
        raise RuntimeError(f"{asker}: {choice!r} cannot run here: {reason}")
    return choice


@functools.cache
def missing(how: str) -> str | None:
    """Why the implementations "numpy", "numba" or "cuda" cannot run here; None if they can."""
    if how == "numba":
        if importlib.util.find_spec("numba") is None:
            return "Numba is not installed: pip install numba"
        try:
            importlib.import_module("numba")
        except Exception as error:  # made for another NumPy, say
            return f"Numba cannot be imported ({error}); install it anew: pip install -U numba"
    if how == "cuda" and not simulated():
        if importlib.util.find_spec("cupy") is None:
            return "CuPy is not installed: pip install 'minigrad[cuda12]' or 'minigrad[cuda13]'"
        cupy = importlib.import_module("cupy")
        try:
            count = cupy.cuda.runtime.getDeviceCount()
        except cupy.cuda.runtime.CUDARuntimeError as error:
            return f"CuPy finds no GPU ({error})"
        if count == 0:
            return "this machine has no GPU"
    return None


def simulated() -> bool:
    """Whether CUDA kernels run in Numba's simulator, on NumPy arrays: NUMBA_ENABLE_CUDASIM=1."""
    return os.environ.get("NUMBA_ENABLE_CUDASIM") == "1"


def mixed(dtype: Any, args: Iterable) -> bool:
    """Whether among these there is an array of another floating-point dtype."""
    return any(
        isinstance(a, np.ndarray)
        and a.dtype is not dtype  # quick, and nearly always enough
        and a.dtype != dtype
        and a.dtype.kind in "fc"
        for a in args
    )


def is_cupy(x: Any) -> bool:
    return type(x).__module__.startswith("cupy")


_AT_START: str = checked(os.environ.get("MINIGRAD_KERNELS", "auto"), "MINIGRAD_KERNELS")
_CHOICE = contextvars.ContextVar("kernels", default=_AT_START)


# ---------------------------------------------------------------------------- the table

KERNELS: dict[str, Kernel] = {}


def _add(stem: str, *names: str, **options: Any) -> None:
    for name in names:
        KERNELS[name] = Kernel(name, stem, **options)


# CuPy's own matrix product is cuBLAS's. NumPy's: see `product` in minigrad/ops/linalg.py.
_add("matmul", "matmul", worth=0, by_itself=("numba",))
_add("matmul", "matmul_grad_bias", worth=2**16)
_add("conv", "conv", "conv_grad_bias", "conv_grad_input", "conv_grad_weight", worth=256)
_add(
    "pool",
    "max_pool", "max_pool_backward", "adaptive_max_pool",
    "avg_pool", "avg_pool_backward", "adaptive_avg_pool", "adaptive_avg_pool_backward",
    worth=4096,
)  # fmt: skip
_add("dropout", "dropout", worth=0)
_add("attention", "attention", "attention_backward", worth=256)
_add("softmax", "softmax", "softmax_backward", "log_softmax", "log_softmax_backward", worth=4096)
_add("cross_entropy", "cross_entropy", worth=4096)
_add("cross_entropy", "cross_entropy_backward", worth=4096, by=1)
_add(
    "normalize",
    "layer_norm", "layer_norm_backward", "rms_norm", "rms_norm_backward",
    "group_norm", "group_norm_backward", "batch_norm", "batch_norm_backward",
    "batch_norm_by", "batch_norm_by_backward",
    worth=1024,
)  # fmt: skip
# NumPy has a fast tanh of its own, and what is one product or comparison takes it one pass.
_add("activation", "tanh", worth=65536)
_add(
    "activation",
    "relu", "relu_backward", "leaky_relu", "leaky_relu_backward", "tanh_backward",
    "sigmoid_backward",
    worth=8192,
)  # fmt: skip
_add(
    "activation",
    "sigmoid", "elu", "elu_backward", "silu", "silu_backward", "softplus", "softplus_backward",
    "mish", "mish_backward", "gelu", "gelu_backward", "erf",
    worth=1024,
)  # fmt: skip
_add(
    "recurrent",
    "lstm", "lstm_backward", "gru", "gru_backward", "rnn", "rnn_backward",
    worth=256,
)  # fmt: skip
_add("optimizer", "adam", "sgd", worth=4096)
_add("embedding", "embedding_backward", worth=512)
_add("add", "add", worth=0)  # which sums are for it: see `plus` in minigrad/backend.py

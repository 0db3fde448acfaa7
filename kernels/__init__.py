"""Kernels: the few loops that are worth more than NumPy makes of them, on raw arrays.

    import kernels

    kernels.softmax(x)                    # the best implementation for this array
    with kernels.use("numpy"):            # or one by name: "numpy", "numba", "cuda"
        kernels.softmax(x)

A kernel is a pure function, arrays in and arrays out, that knows nothing of Tensors or autograd:
`minigrad.ops` gives it a pullback, `minigrad.nn` gives it parameters. It has one signature and up
to three implementations, in files of the same name:

    kernels/reference/   clear NumPy: the definition, and the oracle of the tests
    kernels/cpu/         Numba: parallel, cached on disk, float32 and float64
    kernels/cuda/        CUDA

How to add one, and how the matrix product became fast: `kernels/README.md`.
"""

from kernels.table import KERNELS, Kernel, missing, use

__all__ = ["KERNELS", "Kernel", "missing", "use"]

# Another published package is called `kernels` too: by this, minigrad knows its own.
PART_OF = "minigrad"


globals().update(KERNELS)


def __getattr__(name: str) -> Kernel:
    known = ", ".join(sorted(KERNELS))
    raise AttributeError(f"kernels: no kernel is called {name!r}; there are {known}")

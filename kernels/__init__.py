"""Kernels: the few loops that are worth more than NumPy makes of them, on raw arrays.

What will live here, one file a kernel, the same stem in each folder:

    kernels/reference/   clear NumPy: the definition, and the oracle of the tests
    kernels/cpu/         Numba: parallel, cached on disk, float32 and float64
    kernels/cuda/        CUDA

Every kernel is a pure function, arrays in and arrays out, and knows nothing of Tensors or
autograd: `minigrad.ops` gives it a pullback, `minigrad.nn` gives it parameters.
"""

# Another published package is called `kernels` too: by this, minigrad knows its own.
PART_OF = "minigrad"

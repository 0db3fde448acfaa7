"""minigrad beside PyTorch, HIPS autograd and micrograd, in one run: `python -m benchmarks`."""

import os

THREADS = int(os.environ.get("BENCHMARK_THREADS", "2"))

# Before NumPy is imported, since its BLAS reads this once.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = str(THREADS)

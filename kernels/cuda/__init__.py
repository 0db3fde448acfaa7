"""Kernels for NVIDIA GPUs: readable ones in Numba CUDA, the fastest in CUDA C++ through CuPy."""

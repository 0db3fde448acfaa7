"""Kernels for the CPU, in Numba: compiled for this processor at first use, and kept on disk."""

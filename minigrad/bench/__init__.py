"""What `minigrad bench` measures: kernels and training steps, beside NumPy and PyTorch."""

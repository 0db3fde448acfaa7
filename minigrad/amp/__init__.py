"""Mixed precision: products in float16, everything that needs more digits in float32.

    scaler = mg.amp.GradScaler()
    with mg.amp.autocast("cuda"):
        loss = F.cross_entropy(model(x), y)
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()

It is for GPUs, whose tensor cores multiply float16 many times as fast as float32. NumPy computes
nothing in 16 bits: on a CPU numbers are made float32, multiplied and rounded. The results are those
of float16, what is saved for backward takes half the memory, and a step takes some five times as
long as in float32 (measured with a network of 1024 x 1024 layers).

Micikevicius et al. 2018, "Mixed Precision Training" (arXiv:1710.03740).
"""

from minigrad.amp.casting import autocast
from minigrad.amp.grad_scaler import GradScaler

__all__ = ["GradScaler", "autocast"]

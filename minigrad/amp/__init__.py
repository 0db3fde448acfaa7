"""Mixed precision: products in float16, everything that needs more digits in float32.

    scaler = mg.amp.GradScaler()
    with mg.amp.autocast("cuda"):
        loss = F.cross_entropy(model(x), y)
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()

It pays on GPUs, whose tensor cores multiply float16 many times as fast as float32. A CPU here has
no arithmetic of 16 bits: numbers are multiplied in float32 and rounded. The results are those of
float16, half the memory is saved, and it is slower than float32.

Micikevicius et al. 2018, "Mixed Precision Training" (arXiv:1710.03740).
"""

from minigrad.amp.casting import autocast
from minigrad.amp.grad_scaler import GradScaler

__all__ = ["GradScaler", "autocast"]

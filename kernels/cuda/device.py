"""What this GPU could do at best: the ceilings that a measured kernel is held against."""

from __future__ import annotations

import importlib
from typing import Any

# Multiply-adds of one multiprocessor in one clock, by compute capability, from NVIDIA's tables
# ("CUDA C++ programming guide", arithmetic instructions; the architectures' white papers): float64
# and float32 without tensor cores; TF32 and float16 (bfloat16 is the same) with them.
PER_CLOCK = {
    (8, 0): {"float64": 32, "float32": 64, "tf32": 512, "float16": 1024},
    (8, 6): {"float64": 2, "float32": 128, "tf32": 256, "float16": 512},
    (8, 9): {"float64": 2, "float32": 128, "tf32": 256, "float16": 512},
    (9, 0): {"float64": 64, "float32": 128, "tf32": 1024, "float16": 2048},
    (10, 0): {"float64": 64, "float32": 128, "tf32": 2048, "float16": 4096},
}


def ceilings(number: int = 0) -> dict[str, Any]:
    """The limits of GPU `number`, as its data sheet would have them:

        name, compute_capability    "NVIDIA H100 80GB HBM3", (9, 0)
        multiprocessors, clock      clock in Hz, the highest
        bandwidth                   bytes/s of its memory
        flops                       FLOP/s by dtype, two for a multiply-add; {} if unknown to us
        memory                      bytes
        shared_memory               bytes that one block may have

    RuntimeError if there is no GPU. A kernel that computes f FLOPs and moves b bytes takes at least
    max(f / flops, b / bandwidth) seconds; 80% of either is a good kernel.
    """
    cupy = importlib.import_module("cupy")
    try:
        device = cupy.cuda.Device(number)
        attributes = device.attributes
        properties = cupy.cuda.runtime.getDeviceProperties(number)
        memory = device.mem_info[1]
    except cupy.cuda.runtime.CUDARuntimeError as error:
        raise RuntimeError(f"ceilings: CuPy finds no GPU {number} ({error})") from None
    return of(properties["name"].decode(), attributes, memory)


def of(name: str, attributes: dict[str, int], memory: int) -> dict[str, Any]:
    """`ceilings`, from what CUDA says: clocks are in kHz, the bus in bits, and memory moves two
    words a clock."""
    capability = attributes["ComputeCapabilityMajor"], attributes["ComputeCapabilityMinor"]
    count, clock = attributes["MultiProcessorCount"], attributes["ClockRate"] * 1000
    memory_clock, bus = attributes["MemoryClockRate"] * 1000, attributes["GlobalMemoryBusWidth"]
    per_clock = PER_CLOCK.get(capability, {})
    return {
        "name": name,
        "compute_capability": capability,
        "multiprocessors": count,
        "clock": clock,
        "bandwidth": 2 * memory_clock * bus // 8,
        "flops": {dtype: 2 * n * count * clock for dtype, n in per_clock.items()},
        "memory": memory,
        "shared_memory": attributes["MaxSharedMemoryPerBlockOptin"],
    }

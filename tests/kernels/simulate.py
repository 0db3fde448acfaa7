"""Runs the Numba CUDA kernels in Numba's simulator, on NumPy arrays, against the reference.

Started by test_simulator.py in a process of its own, with NUMBA_ENABLE_CUDASIM=1, because Numba is
either simulated or it is not, from its first import on. The simulator has a Python thread for each
thread of a GPU's block, so the cases are the smallest of the shared table, and a few as small that
have the edges of a tile in them. Prints a line of JSON for each kernel: its name, how many cases
ran, and what was wrong.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator

import numpy as np

import kernels
from tests.kernels.against_reference import cases_of, check, on_gpu, results
from tests.kernels.cases import Case
from tests.kernels.cases.conv import arrays as conv_arrays

# The most numbers among a case's arguments, by stem: what a kernel does with one differs.
SMALL = {"activation": 100, "attention": 40, "conv": 10, "matmul": 40}
TINY = [
    # n, channels, filters, groups, spatial, kernel, stride, padding, dilation
    (2, 2, 5, 1, (5,), (3,), (2,), (2,), (1,)),
    (1, 4, 2, 2, (3, 2), (2, 1), (1, 1), (1, 0), (2, 1)),
    (1, 1, 1, 1, (2, 3, 2), (2, 2, 1), (1, 2, 1), (0, 1, 0), (1, 1, 1)),
]


def more(name: str, rng: np.random.Generator) -> Iterator[Case]:
    if name == "matmul":
        yield Case(rng.standard_normal((2, 1, 5, 7)), rng.standard_normal((3, 7)).T)
    if name.startswith("conv"):
        for shape in TINY:
            x, weight, g = conv_arrays(rng, *shape)
            options = *shape[6:], shape[3]
            if name == "conv":
                yield Case(x, weight, rng.standard_normal(shape[2]), *options)
            if name == "conv_grad_input":
                yield Case(g, weight, shape[4], *options)
            if name == "conv_grad_weight":
                yield Case(g, x, shape[5], *options)
    if name.startswith("attention"):
        for options in ({"causal": True}, {"p": 0.3, "seed": 5}, {"bias": True, "bias_grad": True}):
            q, g = rng.standard_normal((2, 1, 2, 5, 3))
            k, v = rng.standard_normal((2, 1, 1, 6, 3))
            if "bias" in options:
                bias = rng.standard_normal((1, 2, 1, 6))
                bias[0, 0] = -np.inf  # this head sees nothing
                options = {**options, "bias": bias}
            forward = {k: v for k, v in options.items() if k != "bias_grad"}
            if name == "attention":
                yield Case(q, k, v, **forward)
            else:
                out, lse = kernels.KERNELS["attention"].implementation("numpy")(q, k, v, **forward)
                yield Case(g, q, k, v, out, lse, **options)


def run(name: str) -> dict:
    ran, wrong = 0, ""
    shared = cases_of(name, SMALL.get(kernels.KERNELS[name].stem, 24), own=False)
    for case in [*shared, *more(name, np.random.default_rng(1))]:
        ran += 1
        try:
            with kernels.use("cuda"):
                check(name, case, "float64", results(getattr(kernels, name), case))
        except Exception as error:  # whatever it is, the other process shows it
            wrong += f"{name}{case}: {type(error).__name__}: {error}\n"
    return {"name": name, "ran": ran, "wrong": wrong}


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # of NaN and infinity, which the reference has too
    for name in sys.argv[1:] or on_gpu():
        print(json.dumps(run(name)), flush=True)

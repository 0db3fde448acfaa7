"""What a recorded graph keeps in memory until backward, beside parameters and input."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import minigrad as mg
from benchmarks.training import classifier_loss, weights
from minigrad import inplace, nn
from minigrad.bench.report import Row
from minigrad.graph import Node

SIZES = (784, 512, 512, 10)
BATCH = 128


def rows(peers: Mapping[str, Any]) -> list[Row]:
    x = np.random.default_rng(0).random((BATCH, SIZES[0]), dtype=np.float32)
    y = np.random.default_rng(1).integers(0, SIZES[-1], BATCH)
    saved = {"minigrad": saved_by_minigrad(x, y)}
    if torch := peers.get("PyTorch"):
        saved["PyTorch"] = saved_by_torch(torch, x, y)
    held = {"minigrad": traced(lambda: loss_of(mg, nn, x, y))}
    if "autograd" in peers:
        held["autograd"] = traced(lambda: loss_of_autograd(x, y))
    shape = "-".join(map(str, SIZES))
    return [
        Row.of_amounts(f"arrays saved for backward, {shape} MLP, batch {BATCH}", "bytes", saved),
        Row.of_amounts(
            f"all memory of that graph, {shape} MLP, batch {BATCH}", "bytes", held,
            note="as Python's tracemalloc sees it, which is blind to PyTorch",
        ),
    ]  # fmt: skip


def network(nn: Any) -> Any:
    a, b, c, d = SIZES
    return nn.Sequential(nn.Linear(a, b), nn.ReLU(), nn.Linear(b, c), nn.ReLU(), nn.Linear(c, d))


def loss_of(lib: Any, nn: Any, x: np.ndarray, y: np.ndarray) -> tuple[Callable[[], Any], Any]:
    """A function that makes the graph, and what is there before: network and data."""
    net, criterion = network(nn), nn.CrossEntropyLoss()
    images, labels = lib.tensor(x), lib.tensor(y)
    return (lambda: criterion(net(images), labels)), (net, images, labels)


def saved_by_minigrad(x: np.ndarray, y: np.ndarray) -> int:
    """The arrays that the pullbacks closed over, each counted once."""
    make, (net, images, labels) = loss_of(mg, nn, x, y)
    loss = make()
    known = {id(inplace.owner(t.array)) for t in (*net.parameters(), images, labels)}
    sizes: dict[int, int] = {}
    stack, seen = [loss.node], set()
    while stack:
        node = stack.pop()
        if node in seen or not isinstance(node, Node):
            continue
        seen.add(node)
        stack.extend(parent for _, parent in node.edges)
        for array in inplace.saved_arrays(node.pullback):
            memory = inplace.owner(array)
            if id(memory) not in known:
                sizes[id(memory)] = memory.nbytes
    return sum(sizes.values())


def saved_by_torch(torch: Any, x: np.ndarray, y: np.ndarray) -> int:
    """The tensors that PyTorch saves, by its own hooks, each storage counted once."""
    make, (net, images, labels) = loss_of(torch, torch.nn, x, y)
    known = {t.untyped_storage().data_ptr() for t in (*net.parameters(), images, labels)}
    sizes: dict[int, int] = {}
    kept = []  # as long as a tensor lives, nobody else gets its address

    def pack(t: Any) -> Any:
        kept.append(t)
        storage = t.untyped_storage()
        if storage.data_ptr() not in known:
            sizes[storage.data_ptr()] = storage.nbytes()
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        make()
    return sum(sizes.values())


def loss_of_autograd(x: np.ndarray, y: np.ndarray) -> tuple[Callable[[], Any], Any]:
    from autograd import make_vjp

    params, loss = weights(SIZES), classifier_loss(x, y)
    return (lambda: make_vjp(loss)(params)), params


def traced(prepare: Callable[[], tuple[Callable[[], Any], Any]]) -> int:
    """The bytes that a graph holds on to; NumPy reports its arrays to tracemalloc."""
    make, existing = prepare()
    make()  # the first run fills caches that are not the graph's
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    graph = make()
    gc.collect()
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    del graph, existing
    return held

"""How long a step of data-parallel training takes on p ranks: a model on paper.

The gradient, n bytes, is summed up in a ring: each rank sends and receives p - 1 parts of n/p bytes
twice, once to add up and once to hand out the sums (Patarasuk and Yuan 2009, "Bandwidth optimal
all-reduce algorithms for clusters of workstations"). With a latency of L seconds for a message and
a bandwidth of B bytes a second:

    all_reduce(n, p) = 2 (p - 1) L + 2 (p - 1) / p * n / B

DistributedDataParallel does this while backward goes on. At best all of it is hidden but what is
longer than backward; at worst, none:

    best(p)  = forward + max(backward, all_reduce) + update
    worst(p) = forward + backward + all_reduce + update

Left out: what is sent besides gradients, ranks that are slower than others, a network that is
shared, reading the data, and that the first bucket is known only some time after backward began.
"""

from __future__ import annotations

from typing import NamedTuple


class Network(NamedTuple):
    """latency: seconds for a message of one rank to the next. bandwidth: bytes a second."""

    name: str
    latency: float
    bandwidth: float


class Step(NamedTuple):
    """Seconds of the parts of one step on one rank, and the bytes of its gradient."""

    forward: float
    backward: float
    update: float
    gradient: int


# Round numbers of the order of what such networks do between two machines, not of one product.
ASSUMED = [
    Network("fast, 25 GB/s and 2 µs", 2e-6, 25e9),
    Network("Ethernet, 1.2 GB/s and 30 µs", 30e-6, 1.2e9),
]


def all_reduce(nbytes: float, ranks: int, network: Network) -> float:
    """Seconds for one message in a ring.

    >>> all_reduce(1e9, 1, ASSUMED[0])
    0.0
    >>> round(all_reduce(1e9, 2, Network("", 0.0, 1e9)), 6)
    1.0
    """
    share = (ranks - 1) / ranks
    return 2 * (ranks - 1) * network.latency + 2 * share * nbytes / network.bandwidth


def step_time(step: Step, ranks: int, network: Network) -> tuple[float, float]:
    """(best, worst): with as much overlap as there can be, and with none."""
    sending = all_reduce(step.gradient, ranks, network)
    alone = step.forward + step.backward + step.update
    return alone + max(0.0, sending - step.backward), alone + sending


def efficiency(step: Step, ranks: int, network: Network) -> tuple[float, float]:
    """(best, worst) of the time of one rank over that of p, each with as much work: weak scaling.

    >>> efficiency(Step(1.0, 2.0, 0.0, 10**9), 2, Network("", 0.0, 1e9))
    (1.0, 0.75)
    """
    best, worst = step_time(step, ranks, network)
    alone = step.forward + step.backward + step.update
    return alone / best, alone / worst


def fitted(seconds: dict[int, float], ranks: int, name: str = "measured") -> Network:
    """The network that explains how long messages of so many bytes took: the smallest one gives the
    latency, what the largest one took longer gives the bandwidth.

    >>> fitted({4: 1e-6, 10**6: 1e-6 + 1e-3}, 2).bandwidth
    1000000000.0
    """
    small, large = min(seconds), max(seconds)
    latency = seconds[small] / (2 * (ranks - 1))
    longer = max(seconds[large] - seconds[small], 1e-12)
    return Network(name, latency, 2 * (ranks - 1) / ranks * large / longer)

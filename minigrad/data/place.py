"""The place in an epoch: what a DataLoader remembers, so that a run can go on in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minigrad import random as rng


class Place:
    """How the generators of the order began the epoch, and how many batches were given since.

    To come back to a place, the generators are set to that beginning, the order is drawn once more
    as it was, and as many batches of it are left out.
    """

    def __init__(self, generator: rng.Generator | None, *samplers: Any):
        self.generator = generator
        self.samplers = samplers
        self.began: list[dict] | None = None  # None between two epochs
        self.given = 0
        self.loaded = False  # it is the place of another loader, to which the next loop goes

    def generators(self) -> list[rng.Generator]:
        """Those that the order comes from: the one that is used where none is given, or others."""
        return self.own() if self.generator is not None else [rng.current(), *self.own()]

    def own(self) -> list[rng.Generator]:
        """The loader's and its samplers'."""
        found = [] if self.generator is None else [self.generator]
        inner = [getattr(sampler, "sampler", None) for sampler in self.samplers]
        for sampler in (*self.samplers, *inner):
            generator = getattr(sampler, "generator", None)
            if generator is not None and generator not in found:
                found.append(generator)
        return found

    def stateful(self) -> list:
        """The samplers that have more to remember than a generator."""
        return [s for s in self.samplers if hasattr(s, "state_dict")]

    def begin(self) -> list[dict] | None:
        """Begin an epoch: a new one, or as the one began that is to go on. Then returns the states
        that the generators had before that, for `go_on`."""
        now = [generator.get_state() for generator in self.generators()]
        if self.loaded:
            self.set_generators(self.began or now)
            return now
        self.began, self.given = now, 0
        return None

    def go_on(self, states: list[dict]) -> None:
        """The order is drawn and what was given is left out: from here on all is as it was."""
        self.loaded = False
        self.set_generators(states)

    def set_generators(self, states: list[dict]) -> None:
        for generator, state in zip(self.generators(), states, strict=True):
            generator.set_state(state)

    def counted(self, batches: Any) -> Iterator[Any]:
        """The batches; and when they are over, so is the epoch."""
        try:
            for batch in batches:
                self.given += 1
                yield batch
            self.began, self.given = None, 0
        finally:
            batches.close()

    def state_dict(self) -> dict:
        now = [generator.get_state() for generator in self.own()]
        state: dict = {"generators": now, "began": self.began, "batches": self.given}
        if samplers := [sampler.state_dict() for sampler in self.stateful()]:
            state["samplers"] = samplers
        return state

    def load_state_dict(self, state: dict, length: int | None) -> None:
        """length: of the epoch in batches, if that is known."""
        try:
            now, began, given = state["generators"], state["began"], int(state["batches"])
            samplers = list(zip(self.stateful(), state.get("samplers", ()), strict=True))
            counts = len(now), len(began or self.generators())
        except (KeyError, TypeError, ValueError):
            raise ValueError(
                f"DataLoader: expected what state_dict returned, got {state!r:.80}"
            ) from None
        if counts != (len(self.own()), len(self.generators())):
            raise ValueError(
                f"DataLoader: the state is of a loader with {counts[0]} random generators of its "
                f"own, this one has {len(self.own())}; give it the same generator and sampler"
            )
        if length is not None and given > length:
            raise ValueError(
                f"DataLoader: the state is behind {given} batches, and there are only {length}: "
                "this is another dataset, or another batch_size"
            )
        for generator, numbers in zip(self.own(), now, strict=True):
            generator.set_state(numbers)
        for sampler, known in samplers:
            sampler.load_state_dict(known)
        self.began, self.given, self.loaded = began, given, began is not None

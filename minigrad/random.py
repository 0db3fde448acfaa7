"""Random numbers: generators with a seed, raw draws for the library, random Tensors for users.

Numbers are drawn by NumPy on the CPU and then moved, so that a seed gives the same run on every
device.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

import numpy as np

from minigrad import backend, dtypes
from minigrad.graph import Value, describe, wrap

__all__ = [
    "Generator", "bernoulli", "default_generator", "get_rng_state", "initial_seed", "manual_seed",
    "multinomial", "poisson", "rand", "rand_like", "randint", "randint_like", "randn", "randn_like",
    "randperm", "seed", "set_rng_state",
]  # fmt: skip


class Generator:
    """A stream of random numbers with a state of its own (PCG64).

    >>> import minigrad as mg
    >>> g = mg.Generator().manual_seed(0)
    >>> a, b = mg.rand(2, generator=g), mg.rand(2, generator=g.manual_seed(0))
    >>> bool((a == b).all())
    True
    """

    def __init__(self, device: Any = "cpu"):
        self.device = backend.Device(device)
        self.seed()

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream that belongs to `seed`; returns the generator itself."""
        self._seed = int(seed)
        # SeedSequence takes no negative numbers; PyTorch maps them to large positive ones.
        self.numpy = np.random.Generator(np.random.PCG64(self._seed % 2**64))
        return self

    def seed(self) -> int:
        """Start a stream that nobody can foresee; returns its seed."""
        self.manual_seed(np.random.SeedSequence().entropy % 2**63)  # type: ignore[operator]
        return self._seed

    def initial_seed(self) -> int:
        """The seed that the present stream began with."""
        return self._seed

    def get_state(self) -> dict:
        """Where the stream is now: a dict of numbers and strings, for `set_state`."""
        return {"seed": self._seed, "stream": copy.deepcopy(self.numpy.bit_generator.state)}

    def set_state(self, state: dict) -> Generator:
        """Go on from where `get_state` was called."""
        try:
            stream = np.random.PCG64(0)
            stream.state = state["stream"]
            seed = int(state["seed"])
        except (KeyError, TypeError, ValueError):
            raise TypeError(
                f"set_state: expected what get_state returned, got {describe(state)}"
            ) from None
        self._seed, self.numpy = seed, np.random.Generator(stream)
        return self


default_generator = Generator()
_scoped: ContextVar[list | None] = ContextVar("minigrad.generator", default=None)


def current() -> Generator:
    """The generator that is used where none is given."""
    scoped = _scoped.get()
    if scoped is None:
        return default_generator
    if isinstance(scoped[0], int):  # made when first needed: most blocks draw nothing
        scoped[0] = Generator().manual_seed(scoped[0])
    return scoped[0]


@contextlib.contextmanager
def using(seed: int) -> Iterator[None]:
    """Inside, a generator with this seed is used where none is given, in this thread alone.

    That is how background workers draw the same numbers for a batch whichever of them loads it.
    """
    token = _scoped.set([seed])
    try:
        yield
    finally:
        _scoped.reset(token)


@contextlib.contextmanager
def going_on_from(state: dict) -> Iterator[None]:
    """Inside, numbers come as they would from a generator in this state, in this thread alone."""
    token = _scoped.set([Generator().set_state(state)])
    try:
        yield
    finally:
        _scoped.reset(token)


def manual_seed(seed: int) -> Generator:
    """Seed the generator that is used where none is given."""
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Seed it with a number that nobody can foresee; returns the number."""
    return default_generator.seed()


def initial_seed() -> int:
    return default_generator.initial_seed()


def get_rng_state() -> dict:
    return default_generator.get_state()


def set_rng_state(state: dict) -> None:
    default_generator.set_state(state)


# ------------------------------------------------------------------ raw arrays, for the library


def uniform(shape, low=0.0, high=1.0, *, dtype=None, device=None, generator=None) -> Any:
    """An array of numbers uniform in [low, high)."""
    dtype = np.dtype(dtype or dtypes.get_default_dtype())
    draw = np.float64 if dtype == np.float64 else np.float32
    x = (generator or current()).numpy.random(shape, dtype=draw)
    if (low, high) != (0.0, 1.0):
        x = x * draw(high - low) + draw(low)
    return backend.to_device(np.asarray(x, dtype=dtype), device or "cpu")


def normal(shape, mean=0.0, std=1.0, *, dtype=None, device=None, generator=None) -> Any:
    """An array of normal numbers."""
    dtype = np.dtype(dtype or dtypes.get_default_dtype())
    draw = np.float64 if dtype == np.float64 else np.float32
    x = (generator or current()).numpy.standard_normal(shape, dtype=draw)
    if (mean, std) != (0.0, 1.0):
        x = x * draw(std) + draw(mean)
    return backend.to_device(np.asarray(x, dtype=dtype), device or "cpu")


def integers(low, high, shape, *, dtype=None, device=None, generator=None) -> Any:
    """An array of integers in [low, high)."""
    x = (generator or current()).numpy.integers(low, high, shape)
    return backend.to_device(np.asarray(x, dtype=dtype or np.int64), device or "cpu")


def draw_seed() -> int:
    """A seed of 63 bits for a stream of its own, such as the mask of one dropout."""
    return int(current().numpy.integers(2**63))


def permutation(n: int, *, generator: Generator | None = None) -> np.ndarray:
    """The integers 0..n-1 in random order."""
    return (generator or current()).numpy.permutation(n)


# ------------------------------------------------------------------ Tensors, for users


def rand(*sizes, size=None, generator=None, dtype=None, device=None, requires_grad=False) -> Any:
    """A Tensor of the given size with numbers uniform in [0, 1)."""
    x = uniform(shape_of(sizes, size), dtype=dtype, device=device, generator=generator)
    return wrap(x).requires_grad_(requires_grad)


def randn(*sizes, size=None, generator=None, dtype=None, device=None, requires_grad=False) -> Any:
    """A Tensor of the given size with standard normal numbers."""
    x = normal(shape_of(sizes, size), dtype=dtype, device=device, generator=generator)
    return wrap(x).requires_grad_(requires_grad)


def randint(low: Any, high: Any = None, size: Any = None, *, generator=None, dtype=None,
            device=None, requires_grad=False) -> Any:  # fmt: skip
    """A Tensor with integers in [low, high); `randint(high, size)` starts at 0."""
    if size is None:
        low, high, size = (0, low, high) if not isinstance(low, tuple) else (0, high, low)
    if not isinstance(size, (tuple, list)):
        raise TypeError(f"randint: size must be a tuple of ints, got {size!r}")
    if high <= low:
        raise RuntimeError(f"randint: expected low < high, got [{low}, {high})")
    x = integers(low, high, tuple(size), dtype=dtype, device=device, generator=generator)
    return wrap(x).requires_grad_(requires_grad)


def randperm(n, *, generator=None, dtype=None, device=None) -> Any:
    """A Tensor with the integers 0..n-1 in random order."""
    if n < 0:
        raise RuntimeError(f"randperm: expected n >= 0, got {n}")
    x = permutation(n, generator=generator).astype(dtype or np.int64)
    return wrap(backend.to_device(x, device or "cpu"))


def rand_like(x, *, dtype=None, device=None, generator=None, requires_grad=False) -> Any:
    """`rand` with the size, dtype and device of x."""
    return rand(x.shape, dtype=dtype or x.dtype, device=device or x.device, generator=generator,
                requires_grad=requires_grad)  # fmt: skip


def randn_like(x, *, dtype=None, device=None, generator=None, requires_grad=False) -> Any:
    """`randn` with the size, dtype and device of x."""
    return randn(x.shape, dtype=dtype or x.dtype, device=device or x.device, generator=generator,
                 requires_grad=requires_grad)  # fmt: skip


def randint_like(x, low, high=None, *, dtype=None, device=None, generator=None) -> Any:
    """`randint` with the size, dtype and device of x."""
    low, high = (0, low) if high is None else (low, high)
    return randint(low, high, x.shape, dtype=dtype or x.dtype, device=device or x.device,
                   generator=generator)  # fmt: skip


def normal_tensor(
    mean: Any = 0.0, std: Any = 1.0, size: Any = None, *, generator=None, dtype=None, device=None
) -> Any:
    """Normal numbers with the given means and standard deviations (numbers or Tensors)."""
    mean, std = (a.array if isinstance(a, Value) else a for a in (mean, std))
    if size is None:
        size = np.broadcast_shapes(np.shape(mean), np.shape(std))
    if dtype is None:
        dtype = next((a.dtype for a in (mean, std) if hasattr(a, "dtype")), None)
    if bool((std < 0).any() if hasattr(std, "any") else std < 0):
        raise RuntimeError(
            f"normal: expected a standard deviation >= 0, got {np.min(std).item():g}"
        )
    z = normal(shape_of((size,)), dtype=dtype, device=device, generator=generator)
    return wrap((z * std + mean).astype(z.dtype))


def bernoulli(x, p=None, *, generator=None) -> Any:
    """1 with the probability that x (or p) gives at each place, else 0; in x's dtype."""
    chance = x.array if p is None else p
    if p is None and not bool(((chance >= 0) & (chance <= 1)).all()):
        raise RuntimeError(
            f"bernoulli: expected probabilities between 0 and 1, got {chance.min()} to "
            f"{chance.max()}"
        )
    u = uniform(x.shape, dtype=np.float64, device=x.device, generator=generator)
    return wrap((u < chance).astype(x.dtype))


def multinomial(x, num_samples, replacement=False, *, generator=None) -> Any:
    """Indices drawn with probabilities in proportion to the rows of x: (..., num_samples) int64.

    Without replacement by Gumbel's trick: the largest of log-weights plus Gumbel noise.
    """
    w = np.asarray(backend.to_device(x.array, "cpu"), dtype=np.float64)
    if w.ndim not in (1, 2):
        raise RuntimeError(f"multinomial: expected 1 or 2 dimensions, got shape {list(w.shape)}")
    if not (np.isfinite(w).all() and (w >= 0).all() and (w.sum(-1) > 0).all()):
        raise RuntimeError(
            f"multinomial: expected finite weights >= 0, not all of them 0 in a row, got "
            f"{np.array2string(w, threshold=8)}"
        )
    u = (generator or current()).numpy
    if replacement:
        cumulative = np.cumsum(w, -1)
        r = u.random((*w.shape[:-1], num_samples)) * cumulative[..., -1:]
        picks = (r[..., None] >= cumulative[..., None, :]).sum(-1)
    else:
        if num_samples > (w > 0).sum(-1).min(initial=w.shape[-1]):
            raise RuntimeError(
                f"multinomial: cannot draw {num_samples} samples without replacement from fewer "
                "categories with a weight above 0"
            )
        with np.errstate(divide="ignore"):
            keys = np.log(w) + u.gumbel(size=w.shape)
        picks = np.argsort(-keys, axis=-1, kind="stable")[..., :num_samples]
    return wrap(backend.to_device(picks.astype(np.int64), x.device))


def poisson(x, *, generator=None) -> Any:
    """Poisson numbers whose means x gives; in x's dtype."""
    mean = backend.to_device(x.array, "cpu")
    if not bool((mean >= 0).all()):
        raise RuntimeError(f"poisson: expected means >= 0, got {mean.min():g}")
    draws = (generator or current()).numpy.poisson(mean)
    return wrap(backend.to_device(np.asarray(draws, dtype=x.dtype), x.device))


def shape_of(sizes: tuple, size: Any = None) -> tuple[int, ...]:
    """The shape meant by `f(2, 3)`, `f((2, 3))`, `f([2, 3])` or `f(size=(2, 3))`."""
    if size is not None:
        if sizes:
            raise TypeError(f"expected one size, got {sizes} and size={size!r}")
        sizes = (size,)
    if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)):
        sizes = tuple(sizes[0])
    try:
        shape = tuple(n.__index__() for n in sizes)
    except AttributeError:
        raise TypeError(f"size: expected integers, got {sizes!r}") from None
    if any(n < 0 for n in shape):
        raise RuntimeError(f"size: expected numbers >= 0, got {list(shape)}")
    return shape

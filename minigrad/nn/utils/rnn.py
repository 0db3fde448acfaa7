"""Sequences of different lengths in one batch: padded to a rectangle, or packed without padding.

packed    the first steps of all sequences, then the second steps of those that have one, ...;
          the longest sequence first
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from minigrad import ops
from minigrad.graph import wrap
from minigrad.ops.axes import raw

__all__ = [
    "PackedSequence", "invert_permutation", "pack_padded_sequence", "pack_sequence",
    "pad_packed_sequence", "pad_sequence", "unpack_sequence", "unpad_sequence",
]  # fmt: skip


class PackedSequence(NamedTuple):
    """data (sum of lengths, *): step by step. batch_sizes (longest length): sequences that have
    this step. sorted_indices: the sequences in the order from long to short, unsorted_indices: the
    way back; None where they came in this order."""

    data: Any
    batch_sizes: Any
    sorted_indices: Any = None
    unsorted_indices: Any = None

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """With the data on another device or of another dtype."""
        return self._replace(data=self.data.to(*args, **kwargs))


def invert_permutation(permutation: Any) -> Any:
    """The permutation that undoes this one; None of None."""
    return None if permutation is None else wrap(np.argsort(raw(permutation)))


def pack_padded_sequence(
    input: Any, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """input (T, B, *), or (B, T, *) if batch_first, without what is behind the ends of sequences.

    lengths: of each, at least 1, in falling order; with enforce_sorted=False in any, and they are
    sorted here. Raises RuntimeError for other lengths.
    """
    ends = np.asarray(raw(lengths))
    x = ops.swapaxes(input, 0, 1) if batch_first else input
    steps, batch = x.shape[:2]
    if ends.dtype.kind not in "iu" or ends.shape != (batch,):
        raise RuntimeError(
            f"pack_padded_sequence: expected {batch} lengths, one for each sequence of the input "
            f"{tuple(input.shape)}, got {ends.tolist()}"
        )
    if batch == 0 or ends.min() < 1 or ends.max() > steps:
        raise RuntimeError(
            f"pack_padded_sequence: lengths must be from 1 to the input's {steps} steps, got "
            f"{ends.tolist()}"
        )
    order = None
    if not enforce_sorted:
        order = np.argsort(-ends, kind="stable")
        x, ends = x[:, wrap(order)], ends[order]
    elif (np.diff(ends) > 0).any():
        raise RuntimeError(
            f"pack_padded_sequence: lengths must fall, got {ends.tolist()}; sort the sequences, or "
            "give enforce_sorted=False"
        )
    there = np.arange(ends.max())[:, None] < ends  # (T, B)
    time, sequence = np.nonzero(there)
    sorted_indices = None if order is None else wrap(order)
    return PackedSequence(
        x[wrap(time), wrap(sequence)], wrap(there.sum(axis=1)), sorted_indices,
        invert_permutation(sorted_indices),
    )  # fmt: skip


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Any, Any]:
    """(padded (T, B, *) or (B, T, *), lengths (B)), the sequences in their original order.

    total_length: pad to so many steps instead of to the longest. Raises ValueError if it is longer.
    """
    sizes = raw(sequence.batch_sizes)
    steps, batch = len(sizes), int(sizes[0])
    total = steps if total_length is None else total_length
    if total < steps:
        raise ValueError(
            f"pad_packed_sequence: total_length={total_length} is less than the longest sequence, "
            f"{steps}"
        )
    there = np.zeros((total, batch), np.bool_)
    there[:steps] = np.arange(batch) < sizes[:, None]
    place = np.zeros((total, batch), np.int64)  # in the packed data; padding takes the first
    place[there] = np.arange(int(sizes.sum()))
    lengths = there.sum(axis=0)
    if sequence.unsorted_indices is not None:
        back = raw(sequence.unsorted_indices)
        there, place, lengths = there[:, back], place[:, back], lengths[back]
    if batch_first:
        there, place = there.T, place.T
    data = sequence.data
    mask = there.reshape(*there.shape, *(1,) * (data.ndim - 1))
    return ops.where(wrap(mask), data[wrap(place)], padding_value), wrap(lengths)


def pad_sequence(
    sequences: Sequence[Any],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Any:
    """Sequences (L_i, *) as one Tensor (T, B, *) or (B, T, *), T being the longest.

    >>> import minigrad as mg
    >>> pad_sequence([mg.tensor([1, 2, 3]), mg.tensor([4])], batch_first=True)
    tensor([[1, 2, 3],
            [4, 0, 0]])
    """
    if padding_side not in ("left", "right"):
        raise ValueError(f"pad_sequence: padding_side is 'left' or 'right', got {padding_side!r}")
    sequences = list(sequences)
    if not sequences:
        raise RuntimeError("pad_sequence: expected at least one sequence, got none")
    longest = max(len(s) for s in sequences)
    padded = []
    for s in sequences:
        more = longest - len(s)
        widths = (more, 0) if padding_side == "left" else (0, more)
        padded.append(ops.pad(s, (0, 0) * (s.ndim - 1) + widths, "constant", padding_value))
    return ops.stack(padded, 0 if batch_first else 1)


def unpad_sequence(padded_sequences: Any, lengths: Any, batch_first: bool = False) -> list[Any]:
    """The sequences (L_i, *) of which `pad_sequence` made one Tensor."""
    x = padded_sequences if batch_first else ops.swapaxes(padded_sequences, 0, 1)
    return [x[i, :n] for i, n in enumerate(np.asarray(raw(lengths)).tolist())]


def pack_sequence(sequences: Sequence[Any], enforce_sorted: bool = True) -> PackedSequence:
    """`pack_padded_sequence` of sequences (L_i, *)."""
    lengths = [len(s) for s in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Any]:
    """The sequences (L_i, *) of which `pack_sequence` made one."""
    return unpad_sequence(*pad_packed_sequence(packed_sequences))

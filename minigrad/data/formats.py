"""Reading the file formats of image datasets: IDX (MNIST's) and CIFAR's binary one.

Files come from strangers: every size is checked before memory is taken, a compressed file is not
unpacked beyond what its header promises, nothing is unpickled or written to disk.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

MAX_BYTES = 1 << 30

IDX_DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


class FormatError(ValueError):
    """A data file is not what it should be; the message names it and what is wrong."""


class _Bounded:
    """A stream that ends in an error after `limit` bytes: a small gzip file can hold terabytes."""

    def __init__(self, stream: Any, limit: int):
        self.stream, self.left = stream, limit

    def read(self, size: int) -> bytes:
        chunk = self.stream.read(min(size, self.left + 1))
        self.left -= len(chunk)
        if self.left < 0:
            raise FormatError("it unpacks to more than it can rightly hold")
        return chunk

    def read_exactly(self, size: int) -> bytes:
        # Piece by piece: a header that promises more than there is costs no memory.
        pieces = []
        while size:
            piece = self.read(min(size, 1 << 20))
            if not piece:
                raise FormatError(f"it is cut off, {size:,} bytes are missing")
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)


@contextlib.contextmanager
def unpacked(path: str | os.PathLike, limit: int) -> Iterator[_Bounded]:
    """The bytes of a file, gunzipped if it is gzipped. Errors name the file."""
    import gzip
    import tarfile
    import zlib

    try:
        with open(path, "rb") as file:
            zipped = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            yield _Bounded(gzip.GzipFile(fileobj=file) if zipped else file, limit)
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from None
    except (gzip.BadGzipFile, EOFError, zlib.error, tarfile.TarError) as error:
        raise FormatError(f"{path}: the file is damaged or cut off ({error})") from None


def read_idx(path: str | os.PathLike, shape: Sequence[int] | None = None) -> np.ndarray:
    """The array in an IDX file, gzipped or not.

    IDX: two zero bytes, a code for the dtype, the number of dimensions, their sizes as big-endian
    32-bit integers, then the elements, big-endian, in C order (http://yann.lecun.com/exdb/mnist/).
    shape: what is expected. Raises FormatError if the file is anything else.
    """
    with unpacked(path, MAX_BYTES) as stream:
        magic = stream.read_exactly(4)
        if magic[:2] != b"\0\0" or magic[2] not in IDX_DTYPES:
            raise FormatError(f"it begins with {magic.hex(' ')}, so it is no IDX file")
        dtype = np.dtype(IDX_DTYPES[magic[2]])
        found = tuple(np.frombuffer(stream.read_exactly(4 * magic[3]), ">u4").tolist())
        if shape is not None and found != tuple(shape):
            raise FormatError(f"it holds an array of shape {list(found)}, expected {list(shape)}")
        size = math.prod(found) * dtype.itemsize
        if size > MAX_BYTES:
            raise FormatError(f"its header promises {size:,} bytes, more than {MAX_BYTES:,}")
        data = stream.read_exactly(size)
        if stream.read(1):
            raise FormatError(f"it goes on after the {size:,} bytes that its header promises")
    return np.frombuffer(data, dtype).reshape(found).astype(dtype.newbyteorder("="))


def read_cifar(
    path: str | os.PathLike, members: Sequence[str], images_each: int
) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 (N, 3, 32, 32) and labels int64 (N) from CIFAR-10's binary .tar.gz.

    Each member of the archive has, for each of its images, 1 byte of label and 3 x 32 x 32 bytes of
    red, green and blue, row by row (https://www.cs.toronto.edu/~kriz/cifar.html). Raises
    FormatError.
    """
    import tarfile

    row = 1 + 3 * 32 * 32
    found: dict[str, np.ndarray] = {}
    limit = 8 * images_each * row + (1 << 20)  # six files of images and some of text
    with unpacked(path, limit) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:  # type: ignore[call-overload]
        for member in tar:
            if member.name not in members or member.name in found:
                continue
            if not member.isreg() or member.size != images_each * row:
                raise FormatError(
                    f"{member.name} has {member.size:,} bytes, expected {images_each * row:,}"
                )
            data = tar.extractfile(member).read()  # type: ignore[union-attr]
            if len(data) != member.size:
                raise FormatError(f"{member.name} is cut off")
            found[member.name] = np.frombuffer(data, np.uint8).reshape(images_each, row)
        missing = [name for name in members if name not in found]
        if missing:
            raise FormatError(f"{missing[0]} is not in the archive")
        rows = np.concatenate([found[name] for name in members])
        if rows[:, 0].max(initial=0) > 9:
            raise FormatError("it has labels above 9")
    return rows[:, 1:].reshape(-1, 3, 32, 32), rows[:, 0].astype(np.int64)

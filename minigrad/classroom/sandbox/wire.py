"""What goes over the pipe: a length, a line of JSON, and the bytes of arrays. Never a pickle.

A pickle runs code where it is opened. Here what arrives can only become None, a truth value, a
number, a string, a list, a tuple, a dict, an array of numbers, a Tensor, or a `Ref`: the name of
something that stays on the other side.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from minigrad.tensor import Tensor, tensor

LARGEST = 32 * 2**20  # bytes of the arrays of one message
LONGEST = 2 * 2**20  # bytes of its JSON
HEADER = struct.Struct("<QQ")  # bytes of JSON, bytes of arrays
KINDS = "biufc"  # of dtypes: truth values, integers, floats, complex numbers
DTYPE = re.compile(rf"[<>|=]?[{KINDS}]\d{{1,2}}")  # all else numpy would read as Python
DEEPEST = 50  # lists in lists
LONGEST_NAME = 300  # letters of a type's name, and of what is said of a message that is none


class Malformed(ValueError):
    """What arrived is not a message, or larger than any may be."""


class Ref(NamedTuple):
    """Something that stays where it is. side: whose it is; kind: its type's name, to be read."""

    side: str  # "student" or "judge"
    number: int
    kind: str = ""


def dump(message: dict[str, Any], keep: Callable[[Any], Ref]) -> bytes:
    """The bytes of a message. keep(x) gives a Ref to what cannot go over the pipe."""
    arrays: list[bytes] = []
    text = json.dumps({k: encode(v, arrays, keep) for k, v in message.items()}).encode()
    body = b"".join(arrays)
    check(len(text), len(body))
    return HEADER.pack(len(text), len(body)) + text + body


def check(text: int, body: int) -> None:
    """Refuse what is too large before it is read."""
    if text > LONGEST or body > LARGEST:
        raise Malformed(
            f"an answer of {text + body:,} bytes; the most is {LARGEST:,} in arrays, and "
            f"{LONGEST:,} in all else"
        )


def encode(x: Any, arrays: list[bytes], keep: Callable[[Any], Ref], depth: int = 0) -> Any:
    """x as JSON: what JSON has by itself, and for all else a dict with one key that says what."""
    if depth > DEEPEST:
        raise Malformed(f"lists more than {DEEPEST} deep")
    cls = x.__class__

    def several(parts: Any) -> list:
        return [encode(part, arrays, keep, depth + 1) for part in parts]

    if x is None or cls in (bool, str):
        return x
    if cls is int:
        return {"int": str(x)} if abs(x) >= 2**53 else x
    if cls is float:
        return x if math.isfinite(x) else {"float": str(x)}
    if cls is complex:
        return {"complex": [encode(x.real, arrays, keep), encode(x.imag, arrays, keep)]}
    if cls is list:
        return {"list": several(x)}
    if cls is tuple:
        return {"tuple": several(x)}
    if cls is dict and all(k.__class__ is str for k in x):
        return {"dict": [[k, encode(v, arrays, keep, depth + 1)] for k, v in x.items()]}
    if isinstance(x, Ref):
        return {"ref": [x.side, x.number, x.kind]}
    if isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in KINDS:
        a = np.array(x, order="C")
        arrays.append(a.tobytes())
        return {"array": [a.dtype.str, list(a.shape), isinstance(x, np.generic)]}
    if isinstance(x, Tensor) and x.node is None and x.dtype.kind in KINDS:
        return {"tensor": [encode(x.detach().cpu().numpy(), arrays, keep), x.requires_grad]}
    return encode(keep(x), arrays, keep)


def load(text: bytes, body: bytes) -> dict[str, Any]:
    """The message of these bytes. Raises Malformed, and nothing else, whatever they are."""
    try:
        reader = Reader(body)
        tree = json.loads(text)
        message = {key: reader.decode(part) for key, part in tree.items()}
    except Exception as error:
        raise Malformed(f"not a message: {error}"[:LONGEST_NAME]) from None
    if reader.at != len(body):
        raise Malformed(f"{len(body) - reader.at} bytes too many after the arrays")
    return message


class Reader:
    """Takes the arrays from the bytes in the order in which the JSON names them."""

    def __init__(self, body: bytes):
        self.body, self.at = body, 0

    def decode(self, x: Any) -> Any:
        if not isinstance(x, dict):
            if isinstance(x, list):
                raise Malformed("a list without a name")
            return x
        ((kind, value),) = x.items()
        return getattr(self, f"read_{kind}")(value)

    def read_int(self, value: str) -> int:
        return int(value)

    def read_float(self, value: str) -> float:
        return float(value)

    def read_complex(self, value: list) -> complex:
        real, imaginary = map(self.decode, value)
        return complex(real, imaginary)

    def read_list(self, value: list) -> list:
        return [self.decode(part) for part in value]

    def read_tuple(self, value: list) -> tuple:
        return tuple(self.decode(part) for part in value)

    def read_dict(self, value: list) -> dict:
        return {str(key): self.decode(part) for key, part in value}

    def read_ref(self, value: list) -> Ref:
        side, number, kind = value
        if side not in ("student", "judge") or type(number) is not int:
            raise Malformed(f"a reference to {side!r}, {number!r}")
        return Ref(side, number, str(kind)[:LONGEST_NAME])

    def read_array(self, value: list) -> Any:
        name, shape, scalar = value
        if not DTYPE.fullmatch(name) or any(type(n) is not int or n < 0 for n in shape):
            raise Malformed(f"an array of {name!r} with shape {shape!r}")
        dtype = np.dtype(name)
        size = dtype.itemsize * math.prod(shape)
        if self.at + size > len(self.body):
            raise Malformed(f"an array of {size:,} bytes, of which not all have come")
        data = self.body[self.at : self.at + size]
        self.at += size
        array = np.frombuffer(data, dtype).reshape(shape).copy()
        if dtype.kind == "b":  # a byte that is neither 0 nor 1 would be true, and so its negation
            array = array.view(np.uint8) != 0
        return array[()] if scalar else array

    def read_tensor(self, value: list) -> Tensor:
        array, requires_grad = value
        decoded = self.decode(array)
        if not isinstance(decoded, np.ndarray):
            raise Malformed("a Tensor that is not made of an array")
        return tensor(decoded, requires_grad=bool(requires_grad))


def arrays_in(x: Any) -> Iterator[np.ndarray]:
    """Every array in x, in lists, tuples and dicts too, in their order."""
    if isinstance(x, np.ndarray):
        yield x
    elif isinstance(x, (list, tuple)):
        for part in x:
            yield from arrays_in(part)
    elif isinstance(x, dict):
        yield from arrays_in(list(x.values()))

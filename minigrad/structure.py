"""Any structure as JSON plus named arrays: nested dicts, lists, numbers, with Tensors among them.

null, booleans, strings and lists stand for themselves, as do numbers that JSON can hold;
everything else is an object with one key that says what it is: {"tuple": [...]},
{"dict": [[key, value], ...]}, {"tensor": name}, ... Dicts are lists of pairs because their keys may
be numbers.
"""

from __future__ import annotations

import base64
import contextlib
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from minigrad import backend
from minigrad.graph import is_tensor, wrap

MAX_DEPTH = 64
STORABLE = {np.dtype(d) for d in ("?", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8",
                                  "f2", "f4", "f8")}  # fmt: skip


class Packer:
    """Turns a structure into JSON, and sets its arrays aside under unique names."""

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray] = {}
        # By id: a Tensor that appears twice is stored once. It is kept, since ids are used again.
        self.names: dict[int, tuple[Any, str]] = {}
        self.open: set[int] = set()  # the containers around the present place

    def pack(self, x: Any, path: tuple) -> Any:
        if is_tensor(x):
            return {"tensor": self.store(x, x.array, path)}
        if isinstance(x, np.generic):
            return {"scalar": self.store(x, np.asarray(x), path)}
        if backend.is_array(x):
            return {"array": self.store(x, x, path)}
        if x is None or isinstance(x, (bool, str)):
            return x
        if isinstance(x, int):
            # Python refuses to write very long integers in decimals; in base 16 it does not.
            return int(x) if -(2**63) <= x < 2**63 else {"int": hex(x)}
        if isinstance(x, float):
            return float(x) if math.isfinite(x) else {"float": str(float(x))}
        if isinstance(x, (bytes, bytearray)):
            return {"bytes": base64.b64encode(x).decode()}
        if isinstance(x, (Mapping, list, tuple)):
            with self.inside(x, path):
                return self.pack_container(x, path)
        raise TypeError(
            f"save: {place_of(path)} is a {type(x).__name__}; what can be saved are Tensors, "
            "arrays, numbers, strings, bytes, None, and dicts, lists and tuples of them"
        )

    def pack_container(self, x: Any, path: tuple) -> Any:
        if isinstance(x, Mapping):
            return {"dict": [[self.key(k, path), self.pack(v, (*path, k))] for k, v in x.items()]}
        items = [self.pack(v, (*path, i)) for i, v in enumerate(x)]
        return items if isinstance(x, list) else {"tuple": items}

    def key(self, k: Any, path: tuple) -> Any:
        if _is_key(k):
            return self.pack(k, path)
        raise TypeError(
            f"save: {place_of(path)} has the key {k!r} of type {type(k).__name__}; keys can be "
            "strings, numbers, bools, bytes, None and tuples of them"
        )

    @contextlib.contextmanager
    def inside(self, x: Any, path: tuple) -> Iterator[None]:
        if id(x) in self.open:
            raise ValueError(f"save: {place_of(path)} contains itself; a file cannot")
        if len(path) >= MAX_DEPTH:
            raise ValueError(f"save: nested more than {MAX_DEPTH} deep, at {place_of(path[:3])}...")
        self.open.add(id(x))
        yield
        self.open.discard(id(x))

    def store(self, x: Any, array: Any, path: tuple) -> str:
        if id(x) in self.names:
            return self.names[id(x)][1]
        name = first = as_name(".".join(map(str, path)) or "value")
        count = 1
        while name in self.arrays:
            count += 1
            name = f"{first}~{count}"
        self.arrays[name] = storable(array, place_of(path))
        self.names[id(x)] = x, name
        return name


def storable(array: Any, place: str) -> np.ndarray:
    """The array as the format wants it: on the CPU, in the machine's byte order, in C order."""
    array = backend.to_device(array, "cpu")
    dtype = array.dtype.newbyteorder("=")
    if dtype not in STORABLE:
        raise TypeError(f"save: {place} has dtype {array.dtype}, which the format cannot hold")
    # The format's writer takes the memory as it lies: a transposed array would come back wrong.
    return np.asarray(array, dtype=dtype, order="C")


def as_name(text: str) -> str:
    """`text` as a tensor's name: valid Unicode, and not the one name that the format reserves."""
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return "__metadata__~" if text == "__metadata__" else text


def _is_key(k: Any) -> bool:
    if type(k) is tuple:
        return all(map(_is_key, k))
    return k is None or type(k) in (str, int, float, bool, bytes)


def place_of(path: tuple) -> str:
    return "the object" + "".join(f"[{part!r}]" for part in path)


class Unpacker:
    """The inverse of Packer. What is not its work raises KeyError, TypeError or ValueError."""

    def __init__(self, arrays: dict[str, np.ndarray], place: Callable[[Any], Any]):
        self.arrays, self.place = arrays, place
        self.used: set[str] = set()
        self.made: dict[tuple[str, str], Any] = {}  # what was one object becomes one again

    def unpack(self, node: Any, depth: int) -> Any:
        if depth > 2 * MAX_DEPTH:
            raise ValueError("nested too deep")
        if node is None or isinstance(node, (bool, str, int, float)):
            return node
        if isinstance(node, list):
            return [self.unpack(item, depth + 1) for item in node]
        if not isinstance(node, dict) or len(node) != 1:
            raise ValueError(f"{node!r:.60} is no description of a value")
        ((kind, content),) = node.items()
        if kind in ("tensor", "array", "scalar"):
            return self.array(kind, content)
        if kind == "tuple":
            return tuple(self.unpack(item, depth + 1) for item in content)
        if kind == "dict":
            return {self.unpack(k, depth + 1): self.unpack(v, depth + 1) for k, v in content}
        if kind == "int":
            return int(content, 16)
        if kind == "float":
            return float(content)
        if kind == "bytes":
            return base64.b64decode(content, validate=True)
        raise ValueError(f"unknown kind {kind!r}")

    def array(self, kind: str, name: str) -> Any:
        if (kind, name) not in self.made:
            array = self.arrays[name]
            self.used.add(name)
            if kind == "scalar":
                return array[()]
            self.made[kind, name] = wrap(self.place(array)) if kind == "tensor" else array
        return self.made[kind, name]

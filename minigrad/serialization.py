"""Saving and loading: one safetensors file for weights, optimizer state and what goes with them.

A safetensors file is a JSON header (name, dtype, shape and place of each array, and a dict of
strings as metadata) followed by the arrays' bytes. A dict of Tensors is stored as just that, so
every other tool reads it. In anything else (nested dicts, lists, numbers) each array gets a name
of its own, and the metadata holds the structure as JSON with those names in the arrays' places.
Reading never runs code, which unpickling a file would.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from typing import Any

import numpy as np

from minigrad import backend
from minigrad.atomic import replacing
from minigrad.graph import is_tensor, wrap
from minigrad.structure import Packer, Unpacker, as_name, storable

RESERVED = "minigrad"  # the metadata entry that holds the structure
FORMAT = 1
MAX_HEADER = 100_000_000  # bytes; the limit of the safetensors format

DTYPES = {"BOOL", "U8", "I8", "U16", "I16", "U32", "I32", "U64", "I64",
          "F16", "BF16", "F32", "F64", "C64"}  # fmt: skip


class LoadError(ValueError):
    """A file cannot be loaded: the message names the file, what is wrong, what to do."""


class MissingFileError(LoadError, FileNotFoundError):
    """There is no file of that name."""


# ------------------------------------------------------------------ saving


def save(obj: Any, path: str | os.PathLike, metadata: Mapping[str, str] | None = None) -> None:
    """Store `obj` in one safetensors file, for `load`.

    obj: Tensors, arrays, numbers, strings, bytes, bools and None, in dicts, lists and tuples of any
    nesting: a `state_dict`, or `{"model": ..., "optimizer": ..., "epoch": 3}`. A dict of Tensors
    gives a plain file that other tools read, with the dict's keys as names. metadata: strings to
    keep beside it; `load_metadata` reads them.

    The file is replaced as a whole: a crash in the middle leaves the old one.

    Raises TypeError for what cannot be stored, naming its place; ValueError for a structure that
    contains itself; OSError where the disk fails.

    >>> import minigrad as mg, tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "checkpoint.safetensors")
    >>> save({"weight": mg.tensor([1.0, 2.0]), "epoch": 3}, path)
    >>> load(path)
    {'weight': tensor([1., 2.]), 'epoch': 3}
    """
    from safetensors.numpy import save_file

    packer = Packer()
    if _is_plain(obj):
        arrays = {name: storable(t.array, repr(name)) for name, t in obj.items()}
        structure = {"order": list(arrays)}  # the format sorts tensors in its own way
    else:
        structure = {"tree": packer.pack(obj, ())}
        arrays = packer.arrays
    notes = _check_metadata(metadata)
    notes[RESERVED] = json.dumps({"format": FORMAT, **structure}, allow_nan=False)
    with replacing(path) as temporary:
        save_file(arrays, temporary, metadata=notes)


def _is_plain(obj: Any) -> bool:
    return isinstance(obj, Mapping) and all(
        isinstance(name, str) and as_name(name) == name and is_tensor(value)
        for name, value in obj.items()
    )


def _check_metadata(metadata: Mapping[str, str] | None) -> dict[str, str]:
    notes = dict(metadata or {})
    for key, value in notes.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise TypeError(
                f"save: metadata holds strings only, got {key!r}: {value!r}; "
                "turn the value into a str, or put it into the saved dict"
            )
    if RESERVED in notes:
        raise ValueError(f"save: the metadata key {RESERVED!r} is minigrad's own; use another one")
    return notes


# ------------------------------------------------------------------ loading


def load(path: str | os.PathLike, map_location: Any = None, *, weights_only: bool = True) -> Any:
    """What `save` stored; from any other safetensors file, a dict of its Tensors.

    map_location: the device where the Tensors go; the CPU if not given. They do not require grad.
    (bfloat16, which NumPy lacks, becomes float32, exactly.) weights_only: PyTorch's scripts give
    it; both values do the same here, where nothing but data can be in a file.

    Raises LoadError, a ValueError, for a file that is missing (then also a FileNotFoundError),
    cut off, damaged or something else. Nothing in the file is ever run.
    """
    header = _read_header(path)
    structure = _read_structure(path, header)
    arrays = _read_arrays(path, header)
    place = (lambda a: a) if map_location is None else lambda a: backend.to_device(a, map_location)
    if "tree" not in structure:
        order = {name: i for i, name in enumerate(structure.get("order", ()))}
        names = sorted(arrays, key=lambda name: order.get(name, len(order)))
        return {name: wrap(place(arrays[name])) for name in names}
    unpacker = Unpacker(arrays, place)
    try:
        obj = unpacker.unpack(structure["tree"], 0)
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, f"its structure cannot be read ({error})") from None
    unused = arrays.keys() - unpacker.used
    if unused:
        raise _damaged(path, f"its structure does not mention the tensor {min(unused)!r}")
    return obj


def load_metadata(path: str | os.PathLike) -> dict[str, str]:
    """The metadata strings that were given to `save`; the arrays are not read."""
    notes = _read_header(path).get("__metadata__", {})
    return {key: value for key, value in notes.items() if key != RESERVED}


def _damaged(path: Any, what: str) -> LoadError:
    return LoadError(
        f"load: {path}: {what}. The file is damaged or not one of safetensors; "
        "use another copy of it, or save it again with minigrad.save"
    )


# What else people try to load, by the first bytes.
_OTHER_FORMATS = {
    b"PK\x03\x04": "a zip archive, perhaps of torch.save; in PyTorch, store the state_dict with "
    "safetensors.torch.save_file instead",
    b"\x93NUMPY": "a NumPy file; use numpy.load(path, allow_pickle=False)",
    b"\x1f\x8b": "a gzip file; unpack it first",
    b"\x89HDF": "an HDF5 file",
    b"\x80": "a pickle, perhaps of torch.save, and unpickling could run any code; in PyTorch, "
    "store the state_dict with safetensors.torch.save_file instead",
}


def _read_header(path: Any) -> dict[str, Any]:
    """The JSON header, after the checks that safetensors leaves out or words less clearly."""
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise LoadError(f"load: {path} is not a file; give the name of a safetensors file")
        with open(path, "rb") as file:
            start = file.read(8)
            length = int.from_bytes(start, "little")
            fits = len(start) == 8 and 2 <= length <= min(status.st_size - 8, MAX_HEADER)
            text = file.read(length) if fits else b""
    except FileNotFoundError:
        raise MissingFileError(f"load: there is no file {path}; check the name") from None
    except OSError as error:
        raise LoadError(f"load: {path} cannot be read: {error.strerror}") from None
    if not text.startswith(b"{"):
        for magic, what in _OTHER_FORMATS.items():
            if start.startswith(magic):
                raise LoadError(f"load: {path} is {what}")
        if len(start) < 8:
            raise _damaged(path, f"it has {status.st_size} bytes, and no header")
        raise _damaged(
            path, f"its header would have {length} bytes of the file's {status.st_size}, or no JSON"
        )
    try:
        header = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
        return _check_header(header)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, f"its header is wrong ({error})") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice!r} appears twice")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _check_header(header: dict[str, Any]) -> dict[str, Any]:
    notes = header.get("__metadata__", {})
    if not isinstance(notes, dict) or not all(isinstance(v, str) for v in notes.values()):
        raise ValueError("its metadata are not strings")
    for name, entry in header.items():
        if name != "__metadata__":
            dtype = entry.get("dtype") if isinstance(entry, dict) else None
            if not isinstance(dtype, str) or dtype not in DTYPES:
                raise ValueError(f"tensor {name!r} has the dtype {dtype!r}, unknown to NumPy")
    return header


def _read_structure(path: Any, header: dict[str, Any]) -> dict[str, Any]:
    """What `save` noted on how the arrays belong together; {} for a file of another tool."""
    text = header.get("__metadata__", {}).get(RESERVED)
    if text is None:
        return {}
    try:
        structure = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, f"its structure is no JSON ({error})") from None
    version = structure.get("format") if isinstance(structure, dict) else None
    if isinstance(version, int) and version > FORMAT:
        raise LoadError(
            f"load: {path} has format {version}, this minigrad reads up to {FORMAT}; "
            "install a newer minigrad"
        )
    order = structure.get("order", []) if version == FORMAT else None
    if not isinstance(order, list) or not all(isinstance(name, str) for name in order):
        raise _damaged(path, "its structure is not one that minigrad.save writes")
    return structure


def _read_arrays(path: Any, header: dict[str, Any]) -> dict[str, np.ndarray]:
    """Every array of the file. safetensors checks sizes and places before a byte is read."""
    from safetensors import SafetensorError, safe_open

    arrays = {}
    try:
        with safe_open(path, framework="np") as file:
            for name, entry in header.items():
                if name == "__metadata__":
                    continue
                if entry["dtype"] == "BF16":
                    arrays[name] = _read_bfloat16(path, entry)
                else:
                    arrays[name] = array = file.get_tensor(name)
                    if entry["dtype"] == "BOOL" and bool((array.view(np.uint8) > 1).any()):
                        raise ValueError(f"tensor {name!r} is boolean with values besides 0 and 1")
    except (SafetensorError, OSError, TypeError, ValueError, OverflowError) as error:
        raise _damaged(path, f"its tensors cannot be read ({error})") from None
    return arrays


def _read_bfloat16(path: Any, entry: dict[str, Any]) -> np.ndarray:
    """bfloat16 is the upper half of float32."""
    begin, end = entry["data_offsets"]
    with open(path, "rb") as file:
        data_start = 8 + int.from_bytes(file.read(8), "little")
        file.seek(data_start + begin)
        upper = np.frombuffer(file.read(end - begin), dtype="<u2").reshape(entry["shape"])
    return (upper.astype(np.uint32) << 16).view(np.float32)

"""Where compiled kernels are kept on disk, and when they are too old.

They lie in `__pycache__`, or in the user's cache folder where that cannot be written. Numba itself
gives every function an index, a file that says which numbered file has the code for which types.
Two processes that compile at the same time, or one that is killed, can leave an index that points
to the code of another function: tanh that computes relu, from then on. So there is no index here:
the name of a file says whose code it is, and it is replaced as a whole.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import re
from pathlib import Path
from typing import Any

from numba.core.caching import IndexDataCacheFile

FOLDER = Path(__file__).parent


def keep(compiled: Any, function: Any) -> None:
    """Have what Numba compiles of this function kept as this file says."""
    numbas = compiled._cache._cache_file
    base = numbas._index_name.removesuffix(".nbi")
    compiled._cache._cache_file = File(
        numbas._cache_path, base, stamp(Path(inspect.getfile(function)))
    )


class File(IndexDataCacheFile):
    """The kept code of one function: a file for each key, its types and what it was made from."""

    def save(self, key: Any, data: Any) -> None:
        self._save_data(self.name(key), (self._version, self._source_stamp, key, data))

    def load(self, key: Any) -> Any:
        """None where there is no such file, or where it is too old or damaged."""
        try:
            version, made_from, whose, data = self._load_data(self.name(key))
        except Exception:  # unpickling what is damaged raises anything
            return None
        current = version, made_from, whose
        return data if current == (self._version, self._source_stamp, key) else None

    def name(self, key: Any) -> str:
        digest = hashlib.sha256(repr(key).encode()).hexdigest()[:24]
        return f"{self._index_name.removesuffix('.nbi')}.{digest}.nbc"


@functools.cache
def stamp(file: Path) -> tuple:
    """Changes when a file does, or one of this folder that it imports, or one that these import.

    Numba looks at one file alone, and would go on using an old copy of a helper.
    """
    pending, seen = [file], {}
    while pending:
        path = pending.pop()
        if path not in seen:
            seen[path] = (path.name, path.stat().st_mtime_ns, path.stat().st_size)
            source = path.read_text(encoding="utf-8")
            names = re.findall(r"^(?:from|import) kernels\.cpu\.(\w+)", source, re.MULTILINE)
            for several in re.findall(r"^from kernels\.cpu import (.+)", source, re.MULTILINE):
                names += [name.split()[0] for name in several.split(",")]
            pending += [FOLDER / f"{name}.py" for name in names]
    return tuple(sorted(seen.values()))

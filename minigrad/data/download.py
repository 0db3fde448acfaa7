"""Getting a data file: from the cache or a folder of one's own, else from the network, verified.

A download goes to a temporary file, which gets its name only when size and checksum are right: a
file with the right name is whole. What came of an interrupted download is kept as NAME.part, and
the next one goes on from there.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from minigrad.atomic import sync
from minigrad.data.formats import MAX_BYTES, FormatError, unpacked

STALLED = 1024  # bytes: less than that within `timeout` seconds is no connection worth waiting for


class RemoteFile(NamedTuple):
    """A file as it was published: its name, size in bytes and MD5.

    unpacked_md5: that of what is in a .gz file, if it is known: then a copy that was unpacked, or
    packed anew (Debian's, say), is recognised.
    """

    name: str
    size: int
    md5: str
    unpacked_md5: str | None = None


class DownloadError(RuntimeError):
    """A data file could not be had; the message says what was tried, and where to put the file."""


class _WrongFileError(Exception):
    """What an address offers is not the file that was published."""


def cache_folder() -> Path:
    """Where data files are kept: $MINIGRAD_DATA, or ~/.cache/minigrad."""
    return Path(os.environ.get("MINIGRAD_DATA") or Path.home() / ".cache" / "minigrad")


def obtain(
    file: RemoteFile,
    dataset: str,
    addresses: Sequence[str],
    *,
    root: str | os.PathLike | None = None,
    mirror: str | None = None,
    download: bool = True,
    timeout: float = 10.0,
) -> Path:
    """The path of a verified copy of `file`, downloaded if need be.

    Looked for in root (the cache folder if not given): root/dataset/name, root/name, and the same
    unpacked, without .gz. Then fetched from mirror/dataset/name (mirror: an address or a folder;
    $MINIGRAD_MIRROR if not given), and from each of `addresses` + name, into root/dataset. timeout:
    seconds without an answer until an address is given up.

    Raises DownloadError if no address has it, or download=False and there is no local copy.
    """
    folder = Path(root) if root is not None else cache_folder()
    target = folder / dataset / file.name
    tried = []
    for path in _candidates(target, folder / file.name):
        problem = mismatch(path, file)
        if problem is None:
            return path
        tried.append(f"{path}: {problem}")
    mirror = mirror or os.environ.get("MINIGRAD_MIRROR")
    bases = [f"{_as_address(mirror)}/{dataset}/", *addresses] if mirror else list(addresses)
    if download:
        with contextlib.suppress(OSError):  # a folder that cannot be made shows itself below
            target.parent.mkdir(parents=True, exist_ok=True)
        for base in bases:
            try:
                return _download(base + file.name, target, file, timeout)
            except (OSError, ValueError, _WrongFileError) as error:
                tried.append(f"{base + file.name}: {error or type(error).__name__}")
    else:
        tried.append("download=False")
    raise DownloadError(
        f"{dataset}: could not get {file.name} ({file.size:,} bytes, MD5 {file.md5})\n  "
        + "\n  ".join(tried)
        + f"\nWithout a network: put the file at {target}, or give root=FOLDER that has it, or "
        f"mirror=ADDRESS_OR_FOLDER (or set MINIGRAD_MIRROR) that has it as {dataset}/{file.name}."
    )


def _candidates(*paths: Path) -> list[Path]:
    """Those of the paths, and of their names without .gz, where there is a file."""
    plain = [p.with_suffix("") for p in paths if p.suffix == ".gz" and ".tar" not in p.suffixes]
    return [p for p in (*paths, *plain) if p.is_file()]


def mismatch(path: Path, file: RemoteFile) -> str | None:
    """What is wrong with the local copy; None if it is the file that was published."""
    is_plain = path.suffix != ".gz" and file.name.endswith(".gz")
    if is_plain and file.unpacked_md5 is None:
        return None  # there is no checksum to compare; its reader checks the form
    size = path.stat().st_size
    with open(path, "rb") as stream:
        if size == file.size and _md5_of(stream) == file.md5:
            return None
    if file.unpacked_md5 is not None:
        with contextlib.suppress(FormatError), unpacked(path, MAX_BYTES) as stream:
            if _md5_of(stream) == file.unpacked_md5:
                return None
    if size != file.size and not is_plain:
        return f"the file has {size:,} bytes, expected {file.size:,}"
    return "the file is damaged: its MD5 is not the published one"


def _md5_of(stream: Any) -> str:
    md5 = hashlib.md5(usedforsecurity=False)
    while chunk := stream.read(1 << 20):
        md5.update(chunk)
    return md5.hexdigest()


def _as_address(mirror: str) -> str:
    return mirror.rstrip("/") if "://" in mirror else Path(mirror).absolute().as_uri()


def _download(url: str, target: Path, file: RemoteFile, timeout: float) -> Path:
    import http.client

    print(f"minigrad: fetching {url} ({file.size / 1e6:.1f} MB)", file=sys.stderr)
    # Whoever renames the .part file owns it: two processes never write into the same one.
    part = target.with_name(target.name + ".part")
    mine = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        os.rename(part, mine)
    except FileNotFoundError:
        mine.touch()
    resumed = mine.stat().st_size > 0
    try:
        try:
            _transfer(url, mine, file, timeout)
        except (OSError, _WrongFileError):
            if not resumed:
                raise
            os.truncate(mine, 0)  # the beginning may be of another file, or out of range
            _transfer(url, mine, file, timeout)
        sync(mine)
        os.replace(mine, target)
    except _WrongFileError:
        raise
    except http.client.HTTPException as error:
        raise OSError(f"the server's answer makes no sense ({error!r})") from None
    except BaseException:
        if mine.stat().st_size:
            os.replace(mine, part)
        raise
    finally:
        mine.unlink(missing_ok=True)
    return target


def _transfer(url: str, path: Path, file: RemoteFile, timeout: float) -> None:
    """Append to `path` what it lacks of the file; then check the whole."""
    import urllib.request

    have = path.stat().st_size
    headers = {"User-Agent": "minigrad"}
    if have:
        headers["Range"] = f"bytes={have}-"
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=timeout) as answer, open(path, "r+b") as out:
        if have and str(answer.headers.get("Content-Range", "")).startswith(f"bytes {have}-"):
            out.seek(have)
        else:
            out.truncate(have := 0)
        length = answer.headers.get("Content-Length")
        if length is not None and have + int(length) != file.size:
            raise _WrongFileError(f"offers {have + int(length):,} bytes, not {file.size:,}")
        have = _copy(answer, out, have, file.size, timeout)
    if have < file.size:
        raise OSError(f"the connection ended after {have:,} of {file.size:,} bytes")
    problem = mismatch(path, file)
    if problem is not None:
        raise _WrongFileError(problem)


def _copy(answer: Any, out: Any, have: int, size: int, timeout: float) -> int:
    """Copy until the end; returns how many bytes `out` has. A server that dribbles is given up."""
    since, before = time.monotonic(), have
    read = getattr(answer, "read1", answer.read)  # what has come so far, without waiting for more
    while chunk := read(1 << 16):
        have += len(chunk)
        if have > size:
            raise _WrongFileError(f"sends more than the {size:,} bytes that were published")
        out.write(chunk)
        if time.monotonic() - since > timeout:
            if have - before < STALLED:
                raise TimeoutError(f"stalled: {have - before} bytes in {timeout} seconds")
            since, before = time.monotonic(), have
    return have

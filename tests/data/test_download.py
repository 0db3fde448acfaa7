"""Downloads, against a server on this machine that misbehaves in every way servers do."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import io
import os
import struct
import tarfile
import threading
import time

import numpy as np
import pytest

from minigrad.data import CIFAR10, MNIST, DataLoader, DownloadError, FormatError
from minigrad.data.download import RemoteFile, cache_folder, obtain
from minigrad.data.formats import read_cifar, read_idx
from minigrad.data.vision import KMNIST, FashionMNIST

CONTENT = bytes(range(256)) * 20
FILE = RemoteFile("numbers.bin", len(CONTENT), hashlib.md5(CONTENT).hexdigest())


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.requests: list[tuple[str, str | None]] = []  # (path, Range header)
        self.stop = threading.Event()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *args):
        pass

    def do_GET(self):
        wanted = self.headers.get("Range")
        self.server.requests.append((self.path, wanted))
        _, kind, name = self.path.split("/", 2)
        content = self.server.files.get(name, CONTENT)
        if kind == "missing":
            self.send_error(404)
        elif kind == "broken":
            self.send_error(500)
        elif kind == "redirect":
            self.head(302, Location=f"/ok/{name}")
        elif kind == "loop":
            self.head(302, Location=self.path)
        elif kind == "to-a-file":
            self.head(302, Location="file:///etc/passwd")
        elif kind == "nonsense":
            self.wfile.write(b"\x00\x01\x02 what?\r\n\r\n")
        elif kind == "portal":
            self.send(b"<html>please log in</html>")
        elif kind == "flipped":
            self.send(content[:-1] + bytes([content[-1] ^ 1]))
        elif kind == "cut":  # promises all, sends half, as when a connection breaks
            self.send(content[: len(content) // 2], length=len(content))
        elif kind == "no-length-cut":
            self.send(content[: len(content) // 2], length=None)
        elif kind == "no-length":
            self.send(content, length=None)
        elif kind == "endless":
            self.send(content * 2, length=None)
        elif kind == "silent":
            self.server.stop.wait(20)
        elif kind == "dribble":
            self.head(200, Content_Length=str(len(content)))
            for i in range(200):
                if self.server.stop.wait(0.05):
                    break
                self.wfile.write(content[i : i + 1])
        elif kind == "range" and wanted:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            self.head(206, Content_Length=str(len(content) - start),
                      Content_Range=f"bytes {start}-{len(content) - 1}/{len(content)}")  # fmt: skip
            self.wfile.write(content[start:])
        elif kind == "no-range" and wanted:
            self.send_error(416)
        else:
            self.send(content)

    def head(self, status, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def send(self, body, length: int | None = -1):
        if length == -1:
            length = len(body)
        self.head(200, **({} if length is None else {"Content_Length": str(length)}))
        self.wfile.write(body)


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.stop.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MINIGRAD_DATA", str(tmp_path / "cache"))
    monkeypatch.delenv("MINIGRAD_MIRROR", raising=False)


def fetch(server, *kinds, **options):
    options = {"timeout": 2.0, **options}
    return obtain(FILE, "set", [f"{server.address}{kind}/" for kind in kinds], **options)


def left_in_cache():
    return sorted(os.listdir(cache_folder() / "set"))


# ------------------------------------------------------------------ what works


@pytest.mark.parametrize("kind", ["ok", "redirect", "no-length"])
def test_a_download_is_cached(server, kind, capsys):
    path = fetch(server, kind)
    assert path == cache_folder() / "set" / FILE.name
    assert path.read_bytes() == CONTENT
    assert f"fetching {server.address}{kind}/numbers.bin" in capsys.readouterr().err
    asked = len(server.requests)
    assert fetch(server, kind) == path
    assert len(server.requests) == asked
    assert left_in_cache() == [FILE.name]


@pytest.mark.parametrize(
    "bad",
    ["missing", "broken", "loop", "to-a-file", "nonsense", "portal", "flipped", "cut",
     "no-length-cut", "endless"],
)  # fmt: skip
def test_the_next_address_is_tried(server, bad):
    assert fetch(server, bad, "ok").read_bytes() == CONTENT
    assert left_in_cache() == [FILE.name]


# ------------------------------------------------------------------ what does not


@pytest.mark.parametrize(
    ("kind", "message"),
    [("missing", "404"), ("broken", "500"), ("loop", "redirect"), ("to-a-file", "not allowed"),
     ("nonsense", "makes no sense"), ("portal", "offers 26 bytes, not 5,120"),
     ("flipped", "its MD5 is not the published one"), ("cut", "ended after 2,560 of 5,120 bytes"),
     ("no-length-cut", "ended after 2,560"), ("endless", "more than the 5,120 bytes"),
     ("silent", "timed out"), ("dribble", "stalled")],
)  # fmt: skip
def test_a_failure_says_what_happened_and_what_to_do(server, kind, message):
    start = time.monotonic()
    with pytest.raises(DownloadError) as caught:
        fetch(server, kind, timeout=0.3)
    assert time.monotonic() - start < 5
    text = str(caught.value)
    assert message in text
    assert f"{server.address}{kind}/numbers.bin" in text
    assert str(cache_folder() / "set" / FILE.name) in text
    assert "MINIGRAD_MIRROR" in text
    assert FILE.md5 in text
    assert not (cache_folder() / "set" / FILE.name).exists()
    assert all(name == "numbers.bin.part" for name in left_in_cache())


def test_no_network():
    with pytest.raises(DownloadError, match="refused"):
        obtain(FILE, "set", ["http://127.0.0.1:9/"], timeout=1)


def test_all_addresses_are_named(server):
    with pytest.raises(DownloadError, match=r"(?s)/missing/.*404.*/broken/.*500"):
        fetch(server, "missing", "broken")


def test_a_cache_that_cannot_be_written(server, tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(DownloadError, match="cache"):
        fetch(server, "ok")


# ------------------------------------------------------------------ going on, and repairing


@pytest.mark.parametrize("kind", ["range", "ok", "no-range"])
def test_an_interrupted_download_goes_on(server, kind):
    with pytest.raises(DownloadError):
        fetch(server, "cut")
    assert left_in_cache() == ["numbers.bin.part"]
    assert fetch(server, kind).read_bytes() == CONTENT
    assert (f"/{kind}/numbers.bin", "bytes=2560-") in server.requests
    assert left_in_cache() == [FILE.name]


@pytest.mark.parametrize("kind", ["range", "ok", "no-range"])
@pytest.mark.parametrize("part", [b"x" * 100, b"x" * 5120, b"x" * 9000, CONTENT])
def test_a_wrong_part_is_thrown_away(server, kind, part):
    folder = cache_folder() / "set"
    folder.mkdir(parents=True)
    (folder / "numbers.bin.part").write_bytes(part)
    assert fetch(server, kind).read_bytes() == CONTENT
    assert left_in_cache() == [FILE.name]


@pytest.mark.parametrize("damage", [CONTENT[:-1], CONTENT[:-1] + b"!", b"", CONTENT + b"!"])
def test_a_damaged_file_in_the_cache_is_replaced(server, damage):
    path = fetch(server, "ok")
    path.write_bytes(damage)
    with pytest.raises(DownloadError, match=r"the file (has|is damaged)"):
        fetch(server, "ok", download=False)
    assert path.read_bytes() == damage
    assert fetch(server, "ok").read_bytes() == CONTENT


def test_an_interrupt_leaves_no_file_of_that_name(server, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("minigrad.data.download.mismatch", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fetch(server, "ok")
    assert left_in_cache() == ["numbers.bin.part"]


def test_several_at_once(server):
    paths, threads = [], []
    for _ in range(8):
        threads.append(threading.Thread(target=lambda: paths.append(fetch(server, "range"))))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert len(paths) == 8
    assert paths[0].read_bytes() == CONTENT
    assert left_in_cache() == [FILE.name]


# ------------------------------------------------------------------ local files and mirrors


@pytest.mark.parametrize("place", ["set/numbers.bin", "numbers.bin"])
def test_a_file_of_ones_own(tmp_path, place):
    path = tmp_path / "mine" / place
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    assert obtain(FILE, "set", [], root=tmp_path / "mine") == path
    assert obtain(FILE, "set", [], root=str(tmp_path / "mine"), download=False) == path


@pytest.mark.parametrize("level", [None, 1, 9])
def test_a_copy_unpacked_or_packed_anew(tmp_path, level):
    packed = gzip.compress(CONTENT, mtime=1)
    file = RemoteFile("n.gz", len(packed), hashlib.md5(packed).hexdigest(), FILE.md5)
    path = tmp_path / ("n" if level is None else "n.gz")
    for content in (CONTENT, CONTENT[:-1] + b"!"):
        path.write_bytes(content if level is None else gzip.compress(content, level, mtime=2))
        if content == CONTENT:
            assert obtain(file, "set", [], root=tmp_path) == path
        else:
            with pytest.raises(DownloadError, match=r"the file (has|is damaged)"):
                obtain(file, "set", [], root=tmp_path)
    if level:
        path.write_bytes(gzip.compress(CONTENT, level, mtime=0)[:-5])
        with pytest.raises(DownloadError, match=r"the file (has|is damaged)"):
            obtain(file, "set", [], root=tmp_path)


def test_a_mirror(server, tmp_path, monkeypatch):
    assert fetch(server, "missing", mirror=server.address + "ok").read_bytes() == CONTENT
    assert server.requests == [("/ok/set/numbers.bin", None)]
    monkeypatch.setenv("MINIGRAD_MIRROR", server.address + "ok/")
    assert fetch(server, "missing", root=tmp_path / "a").read_bytes() == CONTENT
    folder = tmp_path / "folder" / "set"
    folder.mkdir(parents=True)
    (folder / FILE.name).write_bytes(CONTENT)
    monkeypatch.setenv("MINIGRAD_MIRROR", str(tmp_path / "folder"))
    asked = len(server.requests)
    assert fetch(server, "missing", root=tmp_path / "b").read_bytes() == CONTENT
    assert len(server.requests) == asked


def test_a_mirror_without_the_file_is_followed_by_the_canonical_address(server):
    assert fetch(server, "ok", mirror=server.address + "missing").read_bytes() == CONTENT


def test_the_default_cache(monkeypatch):
    monkeypatch.delenv("MINIGRAD_DATA")
    assert cache_folder().parts[-2:] == (".cache", "minigrad")


# ------------------------------------------------------------------ IDX


def idx(array, code=0x08, dims=None):
    dims = array.shape if dims is None else dims
    return struct.pack(f">HBB{len(dims)}I", 0, code, len(dims), *dims) + array.tobytes()


@pytest.mark.parametrize("dtype", [(8, ">u1"), (9, ">i1"), (11, ">i2"), (12, ">i4"), (13, ">f4"),
                                   (14, ">f8")])  # fmt: skip
@pytest.mark.parametrize("zipped", [False, True])
def test_idx(tmp_path, dtype, zipped):
    code, dtype = dtype
    array = np.arange(24).reshape(2, 3, 4).astype(dtype)
    (tmp_path / "a").write_bytes(
        gzip.compress(idx(array, code), mtime=0) if zipped else idx(array, code)
    )
    back = read_idx(tmp_path / "a", (2, 3, 4))
    np.testing.assert_array_equal(back, array)
    assert back.dtype == array.dtype.newbyteorder("=")
    back[0] = 0  # one's own, not a read-only buffer


IMAGES = np.arange(12, dtype=np.uint8).reshape(3, 2, 2)
ZIPPED = gzip.compress(idx(IMAGES), mtime=0)  # the same in every process of pytest-xdist


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cut off, 4 bytes"),
        (b"\x00\x00\x08", "cut off, 1 bytes"),
        (idx(IMAGES)[:10], "cut off"),
        (idx(IMAGES)[:-1], "cut off, 1 bytes"),
        (idx(IMAGES) + b"!", "goes on after the 12 bytes"),
        (b"\x01" + idx(IMAGES)[1:], "no IDX file"),
        (idx(IMAGES, code=0x0A), "no IDX file"),
        (idx(IMAGES, dims=(3, 2, 3)), "cut off, 6 bytes"),
        (idx(IMAGES, dims=(2**32 - 1,) * 4), "promises"),
        (idx(IMAGES, dims=(2**29, 2)), "cut off"),
        (b"\x00\x00\x08\xff" + b"\xff" * 1020, "promises"),
        (b"<html>", "no IDX file"),
        (ZIPPED[:-9], "damaged or cut off"),
        (ZIPPED[:-1], "damaged or cut off"),
        (ZIPPED[:12] + b"\xff\xff\xff" + ZIPPED[15:], "damaged or cut off"),
        (ZIPPED[:-6] + bytes([ZIPPED[-6] ^ 1]) + ZIPPED[-5:], "damaged or cut off"),
        (ZIPPED + ZIPPED, "goes on after"),
        (
            gzip.compress(b"\x00\x00\x08\x01\x00\x00\x00\x05" + bytes(10**8), mtime=0),
            "goes on after",
        ),
    ],
)
def test_bad_idx(tmp_path, content, message):
    path = tmp_path / "bad"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=message) as caught:
        read_idx(path)
    assert str(path) in str(caught.value)


def test_idx_of_another_shape(tmp_path):
    (tmp_path / "a").write_bytes(idx(IMAGES))
    with pytest.raises(FormatError, match=r"shape \[3, 2, 2\], expected \[3, 28, 28\]"):
        read_idx(tmp_path / "a", (3, 28, 28))


# ------------------------------------------------------------------ CIFAR


def cifar_rows(n, seed=0):
    rows = np.random.default_rng(seed).integers(0, 256, (n, 3073), dtype=np.uint8)
    rows[:, 0] = np.arange(n) % 10
    return rows


def archive(members, change=lambda info: None):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            change(info)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def test_cifar(tmp_path):
    a, b = cifar_rows(4), cifar_rows(4, seed=1)
    (tmp_path / "c").write_bytes(
        archive({"x/b.bin": b.tobytes(), "../../evil": b"evil", "x/a.bin": a.tobytes()})
    )
    images, labels = read_cifar(tmp_path / "c", ["x/a.bin", "x/b.bin"], 4)
    assert images.shape == (8, 3, 32, 32)
    assert labels.tolist() == [0, 1, 2, 3, 0, 1, 2, 3]
    np.testing.assert_array_equal(images[5, 1, 2], b[1, 1 + 1024 + 64 : 1 + 1024 + 96])
    assert os.listdir(tmp_path) == ["c"]


def test_bad_cifar(tmp_path):
    good = cifar_rows(4).tobytes()
    whole = archive({"a": good})

    def link(info):
        info.type, info.linkname, info.size = tarfile.SYMTYPE, "/etc/passwd", 0

    for content, message in [
        (archive({"b": good}), "a is not in the archive"),
        (archive({"a": good[:-1]}), "has 12,291 bytes, expected 12,292"),
        (archive({"a": good}, link), "has 0 bytes"),
        (archive({"a": b"\x0b" + good[1:]}), "labels above 9"),
        (whole[:-20], "damaged or cut off"),
        (whole[: len(whole) // 2], "damaged or cut off"),
        (gzip.compress(good, mtime=0), "damaged or cut off|not in the archive"),
        (b"", "damaged or cut off"),
        (gzip.compress(archive({"z": bytes(10**8)}), mtime=0), "damaged|not in"),
        (archive({"z": bytes(10**8), "a": good}), "unpacks to more"),
    ]:
        (tmp_path / "c").write_bytes(content)
        with pytest.raises(FormatError, match=message) as caught:
            read_cifar(tmp_path / "c", ["a"], 4)
        assert str(tmp_path / "c") in str(caught.value)


# ------------------------------------------------------------------ the datasets


def remote(name, content):
    return RemoteFile(name, len(content), hashlib.md5(content).hexdigest())


@pytest.fixture
def tiny_mnist(server):
    """MNIST's class for five images, and a server that has them."""
    images = np.arange(5 * 28 * 28).reshape(5, 28, 28).astype(np.uint8)
    contents = {
        "images.gz": gzip.compress(idx(images), mtime=0),
        "labels.gz": gzip.compress(idx(np.array([3, 1, 4, 1, 5], np.uint8)), mtime=0),
    }
    server.files |= contents

    class Tiny(MNIST):
        folder = "tiny"
        addresses = (server.address + "ok/",)
        sizes = {True: 5}  # noqa: RUF012
        files = {True: tuple(remote(n, c) for n, c in contents.items())}  # noqa: RUF012

    return Tiny, images, contents


def test_mnist(tiny_mnist):
    cls, images, _ = tiny_mnist
    dataset = cls()
    assert len(dataset) == 5
    assert dataset.data.dtype == "uint8"
    assert dataset.targets.tolist() == [3, 1, 4, 1, 5]
    image, label = dataset[-1]
    assert (image.shape, image.dtype, label, type(label)) == ((1, 28, 28), "float32", 5, int)
    np.testing.assert_array_equal(image.array[0], images[4].astype(np.float32) / 255)
    with pytest.raises(IndexError):
        dataset[5]
    assert len(list(dataset)) == 5


def test_mnist_by_batches_is_mnist_by_samples(tiny_mnist):
    dataset = tiny_mnist[0]()
    for x, y in DataLoader(dataset, batch_size=5):
        assert (x.shape, x.dtype, y.dtype) == ((5, 1, 28, 28), "float32", "int64")
        for i in range(5):
            np.testing.assert_array_equal(x.array[i], dataset[i][0].array)
            assert y[i].item() == dataset[i][1]


def test_transforms(tiny_mnist):
    dataset = tiny_mnist[0](transform=lambda x: x.reshape(-1) * 2, target_transform=str)
    ((x, y),) = DataLoader(dataset, batch_size=5)
    assert x.shape == (5, 784)
    assert y == ("3", "1", "4", "1", "5")
    np.testing.assert_array_equal(x.array[1], dataset[1][0].array)


def test_unpacked_files_of_ones_own(tiny_mnist, tmp_path, server):
    cls, images, contents = tiny_mnist
    for name, content in contents.items():
        (tmp_path / name.removesuffix(".gz")).write_bytes(gzip.decompress(content))
    np.testing.assert_array_equal(cls(tmp_path, download=False).data.array, images)
    assert server.requests == []
    (tmp_path / "labels").write_bytes(idx(np.zeros(4, np.uint8)))
    with pytest.raises(FormatError, match=r"shape \[4\], expected \[5\]"):
        cls(tmp_path, download=False)


def test_cifar10(server):
    batches = {f"cifar-10-batches-bin/data_batch_{i}.bin": cifar_rows(4, i) for i in range(1, 6)}
    batches["cifar-10-batches-bin/test_batch.bin"] = cifar_rows(4, 9)
    content = archive({name: rows.tobytes() for name, rows in batches.items()})
    server.files["tiny.tar.gz"] = content

    class Tiny(CIFAR10):
        addresses = (server.address + "ok/",)
        file = remote("tiny.tar.gz", content)
        images_each = 4

    train, test = Tiny(), Tiny(train=False)
    assert (len(train), len(test)) == (20, 4)
    assert train[0][0].shape == (3, 32, 32)
    rows = batches["cifar-10-batches-bin/data_batch_2.bin"]
    np.testing.assert_array_equal(train.data.array[4].ravel(), rows[0, 1:])
    assert len(server.requests) == 1


@pytest.mark.parametrize("cls", [MNIST, FashionMNIST, KMNIST, CIFAR10])
def test_without_a_network_the_message_says_what_to_do(cls, monkeypatch):
    monkeypatch.setattr(cls, "addresses", ("http://127.0.0.1:9/",))
    with pytest.raises(DownloadError, match=f"put the file at .*{cls.folder}"):
        cls()
    with pytest.raises(DownloadError, match="download=False"):
        cls(download=False)
    assert len(cls.classes) == 10

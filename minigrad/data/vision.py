"""The standard image datasets: MNIST and its like, CIFAR-10."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from minigrad.data.collate import default_collate
from minigrad.data.dataset import Dataset
from minigrad.data.download import RemoteFile, obtain
from minigrad.data.formats import read_cifar, read_idx
from minigrad.graph import wrap


class ImageDataset(Dataset):
    """Pairs (image, label): image a float32 Tensor (C, H, W) from 0 to 1, label an int.

    `data` has all images as they were published, uint8 (N, H, W) or (N, C, H, W); `targets` the
    labels, int64; `classes` their names. transform(image) and target_transform(label) are applied
    to each sample as it is read.
    """

    classes: tuple[str, ...] = ()

    def __init__(
        self,
        data: np.ndarray,
        targets: np.ndarray,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
    ):
        self.data, self.targets = wrap(data), wrap(targets)
        self.transform, self.target_transform = transform, target_transform

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        image = wrap(self._images(slice(index, index + 1 or None))[0])
        label = int(self.targets.array[index])
        return (
            self.transform(image) if self.transform else image,
            self.target_transform(label) if self.target_transform else label,
        )

    def __getbatch__(self, indices: Any) -> list:
        """The samples at `indices`, collated."""
        if self.transform or self.target_transform:
            return default_collate([self[i] for i in indices])
        indices = np.asarray(indices, dtype=np.int64)
        return [wrap(self._images(indices)), wrap(self.targets.array[indices])]

    def _images(self, index: Any) -> np.ndarray:
        pixels = self.data.array[index]
        if pixels.ndim == 3:
            pixels = pixels[:, None]  # (N, H, W) -> (N, 1, H, W)
        return np.divide(pixels, np.float32(255), dtype=np.float32)


class MNIST(ImageDataset):
    """Handwritten digits, 28 x 28: 60,000 to train and 10,000 to test (LeCun, Cortes, Burges 1998).

    root: the folder that has, or will get, the files (`minigrad.data.download.cache_folder()` if
    not given). transform, target_transform: see ImageDataset. download: fetch what is missing.
    mirror: an address or folder to try first. timeout: seconds to wait for an address.

    Files are checked against the published sizes and MD5s; a copy of one's own may be unpacked, or
    packed anew, as Debian's in /usr/share/datasets is. Raises DownloadError, whose message says
    where to put the files by hand, and FormatError for a file that is not what it should be.
    """

    folder = "mnist"
    addresses: tuple[str, ...] = (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "http://yann.lecun.com/exdb/mnist/",
    )
    sizes: ClassVar = {True: 60_000, False: 10_000}
    files: ClassVar = {  # train: (images, labels)
        True: (
            RemoteFile(
                "train-images-idx3-ubyte.gz",
                9912422,
                "f68b3c2dcbeaaa9fbdd348bbdeb94873",
                "6bbc9ace898e44ae57da46a324031adb",
            ),
            RemoteFile(
                "train-labels-idx1-ubyte.gz",
                28881,
                "d53e105ee54ea40749a09fcbcd1e9432",
                "a25bea736e30d166cdddb491f175f624",
            ),
        ),
        False: (
            RemoteFile(
                "t10k-images-idx3-ubyte.gz",
                1648877,
                "9fb629c4189551a2d022fa330f9573f3",
                "2646ac647ad5339dbf082846283269ea",
            ),
            RemoteFile(
                "t10k-labels-idx1-ubyte.gz",
                4542,
                "ec29112dd5afa0611ce80d1b7f02629c",
                "27ae3e4e09519cfbb04c329615203637",
            ),
        ),
    }
    classes: tuple[str, ...] = tuple("0123456789")

    def __init__(
        self,
        root: str | os.PathLike | None = None,
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        download: bool = True,
        *,
        mirror: str | None = None,
        timeout: float = 10.0,
    ):
        images, labels = (
            obtain(file, self.folder, self.addresses, root=root, mirror=mirror, download=download,
                   timeout=timeout)
            for file in self.files[train]
        )  # fmt: skip
        n = self.sizes[train]
        super().__init__(
            read_idx(images, (n, 28, 28)),
            read_idx(labels, (n,)).astype(np.int64),
            transform,
            target_transform,
        )
        self.train = train


class FashionMNIST(MNIST):
    """Photographs of clothes, 28 x 28, in MNIST's form (Xiao, Rasul, Vollgraf 2017, MIT licence).

    Arguments and errors: see MNIST.
    """

    folder = "fashion-mnist"
    addresses = ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",)
    files: ClassVar = {
        True: (
            RemoteFile(
                "train-images-idx3-ubyte.gz",
                26421880,
                "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
                "f4a8712d7a061bf5bd6d2ca38dc4d50a",
            ),
            RemoteFile(
                "train-labels-idx1-ubyte.gz",
                29515,
                "25c81989df183df01b3e8a0aad5dffbe",
                "9018921c3c673c538a1fc5bad174d6f9",
            ),
        ),
        False: (
            RemoteFile(
                "t10k-images-idx3-ubyte.gz",
                4422102,
                "bef4ecab320f06d8554ea6380940ec79",
                "8181f5470baa50b63fa0f6fddb340f0a",
            ),
            RemoteFile(
                "t10k-labels-idx1-ubyte.gz",
                5148,
                "bb300cfdad3c16e7a12a480ee83cd310",
                "15d484375f8d13e6eb1aabb0c3f46965",
            ),
        ),
    }
    classes = (
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
        "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    )  # fmt: skip


class KMNIST(MNIST):
    """Cursive Japanese characters, 28 x 28, in MNIST's form (Clanuwat et al. 2018, CC BY-SA 4.0).

    Arguments and errors: see MNIST.
    """

    folder = "kmnist"
    addresses = ("http://codh.rois.ac.jp/kmnist/dataset/kmnist/",)
    files: ClassVar = {
        True: (
            RemoteFile("train-images-idx3-ubyte.gz", 18165135, "bdb82020997e1d708af4cf47b453dcf7"),
            RemoteFile("train-labels-idx1-ubyte.gz", 29497, "e144d726b3acfaa3e44228e80efcd344"),
        ),
        False: (
            RemoteFile("t10k-images-idx3-ubyte.gz", 3041136, "5c965bf0a639b31b8f53240b1b52f4d7"),
            RemoteFile("t10k-labels-idx1-ubyte.gz", 5120, "7320c461ea6c1c855c0b718fb2a4b134"),
        ),
    }
    classes = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")


class CIFAR10(ImageDataset):
    """Colour photographs of ten things, 32 x 32: 50,000 to train, 10,000 to test (Krizhevsky 2009).

    Its binary edition is read, not the Python one, which is a pickle and could run any code.
    Arguments and errors: see MNIST.
    """

    folder = "cifar-10"
    addresses: tuple[str, ...] = ("https://www.cs.toronto.edu/~kriz/",)
    file = RemoteFile("cifar-10-binary.tar.gz", 170052171, "c32a1d4ab5d03f1284b67883e8d87530")
    images_each = 10_000
    members: ClassVar = {
        True: [f"cifar-10-batches-bin/data_batch_{i}.bin" for i in range(1, 6)],
        False: ["cifar-10-batches-bin/test_batch.bin"],
    }
    classes = (
        "airplane", "automobile", "bird", "cat", "deer",
        "dog", "frog", "horse", "ship", "truck",
    )  # fmt: skip

    def __init__(
        self,
        root: str | os.PathLike | None = None,
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        download: bool = True,
        *,
        mirror: str | None = None,
        timeout: float = 10.0,
    ):
        archive = obtain(self.file, self.folder, self.addresses, root=root, mirror=mirror,
                         download=download, timeout=timeout)  # fmt: skip
        images, labels = read_cifar(archive, self.members[train], self.images_each)
        super().__init__(images, labels, transform, target_transform)
        self.train = train

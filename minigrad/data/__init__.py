"""Datasets, samplers, batches, and real data to train on."""

from minigrad.data import series_transforms, text_transforms, transforms
from minigrad.data.collate import default_collate, default_convert
from minigrad.data.dataset import (
    ChainDataset,
    ConcatDataset,
    Dataset,
    IterableDataset,
    StackDataset,
    Subset,
    TensorDataset,
    random_split,
)
from minigrad.data.digits import digits
from minigrad.data.distributed_sampler import DistributedSampler
from minigrad.data.download import DownloadError
from minigrad.data.formats import FormatError
from minigrad.data.loader import DataLoader
from minigrad.data.mixing import CutMix, Mixup
from minigrad.data.sampler import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from minigrad.data.text import english_text, names, pronunciations, sentiment
from minigrad.data.vision import CIFAR10, KMNIST, MNIST, FashionMNIST, ImageDataset
from minigrad.data.workers import WorkerInfo, get_worker_info

__all__ = [
    "CIFAR10",
    "KMNIST",
    "MNIST",
    "BatchSampler",
    "ChainDataset",
    "ConcatDataset",
    "CutMix",
    "DataLoader",
    "Dataset",
    "DistributedSampler",
    "DownloadError",
    "FashionMNIST",
    "FormatError",
    "ImageDataset",
    "IterableDataset",
    "Mixup",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "StackDataset",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "WeightedRandomSampler",
    "WorkerInfo",
    "default_collate",
    "default_convert",
    "digits",
    "english_text",
    "get_worker_info",
    "names",
    "pronunciations",
    "random_split",
    "sentiment",
    "series_transforms",
    "text_transforms",
    "transforms",
]

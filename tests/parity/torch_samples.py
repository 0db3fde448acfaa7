"""PyTorch's own sample inputs (its OpInfo database), as minigrad's arguments."""

from __future__ import annotations

import fnmatch
from typing import Any

import numpy as np
import torch
from torch.testing._internal.common_methods_invocations import op_db

import minigrad as mg
from minigrad.graph import Value, wrap

# What PyTorch has and minigrad has not: patterns of names, by the reason.
OUT_OF_SCOPE = {
    "Fourier transforms and windows": "fft.* stft istft signal.*",
    "sparse, masked and segmented tensors": """
        sparse.* to_sparse masked.* _segment_reduce.* _unsafe_masked_*""",
    "special functions beyond erf, lgamma and digamma": """
        special.* i0 igamma igammac mvlgamma.*""",
    "complex numbers": """
        angle cdouble cfloat chalf complex conj conj_physical polar real imag H mH
        view_as_complex view_as_real resolve_conj resolve_neg nn.functional.silu.complex
        linalg.eig linalg.eigvals""",
    "PyTorch's internals": """
        _[a-z]* torch.* native_* jiterator_* max_pool2d_with_indices_backward hash_tensor
        as_strided* unsafe_split_* alias_copy resize_* constant_pad_nd *_strided *_permuted
        grid_sampler_*
        sum_to_size nonzero_static bfloat16 nn.functional.linear_cross_entropy* bmm.* slice""",
    "copies of views (`.clone()` says the same)": "[!i]*_copy",
    "convolution, resizing and attention, which come with their kernels": """
        nn.functional.conv*
        nn.functional.interpolate.* nn.functional.upsample* nn.functional.unfold
        nn.functional.grid_sample nn.functional.pixel_* nn.functional.channel_shuffle
        nn.functional.scaled_dot* nn.functional.multi_head*
        nn.functional.embedding_bag""",
    "PyTorch's gradient is not that of the loss (test_ctc.py)": "nn.functional.ctc_loss",
    "random numbers, which no two libraries share, and uninitialised memory": """
        cauchy exponential geometric log_normal normal normal.* uniform randn* rand_like randint*
        bernoulli multinomial nn.functional.*dropout* nn.functional.rrelu empty empty_like
        new_empty nn.functional.fractional_max_pool*""",
    "unique up to signs and order: test_linalg.py compares what they multiply to": """
        svd linalg.svd linalg.eigh linalg.pinv.singular""",
    "rarely used decompositions": """
        geqrf lu lu_* ormqr svd_lowrank pca_lowrank linalg.householder_product linalg.ldl_*
        linalg.lu linalg.lu_* linalg.lstsq* linalg.*_ex linalg.vander""",
    "rarely used": """
        cov corrcoef histogramdd histogram frexp nextafter gradient renorm isin unravel_index
        index_reduce.* nn.functional.pdist nn.functional.local_response_norm
        nn.functional.triplet_margin_with_distance_loss""",
}


def names() -> list[str]:
    """The entries of PyTorch's database that minigrad is held to."""
    out = [pattern for text in OUT_OF_SCOPE.values() for pattern in text.split()]
    return [n for n in INFOS if not any(fnmatch.fnmatchcase(n, pattern) for pattern in out)]


def full_name(info: Any) -> str:
    return info.name + ("." + info.variant_test_name if info.variant_test_name else "")


INFOS = {full_name(info): info for info in op_db}


# Where PyTorch's database puts the arguments in an order of its own.
REORDERED = {
    "polygamma": lambda x, n: mg.polygamma(n, x),
    "einsum": lambda tensors, equation: mg.einsum(equation, tensors),
    "where": lambda x, condition, other: mg.where(condition, x, other),
    "nn.functional.embedding": lambda w, i, **kw: mg.nn.functional.embedding(i, w, **kw),
    "fill": lambda x, value: x.clone().fill_(value),
    "zero_": lambda x: x.clone().zero_(),
    "T": lambda x: x.T,
    "mT": lambda x: x.mT,
    "__rdiv__": lambda x, other: x.__rtruediv__(other),
}


def ours(info: Any) -> Any:
    """minigrad's function of the same name, or the Tensor's method."""
    if info.name in REORDERED:
        return REORDERED[info.name]
    place: Any = mg
    for part in info.name.split("."):
        place = getattr(place, part, None)
    return place if callable(place) else getattr(mg.Tensor, info.name, None)


def convert(x: Any) -> Any:
    """PyTorch's argument as minigrad's: the same numbers in the same strides."""
    if isinstance(x, torch.Tensor):
        t = wrap(x.detach().numpy())
        return t.requires_grad_() if x.requires_grad else t
    if isinstance(x, torch.dtype):
        return np.dtype(str(x).removeprefix("torch."))
    if isinstance(x, torch.device):
        return "cpu"
    if isinstance(x, dict):
        return {k: convert(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        items = [convert(v) for v in x]
        return items if isinstance(x, list) else tuple(items)
    return x


def leaves(x: Any) -> list:
    """The Tensors in nested arguments or results, in order."""
    if isinstance(x, (torch.Tensor, Value)):
        return [x]
    if isinstance(x, dict):
        x = list(x.values())
    return [leaf for item in x for leaf in leaves(item)] if isinstance(x, (list, tuple)) else []


def expressible(sample: Any) -> bool:
    """False for what NumPy has no counterpart of."""
    text = repr((sample.args, sample.kwargs))
    return not any(word in text for word in ("memory_format", "complex", "bfloat16", "sparse"))

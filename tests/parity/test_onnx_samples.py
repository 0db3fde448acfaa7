"""Every layer of PyTorch's and every op as an ONNX file, on their samples, as far as ONNX goes.

Which cannot be exported is listed here, and each of these has to say so.
"""

from __future__ import annotations

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", minversion="1.23")

pytest.importorskip("torch")  # which the samples of layers are compared with

import minigrad as mg  # noqa: E402
from minigrad import nn  # noqa: E402
from minigrad.graph import is_tensor, wrap  # noqa: E402
from tests.ops.test_every_op import CASES, Call, rebuild  # noqa: E402
from tests.parity.onnx_files import compare, exported  # noqa: E402
from tests.parity.test_nn import SAMPLES  # noqa: E402

pytestmark = pytest.mark.parity

# ---------------------------------------------------------------------------- layers

# (layer, keyword arguments or None for all) by the reason; each has to raise an error.
NOT_EXPORTED = {
    "labels are looked up by NumPy": [
        ("NLLLoss", None), ("MultiMarginLoss", None), ("MultiLabelMarginLoss", None),
        ("CrossEntropyLoss", {"label_smoothing": 0.1, "reduction": "sum"}),
    ],
    "it writes into its weights": [("Embedding", {"max_norm": 1.0, "norm_type": 1.0})],
}  # fmt: skip
LAYERS = [
    pytest.param(name, i, id=f"{name}-{i}") for name, all_of in SAMPLES.items()
    for i in range(len(all_of))
]  # fmt: skip


def listed(name, kwargs, entries) -> bool:
    return (name, None) in entries or (name, kwargs) in entries


@pytest.mark.parametrize(("name", "i"), LAYERS)
def test_layers(name, i, tmp_path):
    args, kwargs, arrays = SAMPLES[name][i]
    args = args(mg.tensor) if callable(args) else args
    layer = getattr(nn, name)(*args, **kwargs).double()
    inputs, others = ([mg.tensor(a) for a in given] for given in (arrays, map(np.flip, arrays)))
    if any(listed(name, kwargs, entries) for entries in NOT_EXPORTED.values()):
        with pytest.raises(RuntimeError, match=r"onnx\.export"):
            exported(tmp_path, layer, inputs)
        return
    file = exported(tmp_path, layer, inputs)
    compare(file, layer, inputs)
    compare(file, layer, others)


# ---------------------------------------------------------------------------- ops

# Functions of which not all samples can be said in ONNX: those have to raise an error.
WITHOUT_TRANSLATION = """
    adaptive_max_pool2d argwhere atan2 bucketize cdist cholesky_of_symmetric cholesky_solve
    copysign ctc_nll cummax cummin cumprod diag diag_embed diagflat diagonal_scatter digamma
    dropout_by_seed eigh erfinv euclidean_distances fmax fmin from_diagonal histc inv isreal
    kthvalue lgamma linalg_qr linalg_svd linear_recurrence linear_system logaddexp2 logcumsumexp
    logdet matrix_norm matrix_power matrix_rank median mode nan_to_num nanmean nanmedian
    nanquantile nansum pinv pinv_by_svd polygamma quantile scatter scatter_reduce searchsorted
    signbit sinc slogdet solve solve_triangular svd svdvals xlog1py"""


class Op(nn.Module):
    """A sample of an op, as a function of its floating arrays."""

    def __init__(self, call: Call):
        super().__init__()
        self.of = call

    def forward(self, *inputs):
        leaves = list(self.of.leaves)
        for place, x in zip(self.of.places, inputs, strict=True):
            leaves[place] = x
        given = iter(x if is_tensor(x) else wrap(x) for x in leaves)
        args, kwargs = self.of.structure
        args = rebuild(args, given)
        return self.of.fn(*args, **{key: rebuild(value, given) for key, value in kwargs.items()})


def fits(call: Call) -> bool:
    """ONNX's operators and its evaluator expect axes, and elements along them."""
    return bool(call.places) and all(a.ndim and a.size for a in call.leaves)


def is_evaluated(name: str, call: Call) -> bool:
    """ONNX's evaluator ignores the lengths of sequences, and knows no relu in a recurrence."""
    if name in ("gru_layer", "lstm_layer", "rnn_layer", "rnn_relu_cell"):
        args = call.sample.args, *call.sample.kwargs.values()
        relu = name == "rnn_relu_cell" or "relu" in repr(args)
        return not relu and not any(a.dtype == np.int64 for a in call.leaves)
    return True


OPS = [p for p in CASES if fits(Call(*p.values))]


def file_of(name: str, call: Call, tmp_path):
    """The op as a file; None if it is said not to have a translation."""
    inputs = [wrap(call.leaves[i].copy()) for i in call.places]
    try:
        return exported(tmp_path, Op(call), inputs)
    except RuntimeError as error:
        if name not in WITHOUT_TRANSLATION.split() or "onnx.export" not in str(error):
            raise
        return None


@pytest.mark.filterwarnings("ignore:onnx.export")  # of ops that do not look at an input
@pytest.mark.parametrize(("name", "sample"), OPS)
def test_ops(name, sample, tmp_path):
    call = Call(name, sample)
    file = file_of(name, call, tmp_path)
    if file is not None and is_evaluated(name, call):
        inputs = [wrap(call.leaves[i]) for i in call.places]
        compare(file, Op(call), inputs)
        compare(file, Op(call), [wrap(np.flip(x.numpy())) for x in inputs])


@pytest.mark.parametrize("name", WITHOUT_TRANSLATION.split())
def test_what_is_listed_as_without_translation_has_none(name, tmp_path):
    calls = [Call(*p.values) for p in OPS if p.values[0] == name]
    assert any(file_of(name, call, tmp_path) is None for call in calls)

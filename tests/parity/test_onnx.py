"""ONNX's conformance cases and its reference evaluator: what its operators compute, minigrad does.

PyTorch and ONNX were defined by different people, so that a mistake in one of them, or in how we
understood it, shows here.
"""

from __future__ import annotations

import fnmatch
import importlib
import warnings

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", minversion="1.23")

from onnx.backend.test.case import node as onnx_cases  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402

import kernels  # noqa: E402
import minigrad as mg  # noqa: E402
from tests.parity.onnx_operators import OPERATORS  # noqa: E402

pytestmark = pytest.mark.parity

# The files of onnx.backend.test.case.node that these operators' cases are in.
FILES = """
    attention averagepool batch_normalization causal_conv_with_state celu conv convtranspose dropout
    einsum elu gelu gemm globalaveragepool globalmaxpool groupnormalization gru hardswish
    instance_normalization layernormalization leakyrelu logsoftmax lpnormalization lrn lstm matmul
    maxpool maxunpool mish negativeloglikelihoodloss relu rmsnormalization rnn selu shrink sigmoid
    softmax softmax_cross_entropy_loss softplus softsign tanh thresholdedrelu"""

# What PyTorch's operators, and minigrad's, cannot be asked for: patterns of names, by the reason.
LEFT_OUT = {
    "no bfloat16 on the CPU": "*_bf16 *_bfloat16",
    "attention has no soft cap on its scores": "*softcap* attention_local_window_gqa_rank4_mask",
    "means are not dilated": "averagepool_*_dilations*",
    "the reset gate comes after the product with the state": """
        gru_seq_length gru_reverse gru_bidirectional""",
    "an LSTM has no peepholes": "lstm_with_peepholes",
    "selu has its own two constants": "selu selu_example",
    "no two libraries draw the same random numbers": """
        training_dropout training_dropout_mask training_dropout_default*""",
}

HOWS = ["numpy", "numba"]
TOLERANCE = {np.float16: 2e-3, np.float32: 1e-5, np.float64: 1e-12}
ROUNDED = ["averagepool_2d_ceil_last_window_starts_on_pad"]  # written down with four digits


def load() -> dict:
    """ONNX's cases by name, without those of its definitions of operators by other operators."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in FILES.split():
            importlib.import_module(f"onnx.backend.test.case.node.{name}")
    found = [case for case in onnx_cases._NodeTestCases if len(case.model.graph.node) == 1]
    return {case.name.removeprefix("test_"): case for case in found if "_expanded" not in case.name}


CASES = load()


def left_out(name: str) -> str | None:
    matches = (
        reason
        for reason, patterns in LEFT_OUT.items()
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns.split())
    )
    return next(matches, None)


def run(node, arrays) -> tuple:
    """The results of a node in minigrad."""
    given = iter(arrays)
    inputs = [mg.tensor(next(given)) if name else None for name in node.input]
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    attributes = {k: v.decode() if isinstance(v, bytes) else v for k, v in attributes.items()}
    results = OPERATORS[node.op_type](*inputs, **attributes)
    results = results if isinstance(results, tuple) else (results,)
    return tuple(y for y, name in zip(results, node.output, strict=False) if name)


def compare(got, expected, what) -> None:
    assert len(got) == len(expected)
    assert got[0] is not None
    for y, z in zip(got, expected, strict=True):
        if y is None:
            continue
        y = y.numpy() if isinstance(y, mg.Tensor) else y
        assert y.shape == z.shape, what
        assert y.dtype == z.dtype, what
        tolerance = 1e-4 if what in ROUNDED else TOLERANCE.get(z.dtype.type, 0)
        np.testing.assert_allclose(y, z, rtol=tolerance, atol=tolerance, err_msg=str(what))


def pairs() -> list:
    """Each case with the NumPy reference; with the Numba kernels too, if they have its dtype."""
    found = []
    for name, case in CASES.items():
        both = case.data_sets[0][0][0].dtype in kernels.table.FLOATS
        found += [pytest.param(name, how, id=f"{name}-{how}") for how in HOWS[: 1 + both]]
    return found


@pytest.mark.parametrize(("name", "how"), pairs())
def test_case_of_onnx(name, how):
    if (reason := left_out(name)) is not None:
        pytest.skip(reason)
    case = CASES[name]
    for arrays, expected in case.data_sets:
        with kernels.use(how):
            compare(run(case.model.graph.node[0], arrays), expected, name)


def test_what_is_left_out_is_there():
    assert len(CASES) > 300
    for patterns in LEFT_OUT.values():
        for pattern in patterns.split():
            assert fnmatch.filter(CASES, pattern), f"no case is called {pattern}"


# ---------------------------------------------------------------------------- random nodes


def evaluated(node, arrays) -> list:
    """The results of a node in ONNX's evaluator."""
    return ReferenceEvaluator(node).run(None, dict(zip(node.input, arrays, strict=True)))


def grouped(node, arrays, groups) -> list:
    """The results of a ConvTranspose: in ONNX's evaluator, those of more than one group are wrong.

    (It takes a group's weights from an axis of inputs counted as outputs, and each group the first
    group's bias.) So each group is evaluated by itself.
    """
    x, w, b = (np.split(a, groups, axis) for a, axis in zip(arrays, (1, 0, 0), strict=True))
    parts = [evaluated(node, part) for part in zip(x, w, b, strict=True)]
    return [np.concatenate([y for (y,) in parts], 1)]


def draw_windows(random, op, n):
    """Inputs and attributes of a convolution or a pool over n axes, and the number of groups."""

    def each(low, high):
        return [int(m) for m in random.integers(low, high, n)]

    kernel, strides, size = each(1, 4), each(1, 4), each(5, 8)
    before, after = ([int(random.integers(0, k // 2 + 1)) for k in kernel] for _ in range(2))
    attributes = {"kernel_shape": kernel, "strides": strides}
    if op != "AveragePool":
        attributes["dilations"] = each(1, 3)
    group, channels, filters = (int(m) for m in random.integers(1, 4, 3))
    arrays = [random.standard_normal((2, group * channels, *size), dtype=np.float32)]
    if "Pool" in op:
        if random.random() < 0.5:
            attributes["ceil_mode"], after = 1, before  # PyTorch's knows one padding alone
        # Two mistakes of the evaluator: a mean's windows that reach out by more than one are moved,
        # and a maximum's that are neither apart nor dilated are in part not there.
        if op == "AveragePool":
            attributes["strides"] = each(1, 3)
            attributes["count_include_pad"] = int(random.integers(2))
        else:
            attributes["strides"][0] = max(2, strides[0])
            attributes["storage_order"] = int(random.integers(2))
    else:
        lead = (group * channels, filters) if "Trans" in op else (group * filters, channels)
        arrays += [random.standard_normal((*lead, *kernel), dtype=np.float32)]
        arrays += [random.standard_normal(group * filters, dtype=np.float32)]
        if random.random() < 0.3 and max(strides) <= min(kernel):
            attributes["auto_pad"] = str(random.choice(["SAME_UPPER", "SAME_LOWER"]))
            return arrays, attributes, group
    return arrays, {**attributes, "pads": before + after}, group


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("op", ["Conv", "ConvTranspose", "MaxPool", "AveragePool"])
def test_random_windows(op, n, how):
    random = np.random.default_rng(n)
    for _ in range(40 // n):
        arrays, attributes, groups = draw_windows(random, op, n)
        names = ["x", "w", "b"][: len(arrays)], ["y", "places"][: 1 + (op == "MaxPool")]
        group = {"group": groups} if op.startswith("Conv") else {}
        node = onnx.helper.make_node(op, *names, **attributes, **group)
        if op == "ConvTranspose":
            expected = grouped(onnx.helper.make_node(op, *names, **attributes), arrays, groups)
        else:
            expected = evaluated(node, arrays)
        with kernels.use(how):
            compare(run(node, arrays), expected, (node, [a.shape for a in arrays]))


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize(("op", "gates"), [("LSTM", 4), ("GRU", 3), ("RNN", 1)])
def test_random_recurrence(op, gates, how):
    """Several steps from a state that is not 0, with the reset gate where PyTorch has it."""
    random = np.random.default_rng(gates)
    for direction, ways in ("forward", 1), ("reverse", 1), ("bidirectional", 2):
        steps, batch, inputs, hidden = (int(m) for m in random.integers(1, 6, 4))
        shapes = {
            "x": (steps, batch, inputs),
            "w": (ways, gates * hidden, inputs), "r": (ways, gates * hidden, hidden),
            "b": (ways, 2 * gates * hidden), "h": (ways, batch, hidden),
        }  # fmt: skip
        names = ["x", "w", "r", "b", "", "h"], ["y", "h_n"]  # "": no lengths
        attributes = {"direction": direction, "hidden_size": hidden}
        if op == "LSTM":
            shapes["c"] = shapes["h"]
            names = [*names[0], "c"], [*names[1], "c_n"]
        if op == "GRU":
            attributes["linear_before_reset"] = 1
        arrays = [random.standard_normal(shape, dtype=np.float32) for shape in shapes.values()]
        node = onnx.helper.make_node(op, *names, **attributes)
        expected = ReferenceEvaluator(node).run(None, dict(zip(shapes, arrays, strict=True)))
        with kernels.use(how):
            compare(run(node, arrays), expected, (op, direction, shapes))

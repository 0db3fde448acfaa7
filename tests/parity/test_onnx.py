"""ONNX's conformance cases and its reference evaluator: what its operators compute, minigrad does.

Which cases, onnx_cases.txt says, one name a line; LEFT_OUT says why the others are not among them.

PyTorch and ONNX were defined by different people, so that a mistake in one of them, or in how we
understood it, shows here.
"""

from __future__ import annotations

import fnmatch
import functools
import importlib
import pkgutil
import warnings
from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", minversion="1.23")

from onnx.backend.test.case import node as onnx_cases  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402

import kernels  # noqa: E402
import minigrad as mg  # noqa: E402
from tests.parity.onnx_operators import OPERATORS  # noqa: E402

pytestmark = pytest.mark.parity

# What of ONNX's cases is not in onnx_cases.txt: patterns of names, by the reason.
LEFT_OUT = {
    "the definition of an operator by other operators, not a case of its own": "*_expanded*",
    "no bfloat16, and no dtype of less than 8 bits or of floats in 8": """
        *_bf16 *bfloat16* cast*BFLOAT16* cast*FLOAT8* cast*FLOAT4* cast*INT4* cast*INT2*""",
    "no arithmetic on quantized numbers": """
        quantizelinear* dequantizelinear* dynamicquantizelinear* qlinear* convinteger*
        matmulinteger""",
    "no strings, and no features of texts": """
        string_* strnormalizer_* regex_full_match_* equal_string* tfidfvectorizer_*""",
    "lists, None, if and for are Python's": """
        sequence_* split_to_sequence_* optional_* identity_sequence identity_opt if if_* loop*
        scan*""",
    "no image files": "image_decoder_*",
    "no Fourier transform, and none of its windows": """
        dft* stft* blackmanwindow* hammingwindow* hannwindow* melweightmatrix""",
    "no object detection, whose operators PyTorch leaves to torchvision": """
        nonmaxsuppression_* roialign_* *deform_conv_*""",
    "no sampling of an image at any places": "affine_grid_* gridsample*",
    "of attention, PyTorch's alone: no soft cap, no other scores, no state": """
        *softcap* attention_local_window_gqa_rank4_mask flexattention* linear_attention_*""",
    "means and norms are not dilated": "averagepool_*_dilations* lppool_2d_dilations",
    "the reset gate comes after the product with the state": """
        gru_seq_length gru_reverse gru_bidirectional""",
    "an LSTM has no peepholes": "lstm_with_peepholes",
    "selu has its own two constants": "selu selu_example",
    "fold is for images": "col2im_5d",
    "interpolate has PyTorch's places alone, one size or scale for all axes, and no antialias": """
        resize_*_exclude_outside resize_*_asymmetric resize_tf_crop_and_resize*
        resize_*_pytorch_half_pixel resize_*_half_pixel_symmetric resize_*_antialias
        resize_*_nearest_floor_align_corners resize_*_nearest_ceil_half_pixel
        resize_*_not_larger resize_*_not_smaller""",
    "of two pixels as near, interpolate takes the upper, ONNX's default the lower": """
        resize_*_sizes_nearest resize_*_sizes_nearest_axes_*""",
    "align_corners is of whole pixels, not of the fraction that a scale leaves": """
        resize_downsample_scales_*_align_corners""",
    "the largest of nothing is an error": "reduce_max_empty_set* reduce_min_empty_set",
    "which of equal elements topk takes, and the order of unique, are open": """
        top_k_same_values* unique_not_sorted_without_axis""",
    "PyTorch's Adam adds eps after the correction of the bias": "adam adam_multiple",
    "no two libraries draw the same random numbers": """
        bernoulli* training_dropout training_dropout_mask training_dropout_default*""",
}

HOWS = ["numpy", "numba"]
TOLERANCE = {np.float16: 2e-3, np.float32: 1e-5, np.float64: 1e-12}
ROUNDED = "averagepool_2d_ceil_last_window_starts_on_pad"  # written down with four digits


NAMES = Path(__file__).with_name("onnx_cases.txt").read_text().split()


@functools.cache
def every_case() -> dict:
    """All of ONNX's cases of one operator, by name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of overflows, in computing what is expected
        for module in pkgutil.iter_modules(onnx_cases.__path__):
            importlib.import_module(f"{onnx_cases.__name__}.{module.name}")
    return {case.name.removeprefix("test_"): case for case in onnx_cases._NodeTestCases}


def left_out(name: str) -> str | None:
    matches = (
        reason
        for reason, patterns in LEFT_OUT.items()
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns.split())
    )
    return next(matches, None)


def as_tensor(x):
    """An input or an attribute as minigrad has it."""
    x = onnx.numpy_helper.to_array(x) if isinstance(x, onnx.TensorProto) else x
    return mg.tensor(x) if isinstance(x, np.ndarray) else x.decode() if isinstance(x, bytes) else x


def run(node, arrays) -> tuple:
    """The results of a node in minigrad."""
    given = iter(arrays)
    inputs = [as_tensor(next(given)) if name else None for name in node.input]
    get = onnx.helper.get_attribute_value
    attributes = {a.name: as_tensor(get(a)) for a in node.attribute}
    if node.op_type == "Split":  # which can be told from the results alone
        attributes["num_outputs"] = len(node.output)
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
        z = onnx.numpy_helper.to_array(z) if isinstance(z, onnx.TensorProto) else z
        assert y.shape == z.shape, what
        assert y.dtype == z.dtype, what
        tolerance = 1e-4 if str(what).startswith(ROUNDED) else TOLERANCE.get(z.dtype.type, 0)
        np.testing.assert_allclose(y, z, rtol=tolerance, atol=tolerance, err_msg=str(what))


@pytest.mark.parametrize("name", NAMES)
def test_case_of_onnx(name):
    """With the NumPy reference; with the Numba kernels too, if they have the dtype."""
    case = every_case()[name]
    node = case.model.graph.node[0]
    for arrays, expected in case.data_sets:
        dtype = arrays[0].dtype if arrays and isinstance(arrays[0], np.ndarray) else None
        for how in HOWS if dtype in kernels.table.FLOATS else HOWS[:1]:
            with kernels.use(how):
                compare(run(node, arrays), expected, f"{name}, {how}")


def test_every_case_is_included_or_left_out_for_a_reason():
    assert sorted(set(NAMES)) == NAMES
    assert len(NAMES) >= 1000
    left = {name for name in every_case() if left_out(name) is not None}
    assert left.isdisjoint(NAMES)
    assert left | set(NAMES) == every_case().keys()
    for patterns in LEFT_OUT.values():
        for pattern in patterns.split():
            assert fnmatch.filter(left, pattern), f"no case is called {pattern}"


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

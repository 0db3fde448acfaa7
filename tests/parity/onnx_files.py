"""Files of `minigrad.onnx.export`, and what ONNX's evaluator computes with them."""

from __future__ import annotations

import warnings

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun

import minigrad as mg
from minigrad.onnx.exporting import flattened

TOLERANCE = {np.float32: 1e-5, np.float64: 1e-6}  # exponents and epsilons are float32 in ONNX


class ConvTranspose(OpRun):
    """In ONNX's evaluator those of several groups are wrong: here each is evaluated by itself.

    (It takes a group's weights from an axis of inputs counted as outputs, and each group the first
    group's bias.)
    """

    def _run(self, x, w, b=None, group=None, **attributes) -> tuple:
        given = {key: value for key, value in attributes.items() if value is not None}
        names = ["x", "w", "b"][: 2 if b is None else 3]
        one = ReferenceEvaluator(onnx.helper.make_node("ConvTranspose", names, ["y"], **given))
        arrays = zip((x, w, b), (1, 0, 0), strict=True)
        parts = zip(*(np.split(a, group or 1, axis) for a, axis in arrays if a is not None),
                    strict=True)  # fmt: skip
        results = [one.run(None, dict(zip(names, part, strict=True)))[0] for part in parts]
        return (np.concatenate(results, 1),)


def evaluated(file, inputs) -> list:
    names = [value.name for value in file.graph.input]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of infinities on the way
        return ReferenceEvaluator(file, new_ops=[ConvTranspose]).run(
            None, {name: x.numpy() for name, x in zip(names, inputs, strict=True)}
        )


def compare(file, model, inputs) -> None:
    results = evaluated(file, inputs)
    outputs = model(*(x.clone() for x in inputs))  # which it may overwrite
    expected = [y.detach().numpy() for y in flattened(outputs)]
    assert len(results) == len(expected) == len(file.graph.output)
    for y, z in zip(results, expected, strict=True):
        assert np.shape(y) == z.shape
        assert y.dtype == z.dtype
        tolerance = TOLERANCE.get(z.dtype.type, 0)
        np.testing.assert_allclose(y, z, rtol=tolerance, atol=tolerance)


def exported(tmp_path, model, inputs, **options):
    model.eval()
    path = tmp_path / "model.onnx"
    mg.onnx.export(model, tuple(inputs), path, **options)
    return onnx.load(path)  # export has had it checked

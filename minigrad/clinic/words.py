"""The evidence of a diagnosis in words: what a student reads for the numbers that were found."""

from __future__ import annotations

from typing import Any

import numpy as np

# Keys, and the sentence that tells of them. Each key is told once, by the first that fits.
# An empty sentence: the number is for machines, or stands elsewhere.
SENTENCES: list[tuple[tuple[str, ...], str]] = [
    (("through_output", "alpha"),
     "what comes through output {through_output} is {alpha:times}, the rest is right"),
    (("alpha",), "the gradient is {alpha:times}"),
    (("left_over",), ""),
    (("sum_gives",), "summed over the axes that were broadcast it is {sum_gives:times}"),
    (("size_of_the_axes",), "the axes that were broadcast have {size_of_the_axes} elements"),
    (("scale",), "the kept elements lack their factor {scale}"),
    (("elements_of_the_true_mean", "elements_divided_by"),
     "the mean is over {elements_of_the_true_mean} elements, and it divides by "
     "{elements_divided_by}"),
    (("shape", "expected"), "the gradient has shape {shape}, its argument has {expected}"),
    (("shape",), "the gradient has shape {shape}"),
    (("right_if_summed_over",),
     "summed over axes {right_if_summed_over} it agrees with the differences"),
    (("transposed_by",),
     "with its axes in the order {transposed_by} it agrees with the differences"),
    (("is_the_one_of",), "it is the gradient of argument {is_the_one_of}"),
    (("the_jacobian_itself",), "its whole Jacobian is the transpose of the right one"),
    (("the_incoming_gradient",), "it is right for the transpose of the incoming gradient"),
    (("axes_exchanged",), "with axes {axes_exchanged} exchanged it agrees with the differences"),
    (("misplaced_elements",), "the gradients of {misplaced_elements} elements belong to others"),
    (("misplaced",), "{misplaced} elements went to a wrong place"),
    (("by", "axes", "of"), "everything is shifted by {by} along axes {axes} of the {of}"),
    (("axes_flipped",), "flipped along axes {axes_flipped} it agrees with the differences"),
    (("as_if_argument", "were"), "it is the gradient for argument {as_if_argument} {were}"),
    (("largest_vjp_of_zero",),
     "for an incoming gradient of zeros it gives {largest_vjp_of_zero}; it must give zeros"),
    (("nonlinear_in_g",),
     "the answers for two incoming gradients and for their sum differ by {nonlinear_in_g}"),
    (("norms",), "the same g, given again and again, gives gradients of norms {norms}"),
    (("norms_of_calls",),
     "the same g, given again and again, gives gradients of norms {norms_of_calls}"),
    (("second_to_first",), ""),
    (("changed", "by"), "the call of the pullback changes {changed} by up to {by}"),
    (("changed", "from", "to"), "backward() changes {changed} from {from} to {to}"),
    (("changed",), "backward changes {changed}"),
    (("incoming_gradient_changed_by",),
     "the pullback writes to g, which changes by up to {incoming_gradient_changed_by}"),
    (("forward_changed_its_argument_by",),
     "forward writes to its argument, which changes by up to {forward_changed_its_argument_by}"),
    (("dtype_of_the_value",), "the value comes out as {dtype_of_the_value}"),
    (("dtype_of_the_gradient",), "the gradient comes out as {dtype_of_the_gradient}"),
    (("relative_error", "error_of_differences"),
     "the relative error of {relative_error} is what float32 makes; the differences are exact to "
     "{error_of_differences}"),
    (("roughness_of_the_value",),
     "for tiny steps the value jumps by {roughness_of_the_value} of its size"),
    (("entries_in_common",), "none of the slopes stands where it should"),
    (("entries_too_many",), "{entries_too_many} slopes should be 0 and are not"),
    (("slopes_exchanged",), "the slopes {slopes_exchanged} are exchanged"),
    (("entries_expected", "entries_found"),
     "{entries_found} slopes are not 0, and {entries_expected} should be"),
    (("axis", "index"), "only index {index} of axis {axis} of the output has a gradient"),
    (("elements",),
     "it is wrong for elements {elements} (counted in a row), which are used several times"),
    (("rank_of_A_minus_N",),
     "backward and differences differ by {rank_of_A_minus_N:terms} in each group"),
    (("row_sums_of_A", "row_sums_of_N"), ""),
    (("ignored",), "it is the {ignored} that is taken for a constant"),
    (("axes_of_backward", "axes_of_forward"),
     "backward joins elements along axes {axes_of_backward}, forward along {axes_of_forward}"),
    (("entries_at_ties",),
     "all that is wrong is where values are equal ({entries_at_ties} entries)"),
    (("slope_of_backward_with_all_moved", "true_slope_from", "true_slope_to"),
     "with all equal elements moved together backward's slope is "
     "{slope_of_backward_with_all_moved}; it must be from {true_slope_from} to {true_slope_to}"),
    (("saved", "repaired_by"), "with {repaired_by} for the saved `{saved}` this gradient is right"),
    (("repaired_by",), "with {repaired_by} this gradient is right"),
    (("every_op_passes_alone",), "every op in it passes when it is checked alone"),
    (("engine_passes_its_own_check",),
     "the engine passes for all operations that were tried alone"),
    (("error",), ""),
    (("the_graph_is_left",), "the graph is left: {the_graph_is_left}"),
    (("raised",), "the pullback raised {raised}"),
    (("found_with",), "it was seen with {found_with}"),
    (("largest_error",), "it is off by up to {largest_error}, in no way that is known"),
    (("second_derivative_by_backward", "by_differences"),
     "the second derivative is {second_derivative_by_backward} by backward and {by_differences} by "
     "differences"),
    (("fails",), "these programs fail: {fails}"),
    (("passes",), "these pass: {passes}"),
    (("gradients_of_new_leaves",), "new leaves in the same program get {gradients_of_new_leaves}"),
]  # fmt: skip


def told(evidence: dict[str, Any], *, without: tuple[str, ...] = ()) -> list[str]:
    """The evidence in sentences; a key that none knows is told by its name."""
    left = {k: v for k, v in evidence.items() if k not in without}
    said = []
    for keys, sentence in SENTENCES:
        if all(key in left for key in keys):
            values = {key: _Told(left.pop(key)) for key in keys}
            said += [sentence.format(**values)] if sentence else []
    return said + [f"{key.replace('_', ' ')} {number(value)}" for key, value in left.items()]


class _Told:
    """A value of the evidence as a sentence shows it; `times` and `terms` put it in words."""

    def __init__(self, value: Any):
        self.value = value

    def __format__(self, how: str) -> str:
        if how == "times":
            return times(float(self.value))
        if how == "terms":
            return "one term" if self.value == 1 else f"{self.value} terms"
        return number(self.value)


def times(alpha: float) -> str:
    """A factor with its direction: `2 times what it should be`, `half of what it should be`."""
    if abs(alpha - 1) < 1e-6:
        return "what it should be"
    if abs(alpha + 1) < 1e-6:
        return "the negative of what it should be"
    if abs(alpha - 0.5) < 1e-6:
        return "half of what it should be"
    return f"{alpha:.6g} times what it should be"


def number(value: Any) -> str:
    """A number to six digits; of many the first ones."""
    if isinstance(value, (float, np.floating)):
        return f"{value:.6g}"
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        shown = ", ".join(map(number, value[:6]))
        if len(value) > 6:
            shown += ", ..."
        if isinstance(value, list):
            return f"[{shown}]"
        return f"({shown},)" if len(value) == 1 else f"({shown})"
    return str(value)


def called(argument: int, name: str = "") -> str:
    """How messages call an argument: `argument 1, weight`."""
    return f"argument {argument}, {name}" if name else f"argument {argument}"

"""The thirty ways in which a pullback goes wrong, and what to do about each.

The names are stable: programs and lessons refer to a fault by its code.
"""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    number: int
    code: str
    title: str  # what went wrong
    advice: str  # one sentence: what to try


_TABLE = [
    Fault(1, "missing-factor", "a constant factor is missing or wrong",
          "Multiply the gradient by the missing constant; look for a lost 2, 1/2, n or 1/n."),
    Fault(2, "wrong-sign", "the sign is wrong",
          "Put a minus in front of this gradient."),
    Fault(3, "ignores-upstream", "the incoming gradient is not used",
          "Multiply the local derivative by g: a pullback of zeros must return zeros."),
    Fault(4, "not-unbroadcast", "not summed over the axes that were broadcast",
          "Sum the gradient over the broadcast axes, so that it has its argument's shape."),
    Fault(5, "averaged-broadcast", "averaged over broadcast axes instead of summed",
          "Replace mean by sum: the gradient of a copy is the sum over the copies."),
    Fault(6, "kept-one-slice", "one slice kept where the sum is needed",
          "Sum over the axis instead of taking one index of it."),
    Fault(7, "overwrites-fanout", "a gradient is overwritten where a value is used twice",
          "Add what arrives (grad += ...) instead of assigning it (grad = ...)."),
    Fault(8, "stale-accumulation", "gradients of earlier calls are still in it",
          "Start from a new array of zeros in every call of the pullback."),
    Fault(9, "factor-not-transposed", "a saved matrix is not transposed",
          "Transpose the saved factor: for y = x @ w, dx = g @ w.T and dw = x.T @ g."),
    Fault(10, "result-transposed", "the gradient comes out transposed",
          "Transpose the result: a gradient has its argument's axes in its argument's order."),
    Fault(11, "gradients-swapped", "the gradients of two arguments are swapped",
          "Return the gradients in the order of the arguments."),
    Fault(12, "input-for-output", "the input is used where the output belongs, or the reverse",
          "Check which of x and y the formula of the derivative is written in."),
    Fault(13, "padding-shifted", "shifted against the input: the padding is off",
          "Take off in backward exactly the padding that forward put on, on the same side."),
    Fault(14, "kernel-not-flipped", "the convolution's kernel is not flipped (or flipped twice)",
          "Flip the kernel along its spatial axes in the gradient of the input only."),
    Fault(15, "diagonal-softmax", "only the diagonal of the Jacobian is there",
          "Every output depends on every input of its row: y * (g - sum(g * y)) for softmax."),
    Fault(16, "softmax-missing-sum", "softmax's sum term is missing",
          "Subtract the sum along the axis: y * (g - sum(g * y)), or g - softmax * sum(g)."),
    Fault(17, "wrong-axis", "it works along the wrong axis",
          "Use the same axis in backward as in forward, with keepdims=True in sums."),
    Fault(18, "wrong-count", "a mean is divided by the wrong count",
          "Divide by the number of elements that forward averaged over."),
    Fault(19, "norm-ignores-statistics", "mean and variance are taken for constants",
          "Mean and variance depend on x: subtract mean(g) and xhat * mean(g * xhat)."),
    Fault(20, "norm-ignores-one-statistic", "one of the statistics is taken for a constant",
          "Both terms are needed: subtract mean(g), and xhat * mean(g * xhat)."),
    Fault(21, "duplicate-index", "repeated indices overwrite each other",
          "Use np.add.at(dx, index, g) instead of dx[index] = g or dx[index] += g."),
    Fault(22, "ties", "the gradient is given more than once among equal values",
          "Give it to one of the tied elements, or share it: the weights must sum to 1."),
    Fault(23, "mask", "the mask is inverted, or taken from the gradient",
          "Compute the mask from the input of forward, and select with it the same elements."),
    Fault(24, "mask-redrawn", "the random mask is drawn anew in backward, or its scale is lost",
          "Save the mask (scaled by 1 / (1 - p)) in forward and multiply by the same one."),
    Fault(25, "dropped-term", "a path from the input to the output is missing",
          "Write down every place where forward uses the argument: each adds one term."),
    Fault(26, "mutates", "a saved value, an input or the incoming gradient is written to",
          "Compute into a new array: g * y instead of g *= y."),
    Fault(27, "wrong-order", "backward visits the nodes in a wrong order",
          "A node may pass its gradient on only after all its users have: sort topologically."),
    Fault(28, "permutation-not-inverted", "the permutation is applied, not undone",
          "Backward needs the inverse permutation: np.argsort(dims)."),
    Fault(29, "keepdims", "the reduced axis is lost, so the gradient broadcasts along another",
          "Put the reduced axis back before broadcasting: np.expand_dims(g, axis)."),
    Fault(30, "float32", "float32 is hidden in a float64 computation",
          "Make new arrays in the dtype of the input: np.zeros_like(x), x.astype(x.dtype)."),
]  # fmt: skip

FAULTS = {fault.code: fault for fault in _TABLE}

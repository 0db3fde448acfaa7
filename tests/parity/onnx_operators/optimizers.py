"""One step of an optimizer (ONNX's ai.onnx.preview.training)."""

from __future__ import annotations

import minigrad as mg


def stepped(make, keys):
    """The translation for an optimizer `make(params, lr, step, **attributes)` with this state.

    The inputs are the learning rate, the number of steps before, and of all parameters first the
    values, then the gradients, then each state; the results are all without the gradients.
    """

    def translation(lr, step, *arrays, **attributes):
        n = len(arrays) // (2 + len(keys))
        params, grads, *states = (arrays[i : i + n] for i in range(0, len(arrays), n))
        params = [p.requires_grad_() for p in params]
        for p, g in zip(params, grads, strict=True):
            p.grad = g
        optimizer = make(params, lr.item(), int(step), **attributes)
        for i, p in enumerate(params):
            values = {key: of_all[i] for key, of_all in zip(keys, states, strict=True)}
            optimizer.state[p].update(values, step=int(step))
        optimizer.step()
        after = [[optimizer.state[p][key] for p in params] for key in keys]
        return *(p.detach() for p in params), *(x for of_all in after for x in of_all)

    return translation


def adagrad(params, lr, step, *, decay_factor=0.0, epsilon=0.0, norm_coefficient=0.0):
    return mg.optim.Adagrad(
        params, lr, lr_decay=decay_factor, weight_decay=norm_coefficient, eps=epsilon
    )


def momentum(params, lr, step, *, alpha, beta, mode, norm_coefficient):
    dampening = 1 - beta if step else 0.0
    return mg.optim.SGD(params, lr, alpha, dampening, norm_coefficient, mode == "nesterov")


OPERATORS = {
    "Adagrad": stepped(adagrad, ["sum"]), "Momentum": stepped(momentum, ["momentum_buffer"]),
}  # fmt: skip

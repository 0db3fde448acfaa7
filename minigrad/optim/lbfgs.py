"""L-BFGS, with a line search for the strong Wolfe conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from minigrad.graph import wrap
from minigrad.inplace import note_write
from minigrad.mode import enable_grad
from minigrad.optim.line_search import Point, strong_wolfe
from minigrad.optim.optimizer import Optimizer


class LBFGS(Optimizer):
    """A quasi-Newton method: curvature learned from how the gradient changed along the way.

    With s_i the last steps, y_i the changes of the gradient in them, rho_i = 1 / (y_i . s_i):

        q = g;    for i from new to old:  a_i = rho_i s_i . q,  q = q - a_i y_i
        r = (s . y / y . y) q             of the newest pair: the scale of the inverse Hessian
        for i from old to new:            r = r + (a_i - rho_i y_i . r) s_i
        p = p - t r                       r = H g: the two-loop recursion

    t is lr (in the first step at most lr / |g|_1), or with line_search_fn="strong_wolfe" found by
    a line search. `step` needs a closure, which it calls many times: it clears the gradients,
    computes the loss, calls backward, and returns the loss. One step is up to max_iter
    iterations and max_eval calls (default max_iter * 5 / 4); it ends early when no gradient is
    above tolerance_grad or nothing changes by more than tolerance_change. For full batches; all
    parameters form one group. All on one device; memory: 2 history_size copies of them.

    Nocedal & Wright (2006), Numerical Optimization, algorithms 7.4 and 7.5; Liu & Nocedal (1989),
    On the Limited Memory BFGS Method for Large Scale Optimization.

    Raises ValueError for a negative lr and for several groups, RuntimeError for an unknown
    line_search_fn.

    >>> import minigrad as mg
    >>> w = mg.tensor([3.0, -4.0], requires_grad=True)
    >>> optimizer = LBFGS([w], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = (w * w).sum()
    ...     loss.backward()
    ...     return loss
    >>> optimizer.step(closure)  # the loss before the step
    tensor(25., grad_fn=<sum>)
    >>> bool(closure() < 1e-12)
    True
    """

    def __init__(
        self,
        params: Iterable,
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
        **implementation: Any,
    ):
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults, **implementation)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        if self.param_groups:
            raise ValueError(
                "LBFGS: doesn't support per-parameter options (parameter groups): its directions "
                "mix all parameters, so all have the same options"
            )
        super().add_param_group(param_group)

    def _check_options(self, group: dict[str, Any]) -> None:
        super()._check_options(group)
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise RuntimeError(
                "LBFGS: line_search_fn: only 'strong_wolfe' is supported (or None), got "
                f"{group['line_search_fn']!r}"
            )

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Up to max_iter iterations; returns the loss before the first of them."""
        if closure is None:
            raise TypeError("LBFGS: step needs a closure that computes loss and gradients again")
        (group,) = self.param_groups
        lr, max_iter, max_eval = group["lr"], group["max_iter"], group["max_eval"]
        tolerance_grad, tolerance_change = group["tolerance_grad"], group["tolerance_change"]
        # One state for all parameters; it is kept under the first.
        state = self.state[group["params"][0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        evaluations = 0

        def evaluate() -> tuple[Any, Any]:
            nonlocal evaluations
            evaluations += 1
            with enable_grad():
                loss = closure()
            return loss, self._flat_grad()

        def evaluate_at(t: float) -> Point:
            before = [p.array.copy() for p in group["params"]]
            self._move(t * d)
            loss, g = evaluate()
            self._put(before)
            return Point(t, float(loss), g, float(np.dot(g, d)))

        first_loss, g = evaluate()
        loss = float(first_loss)
        iteration = 0
        while iteration < max_iter and not largest(g) <= tolerance_grad:  # NaN goes on
            iteration += 1
            state["n_iter"] += 1
            d = self._direction(g, state)
            t = lr * min(1.0, 1 / float(np.sum(np.abs(g)))) if state["n_iter"] == 1 else lr
            slope = float(np.dot(g, d))
            loss_before = loss
            state.update(d=wrap(d), t=t, prev_flat_grad=wrap(g), prev_loss=loss)
            if slope > -tolerance_change:
                break
            if group["line_search_fn"] is not None:
                start, smallest = Point(0.0, loss, g, slope), tolerance_change / largest(d)
                found = strong_wolfe(evaluate_at, start, t, smallest, max_eval - evaluations)
                t, loss, g = found.t, found.loss, found.grad
                state["t"] = t
                self._move(t * d)
            else:
                self._move(t * d)
                if iteration < max_iter:  # the last one would be thrown away
                    loss, g = evaluate()
                    loss = float(loss)
            if evaluations >= max_eval or largest(d) * abs(t) <= tolerance_change:
                break
            if abs(loss - loss_before) < tolerance_change:
                break
        state["func_evals"] += evaluations
        return first_loss

    def _direction(self, g: Any, state: dict[str, Any]) -> Any:
        """-H g, where H is what the last steps tell of the inverse Hessian."""
        if state["n_iter"] == 1:
            state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1.0)
            return -g
        ys, ss, rho = state["old_dirs"], state["old_stps"], state["ro"]
        y = g - state["prev_flat_grad"].array
        s = state["t"] * state["d"].array
        curvature = float(np.dot(y, s))
        if curvature > 1e-10:  # else the pair would make H indefinite
            if len(ys) == self.param_groups[0]["history_size"]:
                del ys[0], ss[0], rho[0]
            ys.append(wrap(y))
            ss.append(wrap(s))
            rho.append(1 / curvature)
            state["H_diag"] = curvature / float(np.dot(y, y))
        q = -g
        a = [0.0] * len(ys)
        for i in reversed(range(len(ys))):
            a[i] = rho[i] * float(np.dot(ss[i].array, q))
            q -= a[i] * ys[i].array
        r = state["H_diag"] * q
        for i in range(len(ys)):
            b = rho[i] * float(np.dot(ys[i].array, r))
            r += (a[i] - b) * ss[i].array
        return r

    def _flat_grad(self) -> Any:
        """All gradients as one vector; zeros for a parameter without one."""
        params = self.param_groups[0]["params"]
        grads = [np.zeros_like(p.array) if p.grad is None else p.grad.array for p in params]
        return np.concatenate([np.reshape(g, -1) for g in grads])

    def _move(self, step: Any) -> None:
        """p = p + its part of `step`."""
        start = 0
        for p in self.param_groups[0]["params"]:
            part = step[start : start + p.array.size]
            p.array += np.reshape(part, p.array.shape)
            start += p.array.size
            note_write(p.array)

    def _put(self, arrays: list) -> None:
        for p, array in zip(self.param_groups[0]["params"], arrays, strict=True):
            p.array[...] = array
            note_write(p.array)


def largest(x: Any) -> float:
    """The largest absolute value; NaN if there is one."""
    return float(np.max(np.abs(x))) if x.size else 0.0

"""`Doctor`: what goes wrong over many steps of a training loop, whichever loop it is."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from minigrad import hooks
from minigrad.diagnosis.decay import decay
from minigrad.diagnosis.evaluation import Evaluation
from minigrad.diagnosis.layers import by_layer
from minigrad.diagnosis.learning_rate import learning_rate
from minigrad.diagnosis.loop import Loop
from minigrad.diagnosis.mistakes import out_of_range, softmax_twice, wrong_mode
from minigrad.diagnosis.no_gradient import in_optimizer, not_in_optimizer
from minigrad.diagnosis.not_finite import all_finite, not_finite
from minigrad.diagnosis.report import Report, rank
from minigrad.diagnosis.seen import Seen
from minigrad.diagnosis.shuffling import not_shuffled
from minigrad.diagnosis.steps import Step, rms
from minigrad.diagnosis.stuck import guessing, stuck
from minigrad.diagnosis.tape import Tape, is_value, reached
from minigrad.diagnosis.targets import broadcast_loss, labels_of, targets_out_of_range
from minigrad.diagnosis.units import units
from minigrad.diagnosis.window import Window
from minigrad.mode import MODE, is_grad_enabled, user_line

if TYPE_CHECKING:
    from minigrad.train.run import Run

OPS_OF_A_LOSS = 200  # so many ops after a forward are looked at too, if no backward comes before


class Glance(Tape):
    """From a forward to its backward. It gives way to the next one, but not to `diagnose`."""


class Doctor:
    """Looks on while a model is trained, and says in `report()` what is wrong.

    It is made before the loop, from the model and its optimizer, and needs nothing in the loop: it
    sees each forward, each backward and each `optimizer.step()` by itself.

        doctor = mg.diagnosis.Doctor(model, optimizer)
        for x, y in loader:
            ...
        print(doctor.report())

    With `train.fit` it is one of `callbacks=[doctor]`. `close()` takes it off, as does leaving
    `with Doctor(model, optimizer) as doctor:`. It changes nothing, and takes the time of some
    passes over the weights at each step.

    What it finds over steps: missing-zero-grad, never-stepped, step-without-gradient,
    not-in-optimizer, learning-rate-zero, learning-rate-too-high, learning-rate-too-low,
    updates-too-small, weight-decay-dominates, not-shuffled, zero-gradient, outputs-all-the-same,
    still-guessing, train-while-evaluating; and in most of the steps, with the first of them: what
    `minigrad.diagnose` finds in one. not-finite is that of the first step that had it.

    >>> import minigrad as mg
    >>> model = mg.nn.Linear(3, 1)
    >>> sgd = mg.optim.SGD(model.parameters(), lr=0.01)
    >>> doctor = Doctor(model, sgd)
    >>> x = mg.randn(16, 3)
    >>> for _ in range(5):
    ...     ((model(x) - 1) ** 2).mean().backward()
    ...     sgd.step()
    >>> doctor.report().codes
    ['missing-zero-grad']
    """

    def __init__(self, model: Any, optimizer: Any):
        self.model, self.optimizer = model, optimizer
        self.parameters = {n: p for n, p in model.named_parameters() if p.requires_grad}
        self.loop, self.evaluation, self.seen = Loop(), Evaluation(), Seen()
        self.window = Window()
        self.steps: list[Step] = []
        self.first_values = {name: p.array.copy() for name, p in self.parameters.items()}
        self.got_gradient: set[str] = set()
        self.paused = False  # while `diagnose` tries steps on copies
        self._tape: Tape | None = None  # from the last forward to its backward
        self._handles = [
            model.register_forward_pre_hook(self._before_forward),
            model.register_forward_hook(self._after_forward, always_call=True),
            hooks.watch_backward(self._before_backward),
        ]
        self._before = optimizer.__dict__.get("step")  # of another doctor
        self._step: Callable = optimizer.step
        optimizer.step = self._at_step

    def __deepcopy__(self, memo: dict) -> Doctor:
        return self  # with a copy of the model, which has its hooks: there is one doctor

    def close(self) -> None:
        """Take it off the model and the optimizer; the report stays."""
        for handle in self._handles:
            handle.remove()
        if self.optimizer.__dict__.get("step") == self._at_step:
            del self.optimizer.step
            if self._before is not None:
                self.optimizer.step = self._before
        self.paused = True  # should somebody else still hold the step
        self._look_away()

    def _look_away(self) -> None:
        if self._tape is not None:
            mode = MODE.get()
            if mode.watch == self._tape.add:
                MODE.set(mode._replace(watch=None))
            self._tape.close()  # a `with` block that is left may bring it back as the watch
            self._tape = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: Any) -> None:
        self.close()

    def on_close(self, run: Run) -> None:
        """As a callback of `train.fit`: the run is over."""
        self.close()

    def report(self) -> Report:
        """What was found so far, the most certain and most important first."""
        steps = self.steps
        found = [
            *self.loop.findings(),
            *not_in_optimizer(self.parameters, self._unmoved(), self.optimizer),
            *self.seen.findings(len(steps)),
            *self.evaluation.findings(),
            *not_shuffled(steps),
        ]
        if not self.loop.is_wrong:  # else what the loss does is only its consequence
            found += list(decay(steps)) or list(learning_rate(steps))
            found += stuck(steps)
            found += [] if found else guessing(steps)
        return Report(sorted(found, key=rank), f"{self.loop.steps} steps")

    def _unmoved(self) -> set[str]:
        """Parameters with a gradient that are what they were: nobody changes them."""
        return {
            name for name in self.got_gradient
            if np.array_equal(self.parameters[name].array, self.first_values[name])
        }  # fmt: skip

    # ------------------------------------------------------------------ forward

    def _before_forward(self, model: Any, args: tuple) -> None:
        mode = MODE.get()
        watcher = getattr(mode.watch, "__self__", None)
        free = mode.watch is None or isinstance(watcher, Glance)
        if model is self.model and mode.grad and free and not self.paused:
            self._look_away()
            self._tape = Glance(self.parameters)
            MODE.set(mode._replace(watch=self._tape.add))

    def _after_forward(self, model: Any, args: tuple, output: Any) -> None:
        if model is not self.model or self.paused:
            return
        if self._tape is not None:
            self._tape.most = len(self._tape.entries) + OPS_OF_A_LOSS
        if not is_grad_enabled():
            self.evaluation.forward(model)
            return
        if not self.window.samples:
            self.seen.add(len(self.steps) + 1, out_of_range(args))
        outputs = output if isinstance(output, tuple) else (output,)
        floating = [x for x in outputs if is_value(x) and x.dtype.kind == "f"]
        if args and is_value(args[0]) and floating:
            self.window.forward(args[0], floating[0])
            if not all_finite(floating[0]) and all_finite(args[0]):
                self.seen.add(
                    len(self.steps) + 1, not_finite(floating[0], self._tape, {}, what="output")
                )

    # ------------------------------------------------------------------ backward

    def _before_backward(self, tensors: list[Any]) -> None:
        if self.paused:
            return
        self.evaluation.backward()
        roots = [t for t in tensors if is_value(t) and t.requires_grad and t.numel() == 1]
        there = set().union(*map(reached, roots)) if roots else set()
        mine = [name for name, p in self.parameters.items() if p in there]
        if not mine:
            return
        self.got_gradient.update(mine)
        if self.loop.backward(list(self.parameters.values())):
            self.window.clear()
        now = len(self.steps) + 1
        where = self.loop.lines["backward"] = f"backward at {user_line()}"
        for loss in roots:
            self.window.backward(loss, labels_of(loss))
            self.seen.add(now, not_finite(loss, self._tape, {}), where)
            for look in (softmax_twice, broadcast_loss, targets_out_of_range):
                self.seen.add(now, look(loss), where)
        self.seen.add(now, wrong_mode(self.model), where)
        if self._tape is not None:
            self.seen.add(now, units(self._tape))
            self._look_away()
        hooks.endings().append(self._after_backward)

    def _after_backward(self) -> None:
        self.loop.after_backward(list(self.parameters.values()))

    # ------------------------------------------------------------------ the step

    def _at_step(self, *args: Any, **kwargs: Any) -> Any:
        if self.paused:
            return self._step(*args, **kwargs)
        self.loop.lines["step"] = f"optimizer.step() at {user_line()}"
        parameters = in_optimizer(self.optimizer)
        has_closure = bool(args or kwargs.get("closure"))
        self.loop.before_step(parameters, has_closure)
        matrices = {n: p for n, p in self.parameters.items() if p.ndim >= 2}
        before = {name: p.array.copy() for name, p in matrices.items()}
        result = self._step(*args, **kwargs)
        # (After it: a closure computes them within the step.)
        gradients = {n: p.grad.array for n, p in self.parameters.items() if p.grad is not None}
        now = len(self.steps) + 1
        self.seen.add(now, by_layer(self.parameters, gradients))
        bad = {name: g for name, g in gradients.items() if not all_finite(g)}
        if bad:
            self.seen.add(now, not_finite(np.float32(0), None, bad))
        self.loop.after_step(parameters)
        step = self.window.step([group.get("lr", 1.0) for group in self.optimizer.param_groups])
        if step is not None:
            step.gradients = {n: rms(g) for n, g in gradients.items()}
            self._measure(step, before, matrices)
            self.steps.append(step)
        return result

    def _measure(self, step: Step, before: dict[str, Any], matrices: dict[str, Any]) -> None:
        along = change2 = size2 = 0.0
        decays = any(group.get("weight_decay", 0) for group in self.optimizer.param_groups)
        for name, old in before.items():
            change, size = matrices[name].array - old, rms(old)
            if size > 0 and name in step.gradients:
                step.updates[name] = rms(change) / size
            if decays:
                along -= float(np.vdot(change, old))
                change2 += float(np.vdot(change, change))
                size2 += float(np.vdot(old, old))
        if change2 * size2 > 0:
            step.shrinking = along / math.sqrt(change2 * size2)

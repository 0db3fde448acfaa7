"""Faults to plant into a healthy run: each changes a task, an optimizer or the loop.

A fault is a function of a task that trains it wrongly for some steps, and returns the doctor who
looked on. The name of the function is the code of the finding, with _ for -.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import minigrad as mg
from minigrad import nn, optim
from minigrad.diagnosis import Doctor
from minigrad.nn import functional as F
from tests.diagnosis.runs import Task, train

FAULTS: dict[str, Callable[[Task], Doctor]] = {}


def fault(fn: Callable) -> Callable:
    FAULTS[fn.__name__.replace("_", "-")] = fn
    return fn


def watched(task: Task, lr: float = 0.05, **options: Any) -> tuple[Doctor, Any]:
    sgd = optim.SGD(task.model.parameters(), lr=lr, **options)
    return Doctor(task.model, sgd), sgd


def backward(task: Task, i: int) -> None:
    x, y = task.batch(i)
    task.loss(task.model(x), y).backward()


@fault
def missing_zero_grad(task):
    doctor, sgd = watched(task, lr=1e-3)
    for i in range(8):
        backward(task, i)
        sgd.step()
    return doctor


@fault
def never_stepped(task):
    doctor, sgd = watched(task)
    for i in range(8):
        sgd.zero_grad()
        backward(task, i)
    return doctor


@fault
def step_without_gradient(task):
    doctor, sgd = watched(task)
    for i in range(8):
        backward(task, i)
        sgd.zero_grad(set_to_none=i % 2 == 0)
        sgd.step()
    return doctor


@fault
def not_in_optimizer(task):
    sgd = optim.SGD(list(task.model.parameters())[:2], lr=0.01)
    doctor = Doctor(task.model, sgd)
    train(task, sgd, 8)
    return doctor


@fault
def learning_rate_zero(task):
    doctor, sgd = watched(task, lr=0.0)
    train(task, sgd, 8)
    return doctor


@fault
def learning_rate_too_high(task):
    adam = optim.Adam(task.model.parameters(), lr=3.0)
    doctor = Doctor(task.model, adam)
    train(task, adam, 40)
    return doctor


@fault
def learning_rate_too_low(task):
    doctor, sgd = watched(task, lr=1e-6)
    train(task, sgd, 25)
    return doctor


@fault
def updates_too_small(task):
    first, *others = task.model.parameters()
    adam = optim.Adam([{"params": [first], "lr": 1e-9}, {"params": others}], lr=1e-3)
    doctor = Doctor(task.model, adam)
    train(task, adam, 25)
    return doctor


@fault
def weight_decay_dominates(task):
    doctor, sgd = watched(task, lr=1e-3, weight_decay=50.0)
    train(task, sgd, 25)
    return doctor


@fault
def not_shuffled(task):
    seen = [task.batch(i) for i in range(12)]
    x, y = (np.concatenate([b[k].numpy() for b in seen]) for k in (0, 1))
    order = np.argsort(y.reshape(len(y), -1)[:, 0], kind="stable")

    def batch(i):
        chosen = order[i * 32 : (i + 1) * 32]
        return mg.tensor(x[chosen]), mg.tensor(y[chosen])

    doctor, sgd = watched(task)
    train(task._replace(batch=batch), sgd, 12)
    return doctor


@fault
def outputs_all_the_same(task):
    last = list(task.model.parameters())[-2]
    with mg.no_grad():
        last.mul_(0)
    doctor, sgd = watched(task, lr=1e-7)
    train(task, sgd, 12)
    return doctor


@fault
def still_guessing(task):
    def batch(i):
        x, y = task.batch(i)
        rng = np.random.default_rng(i)  # other labels in each epoch: nothing can be learned
        return x, mg.tensor(rng.permutation(y.numpy()))

    adam = optim.Adam(task.model.parameters(), lr=3e-3)
    doctor = Doctor(task.model, adam)
    train(task._replace(batch=batch), adam, 220)
    return doctor


@fault
def zero_gradient(task):
    with mg.no_grad():
        for p in task.model.parameters():
            p.mul_(0)

    def loss(out, y):
        return task.loss(out.clamp(1.0, 2.0), y)

    doctor, sgd = watched(task)
    train(task._replace(loss=loss), sgd, 8)
    return doctor


@fault
def train_while_evaluating(task):
    net = nn.Sequential(task.model, nn.Dropout(0.0))
    doctor, sgd = watched(task._replace(model=net))
    for _ in range(3):
        train(task._replace(model=net), sgd, 4)
        with mg.no_grad():
            for i in range(3):
                net(task.batch(i)[0])
    return doctor


@fault
def eval_while_training(task):
    net = nn.Sequential(task.model, nn.Dropout(0.2)).eval()
    doctor, sgd = watched(task._replace(model=net))
    train(task._replace(model=net), sgd, 4)
    return doctor


@fault
def not_finite(task):
    def loss(out, y):
        return task.loss(out, y) + (0 * mg.log(-mg.abs(out)).mean() if poisoned else 0)

    poisoned = False
    doctor, sgd = watched(task)
    train(task._replace(loss=loss), sgd, 3)
    poisoned = True
    train(task._replace(loss=loss), sgd, 2)
    return doctor


@fault
def softmax_before_loss(task):
    doctor, sgd = watched(task)
    soft = (lambda x: mg.softmax(x, -1)) if task.loss is F.cross_entropy else mg.sigmoid
    train(task._replace(loss=lambda out, y: task.loss(soft(out), y)), sgd, 4)
    return doctor


@fault
def broadcast_loss(task):
    def loss(out, y):
        return ((out - y.reshape(-1)) ** 2).mean()

    doctor, sgd = watched(task, lr=0.01)
    train(task._replace(loss=loss), sgd, 4)
    return doctor


@fault
def targets_out_of_range(task):
    def loss(out, y):
        return F.binary_cross_entropy_with_logits(out, 2 * y - 1)

    doctor, sgd = watched(task, lr=0.01)
    train(task._replace(loss=loss), sgd, 4)
    return doctor


@fault
def inputs_not_normalised(task):
    def batch(i):
        x, y = task.batch(i)
        return 255 * x, y

    doctor, sgd = watched(task, lr=1e-7)
    train(task._replace(batch=batch), sgd, 4)
    return doctor


@fault
def dead_relu(task):
    net = nn.Sequential(nn.Flatten(), nn.Linear(inputs(task), 16), nn.ReLU(),
                        nn.Linear(16, outputs(task)))  # fmt: skip
    with mg.no_grad():
        net[1].bias.sub_(100)
    doctor, sgd = watched(task._replace(model=net))
    train(task._replace(model=net), sgd, 12)
    return doctor


@fault
def vanishing_gradients(task):
    width = inputs(task)
    deep = [m for _ in range(12) for m in (nn.Linear(width, width), nn.Sigmoid())]
    net = nn.Sequential(nn.Flatten(), *deep, nn.Linear(width, outputs(task)))
    doctor, sgd = watched(task._replace(model=net))
    train(task._replace(model=net), sgd, 12)
    return doctor


@fault
def exploding_gradients(task):
    width = inputs(task)
    deep = [nn.Linear(width, width) for _ in range(12)]
    for layer in deep:
        nn.init.normal_(layer.weight, std=3.0)
    net = nn.Sequential(nn.Flatten(), *deep, nn.Linear(width, outputs(task)))
    doctor, sgd = watched(task._replace(model=net), lr=1e-20)
    train(task._replace(model=net), sgd, 3)
    return doctor


def inputs(task: Task) -> int:
    return task.batch(0)[0][0].numel()


def outputs(task: Task) -> int:
    return task.model(task.batch(0)[0]).shape[-1]

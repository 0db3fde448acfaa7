"""Interrupted runs: what goes on is, to the last bit, what would have been without interruption."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn, optim
from minigrad.data import DataLoader, TensorDataset
from minigrad.serialization import LoadError
from minigrad.train import EarlyStopping, SaveBest, fit, load_checkpoint, save_checkpoint
from tests.processes import ROOT

OPTIMIZERS = {
    "SGD": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "AdamW": lambda p: optim.AdamW(p, lr=0.01),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.01, momentum=0.5),
}


class Interrupted(Exception):
    pass


class Interrupt:
    """Raises after so many steps: as a crash would, only quicker to test."""

    def __init__(self, step):
        self.step = step

    def on_step(self, run):
        if run.steps == self.step:
            raise Interrupted


def train(path=None, optimizer="AdamW", interrupt=None, save_every=None, seed=3, epochs=4):
    mg.manual_seed(seed)
    x = mg.randn(28, 6, generator=mg.Generator().manual_seed(0))
    y = (x[:, :3].sum(1) > 0).long()
    net = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3),
                        nn.Linear(8, 2))  # fmt: skip
    adam = OPTIMIZERS[optimizer](net.parameters())
    scheduler = optim.lr_scheduler.CosineAnnealingLR(adam, T_max=20)
    loader = DataLoader(TensorDataset(x, y), batch_size=5, shuffle=True)
    history = fit(
        net, loader, adam, epochs, scheduler=scheduler, schedule="step", accumulate=2,
        callbacks=[Interrupt(interrupt), EarlyStopping("loss", patience=100, restore_best=True)],
        checkpoint=path, save_every=save_every, progress=False,
    )  # fmt: skip
    return weights(net), history.rows, mg.rand(3).tolist()


def weights(net):
    return {name: value.numpy().tobytes() for name, value in net.state_dict().items()}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("interrupt", [1, 2, 3, 4, 7, 11])
def test_a_run_goes_on_to_the_same_bits(tmp_path, optimizer, interrupt):
    path = tmp_path / "run.ckpt"
    expected = train(optimizer=optimizer)
    with pytest.raises(Interrupted):
        train(path, optimizer, interrupt, save_every=1)
    seed = 99 if path.exists() else 3  # in the first step, before anything was saved
    assert train(path, optimizer, save_every=1, seed=seed) == expected


def test_a_run_that_is_done_is_not_done_again(tmp_path):
    path = tmp_path / "run.ckpt"
    first = train(path)
    assert train(path, seed=99)[:2] == first[:2]
    longer = train(path, seed=99, epochs=6)
    assert longer[1][:4] == first[1]
    assert len(longer[1]) == 6


PROGRAM = """
import sys, json
import minigrad as mg
from minigrad import nn, optim
from minigrad.data import DataLoader, TensorDataset
from minigrad.train import fit
mg.manual_seed(0)
x = mg.randn(400, 20)
net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 2))
loader = DataLoader(TensorDataset(x, (x[:, 0] > 0).long()), batch_size=10, shuffle=True)
adam = optim.Adam(net.parameters())
saving = {"checkpoint": sys.argv[1], "save_every": 1} if sys.argv[1] else {}
history = fit(net, loader, adam, 3, progress=False, **saving)
print(json.dumps([history.rows, [float(p.detach().double().sum()) for p in net.parameters()]]))
"""


def start(path):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", PROGRAM, str(path)], env=environment,
                            stdout=subprocess.PIPE, text=True)  # fmt: skip


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_killed_at_any_moment(tmp_path):
    path = tmp_path / "run.ckpt"
    expected = json.loads(start("").communicate()[0])
    draw = random.Random(0)
    for _ in range(4):
        process = start(path)
        while not path.exists() and process.poll() is None:
            time.sleep(0.005)
        time.sleep(draw.uniform(0, 0.15))
        process.kill()
        process.wait()
        process.stdout.close()
    assert json.loads(start(path).communicate()[0]) == expected
    assert [p.name for p in tmp_path.iterdir() if not p.name.startswith(".")] == ["run.ckpt"]


def test_values_and_states(tmp_path):
    net = nn.Linear(2, 2)
    save_checkpoint(tmp_path / "a", net=net, epoch=3, best={"loss": 0.5})
    other = nn.Linear(2, 2)
    mg.manual_seed(1)
    assert load_checkpoint(tmp_path / "a", net=other) == {"epoch": 3, "best": {"loss": 0.5}}
    assert weights(other) == weights(net)


def test_the_random_state_is_part_of_it(tmp_path):
    mg.manual_seed(5)
    mg.rand(3)
    save_checkpoint(tmp_path / "a")
    expected = mg.rand(3).tolist()
    mg.manual_seed(6)
    load_checkpoint(tmp_path / "a")
    assert mg.rand(3).tolist() == expected


def test_all_or_nothing(tmp_path):
    """The optimizer's state does not fit; the model, which came first, is what it was."""
    net = nn.Linear(2, 2)
    adam = optim.Adam(net.parameters())
    save_checkpoint(tmp_path / "a", net=net, adam=adam)
    other = nn.Linear(2, 2)
    two = optim.Adam([{"params": [other.weight]}, {"params": [other.bias]}])
    before, numbers = weights(other), mg.get_rng_state()
    with pytest.raises(ValueError) as caught:  # noqa: PT011  (the note is looked at below)
        load_checkpoint(tmp_path / "a", net=other, adam=two)
    assert "adam does not fit" in caught.value.__notes__[-1]
    assert weights(other) == before
    assert mg.get_rng_state() == numbers


def test_what_is_no_checkpoint_is_refused(tmp_path):
    net = nn.Linear(2, 2)
    mg.save(net.state_dict(), tmp_path / "weights")
    with pytest.raises(LoadError, match="expected a checkpoint of save_checkpoint"):
        load_checkpoint(tmp_path / "weights", net=net)
    save_checkpoint(tmp_path / "a", net=net)
    with pytest.raises(LoadError, match="holds the states of net, and model, optimizer were to"):
        load_checkpoint(tmp_path / "a", model=net, optimizer=optim.SGD(net.parameters()))
    with pytest.raises(LoadError):
        load_checkpoint(tmp_path / "nothing", net=net)
    with pytest.raises(TypeError):
        save_checkpoint(tmp_path / "b", net=net, thing=object())
    assert not (tmp_path / "b").exists()


def test_other_callbacks_are_refused(tmp_path):
    net = nn.Linear(2, 2)
    loader = DataLoader(TensorDataset(mg.ones(4, 2), mg.zeros(4, dtype=mg.int64)), batch_size=2)
    options = {"checkpoint": tmp_path / "a", "progress": False}
    fit(net, loader, optim.SGD(net.parameters()), 1, **options)
    with pytest.raises(ValueError, match="run with 0 callbacks, this one has 1"):
        fit(net, loader, optim.SGD(net.parameters()), 2, callbacks=[EarlyStopping()], **options)


# ---------------------------------------------------------------------------- who judges a run


class Scripted:
    """A run that has measured these values of val_loss, one an epoch."""

    def __init__(self, callback, values):
        self.model, self.stopped = nn.Linear(1, 1), None
        self.history = type("H", (), {"rows": []})()
        self.seen = 0
        for value in values:
            self.history.rows.append({"val_loss": value})
            with mg.no_grad():
                self.model.weight.fill_(value)
            callback.on_epoch(self)
            self.seen += 1
            if self.stopped:
                break
        getattr(callback, "on_end", lambda run: None)(self)

    def stop(self, why):
        self.stopped = why


@pytest.mark.parametrize(
    ("values", "options", "epochs"),
    [
        ([3, 2, 1, 1, 1, 1], {"patience": 2}, 5),
        ([3, 2, 2.5, 1, 2, 2], {"patience": 2}, 6),
        ([1, 2, 3], {"patience": 1, "mode": "max"}, 3),
        ([3, 2.95, 2.9, 2.85], {"patience": 2, "min_delta": 0.2}, 3),
        ([np.nan, np.nan, 1], {"patience": 2}, 2),
    ],
)
def test_early_stopping(values, options, epochs):
    assert Scripted(EarlyStopping(**options), values).seen == epochs


def test_the_best_weights_come_back():
    run = Scripted(EarlyStopping(patience=2, restore_best=True), [3.0, 1.0, 2.0, 2.0])
    assert run.stopped == "val_loss was 1 and not better for 2 epochs"
    assert run.model.weight.item() == 1.0


def test_save_best(tmp_path):
    Scripted(SaveBest(tmp_path / "best"), [3.0, 1.0, 2.0])
    assert mg.load(tmp_path / "best")["weight"].item() == 1.0


def test_what_is_not_measured():
    with pytest.raises(KeyError, match=r"'val_accuracy' is not measured.*give fit validation="):
        Scripted(EarlyStopping("val_accuracy"), [1.0])


@pytest.mark.parametrize("options", [{"patience": 0}, {"mode": "best"}])
def test_bad_options(options):
    with pytest.raises(ValueError, match="EarlyStopping: "):
        EarlyStopping(**options)

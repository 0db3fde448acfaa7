"""Recipes: what is one, its goal, and the command that runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import minigrad as mg
from minigrad.cli import main
from minigrad.train import recipe
from tests.processes import ROOT

SMALL = '''
"""A line through points.

More about it.
"""
import minigrad as mg
from minigrad.data import DataLoader, TensorDataset
from minigrad.train import fit
from minigrad.train.recipe import Result

GOAL = "val_loss <= 0.01"


def train(epochs: int = 20, lr: float = 0.3, kind: str = "line", checkpoint=None) -> Result:
    x = mg.linspace(-1, 1, 40).reshape(-1, 1)
    loader = DataLoader(TensorDataset(x, 3 * x), 8, shuffle=True)
    model = mg.nn.Linear(1, 1)
    adam = mg.optim.Adam(model.parameters(), lr)
    history = fit(model, loader, adam, epochs, loss=mg.nn.functional.mse_loss, validation=loader,
                  checkpoint=checkpoint, progress=False)
    return Result(model, history, {"val_loss": history["val_loss"][-1]}, f"a {kind}")
'''


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "a_line.py"
    path.write_text(SMALL.lstrip())
    return path


def test_a_recipe_of_ones_own(small, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["train", str(small), "--check", "--out", str(out), "--kind", "[line]"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("a-line: A line through points.\n")
    assert "a [line]" in text  # printed as it is
    assert "the goal val_loss <= 0.01 is reached." in text
    assert {p.name for p in out.iterdir()} == {
        "history.json", "settings.json", "training.png", "weights.safetensors",
    }  # fmt: skip
    report = json.loads((out / "history.json").read_text())
    assert len(report["epochs"]) == 20
    assert report["numbers"]["val_loss"] == report["epochs"][-1]["val_loss"]
    assert mg.load(out / "weights.safetensors")["weight"].item() == pytest.approx(3, abs=0.2)
    settings = json.loads((out / "settings.json").read_text())
    assert settings == {"seed": 0, "epochs": 20, "lr": 0.3, "kind": "[line]"}


def test_a_goal_that_is_missed(small, tmp_path, capsys):
    command = ["train", str(small), "--epochs", "1", "--out", str(tmp_path / "out")]
    assert main(command) == 0
    assert main([*command, "--check"]) == 1
    assert "is missed" in capsys.readouterr().out


def test_the_same_seed_gives_the_same_bits(small):
    one = recipe.find(str(small))
    runs = [one.run(seed, epochs=2).model.weight.item() for seed in (3, 3, 4)]
    assert runs[0] == runs[1] != runs[2]


def test_an_interrupted_run_goes_on(small, tmp_path, capsys):
    one = recipe.find(str(small))
    whole = one.run(5, epochs=6).model.state_dict()
    out = tmp_path / "out"
    command = ["train", str(small), "--seed", "5", "--out", str(out), "--epochs"]

    class Interrupted(Exception):
        pass

    out.mkdir()
    (out / "settings.json").write_text(
        json.dumps({"seed": 5, "epochs": 6, "lr": 0.3, "kind": "line"})
    )
    one.run(5, out / "checkpoint.safetensors", epochs=3)
    with pytest.raises(SystemExit) as end:
        main([*command, "7"])
    assert "holds an interrupted run with other settings: epochs 6, not 7" in str(end.value.code)
    assert (out / "checkpoint.safetensors").exists()
    assert main([*command, "6"]) == 0
    assert "going on from" in capsys.readouterr().out
    found = mg.load(out / "weights.safetensors")
    assert all((found[k] == whole[k]).all() for k in whole)
    assert not (out / "checkpoint.safetensors").exists()


@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
def test_a_killed_run_goes_on_to_the_same_bits(small, tmp_path):
    slow = small.read_text().replace("progress=False)", "progress=False, callbacks=[Slow()])")
    slow += "\n\nclass Slow:\n    def on_epoch(self, run):\n        import time; time.sleep(0.05)\n"
    small.write_text(slow)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "minigrad", "train", str(small), "--out", str(out),
               "--epochs", "40"]  # fmt: skip
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while not (out / "checkpoint.safetensors").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.2)
        process.send_signal(signal.SIGKILL)
    assert (out / "checkpoint.safetensors").exists()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "going on from" in done.stdout
    whole = recipe.find(str(small)).run(0, epochs=40).model.state_dict()
    found = mg.load(out / "weights.safetensors")
    assert all((found[k] == whole[k]).all() for k in whole)


def test_help_shows_the_settings(small, capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["train", str(small), "--help"])
    text = capsys.readouterr().out
    assert "More about it.\n\nMust reach: val_loss <= 0.01." in text
    assert "--lr N" in text
    assert "(default: 0.3)" in text
    assert "--checkpoint" not in text


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["digit-mlp"], "there is no recipe 'digit-mlp'; there are char-gpt, digits-cnn, "),
        (["nowhere.py"], "there is no file nowhere.py"),
    ],
)
def test_no_such_recipe(arguments, complaint):
    with pytest.raises(SystemExit) as end:
        main(["train", *arguments])
    assert str(end.value.code).startswith(f"minigrad train: {complaint}")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("GOAL =", "GOALS ="), "a recipe has a function `train` and a string `GOAL`"),
        (("def train", "def learn"), "a recipe has a function `train` and a string `GOAL`"),
        (('"val_loss <= 0.01"', '"val_loss < 0.01"'), "GOAL: expected a string such as"),
        (('"val_loss <= 0.01"', "0.01"), "GOAL: expected a string such as"),
        (('"val_loss <= 0.01"', '"accuracy >= 1"'), "GOAL is about 'accuracy', and train returned"),
        (("lr: float = 0.3", "lr: float"), "train's argument 'lr' needs a default"),
        (("= 0.3", "= (0.3,)"), "train's argument 'lr' needs a default"),
    ],
)
def test_a_file_that_is_no_recipe(small, tmp_path, change, complaint):
    text = SMALL.lstrip().replace(*change)
    if change[1].endswith("float"):
        text = text.replace("epochs: int = 20, lr: float", "lr: float, epochs: int = 20")
    small.write_text(text)
    with pytest.raises(SystemExit) as end:
        main(["train", str(small), "--out", str(tmp_path / "out")])
    assert complaint in str(end.value.code)


def test_wrong_settings(small, tmp_path, capsys):
    for wrong in (["--epochs", "many"], ["--speed", "3"], ["--seed", "-1"]):
        with pytest.raises(SystemExit, match="2"):
            main(["train", str(small), *wrong])
        assert "usage: minigrad train a-line" in capsys.readouterr().err
    taken = tmp_path / "taken"
    taken.write_text("mine")
    with pytest.raises(SystemExit) as end:
        main(["train", str(small), "--out", str(taken)])
    assert str(end.value.code).startswith(f"minigrad train: cannot write into {taken}")
    assert taken.read_text() == "mine"


# ------------------------------------------------------------------ those of the course


def test_the_list(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    assert main(["train"]) == 0
    text = capsys.readouterr().out
    for name in recipe.names():
        assert name in text
        assert str(recipe.find(name).goal) in text


@pytest.mark.parametrize("name", recipe.names())
def test_every_recipe_can_be_read(name):
    one = recipe.find(name)
    assert one.name == name
    assert one.description.splitlines()[0].endswith(".")
    assert "epochs" in one.settings


def test_digits_mlp_reaches_its_goal():
    result = recipe.find("digits-mlp").run()
    assert result.numbers["accuracy"] >= 0.97
    assert np.isfinite(result.history["loss"]).all()


@pytest.mark.nightly
@pytest.mark.parametrize("name", recipe.names())
def test_every_recipe_reaches_its_goal(name):
    one = recipe.find(name)
    assert one.goal.reached(one.run().numbers)

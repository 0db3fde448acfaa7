"""`minigrad step`: which computation of a script is taken, what goes wrong, where it is shown."""

from __future__ import annotations

import sys
import textwrap

import pytest

import minigrad as mg
from minigrad import autograd
from minigrad.cli import main
from minigrad.viz.stepper.example import worked_example
from minigrad.viz.stepper.script import ScriptError, step_script

LOOP = """
import sys
import minigrad as mg

w = mg.tensor(2.0, requires_grad=True)
for epoch in range(3):
    print("epoch", epoch, *sys.argv[1:])
    error = w * w
    error.backward()
    with mg.no_grad():
        w -= 0.25 * w.grad
    w.grad = None
print("the end")
"""


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Writes a script into the current folder."""
    monkeypatch.chdir(tmp_path)

    def write(text, name="script.py"):
        (tmp_path / name).write_text(textwrap.dedent(text))
        return name

    return write


def values(stepper):
    return [e.values[0].values for e in stepper.recording.nodes]


def test_a_script_runs_until_backward_is_called(script, capsys):
    real, path, argv = autograd.backward, list(sys.path), list(sys.argv)
    stepper = step_script(script(LOOP), ["a", "b"])
    assert values(stepper) == [[2], [4]]
    assert capsys.readouterr().out == "epoch 0 a b\n"
    (leaf, square) = stepper.recording.nodes
    assert (leaf.name, square.label, square.line, square.code) == (
        "w", "error", "script.py:8", "error = w * w",
    )  # fmt: skip
    assert (autograd.backward, sys.path, sys.argv) == (real, path, argv)


def test_a_later_call_of_backward(script, capsys):
    assert values(step_script(script(LOOP), call=3)) == [[0.5], [0.25]]  # w: 2, 1, 0.5
    assert "the end" not in capsys.readouterr().out
    with pytest.raises(ScriptError, match="called backward 3 times, and number 4 was asked for"):
        step_script(script(LOOP), call=4)


def test_backward_of_the_module_and_within_a_function(script):
    text = """
    import minigrad as mg
    from beside import train
    def go(x):
        mg.autograd.backward(train(x))
    if __name__ == "__main__":
        go(mg.ones(2, requires_grad=True))
    """
    script("def train(x):\n    out = x * 3.0\n    return out.sum()\n", "beside.py")
    stepper = step_script(script(text))
    assert [(e.name, e.label, e.line) for e in stepper.recording.nodes] == [
        ("x", "", None), ("mul", "out", "beside.py:2"), ("sum", "", "beside.py:3"),
    ]  # fmt: skip


def test_without_backward_it_is_the_variable_loss(script):
    text = """
    import minigrad as mg
    params = {"w": mg.tensor(3.0, requires_grad=True)}
    loss = mg.exp(params["w"] * 0.0)
    """
    nodes = step_script(script(text)).recording.nodes
    assert [(e.name, e.label) for e in nodes] == [
        ('params["w"]', ""), ("mul", ""), ("exp", "loss"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", "never called backward, and has no variable `loss`. Call .backward"),
        ("loss = 3.0", "never called backward, and its `loss` is 3.0"),
        ("raise SystemExit(2)", "never called backward"),
        (
            "import minigrad as mg\nx = mg.ones(1, requires_grad=True)\n"
            "mg.autograd.backward([x * 1, x * 2])",
            "called on 2 Tensors at once",
        ),
    ],
)
def test_a_script_with_nothing_to_step_through(script, text, message):
    with pytest.raises(ScriptError, match=message.replace(".", r"\.")):
        step_script(script(text))


def test_the_command_writes_a_page(script, capsys, tmp_path, monkeypatch):
    name = script(LOOP)
    assert main(["step", name, "--args", "--lr 3"]) == 0
    page = (tmp_path / "minigrad-steps.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    out = capsys.readouterr().out
    assert "epoch 0 --lr 3\n4 steps, 0.0 MB: minigrad-steps.html\n" in out
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert main(["step", name, "--out", "other.html", "--open"]) == 0
    assert opened == [(tmp_path / "other.html").resolve().as_uri()]


def test_the_command_in_the_terminal(script, capsys, monkeypatch):
    typed = iter(["", "4", "q"])
    monkeypatch.setattr("builtins.input", lambda *_: next(typed))
    assert main(["step", script(LOOP), "--terminal", "--call", "2"]) == 0
    out = capsys.readouterr().out
    assert "Step 2 of 4, forward: error = mul" in out
    assert "Step 4 of 4, backward: the gradients of the leaves" in out


def test_the_command_says_what_is_wrong(script, capsys, tmp_path):
    for arguments, message in [
        (["nothing.py"], "nothing.py does not exist; name a Python file"),
        ([str(tmp_path)], "is a folder, not a script"),
        ([script("x = 1", "empty.py")], "never called backward"),
        ([script(LOOP), "--out", str(tmp_path)], "it is a folder. Name another file"),
        ([script(LOOP), "--terminal", "--open"], "--terminal writes no page"),
    ]:
        with pytest.raises(SystemExit, match=message):
            main(["step", *arguments])
    with pytest.raises(SystemExit, match="2"):
        main(["step", "--call", "0"])
    assert "at least 1, got '0'" in capsys.readouterr().err


def test_an_error_of_the_script_is_shown_from_its_own_first_line(script, capsys):
    text = """
    import minigrad as mg
    mg.ones(2) @ mg.ones(3)
    """
    assert main(["step", script(text)]) == 1
    err = capsys.readouterr().err
    first, second, third, *_ = err.splitlines()
    assert first == "Traceback (most recent call last):"
    assert 'script.py", line 3' in second
    assert third.strip() == "mg.ones(2) @ mg.ones(3)"
    assert err.endswith("stopped with this error, before its backward was recorded\n")
    text = """
    import minigrad as mg
    (mg.ones(2, requires_grad=True) * 2).backward()
    """
    assert main(["step", script(text)]) == 1
    assert "expected a scalar to start from" in capsys.readouterr().err


def test_the_worked_example_by_hand(capsys, monkeypatch, script):
    steps = worked_example()
    nodes = {e.label or e.name: e.values[0].values for e in steps.recording.nodes}
    assert nodes["matmul"] == [2, -1]
    assert (nodes["hidden"], nodes["output"], nodes["error"], nodes["loss"]) == (
        [2, 0], [2], [-1], [1],
    )  # fmt: skip
    assert "hidden = mg.relu(x @ W)" in steps.text(2)
    assert steps.text(14).endswith("v: [-4, 0]\n  W: [[-2, 0], [-4, 0]]")
    monkeypatch.setattr("builtins.input", lambda *_: "q")
    assert main(["step"]) == 0
    out = capsys.readouterr().out
    assert "    hidden = mg.relu(x @ W)\n" in out
    assert "Step 1 of 15, forward: x" in out
    assert main(["step", "--out", script("", "example.html")]) == 0
    assert "15 steps" in capsys.readouterr().out
    assert mg.is_grad_enabled()

"""The stepper: its page is run in Node, with every control; its text is read word for word."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

import minigrad as mg
from minigrad import nn, viz

RUNNER = Path(__file__).with_name("page_in_node.js")


def leaf(x):
    return mg.tensor(x, dtype=mg.float64, requires_grad=True)


def twice():
    """s = x * x, used twice: depth first, the gradient of exp(s) arrives too late."""
    x = leaf(1.0)
    s = x * x
    return viz.step(s * 3.0 + mg.exp(s))


def run(stepper, tmp_path, *presses):
    """What the page shows at first and after each press."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("the page's script runs in Node, and there is none here")
    stepper.save(tmp_path / "page.html")
    command = [node, str(RUNNER), str(tmp_path / "page.html"), *presses]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def places(states):
    return [int(state["where"].split()[1]) for state in states]


def test_every_control(tmp_path):
    presses = ["next", "next", "previous", "last", "first", "key:ArrowRight", "key:ArrowRight"]
    presses += ["key:ArrowLeft", "key:End", "key:Home", "slider:3", "node:2", "key:x"]
    states = run(twice(), tmp_path, *presses)
    assert places(states) == [1, 2, 3, 2, 10, 1, 2, 3, 2, 10, 1, 4, 3, 3]
    assert states[0]["off"] == ["first", "previous"]
    assert states[4]["off"] == ["next", "last"]
    assert states[4]["focus"] == "play"  # the button that was pressed is off, and has no focus
    assert states[1]["current"] == ["1"]
    assert states[1]["ahead"] == ["2", "3", "4"]
    assert states[1]["active"] == ["0-1"]
    assert "What the pullback keeps for backward y (float64) 1 x (float64) 1" in states[1]["panel"]
    assert "Used 2 times" in states[1]["panel"]


def test_playing_stops_at_the_end_and_begins_again(tmp_path):
    states = run(twice(), tmp_path, "play", "tick", "play", "key:p", *["tick"] * 9, "play")
    assert [s["playing"] for s in states] == [False, True, True, False] + [True] * 8 + [
        False, False, True,
    ]  # fmt: skip
    assert places(states) == [1, 1, 2, 2, 2, *range(3, 11), 10, 1]


def test_backward_shows_products_and_sums(tmp_path):
    *_, exp, mul = run(twice(), tmp_path, "slider:5", "key:ArrowRight", "key:ArrowRight")
    assert exp["phase"] == "backward"
    assert exp["spoken"].startswith("Step 7 of 10, backward. exp: upstream 1, sends 2.718 to s")
    product = "upstream (float64) 1 \u00d7 local derivative (float64) 2.718 = contribution"
    assert product in exp["panel"]
    assert mul["current"] == ["2"]
    assert mul["active"] == ["1-2"]
    assert "so far (float64) 2.718 + this (float64) 3 = sum (float64) 5.718" in mul["panel"]


def test_the_wrong_order_shows_what_goes_wrong(tmp_path):
    presses = ["wrong:on", "slider:7", "key:ArrowRight", "last", "key:w", "key:w", "wrong:off"]
    states = run(twice(), tmp_path, *presses)
    _, _, early, late, end, right, again, off = states
    assert early["phase"] == "backward, wrong order"
    assert early["early"] == ["1"]
    assert "Too early: exp (age 3) used this value" in early["panel"]
    assert "Too late: that op has run already" in late["panel"]
    assert "Depth first, 1 of 1 gradients are wrong" in end["panel"]
    assert "gradient (float64) 6 right would be (float64) 11.44" in end["panel"]
    assert [s["phase"] for s in (right, again, off)] == [
        "backward", "backward, wrong order", "backward",
    ]  # fmt: skip
    assert "wrong" not in right["panel"]
    x = leaf(2.0)
    *_, end = run(viz.step(mg.tanh(x) * x), tmp_path, "wrong:on", "last")
    assert "Depth first gives the same here" in end["panel"]


def test_only_what_is_concerned_is_marked(tmp_path):
    x, y, data = leaf(1.0), leaf(2.0), mg.tensor([3.0], dtype=mg.float64)
    s = x * x
    stepper = viz.step((s * y + mg.exp(s) * data).sum())
    nodes = stepper.recording.nodes
    data_index = next(e.index for e in nodes if e.name == "data")
    product = next(e.index for e in nodes if any(a.source == data_index for a in e.arguments))
    states = run(stepper, tmp_path, *["next"] * (len(stepper) - 1), "wrong:on")
    there, back = (s["active"] for s in states[:-1] if s["current"] == [str(product)])
    assert (len(there), len(back)) == (2, 1)  # nothing is sent to data
    assert f"{data_index}-{product}" in there
    assert f"{data_index}-{product}" not in back
    assert "1 of 2 gradients are wrong" in states[-1]["panel"]
    assert states[-1]["panel"].count("right would be") == 1


def test_links_lead_to_the_step_of_a_node(tmp_path):
    states = run(twice(), tmp_path, "last", "link:x", "key:End", "key:ArrowLeft", "link:x")
    assert places(states) == [1, 10, 1, 10, 9, 1]


def test_small_arrays_are_grids_and_large_ones_histograms(tmp_path):
    mg.manual_seed(0)
    x = mg.randn(2, 3, requires_grad=True)
    first, *_ = run(viz.step((x * x).sum()), tmp_path)
    assert (first["tables"], first["bars"]) == (1, 0)
    x = mg.randn(20, 30, requires_grad=True)
    first, *_ = run(viz.step((x * x).sum()), tmp_path)
    assert (first["tables"], first["bars"]) == (0, 24)
    assert re.search(r"mean \S+, std \S+, from \S+ to \S+", first["panel"])


def network(name):
    mg.manual_seed(0)
    mlp = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))
    conv = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
    attention, cell = nn.MultiheadAttention(4, 2), nn.LSTMCell(3, 4)
    x = mg.randn(3, 2, 4)
    if name == "mlp":
        return nn.functional.cross_entropy(mlp(x[0]), mg.tensor([0, 2]))
    if name == "conv":
        return conv(mg.randn(2, 1, 6, 6)).square().mean()
    if name == "attention":
        return attention(x, x, x)[0].square().sum()
    state = cell(mg.ones(2, 3))
    return cell(mg.ones(2, 3), state)[0].sum()


@pytest.mark.parametrize("name", ["mlp", "conv", "attention", "lstm"])
def test_every_step_of_a_network_can_be_shown(name, tmp_path):
    stepper = viz.step(network(name))
    presses = ["key:ArrowRight"] * (len(stepper) - 1)
    states = run(stepper, tmp_path, *presses, "wrong:on", "first", *presses)
    assert max(places(states)) == len(stepper)
    for state in states:
        assert "undefined" not in state["panel"] + state["spoken"]
        assert "NaN" not in state["spoken"]
    for i in range(len(stepper)):
        assert stepper.text(i)
        assert stepper.text(i, wrong=True)


def test_text_of_a_stepper():
    steps = twice()
    assert len(steps) == 10
    assert steps.text(3) == (
        "Step 4 of 10, forward: exp\n"
        "  e**x. Gradient: g * e**x.\n"
        "  x (s = mul): 1\n"
        "  value: 2.7183\n"
        "  kept for backward: y = 2.7183\n"
        "  age: 3"
    )
    assert steps.text(7).endswith("to x (s = mul): 1 * 3 = 3; 2.7183 + 3 = 5.7183 there")
    assert steps.text(8, wrong=True).endswith("there; too late: that op has run already")
    assert steps.text(9, wrong=True) == (
        "Step 10 of 10, backward, wrong order: the gradients of the leaves\n"
        "  x: 6; right would be 11.437"
    )
    with pytest.raises(IndexError, match="step: expected a page from 0 to 9, got 10"):
        steps.text(10)


def test_walking_in_the_terminal(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "100")
    typed = iter(["", "b", "9", "x", "w", "10", "", "never read"])
    monkeypatch.setattr("builtins.input", lambda *_: next(typed))
    twice().walk()
    shown = capsys.readouterr().out
    steps = re.findall(r"Step (\d+) of 10, (\w+(?:, wrong order)?)", shown)
    assert steps == [
        ("1", "forward"), ("2", "forward"), ("1", "forward"), ("9", "backward"),
        ("9", "backward"), ("9", "backward, wrong order"), ("10", "backward, wrong order"),
    ]  # fmt: skip
    assert "There is no step 'x'" in shown
    assert "right would be 11.437" in shown
    assert next(typed) == "never read"

    def ended(*_):
        raise EOFError

    monkeypatch.setattr("builtins.input", ended)
    twice().walk()
    assert "Step 2" not in capsys.readouterr().out


def test_a_function_has_its_source_lines():
    w = leaf([1.0, 2.0])

    def loss():
        scaled = w * 3.0  # the line
        return scaled.sum()

    entries = viz.step(loss).recording.nodes
    assert [(e.kind, e.name) for e in entries] == [("leaf", "w"), ("op", "mul"), ("op", "sum")]
    file, _, line = entries[1].line.rpartition(":")
    assert file.endswith("test_stepper.py")
    assert int(line) == loss.__code__.co_firstlineno + 1
    assert entries[1].code == "scaled = w * 3.0  # the line"
    with mg.no_grad():
        assert len(viz.step(loss)) == 6  # records all the same
    with pytest.raises(TypeError, match="step: expected a Tensor, got 3"):
        viz.step(lambda: 3)


def test_the_page_is_one_file_that_nothing_in_it_can_break():
    x = leaf(2.0)
    page = viz.step(mg.exp(x), {"</script><b>&": x}).html()
    assert page.count("</script>") == 2
    assert "&lt;/script&gt;&lt;b&gt;&amp;" in page  # in the SVG
    text = page.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|\bsrc=|\bhref=|@import|url\((?!#)", text)
    assert "default-src 'none'" in page
    shown = viz.step(mg.exp(x))._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert '"' not in shown.split('srcdoc="')[1].split('" title')[0]


def test_what_can_be_reached_by_keyboard_has_a_name():
    page = twice().html()
    for tag in re.findall(r"<(?:button|input|section|main|footer)\b[^>]*>", page):
        assert "aria-" in tag, tag
    assert 'aria-live="polite"' in page
    assert "prefers-color-scheme: dark" in page
    assert "width=device-width" in page


def test_five_hundred_nodes(tmp_path):
    x, w = leaf([1.0] * 4), leaf([0.9] * 4)
    for _ in range(250):
        x = mg.tanh(x * w)
    started = time.perf_counter()
    stepper = viz.step(x.sum())
    page = stepper.html()
    assert time.perf_counter() - started < 20
    assert len(page) < 6e6
    states = run(stepper, tmp_path, "last", "slider:700")
    assert places(states) == [1, len(stepper), 701]

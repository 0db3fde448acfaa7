"""The stepper: its text, read word for word, and the file it writes.

The page itself is tried in a browser: test_stepper_browser.py.
"""

from __future__ import annotations

import re
import time

import pytest

import minigrad as mg
from minigrad import nn, viz


def leaf(x):
    return mg.tensor(x, dtype=mg.float64, requires_grad=True)


def twice():
    """s = x * x, used twice: depth first, the gradient of exp(s) arrives too late."""
    x = leaf(1.0)
    s = x * x
    return viz.step(s * 3.0 + mg.exp(s))


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
def test_every_step_of_a_network_can_be_read(name):
    stepper = viz.step(network(name))
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
    assert "\\u003c/script>\\u003cb>&" in page
    text = page.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|\bsrc=|\bhref=|@import|url\((?!#)", text)
    assert "default-src 'none'" in page
    shown = viz.step(mg.exp(x))._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert '"' not in shown.split('srcdoc="')[1].split('" title')[0]


def test_five_hundred_nodes():
    x, w = leaf([1.0] * 4), leaf([0.9] * 4)
    for _ in range(250):
        x = mg.tanh(x * w)
    started = time.perf_counter()
    page = viz.step(x.sum()).html()
    assert time.perf_counter() - started < 20
    assert len(page) < 6e6

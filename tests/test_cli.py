"""The command `minigrad`: demo, doctor, help, and what goes wrong."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys

import numpy as np
import pytest

import minigrad as mg
from minigrad.cli import COMMANDS, demo, doctor, main, program
from minigrad.cli.digits import Digits
from tests.processes import ROOT


def start(*arguments: str, **environment: str) -> subprocess.Popen:
    """The command in a process of its own, its output piped."""
    return subprocess.Popen(
        [sys.executable, "-m", "minigrad", *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip


def finish(*arguments: str, **environment: str) -> tuple[int, str, str]:
    with start(*arguments, **environment) as process:
        out, err = process.communicate(timeout=300)
    err = "".join(line for line in err.splitlines(True) if "compiling kernels" not in line)
    return process.returncode, out, err


# ------------------------------------------------------------------ help and mistakes


@pytest.mark.parametrize("arguments", [[], ["--help"], *([c, "--help"] for c in COMMANDS)])
def test_help(arguments, capsys):
    try:
        code = main(arguments)
    except SystemExit as end:
        code = end.code
    assert code == 0
    text = capsys.readouterr().out
    assert text.startswith("usage: minigrad")
    assert max(map(len, text.splitlines())) <= 100


def test_help_names_every_command(capsys):
    main([])
    text = capsys.readouterr().out
    for name in COMMANDS:
        assert f"{name} " in text


def test_version(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"minigrad {mg.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["dmeo"], "invalid choice: 'dmeo'"),
        (["demo", "--epochs", "0"], "expected a whole number of at least 1, got '0'"),
        (["demo", "--epochs", "-3"], "expected a whole number of at least 1, got '-3'"),
        (["demo", "--seed", "x"], "expected a whole number of at least 0, got 'x'"),
        (["demo", "--device", "tpu"], "invalid choice: 'tpu'"),
        (["bench", "--only", "speed"], "invalid choice: 'speed'"),
        (["bench", "--threads", "0"], "expected a whole number of at least 1, got '0'"),
    ],
)
def test_wrong_arguments(arguments, complaint, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert complaint in capsys.readouterr().err


def test_python_m_minigrad_is_the_command():
    code, out, err = finish("--version")
    assert (code, out, err) == (0, f"minigrad {mg.__version__}\n", "")


# ------------------------------------------------------------------ demo


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """One whole run of the demo, in a process with piped output: (folder, text)."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / "loss.png").write_text("an older run's")
    (folder / "mine.txt").write_text("not the demo's")
    code, out, err = finish("demo", "--out", str(folder))
    assert (code, err) == (0, "")
    return folder, out


def test_demo_reads_held_out_digits(finished):
    _, text = finished
    accuracy = re.search(r"([\d.]+) % of the held-out digits", " ".join(text.split())).group(1)
    assert float(accuracy) >= 98.5


def test_demo_checks_its_gradient_before_training(finished):
    _, text = finished
    error = float(re.search(r"relative difference is (\S+):", text).group(1))
    assert error < demo.GRADIENT_LIMIT
    assert text.index("relative difference") < text.index("Training\n")


def test_demo_leaves_its_files_and_no_others(finished):
    folder, text = finished
    names = {"confusion.png", "loss.png", "mistakes.png", "summary.txt", "weights.safetensors"}
    assert {p.name for p in folder.iterdir()} == names | {"mine.txt"}
    assert (folder / "mine.txt").read_text() == "not the demo's"
    for name in names:
        assert name in text
        content = (folder / name).read_bytes()
        assert not name.endswith(".png") or content.startswith(b"\x89PNG")
    assert str(folder) in text
    assert re.search(r"read correctly +9[89]\.\d\d %", (folder / "summary.txt").read_text())


def test_demo_weights_can_be_used(finished):
    folder, _ = finished
    task = Digits(seed=5)
    task.network.load_state_dict(mg.load(folder / "weights.safetensors"))
    assert task.correct() / len(task.test_labels) >= 0.985


def test_demo_on_a_narrow_terminal_without_unicode(tmp_path):
    code, out, err = finish(
        "demo", "--epochs", "1", "--out", str(tmp_path), COLUMNS="40", PYTHONIOENCODING="ascii"
    )
    assert (code, err) == (0, "")
    assert out.isascii()
    assert max(len(line) for line in out.splitlines() if str(tmp_path) not in line) <= 40


def test_demo_same_seed_same_run():
    first, second = (list(Digits(seed=3).train(2)) for _ in range(2))
    assert first == second
    assert list(Digits(seed=4).train(2)) != first


def test_demo_into_a_file(tmp_path, capsys):
    file = tmp_path / "taken"
    file.write_text("mine")
    for out in (file, file / "below"):
        with pytest.raises(SystemExit) as end:
            main(["demo", "--out", str(out)])
        assert str(end.value.code).startswith(f"minigrad demo: cannot write into {out}: ")
        assert "--out" in str(end.value.code)
    assert file.read_text() == "mine"
    assert capsys.readouterr().out == ""  # said before anything was trained


def test_demo_without_the_gpu_that_was_asked_for(tmp_path):
    if mg.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(SystemExit) as end:
        main(["demo", "--device", "cuda", "--out", str(tmp_path / "new")])
    assert str(end.value.code).startswith("minigrad demo: device 'cuda'")
    assert not (tmp_path / "new").exists()


def test_demo_stops_at_a_wrong_gradient(tmp_path, capsys, monkeypatch):
    @mg.op
    def tanh(x):
        y = np.tanh(x)
        return y, lambda g: g * (1 - y)

    monkeypatch.setattr(mg.nn.GELU, "forward", lambda self, x: tanh(x))
    assert main(["demo", "--out", str(tmp_path)]) == 1
    assert "The gradient is wrong" in capsys.readouterr().out
    assert not (tmp_path / "weights.safetensors").exists()


@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
def test_ctrl_c(tmp_path):
    with start("demo", "--epochs", "100000", "--out", str(tmp_path)) as process:
        for line in process.stdout:
            if "epoch" in line and "loss" in line:
                break
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.strip() == "minigrad demo: stopped by Ctrl-C."


@pytest.mark.skipif(os.name != "posix", reason="pipes differ")
@pytest.mark.parametrize("arguments", [["demo", "--epochs", "1"], ["doctor"]])
def test_a_reader_that_leaves(tmp_path, arguments):
    if arguments[0] == "demo":
        arguments = [*arguments, "--out", str(tmp_path)]
    with start(*arguments) as process:
        process.stdout.close()
        assert process.wait(timeout=60) == 1
        assert process.stderr.read() == ""


# ------------------------------------------------------------------ doctor


def test_doctor_reports_each_part():
    code, out, err = finish("doctor", COLUMNS="100")
    assert (code, err) == (0, "")
    for check in doctor.CHECKS.values():
        assert re.search(rf"^  {check.label} +(OK|missing|broken) ", out, re.MULTILINE)
    assert re.search(r"NumPy +OK +" + re.escape(np.__version__) + ", BLAS", out)
    assert re.search(r"Numba +OK .*threading layer", out)


def test_doctor_json():
    code, out, _ = finish("doctor", "--json")
    assert code == 0
    report = json.loads(out)
    assert [e["name"] for e in report] == [c.label for c in doctor.CHECKS.values()]
    assert {e["status"] for e in report} <= {"OK", "missing", "broken"}
    assert all(e["advice"] for e in report if e["status"] == "missing")


@pytest.mark.parametrize(
    ("package", "content", "status", "detail"),
    [
        ("cupy", "raise ValueError('no\\nluck')", "broken", "ValueError: no\nluck"),
        ("cupy", "import a_module_that_is_not_there", "broken", "a_module_that_is_not_there"),
        ("numba", "import os; os._exit(3)", "broken", "exit code 3"),
        ("safetensors", "import os; os.abort()", "broken", "exit code"),
        ("rich", "import sys; sys.exit(0)", "broken", "SystemExit"),
        ("matplotlib", "import time; time.sleep(60)", "broken", "did not answer"),
        ("mpi4py", "raise ModuleNotFoundError(name='mpi4py')", "missing", ""),
    ],
)
def test_doctor_survives_broken_packages(tmp_path, monkeypatch, package, content, status, detail):
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").write_text(content)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(doctor, "TIME_LIMIT", 3)
    name = {"mpi4py": "mpi"}.get(package, package)
    answer = doctor.ask(name)
    assert answer["status"] == status
    assert detail in answer["detail"]
    assert doctor.advice(doctor.CHECKS[name], status)


def test_doctor_conclusion_names_what_is_needed(capsys, monkeypatch):
    broken = {"status": "broken", "detail": "x"}
    fine = {"status": "OK", "detail": "x"}
    monkeypatch.setattr(doctor, "ask", lambda name: broken if name in ("rich", "gpu") else fine)
    assert main(["doctor"]) == 0
    assert "minigrad needs rich" in capsys.readouterr().out


# ------------------------------------------------------------------ hints that can be typed


def test_hints_are_commands_that_exist(monkeypatch, tmp_path):
    scripts = tmp_path / "bin"
    scripts.mkdir()
    for name in ("python", "minigrad"):
        (scripts / name).touch(mode=0o755)
    monkeypatch.setattr(program.sys, "executable", str(scripts / "python"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")
    assert program.command() == os.path.join("bin", "minigrad")
    assert program.name_of_python() == os.path.join("bin", "python")
    monkeypatch.setenv("PATH", str(scripts))
    assert program.command() == "minigrad"
    assert program.name_of_python() == "python"
    (scripts / "minigrad").unlink()
    assert program.command() == "python -m minigrad"

"""`minigrad bench`: that all of it runs and is written down; how fast it is, no test asks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("numba")

from minigrad import viz
from minigrad.bench import case, cuda_cases, memory, pictures, products, runs, session, training
from minigrad.bench.case import Disagreement, Setting
from minigrad.bench.report import Row
from minigrad.bench.timing import BRIEF, Times
from minigrad.cli import bench, main
from minigrad.viz.performance import Dot
from tests.processes import ROOT, fresh

ALONE = Setting(torch=None, quick=True)


def finish(*arguments: str, path: Path = ROOT) -> subprocess.CompletedProcess:
    """The command in a process of its own; its modules are looked for in `path` first."""
    return subprocess.run(
        [sys.executable, "-m", "minigrad", "bench", *arguments],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (path, ROOT)))},
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A whole quick run without PyTorch: (folder of its files, what it printed)."""
    folder = tmp_path_factory.mktemp("bench")
    (folder / "torch.py").write_text("raise ImportError('not here')")
    done = finish(
        "--quick", "--threads", "1", "--json", str(folder / "run.json"), "--out",
        str(folder / "pictures"), path=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


# ---------------------------------------------------------------------------- a whole run


def test_every_group_is_measured(finished):
    folder, text = finished
    run = runs.load(folder / "run.json")
    assert run.failures == []
    for row in run.rows:
        assert row.values["minigrad"] > 0
        assert f"| {row.name} " in text
    names = " ".join(row.name for row in run.rows)
    for word in ("matmul", "naive", "conv2d", "depthwise", "pool", "attention", "peak memory",
                 "cross-entropy", "layer norm", "gelu", "softmax", "batch norm", "dropout", "LSTM",
                 "GRU", "embedding", "Adam", "CNN", "ResNet", "GPT", "first call"):  # fmt: skip
        assert word in names
    assert [len(curve.sizes) for curve in run.curves] == [3, 3, 3]
    assert run.bandwidth > 1e8
    assert min(run.flops.values()) > 1e8


def test_without_pytorch_its_columns_are_left_out_with_a_word(finished):
    folder, text = finished
    assert "PyTorch (ratio)" not in text
    assert "PyTorch is not installed, so it has no column" in text
    run = runs.load(folder / "run.json")
    assert not any("PyTorch" in row.values for row in run.rows)
    assert not any("PyTorch" in curve.seconds for curve in run.curves)


def test_the_goals_are_not_for_quick_sizes(finished):
    _, text = finished
    assert "met" not in text
    assert "missed" not in text


def test_pictures(finished):
    folder, text = finished
    names = {"roofline.png", "sizes.png", "steps.png"}
    assert {p.name for p in (folder / "pictures").iterdir()} == names
    for name in names:
        assert (folder / "pictures" / name).read_bytes().startswith(b"\x89PNG")
        assert name in text


def test_table_is_straight(finished):
    _, text = finished
    assert len({len(line) for line in text.splitlines() if line.startswith("|")}) == 1


def test_json_there_and_back(finished, tmp_path):
    folder, _ = finished
    run = runs.load(folder / "run.json")
    runs.save(run, tmp_path / "again.json")
    assert runs.load(tmp_path / "again.json") == run
    assert json.loads((tmp_path / "again.json").read_text()) == json.loads(
        (folder / "run.json").read_text()
    )


def test_two_runs_side_by_side(finished, tmp_path):
    """The old run's times are made twice what they were: the new one is twice as fast."""
    folder, _ = finished
    run = runs.load(folder / "run.json")
    slower = [r._replace(values={w: 2 * v for w, v in r.values.items()}) for r in run.rows]
    old = run._replace(rows=slower[1:], date="yesterday")
    lines = runs.side_by_side(old, run).splitlines()
    assert lines[0].startswith("old: yesterday")
    body = [line for line in lines if line.startswith("|")][2:]
    assert len(body) == len(run.rows) - 1
    assert all(line.split("|")[4].strip() == "2.00" for line in body)


def test_compare_with_an_earlier_run(finished):
    folder, _ = finished
    done = finish(
        "--quick", "--threads", "1", "--only", "matmul", "--compare", str(folder / "run.json"),
        path=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "| old / new |" in done.stdout
    assert sum(line.startswith("| matmul") for line in done.stdout.splitlines()) == 2


# ---------------------------------------------------------------------------- what goes wrong


@pytest.fixture
def right_threads(monkeypatch):
    """The variables as the command wants them, so that it goes on in this process."""
    for name in bench.VARIABLES:
        monkeypatch.setenv(name, "1")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"rows": 3}', '{"rows": [], "curves": []}'])
def test_compare_with_something_else(content, tmp_path, right_threads):
    file = tmp_path / "other.json"
    file.write_text(content)
    with pytest.raises(SystemExit) as end:
        main(["bench", "--threads", "1", "--compare", str(file)])
    assert str(end.value.code).startswith(f"minigrad bench: --compare {file}: ")


@pytest.mark.parametrize("option", ["--json", "--out", "--compare"])
def test_a_place_that_cannot_be_written_to(option, tmp_path, right_threads):
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit) as end:
        main(["bench", "--threads", "1", option, str(tmp_path / "file" / "below")])
    assert "minigrad bench: " in str(end.value.code)
    assert str(tmp_path) in str(end.value.code)


def test_no_gpu(right_threads):
    if bench_can_use_a_gpu():
        pytest.skip("this machine has a GPU")
    with pytest.raises(SystemExit) as end:
        main(["bench", "--threads", "1", "--device", "cuda"])
    assert str(end.value.code).startswith("minigrad bench: device 'cuda'")
    assert "\n" not in str(end.value.code)


def bench_can_use_a_gpu() -> bool:
    from minigrad import cuda

    return cuda.is_available()


def test_groups_of_the_command_are_those_there_are():
    assert set(bench.GROUPS) == {*session.GROUPS, "sizes"}
    assert {c.group for c in cuda_cases.cases(quick=True)} <= set(bench.GROUPS)


def test_results_that_differ_are_not_timed():
    said, failures = [], []

    def rows():
        yield Row("fine", "s", {"minigrad": 1.0}, {}, {})
        case.check("bad", {"minigrad": lambda: np.ones(3), "NumPy": lambda: np.zeros(3)}, 1e-3)
        yield Row("never", "s", {"minigrad": 1.0}, {}, {})

    assert [r.name for r in session.collected("group", rows(), said.append, failures)] == ["fine"]
    assert failures == ["bad: result 0 of minigrad and of NumPy differ by 1.0e+00 of the largest "
                        "number, more than 0.001"]  # fmt: skip


@pytest.mark.parametrize("wrong", [np.nan, 0.998, 1.002])
def test_what_counts_as_different(wrong):
    same = {"a": lambda: (np.ones(2), 5.0), "b": lambda: [np.ones(2), np.float32(5.0)]}
    case.check("x", same, 1e-3)
    with pytest.raises(Disagreement):
        case.check("x", {"a": lambda: np.ones(2), "b": lambda: np.array([1, wrong])}, 1e-3)


# ---------------------------------------------------------------------------- its parts


def test_steps_are_on_the_way_to_one():
    rows = list(products.steps(ALONE))
    assert [row.name.split(", ")[1] for row in rows] == [
        "naive", "blocked", "packed", "vectorised", "parallel"
    ]  # fmt: skip
    assert all(pictures.is_step(row.name) for row in rows)
    assert {row.flops for row in rows} == {2 * 96**3}


def test_a_training_step_trains():
    import minigrad as mg

    for build in training.quick_steps().values():
        step = build(mg)
        losses = [step().item() for _ in range(30)]
        assert losses[-1] < losses[0]


@pytest.mark.skipif(memory.peak(reset=True) is None, reason="the system does not tell")
def test_peak_memory_sees_what_is_freed_again():
    """In a new process: this one may have memory of that size to use again."""
    code = """if True:
        import numpy as np
        from minigrad.bench import memory
        before = memory.peak(reset=True)
        block = np.ones(4_000_000)  # 32 MB
        del block
        print(memory.peak() - before)
    """
    done = fresh(code)
    assert 31e6 < float(done.stdout) < 40e6, done.stderr


def test_pictures_of_nothing(tmp_path):
    empty = runs.Run("now", "a machine", "cpu", {}, {"1 thread": 1e9}, 1e9, [], [], [])
    assert pictures.draw(empty, tmp_path) == []


def test_labels_of_a_roofline_cover_nothing():
    """Thirty dots in two heaps: every name is there, and none is upon another."""
    rng = np.random.default_rng(0)
    dots = [
        Dot(f"kernel number {i}", 1e9 * rng.uniform(1, 1.5), 1e9 / (100 if i % 2 else 1),
            rng.uniform(0.02, 0.03), rng.uniform(0.02, 0.03))
        for i in range(30)
    ]  # fmt: skip
    figure = viz.roofline(dots, 2e11, 3e10, "a machine", "PyTorch")
    figure.canvas.draw()
    texts = [t for t in figure.axes[0].texts if t.get_text().startswith("kernel")]
    boxes = [super(type(t), t).get_window_extent() for t in texts]
    assert len(boxes) > 25  # for some there may be no room
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


@pytest.mark.parity
@pytest.mark.parametrize("group", [name for name in session.GROUPS if name != "start"])
def test_pytorch_computes_the_same(group):
    """Values and gradients are compared in every row, or it would raise."""
    torch = pytest.importorskip("torch")
    rows = list(session.GROUPS[group](Setting(torch, quick=True)))
    assert rows
    assert all("PyTorch" in row.ratios for row in rows if row.unit == "s")
    assert not any(row.values["PyTorch"] <= 0 for row in rows if "PyTorch" in row.values)


CUDA = """if True:
    import numpy as np
    from minigrad.bench import cuda, timing
    from minigrad.bench.case import Setting
    limits = {"name": "a stand-in", "flops": {"float32": 1e12}, "bandwidth": 1e12}
    gpu = cuda.Gpu(np, limits, timing.per_call)
    run = cuda.measure(Setting(None, quick=True), ["matmul", "rows"], print, gpu)
    print(run.failures)
    print([row.name for row in run.rows])
"""


def test_cuda_cases_in_the_simulator():
    """What a GPU would measure, with NumPy's arrays and Numba's simulator in its place."""
    done = subprocess.run(
        [sys.executable, "-c", CUDA], env=os.environ | {"NUMBA_ENABLE_CUDASIM": "1"},
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *_, failures, names = done.stdout.splitlines()
    assert failures == "[]"
    for word in ("matmul", "softmax", "gelu", "layer norm"):
        assert word in names
    assert "conv" not in names  # was not asked for


@pytest.mark.parity
@pytest.mark.parametrize("index", range(6))
def test_cuda_cases_are_the_same_in_pytorch(index):
    torch = pytest.importorskip("torch")
    one = list(cuda_cases.cases(quick=True))[index]
    tensors = [torch.tensor(x) for x in one.inputs]
    for t in tensors[: one.differentiable]:
        t.requires_grad_()
    runs = {
        "minigrad": lambda: one.kernel(*one.inputs),
        "PyTorch": lambda: one.torch(torch, *tensors),
    }
    case.check(one.name, runs, 1e-5)


def test_brief_is_brief():
    assert BRIEF.rounds <= 3
    assert Times([1.0, 3.0]).least == 1.0

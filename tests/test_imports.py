"""What may import what, what `import minigrad` loads, and how long it takes."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

from minigrad import viz
from tests.processes import ROOT, fresh

# From the lowest layer to the highest: a module imports from its own layer and from those below.
LAYERS = [
    {"kernels"},
    {"backend", "dtypes", "mode", "atomic", "_check_kernels", "fx", "jit", "lazy"},
    {"value", "errors", "graph", "autograd", "replay", "hooks", "inplace", "views", "anomaly"}
    | {"dispatch", "function", "recompute", "variable"},
    {"ops", "linalg"},
    {"tensor", "methods", "creation", "random", "cuda", "func", "checking", "structure"}
    | {"clinic", "serialization", "typed"},
    {"nn", "optim", "data", "utils", "text", "metrics", "distributed", "amp"},
    {"models", "viz", "train", "onnx", "classroom", "cli", "bench", "diagnosis"},
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
HEAVY = ["numba", "cupy", "matplotlib", "rich", "torch", "scipy", "safetensors", "mpi4py", "onnx"]


def sources() -> list[Path]:
    return sorted([*(ROOT / "minigrad").rglob("*.py"), *(ROOT / "kernels").rglob("*.py")])


def part_of(module: str) -> str:
    """`minigrad.ops.conv` -> ops, `kernels.cpu` -> kernels; `minigrad` itself is above all."""
    first, _, rest = module.partition(".")
    return first if first == "kernels" else rest.partition(".")[0]


def imported(path: Path) -> set[str]:
    """The modules of minigrad and kernels that a file imports, inside functions as well."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute in this project"
            module = node.module or ""
            if module == "minigrad":
                found |= {
                    f"minigrad.{a.name}" if a.name in LEVEL else "minigrad" for a in node.names
                }
            else:
                found.add(module)
    return {m for m in found if m.partition(".")[0] in ("minigrad", "kernels")}


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_one_way(path):
    own = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    mine = part_of(own)
    if mine in ("", "__main__"):  # minigrad/__init__.py and `python -m minigrad` see everything
        return
    assert mine in LEVEL, f"{path}: {mine!r} has no place in LAYERS yet; give it one"
    for module in imported(path):
        other = part_of(module)
        if mine == "kernels":
            assert other == "kernels", f"{own}: kernels know nothing of minigrad"
        elif other == "":
            # `import minigrad as mg` is for those who use the library, not for its inside.
            assert LEVEL[mine] == len(LAYERS) - 1, f"{own} imports the whole of minigrad"
        else:
            assert LEVEL[other] <= LEVEL[mine], f"{own} imports {module}, which is above it"


def test_import_loads_nothing_heavy():
    code = f"import sys, minigrad; print([m for m in {HEAVY} if m in sys.modules])"
    done = fresh(code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_import_is_quick():
    """The processor's time, beside NumPy's own import, so that a busy machine fails no test; the
    whole by the clock is what `python -m benchmarks --only imports` measures."""
    code = """if True:
        import time, numpy
        t = time.process_time()
        import minigrad
        print(time.process_time() - t)
    """
    seconds = []
    for _ in range(5):
        done = fresh(code)
        assert done.returncode == 0, done.stderr
        seconds.append(float(done.stdout))
    assert min(seconds) < 0.15


@pytest.mark.parametrize(
    "content",
    ["", "raise ValueError('boom')", "import a_module_that_is_not_there"],
    ids=["other", "raises", "needs something"],
)
def test_another_package_called_kernels(tmp_path, content):
    (tmp_path / "kernels").mkdir()
    (tmp_path / "kernels" / "__init__.py").write_text(content)
    check_refused(fresh("import minigrad", tmp_path))


def test_a_folder_called_kernels_without_init(tmp_path):
    """Only where Python finds the folder first: a regular package later on the path wins."""
    (tmp_path / "kernels").mkdir()
    code = (
        "import sys, types; sys.modules['kernels'] = m = types.ModuleType('kernels');"
        f"m.__path__ = [{str(tmp_path / 'kernels')!r}]; m.__file__ = None; import minigrad"
    )
    check_refused(fresh(code))


def check_refused(done: subprocess.CompletedProcess) -> None:
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: minigrad: expected its own package `kernels`, found")
    assert "install" in last


def test_names_of_viz_are_imported_when_used():
    code = (
        "import sys, minigrad as mg; mg.viz.step; mg.viz.graph; print('matplotlib' in sys.modules)"
    )
    assert fresh(code).stdout.strip() == "False"
    assert {n for names in viz.HOMES.values() for n in names} == set(viz.__all__) <= set(dir(viz))
    for name in viz.__all__:
        assert getattr(viz, name) is not None
    with pytest.raises(AttributeError, match=r"no .grpah.; it has .*graph"):
        viz.grpah  # noqa: B018

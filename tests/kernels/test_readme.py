"""The kernel that kernels/README.md adds in ten minutes, added."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import numpy as np

import kernels
from tests.kernels.cases import Case

README = Path(kernels.__file__).parent / "README.md"
FILES = [
    "figures/blocked.svg", "figures/conv.svg", "figures/naive.svg", "figures/packed.svg",
    "figures/parallel.svg", "figures/vectorised.svg", "cpu/conv_layout.py", "cpu/matmul_steps.py",
    "cpu/tile.py", "table.py",
]  # fmt: skip


def load(source, path):
    """As the files of a package are: Numba keeps what it compiles beside them."""
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_example_works(tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    definition, line, loop, samples = blocks
    head = "import numpy as np\n"
    reference = load(head + definition, tmp_path / "hinge_reference.py")
    cpu = load(head + loop, tmp_path / "hinge_cpu.py")
    table: list = []
    exec(line, {"_add": lambda *names, **options: table.append(names)})
    assert table == [("hinge", "hinge")]
    made: list = []
    scope = {"np": np, "Case": Case, "cases": lambda name: made.append}
    exec(samples, scope)
    for case in made[0](np.random.default_rng(0)):
        for dtype in (np.float64, np.float32):
            (x,) = (a.astype(dtype) for a in case.args)
            expected = reference.hinge(x)
            got = cpu.hinge(x)
            assert got.dtype == expected.dtype
            np.testing.assert_array_equal(got, expected)


def test_what_it_points_to_is_there():
    text = README.read_text(encoding="utf-8")
    found = set(re.findall(r"\]\(([\w./]+)\)", text))
    assert found == set(FILES)
    assert all((README.parent / name).is_file() for name in found)

"""Model files that others have published for PyTorch, run with nothing but their imports changed.

`Source(T, name, folder)` runs the files of the package `name` as they are on disk. What their
import statements ask for is answered here: `torch` and all below it with the library `T` (PyTorch
or minigrad, where the files of `torch.nn.modules` are all `minigrad.nn`), their own package with
its own files, run in the same way, and with the `stand_ins` what of that package has nothing to do
with models. Nothing of these files is kept.
"""

from __future__ import annotations

import builtins
import enum
import importlib
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.processes import ROOT


class Source:
    """The package `name` in `folder`; its modules are run on the library `T` when asked for."""

    def __init__(self, T: Any, name: str, folder: Path, stand_ins: dict[str, dict] | None = None):
        self.T, self.name, self.folder = T, name, folder
        self.modules: dict[str, ModuleType] = {}
        for module, contents in (stand_ins or {}).items():
            self.new_module(f"{name}.{module}", contents)

    def load(self, module: str) -> ModuleType:
        """The module `name.module` of the package; its file is run at the first call."""
        return self.own(f"{self.name}.{module}")

    def new_module(self, name: str, contents: dict[str, Any]) -> ModuleType:
        module = ModuleType(f"{name} on {self.T.__name__}")  # no name that an import asks for
        module.__dict__.update(contents)
        sys.modules[module.__name__] = module  # where dataclasses look for their class's module
        self.modules[name] = module
        return module

    def own(self, name: str) -> ModuleType:
        if name in self.modules:
            return self.modules[name]
        place = self.folder.joinpath(*name.split(".")[1:])
        if place.is_dir():  # its __init__.py only gathers names: it is not run
            return self.new_module(name, {})
        path = place.with_suffix(".py")
        module = self.new_module(
            name,
            {
                "__package__": name.rpartition(".")[0],
                "__builtins__": vars(builtins) | {"__import__": self.answer},
            },
        )
        exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), module.__dict__)
        return module

    def answer(
        self, name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0
    ) -> Any:
        """What an import statement of one of these files gets; as `__import__`, which it replaces.

        `import a.b` asks for a and `from a.b import c` for a.b: that is how Python does it.
        """
        if level:
            package = globals["__package__"].split(".")
            above = package[: len(package) - level + 1]
            name = ".".join([*above, name] if name else above)
        first, _, rest = name.partition(".")
        if first == "torch":
            library = self.T.__name__
            if library != "torch" and rest.startswith("nn.modules"):  # a file of PyTorch's layers
                rest = "nn"
            module = importlib.import_module(f"{library}.{rest}" if rest else library)
            return module if fromlist else sys.modules[library]
        if first == self.name:
            module = self.own(name)
            for wanted in fromlist or ():
                if wanted != "*" and not hasattr(module, wanted):
                    setattr(module, wanted, self.own(f"{name}.{wanted}"))
            return module if fromlist else self.own(first)
        return builtins.__import__(name, globals, locals, fromlist, level)


# ------------------------------------------------------------------ torchvision


class InterpolationMode(enum.Enum):
    """In the place of torchvision's own, which its table of published weights mentions."""

    BILINEAR = "bilinear"
    BICUBIC = "bicubic"


def as_tuple(x: Any, n: int) -> tuple:
    return tuple(x) if isinstance(x, Iterable) else (x,) * n


# Downloads, the preparation of photographs, counting of calls. `utils` draws pictures, but has
# the one helper `_make_ntuple` for which `ops/misc.py` imports it.
TORCHVISION_STAND_INS = {
    "_internally_replaced_utils": {"load_state_dict_from_url": None},
    "transforms._presets": {
        "ImageClassification": object,
        "OpticalFlow": object,
        "SemanticSegmentation": object,
        "VideoClassification": object,
        "InterpolationMode": InterpolationMode,
    },
    "utils": {"_log_api_usage_once": lambda obj: None, "_make_ntuple": as_tuple},
}


def torchvision(T: Any) -> Source:
    """torchvision's own source on the library `T`; FileNotFoundError where it is not there.

    It lies in a folder of its own: its C++ part, which is not needed, fits not every PyTorch, and
    transformers fails to import where that is so.
    """
    folder = ROOT / "third-party"
    if not (folder / "torchvision").is_dir():
        raise FileNotFoundError(
            f"no source of torchvision: pip install --no-deps --target {folder.name} "
            "torchvision==0.28.0"
        )
    source = Source(T, "torchvision", folder / "torchvision", TORCHVISION_STAND_INS)
    for module in ("misc", "stochastic_depth"):  # of all that `torchvision.ops` gathers
        vars(source.load("ops")).update(vars(source.load(f"ops.{module}")))
    return source

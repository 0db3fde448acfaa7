"""Recipes: files that train something real and say what must come of it.

A recipe is a plain Python file with

    GOAL = "accuracy >= 0.97"
    def train(epochs: int = 30, lr: float = 5e-3, checkpoint=None) -> Result: ...

Its docstring says what it is. The arguments of `train` are its settings, numbers or strings with
the values that reach the goal; `checkpoint` is a file from which an interrupted run goes on.
`minigrad train` runs it by name; those of the course lie in lessons/recipes/.
"""

from __future__ import annotations

import importlib.util
import inspect
import operator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import minigrad
from minigrad.train.history import History

FOLDER = Path(minigrad.__file__).parent.parent / "lessons" / "recipes"
SIGNS = {">=": operator.ge, "<=": operator.le}


class Result(NamedTuple):
    """What `train` of a recipe returns. numbers: what was reached; shown: something to look at."""

    model: Any
    history: History
    numbers: dict[str, float]
    shown: str = ""


class RecipeError(ValueError):
    """There is no such recipe, or a file is none; the message says what to do."""


class Goal(NamedTuple):
    """A number that must be reached.

    >>> goal = Goal.parse("accuracy >= 0.97")
    >>> goal.reached({"accuracy": 0.98}), goal.reached({"accuracy": 0.9})
    (True, False)
    """

    name: str
    sign: str
    value: float

    @classmethod
    def parse(cls, text: str) -> Goal:
        try:
            name, sign, value = text.split()
            goal = cls(name, sign, float(value))
        except (AttributeError, ValueError):
            goal = None
        if goal is None or goal.sign not in SIGNS:
            raise RecipeError(
                f"GOAL: expected a string such as 'accuracy >= 0.97' (or <=), got {text!r}"
            )
        return goal

    def reached(self, numbers: dict[str, float]) -> bool:
        if self.name not in numbers:
            raise RecipeError(
                f"GOAL is about {self.name!r}, and train returned only {', '.join(numbers)}"
            )
        return bool(SIGNS[self.sign](numbers[self.name], self.value))

    def __str__(self) -> str:
        return f"{self.name} {self.sign} {self.value:g}"


class Recipe:
    """A recipe that was read from a file: name, summary, settings (name to default), goal."""

    def __init__(self, path: Path, module: ModuleType):
        self.path, self.module = path, module
        self.name = path.stem.replace("_", "-")
        if not callable(getattr(module, "train", None)) or not hasattr(module, "GOAL"):
            raise RecipeError(
                f"{path}: a recipe has a function `train` and a string `GOAL`; see "
                "minigrad/train/recipe.py, or one of lessons/recipes/"
            )
        self.goal = Goal.parse(module.GOAL)
        self.settings: dict[str, Any] = {}
        for p in inspect.signature(module.train).parameters.values():
            if p.name == "checkpoint":
                continue
            if type(p.default) not in (int, float, str):
                raise RecipeError(
                    f"{path}: train's argument {p.name!r} needs a default that is a whole number, "
                    "a number or a string: it becomes an option of the command"
                )
            self.settings[p.name] = p.default

    @property
    def description(self) -> str:
        return inspect.cleandoc(self.module.__doc__ or "")

    def run(self, seed: int = 0, checkpoint: Path | None = None, **settings: Any) -> Result:
        """Train it. The same seed and settings give the same result to the last bit."""
        minigrad.manual_seed(seed)
        return self.module.train(checkpoint=checkpoint, **(self.settings | settings))


def names() -> list[str]:
    """The recipes of the course."""
    return sorted(path.stem.replace("_", "-") for path in FOLDER.glob("[a-z]*.py"))


def find(name: str) -> Recipe:
    """The recipe of that name, or in that file (anything that ends in .py).

    Raises RecipeError if there is none, and whatever the file raises when it is imported.
    """
    if name.endswith(".py"):
        path = Path(name)
        if not path.is_file():
            raise RecipeError(f"there is no file {name}")
    else:
        path = FOLDER / (name.replace("-", "_") + ".py")
        if not path.is_file():
            raise RecipeError(
                f"there is no recipe {name!r}; there are {', '.join(names()) or 'none'}, and files "
                "of your own (a path that ends in .py)"
            )
    spec = importlib.util.spec_from_file_location(f"recipe_{path.stem}", path)
    assert spec is not None  # for a path that ends in .py
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Recipe(path, module)

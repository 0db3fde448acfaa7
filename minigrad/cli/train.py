"""train a network of the course by a recipe, and see whether it learns what it should"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minigrad.cli.numbers import natural
from minigrad.cli.program import command

if TYPE_CHECKING:
    from minigrad.train.recipe import Recipe, Result

DESCRIPTION = """\
Trains by a recipe: a short Python file that says what data, network and optimizer there are, and
what must come of it. Without a name it lists the recipes of the course (lessons/recipes/); a path
that ends in .py is a recipe of your own. `minigrad train RECIPE --help` shows a recipe's settings.

A run that was interrupted goes on from its checkpoint when the same command is given again.
`mpiexec -n 2 minigrad train RECIPE` shares the work between two processes.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", nargs="?", metavar="RECIPE", help="its name, or a .py file")
    parser.add_argument(
        "settings", nargs=argparse.REMAINDER, metavar="...", help="the recipe's own options"
    )


def run(arguments: argparse.Namespace) -> int:
    from minigrad.distributed import get_rank
    from minigrad.train.recipe import RecipeError, find

    if arguments.recipe is None:
        return show_list()
    try:
        recipe = find(arguments.recipe)
        return train(recipe, parser_of(recipe).parse_args(arguments.settings))
    except RecipeError as error:
        raise SystemExit(1 if get_rank() else f"minigrad train: {error}") from None


def show_list() -> int:
    from rich.console import Console
    from rich.table import Table

    from minigrad.train import recipe

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for header in ("recipe", "what it trains", "what it must reach"):
        table.add_column(header)
    for name in recipe.names():
        one = recipe.find(name)
        table.add_row(name, one.description.splitlines()[0], str(one.goal))
    console = Console(highlight=False)
    console.print(table)
    console.print(f"\nStart one with {command()} train NAME.")
    return 0


def parser_of(recipe: Recipe) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"minigrad train {recipe.name}",
        description=f"{recipe.description}\n\nMust reach: {recipe.goal}.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--check", action="store_true", help=f"exit with 1 if {recipe.goal} is not reached"
    )
    parser.add_argument(
        "--seed", type=natural, default=0, metavar="N",
        help="where the random numbers start (default: 0); the same seed gives the same run",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, default=Path("minigrad-train") / recipe.name, metavar="FOLDER",
        help="where the results go (default: ./minigrad-train/NAME)",
    )  # fmt: skip
    settings = parser.add_argument_group("settings of the recipe")
    for name, default in recipe.settings.items():
        kind = type(default)
        settings.add_argument(
            f"--{name.replace('_', '-')}", dest=name, type=kind, default=default,
            metavar="TEXT" if kind is str else "N", help=f"(default: {default})",
        )  # fmt: skip
    return parser


def train(recipe: Recipe, arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from minigrad.distributed import barrier, get_rank
    from minigrad.distributed.failure import failing_together

    first = get_rank() == 0  # of several ranks the first one prints and writes
    console = Console(highlight=False, quiet=not first)
    settings = {name: getattr(arguments, name) for name in recipe.settings}
    folder = prepare(arguments.out, {"seed": arguments.seed} | settings)
    checkpoint = folder / "checkpoint.safetensors"
    console.print(f"[bold]{recipe.name}[/]: {recipe.description.splitlines()[0]}", soft_wrap=True)
    if checkpoint.exists():
        console.print(f"going on from {checkpoint}")
    start = time.perf_counter()
    with failing_together():
        result = recipe.run(arguments.seed, checkpoint, **settings)
        seconds = time.perf_counter() - start
        barrier()
        if first:
            save(folder, result, seconds)
            checkpoint.unlink(missing_ok=True)
    if result.shown:
        console.print(f"\n{result.shown}\n", markup=False)
    return conclude(console, recipe, result, seconds, folder, arguments.check)


def conclude(
    console: Any, recipe: Recipe, result: Result, seconds: float, folder: Path, check: bool
) -> int:
    reached = recipe.goal.reached(result.numbers)
    numbers = ", ".join(f"{name} {value:.4g}" for name, value in result.numbers.items())
    verdict = "[bold green]reached[/]" if reached else "[bold red]missed[/]"
    line = f"{numbers} after {seconds:.0f} s; the goal {recipe.goal} is {verdict}."
    console.print(line, soft_wrap=True)
    console.print(f"weights, numbers and curves: {folder}", soft_wrap=True)
    return 0 if reached or not check else 1


# ------------------------------------------------------------------ the folder


def prepare(folder: Path, settings: dict[str, Any]) -> Path:
    """Make the folder; one with a run that was interrupted must be of the same settings."""
    from minigrad.distributed import barrier, get_rank
    from minigrad.train.recipe import RecipeError

    notes = folder / "settings.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "checkpoint.safetensors").exists() and notes.exists():
            before = json.loads(notes.read_text(encoding="utf-8"))
            other = [n for n in settings if settings[n] != before.get(n)]
            if other:
                raise RecipeError(
                    f"{folder} holds an interrupted run with other settings: "
                    + ", ".join(f"{n} {before.get(n)}, not {settings[n]}" for n in other)
                    + "; give those to go on with it, or another folder with --out, or delete "
                    "its checkpoint.safetensors"
                )
        barrier()  # every rank has read it
        if get_rank() == 0:
            notes.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise RecipeError(f"cannot write into {folder}: {error.strerror or error}") from None
    return folder


def save(folder: Path, result: Result, seconds: float) -> None:
    import minigrad as mg

    mg.save(result.model.state_dict(), folder / "weights.safetensors")
    report = {"numbers": result.numbers, "seconds": round(seconds, 2)}
    report["epochs"] = result.history.rows
    (folder / "history.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    if result.history.rows:
        result.history.plot().savefig(folder / "training.png")

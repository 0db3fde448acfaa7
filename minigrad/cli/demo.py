"""watch a network learn to read handwritten digits

This file tells the story in the terminal; what it trains is in digits.py beside it.
"""

from __future__ import annotations

import argparse
import contextlib
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minigrad.cli.numbers import natural, positive
from minigrad.cli.program import command, name_of_python

if TYPE_CHECKING:
    from rich.console import Console

    from minigrad.cli.digits import Digits, Epoch

DESCRIPTION = """\
Trains a small convolutional network on 1,797 handwritten digits of 8x8 pixels, in front of
you. Before the first step its gradient is checked against finite differences. Afterwards a folder
holds the loss curve, a confusion matrix, the digits it got wrong, and the weights. Needs no network
and no GPU, and takes some ten seconds; the first time, when kernels are compiled for this
processor, half a minute more.
"""

GRADIENT_LIMIT = 1e-6  # the relative error from which on a gradient counts as wrong
MOST_MISTAKES = 36  # how many misread digits are drawn into the picture


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", type=Path, default=Path("minigrad-demo"), metavar="FOLDER",
        help="where the results go (default: ./minigrad-demo); files of the same names are "
        "replaced, others are left alone",
    )  # fmt: skip
    parser.add_argument(
        "--epochs", type=positive, default=30, metavar="N",
        help="how often the network sees every training image (default: 30)",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=natural, default=0, metavar="N",
        help="where the random numbers start (default: 0); the same seed gives the same run",
    )  # fmt: skip
    parser.add_argument(
        "--device", choices=("cpu", "cuda"), default="cpu",
        help="cuda trains on an NVIDIA GPU, with CuPy (default: cpu)",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from minigrad import backend
    from minigrad.cli import digits

    if arguments.device == "cuda":
        try:
            backend.cupy()
        except RuntimeError as error:
            raise SystemExit(f"minigrad demo: {error}") from None
    out = arguments.out
    prepare(out)  # a folder that cannot be written to is better found before the training

    console = Console(highlight=False)
    say = console.print
    say()
    say("[bold]minigrad demo[/]: a network learns to read handwritten digits", end="\n\n")
    say(
        "Everything that happens here is short Python on top of NumPy that you can read: the "
        "tensors, their derivatives, the layers and the optimizer."
    )

    task = digits.Digits(seed=arguments.seed, device=arguments.device)
    tell_data(console, task)
    tell_network(console, task)
    error = check_gradient(console, task)
    if error > GRADIENT_LIMIT:
        say("[bold red]The gradient is wrong[/], so training would lead nowhere. Stopped.")
        return 1
    history, seconds = train(console, task, arguments.epochs)
    tell_result(console, task, seconds)
    names = save(out, task, history, arguments, error, seconds)
    tell_folder(console, out, names)
    return 0


# ------------------------------------------------------------------ the story


def chapter(console: Console, number: int, name: str) -> None:
    console.print(f"\n[bold cyan]{number}  {name}[/]")


def draw(console: Console, images: Any, captions: list[str]) -> None:
    from minigrad.viz import terminal

    shades = terminal.BLOCKS if console.encoding.startswith("utf") else terminal.ASCII
    for line in terminal.draw_images(images, captions, console.width - 2, shades):
        console.print("  " + line, markup=False, overflow="crop", no_wrap=True)


def tell_data(console: Console, task: Digits) -> None:
    chapter(console, 1, "The data")
    train, test = len(task.train_images), len(task.test_images)
    console.print(
        f"{train + test:,} digits, scanned from paper to 8x8 pixels. The network learns from "
        f"{train:,} of them and never sees the other {test}: on those it is tested."
    )
    console.print()
    draw(console, task.test_pixels(), [f"a {n}" for n in task.test_labels.tolist()])


def tell_network(console: Console, task: Digits) -> None:
    from rich.table import Table

    chapter(console, 2, "The network")
    console.print("64 pixels go in, 10 scores come out, one for each digit. In between:\n")
    table = Table(box=None, padding=(0, 2), header_style="dim")
    table.add_column("layer")
    table.add_column("what comes out", justify="right")
    table.add_column("numbers to learn", justify="right")
    for kind, shape, count in task.layers():
        table.add_row(kind, shape, f"{count:,}" if count else "-")
    table.add_row("[bold]together[/]", "", f"[bold]{task.parameter_count():,}[/]")
    console.print(table)


def check_gradient(console: Console, task: Digits) -> float:
    chapter(console, 3, "Is its gradient right?")
    count = task.checked_count()
    console.print(
        "Training follows the gradient: how the error changes with each of the "
        f"{task.parameter_count():,} numbers. Here backpropagation computes it, and then {count} "
        "of them, some of every layer, are moved a little up and down to see how the error really "
        "changes. Both must agree."
    )
    error = 0.0
    with progress(console, "checking", count) as advance:
        for one in task.gradient_errors():
            error = max(error, one)
            advance(1)
    verdict = "[bold green]right[/]" if error <= GRADIENT_LIMIT else "[bold red]wrong[/]"
    console.print(f"The largest relative difference is [bold]{error:.1e}[/]: {verdict}.")
    return error


def train(console: Console, task: Digits, epochs: int) -> tuple[list[Epoch], float]:
    chapter(console, 4, "Training")
    console.print(
        f"Adam takes a step along the gradient of {task.batch_size} images at a time; an epoch is "
        "one pass over all of them. Loss is the error that training makes small.\n"
    )
    history: list[Epoch] = []
    start = time.perf_counter()
    with progress(console, "training", epochs) as advance:
        for epoch in task.train(epochs):
            history.append(epoch)
            done = len(history)
            line = (
                f"epoch {done:{len(str(epochs))}}   loss {epoch.loss:7.4f}   "
                f"held-out digits read correctly {100 * epoch.accuracy:5.1f} %"
            )
            if done in (1, 2, 5, epochs) or done % 10 == 0:
                console.print("  " + line)
            advance(1)
    return history, time.perf_counter() - start


@contextlib.contextmanager
def progress(console: Console, what: str, total: int) -> Iterator[Any]:
    """A bar while it lasts, on a terminal; elsewhere nothing. Gives a function to advance it."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("  " + what), BarColumn(), TextColumn("{task.percentage:3.0f} %"),
               TimeElapsedColumn())  # fmt: skip
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        job = bar.add_task(what, total=total)
        yield lambda n: bar.advance(job, n)


def tell_result(console: Console, task: Digits, seconds: float) -> None:
    chapter(console, 5, "The result")
    right, total = task.correct(), len(task.test_labels)
    console.print(
        f"[bold green]{100 * right / total:.1f} %[/] of the held-out digits are read correctly "
        f"({right} of {total}), after {seconds:.1f} seconds of training."
    )
    wrong = task.mistakes()
    if wrong:
        console.print(f"{misread(len(wrong))} of them. Would you have done better?\n")
        pixels = task.test_pixels()
        draw(console, pixels[[m.place for m in wrong]], [m.caption for m in wrong])


def misread(count: int) -> str:
    return "It misread 1" if count == 1 else f"It misread {count}"


def tell_folder(console: Console, out: Path, names: Iterable[tuple[str, str]]) -> None:
    from rich.table import Table

    chapter(console, 6, "What it left behind")
    console.print(str(out.resolve()), markup=False, soft_wrap=True, style="bold")
    table = Table(box=None, padding=(0, 2), show_header=False)
    for name, what in names:
        table.add_row(name, what)
    console.print(table)
    console.print("\n[bold]What next[/]")
    table = Table(box=None, padding=(0, 2), show_header=False)
    for what, where in (
        ("the code that you just saw", "minigrad/cli/digits.py"),
        ("how the gradient is computed", "minigrad/graph.py, autograd.py"),
        ("other random numbers, less training", f"{command()} demo --seed 1 --epochs 5"),
        ("what this machine has", f"{command()} doctor"),
        ("how fast this is beside PyTorch", f"{name_of_python()} -m benchmarks"),
    ):
        table.add_row(what, where)
    console.print(table)
    console.print()


# ------------------------------------------------------------------ the folder


def prepare(out: Path) -> None:
    """Make the folder and write into it once, or stop with one sentence."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "summary.txt").write_text("The demo has not finished yet.\n", encoding="utf-8")
    except OSError as error:
        raise refusal(out, error) from None


def refusal(out: Path, error: OSError) -> SystemExit:
    reason = "it is a file, not a folder" if out.is_file() else error.strerror or error
    return SystemExit(
        f"minigrad demo: cannot write into {out}: {reason}. Name another folder with --out FOLDER"
    )


def save(out, task, history, arguments, error, seconds) -> list[tuple[str, str]]:
    """Write the results into the folder; what each file is."""
    import minigrad as mg
    from minigrad import viz

    wrong = task.mistakes()
    pixels = task.test_pixels()[[m.place for m in wrong[:MOST_MISTAKES]]]
    total = len(task.test_labels)
    figures = {
        "loss.png": viz.loss_curve(
            [e.loss for e in history],
            [e.held_out_loss for e in history],
            [e.accuracy for e in history],
        ),
        "confusion.png": viz.confusion_matrix(task.confusion(), [str(n) for n in range(10)]),
        "mistakes.png": viz.image_grid(
            pixels,
            [m.caption for m in wrong],
            "Misread digits",
            f"{len(wrong)} of {total} held-out digits"
            + (f", the first {MOST_MISTAKES}" if len(wrong) > MOST_MISTAKES else ""),
        ),
    }
    accuracy = task.correct() / total
    summary = f"""\
minigrad demo
digits read correctly   {100 * accuracy:.2f} % ({task.correct()} of {total} held out)
training                {seconds:.2f} s, {arguments.epochs} epochs, seed {arguments.seed}, \
on {arguments.device}
loss                    {history[-1].loss:.6f} training, {history[-1].held_out_loss:.6f} held out
gradient                {task.checked_count()} derivatives, largest relative error {error:.1e}
network                 {task.network}
minigrad                {mg.__version__}
"""
    metadata = {"accuracy": f"{accuracy:.4f}", "seed": str(arguments.seed)}
    try:
        for name, figure in figures.items():
            figure.savefig(out / name)
        mg.save(task.network.state_dict(), out / "weights.safetensors", metadata)
        (out / "summary.txt").write_text(summary, encoding="utf-8")
    except OSError as failure:
        raise refusal(out, failure) from None
    return [
        ("loss.png", "how the error fell and the accuracy rose"),
        ("confusion.png", "which digits it takes for which"),
        ("mistakes.png", "the digits that it misread"),
        ("weights.safetensors", f"the {task.parameter_count():,} numbers that it learned"),
        ("summary.txt", "this run in a few lines"),
    ]

"""draw a picture of everything that can be drawn, with the lines that made it

What is trained and drawn is in minigrad/viz/examples.py, the page in gallery_page.py beside this.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from minigrad.cli.numbers import natural

DESCRIPTION = """\
Trains small networks on the data that comes with minigrad and draws what can be seen in them: a
computation step by step, activations, gradients and weights by layer, filters, attention,
embeddings, a loss landscape, the ways of optimizers, decision boundaries as training goes on. A
folder then holds each picture, and index.html with all of them, each with the lines of Python that
made it. Needs no network, and takes half a minute; the first time, when kernels are compiled for
this processor, a whole one.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", type=Path, default=Path("minigrad-gallery"), metavar="FOLDER",
        help="where the pictures go (default: ./minigrad-gallery); files of the same names are "
        "replaced, others are left alone",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=natural, default=0, metavar="N",
        help="where the random numbers start (default: 0); the same seed gives the same pictures",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    out = arguments.out
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "index.html").write_text("The gallery is not finished yet.\n", encoding="utf-8")
        draw(out, arguments.seed)
    except OSError as error:
        reason = "it is a file, not a folder" if out.is_file() else error.strerror or error
        raise SystemExit(
            f"minigrad gallery: cannot write into {out}: {reason}. Name another folder with "
            "--out FOLDER"
        ) from None
    return 0


def draw(out: Path, seed: int) -> None:
    from rich.console import Console

    from minigrad.cli.gallery_page import Section, page, parts_of
    from minigrad.viz.examples import ALT, EXAMPLES

    console = Console(highlight=False)
    console.print("[bold]minigrad gallery[/]: small networks are trained and drawn\n")
    sections = []
    for example in EXAMPLES:
        start = time.perf_counter()
        heading, caption, code = parts_of(example)
        files = [write(out, name, picture) for name, picture in example(seed).items()]
        sections.append(Section(heading, caption, code, [(f, ALT[f.stem]) for f in files]))
        names = ", ".join(file.name for file in files)
        seconds = time.perf_counter() - start
        console.print(f"  {seconds:5.1f} s  {heading}: [dim]{names}[/]", soft_wrap=True)
    (out / "index.html").write_text(page(sections, seed), encoding="utf-8")
    console.print(f"\nAll of them, and how they were made: {out / 'index.html'}", soft_wrap=True)


def write(out: Path, name: str, picture: Any) -> Path:
    """A figure becomes a PNG, a graph an SVG, a stepper a page, a film a GIF."""
    from minigrad.viz.graphs.drawing import Drawing
    from minigrad.viz.stepper.page import Stepper

    if hasattr(picture, "savefig"):
        file = out / f"{name}.png"
        picture.savefig(file)
    elif isinstance(picture, (Drawing, Stepper)):
        file = out / (f"{name}.svg" if isinstance(picture, Drawing) else f"{name}.html")
        picture.save(file)
    else:
        file = out / f"{name}.gif"
        picture.save(file, writer="pillow")
    return file

"""The command `minigrad gallery`: every picture is drawn, and the page holds them."""

from __future__ import annotations

import inspect
import re
from html import unescape
from html.parser import HTMLParser

import pytest

from minigrad.cli import gallery, main
from minigrad.cli.gallery_page import IMPORTS, parts_of
from minigrad.viz import examples
from minigrad.viz.examples import ALT, EXAMPLES
from minigrad.viz.page import colored


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One whole run."""
    folder = tmp_path_factory.mktemp("gallery")
    (folder / "mine.txt").write_text("not the gallery's")
    assert main(["gallery", "--out", str(folder)]) == 0
    return folder


def test_every_picture_is_there(folder):
    files = {p.name for p in folder.iterdir()} - {"index.html", "mine.txt"}
    assert {name.partition(".")[0] for name in files} == set(ALT)
    for name in files:
        start = {"gif": b"GIF89a", "svg": b"<svg", "html": b"<!doctype html>"}
        kind = name.rpartition(".")[2]
        assert (folder / name).read_bytes().startswith(start.get(kind, b"\x89PNG"))
    assert (folder / "mine.txt").read_text() == "not the gallery's"


class Page(HTMLParser):
    """The attributes of each tag, and how many are open."""

    def __init__(self, text: str):
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_holds_its_pictures_and_the_code(folder):
    text = (folder / "index.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    images = [attributes for tag, attributes in page.found if tag == "img"]
    frames = [attributes for tag, attributes in page.found if tag == "iframe"]
    shown = [image["alt"] for image in images] + [frame["title"] for frame in frames]
    assert sorted(shown) == sorted(ALT.values())
    kinds = "png|gif|svg[+]xml"
    assert all(re.match(f"data:image/({kinds});base64,", image["src"]) for image in images)
    assert all(frame["sandbox"] == "allow-scripts" for frame in frames)
    assert "://" not in text.replace("http://www.w3.org/2000/svg", "")  # it asks for nothing
    ids = {attributes.get("id") for _, attributes in page.found}
    links = {attributes["href"] for tag, attributes in page.found if tag == "a"}
    assert len(links) == len(EXAMPLES)
    assert all(link[1:] in ids for link in links)
    plain = unescape(re.sub("<[^>]+>", "", text))
    for example in EXAMPLES:
        heading, caption, code = parts_of(example)
        assert heading in plain
        assert caption in plain
        assert code in plain


def test_the_code_shown_is_the_code_that_ran():
    source = inspect.getsource(examples)
    assert all(line in source.splitlines() for line in IMPORTS.splitlines())
    _, caption, code = parts_of(examples.convolution)
    assert caption.startswith("Sixteen filters of 3 x 3")
    assert code.startswith(
        "def convolution(seed: int) -> dict[str, Any]:\n    mg.manual_seed(seed)"
    )
    assert code.endswith('return {"filters": viz.filters(model[1])}')


def test_the_same_seed_gives_the_same_pictures(tmp_path):
    """(Of the quickest of the examples.)"""
    first, second, other = (
        {name: bytes_of(tmp_path, name, picture) for name, picture in example.items()}
        for example in (examples.computation(1), examples.computation(1), examples.computation(2))
    )
    assert first == second
    assert first["steps"] != other["steps"]


def bytes_of(folder, name, picture):
    return gallery.write(folder, name, picture).read_bytes()


def test_colored_code():
    assert colored("if x < 1:  # why\n    y = 'a'") == (
        '<span class="k">if</span> x &lt; <span class="s">1</span>:  '
        '<span class="c"># why</span>\n    y = <span class="s">\'a\'</span>'
    )


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(SystemExit, match=r"cannot write into .*it is a file, not a folder.*--out"):
        main(["gallery", "--out", str(tmp_path / "taken")])

"""Text that needs no network: English prose, names, opinions, and how English is pronounced."""

from __future__ import annotations

from pathlib import Path

FILES = Path(__file__).parent / "files"  # files/README.md: sources and licences


def english_text() -> str:
    """Some 465,000 characters of English prose: the chapters of Python's own language reference.

    They are what `help("topic")` shows, from the standard library's `pydoc_data.topics`, in
    alphabetical order of the topics; the text differs a little between versions of Python.
    Copyright Python Software Foundation, PSF licence.

    >>> text = english_text()
    >>> len(text) > 400_000, "The \\"for\\" statement" in text
    (True, True)
    """
    from pydoc_data.topics import topics

    return "\n\n".join(topics[name].strip() for name in sorted(topics)) + "\n"


def names() -> list[str]:
    """The 5,163 first names that were most frequent in the United States' census of 1990, a to z.

    In small letters; names that both women and men have are there once. Public domain.

    >>> len(names()), names()[:3]
    (5163, ['aaron', 'abbey', 'abbie'])
    """
    return sorted({name for name, _, _ in rows("names.tsv.gz")})


def sentiment() -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """(train, test): 2,400 and 600 pairs (sentence, label), the same ones every time.

    Sentences of reviews of films, products and restaurants, 1,000 each; label 1 says that somebody
    was pleased, 0 that not, one half each. The test set is every fifth sentence of each kind; six
    ("Works great.") are in both.

    Source: D. Kotzias, M. Denil, N. de Freitas, P. Smyth, "From group to individual labels using
    deep features", KDD 2015 (IMDb, Amazon, Yelp), CC BY 4.0.

    >>> train, test = sentiment()
    >>> len(train), len(test), test[0][1]
    (2400, 600, 0)
    """
    train: list[tuple[str, int]] = []
    test: list[tuple[str, int]] = []
    seen: dict[tuple[str, str], int] = {}
    for source, label, sentence in rows("sentiment.tsv.gz"):
        seen[source, label] = seen.get((source, label), -1) + 1
        part = train if seen[source, label] % 5 else test
        part.append((sentence, int(label)))
    return train, test


def pronunciations() -> dict[str, list[tuple[str, ...]]]:
    """English words and the sounds that they are spoken with: 126,052 words, 135,166 ways.

    Sounds are ARPABET's 39 phonemes; vowels end with their stress: 1 main, 2 lesser, 0 none. A word
    may have several ways. Source: the CMU Pronouncing Dictionary, Carnegie Mellon University.

    >>> pronunciations()["learning"]
    [('L', 'ER1', 'N', 'IH0', 'NG')]
    """
    words: dict[str, list[tuple[str, ...]]] = {}
    for line in lines("cmudict.txt.gz"):
        word, *sounds = line.split()
        words.setdefault(word.partition("(")[0], []).append(tuple(sounds))
    return words


def rows(name: str) -> list[list[str]]:
    return [line.split("\t") for line in lines(name)]


def lines(name: str) -> list[str]:
    import gzip

    with gzip.open(FILES / name, "rt", encoding="utf-8", newline="\n") as file:
        return file.read().split("\n")[:-1]  # not splitlines: some sentences have \x85 in them

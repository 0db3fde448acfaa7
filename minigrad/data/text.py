"""English text that every Python has on board."""

from __future__ import annotations


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

"""Writes the page on what the book brings along: python -m workflow.bundled book/nb/bundled.md"""

import sys
from pathlib import Path

from workflow import vendored

OPENING = """\
# What this book brings along

A page of this book asks the network for nothing: every script, style and font that it uses lies beside it and was put
there when the book was built. Others wrote them. Thanks are due to them, and their licenses go with their work.

| what | version | license | what for |
| --- | --- | --- | --- |
"""
CLOSING = """
Pages load of these what they use: the widget manager stands only on pages with an explorer, the drawing library only on
those with figures that one turns.
"""


def page() -> str:
    """The page as MyST markdown, one row a package."""
    rows = [" | ".join(("", *package, "")).strip() for package in vendored.bundled()]
    return OPENING + "\n".join(rows) + "\n" + CLOSING


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page())

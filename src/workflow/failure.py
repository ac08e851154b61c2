"""What is told of a notebook that failed: why, what can be done about it, and a page with its traceback."""

import re
import shutil
from collections.abc import Iterable
from html import escape
from pathlib import Path

import nbformat

DISK_FULL = re.compile(r"No space left on device|Disk quota exceeded|\berrno\D{0,3}(28|122)\b", re.IGNORECASE)
OUT_OF_MEMORY = re.compile(r"MemoryError|ResourceExhausted|out of memory|kernel died", re.IGNORECASE)
LITTLE = 20_000_000
"""Bytes; a disk with less is full as far as a run is concerned."""
DOCUMENT = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{name} failed</title>
<style>
body {{ max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font-family: sans-serif; line-height: 1.5 }}
pre {{ overflow-x: auto; padding: .5rem; background: #f4f4f4 }}
.jp-RenderedText[data-mime-type*=error] pre, .output_error pre {{ background: #fde8e8 }}
img {{ max-width: 100% }}
</style>
</head>
<body>
<p><strong>{name} failed in {reason}</strong> {advice}</p>
{body}
</body>
</html>
"""


def advice(reason: str) -> str:
    """What can be done, for the two causes that are nobody's mistake; "" for any other.

    Args:
        reason: What an exception says, its class included.
    """
    if DISK_FULL.search(reason):
        return "The disk is full: make room, and `make book` goes on where it was."
    if OUT_OF_MEMORY.search(reason):
        return (
            "The memory was too small, as far as can be told: close other programs, or ask for less, as with "
            'SET="batch_size=8" or a smaller image_size; `make book` goes on where it was.'
        )
    return ""


def full(folders: Iterable[Path]) -> list[str]:
    """Names the folders whose disk is full.

    Args:
        folders: Those that are written to.

    Returns:
        One sentence each, with what is left.
    """
    left = {folder: shutil.disk_usage(folder).free for folder in folders if folder.exists()}
    return [
        f"the disk that holds {folder} is full ({free / 1e6:.1f} MB left): make room, and `make book` goes on where it "
        "was"
        for folder, free in left.items()
        if free < LITTLE
    ]


def page(notebook: Path, reason: str) -> str:
    """A half-run notebook as one page that needs nothing else.

    Args:
        notebook: As Papermill left it.
        reason: Why it stopped.

    Returns:
        HTML.
    """
    from nbconvert import HTMLExporter  # a second to import, which only a failure waits for

    body, _ = HTMLExporter(template_name="basic").from_notebook_node(nbformat.read(notebook, as_version=4))
    return DOCUMENT.format(name=escape(notebook.stem), reason=escape(reason), advice=escape(advice(reason)), body=body)

"""Writes the gallery: every figure of the executed chapters as a thumbnail that leads to its place.

python -m workflow.gallery book/nb/gallery.md book/nb/01_data.ipynb book/nb/02_baseline_cnn.ipynb ...
"""

import base64
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import cv2
import nbformat
import numpy as np
from myst_parser.mdit_to_docutils.base import default_slugify
from nbformat import NotebookNode

from workflow import exercises
from workflow.page import PICTURES

WIDTH, HEIGHT = 480, 320
"""Pixels of a thumbnail, twice what it takes on a page; a tall figure shows its upper part."""
LOWEST = 0.1
"""Height by width; a figure that is lower holds a sentence, such as that there is nothing to draw."""
OPENING = """\
# Gallery

Every figure of the book, in the order of its chapters. A picture leads to its place, where it stands in full and with
the words that belong to it.
"""
IMAGE = re.compile(r'<img alt="([^"]+)" src="data:image/(?:png|jpeg|webp);base64,([^"]+)"')
"""What stands for an explorer in print, see `helpers.figures.panels.picture_of`."""


@dataclass(frozen=True)
class Shown:
    """A figure of a chapter.

    Attributes:
        picture: Its PNG, JPEG or WebP.
        words: Its alternative text.
        section: The heading it stands under.
    """

    picture: bytes
    words: str
    section: str


def figures(page: NotebookNode) -> Iterator[Shown]:
    """The figures of a page that `workflow.page` made, those of solutions left out.

    Args:
        page: The page.

    Yields:
        A `Shown` a figure, in order.
    """
    section = ""
    for cell in page.cells:
        if cell.cell_type == "markdown":
            section = (re.findall(r"^#+ (.+)$", cell.source, re.MULTILINE) or [section])[-1]
        elif not exercises.is_solution(cell):
            words = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            for data in (output.get("data", {}) for output in cell.get("outputs", [])):
                for kind in data.keys() & set(PICTURES):
                    yield Shown(base64.b64decode(data[kind]), words, section)
                for told, picture in IMAGE.findall(data.get("text/html", "")):
                    yield Shown(base64.b64decode(picture), unescape(told), section)


def thumbnail(picture: bytes) -> bytes | None:
    """A figure made small: its whole width, and as much of its height as fits.

    Args:
        picture: A PNG or JPEG.

    Returns:
        A JPEG of `WIDTH` by `HEIGHT` pixels, white where the figure is lower; None where nothing is drawn in it.
    """
    full = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    if full.shape[0] < LOWEST * full.shape[1]:
        return None
    height = round(full.shape[0] * WIDTH / full.shape[1])
    small = cv2.resize(full, (WIDTH, height), interpolation=cv2.INTER_AREA)[:HEIGHT]
    ground = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    top = (HEIGHT - len(small)) // 2
    ground[top : top + len(small)] = small
    return cv2.imencode(".jpg", ground, [cv2.IMWRITE_JPEG_QUALITY, 86])[1].tobytes()


def chapter(path: Path, folder: Path) -> str:
    """A chapter's part of the gallery; writes its thumbnails.

    Args:
        path: The chapter's page, .ipynb.
        folder: Where thumbnails are written to, beside the gallery.

    Returns:
        MyST markdown; nothing where the chapter has no figure.
    """
    page = nbformat.read(path, as_version=4)
    title = page.cells[0].source.splitlines()[0].removeprefix("# ")
    items = []
    for number, shown in enumerate(figures(page), start=1):
        file, small = folder / f"{path.stem}-{number}.jpg", thumbnail(shown.picture)
        if small is None:
            continue
        file.write_bytes(small)
        # Between brackets MyST would read these as markup, and drop what is escaped.
        words = re.sub(r"[*`<>$\\]", "", shown.words)
        items.append(
            f"[![{words}]({folder.name}/{file.name})\n{shown.section}]({path.name}#{default_slugify(shown.section)})"
        )
    return "\n\n".join([f"## {title}", ":::{container} gallery", *items, ":::"]) + "\n" if items else ""


def main(target: Path, pages: list[Path]) -> None:
    """Writes the gallery and its thumbnails."""
    folder = target.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.jpg"):
        old.unlink()
    target.write_text("\n".join([OPENING, *filter(None, (chapter(page, folder) for page in pages))]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), list(map(Path, sys.argv[2:])))

"""The imaging explorer: pictures of the run on their way to the networks, and what each step takes away."""

from collections.abc import Sequence
from itertools import accumulate

import anywidget
import cv2
import numpy as np
import traitlets

from helpers.explorers.kit import FOLDER, STYLE, explore, script
from helpers.figures.data import OUTLINE
from helpers.figures.framing import STEPS, framing_steps
from helpers.findings.framing import lesion_note, spread, told
from helpers.inspection.ways import Step, Way

LONGEST = 420
"""Pixels of the longer side of a picture on the page; a larger one is reduced."""
EXACT = 256
"""Up to so many pixels a side, a picture comes to the page pixel by pixel."""
QUALITY, LOSSLESS = 82, 101
BINS = 64


class Imaging(anywidget.AnyWidget):
    """Shows a picture's steps one by one: picture, outlines, gray levels, and what was kept and lost.

    Attributes:
        cases: One entry a picture: image_id, label, note and steps. A step has a short name, a title, what it kept and
            lost, width and height (pixels of the full picture), picture (its number), levels (shares of 64 equal
            ranges of gray, black left out), their mean and spread, and outlines, null where there is none: lesion (one
            list of corners), breast (a list of them) and box (x, y, width, height).
        pictures: WebP, one after another.
        bounds: Where each picture ends and the next one starts, from 0.
        exact: Whether a picture is there with every pixel.
        outline: The color of a lesion's outline.
    """

    _esm = script("imaging.js")
    _css = STYLE + (FOLDER / "imaging.css").read_text()
    cases = traitlets.List().tag(sync=True)
    pictures = traitlets.Bytes().tag(sync=True)
    bounds = traitlets.List().tag(sync=True)
    exact = traitlets.List().tag(sync=True)
    outline = traitlets.Unicode(OUTLINE).tag(sync=True)


def imaging(ways: Sequence[Way]) -> None:
    """Shows the explorer and its static twin.

    Args:
        ways: Pictures and their steps, all of one framing.
    """
    # A step that changes no pixel shares its picture with the one before.
    album = {id(step.picture): step.picture for way in ways for step in way.steps}
    numbers = {key: number for number, key in enumerate(album)}
    files = [encoded(picture) for picture in album.values()]
    explorer = Imaging(
        cases=[_case(way, numbers) for way in ways],
        pictures=b"".join(files),
        bounds=[0, *accumulate(map(len, files))],
        exact=[is_exact(picture) for picture in album.values()],
    )
    first = {way.label: way for way in reversed(ways)}
    found = "" if ways[0].breast is None else " white is the breast that was found, dashed what is cut out,"
    caption = f"From raw to frame, one picture of each class:{found} blue is the lesion where it is known."
    explore(explorer, framing_steps([way for way in ways if way is first[way.label]]), caption)


def is_exact(picture: np.ndarray) -> bool:
    """Whether a picture is small enough to come to the page pixel by pixel."""
    return max(picture.shape) <= EXACT


def encoded(picture: np.ndarray) -> bytes:
    """A picture as WebP, reduced where it is large.

    Args:
        picture: (h, w) uint8.

    Returns:
        The file's bytes.
    """
    scale = min(1.0, LONGEST / max(picture.shape))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture
    quality = LOSSLESS if is_exact(picture) else QUALITY
    return cv2.imencode(".webp", small, [cv2.IMWRITE_WEBP_QUALITY, quality])[1].tobytes()


def _case(way: Way, numbers: dict[int, int]) -> dict:
    steps = [_step(way, step) | {"picture": numbers[id(step.picture)]} for step in way.steps]
    return {"image_id": way.image_id, "label": way.label, "note": lesion_note(way), "steps": steps}


def _step(way: Way, step: Step) -> dict:
    height, width = step.picture.shape
    levels = step.picture[step.picture > 0]
    counts, _ = np.histogram(levels, bins=BINS, range=(0, 256))
    return {
        "name": STEPS[step.name],
        **told(way, step)._asdict(),
        "width": width,
        "height": height,
        "levels": (counts / max(levels.size, 1)).round(5).tolist(),
        "mean": float(levels.mean()) if levels.size else 0.0,
        "spread": spread(step.picture),
        "lesion": None if step.lesion is None else step.lesion.round(1).tolist(),
        "breast": _outlines(way.found) if step.name == "breast" else None,
        "box": [way.box.x, way.box.y, way.box.width, way.box.height] if step.name == "turned" else None,
    }


def _outlines(mask: np.ndarray) -> list[list[list[int]]]:
    pieces, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    slack = max(mask.shape) / 500
    return [cv2.approxPolyDP(piece, slack, closed=True)[:, 0].tolist() for piece in pieces]

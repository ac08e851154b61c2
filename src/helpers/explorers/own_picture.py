"""The page for a reader's own picture: what each network says of it, where each looks, and whether they know its kind.

Unlike the explorers it needs a kernel. What it is given and what it answers goes by messages between the page and this
process; nothing of it becomes the widget's state, which a notebook could save, and nothing is logged.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import anywidget
import cv2
import numpy as np
import traitlets
from IPython.display import display

from helpers.datasets.exams import LABELS
from helpers.explorers.kit import FOLDER, LOOK, STYLE, script
from helpers.explorers.upload import PIECE, Upload
from helpers.figures.attention import overlay
from helpers.imaging import own_picture as reading
from helpers.imaging.own_framing import Prepared, prepared
from helpers.imaging.picture import PictureError
from helpers.inspection.judgement import Opinion, place_among, readers
from helpers.run import Run

VIEW = 560
"""Longest side, in pixels, of a picture that only people look at."""


class OwnPicture(anywidget.AnyWidget):
    """Takes a picture from the page that shows it, in pieces, and answers with what the networks make of it.

    Each message bears the turn that the page gave the file, so that neither side mistakes an answer to one file for
    an answer to the next.

    Attributes:
        about: What the page must know: largest and piece, both in bytes, and labels.
    """

    _esm = script("own_picture.js")
    _css = STYLE + (FOLDER / "own_picture.css").read_text()
    look = traitlets.Dict(LOOK).tag(sync=True)
    about = traitlets.Dict().tag(sync=True)

    def __init__(self, run: Run) -> None:
        self._framing, self._size = run.profile.framing, run.profile.image_size
        super().__init__(about={"largest": reading.LARGEST_FILE, "piece": PIECE, "labels": LABELS})
        self._turn: object = None
        self._upload: Upload | None = None
        self._picture: Prepared | None = None
        self._opening = cache(lambda: ThreadPoolExecutor(1).submit(lambda: readers(run.networks, run.cohort)))
        hear = (self._hello, self._begin, self._piece, self._window, self._forget)
        self._hear = {each.__name__.removeprefix("_"): each for each in hear}
        self.on_msg(self._heard)

    def _heard(self, _: Any, message: dict, buffers: list) -> None:
        try:
            self._hear[message["kind"]](message, buffers)
        except PictureError as error:
            self._refuse(str(error))
        except Exception as error:  # a traceback would be logged, and might quote the picture's name
            self._refuse(f"This failed here with {type(error).__name__}, and the picture was forgotten.")

    def _hello(self, *_: Any) -> None:
        """Networks take seconds to open; they do so while the reader looks for a file, once the page stands.

        Before, a busy kernel would let the page's first questions run out of time.
        """
        self._opening()

    def _begin(self, message: dict, buffers: list) -> None:
        self._forget()
        self._turn = message["turn"]
        self._upload = Upload.announced(message["name"], message["size"])
        self._proceed()

    def _piece(self, message: dict, buffers: list) -> None:
        if self._upload is None or message["turn"] != self._turn:
            return  # of a file that the reader has given up
        self._upload.add(bytes(buffers[0]))
        self._proceed()

    def _proceed(self) -> None:
        if not self._upload.complete:
            self._tell("next", received=len(self._upload.content))
            return
        upload, self._upload = self._upload, None
        own = reading.read(bytes(upload.content), upload.name)
        self._picture = prepared(own.gray, self._framing, upload.name)
        self._tell("opened", _steps(self._picture), name=upload.name, notes=own.notes, place=self._picture.place)
        self._judge()

    def _window(self, message: dict, buffers: list) -> None:
        if self._picture is None or self._picture.window is None or message["turn"] != self._turn:
            return
        self._picture = self._picture.moved(*(float(message[name]) for name in ("x", "y", "share")))
        self._judge()

    def _judge(self) -> None:
        framed, able = self._picture.framed(self._size), self._opening().result()
        opinions = [reader.opinion(framed) for reader in able]
        together = place_among(opinions, able)
        place = {"nearer": together.nearer, "held_out": together.held_out, "outside": together.outside}
        networks = [_told(opinion) for opinion in opinions]
        self._tell("judged", _maps(framed, opinions), networks=networks, together=place, doubts=self._picture.doubts)

    def _forget(self, *_: Any) -> None:
        self._upload = self._picture = None

    def _refuse(self, words: str) -> None:
        self._forget()
        self._tell("refused", words=words)

    def _tell(self, kind: str, buffers: list[bytes] | None = None, **content: Any) -> None:
        self.send({"kind": kind, "turn": self._turn, **content}, buffers)


def own_picture(run: Run) -> None:
    """Shows the page for a reader's own picture.

    Args:
        run: A finished run; the networks of its first protocol look at the picture.
    """
    display(OwnPicture(run))


def _told(opinion: Opinion) -> dict[str, Any]:
    return {
        "network": opinion.network,
        "probabilities": opinion.probabilities.tolist(),
        "nearer": opinion.place.nearer,
        "evidence": [bool(cam.any()) for cam in opinion.maps],
    }


def _steps(picture: Prepared) -> list[bytes]:
    return [_encoded(step, ".webp") for step in picture.steps(VIEW)]


def _maps(framed: np.ndarray, opinions: list[Opinion]) -> list[bytes]:
    """The framed picture, then each network's maps, class by class, laid over it."""
    maps = [overlay(framed, cam)[..., ::-1] for opinion in opinions for cam in opinion.maps]
    return [_encoded(picture, ".png") for picture in (framed, *maps)]


def _encoded(picture: np.ndarray, suffix: str) -> bytes:
    return cv2.imencode(suffix, np.ascontiguousarray(picture))[1].tobytes()

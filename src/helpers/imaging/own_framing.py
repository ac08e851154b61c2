"""A reader's own picture on its way to the networks, and what people see of that way."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from helpers.imaging.framing import Breast, cut, find_breast, frame_as_is, frame_window
from helpers.imaging.picture import PictureError
from helpers.imaging.store import Framing
from helpers.imaging.window import TISSUE_SHARE, WINDOW_SHARES, Box, middle_window, tissue_share, window_around

WINDOW = sum(WINDOW_SHARES) / 2
"""Side of a window that nobody has chosen, as a share of the breast's width: the middle of those in training."""
OUTLINE = 220
"""Gray of the breast's outline, with a dark edge so that it shows on tissue too."""


@dataclass(frozen=True)
class Prepared:
    """A picture, what was found in it, and what part of it the networks see.

    Attributes:
        gray: uint8 (height, width), as it was read.
        breast: The breast; None where the networks see pictures as they are.
        window: The window, in pixels of `breast.picture`; None where they see all of the breast, or of the picture.
    """

    gray: np.ndarray
    breast: Breast | None = None
    window: Box | None = None

    def framed(self, size: int) -> np.ndarray:
        """The picture as the networks see it: uint8 (size, size)."""
        if self.breast is None:
            return frame_as_is(self.gray, size).picture
        return frame_window(self.breast, self.window or self.breast.box, size).picture

    def moved(self, x: float, y: float, share: float) -> "Prepared":
        """The same picture with its window elsewhere.

        Args:
            x: The window's middle, from left, as a share of the breast's width.
            y: The window's middle, from top, as a share of the breast's height.
            share: The window's side, as a share of the breast's width.
        """
        box = self.breast.box
        window = window_around(self.breast.mask, box.x + x * box.width, box.y + y * box.height, share)
        return replace(self, window=window)

    @property
    def place(self) -> dict[str, float] | None:
        """Where the window stands, as `moved` takes it, and the breast's height over its width as `height`."""
        if self.window is None:
            return None
        box, window = self.breast.box, self.window
        return {
            "x": (window.x + window.width / 2 - box.x) / box.width,
            "y": (window.y + window.width / 2 - box.y) / box.height,
            "share": window.width / box.width,
            "height": box.height / box.width,
        }

    @property
    def doubts(self) -> list[str]:
        """What makes the window unlike those that the networks were trained on, one sentence each."""
        if self.window is None:
            return []
        share = tissue_share(self.breast.mask, self.window)
        if share >= TISSUE_SHARE:
            return []
        wanted = f"windows of the training held {100 * TISSUE_SHARE:.0f} % or more wherever the breast allowed it"
        return [f"Only {100 * share:.0f} % of the window is breast; {wanted}."]

    def steps(self, longest: int) -> list[np.ndarray]:
        """What people see of the way: the picture; the breast's outline on it; the breast turned, all else black.

        Args:
            longest: Pixels of the longest side.

        Returns:
            uint8 pictures; the first alone where no breast was looked for.
        """
        gray = _reduced(self.gray, longest)
        if self.breast is None:
            return [gray]
        mask = self.breast.mask[:, ::-1] if self.breast.flipped else self.breast.mask
        return [gray, _outlined(gray, mask), _reduced(cut(self.breast, self.breast.box), longest)]


def prepared(gray: np.ndarray, framing: Framing, name: str) -> Prepared:
    """Finds the breast and a first window, as the framing asks.

    Args:
        gray: uint8 (height, width).
        framing: How the networks' training pictures were framed.
        name: The picture's name, for the message.

    Returns:
        The picture; with framing "lesion", its window stands in the middle of the breast.

    Raises:
        PictureError: There is no breast.
    """
    if framing == "as_is":
        return Prepared(gray)
    try:
        breast = find_breast(gray)
    except PictureError as error:
        raise PictureError(f"{name}: {error}") from None
    return Prepared(gray, breast, middle_window(breast.mask, WINDOW) if framing == "lesion" else None)


def _outlined(gray: np.ndarray, mask: np.ndarray) -> np.ndarray:
    small = cv2.resize(mask.astype(np.uint8), gray.shape[::-1], interpolation=cv2.INTER_NEAREST)
    lines, _ = cv2.findContours(small, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    dark = cv2.drawContours(gray.copy(), lines, -1, 0, 5)
    return cv2.drawContours(dark, lines, -1, OUTLINE, 2)


def _reduced(picture: np.ndarray, longest: int) -> np.ndarray:
    scale = min(1.0, longest / max(picture.shape))
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)

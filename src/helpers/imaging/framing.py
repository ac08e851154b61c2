"""What part of a mammogram the networks see: the whole breast, or a window in it, step by step."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from helpers.imaging.breast import breast_mask, toward_left
from helpers.imaging.picture import PictureError
from helpers.imaging.window import Box, Circle, box_around, lies_on, place_window

CLIP_LIMIT = 2.0
TILES = (8, 8)


@dataclass(frozen=True)
class Breast:
    """A mammogram with its chest wall at the left.

    Attributes:
        picture: uint8 (height, width).
        mask: The breast, boolean, the same shape.
        flipped: Whether the raw picture was mirrored.
    """

    picture: np.ndarray
    mask: np.ndarray
    flipped: bool

    @property
    def box(self) -> Box:
        """The smallest box around the breast; its width is the breast's width."""
        return box_around(self.mask)


@dataclass(frozen=True)
class Framed:
    """A picture as the networks see it.

    Attributes:
        picture: uint8 (size, size).
        box: What was cut out of the picture whose chest wall is at the left; all of it where nothing was.
        lesion: The lesion in pixels of `picture`; None where there is none or its place is not on the breast.
        window: The side of the window as a share of the breast's width; None where no window was cut.
    """

    picture: np.ndarray
    box: Box
    lesion: Circle | None = None
    window: float | None = None


def find_breast(gray: np.ndarray) -> Breast:
    """Finds the breast and turns its chest wall to the left.

    Args:
        gray: Array (height, width), uint8.

    Returns:
        The `Breast`.

    Raises:
        PictureError: There is no breast.
    """
    return Breast(*toward_left(gray, breast_mask(gray)))


def oriented(lesion: Circle, breast: Breast) -> Circle:
    """The lesion of a raw picture, in the picture of `find_breast`."""
    return replace(lesion, x=breast.mask.shape[1] - 1 - lesion.x) if breast.flipped else lesion


def cut(breast: Breast, box: Box) -> np.ndarray:
    """Cuts a box out of a mammogram; all that is not breast becomes black.

    Args:
        breast: The mammogram and its mask.
        box: What to cut out; what lies beyond the picture is black too.

    Returns:
        Array (box.height, box.width), uint8.
    """
    height, width = breast.mask.shape
    left, right = max(box.x, 0), min(box.x + box.width, width)
    top, bottom = max(box.y, 0), min(box.y + box.height, height)
    inside = cv2.copyTo(breast.picture[top:bottom, left:right], breast.mask[top:bottom, left:right].view(np.uint8))
    beyond = (top - box.y, box.y + box.height - bottom, left - box.x, box.x + box.width - right)
    return cv2.copyMakeBorder(inside, *beyond, cv2.BORDER_CONSTANT, value=0)


def enhanced(picture: np.ndarray) -> np.ndarray:
    """Contrast-limited adaptive histogram equalization (Zuiderveld 1994); black stays black.

    Args:
        picture: Array (height, width), uint8.

    Returns:
        Array of the same shape, uint8.
    """
    # One object a call: a shared one is not thread-safe.
    return cv2.copyTo(cv2.createCLAHE(CLIP_LIMIT, TILES).apply(picture), picture)


def squared(picture: np.ndarray) -> np.ndarray:
    """Pads a picture with black to a square: at the right (the chest wall stays at the left), or above and below.

    Args:
        picture: Array (height, width), uint8.

    Returns:
        Array (side, side), uint8, with side the longer of height and width.
    """
    height, width = picture.shape
    side = max(height, width)
    above = (side - height) // 2
    return cv2.copyMakeBorder(picture, above, side - height - above, 0, side - width, cv2.BORDER_CONSTANT, value=0)


def resized(picture: np.ndarray, size: int) -> np.ndarray:
    """Scales a square picture: area averages to shrink it, linear interpolation to enlarge it."""
    shrinks = picture.shape[0] >= size
    return cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def in_frame(x: np.ndarray, y: np.ndarray, box: Box, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Where places in a mammogram come to lie in its frame.

    Args:
        x: Places in pixels of the picture whose chest wall is at the left, to the right.
        y: The same, downward.
        box: What is cut out of that picture.
        size: Side of the frame in pixels.

    Returns:
        x and y in pixels of the frame.
    """
    side = max(box.height, box.width)
    above, scale = (side - box.height) // 2, size / side
    # Pixel i of a picture spans i - .5 to i + .5, hence the halves.
    return (x - box.x + 0.5) * scale - 0.5, (y - box.y + above + 0.5) * scale - 0.5


def frame_as_is(gray: np.ndarray, size: int, lesion: Circle | None = None) -> Framed:
    """Frames a picture that was cut and equalized by whoever published it: it is padded and scaled, nothing else.

    Args:
        gray: Array (height, width), uint8.
        size: Side of the result in pixels.
        lesion: The lesion in pixels of `gray`.

    Returns:
        The `Framed` picture.
    """
    height, width = gray.shape
    return _finished(gray, Box(0, 0, width, height), size, lesion)


def frame_roi(gray: np.ndarray, size: int) -> np.ndarray:
    """Crops a picture to its breast, and does nothing else: no equalizing, no turning.

    Args:
        gray: Array (height, width), uint8.
        size: Side of the result in pixels.

    Returns:
        Array (size, size), uint8; what is not breast is black.

    Raises:
        PictureError: There is no breast.
    """
    breast = find_breast(gray)
    frame = resized(squared(cut(breast, breast.box)), size)
    return cv2.flip(frame, 1) if breast.flipped else frame


def frame_breast(gray: np.ndarray, size: int, lesion: Circle | None = None) -> Framed:
    """Frames the whole breast, its aspect kept, its chest wall at the left.

    Args:
        gray: Array (height, width), uint8.
        size: Side of the result in pixels.
        lesion: The lesion in pixels of `gray`.

    Returns:
        The `Framed` picture; its lesion is None where the given place is not on the breast.

    Raises:
        PictureError: There is no breast.
    """
    breast = find_breast(gray)
    if lesion is not None:
        lesion = oriented(lesion, breast)
        lesion = lesion if lies_on(lesion, breast.mask) else None
    return _finished(enhanced(cut(breast, breast.box)), breast.box, size, lesion)


def frame_lesion(gray: np.ndarray, size: int, lesion: Circle | None, window: float, rng: np.random.Generator) -> Framed:
    """Frames a square window: around the lesion, or anywhere in a normal breast.

    Args:
        gray: Array (height, width), uint8.
        size: Side of the result in pixels.
        lesion: The lesion in pixels of `gray`; None for a normal breast.
        window: Side of the window as a share of the breast's width; a large lesion widens it, see `place_window`.
        rng: Places the window.

    Returns:
        The `Framed` picture with the `window` that it got.

    Raises:
        PictureError: There is no breast, or the lesion is not on it.
    """
    breast = find_breast(gray)
    if lesion is not None:
        place, lesion = lesion, oriented(lesion, breast)
        if not lies_on(lesion, breast.mask):
            raise PictureError(f"expected a lesion on the breast, found film at ({place.x:g}, {place.y:g})")
    return frame_window(breast, place_window(breast.mask, lesion, window, rng), size, lesion)


def frame_window(breast: Breast, box: Box, size: int, lesion: Circle | None = None) -> Framed:
    """Frames a window whose place is given.

    Args:
        breast: The mammogram and its mask.
        box: The window, in pixels of `breast.picture`.
        size: Side of the result in pixels.
        lesion: The lesion in the same pixels.

    Returns:
        The `Framed` picture with its `window`.
    """
    framed = _finished(enhanced(cut(breast, box)), box, size, lesion)
    return replace(framed, window=box.width / breast.box.width)


def augmented(picture: np.ndarray, rng: np.random.Generator, upside_down: bool = True) -> np.ndarray:
    """An altered copy of a framed picture: turned by up to 20 degrees, zoomed by .9 to 1.1, its border reflected.

    Args:
        picture: Array (size, size), uint8.
        rng: Draws the alteration.
        upside_down: Whether every other copy is flipped up-down as well; right for windows, not for whole breasts.

    Returns:
        Array (size, size), uint8.
    """
    size = picture.shape[0]
    middle = (size - 1) / 2
    turn = cv2.getRotationMatrix2D((middle, middle), rng.uniform(-20, 20), rng.uniform(0.9, 1.1))
    flips = rng.random() < 0.5
    source = cv2.flip(picture, 0) if flips and upside_down else picture
    return cv2.warpAffine(source, turn, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)


def _finished(picture: np.ndarray, box: Box, size: int, lesion: Circle | None) -> Framed:
    frame = resized(squared(picture), size)
    if lesion is None:
        return Framed(frame, box)
    x, y = in_frame(lesion.x, lesion.y, box, size)
    return Framed(frame, box, Circle(x, y, lesion.radius * size / max(box.width, box.height)))

"""Where the breast is: without film labels, scanner borders, scratches and specks."""

import cv2
import numpy as np

from helpers.imaging.picture import PictureError

WORKING_SIDE = 256
"""Pixels of the longer side at which the mask is sought: fine enough for the skin line, quick on any scan."""
WHITE = 235
"""Gray level of scanner borders, 242 and more in mini-MIAS; there no row or column of tissue is half that white."""
SKIN = 0.25
"""The threshold as a share of Otsu's. Otsu's own falls inside the breast, since the skin line is thin and dark."""
OPENING = 0.05
"""Diameter of the opening disk as a share of the longer side: wider than scratches and borders, less than a neck."""
SMALLEST_SHARE = 0.03
"""The least share of the picture that a breast can take."""


def breast_mask(gray: np.ndarray) -> np.ndarray:
    """Finds the breast, pectoral muscle included, as one piece without holes.

    White scanner borders are blackened, a low threshold derived from Otsu's (1979) separates tissue from film, an
    opening cuts off what only touches the breast, the largest piece is kept, and gray scanner borders that cross it
    are taken out. On a crop that tissue fills, the mask is the whole picture.

    Args:
        gray: Array (height, width), uint8.

    Returns:
        Boolean array (height, width), True on the breast.

    Raises:
        PictureError: The largest piece is too small to be a breast.
    """
    small = _without_white_lines(_reduced(gray))
    bright = _above_film(small)
    mask = _without_strips(_largest_piece(_opened(bright)), bright)
    share = mask.mean() / 255
    if share < SMALLEST_SHARE:
        raise PictureError(f"expected a breast on at least {SMALLEST_SHARE:.0%} of the picture, found {share:.1%}")
    return cv2.resize(mask, gray.shape[::-1], interpolation=cv2.INTER_LINEAR) > 127


def toward_left(gray: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool]:
    """Mirrors a picture, if need be, so that the chest wall is at the left.

    The breast is cut straight at the chest wall and round at the nipple, so the wall is where the outermost columns
    of the mask hold more. A breast that overflows the film at both sides gives no such sign and may stay unmirrored.

    Args:
        gray: Array (height, width), uint8.
        mask: The breast mask, boolean, the same shape.

    Returns:
        The picture, the mask, and whether they were mirrored.
    """
    ones = mask.astype(np.uint8)
    x, _, width, _ = cv2.boundingRect(ones)
    edge = max(1, width // 20)
    if ones[:, x : x + edge].sum() >= ones[:, x + width - edge : x + width].sum():
        return gray, mask, False
    return cv2.flip(gray, 1), cv2.flip(ones, 1).astype(bool), True


def _reduced(gray: np.ndarray) -> np.ndarray:
    scale = min(1.0, WORKING_SIDE / max(gray.shape))
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return cv2.GaussianBlur(small, (5, 5), 0)


def _without_white_lines(small: np.ndarray) -> np.ndarray:
    white = small >= WHITE
    cleaned = small.copy()
    cleaned[white.mean(axis=1) > 0.5] = 0
    cleaned[:, white.mean(axis=0) > 0.5] = 0
    return cleaned


def _above_film(small: np.ndarray) -> np.ndarray:
    otsu, _ = cv2.threshold(small, 0, 255, cv2.THRESH_OTSU)
    return cv2.threshold(small, SKIN * otsu, 255, cv2.THRESH_BINARY)[1]


def _opened(mask: np.ndarray) -> np.ndarray:
    side = max(3, round(OPENING * max(mask.shape)) | 1)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    # Outside counts as black: OpenCV's own border would keep thin strips along the picture's edge.
    return cv2.morphologyEx(mask, cv2.MORPH_OPEN, disk, borderType=cv2.BORDER_CONSTANT, borderValue=0)


def _largest_piece(mask: np.ndarray) -> np.ndarray:
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros_like(mask)
    if outlines:
        cv2.drawContours(filled, [max(outlines, key=cv2.contourArea)], -1, 255, cv2.FILLED)
    return filled


def _without_strips(mask: np.ndarray, bright: np.ndarray) -> np.ndarray:
    # A row that is bright nearly all the way across the film is a scanner border, also where it meets the breast.
    film = mask == 0
    lit = (film & (bright > 0)).sum(axis=1)
    cleaned = mask.copy()
    cleaned[(film.mean(axis=1) > 0.1) & (lit > 0.75 * film.sum(axis=1))] = 0
    return cleaned

"""Small drawn mammograms for the imaging tests: the truth is known because it was drawn."""

import cv2
import numpy as np

HEIGHT, WIDTH = 320, 260
FILM, LABEL = 8, 255


def drawn_truth() -> np.ndarray:
    """The breast that `drawn_breast` draws: half an ellipse against the left edge, boolean (HEIGHT, WIDTH)."""
    canvas = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.ellipse(canvas, (0, HEIGHT // 2), (150, 130), 0, -90, 90, 255, cv2.FILLED)
    return canvas > 0


def drawn_breast(seed: int = 0, litter: bool = False) -> np.ndarray:
    """A breast with its chest wall at the left, darker toward the skin, uint8 (HEIGHT, WIDTH).

    Args:
        seed: Draws the tissue.
        litter: Whether to add what films carry: a label, a white border, scratches, specks.
    """
    rng = np.random.default_rng(seed)
    tissue = cv2.GaussianBlur(rng.normal(0, 1, (HEIGHT, WIDTH)), (0, 0), 6)
    depth = cv2.distanceTransform(cv2.copyMakeBorder(drawn_truth().astype(np.uint8), 0, 0, 99, 0, 1), cv2.DIST_L2, 5)
    thickness = np.clip(depth[:, 99:] / 25, 0.35, 1)
    gray = np.where(drawn_truth(), thickness * (120 + 25 * tissue / tissue.std()), FILM)
    gray = np.clip(gray + rng.normal(0, 2, gray.shape), 0, 235).astype(np.uint8)
    return with_litter(gray, rng) if litter else gray


def with_litter(gray: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The picture with a label, a white border, a scratch that crosses the skin line, and specks."""
    gray = gray.copy()
    cv2.rectangle(gray, (190, 15), (225, 60), LABEL, cv2.FILLED)
    cv2.putText(gray, "R", (198, 48), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 0, 2)
    gray[:, -14:] = LABEL
    cv2.line(gray, (100, 180), (240, 300), 200, 1)
    for x, y in zip(rng.integers(170, 240, 20), rng.integers(70, 310, 20), strict=True):
        cv2.circle(gray, (int(x), int(y)), 1, 220, cv2.FILLED)
    return gray


def with_lesion(gray: np.ndarray, x: int, y: int, radius: int) -> np.ndarray:
    """The picture with a white disk, to be found again."""
    return cv2.circle(gray.copy(), (x, y), radius, 255, cv2.FILLED)

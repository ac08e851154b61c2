"""From a file of 1024 x 1024 pixels to a framed picture: this book's way, against scikit-image."""

from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import pandas as pd
import skimage
from scipy import ndimage

from bench.timing import PLAIN, Measured, agree, alternated
from helpers.datasets import phantom
from helpers.datasets.exams import Dataset
from helpers.datasets.pictures import decoded
from helpers.imaging import store

SIDE = 1024


def framing(pictures: int = 24, image_size: int = 224, rounds: int = 5) -> Measured:
    """Times reading, breast mask, crop, CLAHE and resizing into a store, on one thread and on two.

    Args:
        pictures: How many phantoms, of 1024 x 1024 pixels, one file each.
        image_size: Side of a framed picture, px.
        rounds: Timed passes of each way.

    Returns:
        The `Measured` lever.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        exams = _written(folder, pictures)
        dataset = Dataset("bench", exams, lambda image_id: decoded(folder / f"{image_id}.png"))

        def ours(threads: int) -> np.ndarray:
            return np.array(store.frame_dataset(dataset, "breast", image_size, 0, folder / "s.npy", threads)[0])

        def plain() -> np.ndarray:
            return np.stack([by_scikit_image(folder / f"{name}.png", image_size) for name in exams["image_id"]])

        checks = (agree("pictures by one thread and by two", ours(2), ours(1)),)
        alike = correlation(ours(1), plain())
        work = {PLAIN: plain, "one thread": lambda: ours(1), "two threads": lambda: ours(2)}
        seconds = alternated(work, rounds, "framing")
    title = f"Framing pictures of {SIDE} x {SIDE}, against scikit-image"
    return Measured(title, pictures, seconds, checks, {"correlation with scikit-image's": alike})


def _written(folder: Path, pictures: int) -> pd.DataFrame:
    phantoms = phantom.load(max(10, pictures // 2), seed=0, normal_share=0.076, height=SIDE)
    exams = phantoms.exams.head(pictures).reset_index(drop=True)
    for image_id in exams["image_id"]:
        film = phantoms.read(image_id)
        right = film[:, -1].mean() > film[:, 0].mean()
        beyond = (SIDE - film.shape[1], 0) if right else (0, SIDE - film.shape[1])
        square = cv2.copyMakeBorder(film, 0, 0, *beyond, cv2.BORDER_CONSTANT, value=0)
        cv2.imwrite(str(folder / f"{image_id}.png"), square)
    return exams


def by_scikit_image(file: Path, size: int) -> np.ndarray:
    """The same steps as a scikit-image user writes them: threshold, largest piece, crop, CLAHE, resize.

    Args:
        file: A gray picture.
        size: Side of the result, px.

    Returns:
        Array (size, size), uint8, the chest wall at the left.
    """
    gray = skimage.io.imread(file)
    smooth = skimage.filters.gaussian(gray, 2, preserve_range=True)
    pieces = skimage.measure.label(smooth > 0.25 * skimage.filters.threshold_otsu(smooth))
    largest = max(skimage.measure.regionprops(pieces), key=lambda piece: piece.area)
    mask = ndimage.binary_fill_holes(pieces == largest.label)
    top, left, bottom, right = largest.bbox
    breast, mask = (gray * mask)[top:bottom, left:right], mask[top:bottom, left:right]
    edge = max(1, breast.shape[1] // 20)
    if mask[:, -edge:].sum() > mask[:, :edge].sum():
        breast = breast[:, ::-1]
    equalized = skimage.exposure.equalize_adapthist(breast, clip_limit=0.01)
    equalized[breast == 0] = 0
    side = max(breast.shape)
    above = (side - breast.shape[0]) // 2
    padded = np.pad(equalized, ((above, side - breast.shape[0] - above), (0, side - breast.shape[1])))
    return skimage.util.img_as_ubyte(skimage.transform.resize(padded, (size, size), anti_aliasing=True))


def correlation(ours: np.ndarray, plain: np.ndarray) -> float:
    """The median, over pictures, of Pearson's correlation between the two ways' pixels."""
    pairs = zip(ours.reshape(len(ours), -1), plain.reshape(len(plain), -1), strict=True)
    return float(np.median([np.corrcoef(*pair)[0, 1] for pair in pairs]))
